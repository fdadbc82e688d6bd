/* histogram.h - numbers counted log-linearly: 1024 buckets to a doubling, so 3 significant digits.
 *
 * Below 2048 a bucket is one number.  After G. Tene's HdrHistogram; the library has one of its own,
 * which hosts can read but not fill. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 10,
    HISTOGRAM_MAX_BITS = 41, /* numbers from 2^41 (of ns: 36 minutes) share the last bucket */
    HISTOGRAM_BUCKETS = (HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS
};

/* Empty: all zero.  A quarter of a MiB, of which only what is used becomes resident. */
struct histogram {
    uint64_t count; /* the sum of buckets */
    uint64_t max;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* The exponent and the 10 bits after the leading one name the bucket. */
static inline unsigned histogram_bucket(uint64_t value)
{
    if (value >> HISTOGRAM_MAX_BITS)
        return HISTOGRAM_BUCKETS - 1;
    if (value >> HISTOGRAM_SUB_BITS == 0)
        return (unsigned)value;
    unsigned exponent = 63 - (unsigned)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
    return (exponent << HISTOGRAM_SUB_BITS) + (unsigned)(value >> exponent);
}

static inline void histogram_add(struct histogram *h, uint64_t value)
{
    h->count++;
    h->max = value > h->max ? value : h->max;
    h->buckets[histogram_bucket(value)]++;
}

/* The nearest rank, as of stats_percentile: the top of the bucket that has it, and never more than
 * the greatest number; 0 without numbers.  0 <= per_mille <= 1000. */
uint64_t histogram_percentile(const struct histogram *h, double per_mille);

/* How many numbers lie in buckets above that of `value`: those greater, to 3 digits. */
uint64_t histogram_above(const struct histogram *h, uint64_t value);

#endif
