/* workload-ephemeron.c - how long a full collection takes over a chain of ephemerons.
 *
 * One table with weak keys.  The value of each entry is the key of the next, and only the first key
 * is held otherwise: an entry's value is alive because of the entry before it, and so on, one step
 * at a time.  Keys are put in shuffled order, so that whoever goes through the table again and
 * again until nothing changes does that in proportion to its length.  All stays alive.  The clock
 * runs for whole collections: the median of those after the first is the figure, the first a second
 * one, since a collector may leave entries in an order that makes the next collection easier. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/item.h"
#include "bench/random.h"
#include "bench/stats.h"
#include "bench/stream.h"
#include "bench/weak.h"

enum { COLLECTIONS_MAX = 99 };

static const struct mem_type *const types[] = {&item_type};

/* 0 .. n - 1 in random order. */
static uint32_t *shuffled(uint32_t n)
{
    uint32_t *order = malloc(n * sizeof *order);
    if (!order)
        worker_fail("out of memory");
    struct random32 random = {STREAM_SEED};
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n - 1; i > 0; i--) {
        uint32_t j = random32_below(&random, i + 1);
        uint32_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
    return order;
}

/* A chain of n entries in map; its first key. */
static struct item *chain_new(struct mem m, struct weak_map *map, uint32_t n)
{
    struct mem_roots keys = mem_roots_new(m, n + 1);
    for (uint32_t i = 0; i <= n; i++) {
        mem_poll(m);
        keys.slot[i] = item_new(m, i);
    }
    uint32_t *order = shuffled(n);
    for (uint32_t i = 0; i < n; i++) {
        mem_poll(m);
        weak_map_put(m, map, keys.slot[order[i]], keys.slot[order[i] + 1]);
    }
    free(order);
    struct item *first = keys.slot[0];
    mem_roots_free(m, keys);
    return first;
}

/* Over the numbers along the chain. */
static uint32_t sum_of(struct mem m, struct weak_map *map, const struct item *item)
{
    uint32_t sum = 0;
    for (; item; item = weak_map_get(m, map, item))
        sum = worker_sum(sum, (uint32_t)item->number);
    return sum;
}

static double collection_ns(struct mem m)
{
    uint64_t began = clock_ns();
    mem_collect(m);
    return (double)(clock_ns() - began);
}

void workload_ephemeron(const struct params *params)
{
    const uint32_t n = (uint32_t)params_count(params, "entries");
    const size_t collections = params_count(params, "collections");
    if (n == 0 || collections == 0 || collections > COLLECTIONS_MAX)
        worker_fail("no entries, or no collections, or too many");
    struct mem_config config = {.mark_threads = params_limit(params, "mark_threads"),
                                .mode = params_text(params, "mode", ""),
                                .types = types,
                                .n_types = 1};
    struct mem m = mem_open(&config);
    {
        MEM_LOCALS(m, struct weak_map * map; struct item * first;);
        my->map = weak_map_new(m);
        my->first = chain_new(m, my->map, n);
        double first_ns = collection_ns(m), ns[COLLECTIONS_MAX];
        for (size_t i = 0; i < collections; i++)
            ns[i] = collection_ns(m);
        worker_value("ns_per_entry", stats_summary(ns, collections).median / n);
        worker_value("first_ns_per_entry", first_ns / n);
        worker_check(sum_of(m, my->map, my->first));
    }
    mem_close(m);
}
