#!/bin/sh
# check.sh [--full] [NAME...] - model-checks the collector: every design that tests/model/checks.list
# names must hold, and every mutant of it must break an assertion.
#
# Prints a line per check: is it as it must be, what was found, the states and the seconds it took.
# A search that ends for want of memory or of depth is `incomplete`, and so wrong.  Without --full,
# checks that take minutes or gigabytes are skipped.  With names (MODEL/NAME, or MODEL) only those are
# made, large ones too.  Exits 0 if all is as it must be.
#
# check.sh --tell NAME [FLAG...] tells, in words, how the assertion of a mutant comes to break.
#
# Needs spin and a C compiler, two processors, and under 3 GB of memory; with --full, 8 GB.  Works in
# build-model/, where a directory is left of every check that is wrong.
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 2
models=$PWD/tests/model
work=$PWD/build-model
: "${CC:=cc}" "${MODEL_MB:=1350}" # for one of two searches
export CC MODEL_MB

# line_of NAME - its line of the list.
line_of() {
    grep -v '^#' "$models/checks.list" | awk -v name="$1" '$2 "/" $4 == name'
}

# search OPTIMIZATION MODEL FLAG... - lets spin look at all that can happen; here, in pan.out.
# Partial-order reduction is left off: hardly any step is invisible to the others.
search() {
    optimize=$1 model=$2
    shift 2
    cp "$models/$model.pml" . &&
        spin "$@" -a "$model.pml" >spin.out 2>&1 &&
        $CC "$optimize" -w -o pan pan.c -DSAFETY -DNOREDUCE -DCOLLAPSE -DMEMLIM="$MODEL_MB" \
            >cc.out 2>&1 &&
        ./pan -m200000 -w24 >pan.out 2>&1
}

# What pan.out says: holds, breaks ASSERTION, or how else it ended.
found() {
    if grep -q 'assertion violated' pan.out; then
        sed -n 's/.*assertion violated *(*\([A-Z0-9]*\)||.*/breaks \1/p' pan.out | head -n 1
    elif grep -q 'invalid end state (' pan.out; then
        echo 'breaks STUCK'
    elif grep -qE 'Search not completed|max search depth too small|out of memory' pan.out; then
        echo incomplete
    elif grep -q 'errors: 0$' pan.out; then
        echo holds
    else
        echo failed
    fi
}

# check_one MODEL/NAME - makes one check, and prints its line.
check_one() {
    # shellcheck disable=SC2046 # the words of the line
    set -- $(line_of "$1")
    model=$2 verdict=$3 name=$4
    shift 4
    rm -rf "${work:?}/$model-$name"
    mkdir -p "$work/$model-$name" && cd "$work/$model-$name" || exit
    : >pan.out
    # Most mutants break sooner than a compiler optimizes.
    if [ "$verdict" = holds ]; then search -O2 "$model" "$@"; else search -O0 "$model" "$@"; fi
    found=$(found)
    result=ok
    [ "${found%% *}" = "$verdict" ] || result=WRONG
    printf '%-5s %-9s %-24s %-15s %9d states %7.1f s %5d MB\n' $result "$model" "$name" "$found" \
        "$(awk '/states, stored/ { n = $1 } END { print n + 0 }' pan.out)" \
        "$(awk '/elapsed time/ { n = $4 } END { print n + 0 }' pan.out)" \
        "$(awk '/total actual memory/ { n = $1 } END { print int(n) }' pan.out)"
    [ $result = WRONG ] || rm -rf "${work:?}/$model-$name"
}

tell() {
    # shellcheck disable=SC2046 # the words of the line
    set -- $(line_of "$1") -DTALK
    [ $# -gt 1 ] || { echo "no such check" >&2; exit 2; }
    model=$2 name=$4
    shift 4
    mkdir -p "$work/told-$model-$name" && cd "$work/told-$model-$name" || exit
    search -O1 "$model" "$@"
    [ -f "$model.pml.trail" ] || { echo "$(found), nothing to tell"; exit 1; }
    ./pan -r -n 2>&1 | grep -aE '^(  |round|stop|pan:.*violated)' | grep -v '^  .*::'
}

case ${1-} in
--one) # how this script calls itself
    check_one "$2"
    exit
    ;;
--tell)
    tell "${2-}"
    exit
    ;;
esac

when=quick
if [ "${1-}" = --full ]; then
    when='quick|full'
    MODEL_MB=4000
    shift
fi
mkdir -p "$work"
if [ $# = 0 ]; then
    grep -E "^($when) " "$models/checks.list" >"$work/chosen"
else
    MODEL_MB=4000
    for name; do
        grep -E '^(quick|full) ' "$models/checks.list" |
            awk -v name="$name" '$2 == name || $2 "/" $4 == name'
    done >"$work/chosen"
fi
all=$(grep -cE '^(quick|full) ' "$models/checks.list")
chosen=$(wc -l <"$work/chosen")
[ "$chosen" -gt 0 ] || { echo "no such check" >&2; exit 2; }

awk '{ print $2 "/" $4 }' "$work/chosen" |
    xargs -n 1 -P 2 sh "$models/check.sh" --one | tee "$work/results"
passed=$(grep -c '^ok ' "$work/results")
echo "$passed passed, $((chosen - passed)) failed, $((all - chosen)) skipped"
[ "$passed" = "$chosen" ]
