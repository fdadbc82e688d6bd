/* overhead.h - lower-bound overhead: what a collector costs at least, after Cai, Blackburn, Bond and
 * Maas 2022 ("Distilling the Real Cost of Production Garbage Collectors").
 *
 * What a program would take with memory management for nothing cannot be measured.  But a run less
 * what its collector can account for takes at least that long, and the least of all such rests, over
 * contestants, heaps and runs, is the best bound there is: the baseline of a setting.  A run's time over
 * the baseline is no more than its time over the unknown ideal: a lower bound of the overhead. */
#ifndef BENCH_OVERHEAD_H
#define BENCH_OVERHEAD_H

#include "bench/row.h"

enum overhead_clock { OVERHEAD_WALL, OVERHEAD_CPU, OVERHEAD_CLOCKS };

/* The names of the ratio: as a metric, and as a curve over heap factors; of the time as a curve. */
extern const char *const overhead_metrics[OVERHEAD_CLOCKS];
extern const char *const overhead_curves[OVERHEAD_CLOCKS];
extern const char *const overhead_times[OVERHEAD_CLOCKS];

/* The row of `row`'s plan and setting that has the run whose rest is the baseline, and that rest, in
 * ms; NULL if the workload does not measure it, has no heap limits, or nobody has
 * completed. */
const struct row *overhead_baseline(const struct rows *rows, const struct row *row,
                                    enum overhead_clock clock, double *least_ms);

/* The row's time over the baseline: median and spread; n is 0 if there is none. */
struct summary overhead_of(const struct rows *rows, const struct row *row,
                           enum overhead_clock clock);

/* The row's time, in ms. */
struct summary overhead_time(const struct row *row, enum overhead_clock clock);

/* The row of the same contestant and setting that has that heap factor, or has no limit and
 * therefore stands at every one; NULL if there is none. */
const struct row *overhead_at(const struct rows *rows, const struct row *row, double factor);

/* Is it the first row of its contestant and setting? */
bool overhead_is_first(const struct rows *rows, const struct row *row);

#endif
