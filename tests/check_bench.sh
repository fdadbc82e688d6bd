#!/bin/sh
# The benchmark program refuses what it does not know, writes its JSON whole or not at all, and every
# workload runs on Besom and sees there what it sees on malloc.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
bench=bench/besom-bench

# What lives to the end of a workload is not freed one by one.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS

# refuses STATUS TEXT ARGUMENT... - exits with STATUS, says TEXT, and runs nothing.
refuses() {
    wanted=$1 text=$2
    shift 2
    "$bench" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    [ $got = "$wanted" ] || fail "$*: exit status $got, not $wanted"
    grep -q -e "$text" "$scratch/err" || fail "$*: does not say '$text'"
    [ ! -s "$scratch/out" ] || fail "$*: goes on: $(head -n 3 "$scratch/out")"
}

list=$("$bench" --list) || fail "--list exits with $?"
for name in churn-16 churn-32 churn-64 churn-128 trees mark-list mark-tree mark-random gcbench \
    quads fragment false-retention micro give-back ephemeron-chain weak-table-live weak-churn intern \
    cache finalize finalize-stop churn-store pause-live splay pause-kinds requests scaling retained \
    weak-stop native-stop editor editor-leaky \
    besom bdwgc malloc mimalloc jemalloc arena bare lua node ocaml go java; do
    echo "$list" | grep -qE "^  $name(:| |\$)" || fail "--list does not name $name"
done

refuses 2 'churn-128' --only churn-17
refuses 2 'churn-128' --only churn-16,
refuses 2 'mimalloc' --contestant besom,nobody
refuses 2 '1 to 1000' --repeat 0
refuses 2 '1 to 1000' --repeat 3x
refuses 2 'not an option' churn-16
refuses 2 'unrecognized option' --fast
refuses 1 'cannot be written' --json "$scratch/no/such.json"

small="--quick --repeat 2 --only churn-16 --contestant malloc"
# shellcheck disable=SC2086 # a list of words
if "$bench" $small --json /dev/full >/dev/null 2>"$scratch/err"; then
    fail "a full device is no failure"
fi
grep -q 'cannot be written' "$scratch/err" || fail "a full device is not mentioned"

# One line for the machine, one for each metric, and nothing beside the file.
json='"workload":"churn-16","contestant":"malloc","mode":"default","metric":"[a-z_]*","unit":"[a-z]*"'
json="$json,\"value\":[0-9.]*,\"min\":[0-9.]*,\"max\":[0-9.]*,\"n\":2"
json="^{$json,\"params\":{\"size_bytes\":16,\"objects\":[0-9]*,\"heap_bytes\":67108864}}\$"
mkdir "$scratch/results"
# shellcheck disable=SC2086
"$bench" $small --json "$scratch/results/file" >"$scratch/out" 2>&1 || fail "$small: exit status $?"
[ "$(ls "$scratch/results")" = file ] || fail "beside the results lies $(ls "$scratch/results")"
head -n 1 "$scratch/results/file" | grep -q '^{"machine":{.*},"versions":{.*}}$' ||
    fail "the first line is not the machine's: $(head -n 1 "$scratch/results/file")"
others=$(sed 1d "$scratch/results/file" | grep -v -e "$json")
[ -z "$others" ] || fail "a line of another form: $others"
grep -q '"metric":"ns_per_object"' "$scratch/results/file" || fail "no ns_per_object"

# Who is missing is named.
mkdir "$scratch/empty"
PATH=$scratch/empty "$bench" --quick --only intern --contestant lua >"$scratch/out" 2>&1 ||
    fail "without Lua: exit status $?"
grep -qx 'skipped: lua: lua5.4 is not installed (Debian: lua5.4)' "$scratch/out" || fail "Lua is not named as skipped"
PATH=$scratch/empty "$bench" --quick --only splay --contestant node,java >"$scratch/out" 2>&1 ||
    fail "without Node and Java: exit status $?"
grep -qx 'skipped: node: node is not installed (Debian: nodejs)' "$scratch/out" || fail "Node is not named as skipped"
for mode in g1 zgc shenandoah; do
    grep -q "^skipped: java $mode: " "$scratch/out" || fail "Java with $mode is not named as skipped"
done

# The workers themselves, with sizes as small as they go.
same_work() { # same_work WORKLOAD PARAMETER... - besom's sum is malloc's
    ours=$(bench/worker-besom "$@" mode=stw | grep '^check') || fail "worker-besom $*"
    theirs=$(bench/worker-malloc "$@" | grep '^check') || fail "worker-malloc $*"
    [ "$ours" = "$theirs" ] || fail "$*: besom's $ours, malloc's $theirs"
}
same_work churn size_bytes=128 objects=2000 heap_bytes=1048576
same_work trees depth=6
same_work gcbench mutators=1 depth=4
same_work gcbench mutators=2 depth=4
same_work quads levels=6
same_work fragment entries=2000
same_work give-back live_bytes=262144
same_work churn-store objects=5000 heap_bytes=1048576
same_work churn-store objects=5000 heap_bytes=1048576 options=barrier=1
same_work splay changes=3 operations=300
for shape in list tree random; do
    bench/worker-besom mark shape=$shape entries=2000 mode=stw >/dev/null || fail "mark $shape"
done
bench/worker-besom false-retention length=2 address_fraction=0.01 mode=stw |
    grep -qx 'value retained_fraction 0' || fail "besom retains what nothing refers to"

# Weak structures: malloc has none, so besom's sum is compared with those of whoever else is here.
# Conservative marking and AddressSanitizer do not go together.
peers='lua node ocaml'
[ -n "$SANITIZE" ] || peers="bdwgc $peers"
same_weak_work() { # same_weak_work WORKLOAD PARAMETER...
    ours=$(bench/worker-besom "$@" mode=stw | grep '^check') || fail "worker-besom $*"
    for peer in $peers; do
        "bench/worker-$peer" about >/dev/null 2>&1 || continue
        theirs=$("bench/worker-$peer" "$@" | grep -e '^check' -e 'no such workload')
        [ "$ours" = "$theirs" ] || [ "$theirs" = 'failed this worker has no such workload' ] ||
            fail "$*: besom's $ours, $peer's $theirs"
    done
}
same_weak_work ephemeron entries=500 collections=2
same_weak_work weak-table entries=2000
same_weak_work weak-churn entries=500 operations=3000 heap_bytes=67108864
same_weak_work intern entries=500 operations=3000 heap_bytes=67108864
same_weak_work cache entries=1000 operations=5000 budget_bytes=8192 heap_bytes=67108864
same_weak_work finalize entries=500 operations=3000 heap_bytes=67108864
same_weak_work finalize-stop entries=1000 finalizable=10 live=100
same_weak_work pause-live live_bytes=1048576 seconds=0.05

# The work of the pause workloads is the same in every language that is here.
same_pause_work() { # same_pause_work WORKLOAD PARAMETER...
    ours=$(bench/worker-besom "$@" mode=stw | grep '^check') || fail "worker-besom $*"
    for peer in node ocaml go java:g1 java:zgc java:shenandoah; do
        mode=${peer#*:} worker=bench/worker-${peer%:*}
        "$worker" about "$mode" 2>/dev/null | grep -q "^${peer%:*} " || continue
        "$worker" "$@" "mode=$mode" >"$scratch/out"
        theirs=$(grep -e '^check' -e '^failed' "$scratch/out")
        [ "$ours" = "$theirs" ] || fail "$*: besom's $ours, $peer's $theirs"
        says op_ms_max op_us_p99 peak_rss_bytes
    done
}
says() { # says METRIC... - the worker's output has these values
    for metric in "$@"; do
        grep -q "^value $metric [-0-9]" "$scratch/out" || fail "no $metric: $(cat "$scratch/out")"
    done
}
same_pause_work pause-live live_bytes=1048576 seconds=0.05
same_pause_work splay changes=2 operations=500

# Pauses: every figure of a workload that has enough to print it, and curves in the JSON.
bench/worker-besom pause-live live_bytes=1048576 seconds=0.3 mode=stw >"$scratch/out"
says stop_ms_max stop_ms_p50 op_ms_max op_us_p99 ns_per_object mmu_10ms op_mmu_10ms floating_fraction \
    stops idle_hiccup_ms_max beside_hiccup_ms_max beside_hiccup_ms_p99 peak_rss_bytes
grep -q '^point mmu 0.1 0' "$scratch/out" || fail "no curve of the utilization"
for mode in stw incremental concurrent generational; do
    bench/worker-besom pause-live live_bytes=1048576 seconds=0.2 pauses=1000000 mode=$mode >"$scratch/out"
    says holds held_ms_max stop_n assist_n wait_n answer_n alloc_n barrier_n alloc_us_max mmu_all_10ms
    for curve in mmu-all bmu-all held_above; do
        grep -q "^point $curve [0-9.]* [-0-9.e]*\$" "$scratch/out" || fail "$mode: no curve $curve"
    done
done
bench/worker-besom pause-live live_bytes=1048576 seconds=0.2 pauses=2 mode=stw |
    grep -q '^failed more pauses than' || fail "pauses that were lost are not missed"
bench/worker-besom requests live_bytes=1048576 rate=20000 seconds=0.3 window_ms=10 mode=stw >"$scratch/out"
says simple_us_p50 simple_us_p99 simple_ms_max metered_us_p50 metered_us_p99 metered_ms_max \
    service_us_p50 service_ms_max missed_fraction served_per_second idle_hiccup_ms_max stop_ms_max
! grep -q '_us_p999' "$scratch/out" || fail "a p99.9 of 6000 requests"
for curve in latency-simple latency-metered latency-service; do
    grep -q "^point $curve 0.001 " "$scratch/out" || fail "no curve $curve"
done
for wrong in rate=0 rate=nan seconds=0.001 window_ms=-1; do
    set -- live_bytes=1048576 rate=20000 seconds=0.3 window_ms=10 mode=stw
    bench/worker-besom requests $wrong "$@" | grep -q '^failed [a-z_]* must be' || fail "requests: $wrong"
done
bench/worker-besom gcbench mutators=2 depth=8 pauses=100000 mode=concurrent >"$scratch/out"
says ns_per_node holds held_ms_max
bench/worker-besom splay changes=1 operations=9999 mode=stw >"$scratch/out"
says op_us_p99 op_ms_max wall_ms
! grep -q '^value op_us_p999' "$scratch/out" || fail "a p99.9 of 9999 operations"
stops=$(sed -n 's/^value stops //p' "$scratch/out")
[ "$stops" -ge 100 ] || ! grep -q '^value stop_ms_p99' "$scratch/out" || fail "a p99 of $stops stops"
bench/worker-besom weak-stop weak=0 entries=1000 finalizable=100 mode=stw >"$scratch/out"
says stop_ms stop_ms_max collect_stop_ms
bench/worker-besom weak-stop weak=1 entries=1000 finalizable=100 mode=stw >"$scratch/out"
says stop_ms stop_ms_max collect_stop_ms
for others in 0 1; do
    bench/worker-besom native-stop others=$others native_ms=5 seconds=0.2 mode=stw >"$scratch/out"
    says reach_us_p50 reach_us_max stops
done
"$bench" --quick --repeat 1 --only splay --contestant besom:stw --json "$scratch/curves" >/dev/null 2>&1 ||
    fail "splay: exit status $?"
grep -q '"workload":"splay","contestant":"besom","mode":"stw","curve":"mmu","points":\[\[0.1,0' \
    "$scratch/curves" || fail "no curve in the JSON"

# Retained garbage: where every class is known beforehand the split comes out to the byte, in every
# mode; where it is not, all contestants agree on what lives and what is logical.
known() { # known CHECK WORKER PARAMETER...
    wanted=$1 worker=$2
    shift 2
    got=$("bench/worker-$worker" retained-known "$@")
    [ "$got" = "check $wanted" ] || fail "retained-known, $worker $*: $got"
}
for mode in stw generational; do
    known 17 besom ambiguous=0 late=1 mode=$mode
done
for mode in incremental concurrent incremental-generational concurrent-generational; do
    known 15 besom ambiguous=0 late=0 mode=$mode
done
if [ -z "$SANITIZE" ] && bench/worker-bdwgc about >/dev/null 2>&1; then
    for mode in plain inline typed; do
        known 17 bdwgc ambiguous=1 late=1 mode=$mode
    done
    known 15 bdwgc ambiguous=1 late=0 mode=incremental
fi
bench/worker-besom retained-known ambiguous=1 late=0 mode=stw |
    grep -q '^failed keys are collected' || fail "besom passes for a contestant with ambiguous roots"
sessions="turns=1500 samples=30 sessions=100 forgets_after=50"
# shellcheck disable=SC2086
same_weak_work retained $sessions
# shellcheck disable=SC2086
bench/worker-besom retained $sessions mode=stw >"$scratch/out"
says rgi rgi_time rgi_logical rgi_artefact rgi_floating rgi_unswept rg_peak_fraction rg_logical_bytes \
    rg_artefact_bytes rg_floating_bytes rg_unswept_bytes reclaim_bytes_p50 reclaim_bytes_p99 \
    reclaim_bytes_p999 reclaim_bytes_max reclaim_cycles_p99 reclaim_cycles_max collector_drag_ms_p99 \
    logical_drag_bytes_p99 logical_drag_ms_p99 unreclaimed live_mean_bytes rss_mean_bytes \
    rss_peak_bytes rss_after_bytes heap_per_live fragmentation
for curve in live logical artefact floating unswept rss ms; do
    n=$(grep -c "^point rg-$curve [0-9.]* [0-9.e-]*\$" "$scratch/out")
    [ "$n" = 30 ] || fail "the curve rg-$curve has $n points, not 30"
done
bench/worker-besom retained turns=4 samples=2 sessions=2 forgets_after=1 mode=stw >"$scratch/out"
says reclaim_bytes_max
if grep -q '^value reclaim_bytes_p99' "$scratch/out"; then
    fail "a p99 of $(grep '^value unreclaimed' "$scratch/out") objects"
fi
"$bench" --quick --repeat 1 --only retained --contestant besom:stw --json "$scratch/retained" \
    >/dev/null 2>&1 || fail "retained: exit status $?"
for curve in live logical artefact floating unswept rss ms; do
    grep "\"curve\":\"rg-$curve\"" "$scratch/retained" | awk -F'],' 'NF < 100 { exit 1 }' ||
        fail "the JSON does not have the whole curve rg-$curve"
done

# The editor: nothing of closed documents outlives a full cycle, and what a mistake keeps is logical.
user="documents=6 side=80"
if [ -x hosts/editor/editor ]; then
    for mode in stw concurrent-generational; do
        # shellcheck disable=SC2086
        bench/worker-besom editor $user mode=$mode >"$scratch/out"
        says rg_after_close_bytes rgi reclaim_cycles_p99 peak_rss_bytes
        grep -qx 'value rgi_logical 0' "$scratch/out" || fail "editor, $mode: logical retention"
        for class in logical artefact floating; do
            grep -qx "value rg_${class}_bytes 0" "$scratch/out" ||
                fail "editor, $mode: $(grep "rg_${class}_bytes" "$scratch/out") after all was closed"
        done
    done
    for mistake in cache history observer job registry handle; do
        # shellcheck disable=SC2086
        bench/worker-besom editor $user mistake=$mistake mode=stw >"$scratch/out"
        says rgi_logical rg_after_close_bytes
        ! grep -qx 'value rg_logical_bytes 0' "$scratch/out" || fail "the mistake $mistake keeps nothing"
        for class in artefact floating; do
            grep -qx "value rg_${class}_bytes 0" "$scratch/out" ||
                fail "$mistake: $(grep "rg_${class}_bytes" "$scratch/out") is not logical"
        done
    done
    mkdir "$scratch/temporary"
    # shellcheck disable=SC2086
    TMPDIR=$scratch/temporary bench/worker-besom editor $user mistake=typo mode=stw |
        grep -q '^failed mistake must be cache' || fail "a mistake 'typo' is not refused"
    [ -z "$(ls "$scratch/temporary")" ] || fail "of a mistake 'typo' is left $(ls "$scratch/temporary")"
    long=$scratch/temporary/a-name-that-is-longer-than-any-buffer-for-it-should-expect
    mkdir "$long"
    # shellcheck disable=SC2086
    TMPDIR=$long bench/worker-besom editor $user mode=stw | grep -q '^value rg_after_cycle_bytes 0$' ||
        fail "a long TMPDIR is not taken"
fi

# A worker that has many points to tell is heard to the end; one that has too many figures fails.
mkdir "$scratch/fake"
cp "$bench" "$scratch/fake/besom-bench"
cat >"$scratch/fake/worker-malloc" <<'END'
#!/bin/sh
[ "$1" != about ] || { echo malloc 1; exit; }
case $2 in
size_bytes=16) awk 'BEGIN { for (i = 1; i <= 5000; i++) print "point long", i, i }'; n=1 ;;
*) n=65 ;;
esac
awk -v n=$n 'BEGIN { for (i = 1; i <= n; i++) print "value ns_per_object", i }'
END
chmod +x "$scratch/fake/worker-malloc"
"$scratch/fake/besom-bench" --quick --repeat 1 --only churn-16,churn-32 --contestant malloc \
    --json "$scratch/fake/json" >"$scratch/out" 2>&1 || fail "a fake worker: exit status $?"
grep '"curve":"long"' "$scratch/fake/json" | awk -F'],' 'NF != 5000 + 1 { exit 1 }' ||
    fail "not all of 5000 points are in the JSON"
grep -q 'it says more than there is room for' "$scratch/out" ||
    fail "65 figures are not too many: $(cat "$scratch/out")"

# A mode that is not there is refused by name.
bench/worker-besom churn size_bytes=16 objects=1 heap_bytes=1048576 mode=sideways |
    grep -q '^failed mode must be stw' || fail "a mode 'sideways' is not refused"
exit $status
