#!/bin/sh
# Every public header compiles alone, and twice, without a warning: as C11 and as C++17.
. "${srcdir:-.}/tests/shell.sh"
make_scratch

compiles() { # compiles COMPILER ARG... - each public header with it
    for header in "$srcdir"/include/besom/*.h; do
        name=besom/${header##*/}
        printf '#include <%s>\n' "$name" "$name" >"$scratch/$header_source"
        quietly "$@" -pedantic -Wall -Wextra -Wundef -I"$srcdir/include" \
            -fsyntax-only "$scratch/$header_source"
    done
}

# shellcheck disable=SC2086 # compilers may come with arguments
{
    header_source=header.c
    compiles $CC -std=c11 -Wshadow -Wstrict-prototypes
    [ -n "$CXX" ] || skip "there is no C++ compiler (Debian: g++)"
    header_source=header.cc
    compiles $CXX -std=c++17
}
exit $status
