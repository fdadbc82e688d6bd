#!/bin/sh
# check_scheme_sections.sh - the Scheme by the sections of R7RS, and what it adds to them: in all modes
# of the collector, and with the options that find errors; and a few seconds of random programs.
. "${srcdir:-.}/tests/shell.sh"
find_scheme

# try OPTIONS FILE - runs one file of tests.
try() {
    output=$(cd "$scratch" && SCRATCH=$scratch BESOM_OPTIONS=$1 timeout 120 "$scheme" "$tests/$2.scm" 2>&1)
    code=$?
    case $code$output in
    0*" passed, 0 failed") ;;
    *) fail "$2 with BESOM_OPTIONS=$1: status $code: $output" ;;
    esac
}

short='small conditions r7rs-4-1 r7rs-4-3 r7rs-5 r7rs-6-1 r7rs-6-2 r7rs-6-3 r7rs-6-6 r7rs-6-8 r7rs-6-13'
long='r7rs-4-2 r7rs-6-10 r7rs-6-11 integers tables weak threads' # with much to collect at each safepoint

for options in '' mode=incremental mode=concurrent generational=1,nursery=64k \
    mode=incremental,generational=1,nursery=64k mode=concurrent,generational=1,nursery=64k \
    slow mode=concurrent,generational=1,nursery=64k,slow; do
    for file in $short $long; do try "$options" "$file"; done
done
for file in $short; do try stress=3,verify "$file"; done
for file in r7rs-4-2 r7rs-6-11; do try stress=50,verify "$file"; done
for file in r7rs-6-10 integers tables weak threads; do try stress=500,verify "$file"; done
try stress=1,verify r7rs-4-1
for options in stress=1,poison stress=7,verify mode=incremental,slow,generational=1,nursery=64k; do
    try $options small
done
try stress=1,poison r7rs-6-3
try heap_max=128m bounds

"$srcdir/tests/scheme/fuzz.sh" "$scheme" 5 1 "$scratch/fuzz" >"$scratch/fuzzed" 2>&1 || fail "$(cat "$scratch/fuzzed")"
exit $status
