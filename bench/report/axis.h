/* axis.h - how far an axis reaches, and where its marks are. */
#ifndef BENCH_REPORT_AXIS_H
#define BENCH_REPORT_AXIS_H

#include "bench/report/text.h"

#include <stdbool.h>

struct axis {
    const char *label;
    bool is_log;
    bool is_count; /* with is_log: 0 is drawn below 1, where a logarithm has no place for it */
    bool is_share; /* from 0 to 1, whatever the data */
    double foot;   /* of a linear axis whose values are all above 0: where it begins */

    /* what axis_see has seen */
    bool has_any;
    double least, most;
};

/* Can the axis show this value? */
bool axis_shows(const struct axis *axis, double value);

/* Where the value is drawn, once the axis has seen all of the data; it is one that can be shown. */
double axis_place(const struct axis *axis, double value);

/* Makes room for a value that can be shown. */
void axis_see(struct axis *axis, double value);

/* Adds gnuplot's settings of the axis 'x' or 'y'.  It has seen all of the data. */
void axis_put(struct text *script, const struct axis *axis, char name);

#endif
