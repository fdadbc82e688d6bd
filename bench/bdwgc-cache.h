/* bdwgc-cache.h - a cache on bdwgc with a budget, as a program writes one for itself. */
#ifndef BENCH_BDWGC_CACHE_H
#define BENCH_BDWGC_CACHE_H

#include <stddef.h>

struct bdwgc_cache;

struct bdwgc_cache *bdwgc_cache_new(size_t budget_bytes,
                                    size_t (*cost)(void *unused, const void *key,
                                                   const void *value));
void *bdwgc_cache_get(struct bdwgc_cache *cache, const void *key);
void bdwgc_cache_put(struct bdwgc_cache *cache, void *key, void *value);

#endif
