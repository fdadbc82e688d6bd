#!/bin/sh
# The page that besom-report makes has in it what it should, in a browser: on a phone and on a wide
# screen, in the light, in the dark and in print, every plot has its marks and no text is cut.  A plot
# that is emptied, and a text that is too long, are found.  tests/check_report_input.sh is about what
# goes in.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
report=bench/besom-report

[ -x "$report" ] || skip "besom-report is not built (Debian: libjansson-dev)"
gnuplot --version >/dev/null 2>&1 || skip "gnuplot is not installed (Debian: gnuplot-nox)"

"$report" "$srcdir/tests/report/all.json" -o "$scratch/page.html" 2>"$scratch/err" ||
    fail "all.json: exit status $?: $(cat "$scratch/err")"
page=$scratch/page.html

# ---- the text of the page ----

has() { # has TEXT... - the page has each
    for text in "$@"; do
        grep -qF -e "$text" "$page" || fail "the page has no '$text'"
    done
}
for section in overview pauses latency retained cost ephemerons scaling others tables machine repeat; do
    has "<section id=\"$section\">" "<a href=\"#$section\">"
done
has '<html lang="en">' 'name="viewport"' '@media print' 'prefers-color-scheme:dark' \
    'Example &amp; Sons 3000 &lt;fast&gt;' 'class="tie"' 'failed: out of memory' \
    '>not run: its time is quadratic' 'bench/besom-bench --only retained,requests' \
    'was not there' '2.30&nbsp;.. 2.60' 'ratios to mimalloc' 'artefact: held by'

# It stands alone: nothing is fetched, nothing runs.
! grep -nE '<script|<link|<img|@import|url\(|https?:|(src|href)="[^#"]' "$page" ||
    fail "the page needs something else"
# Names of elements are used once, and what is referred to is there.
grep -oE '\<id=.[A-Za-z0-9_-]+' "$page" | tr "'" '"' | sort | uniq -d >"$scratch/twice"
[ ! -s "$scratch/twice" ] || fail "ids used twice: $(head -n 3 "$scratch/twice")"

# Data is marked up, never obeyed: not by a browser, and not by gnuplot.
# shellcheck disable=SC2016 # nothing is to be expanded
sed -e 's/"nobody"/"<script>alert(1)<\/script>"/' -e 's/"strange"/"`touch danger`"/' \
    -e 's/"curve":"a-curve-of-tomorrow"/"curve":"'\''\\";system(\\"touch danger\\")"/' \
    -e 's/"cores":8/"cores":"<script>8"/; s/"unit":"ns"/"unit":"<script>ns"/' \
    -e 's/"unit":"ratio"/"unit":"\\".system(\\"touch danger\\").\\""/' \
    "$srcdir/tests/report/all.json" >"$scratch/hostile.json"
(cd "$scratch" && "$OLDPWD/$report" hostile.json -o hostile.html) 2>/dev/null ||
    fail "hostile names: exit status $?"
[ ! -e "$scratch/danger" ] || fail "a name in the file was run"
"$report" "$scratch/hostile.json" "$scratch/hostile.json" -o "$scratch/compared.html" >/dev/null ||
    fail "hostile names compared: exit status $?"
! grep -q '<script' "$scratch/hostile.html" "$scratch/compared.html" || fail "a name in the file became an element"
grep -qF '&lt;script&gt;alert(1)' "$scratch/hostile.html" || fail "a hostile name is missing"

# ---- in a browser ----

for browser in chromium chromium-browser google-chrome ''; do
    command -v "${browser:-:}" >/dev/null && break
done
[ -n "$browser" ] || skip "no browser is installed (Debian: chromium): the page was not opened"

browse() { # browse ARGUMENT... - headless, and as root too
    HOME=$scratch timeout -k 5 100 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --hide-scrollbars --user-data-dir="$scratch/profile" "$@" 2>/dev/null </dev/null
}

# probed NAME SED... - a copy of the page as the sed commands make it, with the probe at its end.
probed() {
    name=$1
    shift
    sed "$@" "$page" >"$scratch/$name"
    cat "$srcdir/tests/report/probe.html" >>"$scratch/$name"
}
light='s/(prefers-color-scheme:dark)/(max-width:0)/'
print='s/@media print/@media all/; s/@media screen/@media not all/'
probed light-360 "$light"
probed dark-360 p -n
probed light-1280 "$light"
probed dark-1280 p -n
probed print-680 "$print"
# The marks of one part of one plot taken away; a mark of an axis, and a cell, far too long.
probed emptied-1280 '/id="f3_plot_2"/,/id="f3_plot_3"/{ /<path/d; /<use/d; /^[ 	]*L[0-9]/d }'
long=$(printf '%0400d' 0)
probed long-mark-360 "s/<text>0.1<\/text>/<text>0.1 milliseconds and a little more than that<\/text>/"
probed long-cell-360 "s/<td>0.54/<td style=\"white-space:nowrap\">$long/"

frames='light-360 dark-360 light-1280 dark-1280 print-680 emptied-1280 long-mark-360 long-cell-360'
{
    cat <<'END'
<!DOCTYPE html><meta charset="utf-8"><pre id="found"></pre><script>
addEventListener("message", function (event) {
    event.data.found.forEach(function (line) {
        document.getElementById("found").append(event.data.name + ": " + line + "\n");
    });
});
</script>
END
    for name in $frames; do
        mv "$scratch/$name" "$scratch/$name.html"
        echo "<iframe src=\"$name.html\" width=\"${name##*-}\" height=\"800\"></iframe>"
    done
} >"$scratch/frames.html"
browse --blink-settings=preferredColorScheme=0 --virtual-time-budget=20000 --dump-dom \
    "file://$scratch/frames.html" | sed 's/.*<pre id="found">//' >"$scratch/found"

plots=$(grep -c '<figure ' "$page")
marks=$(sed -n 's/.*<figure data-marks="\([0-9]*\)".*/\1/p' "$page" | awk '{ n += $1 } END { print n }')
[ "$plots" -gt 25 ] || fail "only $plots plots"
for name in $frames; do
    case $name in dark-*) scheme=dark ;; *) scheme=light ;; esac
    case $name in emptied* | long*) scheme='[a-z]*' ;; esac
    grep -q "^$name.html: counts $plots $marks [0-9][0-9]* [0-9][0-9]* $scheme\$" "$scratch/found" ||
        fail "$name: not looked at whole: $(grep "^$name.html: counts" "$scratch/found")"
done
for name in light-360 dark-360 light-1280 dark-1280 print-680; do
    wrong=$(grep "^$name.html: " "$scratch/found" | grep -v ': counts ')
    [ -z "$wrong" ] || fail "$wrong"
done
finds() { # finds NAME TEXT - the probe found the planted fault
    grep -q "^$1.html: $2" "$scratch/found" || fail "$1: the probe does not find '$2'"
}
finds emptied-1280 'no marks in "pause-live, [^:]*: utilization (MMU)"'
finds long-mark-360 'text is cut in '
finds long-cell-360 'text is '

# Printed it is paper of some pages.
browse --no-pdf-header-footer --print-to-pdf="$scratch/page.pdf" "file://$page" >/dev/null
head -c 5 "$scratch/page.pdf" 2>/dev/null | grep -q '^%PDF-' || fail "the page cannot be printed"
sheets=$(grep -ac '/Type */Page\>' "$scratch/page.pdf")
[ "$sheets" -ge 4 ] || fail "the print has only $sheets pages"
exit $status
