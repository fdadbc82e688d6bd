/* weak.h - what the weak workloads ask of a contestant that has weak structures.
 *
 * A map, a set, a cache and a reference are objects of the contestant's: the workload roots them, as it roots
 * the objects that it hands in.  Whatever allocates may collect.  Out of memory ends the worker.
 * Implemented by weak-besom.c, by the calls that a host would make, and by weak-bdwgc.c with
 * bdwgc-table.c and bdwgc-cache.c, by what a program on bdwgc writes for itself. */
#ifndef BENCH_WEAK_H
#define BENCH_WEAK_H

#include "bench/adapter.h"
#include "bench/symbol.h"

#include <stddef.h>
#include <stdint.h>

/* ---- a map from objects to objects, by address, whose entries go with their keys ---- */

struct weak_map;

struct weak_map *weak_map_new(struct mem m);
void weak_map_put(struct mem m, struct weak_map *map, void *key, void *value);
void *weak_map_get(struct mem m, struct weak_map *map, const void *key); /* NULL: not there */

/* The entries whose keys are alive; exact after a collection. */
size_t weak_map_count(struct mem m, struct weak_map *map);

/* ---- a set with one symbol for each text, until nobody else holds it ---- */

struct weak_set;

struct weak_set *weak_set_new(struct mem m);
struct symbol *weak_set_intern(struct mem m, struct weak_set *set, const struct probe *probe);

/* ---- a cache that keeps what was used last, and finds what others still hold ---- */

struct weak_cache;

/* What keeping a value costs. */
typedef size_t weak_cost_fn(void *unused, const void *key, const void *value);

/* Keys are told apart by address. */
struct weak_cache *weak_cache_new(struct mem m, size_t budget_bytes, weak_cost_fn *cost);
void *weak_cache_get(struct mem m, struct weak_cache *cache, const void *key);
void weak_cache_put(struct mem m, struct weak_cache *cache, void *key, void *value);

/* ---- a reference that does not keep its object ---- */

struct weak_ref;

struct weak_ref *weak_ref_new(struct mem m, void *obj);
void *weak_ref_get(struct mem m, struct weak_ref *ref); /* NULL: it is gone */

/* ---- finalizers ---- */

void weak_finalizer_add(struct mem m, void *obj);

/* Hands every object whose turn has come to fn, and returns their number. */
size_t weak_finalize(struct mem m, void (*fn)(void *obj, void *data), void *data);

#endif
