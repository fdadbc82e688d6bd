#!/bin/sh
# The stages of hosts/tutorial/ do what doc/embedding.md says of them: each runs the same programs, with
# the same output, in every mode that it is fit for; those that leak grow, the others do not; what came
# with a stage was necessary; and what the document quotes is what is there.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
programs=$srcdir/hosts/tutorial/programs

stage() { # stage NUMBER - its program
    source=$(echo "$srcdir"/hosts/tutorial/stage-"$1"-*.c)
    echo "hosts/tutorial/$(basename "$source" .c)"
}

# runs NUMBER PROGRAM OPTIONS - prints what it should
runs() {
    BESOM_OPTIONS=$3 timeout 120 "$(stage "$1")" "$programs/$2.twig" >"$scratch/output" 2>&1
    code=$?
    cmp -s "$scratch/output" "$programs/$2.out" ||
        fail "stage $1, $2.twig, $3: status $code, $(diff "$programs/$2.out" "$scratch/output" | head -n 5)"
}

# peak NUMBER PROGRAM N OPTIONS - the memory it takes, in KiB
peak() {
    BESOM_OPTIONS=$4 timeout 120 "$(stage "$1")" -m "$programs/$2.twig" "$3" 2>&1 >/dev/null |
        sed -n 's/ KiB$//p'
}

# grows NUMBER PROGRAM N - five times the work takes more than 2.5 times the memory; a small heap
# is a heap that is collected often.
grows() {
    small=$(peak "$1" "$2" "$3" heap_max=8m)
    large=$(peak "$1" "$2" $((5 * $3)) heap_max=8m)
    if [ -z "$small" ] || [ -z "$large" ]; then fail "stage $1, $2.twig: it does not run"; fi
    [ "$((2 * ${large:-0}))" -gt "$((5 * ${small:-0}))" ]
}
leaks() {
    grows "$@" || fail "stage $1, $2.twig: $small KiB became $large, and should have been more"
}
is_bounded() {
    if grows "$@"; then fail "stage $1, $2.twig leaks: $small KiB became $large"; fi
}

for number in 00 01 02; do
    runs $number basics verify
done
for number in 02 03 04 05 06 07 08 09 10; do
    runs $number basics stress=1,verify
    runs $number basics stress=1,poison
done
for number in 05 06 07 08 09 10; do
    runs $number basics mode=stw,generational,stress=3,verify
done
for number in 06 07 08 09 10; do
    runs $number basics mode=incremental,slow,poison,heap_min=0
    runs $number basics mode=concurrent,heap_min=0,verify
done
for options in stress=1,verify generational,stress=3,poison mode=incremental,slow,verify,heap_min=0 \
    mode=concurrent,generational,heap_min=0; do
    for program in 07-weak 08-finalizers 09-coroutines 10-threads; do
        runs ${program%%-*} ${program#*-} $options
        [ "$program" = 10-threads ] || runs 10 ${program#*-} $options
    done
done

for number in 06 10; do
    result=$(BESOM_OPTIONS=mode=concurrent,heap_min=0 timeout 120 "$(stage $number)" \
        "$programs/grow.twig" 30000 2>&1)
    [ "$result" = 30000 ] || fail "stage $number, grow.twig: $result"
done

# The barrier of stage 5 was missing before.
for number in 04 05; do
    BESOM_OPTIONS=generational,stress=10,verify timeout 120 "$(stage $number)" "$programs/queue.twig" 100 \
        >"$scratch/output" 2>&1
    code=$?
    [ "$code" = "$([ $number = 04 ] && echo 3 || echo 0)" ] ||
        fail "stage $number, queue.twig: status $code, $(head -n 3 "$scratch/output")"
done

if [ -z "$SANITIZE" ]; then
    leaks 00 churn 20000
    is_bounded 02 collected 20000
    is_bounded 03 churn 20000
    leaks 03 tables 4000
    is_bounded 04 tables 4000
    is_bounded 06 churn 20000
    is_bounded 10 churn 20000
    is_bounded 10 tables 4000
    is_bounded 10 generators 1000
    sh "$srcdir/tests/weave.sh" >"$scratch/woven" || fail "weave.sh: see above"
    diff "$srcdir/doc/embedding.md" "$scratch/woven" ||
        fail "doc/embedding.md quotes what is not there: tests/weave.sh says how to write it anew"
fi
exit $status
