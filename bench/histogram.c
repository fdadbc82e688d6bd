/* histogram.c - numbers counted log-linearly: what the counts say. */
#include "bench/histogram.h"

/* The greatest number that falls into the bucket. */
static uint64_t bucket_top(unsigned bucket)
{
    unsigned exponent = bucket >> HISTOGRAM_SUB_BITS;
    if (exponent < 2)
        return bucket;
    exponent--;
    uint64_t mantissa = bucket - ((uint64_t)exponent << HISTOGRAM_SUB_BITS);
    return ((mantissa + 1) << exponent) - 1;
}

uint64_t histogram_percentile(const struct histogram *h, double per_mille)
{
    const double rank = (double)h->count * per_mille / 1000;
    uint64_t seen = 0;
    for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen != 0 && (double)seen >= rank)
            return bucket_top(i) < h->max ? bucket_top(i) : h->max;
    }
    return h->max;
}

uint64_t histogram_above(const struct histogram *h, uint64_t value)
{
    uint64_t n = 0;
    for (unsigned i = histogram_bucket(value) + 1; i < HISTOGRAM_BUCKETS; i++)
        n += h->buckets[i];
    return n;
}
