/* draw.h - a plot as a script for gnuplot. */
#ifndef BENCH_REPORT_DRAW_H
#define BENCH_REPORT_DRAW_H

#include "bench/report/plot.h"

/* Adds the script; the picture's parts are called NAME_plot_1, ..  Their number is returned: 0 if
 * there is nothing to show; parts[i] is the series of part i, of which there are at most two for
 * each.  No word of the script is the data's: what files say of themselves never comes near
 * gnuplot. */
unsigned draw_script(struct text *script, struct plot *plot, const char *name, size_t *parts);

/* How many of the series' points can be shown. */
size_t draw_count(const struct plot *plot, const struct series *series);

#endif
