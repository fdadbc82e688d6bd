/* weak-bdwgc.c - weak structures on bdwgc: disappearing links and finalizers, as its users write
 * them.  A value of the map is held as long as its key lives, and not as an ephemeron would: one
 * that reaches its key keeps it.  The workloads that bdwgc runs have no such values. */
#include "bench/weak.h"

#include "bench/bdwgc-cache.h"
#include "bench/bdwgc-table.h"

/* ---- map ---- */

struct weak_map *weak_map_new(struct mem m)
{
    (void)m;
    return (struct weak_map *)bdwgc_table_new(true);
}

void weak_map_put(struct mem m, struct weak_map *map, void *key, void *value)
{
    (void)m;
    struct bdwgc_table *table = (struct bdwgc_table *)map;
    struct bdwgc_slot *slot = bdwgc_table_find(table, key);
    if (slot)
        slot->value = value;
    else
        bdwgc_table_add(table, bdwgc_hash(key), key, value);
}

void *weak_map_get(struct mem m, struct weak_map *map, const void *key)
{
    (void)m;
    struct bdwgc_slot *slot = bdwgc_table_find((struct bdwgc_table *)map, key);
    return slot ? slot->value : NULL;
}

size_t weak_map_count(struct mem m, struct weak_map *map)
{
    (void)m;
    return bdwgc_table_count((struct bdwgc_table *)map);
}

/* ---- set ---- */

static bool is_symbol_of(const void *key, const void *sought)
{
    return symbol_is(key, sought);
}

struct weak_set *weak_set_new(struct mem m)
{
    (void)m;
    return (struct weak_set *)bdwgc_table_new(false);
}

struct symbol *weak_set_intern(struct mem m, struct weak_set *set, const struct probe *probe)
{
    struct bdwgc_table *table = (struct bdwgc_table *)set;
    uint32_t hash = probe_hash(probe);
    hash += hash == 0;
    struct symbol *symbol = bdwgc_table_find_equal(table, hash, is_symbol_of, probe);
    if (symbol)
        return symbol;
    symbol = symbol_new(m, probe);
    bdwgc_table_add(table, hash, symbol, NULL);
    return symbol;
}

/* ---- cache ---- */

struct weak_cache *weak_cache_new(struct mem m, size_t budget_bytes, weak_cost_fn *cost)
{
    (void)m;
    return (struct weak_cache *)bdwgc_cache_new(budget_bytes, cost);
}

void *weak_cache_get(struct mem m, struct weak_cache *cache, const void *key)
{
    (void)m;
    return bdwgc_cache_get((struct bdwgc_cache *)cache, key);
}

void weak_cache_put(struct mem m, struct weak_cache *cache, void *key, void *value)
{
    (void)m;
    bdwgc_cache_put((struct bdwgc_cache *)cache, key, value);
}

/* ---- reference: a hidden pointer with a disappearing link ---- */

struct weak_ref {
    GC_hidden_pointer hidden; /* 0: the object is gone */
};

struct weak_ref *weak_ref_new(struct mem m, void *obj)
{
    (void)m;
    struct weak_ref *ref = GC_MALLOC_ATOMIC(sizeof *ref);
    if (!ref)
        worker_fail("out of memory");
    ref->hidden = GC_HIDE_POINTER(obj);
    if (GC_general_register_disappearing_link((void **)&ref->hidden, obj) != GC_SUCCESS)
        worker_fail("out of memory");
    return ref;
}

static void *reveal(void *data)
{
    const struct weak_ref *ref = data;
    return ref->hidden ? GC_REVEAL_POINTER(ref->hidden) : NULL;
}

void *weak_ref_get(struct mem m, struct weak_ref *ref)
{
    (void)m;
    return GC_call_with_alloc_lock(reveal, ref);
}

/* ---- finalizers: unordered, as its manual advises where no order is needed, and on demand ---- */

static struct {
    void (*fn)(void *obj, void *data);
    void *data;
} hearer; /* while weak_finalize runs */

static void finalized(void *obj, void *unused)
{
    (void)unused;
    hearer.fn(obj, hearer.data);
}

void weak_finalizer_add(struct mem m, void *obj)
{
    (void)m;
    GC_REGISTER_FINALIZER_NO_ORDER(obj, finalized, NULL, NULL, NULL);
}

size_t weak_finalize(struct mem m, void (*fn)(void *obj, void *data), void *data)
{
    (void)m;
    hearer.fn = fn;
    hearer.data = data;
    return (size_t)GC_invoke_finalizers();
}
