/* svg.h - makes gnuplot's SVG a part of the page. */
#ifndef BENCH_REPORT_SVG_H
#define BENCH_REPORT_SVG_H

#include "bench/report/text.h"

#include <stdbool.h>

/* Colors that a script uses as names, since a page in the light and in the dark has others:
 * #0100NN is one of the plot itself, #0200NN a contestant's (--cNN), #0300NN a kind's (--kNN). */
enum svg_plot_color { SVG_GRID = 1, SVG_AXIS = 2, SVG_INK = 3, SVG_PAPER = 4 };

/* Adds gnuplot's picture to the page: named colors become CSS variables, fonts the page's, its parts
 * get `labels` as titles, in their order, and what is the same in all pictures is left out.  `name`
 * describes the picture to those who do not see it.  False if it is none of gnuplot's pictures. */
bool svg_put(struct text *page, const char *picture, const char *name, const char *const *labels,
             size_t n_labels);

/* Adds the definitions of markers to which all of the page's pictures refer, out of one of them. */
bool svg_put_markers(struct text *page, const char *picture);

#endif
