#!/bin/sh
# `make amalgamation` writes a besom.c and a besom.h that plain `cc -O2 -c besom.c` compiles in
# silence, that the README's example builds with, and that hide what the library hides.
. "${srcdir:-.}/tests/shell.sh"
make_scratch

$MAKE -s amalgamation && cp besom.c besom.h "$scratch" || exit 1
mkdir "$scratch/besom"
cp besom.h "$scratch/besom"
readme_example >"$scratch/example.c"
srcdir=$(cd "$srcdir" && pwd)
cd "$scratch" || exit 1

# shellcheck disable=SC2086 # compilers and flags are words
{
    quietly $CC $ATOMIC_OPS_CFLAGS -O2 -c besom.c
    quietly $CC -std=c11 -I. example.c besom.o -o example -pthread
    ./example || fail "the example ends with status $?"
    quietly $CC $ATOMIC_OPS_CFLAGS -O2 -fPIC -shared besom.c -o libbesom.so -pthread
}
others=$(defined_names besom.o | grep -v '^besom_')
[ -z "$others" ] || fail "besom.o defines $others"
exports_what_headers_declare libbesom.so
exit $status
