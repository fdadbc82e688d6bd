#!/bin/sh
# A consumer's view: the library is installed below a scratch root, and the README's example, a C
# and a C++ program at once, builds with what pkg-config says, shared and static, and runs.
. "${srcdir:-.}/tests/shell.sh"
[ -z "$SANITIZE" ] || skip "a consumer would need the sanitizers too"
command -v "$PKG_CONFIG" >/dev/null || skip "pkg-config is not installed (Debian: pkg-config)"
make_scratch

$MAKE -s install DESTDIR="$scratch" >"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    exit 1
}
PKG_CONFIG_PATH=$(dirname "$(find "$scratch" -name besom.pc)")
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR="$scratch"
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export LD_LIBRARY_PATH

# builds_and_runs SOURCE LANGUAGE COMPILER ARG...
builds_and_runs() {
    source=$1
    shift
    # shellcheck disable=SC2046 # flags are words
    quietly "$@" "$source" -o "$scratch/shared" $($PKG_CONFIG --cflags --libs besom)
    "$scratch/shared" || fail "$* $source: exit status $?, linked to the shared library"
    # shellcheck disable=SC2046
    quietly "$@" -static "$source" -o "$scratch/static" $($PKG_CONFIG --static --cflags --libs besom)
    "$scratch/static" || fail "$* $source: exit status $?, linked to the static library"
}

readme_example >"$scratch/example.c"
cp "$scratch/example.c" "$scratch/example.cc"
# shellcheck disable=SC2086 # compilers may come with arguments
{
    builds_and_runs "$scratch/example.c" $CC -std=c11
    [ -n "$CXX" ] || skip "there is no C++ compiler (Debian: g++)"
    builds_and_runs "$scratch/example.cc" $CXX -std=c++17
}
exit $status
