/* cache.c - a cache with a budget.
 *
 * A strong map from keys to nodes, objects of their own.  A node holds its value strongly while it
 * is kept, in the list of least recent use, and weakly from when it is evicted until it is kept
 * again or the value dies; then the collector removes the entry.  So evicting needs no memory, and
 * an emergency evicts everything by counting up the cache's generation. */
#include <besom/cache.h>

#include "gc/cycle.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "weak/map.h"
#include "weak/weak.h"

struct node {
    struct besom__own own;
    struct besom_cache *cache;  /* kept alive by the node */
    void *key;                  /* held by the map */
    void *value;                /* markers read it, and what follows `hash`, while mutators write */
    struct node *newer, *older; /* while kept; held by the map */
    size_t cost;
    uint32_t hash;
    uint8_t kept; /* if `generation` is the cache's */
    size_t generation;
};

struct besom_cache {
    struct besom__own own;
    struct besom__map map;
    besom_cost_fn cost;
    struct node *newest, *oldest;
    size_t generation;              /* read by markers */
    size_t trimmed_in;              /* the cycle that has evicted for want of memory; atomic */
    struct besom_cache_stats stats; /* entries: see the map */
};

static bool is_kept(const struct node *node)
{
    return besom__byte_load(&node->kept) &&
           besom__size_load(&node->generation) == besom__size_load(&node->cache->generation);
}

/* ---- the list ---- */

static void unlink_node(struct besom_cache *cache, struct node *node)
{
    if (node->newer)
        node->newer->older = node->older;
    else
        cache->newest = node->older;
    if (node->older)
        node->older->newer = node->newer;
    else
        cache->oldest = node->newer;
    node->newer = node->older = NULL;
}

static void link_newest(struct besom_cache *cache, struct node *node)
{
    node->older = cache->newest;
    node->newer = NULL;
    if (cache->newest)
        cache->newest->newer = node;
    else
        cache->oldest = node;
    cache->newest = node;
}

static void let_go(struct besom_cache *cache, struct node *node)
{
    unlink_node(cache, node);
    besom__byte_store(&node->kept, false);
    cache->stats.kept_bytes -= node->cost;
    cache->stats.kept_entries--;
}

static void evict_oldest(struct besom_cache *cache)
{
    let_go(cache, cache->oldest);
    cache->stats.evictions++;
}

static void evict_to(struct besom_cache *cache, size_t bytes)
{
    while (cache->stats.kept_bytes > bytes)
        evict_oldest(cache);
}

/* In constant time. */
static void evict_all(struct besom_cache *cache)
{
    cache->stats.evictions += cache->stats.kept_entries;
    besom__size_store(&cache->generation, cache->generation + 1);
    cache->newest = cache->oldest = NULL;
    cache->stats.kept_bytes = cache->stats.kept_entries = 0;
}

/* Its value is alive: as the most recently used, unless it costs more than there is. */
static void keep(struct besom_mutator *m, struct besom_cache *cache, struct node *node)
{
    if (is_kept(node))
        let_go(cache, node);
    if (node->cost > cache->stats.budget_bytes)
        return;
    evict_to(cache, cache->stats.budget_bytes - node->cost);
    link_newest(cache, node);
    besom__byte_store(&node->kept, true);
    besom__size_store(&node->generation, cache->generation);
    cache->stats.kept_bytes += node->cost;
    cache->stats.kept_entries++;
    besom_write(m, node);
}

/* ---- in a cycle ---- */

/* Removes the entry of a node whose value is dead.  No function of the host's is called. */
static void clear_node(struct besom_tracer *tracer, void *obj)
{
    struct node *node = obj;
    struct besom__map *map = &node->cache->map;
    if (is_kept(node) || !node->value || !besom__is_dead(tracer->heap, node->value))
        return;
    node->value = NULL;
    besom__map_remove_key(map, node->hash, node->key);
    besom__weak_count_cleared(tracer->heap, 1);
}

static void trace_node(struct besom_tracer *tracer, void *obj)
{
    struct node *node = obj;
    void *value = (void *)besom__word_load(&node->value);
    /* An ambiguous word may be all that refers to the node. */
    besom_visit(tracer, node->cache);
    besom_visit(tracer, node->key);
    if (!value)
        return;
    if (is_kept(node) || (tracer->pass == PASS_VERIFY && besom__is_settled(tracer->heap)))
        besom_visit(tracer, value);
    else if (tracer->pass != PASS_MARK || !besom__is_marked(tracer->heap, value))
        besom__defer(tracer, BESOM_CLEAR_VALUES, clear_node, node);
}

/* Before its nodes are traced, once in a cycle that is there for want of memory. */
static void trim_for_memory(const struct besom_heap *heap, struct besom_cache *cache)
{
    bool emergency = besom__u32_load(&heap->cycle.emergency);
    if (!heap->cycle.stopped)
        return; /* it is the mutators' */
    size_t last = besom__size_load(&cache->trimmed_in);
    if ((!emergency && heap->cycle.reason != BESOM_REASON_LIMIT) || last == heap->cycle.number ||
        !besom__size_cas(&cache->trimmed_in, last, heap->cycle.number))
        return;
    if (emergency)
        evict_all(cache);
    else
        evict_to(cache, cache->stats.kept_bytes / 2);
}

static void trace_cache(struct besom_tracer *tracer, void *obj)
{
    struct besom_cache *cache = obj;
    if (tracer->pass == PASS_MARK)
        trim_for_memory(tracer->heap, cache);
    besom_visit(tracer, (void *)besom__word_load(&cache->map.root));
}

static const struct besom_type node_type = {
    .name = "entry of a cache", .size_bytes = sizeof(struct node), .trace = trace_node};
static const struct besom_type cache_type = {
    .name = "cache", .size_bytes = sizeof(struct besom_cache), .trace = trace_cache};

/* ---- public ---- */

static size_t size_of_value(void *host, const void *key, const void *value)
{
    (void)host;
    (void)key;
    return besom_size(value);
}

struct besom_cache *besom_cache_new(struct besom_mutator *m, size_t budget_bytes,
                                    besom_cost_fn cost, besom_hash_fn hash, besom_equal_fn equal)
{
    if (besom__mutator_check_running(m) != BESOM_OK || !hash != !equal)
        return NULL;
    struct besom_cache *cache = besom__own_new(m, &cache_type, sizeof *cache);
    if (!cache)
        return NULL;
    besom__map_init(&cache->map, besom__mutator_of(m)->heap, cache, MAP_STRONG, hash, equal);
    cache->map.plain_values = true;
    cache->cost = cost ? cost : size_of_value;
    cache->stats.budget_bytes = budget_bytes;
    return cache;
}

static enum besom_status check_cache(struct besom_mutator *m, const struct besom_cache *cache)
{
    enum besom_status status = besom__own_check(m, cache, &cache_type);
    return status == BESOM_OK && cache->map.busy ? BESOM_E_STATE : status;
}

/* The node of a probe, if its value is there. */
static struct node *find_node(struct besom_cache *cache, struct besom__probe probe, bool settling)
{
    struct besom__place place;
    if (!besom__map_find(&cache->map, probe, settling, &place))
        return NULL;
    struct node *node = (struct node *)besom__map_value(place);
    bool is_gone = !node->value ||
                   (settling && !is_kept(node) && besom__is_dead(cache->map.heap, node->value));
    return is_gone ? NULL : node;
}

void *besom_cache_get(struct besom_mutator *m, struct besom_cache *cache, const void *key)
{
    if (check_cache(m, cache) != BESOM_OK || besom__object_check(m, key) != BESOM_OK)
        return NULL;
    struct besom__probe probe = besom__map_probe(&cache->map, key);
    bool settling = besom__settle_enter(cache->map.heap);
    struct node *node = find_node(cache, probe, settling);
    void *value = node ? node->value : NULL;
    if (!node)
        cache->stats.misses++;
    else if (is_kept(node))
        cache->stats.hits++;
    else
        cache->stats.weak_hits++;
    if (node)
        keep(m, cache, node);
    besom__settle_leave(cache->map.heap, settling);
    return value;
}

/* Sets a node's value, and keeps it. */
static void set_value(struct besom_mutator *m, struct besom_cache *cache, struct node *node,
                      void *value, size_t cost)
{
    if (is_kept(node))
        let_go(cache, node);
    besom__word_store(&node->value, (uintptr_t)value);
    node->cost = cost;
    besom_write(m, node);
    keep(m, cache, node);
}

/* Replaces the value of a key that is there; false: it is not. */
static bool replace(struct besom_mutator *m, struct besom_cache *cache, struct besom__probe probe,
                    void *value, size_t cost)
{
    struct besom__place place;
    bool settling = besom__settle_enter(cache->map.heap);
    bool found = besom__map_find(&cache->map, probe, settling, &place);
    if (found)
        set_value(m, cache, (struct node *)besom__map_value(place), value, cost);
    besom__settle_leave(cache->map.heap, settling);
    return found;
}

static struct node *node_new(struct besom_mutator *m, struct besom_cache *cache, void *key,
                             uint32_t hash)
{
    struct node *node = besom__own_new(m, &node_type, sizeof *node);
    if (node) {
        node->cache = cache;
        node->key = key;
        node->hash = hash;
    }
    return node;
}

enum besom_status besom_cache_put(struct besom_mutator *m, struct besom_cache *cache, void *key,
                                  void *value)
{
    enum besom_status status = check_cache(m, cache);
    if (status == BESOM_OK)
        status = besom__object_check(m, key);
    if (status == BESOM_OK)
        status = besom__object_check(m, value);
    if (status != BESOM_OK)
        return status;
    struct besom_heap *heap = cache->map.heap;
    cache->map.busy = true;
    size_t cost = cache->cost(heap->config.host, key, value);
    cache->map.busy = false;
    struct besom__probe probe = besom__map_probe(&cache->map, key);
    if (replace(m, cache, probe, value, cost))
        return BESOM_OK;
    uint64_t absent_at = cache->map.version;
    void *there;
    bool is_new;
    BESOM_LOCALS(m, struct besom_cache * cache; void *key; void *value; struct node * node;);
    my->cache = cache;
    my->key = key;
    my->value = value;
    my->node = node_new(m, cache, key, probe.hash);
    if (!my->node)
        return BESOM_E_MEMORY;
    status = besom__map_add(m, &cache->map, probe, absent_at, key, (uintptr_t)my->node, my->node,
                            &there, &is_new);
    if (status == BESOM_OK && !is_new)
        replace(m, cache, probe, value, cost); /* one was put while memory was found */
    if (status != BESOM_OK || !is_new)
        return status;
    bool settling = besom__settle_enter(heap);
    set_value(m, cache, my->node, value, cost);
    besom__settle_leave(heap, settling);
    return BESOM_OK;
}

enum besom_status besom_cache_remove(struct besom_mutator *m, struct besom_cache *cache,
                                     const void *key)
{
    enum besom_status status = check_cache(m, cache);
    if (status == BESOM_OK)
        status = besom__object_check(m, key);
    if (status != BESOM_OK)
        return status;
    struct besom__place place;
    struct besom__probe probe = besom__map_probe(&cache->map, key);
    bool settling = besom__settle_enter(cache->map.heap);
    struct node *node = find_node(cache, probe, settling);
    if (node) {
        if (is_kept(node))
            let_go(cache, node);
        besom__word_store(&node->value, 0);
        if (besom__map_find(&cache->map, probe, settling, &place))
            besom__map_remove(m, &cache->map, place);
    }
    besom__settle_leave(cache->map.heap, settling);
    return node ? BESOM_OK : BESOM_E_ABSENT;
}

enum besom_status besom_cache_trim(struct besom_mutator *m, struct besom_cache *cache, size_t bytes)
{
    enum besom_status status = check_cache(m, cache);
    if (status != BESOM_OK)
        return status;
    bool settling = besom__settle_enter(cache->map.heap);
    if (bytes == 0)
        evict_all(cache); /* what costs nothing too */
    else
        evict_to(cache, bytes);
    besom__settle_leave(cache->map.heap, settling);
    return BESOM_OK;
}

enum besom_status besom_cache_set_budget(struct besom_mutator *m, struct besom_cache *cache,
                                         size_t budget_bytes)
{
    enum besom_status status = check_cache(m, cache);
    if (status != BESOM_OK)
        return status;
    bool settling = besom__settle_enter(cache->map.heap);
    cache->stats.budget_bytes = budget_bytes;
    evict_to(cache, budget_bytes);
    besom__settle_leave(cache->map.heap, settling);
    return BESOM_OK;
}

enum besom_status besom_cache_get_stats(const struct besom_cache *cache,
                                        struct besom_cache_stats *out)
{
    if (!cache || !out)
        return BESOM_E_ARGUMENT;
    *out = cache->stats;
    out->entries = besom__size_load(&cache->map.n_entries);
    return BESOM_OK;
}
