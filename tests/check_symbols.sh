#!/bin/sh
# The shared library exports the functions that the public headers declare and nothing else; the
# global names of the static one begin with besom_ too.
. "${srcdir:-.}/tests/shell.sh"
[ -z "$SANITIZE" ] || skip "the sanitizers add names of their own"
make_scratch

others=$(defined_names .libs/libbesom.a | grep -v '^besom_')
[ -z "$others" ] || fail "the static library defines $others"
[ -f .libs/libbesom.so ] || skip "this build has no shared library"
exports_what_headers_declare .libs/libbesom.so
exit $status
