#!/bin/sh
# The code of the manual compiles, as one program from top to bottom, and runs.  A block marked
# "c fragment" is the body of a function that has heap and m; they run in the order of the text.
. "${srcdir:-.}/tests/shell.sh"
make_scratch

awk '
function begin(what) { inside = what; printf "#line %d \"doc/manual.md\"\n", NR + 1 }
/^```c$/ { begin("code"); next }
/^```c fragment$/ {
    printf "static void fragment_%d(struct besom_heap *heap, struct besom_mutator *m)\n{\n", ++n
    begin("fragment")
    next
}
/^```/ { if (inside == "fragment") print "}"; inside = ""; next }
inside { print }
END {
    print "int main(void)\n{\n    struct besom_heap *heap = open_heap(NULL);"
    print "    struct besom_mutator *m = besom_attach(heap);"
    for (i = 1; i <= n; i++)
        printf "    fragment_%d(heap, m);\n", i
    print "    besom_collect(m, BESOM_FULL);\n    struct besom_report report;"
    print "    if (besom_verify(m, &report) != BESOM_OK)\n        return 1;"
    print "    return besom_detach(m) != BESOM_OK || besom_heap_free(heap) != BESOM_OK;\n}"
}' "$srcdir/doc/manual.md" >"$scratch/manual.c"

# shellcheck disable=SC2086 # lists of arguments
{
    quietly $CC -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Wno-unused-function \
        -Wno-unused-const-variable $SANITIZE -I"$srcdir/include" -pthread \
        -o "$scratch/manual" "$scratch/manual.c" .libs/libbesom.a
    [ $status != 0 ] || "$scratch/manual" </dev/null >"$scratch/output" 2>&1 ||
        fail "the manual's program: $(cat "$scratch/output")"
}
exit $status
