#!/bin/sh
# mutants.sh [--list | --fit | NAME...] - does the test suite notice bugs?
#
# tests/mutants.list describes mutants: the library with one deliberate bug each.  Every mutant, or
# those named, is built in a scratch copy of the tree, and the tests are run against it, those first
# that the list says should notice, then all others, until one fails.  A mutant that no test notices
# survives: a test is missing.  Exits 0 if none survives, 1 if some do, 2 if the list does not fit
# the sources: the text to replace must be there exactly once.  --fit looks at that alone, which
# `make check` does too; the rest takes a few seconds a mutant.  Works in build-mutants/.
set -u
export LC_ALL=C
unset BESOM_OPTIONS BESOM_TEST_SEED MAKEFLAGS MFLAGS
cd "$(dirname "$0")/.." || exit 2
root=$PWD
list=$root/tests/mutants.list
work=$root/build-mutants
src=$work/src
jobs=$(getconf _NPROCESSORS_ONLN)

names=$(sed -n 's/^mutant //p' "$list")
[ "${1-}" != --list ] || { echo "$names"; exit; }
fit=
if [ "${1-}" = --fit ]; then fit=1; elif [ $# != 0 ]; then names=$*; fi

die() {
    echo "mutants: $*" >&2
    exit 2
}

# ---- the scratch copy ----

# Only files that differ are copied, so that whatever an interrupted run left behind is built anew.
copy_tree() {
    mkdir -p "$work/src" "$work/obj"
    find . -name .git -prune -o -path './build' -prune -o -path './build-[!a]*' -prune -o \
        -path ./build-asan -prune -o -path ./build-amalgamation -prune -o -type f -print |
        while read -r file; do
            cmp -s "$file" "$work/src/$file" && continue
            mkdir -p "$work/src/$(dirname "$file")" && cp "$file" "$work/src/$file" || exit
        done || return
    cd "$work/src" || return
    changed=$(cd "$root" && find configure.ac Makefile.am ./*/*.am -newer Makefile.in 2>&1)
    [ -f configure ] && [ -z "$changed" ] || autoreconf -fi >"$work/build.log" 2>&1 || return
    cd "$work/obj" || return
    [ -f Makefile ] || ../src/configure -q --disable-shared CFLAGS=-O1 || return
    build libbesom.la && build check TESTS=
}

build() {
    make -s -j"$jobs" -C "$work/obj" "$@" >"$work/build.log" 2>&1
}

# ---- one mutant ----

# apply NAME TO - the file of the mutant with its bug, into TO; names the file.  The lines to be
# replaced are compared without the white space around them.
apply() {
    awk -v name="$1" -v src="$src" -v to="$2" '
        function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
        /^mutant / { inside = $2 == name; found += inside; next }
        !inside { next }
        /^file / { path = $2 }
        /^-/ { old[++n_old] = trim(substr($0, 2)) }
        /^\+/ { new[++n_new] = substr($0, 2) }
        END {
            if (found != 1 || path == "" || !n_old)
                exit 3
            while ((getline line < (src "/" path)) > 0)
                text[++n] = line
            for (i = 1; i + n_old - 1 <= n; i++) {
                for (j = 1; j <= n_old && trim(text[i + j - 1]) == old[j]; j++)
                    ;
                if (j > n_old) {
                    at = i
                    hits++
                }
            }
            if (hits != 1)
                exit 4
            for (i = 1; i < at; i++)
                print text[i] >to
            for (j = 1; j <= n_new; j++)
                print new[j] >to
            for (i = at + n_old; i <= n; i++)
                print text[i] >to
            print path
        }' "$list"
}

# The tests that should notice.
expected_for() {
    awk -v name="$1" '
        /^mutant / { inside = $2 == name }
        inside && /^by / { for (i = 2; i <= NF; i++) print $i }' "$list"
}

# Those, then all others.
tests_for() {
    expected=$(expected_for "$1")
    echo "$expected"
    for test in $all_tests; do
        case "
$expected
" in
        *"
$test
"*) ;;
        *) echo "$test" ;;
        esac
    done
}

# Runs a test; fails if it does, or if it takes much too long.
run_test() {
    build "tests/$1" || die "tests/$1 does not link: $(tail -n 3 "$work/build.log")"
    (cd "$work/obj" && timeout -k 5 "$limit" "tests/$1" >"$work/test.log" 2>&1)
}

# mutate NAME TO - the same, or dies; $path is the file.
mutate() {
    path=$(apply "$1" "$2")
    case $? in
    0) ;;
    4) die "$1: the text to replace is not in its file exactly once" ;;
    *) die "$1: not described in $list" ;;
    esac
}

# try NAME - prints which test noticed; fails if none did.
try() {
    mutate "$1" "$work/mutated"
    cp -p "$work/src/$path" "$work/original"
    cp "$work/mutated" "$work/src/$path"
    noticed=
    if build libbesom.la; then
        for test in $(tests_for "$1"); do
            if ! run_test "$test"; then
                noticed=$test
                break
            fi
        done
    else
        tail -n 20 "$work/build.log" >&2
        compiles=false
    fi
    cp "$work/original" "$work/src/$path"
    [ -n "$noticed" ]
}

if [ -n "$fit" ]; then
    src=$root
    for name in $names; do mutate "$name" /dev/null; done
    exit 0
fi
copy_tree || die "the tree does not build: $(tail -n 20 "$work/build.log" 2>/dev/null)"
cd "$root" || exit 2
all_tests=$(cd "$work/obj/tests" && for log in *; do
    case $log in
    *.o | *.a | *.log | *.trs) ;;
    stress_* | test_*) [ -x "$log" ] && echo "$log" ;;
    esac
done)
limit=300
for test in $(for name in $names; do expected_for "$name"; done | sort -u); do
    run_test "$test" || die "$test fails without any mutant: $(tail -n 3 "$work/test.log")"
done

limit=120 compiles=true killed=0 survivors=
for name in $names; do
    if try "$name"; then
        killed=$((killed + 1))
        echo "killed    $name ($noticed)"
    else
        $compiles || die "$name does not compile"
        survivors="$survivors $name"
        echo "SURVIVED  $name"
    fi
done
echo "$killed killed, $(echo "$survivors" | wc -w | tr -d ' ') survived"
[ -z "$survivors" ]
