#!/bin/sh
# besom-report refuses what is not besom-bench's, by the number of the line and what is wrong with it;
# what it writes is whole or not there; and it tells what changed between two runs.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
report=bench/besom-report
all=$srcdir/tests/report/all.json

[ -x "$report" ] || skip "besom-report is not built (Debian: libjansson-dev)"

# refuses STATUS TEXT ARGUMENT... - exits with STATUS, says TEXT, prints nothing, and leaves nothing.
refuses() {
    wanted=$1 text=$2
    shift 2
    "$report" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    [ $got = "$wanted" ] || fail "$*: exit status $got, not $wanted"
    grep -qF -e "$text" "$scratch/err" || fail "$*: '$text' is not in: $(head -n 3 "$scratch/err")"
    [ ! -s "$scratch/out" ] || fail "$*: goes on: $(head -n 3 "$scratch/out")"
    [ -z "$(ls "$scratch/results")" ] || fail "$*: leaves $(ls "$scratch/results")"
}
mkdir "$scratch/results"
page=$scratch/results/page.html
bad=$scratch/bad.json

# ---- the command line ----

refuses 2 'name a file'
refuses 2 'more than two files' a b c
refuses 2 'wrong option' --fast
refuses 2 'wrong option' "$all" -o
refuses 2 'name is empty' "$all" -o ''
"$report" --help >"$scratch/out" || fail "--help: exit status $?"
grep -q 'exit status' "$scratch/out" || fail "--help does not tell the exit statuses"

# ---- files that are not besom-bench's ----

refuses 2 'cannot be read: No such file' "$scratch/nothing.json" -o "$page"
refuses 2 'cannot be read: Is a directory' "$scratch" -o "$page"
refuses 2 'No such file' "$all" "$scratch/nothing.json" -o "$page"
: >"$bad"
refuses 2 'is empty' "$bad" -o "$page"

lines=$(wc -l <"$all")
head -c -40 "$all" >"$bad"
refuses 2 "line $lines is cut off" "$bad" -o "$page"
refuses 2 "line $lines is cut off" "$all" "$bad" -o "$page"
sed 1d "$all" >"$bad"
refuses 2 'no line with "machine"' "$bad" -o "$page"
head -n 1 "$all" >"$bad"
refuses 2 'has no results' "$bad" -o "$page"

# third TEXT LINE... - a file that is good but for what comes third is refused because of that.
third() {
    text=$1
    shift
    { head -n 2 "$all" && printf '%s\n' "$@" && sed '1,2d' "$all"; } >"$bad"
    refuses 2 "bad.json: line 3 $text" "$bad" -o "$page"
}
figure='"workload":"w","contestant":"c","mode":"m","metric":"x","unit":"ns"'
curve='"workload":"w","contestant":"c","mode":"m","curve":"x"'
third 'is not JSON' 'wall: 12 ms'
third 'is not JSON' ''
third 'is not JSON' '{' '"workload":"w"}'
third 'is not JSON' "{$figure,\"value\":NaN,\"min\":1,\"max\":1,\"n\":1,\"params\":{}}"
third 'is not JSON: real number overflow' "{$figure,\"value\":1e999,\"min\":1,\"max\":1,\"n\":1,\"params\":{}}"
third 'is not JSON: duplicate object key' '{"metric":"a","metric":"b"}'
third 'is not an object' '[1,2]'
third 'is no line of besom-bench' '{"name":"left-pad","version":"1.0.0"}'
third 'is a second line with "machine"; the first is line 1' "$(head -n 1 "$all")"
third 'has the metric "ns_per_object" of besom stw in churn-32 again, which line 2 has' \
    "$(sed -n 2p "$all")"
third '"workload" must be a text' '{"metric":"x"}'
third '"workload" must be a text' '{"metric":"x","workload":7}'
third '"contestant" must be a text' '{"metric":"x","workload":"w","contestant":""}'
third '"mode" has control characters' \
    '{"metric":"x","workload":"w","contestant":"c","mode":"\u001b[31m"}'
third '"params" must be an object' "{$figure,\"params\":[]}"
third '"p" must be a number or a text' "{$figure,\"params\":{\"p\":true}}"
third '"p" must be a number or a text' "{$figure,\"params\":{\"p\":{}}}"
third 'has a name that is empty' "{$figure,\"params\":{\"\u001b[2J\":1}}"
third '"value" must be a number' "{$figure,\"value\":\"12\",\"params\":{}}"
third '"value" must lie between' "{$figure,\"value\":3,\"min\":1,\"max\":2,\"n\":1,\"params\":{}}"
third '"n" must be a number of runs' "{$figure,\"value\":1,\"min\":1,\"max\":1,\"n\":-1,\"params\":{}}"
third '"n" must be a number of runs' "{$figure,\"value\":1,\"min\":1,\"max\":1,\"n\":1.5,\"params\":{}}"
third '"points" must be a list' "{$curve,\"points\":{},\"params\":{}}"
third 'point 2 of "points" is not a pair' "{$curve,\"points\":[[1,2],[3]],\"params\":{}}"
third 'point 1 of "points" is not a pair' "{$curve,\"points\":[[1,null]],\"params\":{}}"
third 'point 2 of "points" lies left' "{$curve,\"points\":[[2,1],[1,1]],\"params\":{}}"
third 'is longer than 16 MiB' "$(head -c 17000000 /dev/zero | tr '\0' '[')"
third 'is not JSON' "$(printf '\001\377\376')"
{ head -n 1 "$all" && awk 'BEGIN { for (i = 0; i < 50001; i++)
    printf "{\"workload\":\"w%d\",\"contestant\":\"c\",\"mode\":\"m\",\"curve\":\"x\",\"points\":[],\"params\":{}}\n", i }'
} >"$bad"
refuses 2 'line 50001 is one too many' "$bad" -o "$page"
timeout 20 "$report" /dev/zero -o "$page" 2>"$scratch/err"
[ $? = 2 ] || fail "/dev/zero is not refused"

# ---- what cannot be written or drawn ----

gnuplot --version >/dev/null 2>&1 || skip "gnuplot is not installed (Debian: gnuplot-nox)"
refuses 1 'cannot be written: No such file' "$all" -o "$scratch/no/such.html"
refuses 1 'cannot be written: Is a directory' "$all" -o "$scratch/results"
refuses 1 'cannot be written: No space left' "$all" -o /dev/full
mkdir "$scratch/bin"
with_gnuplot() { # with_gnuplot STATEMENT... - a gnuplot that does just this
    printf '%s\n' '#!/bin/sh' "$@" >"$scratch/bin/gnuplot"
    chmod +x "$scratch/bin/gnuplot"
}
draws_not() { # draws_not TEXT - with that gnuplot the report fails, and says TEXT
    usual=$PATH
    PATH=$scratch/bin:$usual
    refuses 1 "$1" "$all" -o "$page"
    PATH=$usual
}
with_gnuplot 'exit 3'
draws_not 'gnuplot failed'
with_gnuplot 'echo line 0: no such terminal >&2' 'exit 1'
draws_not 'no such terminal'
with_gnuplot 'kill -9 $$'
draws_not 'gnuplot was killed'
with_gnuplot 'echo "<svg viewBox=\"0 0 1 1\">"'
draws_not 'drew nothing that is whole'
with_gnuplot 'echo "<svg viewBox=\"0 0 1 1\"></svg>"'
draws_not 'of a form that is not known'
PATH=$scratch/nowhere "$PWD/$report" "$all" -o "$page" 2>"$scratch/err"
[ $? = 1 ] || fail "without gnuplot: not exit status 1"
grep -q 'gnuplot is not installed.*gnuplot-nox' "$scratch/err" ||
    fail "without gnuplot: $(cat "$scratch/err")"
[ -z "$(ls "$scratch/results")" ] || fail "without gnuplot: leaves $(ls "$scratch/results")"
# What was there stays.
echo old >"$page"
PATH=$scratch/bin:$PATH "$report" "$all" -o "$page" 2>/dev/null
is_untouched() {
    [ "$(cat "$page")" = old ] && [ "$(ls "$scratch/results")" = page.html ]
}
is_untouched || fail "a failure changes what was there"
# A disk that is full in the middle.
(
    trap '' XFSZ
    ulimit -f 100
    "$report" "$all" -o "$page" 2>"$scratch/err"
    [ $? = 1 ]
) || fail "a full disk is no failure"
is_untouched || fail "a full disk leaves $(ls "$scratch/results")"
"$report" "$all" -o "$page" 2>/dev/null || fail "all.json: exit status $?"
grep -q '</html>' "$page" || fail "the report does not take the place of the old one"

# ---- two runs ----

compares() { # compares STATUS BEFORE AFTER - prints into $scratch/out
    "$report" "$2" "$3" -o "$scratch/compared.html" >"$scratch/out" 2>"$scratch/err"
    got=$?
    [ $got = "$1" ] || fail "$2 and $3 compared: exit status $got, not $1: $(cat "$scratch/err")"
}
told() { # told PATTERN... - the comparison tells each
    for pattern in "$@"; do
        grep -qE -e "$pattern" "$scratch/out" || fail "the comparison does not tell '$pattern'"
    done
}
compares 0 "$all" "$all"
told '; tie: [0-9]+; only before: 0; only after: 0$'
! grep -qE '^(better|WORSE|changed)|machines differ' "$scratch/out" || fail "a run differs from itself"

# ns_per_object of Besom three times worse and of mimalloc a little; mmu_10ms, of which more is better,
# up; a tie; a contestant gone, another come; a failure; other machine.
sed -e '1s/"cores":8/"cores":4/' \
    -e '/churn-32.*besom.*"stw".*ns_per_obj/s/"value":2.4,"min":2.3,"max":2.6/"value":7.2,"min":7,"max":8/' \
    -e '/churn-32.*mimalloc/s/"value":4.45,"min":4.2,"max":4.5/"value":4.9,"min":4.6,"max":5/' \
    -e '/churn-32.*generational/s/"value":4.3,"min":4.1,"max":4.9/"value":4.5,"min":4.1,"max":4.9/' \
    -e '/pause-live.*besom.*"stw".*mmu_10ms/s/"value":[^,]*,"min":[^,]*,"max":[^,]*/"value":0.9,"min":0.9,"max":0.9/' \
    -e '/churn-32.*"plain"/s/"bdwgc"/"newcomer"/' \
    -e '/churn-32.*collections/s/94/47/g' \
    -e '/ephemeron-chain.*lua.*"entries":1000,/s/"metric":.*"max":[^,]*\(.*\)}$/"metric":"completed","unit":"runs","value":0,"min":0,"max":0\1,"error":"out of memory"}/' \
    "$all" >"$scratch/after.json"
compares 3 "$all" "$scratch/after.json"
told 'machines differ.*cores: 8, then 4' \
    '^WORSE +3.00.*churn-32.*ns_per_object' 'besom stw: 2.40 ns .2.30 .. 2.60, n 3. -> 7.20 ns' \
    '^WORSE +1.10.*churn-32' '^better +.*pause-live.*mmu_10ms' '^changed +0.50.*collections' \
    '^tie +1.05.*churn-32' '^only before +churn-32.*bdwgc plain' \
    '^only after +churn-32.*newcomer plain' '^FAILS NOW.*ephemeron-chain.*ns_per_entry' '-> out of memory'
first=$(grep -nE '^WORSE +3.00' "$scratch/out" | cut -d: -f1)
second=$(grep -nE '^WORSE +1.10' "$scratch/out" | cut -d: -f1)
tie=$(grep -nE '^tie' "$scratch/out" | head -n 1 | cut -d: -f1)
printf '%s\n' "${first:-none}" "${second:-none}" "${tie:-none}" | sort -nc 2>/dev/null ||
    fail "the changes are not sorted by size, ties last: $first, $second, $tie"
grep -q '<td class="worse">WORSE</td>' "$scratch/compared.html" || fail "the page of the comparison"
compares 0 "$scratch/after.json" "$scratch/after.json"
compares 3 "$scratch/after.json" "$all"
told '^failed before .*ephemeron-chain'
# From one run nobody knows the noise.
sed 's/"n":[0-9]*/"n":1/' "$scratch/after.json" >"$scratch/once.json"
"$report" "$all" "$scratch/once.json" >"$scratch/out" 2>&1 || [ $? = 3 ] || fail "one run: status"
told '^one run +3.00.*churn-32'
! grep -q '^WORSE' "$scratch/out" || fail "a single run is called worse"
"$report" "$all" "$all" >/dev/full 2>"$scratch/err"
[ $? = 1 ] || fail "a comparison into a full disk is no failure"
exit $status
