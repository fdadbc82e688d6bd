/* histogram.h - durations, log-linear: 1024 buckets to a doubling, so 3 significant digits. */
#ifndef GC_HISTOGRAM_H
#define GC_HISTOGRAM_H

#include <besom/look.h>

enum {
    HISTOGRAM_SUB_BITS = 10,
    HISTOGRAM_MAX_BITS = 41, /* durations from 2^41 ns (36 minutes) share the last bucket */
    HISTOGRAM_BUCKETS = (HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS
};

/* Buckets are mapped memory: those never used cost no pages. */
struct besom_histogram {
    uint64_t count, sum_ns, max_ns;
    uint32_t buckets[HISTOGRAM_BUCKETS];
};

void besom__histogram_add(struct besom_histogram *h, uint64_t ns);

#endif
