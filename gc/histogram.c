/* histogram.c - durations, log-linear.
 *
 * Below 2^10 ns a bucket is a nanosecond.  Above, each doubling is divided into 1024 buckets: the
 * exponent and the 10 bits after the leading one name the bucket.  After G. Tene's HdrHistogram. */
#include "gc/histogram.h"

static unsigned bucket_of(uint64_t ns)
{
    if (ns >> HISTOGRAM_MAX_BITS)
        return HISTOGRAM_BUCKETS - 1;
    if (ns >> HISTOGRAM_SUB_BITS == 0)
        return (unsigned)ns;
    unsigned exponent = 63 - (unsigned)__builtin_clzll(ns) - HISTOGRAM_SUB_BITS;
    return (exponent << HISTOGRAM_SUB_BITS) + (unsigned)(ns >> exponent);
}

/* The largest duration that falls into the bucket. */
static uint64_t bucket_top_ns(unsigned bucket)
{
    unsigned exponent = bucket >> HISTOGRAM_SUB_BITS;
    if (exponent < 2)
        return bucket;
    exponent--;
    uint64_t mantissa = bucket - ((uint64_t)exponent << HISTOGRAM_SUB_BITS);
    return ((mantissa + 1) << exponent) - 1;
}

void besom__histogram_add(struct besom_histogram *h, uint64_t ns)
{
    h->count++;
    h->sum_ns += ns;
    if (ns > h->max_ns)
        h->max_ns = ns;
    h->buckets[bucket_of(ns)]++;
}

uint64_t besom_histogram_count(const struct besom_histogram *h)
{
    return h ? h->count : 0;
}

uint64_t besom_histogram_max_ns(const struct besom_histogram *h)
{
    return h ? h->max_ns : 0;
}

uint64_t besom_histogram_sum_ns(const struct besom_histogram *h)
{
    return h ? h->sum_ns : 0;
}

uint64_t besom_histogram_quantile_ns(const struct besom_histogram *h, double per_mille)
{
    if (!h || h->count == 0 || !(per_mille >= 0))
        return 0;
    double want = per_mille >= 1000 ? (double)h->count : (double)h->count * per_mille / 1000;
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen && (double)seen >= want) {
            uint64_t top = bucket_top_ns(i);
            return top < h->max_ns && i + 1 < HISTOGRAM_BUCKETS ? top : h->max_ns;
        }
    }
    return h->max_ns;
}
