/* weak-besom.c - weak structures on Besom: its own. */
#include "bench/weak.h"

#include "bench/worker.h"

/* A put is refused without memory; then, as a host does, collect and try again. */
static void must(struct mem m, enum besom_status status, int *tries)
{
    if (status == BESOM_E_MEMORY && ++*tries <= 3)
        besom_collect(m.mutator, BESOM_EMERGENCY);
    else if (status != BESOM_OK)
        worker_fail(besom_status_text(status));
}

static void *there(void *obj)
{
    if (!obj)
        worker_fail("out of memory");
    return obj;
}

/* ---- map ---- */

struct weak_map *weak_map_new(struct mem m)
{
    return there(besom_table_new(m.mutator, BESOM_WEAK_KEYS, NULL, NULL));
}

void weak_map_put(struct mem m, struct weak_map *map, void *key, void *value)
{
    enum besom_status status;
    int tries = 0;
    do {
        status = besom_table_put(m.mutator, (struct besom_table *)map, key, value);
        must(m, status, &tries);
    } while (status != BESOM_OK);
}

void *weak_map_get(struct mem m, struct weak_map *map, const void *key)
{
    return besom_table_get(m.mutator, (struct besom_table *)map, key);
}

size_t weak_map_count(struct mem m, struct weak_map *map)
{
    (void)m;
    return besom_table_count((struct besom_table *)map);
}

/* ---- set ---- */

static uint64_t hash_of(void *host, const void *probe)
{
    (void)host;
    return probe_hash(probe);
}

static bool is_equal(void *host, const void *probe, const void *obj)
{
    (void)host;
    return symbol_is(obj, probe);
}

static void *make(struct besom_mutator *mutator, void *host, const void *probe)
{
    (void)host;
    return symbol_new((struct mem){mutator}, probe);
}

struct weak_set *weak_set_new(struct mem m)
{
    return there(besom_interns_new(m.mutator, hash_of, is_equal));
}

struct symbol *weak_set_intern(struct mem m, struct weak_set *set, const struct probe *probe)
{
    return there(besom_intern(m.mutator, (struct besom_interns *)set, probe, make));
}

/* ---- cache ---- */

struct weak_cache *weak_cache_new(struct mem m, size_t budget_bytes, weak_cost_fn *cost)
{
    return there(besom_cache_new(m.mutator, budget_bytes, cost, NULL, NULL));
}

void *weak_cache_get(struct mem m, struct weak_cache *cache, const void *key)
{
    return besom_cache_get(m.mutator, (struct besom_cache *)cache, key);
}

void weak_cache_put(struct mem m, struct weak_cache *cache, void *key, void *value)
{
    enum besom_status status;
    int tries = 0;
    do {
        status = besom_cache_put(m.mutator, (struct besom_cache *)cache, key, value);
        must(m, status, &tries);
    } while (status != BESOM_OK);
}

/* ---- reference ---- */

struct weak_ref *weak_ref_new(struct mem m, void *obj)
{
    return there(besom_weak_new(m.mutator, BESOM_WEAK_SHORT, obj));
}

void *weak_ref_get(struct mem m, struct weak_ref *ref)
{
    return besom_weak_get(m.mutator, (struct besom_weak *)ref);
}

/* ---- finalizers ---- */

void weak_finalizer_add(struct mem m, void *obj)
{
    enum besom_status status;
    int tries = 0;
    do {
        status = besom_finalizer_add(m.mutator, obj);
        must(m, status, &tries);
    } while (status != BESOM_OK);
}

size_t weak_finalize(struct mem m, void (*fn)(void *obj, void *data), void *data)
{
    size_t n = 0;
    for (void *obj; (obj = besom_finalizer_next(m.mutator)) != NULL; n++)
        fn(obj, data);
    return n;
}
