/* workload-weak-churn.c - properties of objects that come and go.
 *
 * A table with weak keys, and a window of keys that live.  An operation makes a key and a value,
 * puts them into the table, drops the oldest key of the window, and looks up the value of a key of
 * the window, chosen at random.  Whenever the window has been replaced there is a full collection,
 * at which half of the entries are dead. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/item.h"
#include "bench/limited.h"
#include "bench/stream.h"
#include "bench/weak.h"

static const struct mem_type *const types[] = {&item_type};

/* Puts a new key into the table and the window, with a number that its value has too. */
static void enter(struct mem m, struct weak_map *map, void **slot, uint64_t number)
{
    MEM_LOCALS(m, struct item * key; struct item * value;);
    mem_poll(m);
    my->key = item_new(m, number);
    my->value = item_new(m, number);
    weak_map_put(m, map, my->key, my->value);
    *slot = my->key;
}

static uint32_t churn(struct mem m, struct weak_map *map, struct mem_roots window,
                      struct stream choices, uint64_t operations)
{
    uint32_t sum = 0;
    size_t oldest = 0;
    for (uint64_t i = 0; i < operations; i++) {
        enter(m, map, &window.slot[oldest], window.n + i);
        const struct item *value = weak_map_get(m, map, window.slot[stream_at(choices, i)]);
        if (!value)
            worker_fail("an entry is missing");
        sum = worker_sum(sum, (uint32_t)value->number);
        if (++oldest == window.n) {
            oldest = 0;
            mem_collect(m);
        }
    }
    return sum;
}

void workload_weak_churn(const struct params *params)
{
    const size_t n = params_count(params, "entries");
    const uint64_t operations = params_count(params, "operations");
    struct mem_config config = config_limited(params, types, 1);
    struct stream choices = stream_uniform((uint32_t)n);
    struct mem m = mem_open(&config);
    struct mem_roots window = mem_roots_new(m, n);
    {
        MEM_LOCALS(m, struct weak_map * map;);
        my->map = weak_map_new(m);
        for (size_t i = 0; i < n; i++)
            enter(m, my->map, &window.slot[i], i);
        mem_collect(m);

        uint64_t began = clock_ns();
        uint32_t sum = churn(m, my->map, window, choices, operations);
        uint64_t took = clock_ns() - began;
        worker_value("ns_per_op", (double)took / (double)operations);
        worker_value("stop_ms_max", (double)mem_stop_max_ns(m) / 1e6);
        worker_value("collections", (double)mem_collections(m));
        worker_check(sum);
        mem_collect(m);
        if (weak_map_count(m, my->map) != n)
            worker_fail("entries of dead keys are left, or others are not");
    }
    mem_roots_free(m, window);
    mem_close(m);
    stream_free(choices);
}
