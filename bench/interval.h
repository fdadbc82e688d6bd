/* interval.h - a stretch of the monotonic clock. */
#ifndef BENCH_INTERVAL_H
#define BENCH_INTERVAL_H

#include <stdint.h>

struct interval {
    uint64_t begin_ns, end_ns; /* begin_ns <= end_ns */
};

#endif
