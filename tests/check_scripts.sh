#!/bin/sh
# The scripts pass the linter.
. "${srcdir:-.}/tests/shell.sh"
command -v shellcheck >/dev/null || skip "shellcheck is not installed (Debian: shellcheck)"
cd "$srcdir" || exit 1
shellcheck -x run .ci/run build-aux/tally tests/*.sh tests/model/*.sh || fail "see above"
exit $status
