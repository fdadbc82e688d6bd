#!/bin/sh
# run.sh SCHEME [REPETITIONS [ROUNDS]] - the benchmarks of this directory: our Scheme, and beside it
# guile-3.0 with its JIT off and chibi-scheme, if they are installed.
#
# For each program: the median of ROUNDS (5) runs of so many REPETITIONS (10) in seconds, the ratio of
# ours to each of the others (below 1: ours is faster), and how much of ours was in the collector's
# pauses.  Runs take turns, so that what disturbs the machine disturbs all.  All must print the same
# result; otherwise the exit status is 1.
set -u
[ $# -ge 1 ] || { echo "usage: run.sh SCHEME [REPETITIONS [ROUNDS]]" >&2; exit 2; }
case $1 in /*) scheme=$1 ;; *) scheme=$PWD/$1 ;; esac
[ -x "$scheme" ] || { echo "run.sh: no program $1" >&2; exit 2; }
repetitions=${2:-10} rounds=${3:-5}
cd "$(dirname "$0")" || exit 2
export LC_ALL=C.UTF-8
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
export XDG_CACHE_HOME="$scratch"    # where guile keeps what it compiled
export GUILE_JIT_THRESHOLD=-1

others=
for other in guile-3.0 chibi-scheme; do
    if command -v $other >/dev/null; then others="$others $other"; else echo "skipped: $other is not installed"; fi
done

run() { # run WHO PROGRAM REPETITIONS
    case $1 in
    ours) "$scheme" "$2.scm" "$3" ;;
    guile-3.0) guile-3.0 --r7rs -L . -x .sld "$2.scm" "$3" ;;
    chibi-scheme) chibi-scheme -I . "$2.scm" "$3" ;;
    esac 2>"$scratch/errors" </dev/null
}
median() { sort -n "$1" | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }

status=0
printf '%-12s %9s %6s' program ours "GC %"
for other in $others; do printf ' %12s %6s' "$other" ratio; done
echo
for file in *.scm; do
    name=${file%.scm}
    : >"$scratch/pauses"
    for who in ours $others; do
        : >"$scratch/$who"
        run "$who" "$name" 1 >/dev/null # compiles
    done
    round=0
    while [ $round -lt "$rounds" ]; do
        round=$((round + 1))
        for who in ours $others; do
            if ! run "$who" "$name" "$repetitions" >"$scratch/out"; then
                echo "run.sh: $name fails with $who: $(tail -n 1 "$scratch/errors")" >&2
                status=1
            fi
            sed -n 's/^seconds //p' "$scratch/out" >>"$scratch/$who"
            sed -n 's/^pauses //p' "$scratch/out" >>"$scratch/pauses"
            result=$(sed -n 's/^result //p' "$scratch/out")
            [ "$who" = ours ] && wanted=$result
            if [ "$result" != "$wanted" ]; then
                echo "run.sh: $name: ours prints $wanted, $who $result" >&2
                status=1
            fi
        done
    done
    ours=$(median "$scratch/ours")
    printf '%-12s %9.3f %6s' "$name" "$ours" \
        "$(awk -v p="$(median "$scratch/pauses")" -v t="$ours" 'BEGIN { printf "%.1f", (t > 0 ? 100 * p / t : 0) }')"
    for other in $others; do
        theirs=$(median "$scratch/$other")
        printf ' %12.3f %6s' "$theirs" "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }')"
    done
    echo
done
exit $status
