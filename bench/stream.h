/* stream.h - the random choices of a workload, made before its clock starts.
 *
 * A workload that makes more of them begins again from the start.  The programs in bench/peers make
 * the same choices, by the same arithmetic. */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include "bench/random.h"
#include "bench/worker.h"

#include <stdlib.h>

enum { STREAM_LENGTH = 1 << 18, STREAM_SEED = 12345 };

struct stream {
    uint32_t *choice;
};

static inline struct stream stream_new(void)
{
    struct stream stream = {malloc(STREAM_LENGTH * sizeof(uint32_t))};
    if (!stream.choice)
        worker_fail("out of memory");
    return stream;
}

/* Uniform in [0, bound). */
static inline struct stream stream_uniform(uint32_t bound)
{
    struct stream stream = stream_new();
    struct random32 random = {STREAM_SEED};
    for (size_t i = 0; i < STREAM_LENGTH; i++)
        stream.choice[i] = random32_below(&random, bound);
    return stream;
}

/* In [0, bound), k with a frequency that falls as k to the power of -3/4: much like words of a text
 * or pages of a site.  (Zipf's distribution proper wants a power that libraries round differently;
 * products they do not.) */
static inline struct stream stream_skewed(uint32_t bound)
{
    struct stream stream = stream_new();
    struct random32 random = {STREAM_SEED};
    for (size_t i = 0; i < STREAM_LENGTH; i++) {
        double square = random32_next(&random) * 0x1p-32;
        square *= square;
        stream.choice[i] = (uint32_t)(square * square * bound);
    }
    return stream;
}

static inline uint32_t stream_at(struct stream stream, uint64_t i)
{
    return stream.choice[i % STREAM_LENGTH];
}

static inline void stream_free(struct stream stream)
{
    free(stream.choice);
}

#endif
