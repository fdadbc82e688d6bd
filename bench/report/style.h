/* style.h - how contestants look: the same color, marker and dashes in every plot. */
#ifndef BENCH_REPORT_STYLE_H
#define BENCH_REPORT_STYLE_H

#include "bench/report/text.h"

#include <stddef.h>

/* Colors are CSS variables, --cN, so that they can be others in the dark. */
struct style {
    unsigned color;     /* N */
    unsigned marker;    /* gnuplot's number, and that of the symbol #gpPtN in SVG */
    const char *dashes; /* lengths, separated by commas; "": a solid line */
};

/* That of a contestant's mode ("default": its only one).  Whoever is unknown gets a look that his
 * name decides. */
struct style style_of(const char *contestant, const char *mode);

/* The kinds of retained garbage have --kN: 0 logical, 1 artefact, 2 floating, 3 unswept. */
enum { STYLE_KINDS = 4 };

/* The definitions of the variables: in the light, or in the dark. */
void style_put_light(struct text *css);
void style_put_dark(struct text *css);

#endif
