#!/bin/sh
# A C++17 host compiles without a warning, links the library, and its frames end with its exceptions.
. "${srcdir:-.}/tests/shell.sh"
[ -n "$CXX" ] || skip "there is no C++ compiler"
make_scratch

# shellcheck disable=SC2086 # compilers and flags may come with arguments
quietly $CXX -std=c++17 -O1 -pedantic -Wall -Wextra $SANITIZE -pthread -I"$srcdir/include" \
    "$srcdir/tests/test_cxx.cc" .libs/libbesom.a -o "$scratch/test_cxx"
[ $status != 0 ] || quietly "$scratch/test_cxx"
exit $status
