/* gnuplot.h - runs gnuplot. */
#ifndef BENCH_REPORT_GNUPLOT_H
#define BENCH_REPORT_GNUPLOT_H

#include "bench/report/text.h"

#include <stdbool.h>

/* Gives gnuplot the script on its standard input and appends what it writes to `svg`.  If it cannot
 * be started, fails or draws nothing: says so on standard error, false. */
bool gnuplot_run(const struct text *script, struct text *svg);

#endif
