/* mem.h - what workloads tell adapters: types, limits, roots.
 *
 * Types are described once, in Besom's terms, for all contestants; `static const`, so that a
 * compiler knows their sizes and flags where they are used. */
#ifndef BENCH_MEM_H
#define BENCH_MEM_H

#include "bench/held.h"
#include "bench/record.h"

#include <besom/type.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mem_type {
    struct besom_type layout;
    unsigned index; /* in mem_config.types */
};

enum { MEM_TYPES = 8 }; /* the most that a workload has */

struct mem_config {
    uint64_t heap_bytes;   /* the limit of a contestant that collects; 0: none */
    bool uses_all;         /* that much memory is there to be used: collect only when it is */
    uint64_t mark_threads; /* 0: as many as the contestant likes */
    const char *mode;      /* which variant of the contestant; "": it has one */
    const char *options;   /* of Besom's, beyond the mode's; NULL: none */
    struct record *record; /* every stop goes there; NULL: nobody asks */
    size_t pauses;         /* how many mem_held is to have at most; 0: it is not asked */
    const struct mem_type *const *types;
    size_t n_types;
    bool tells_cycles; /* mem_cycle_ended will be asked */
};

struct mem_cycle {
    uint64_t began_ns; /* no later than its marking */
    bool is_full;      /* it judged every object that was there when it began */
};

struct mem_roots {
    void **slot;
    size_t n;
    void *registered; /* the adapter's own */
};

#endif
