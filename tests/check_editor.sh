#!/bin/sh
# The image editor as a program: its examples run and show what they promise; bad options, scripts and
# files are refused by name, with an exit status, and nothing half-written stays.
. "${srcdir:-.}/tests/shell.sh"
srcdir=$(cd "$srcdir" && pwd)
editor=$PWD/hosts/editor/editor
[ -x "$editor" ] || skip "the image editor is not built: it wants libpng (Debian: libpng-dev)"
examples=$srcdir/hosts/editor/examples
make_scratch
cd "$scratch" || exit 1

# runs STATUS ARGUMENT... - with the script in standard input; the output is in out and err.
runs() {
    wanted=$1
    shift
    "$editor" "$@" >out 2>err
    got=$?
    [ $got = "$wanted" ] || fail "$*: exit status $got, not $wanted: $(cat err)"
}

says() { # says FILE TEXT - out or err has the text
    grep -qF -e "$2" "$1" || fail "'$2' is not said, but: $(cat "$1")"
}

# Options.
runs 0 --help
for word in --mode --limit --mistake cache history observer job registry handle thumbnail gradient 'repeat N'; do
    says out "$word"
done
runs 2 --mode sideways </dev/null
says err "'sideways' is none of stw, incremental"
runs 2 --mistake typo </dev/null
says err "'typo' is none of cache, history, observer, job, registry, handle"
for limit in 12q k -5 '' 99999999999999999999; do
    runs 2 --limit "$limit" </dev/null
    says err "is no number of bytes"
done
runs 2 --limit 1k </dev/null
runs 2 --threads 0 </dev/null
says err "1 to 16"
runs 2 --options heap_mix=3 </dev/null
says err "option 'heap_mix' is unknown"
runs 2 --faster </dev/null
says err "--mistake"
runs 2 one two </dev/null
says err "'two' is too much"
runs 2 nowhere.txt
says err "'nowhere.txt' cannot be read: No such file"

# Scripts: the file, the line, what was wrong, and what there is.
refuses() { # refuses LINE TEXT SCRIPT
    printf '%b' "$3" >script.txt
    runs 1 script.txt
    says err "script.txt:$1: "
    says err "$2"
}
refuses 2 'there are new, open' '# a comment\nnwe a 1 1\n'
refuses 3 'the repeat does not end' '\n\nrepeat 2\nnew a$ 1 1\n'
refuses 1 'no repeat that this could end' 'end\n'
refuses 1 'repeat N, of 1 to 1000000' 'repeat 0\nend\n'
refuses 1 'repeat N' 'repeat many\nend\n'
refuses 4 'nothing to redo' 'repeat 1\nnew a 1 1\nfill red\nredo\nend\n'
refuses 1 'a byte of 0' 'new a\000 1 1\n'
printf 'new a 4 4\nfill red\nsave a.png\nbogus\nsave b.png\n' | "$editor" >out 2>err &&
    fail "a bad line of standard input is no failure"
says err 'stdin:4: '
[ -f a.png ] || fail "what precedes a bad line is not done"
[ ! -f b.png ] || fail "what follows a bad line is done"

# Files.
half=$(($(wc -c <a.png) / 2))
for bytes in 0 4 8 20 40 $half $((half * 2 - 20)); do
    head -c "$bytes" a.png >cut.png
    refuses 1 "'cut.png' is" 'open c cut.png\n'
done
{ head -c 16 a.png; printf '\0\1\0\0\0\1\0\0'; tail -c +25 a.png; } >wide.png
refuses 1 "'wide.png'" 'open c wide.png\n'
echo 'not a picture' >text.png
refuses 1 "'text.png' is no PNG file" 'open c text.png\n'
refuses 1 "cannot be read" 'open c nowhere.png\n'
refuses 1 "'.'" 'open c .\n'
refuses 2 'cannot be written' 'new a 4 4\nsave nowhere/a.png\n'
refuses 2 'is not a file' 'new a 4 4\nsave /dev/null\n'
mkdir shut
if chmod a-w shut && ! touch shut/probe 2>/dev/null; then
    refuses 2 'cannot be written' 'new a 4 4\nsave shut/a.png\n'
fi
refuses 1 '17179869184 bytes of pixels are needed' 'new a 32768 32768\n'
[ -z "$(find . -name '*.part')" ] || fail "half a file stays: $(find . -name '*.part')"

# A picture is read as it was written.
printf 'new a 200 150\nradial #ff000080 #00ff0020 90 70 80\nsave one.png\nclose\nopen b one.png\nsave two.png\n' >script.txt
runs 0 script.txt
cmp -s one.png two.png || fail "a picture changes when it is read and written"

# The README's example says what the README says.
readme=$srcdir/hosts/editor/README.md
sed -n '/^## An example/,$s/^    //p' "$readme" | sed '/^close$/q' >first.txt
sed -n '/^## An example/,$s/^    //p' "$readme" | sed '1,/^close$/d' >expected
runs 0 --mistake registry --report --mode stw first.txt
cmp -s expected out || fail "the README shows another report: $(diff expected out)"
runs 0 --report first.txt
says out 'retained: nothing of 1 closed documents'

# The examples.
for example in "$examples"/*.txt; do
    case $example in */large.txt) continue ;; esac
    runs 0 --report "$example"
    says out 'retained: nothing of'
done
for picture in landscape poster; do
    [ -s $picture.png ] || fail "the example $picture writes no picture"
done
for mistake in cache history observer job registry handle; do
    runs 0 --report --mistake $mistake "$examples/leak.txt"
    says out 'bytes of 20 closed documents'
    says out 'not reachable (the collector has it still): 0 bytes'
    says out ' -> document '"'drawing1'"
done
if [ -z "$SANITIZE" ]; then # their shadow memory is larger than the limit
    # shellcheck disable=SC3045 # every sh of Debian's has it
    (ulimit -v 700000 && "$editor" --limit 700m "$examples/large.txt" >out 2>err) ||
        fail "large.txt in 700 MB: exit status $?: $(cat err)"
    says out 'retained: nothing of 103 closed documents'
fi
exit $status
