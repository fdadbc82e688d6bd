/* random.h - seeded random numbers, the same for every contestant (splitmix64). */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state; /* the seed; any value will do */
};

static inline uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Uniform in [0, bound), for bounds below 2^32. */
static inline uint64_t random_below(struct random *r, uint64_t bound)
{
    return (random_next(r) >> 32) * bound >> 32;
}

/* Uniform in [0, 1). */
static inline double random_unit(struct random *r)
{
    return (double)(random_next(r) >> 11) * 0x1p-53;
}

/* A second generator, of 32 bits, for workloads that are written in other languages as well: all of
 * them compute it exactly, and quickly, whatever their integers are (Marsaglia's xorshift32). */
struct random32 {
    uint32_t state; /* the seed; not 0 */
};

static inline uint32_t random32_next(struct random32 *r)
{
    uint32_t x = r->state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return r->state = x;
}

/* Uniform in [0, bound).  For bounds up to 2^21 the product is exact in a double too; beyond that,
 * languages that have no integers of 64 bits multiply the halves. */
static inline uint32_t random32_below(struct random32 *r, uint32_t bound)
{
    return (uint32_t)((uint64_t)random32_next(r) * bound >> 32);
}

#endif
