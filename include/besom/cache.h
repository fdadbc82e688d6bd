/* cache.h - a cache with a budget.
 *
 * A cache maps keys to values, as a table does, and keeps the values that were used last alive, as
 * far as their costs add up to no more than the budget.  The least recently used are evicted first:
 * from then on they are held weakly, so whoever still uses one finds it in the cache, and nobody's
 * memory is kept for it.  Keys are kept as long as their values are there.
 *
 * A cache is an object of the heap, to be rooted like any other; threads that share it must exclude
 * each other.  When an allocation has failed (BESOM_REASON_LIMIT) a cycle evicts until half of what
 * was there is left; an emergency collection evicts everything. */
#ifndef BESOM_CACHE_H
#define BESOM_CACHE_H

#include <besom/base.h>
#include <besom/table.h>

#ifdef __cplusplus
extern "C" {
#endif

struct besom_cache;

/* What keeping the value costs, in bytes (or any unit, as the budget).  Only computes. */
typedef size_t (*besom_cost_fn)(void *host, const void *key, const void *value);

/* An empty cache.  cost NULL: besom_size of the value.  hash and equal as for tables.  NULL: no
 * memory, or hash without equal or the reverse. */
BESOM_API struct besom_cache *besom_cache_new(struct besom_mutator *m, size_t budget_bytes,
                                              besom_cost_fn cost, besom_hash_fn hash,
                                              besom_equal_fn equal);

/* The value of key, which is the most recently used from here on (an evicted one that is still
 * there is kept again, and others may be evicted); NULL if there is none, or an argument is bad. */
BESOM_API void *besom_cache_get(struct besom_mutator *m, struct besom_cache *cache,
                                const void *key);

/* Adds or replaces; value is an object.  One that costs more than the whole budget is held weakly
 * at once, and evicts nothing.  Errors as besom_table_put. */
BESOM_API enum besom_status besom_cache_put(struct besom_mutator *m, struct besom_cache *cache,
                                            void *key, void *value);

/* Forgets key and value, also weakly.  BESOM_E_ABSENT: not there. */
BESOM_API enum besom_status besom_cache_remove(struct besom_mutator *m, struct besom_cache *cache,
                                               const void *key);

/* Evicts until what is kept costs at most `bytes`: 0 evicts everything. */
BESOM_API enum besom_status besom_cache_trim(struct besom_mutator *m, struct besom_cache *cache,
                                             size_t bytes);

/* Sets the budget, and evicts down to it. */
BESOM_API enum besom_status besom_cache_set_budget(struct besom_mutator *m,
                                                   struct besom_cache *cache, size_t budget_bytes);

struct besom_cache_stats {
    size_t budget_bytes;
    size_t kept_bytes;   /* costs of what is kept alive */
    size_t kept_entries;
    size_t entries;      /* those and the evicted ones that are still there; as besom_table_count */
    uint64_t hits;       /* found, kept */
    uint64_t weak_hits;  /* found after it had been evicted */
    uint64_t misses;
    uint64_t evictions;
};
BESOM_API enum besom_status besom_cache_get_stats(const struct besom_cache *cache,
                                                  struct besom_cache_stats *out);

#ifdef __cplusplus
}
#endif
#endif
