/* workload-weak-table.c - what a large table with weak keys adds to a full collection, and to
 * memory.
 *
 * Keys and values, all of them held by roots; full collections of these alone; then the same
 * objects as entries of a table, and full collections of all of it.  The difference, for each
 * entry, is the figure; so is that of the blocks in use.  Nothing dies. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/item.h"
#include "bench/stats.h"
#include "bench/weak.h"

enum { COLLECTIONS = 5 };

static const struct mem_type *const types[] = {&item_type};

/* Of several collections after one that is not counted. */
static double median_collection_ns(struct mem m)
{
    double ns[COLLECTIONS];
    mem_collect(m);
    for (int i = 0; i < COLLECTIONS; i++) {
        uint64_t began = clock_ns();
        mem_collect(m);
        ns[i] = (double)(clock_ns() - began);
    }
    return stats_summary(ns, COLLECTIONS).median;
}

static void fill(struct mem m, struct weak_map *map, void *const *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mem_poll(m);
        weak_map_put(m, map, items[i], items[n + i]);
    }
}

static uint32_t sum_of(struct mem m, struct weak_map *map, void *const *items, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        const struct item *value = weak_map_get(m, map, items[i]);
        sum = worker_sum(sum, value ? (uint32_t)value->number : 0);
    }
    return sum;
}

void workload_weak_table(const struct params *params)
{
    const size_t n = params_count(params, "entries");
    struct mem_config config = {
        .mode = params_text(params, "mode", ""), .types = types, .n_types = 1};
    struct mem m = mem_open(&config);
    struct mem_roots items = mem_roots_new(m, 2 * n); /* keys, then values */
    for (size_t i = 0; i < items.n; i++) {
        mem_poll(m);
        items.slot[i] = item_new(m, i);
    }
    double without_ns = median_collection_ns(m);
    uint64_t without_bytes = mem_blocks_bytes(m);
    {
        MEM_LOCALS(m, struct weak_map * map;);
        my->map = weak_map_new(m);
        fill(m, my->map, items.slot, n);
        double with_ns = median_collection_ns(m);
        double bytes = (double)mem_blocks_bytes(m) - (double)without_bytes;
        worker_value("ns_per_entry", (with_ns - without_ns) / (double)n);
        worker_value("bytes_per_entry", bytes / (double)n);
        worker_value("graph_ns_per_entry", without_ns / (double)n);
        if (weak_map_count(m, my->map) != n)
            worker_fail("entries are missing");
        worker_check(sum_of(m, my->map, items.slot, n));
    }
    mem_roots_free(m, items);
    mem_close(m);
}
