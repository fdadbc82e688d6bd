/* limited.h - the configuration of workloads that run in a heap of limited size. */
#ifndef BENCH_LIMITED_H
#define BENCH_LIMITED_H

#include "bench/mem.h"
#include "bench/worker.h"

/* With the limit of the parameter heap_bytes, all of which is to be used if there is one, and the mode of
 * `mode`. */
static inline struct mem_config config_limited(const struct params *params,
                                               const struct mem_type *const *types, size_t n_types)
{
    return (struct mem_config){.heap_bytes = params_limit(params, "heap_bytes"),
                               .uses_all = params_limit(params, "heap_bytes") != 0,
                               .mode = params_text(params, "mode", ""),
                               .types = types,
                               .n_types = n_types};
}

#endif
