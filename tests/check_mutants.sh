#!/bin/sh
# The mutants of tests/mutants.list fit the sources.
. "${srcdir:-.}/tests/shell.sh"
quietly sh "$srcdir/tests/mutants.sh" --fit
exit $status
