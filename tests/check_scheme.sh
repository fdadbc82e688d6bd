#!/bin/sh
# check_scheme.sh - what the Scheme of hosts/scheme says about bad programs, word by word; its command
# line; and that a collection beside the program does not begin with a stop.
. "${srcdir:-.}/tests/shell.sh"
find_scheme

# ---- messages: a program, a tab, and what is said about it after the name of the file ----
tab=$(printf '\t')
while IFS=$tab read -r program wanted; do
    printf '%b' "$program" >"$scratch/golden.scm"
    said=$(cd "$scratch" && timeout 10 "$scheme" golden.scm 2>&1 </dev/null) &&
        fail "no error of: $program"
    case $said in
    *"golden.scm:$wanted") ;;
    *) fail "of $program: wanted $wanted, got $said" ;;
    esac
done <"$tests/errors.txt"

# says WANTED TEXT - the program TEXT on standard input ends with an error that has WANTED in it.
says() {
    said=$(printf '%b' "$2" | "$scheme" 2>&1) && fail "no error of: $2"
    case $said in
    *"$1"*) ;;
    *) fail "of $2: wanted $1, got $said" ;;
    esac
}
says 'stdin:2:2: expected a pair' '(define x 1)\n (car x)'
says 'invalid UTF-8' '"\0377"'

# Names of files of any length, whatever lies behind them in memory.
name=$scratch/
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
    name=${name}n
    echo '(display "fine")' >"$name"
    said=$("$scheme" "$name" 2>&1)
    [ "$said" = fine ] || fail "$name: $said"
done

# refuses ARG... - a command line that is wrong: exit status 2.
refuses() {
    "$scheme" "$@" >/dev/null 2>&1
    [ $? = 2 ] || fail "not refused: $*"
}
refuses --mode sideways
refuses --nonsense
refuses --options safepoints=alloc
refuses -e
[ "$("$scheme" --mode incremental -e '(* 6 7)')" = 42 ] || fail "no 42 from an expression"

# One stop a cycle, but for a cycle that is under way.
stops=$(BESOM_OPTIONS=mode=concurrent,heap_min=1m "$scheme" -e '
(let loop ((i 0) (l (quote ())))
  (if (< i 200000)
      (loop (+ i 1) (if (= 0 (modulo i 1000)) (quote ()) (cons (make-vector 20 i) l)))
      (let ((cycles (cdr (assq (quote cycles) (gc-stats)))) (stops (cdr (assq (quote stops) (gc-stats)))))
        (if (and (< 3 cycles) (<= stops (+ cycles 1))) (quote few) (list cycles stops)))))')
[ "$stops" = few ] || fail "cycles and stops in mode concurrent: $stops"
exit $status
