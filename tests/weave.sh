#!/bin/sh
# weave.sh - doc/embedding.md, with what it quotes filled in from hosts/tutorial/: what diff prints
# between two stages, definitions, and what programs with planted bugs print.
#
#     cd build && srcdir=.. sh ../tests/weave.sh >woven && mv woven ../doc/embedding.md
#
# The first line of a block says what belongs into it:
#
#     ```diff stage-02-roots 1 3          hunks 1 to 3 of the diff from the stage before
#     ```c FILE.c NAME ...                the definitions of these names, in a file
#     ```diff bug NAME                    what bugs/NAME.sed changes
#     ```text run NAME OPTIONS PROGRAM N  what that prints; - stands for no options, and for no bug
#                                         NAME is a stage
#
# tests/check_tutorial.sh compares the result with the document.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
tutorial=$srcdir/hosts/tutorial

stage_of() { # stage_of BUG - the stage that it is planted in
    sed -n '1s/^# \(stage-[a-z0-9-]*\): .*/\1/p' "$tutorial/bugs/$1.sed"
}

buggy_source() { # buggy_source BUG - writes $scratch/BUG.c
    sed -f "$tutorial/bugs/$1.sed" "$tutorial/$(stage_of "$1").c" >"$scratch/$1.c"
}

# difference FILE FILE [FIRST LAST] - hunks of what has changed, without the files' names and dates
difference() {
    diff -U 1 -p "$1" "$2" | awk -v first="${3:-1}" -v last="${4:-1000}" '
        NR > 2 { if (/^@@/) n++; if (n >= first && n <= last) print }'
}

stage_difference() { # stage_difference STAGE FIRST LAST
    before=
    for file in "$tutorial"/stage-*.c; do
        [ "$file" = "$tutorial/$1.c" ] && break
        before=$file
    done
    difference "$before" "$tutorial/$1.c" "$2" "$3"
}

definitions() { # definitions FILE NAME...
    file=$1 blank=
    shift
    for name; do
        awk -v name="$name" -v blank="$blank" '
            !on && /^[a-z]/ && !/;$/ && match($0, name "[ (]") { on = 1; if (blank) print "" }
            on { print }
            on && /^}/ { exit }' "$tutorial/$file"
        blank=1
    done
}

run_program() { # run_program NAME OPTIONS PROGRAM [NUMBER]
    name=$1 options=$2 program=$3.twig
    shift 3
    [ "$options" != - ] || options=
    echo "\$ ${options:+BESOM_OPTIONS=$options }./$name $program${*:+ }$*"
    binary=hosts/tutorial/$name
    if [ -f "$tutorial/bugs/$name.sed" ]; then
        binary=$scratch/$name
        if [ ! -x "$binary" ]; then
            buggy_source "$name"
            # shellcheck disable=SC2086 # lists of arguments
            quietly $CC -std=gnu11 -I"$tutorial" -I"$srcdir/include" -pthread -o "$binary" \
                "$scratch/$name.c" "$tutorial/compile.c" "$tutorial/value.c" .libs/libbesom.a >&2
        fi
    fi
    code=0
    { # outside of the program's output, for the shell's own words about signals
        (
            # shellcheck disable=SC3045 # dash and bash both have it
            ulimit -c 0
            exec >"$scratch/output" 2>&1
            BESOM_OPTIONS=$options exec timeout 60 "$binary" "$tutorial/programs/$program" "$@"
        ) || code=$?
    } 2>/dev/null
    tail -n 3 "$scratch/output" | sed 's/0x[0-9a-f]\{9,12\}/0x7.../g' | fold -s -w 98 | sed 's/ *$//'
    if [ $code -gt 128 ]; then
        echo "(killed by SIG$(kill -l $((code - 128))))"
    elif [ $code != 0 ]; then
        echo "(exit status $code)"
    fi
}

skipping=
while IFS= read -r line; do
    case $line in
    '```') skipping= ;;
    esac
    [ -n "$skipping" ] || printf '%s\n' "$line"
    # shellcheck disable=SC2086 # the words of a block's first line
    case $line in
    '```diff bug '*)
        set -- ${line#'```diff bug '}
        buggy_source "$1"
        difference "$tutorial/$(stage_of "$1").c" "$scratch/$1.c"
        skipping=1
        ;;
    '```diff '*) stage_difference ${line#'```diff '} && skipping=1 ;;
    '```c '*) definitions ${line#'```c '} && skipping=1 ;;
    '```text run '*) run_program ${line#'```text run '} && skipping=1 ;;
    esac
done <"$srcdir/doc/embedding.md"
exit $status
