#!/bin/sh
# What doc/porting.md quotes as C is, line by line, in the source of the host that the section names,
# and every host has a section.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
awk '
    /^## / { host = "none" }
    match($0, /tests\/hosts\/[a-z_]+\.c/) { host = substr($0, RSTART, RLENGTH); print host " " }
    /^```c$/ { quoted = 1; next }
    /^```$/ { quoted = 0 }
    quoted && NF { print host " " $0 }' "$srcdir/doc/porting.md" >"$scratch/quoted"
for host in "$srcdir"/tests/hosts/*.c; do
    host=tests/hosts/${host##*/}
    grep -q "^$host ." "$scratch/quoted" || fail "doc/porting.md quotes nothing of $host"
done
while IFS= read -r entry; do
    host=${entry%% *} line=${entry#* }
    [ "$host" = none ] && fail "doc/porting.md quotes before it names a host: $line" && continue
    [ -f "$srcdir/$host" ] || fail "doc/porting.md names $host, which is not there"
    [ -z "$line" ] || grep -qxF -e "$line" "$srcdir/$host" ||
        fail "doc/porting.md quotes what is not in $host: $line"
done <"$scratch/quoted"
exit $status
