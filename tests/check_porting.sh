#!/bin/sh
# What doc/porting.md quotes as C is, line by line, in the source of the hosts that the tests run.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
awk '/^```c$/ { quoted = 1; next } /^```$/ { quoted = 0 } quoted && NF' "$srcdir/doc/porting.md" \
    >"$scratch/quoted"
[ -s "$scratch/quoted" ] || fail "doc/porting.md quotes nothing"
while IFS= read -r line; do
    grep -qxF -e "$line" "$srcdir/tests/test_porting.c" ||
        fail "doc/porting.md quotes what is not in tests/test_porting.c: $line"
done <"$scratch/quoted"
exit $status
