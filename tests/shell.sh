# shellcheck shell=sh
# shell.sh - what the shell tests share.  Each sources it; `make check` runs them in the build tree
# with srcdir, the compilers and other tools in the environment.

set -u
export LC_ALL=C
unset MAKEFLAGS MFLAGS # of the make that runs the test
: "${srcdir:=.}" "${CC:=cc}" "${CXX=}" "${NM:=nm}" "${MAKE:=make}"
: "${PKG_CONFIG:=pkg-config}" "${ATOMIC_OPS_CFLAGS=}" "${SANITIZE=}"
status=0

fail() { # fail MESSAGE... - notes a failure and goes on
    echo "FAIL: $*"
    status=1
}

skip() { # skip REASON... - ends a test that could not do all it should, unless it has failed
    echo "$*"
    [ $status = 0 ] && exit 77
    exit $status
}

# A directory of the test's own, $scratch, gone when it ends.
make_scratch() {
    scratch=$(mktemp -d) || exit 1
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 1' HUP INT TERM
}

# $scheme, the Scheme of hosts/, and $tests, where its tests are; with a scratch directory.
# shellcheck disable=SC2034 # for who sources this
find_scheme() {
    export LC_ALL=C.UTF-8
    make_scratch
    scheme=$PWD/hosts/scheme/scheme
    tests=$(cd "$srcdir/tests/scheme" && pwd)
    [ -x "$scheme" ] ||
        skip "hosts/scheme/scheme was not built: it wants GMP and libedit (Debian: libgmp-dev, libedit-dev)"
}

# quietly COMMAND... - fails if the command does, or if it has anything to say.
quietly() {
    if ! output=$("$@" 2>&1 </dev/null) || [ -n "$output" ]; then
        fail "$*: $output"
    fi
}

# The global names that libraries define; with -D those that shared ones export.
defined_names() {
    # shellcheck disable=SC2086 # libtool's $NM comes with arguments
    $NM -P -g "$@" | awk 'NF > 2 && $2 != "U" && $2 != "w" { print $1 }' | sort -u
}

# exports_what_headers_declare SHARED-LIBRARY - no more and no less.
exports_what_headers_declare() {
    cat "$srcdir"/include/besom/*.h | tr '\n' ' ' | grep -oE 'BESOM_API [^;(]*\(' |
        grep -oE 'besom_[a-z0-9_]+\($' | tr -d '(' | sort -u >"$scratch/declared"
    defined_names -D "$1" >"$scratch/exported"
    difference=$(comm -3 "$scratch/declared" "$scratch/exported")
    [ -z "$difference" ] || fail "declared, and in the second column exported, only: $difference"
}

# The first C program of README.md.
readme_example() {
    awk '/^```/ { if (inside) exit; inside = $0 == "```c"; next } inside' "$srcdir/README.md"
}
