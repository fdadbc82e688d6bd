/* bdwgc-cache.c - a cache on bdwgc with a budget, as a program writes one for itself.
 *
 * Nodes in a chained hash table, by the key's address; those that are kept are in a list by last
 * use as well.  When the costs exceed the budget the node at the end of the list is evicted: it
 * stays in the table, and holds its value by a hidden pointer with a disappearing link.  Nodes
 * whose values have died are dropped when the table would grow. */
#include "bench/bdwgc-cache.h"

#include "bench/bdwgc-table.h"

enum { ROOM_MIN = 16 };

struct node {
    struct node *chain;         /* of the same bucket */
    struct node *newer, *older; /* of the list, if kept */
    void *key;
    void *value;              /* NULL: evicted */
    GC_hidden_pointer hidden; /* the value of an evicted node, or 0 if it has died */
    size_t cost;
};

struct bdwgc_cache {
    struct node **buckets;
    size_t room, nodes; /* room is a power of two; nodes <= room */
    struct node *newest, *oldest;
    size_t kept_bytes, budget_bytes;
    size_t (*cost)(void *unused, const void *key, const void *value);
};

static void *allocated(void *block)
{
    if (!block)
        worker_fail("out of memory");
    return block;
}

struct bdwgc_cache *bdwgc_cache_new(size_t budget_bytes,
                                    size_t (*cost)(void *unused, const void *key,
                                                   const void *value))
{
    struct bdwgc_cache *cache = allocated(GC_MALLOC(sizeof *cache));
    cache->room = ROOM_MIN;
    cache->buckets = allocated(GC_MALLOC(ROOM_MIN * sizeof *cache->buckets));
    cache->budget_bytes = budget_bytes;
    cache->cost = cost;
    return cache;
}

/* ---- the list of those that are kept ---- */

static void list_remove(struct bdwgc_cache *cache, struct node *node)
{
    *(node->newer ? &node->newer->older : &cache->newest) = node->older;
    *(node->older ? &node->older->newer : &cache->oldest) = node->newer;
}

static void list_add(struct bdwgc_cache *cache, struct node *node)
{
    node->newer = NULL;
    node->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = node;
    cache->newest = node;
}

static void evict(struct bdwgc_cache *cache, struct node *node)
{
    void *value = node->value;
    list_remove(cache, node);
    cache->kept_bytes -= node->cost;
    node->newer = node->older = NULL;
    node->hidden = GC_HIDE_POINTER(value);
    node->value = NULL;
    if (GC_general_register_disappearing_link((void **)&node->hidden, value) != GC_SUCCESS)
        worker_fail("out of memory");
}

/* Holds the node's value, and evicts others down to the budget. */
static void keep(struct bdwgc_cache *cache, struct node *node, void *value)
{
    node->value = value;
    node->cost = cache->cost(NULL, node->key, value);
    cache->kept_bytes += node->cost;
    list_add(cache, node);
    while (cache->kept_bytes > cache->budget_bytes && cache->oldest)
        evict(cache, cache->oldest);
}

/* ---- the table ---- */

static bool is_gone(const struct node *node)
{
    return !node->value && !node->hidden;
}

/* Drops the nodes whose values have died; makes room if that did not. */
static void make_room(struct bdwgc_cache *cache)
{
    size_t nodes = 0;
    for (size_t i = 0; i < cache->room; i++) {
        for (struct node **at = &cache->buckets[i]; *at;) {
            if (is_gone(*at)) {
                *at = (*at)->chain;
                continue;
            }
            at = &(*at)->chain;
            nodes++;
        }
    }
    cache->nodes = nodes;
    if (nodes <= cache->room / 2)
        return;
    size_t room = 2 * cache->room;
    struct node **buckets = allocated(GC_MALLOC_IGNORE_OFF_PAGE(room * sizeof *buckets));
    for (size_t i = 0; i < cache->room; i++) {
        for (struct node *node = cache->buckets[i], *next; node; node = next) {
            struct node **bucket = &buckets[bdwgc_hash(node->key) & (room - 1)];
            next = node->chain;
            node->chain = *bucket;
            *bucket = node;
        }
    }
    GC_FREE(cache->buckets);
    cache->buckets = buckets;
    cache->room = room;
}

static struct node *find(struct bdwgc_cache *cache, const void *key)
{
    struct node *node = cache->buckets[bdwgc_hash(key) & (cache->room - 1)];
    while (node && node->key != key)
        node = node->chain;
    return node;
}

/* The value of an evicted node, under the collector's lock (see bdwgc-table.c). */
static void *reveal(void *data)
{
    const struct node *node = data;
    return node->hidden ? GC_REVEAL_POINTER(node->hidden) : NULL;
}

void *bdwgc_cache_get(struct bdwgc_cache *cache, const void *key)
{
    struct node *node = find(cache, key);
    if (!node || is_gone(node))
        return NULL;
    if (node->value) {
        if (node != cache->newest) {
            list_remove(cache, node);
            list_add(cache, node);
        }
        return node->value;
    }
    void *value = GC_call_with_alloc_lock(reveal, node);
    if (!value)
        return NULL;
    GC_unregister_disappearing_link((void **)&node->hidden);
    node->hidden = 0;
    keep(cache, node, value);
    return value;
}

static struct node *add(struct bdwgc_cache *cache, void *key)
{
    if (cache->nodes == cache->room)
        make_room(cache);
    struct node *node = allocated(GC_MALLOC(sizeof *node));
    struct node **bucket = &cache->buckets[bdwgc_hash(key) & (cache->room - 1)];
    node->key = key;
    node->chain = *bucket;
    *bucket = node;
    cache->nodes++;
    return node;
}

void bdwgc_cache_put(struct bdwgc_cache *cache, void *key, void *value)
{
    struct node *node = find(cache, key);
    if (!node)
        node = add(cache, key);
    if (node->value) {
        list_remove(cache, node);
        cache->kept_bytes -= node->cost;
    } else if (node->hidden) {
        GC_unregister_disappearing_link((void **)&node->hidden);
        node->hidden = 0;
    }
    keep(cache, node, value);
}
