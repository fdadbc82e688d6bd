/* stats.c - what a handful of repeated measurements says. */
#include "bench/stats.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

struct summary stats_summary(double *samples, size_t n)
{
    if (n == 0)
        return (struct summary){0};
    qsort(samples, n, sizeof *samples, compare);
    double median = (samples[(n - 1) / 2] + samples[n / 2]) / 2;
    return (struct summary){median, samples[0], samples[n - 1], n};
}

double stats_percentile(double *samples, size_t n, double per_mille)
{
    if (n == 0)
        return 0;
    qsort(samples, n, sizeof *samples, compare);
    double rank = per_mille * (double)n / 1000;
    size_t below = (size_t)rank;
    if ((double)below < rank)
        below++; /* rounded up: the rank, counted from 1 */
    return samples[below == 0 ? 0 : below > n ? n - 1 : below - 1];
}

bool stats_tells(uint64_t n, double per_mille)
{
    return n >= (per_mille > 990 ? 10000 : per_mille > 500 ? 100 : 1);
}

bool stats_is_tie(const struct summary *a, const struct summary *b)
{
    return a->min <= b->max && b->min <= a->max;
}

double stats_ratio(const struct summary *a, const struct summary *b)
{
    return b->median == 0 ? 0 : a->median / b->median;
}
