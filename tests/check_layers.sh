#!/bin/sh
# Includes point one way, include <- gc <- weak <- inspect, and without a cycle; bench and hosts know
# the public headers only, and bench a host that is a workload.  A file of the library includes its own header first.  Only gc/atomic.h knows
# libatomic_ops, and only gc/phase.c calls the hooks of the phases.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
cd "$srcdir" || exit 1

# A line for each include of a file of ours: who, whom.
find bench gc hosts include inspect weak -name '*.[ch]' -type f 2>/dev/null | sort | while read -r file; do
    sed -n 's/^#[ \t]*include[ \t]*[<"]\([^>"]*\)[>"].*/\1/p' "$file" | while read -r name; do
        [ -f "include/$name" ] && name=include/$name
        [ -f "$name" ] && echo "$file $name"
    done
done >"$scratch/includes"

awk '
    BEGIN { rank["include"] = 1; rank["gc"] = 2; rank["weak"] = 3; rank["inspect"] = 4 }
    function room(path) { sub(/\/.*/, "", path); return path }
    {
        from = room($1)
        to = room($2)
        if (from == to || to == "include")
            next
        if (from == "bench" && to == "hosts")
            next # the editor is a workload
        if (!(from in rank) || rank[to] > rank[from])
            print $1 " includes " $2
    }' "$scratch/includes" >"$scratch/wrong"
[ -s "$scratch/wrong" ] && fail "against the layers: $(cat "$scratch/wrong")"

tsort "$scratch/includes" >/dev/null 2>"$scratch/cycle" || fail "a cycle: $(cat "$scratch/cycle")"

awk '$1 ~ /^(gc|weak|inspect).*\.c$/ && !seen[$1]++ { print }' "$scratch/includes" | while read -r file first; do
    own=${file%.c}.h
    [ ! -f "$own" ] || [ "$first" = "$own" ] || echo "$file"
done >"$scratch/wrong"
[ -s "$scratch/wrong" ] && fail "own header not first: $(cat "$scratch/wrong")"

only_in() { # only_in FILE PATTERN - no other file of the library matches
    others=$(grep -rlE --include='*.[ch]' "$2" gc include inspect weak 2>/dev/null | grep -vxF "$1")
    [ -z "$others" ] || fail "/$2/ belongs in $1, but is in $others"
}
only_in gc/atomic.h 'include.*atomic_ops|\<AO_[a-z]'
only_in gc/phase.c 'phases\.hooks'
exit $status
