#!/bin/sh
# The manual names every option, by its field in struct besom_options and by its name in text, with
# the default and the kind of value that the library says it has; and every public function.
. "${srcdir:-.}/tests/shell.sh"
make_scratch
manual=$srcdir/doc/manual.md

awk '/^struct besom_options \{/ { inside = 1; next } /^};/ { inside = 0 }
     inside && /;/ && !/^ *(\/?\*)/ { sub(/;.*/, ""); sub(/.*[ *]/, ""); print }' "$srcdir/include/besom/heap.h" >"$scratch/fields"
[ -s "$scratch/fields" ] || fail "there are no fields in struct besom_options"
while read -r field; do
    name=$(echo "$field" | sed -E '/^(heap|pace|mark_stack|nursery)_/s/_(bytes|percent|entries)$//')
    grep -q "^| \`$name\` | \`$field\` |" "$manual" || fail "the manual's table has no $name ($field)"
done <"$scratch/fields"

cat >"$scratch/defaults.c" <<'END'
#include <besom/besom.h>
#include <stdio.h>

int main(void)
{
    struct besom_report line;
    char name[64], preset[64];
    for (size_t i = 0; besom_options_help(i, &line); i++)
        if (sscanf(line.text, "%63s %63s", name, preset) == 2)
            printf("%s %s\n", name, preset);
}
END
# shellcheck disable=SC2086 # lists of arguments
quietly $CC -std=gnu11 $SANITIZE -I"$srcdir/include" -pthread -o "$scratch/defaults" \
    "$scratch/defaults.c" .libs/libbesom.a
[ $status = 0 ] && "$scratch/defaults" >"$scratch/said"
awk -F '|' 'NF == 7 && /^\| `/ {
    gsub(/[` ]/, "")
    unit = substr($4, length($4))
    n = $4 + 0
    print $2, unit == "k" ? n * 1024 : unit == "m" && n ? n * 1024 * 1024 : $4
}' "$manual" >"$scratch/written"
cmp -s "$scratch/said" "$scratch/written" ||
    fail "the library's options and defaults, and the manual's: $(diff "$scratch/said" "$scratch/written")"

cat "$srcdir"/include/besom/*.h | tr '\n' ' ' | grep -oE 'BESOM_API [^;(]*\(|static inline [^;({]*\(' |
    grep -oE 'besom_[a-z0-9][a-z0-9_]+\($' | tr -d '(' | sort -u >"$scratch/functions"
while read -r function; do
    case $function in besom_histogram_*) function=besom_histogram_... ;; esac
    grep -q "^| [^|]*\`$function\`" "$manual" || fail "the manual's chapter on bad input lacks $function"
done <"$scratch/functions"
exit $status
