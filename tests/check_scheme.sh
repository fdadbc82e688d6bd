#!/bin/sh
# check_scheme.sh - the Scheme of hosts/scheme: its tests in each mode of the collector, a short set
# with the debug options, and what it says about bad programs.
set -u
scheme=hosts/scheme/scheme
tests=$(dirname "$0")/scheme
[ -x $scheme ] || exit 77
status=0

# run NAME OPTIONS - one file of tests with Besom's options.
run() {
    out=$(BESOM_OPTIONS=$2 timeout 120 $scheme "$tests/$1.scm" 2>&1) && return
    printf '%s with BESOM_OPTIONS=%s:\n%s\n' "$1" "$2" "$out"
    status=1
}

for options in '' mode=incremental mode=concurrent generational=1,nursery=64k \
    mode=concurrent,generational=1,nursery=64k; do
    for name in section4 section6 besom; do run $name "$options"; done
done
run limits heap_max=128m
for options in stress=7,verify stress=1,poison slow mode=incremental,slow,generational=1,nursery=64k; do
    run besom "$options"
    run section6 "$options"
done

# says EXPECTED TEXT - the program TEXT on standard input ends with an error that names EXPECTED.
says() {
    out=$(printf '%s' "$2" | $scheme 2>&1) && { echo "no error of: $2"; status=1; }
    case $out in
    *"$1"*) ;;
    *)
        printf 'expected %s, got %s, of: %s\n' "$1" "$out" "$2"
        status=1
        ;;
    esac
}
says 'stdin:2:3: a list is not closed' '(display 1)
  (car (list 1)'
says 'stdin:1:1: bad syntax' '(if)'
says 'stdin:2:2: expected a pair' '(define x 1)
 (car x)'
says 'stdin:1:6: unbound variable: y' '(+ 1 (y))'
says 'stdin:1:2: unknown' '(#q)'
says 'invalid UTF-8' "$(printf '"\377"')"

# Names of files of any length, whatever lies behind them in memory.
scratch=$(mktemp -d) || exit 1
name=$scratch/
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
    name=${name}n
    echo '(display "fine")' >"$name"
    out=$($scheme "$name" 2>&1)
    [ "$out" = fine ] || { echo "$name: $out"; status=1; }
done
rm -r "$scratch"

# refuses ARG... - a command line that is wrong: exit status 2.
refuses() {
    $scheme "$@" >/dev/null 2>&1
    [ $? = 2 ] || { echo "not refused: $*"; status=1; }
}
refuses --mode sideways
refuses --nonsense
refuses --options safepoints=alloc
refuses -e
[ "$($scheme --mode incremental -e '(* 6 7)')" = 42 ] || { echo "no 42 from an expression"; status=1; }
exit $status
