/* stats.h - what a handful of repeated measurements says. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* n samples: min <= median <= max.  All 0 when n is 0. */
struct summary {
    double median, min, max;
    size_t n;
};

/* Sorts the samples in place.  The median of an even number is the mean of the middle two. */
struct summary stats_summary(double *samples, size_t n);

/* The smallest sample that at least `per_mille` thousandths of all do not exceed (nearest rank);
 * 0 without samples.  Sorts in place.  0 <= per_mille <= 1000. */
double stats_percentile(double *samples, size_t n, double per_mille);

/* Are n events enough to name that percentile?  Beyond p99 it takes 10,000, beyond the median 100,
 * and for the median one. */
bool stats_tells(uint64_t n, double per_mille);

/* Do the spreads overlap, so that the runs do not tell which is better?  Two single samples tie
 * only if they are equal. */
bool stats_is_tie(const struct summary *a, const struct summary *b);

/* a's median over b's; 0 if b's is 0. */
double stats_ratio(const struct summary *a, const struct summary *b);

#endif
