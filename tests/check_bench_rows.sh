#!/bin/sh
# The benchmark program prints, judges and writes what workers tell: figures that are known, workers that
# fail, crash, hang, lie and babble; and it leaves nothing behind when it cannot write or is interrupted.
# The workers are scripts beside a copy of the program.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
mkdir "$scratch/bin" "$scratch/json"
cp bench/besom-bench "$scratch/bin/" || exit 1
bench=$scratch/bin/besom-bench

# worker NAME - a worker of that name, whose body is read; it is told who it is, the run, counted from
# 1, in $run, the arguments in $*.
worker() {
    {
        cat <<END
#!/bin/sh
if [ "\$1" = about ]; then echo '$1 1.0'; exit; fi
echo >>'$scratch/runs-$1'
run=\$(wc -l <'$scratch/runs-$1')
END
        cat
    } >"$scratch/bin/worker-$1"
    chmod +x "$scratch/bin/worker-$1"
}

# run ARGUMENT... - runs with workers counted anew; standard output and error, and the exit status.
run() {
    rm -f "$scratch"/runs-*
    "$bench" --quick "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
}

prints() { # prints PATTERN...
    for pattern in "$@"; do
        grep -qE -e "$pattern" "$scratch/out" || fail "no line '$pattern' in: $(cat "$scratch/out")"
    done
}

writes() { # writes LINE... - of JSON, whole
    for line in "$@"; do
        grep -qxF -e "$line" "$scratch/json/file" || fail "no line $line in: $(cat "$scratch/json/file")"
    done
}

leaves_nothing() { # leaves_nothing WHAT
    [ -z "$(ls "$scratch/json")" ] || fail "$1 leaves $(ls "$scratch/json")"
}

# ---- figures that are known; who fails, crashes, or did something else ----

worker malloc <<'END'
echo "value ns_per_object $((run * 10))"
echo 'value collections 0'
echo 'check 7'
END
worker besom <<'END'
case $* in
*mode=stw) echo "value ns_per_object $((run * 10 + 15))"; echo 'value collections 4'; echo 'check 7' ;;
*mode=incremental) echo 'value ns_per_object 1'; echo 'check 8' ;;
*mode=concurrent) kill -SEGV $$ ;;
*mode=generational) echo 'failed out of memory'; exit 1 ;;
*mode=incremental-generational) exit 3 ;;
*) exit 0 ;;
esac
END
worker bdwgc <<'END'
case $* in
*mode=plain) echo 'value ns_per_object nan'; echo 'check 7' ;;
*mode=inline) printf 'v\033alue ns_per_object 1\n' ;;
*mode=typed) echo 'value ns_per_object 1'; echo 'value ns_per_object 1' ;;
*) if [ "$run" -gt 4 ]; then echo 'failed out of memory'; else echo 'value ns_per_object 8'; fi ;;
esac
END
all=besom,bdwgc,malloc
run --repeat 3 --only churn-16 --contestant malloc,besom:stw --json "$scratch/json/file"
[ $got = 0 ] || fail "known figures: exit status $got: $(cat "$scratch/err")"
prints '^churn-16: .*\(size_bytes=16 objects=10000000 heap_bytes=67108864\)$' \
    '^  malloc +20.00 ns +10.00 .. 30.00 +3 +1 ' \
    '^  besom stw +35.00 ns +25.00 .. 45.00 +3 +1.75 tie +4 +4 .. 4$'
writes '{"workload":"churn-16","contestant":"besom","mode":"stw","metric":"ns_per_object","unit":"ns","value":35,"min":25,"max":45,"n":3,"params":{"size_bytes":16,"objects":10000000,"heap_bytes":67108864}}' \
    '{"workload":"churn-16","contestant":"malloc","mode":"default","metric":"collections","unit":"collections","value":0,"min":0,"max":0,"n":3,"params":{"size_bytes":16,"objects":10000000,"heap_bytes":67108864}}'
[ "$(wc -l <"$scratch/json/file")" = 5 ] || fail "more than five lines: $(cat "$scratch/json/file")"
grep -q 'about [0-9]* s left' "$scratch/err" || fail "no estimate: $(cat "$scratch/err")"

run --repeat 1 --only churn-16 --contestant malloc,besom:stw
prints '^  besom stw +25.00 ns +one run +1 +2.50 one run'

run --repeat 2 --only churn-16 --contestant $all --json "$scratch/json/file"
[ $got = 1 ] || fail "other work: exit status $got, not 1"
prints '^  besom incremental +did other work than besom stw$' \
    '^  besom concurrent +killed by signal 11 \(Segmentation fault\)$' \
    '^  besom generational +out of memory$' \
    '^  besom incremental-generational +ended with status 3$' \
    '^  besom concurrent-generational +it ended without figures$' \
    "^  bdwgc plain +it says 'value ns_per_object nan', which is no result\$" \
    "^  bdwgc inline +it says 'v\\?alue ns_per_object 1', which is no result\$" \
    '^  bdwgc typed +it says a figure twice$' \
    '^  bdwgc incremental +8.00 ns +one run +1 +1 +- +\(1 of 2: out of memory\)$'
writes '{"workload":"churn-16","contestant":"besom","mode":"concurrent","metric":"completed","unit":"runs","value":0,"min":0,"max":0,"n":1,"params":{"size_bytes":16,"objects":10000000,"heap_bytes":67108864},"error":"killed by signal 11 (Segmentation fault)"}'
if grep -q '"besom","mode":"incremental","metric":"ns_per_object"' "$scratch/json/file"; then
    fail "other work is a figure in the JSON"
fi

# ---- lower-bound overhead: besom 30 ms at 1.5x and 20 beyond, 10 of them stopped; malloc 12 ----

worker malloc <<'END'
echo 'param live_bytes 1000000'
for name in wall_ms program_wall_ms; do echo "value $name 12"; done
for name in cpu_ms program_cpu_ms; do echo "value $name 16"; done
END
worker besom <<'END'
case $* in
*heap_bytes=1200000) echo 'failed out of memory'; exit ;;
*heap_bytes=1500000) wall=30 ;;
*) wall=20 ;;
esac
echo "value wall_ms $wall"
echo "value program_wall_ms 10"
echo 'value cpu_ms 40'
echo "value program_cpu_ms $((40 - 20))"
END
run --repeat 2 --only gcbench --contestant besom:stw,malloc --json "$scratch/json/file"
[ $got = 0 ] || fail "overhead: exit status $got: $(cat "$scratch/err")"
prints '^gcbench, 1 mutator: lower-bound overhead, wall: time / 10 ms, .* \(besom stw at 1.5x\)$' \
    '^gcbench, 1 mutator: lower-bound overhead, processors: time / 16 ms, .* \(malloc\)$' \
    '^  besom stw +failed +3.00 3.00..3.00= +2.00 2.00..2.00= ' '^  malloc +1.20 1.20..1.20 ' \
    '^  besom stw +failed +2.50 2.50..2.50= ' '^  failed: besom stw at 1.2x: out of memory$' \
    '^ 1 mutator \(mutators=1 depth=16\), heap limit 1.2 x live peak = 1.1 MiB'
writes '{"workload":"gcbench","contestant":"besom","mode":"stw","metric":"lbo_wall","unit":"ratio","value":3,"min":3,"max":3,"n":2,"params":{"mutators":1,"depth":16,"heap_factor":1.5,"heap_bytes":1500000}}' \
    '{"workload":"gcbench","contestant":"malloc","mode":"default","metric":"lbo_cpu","unit":"ratio","value":1,"min":1,"max":1,"n":2,"params":{"mutators":2,"depth":16,"live_bytes":1000000}}' \
    '{"workload":"gcbench","contestant":"besom","mode":"stw","curve":"lbo-wall","points":[[1.5,3],[2,2],[3,2],[4,2],[6,2]],"params":{"mutators":1,"depth":16}}' \
    '{"workload":"gcbench","contestant":"besom","mode":"stw","curve":"cpu","points":[[1.5,40],[2,40],[3,40],[4,40],[6,40]],"params":{"mutators":2,"depth":16}}' \
    '{"workload":"gcbench","contestant":"malloc","mode":"default","curve":"wall","points":[[1.2,12],[1.5,12],[2,12],[3,12],[4,12],[6,12]],"params":{"mutators":1,"depth":16,"live_bytes":1000000}}'

# ---- files that cannot be written ----

refuses_at_once() { # refuses_at_once PATH TEXT
    run --repeat 1 --only churn-16 --contestant malloc --json "$1"
    [ $got = 1 ] || fail "--json $1: exit status $got, not 1"
    grep -q "$1 cannot be written: $2" "$scratch/err" || fail "--json $1: $(cat "$scratch/err")"
    if [ -s "$scratch/out" ] || [ -e "$scratch/runs-malloc" ]; then
        fail "--json $1: goes on"
    fi
}
rm "$scratch/json/file"
refuses_at_once "$scratch/json" 'Is a directory'
refuses_at_once "$scratch/json/" 'Is a directory'
refuses_at_once "$scratch/none/file" 'No such file'
refuses_at_once "$scratch/runs-dir/../file/x" 'No such file'
leaves_nothing 'what is refused'

# A file that may not grow, as on a disk that is full: the old one stays.
echo old >"$scratch/json/file"
(
    ulimit -f 0
    "$bench" --quick --repeat 1 --only churn-16 --contestant malloc --json "$scratch/json/file" 2>&1
    echo "status $?"
) </dev/null | cat >"$scratch/err"
grep -q 'cannot be written: File too large' "$scratch/err" || fail "a full disk: $(cat "$scratch/err")"
grep -qx 'status 1' "$scratch/err" || fail "a full disk: $(tail -n 1 "$scratch/err"), not 1"
[ "$(cat "$scratch/json/file")" = old ] || fail 'a full disk changes what was there'
rm "$scratch/json/file"
leaves_nothing 'a full disk'
run --repeat 1 --only churn-16 --contestant malloc --json /dev/full
[ $got = 1 ] || fail "/dev/full: exit status $got, not 1"
"$bench" --quick --repeat 1 --only churn-16 --contestant malloc >/dev/full 2>"$scratch/err" </dev/null
got=$?
[ $got = 1 ] || fail "figures that cannot be printed: exit status $got, not 1"
grep -q 'could not be printed' "$scratch/err" || fail "figures are lost in silence"

# ---- interrupted: no file, and no worker that goes on ----

worker malloc <<'END'
echo $$ >"${0%/*}/pid"
exec sleep 100
END
interrupted() { # interrupted SIGNAL STATUS
    rm -f "$scratch/bin/pid"
    # A shell's jobs in the background do not hear SIGINT; a program started so can be made to.
    env --default-signal=INT "$bench" --quick --repeat 1 --only churn-16 --contestant malloc \
        --json "$scratch/json/file" >"$scratch/out" 2>"$scratch/err" </dev/null &
    program=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
        [ -s "$scratch/bin/pid" ] && break
        sleep 0.2
    done
    kill "-$1" $program
    wait $program
    got=$?
    [ $got = "$2" ] || fail "$1: exit status $got, not $2"
    sleep 0.2
    # Its parent is gone, and who inherits it may leave it unburied.
    worker=$(cat "$scratch/bin/pid")
    if grep -q '^State:.[^ZX]' "/proc/$worker/status" 2>/dev/null; then
        fail "$1: the worker goes on"
        kill "$worker"
    fi
    leaves_nothing "$1"
}
interrupted INT 130
interrupted TERM 143
interrupted KILL 137
exit $status
