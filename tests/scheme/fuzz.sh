#!/bin/sh
# fuzz.sh SCHEME SECONDS [SEED [DIRECTORY]] - random text for the reader, and random programs for the VM.
#
# fuzz.awk makes each input of a seed, so a seed is enough to have it again.  An input must end with
# status 0 or 1, that is with a result or a condition; any other, a signal or a report of a sanitizer,
# is a failure: the input is kept in DIRECTORY, with its seed and the options in its first line.  An
# input that is stopped because of its time is none.
set -u
[ $# -ge 2 ] || { echo "usage: fuzz.sh SCHEME SECONDS [SEED [DIRECTORY]]" >&2; exit 2; }
scheme=$1 seconds=$2 seed=${3:-$(date +%s)} directory=${4:-fuzz-failures}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$directory" || exit 2
export ASAN_OPTIONS="detect_leaks=0:exitcode=99:allocator_may_return_null=1 ${ASAN_OPTIONS-}"
export UBSAN_OPTIONS="halt_on_error=1:exitcode=99 ${UBSAN_OPTIONS-}"
end=$(($(date +%s) + seconds))
# shellcheck disable=SC3045 # where there is none, cores are not our concern
ulimit -c 0 2>/dev/null
first=$seed good=0 bad=0 slow=0

options_of() {
    case $(($1 / 3 % 8)) in
    0) echo heap_max=32m ;;
    1) echo heap_max=32m,stress=11,verify ;;
    2) echo heap_max=32m,generational=1,nursery=64k ;;
    3) echo heap_max=32m,mode=concurrent,generational=1,nursery=64k ;;
    4) echo heap_max=32m,mode=incremental,slow ;;
    5) echo heap_max=16m,poison,stress=5 ;;
    6) echo heap_max=32m,mode=concurrent,verify ;;
    7) echo heap_max=8m ;;
    esac
}

while [ "$(date +%s)" -lt "$end" ]; do
    options=$(options_of "$seed")
    case $((seed % 3)) in
    0) kind=tokens corpus= ;;
    1) kind=program corpus= ;;
    2)
        kind=mutant
        # shellcheck disable=SC2012 # the names are ours
        corpus=$(ls "$here"/*.scm | awk -v n="$seed" '{ f[NR] = $0 } END { print f[n % NR + 1] }')
        ;;
    esac
    input=$directory/input.scm
    # shellcheck disable=SC2086 # no corpus, no word
    LC_ALL=C awk -v seed="$seed" -v kind=$kind -f "$here/fuzz.awk" ${corpus:-/dev/null} >"$input"
    (cd "$directory" && BESOM_OPTIONS=$options timeout -s KILL 5 "$scheme" input.scm) \
        >"$directory/said" 2>&1 </dev/null
    code=$?
    case $code in
    0 | 1) good=$((good + 1)) ;;
    137) slow=$((slow + 1)) ;;
    *)
        bad=$((bad + 1))
        { echo "; seed $seed, status $code, BESOM_OPTIONS=$options"; cat "$input"; } >"$directory/$seed.scm"
        mv "$directory/said" "$directory/$seed.said"
        echo "FAIL: seed $seed ($kind), status $code: see $directory/$seed.scm and .said"
        tail -n 5 "$directory/$seed.said"
        ;;
    esac
    seed=$((seed + 1))
done
echo "seeds $first to $((seed - 1)): $slow stopped after 5 s"
echo "$good passed, $bad failed"
[ "$bad" = 0 ] && [ $((good + slow)) -gt 0 ]
