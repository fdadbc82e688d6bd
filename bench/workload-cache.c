/* workload-cache.c - a cache with a budget, under keys of which some are asked for often.
 *
 * An operation asks for the value of a key; if it is not there it makes the value, of 2 to 16
 * words, and puts it in.  One in 64 values is held by somebody for a quarter of a million
 * operations, so that it can be found after it has been evicted.  After every `entries` operations,
 * `entries` being the number of keys, there is a full collection. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/item.h"
#include "bench/limited.h"
#include "bench/stream.h"
#include "bench/weak.h"

enum { HELD = 4096, HOLD_EVERY = 64 };

struct value {
    const void *type;
    uint64_t n;
    uint64_t words[];
};

static const struct mem_type value_type = {
    .layout = {.name = "value", .size_bytes = sizeof(struct value), .flags = BESOM_LEAF},
    .index = 1,
};
static const struct mem_type *const types[] = {&item_type, &value_type};

static size_t cost_of(void *unused, const void *key, const void *obj)
{
    (void)unused;
    (void)key;
    const struct value *value = obj;
    return sizeof *value + value->n * sizeof value->words[0];
}

static struct value *value_new(struct mem m, uint64_t number)
{
    uint64_t n = 2 + number * 7 % 15;
    struct value *value = mem_new_sized(m, &value_type, sizeof *value + n * sizeof value->words[0]);
    value->n = n;
    for (uint64_t i = 0; i < n; i++)
        value->words[i] = number + i;
    return value;
}

struct run {
    struct mem_roots keys, held;
    struct stream choices;
    uint64_t misses;
    uint32_t sum;
};

static void ask(struct mem m, struct weak_cache *cache, struct run *run, uint64_t i)
{
    MEM_LOCALS(m, struct value * value;);
    mem_poll(m);
    struct item *key = run->keys.slot[stream_at(run->choices, i)];
    my->value = weak_cache_get(m, cache, key);
    if (!my->value) {
        run->misses++;
        my->value = value_new(m, key->number);
        weak_cache_put(m, cache, key, my->value);
    }
    if (i % HOLD_EVERY == 0)
        run->held.slot[i / HOLD_EVERY % HELD] = my->value;
    run->sum = worker_sum(run->sum, (uint32_t)my->value->words[1]);
}

static struct run run_new(struct mem m, size_t n)
{
    struct run run = {.keys = mem_roots_new(m, n),
                      .held = mem_roots_new(m, HELD),
                      .choices = stream_skewed((uint32_t)n)};
    for (size_t i = 0; i < n; i++) {
        mem_poll(m);
        run.keys.slot[i] = item_new(m, i);
    }
    return run;
}

static void run_free(struct mem m, struct run *run)
{
    mem_roots_free(m, run->keys);
    mem_roots_free(m, run->held);
    stream_free(run->choices);
}

void workload_cache(const struct params *params)
{
    const size_t n = params_count(params, "entries");
    const uint64_t operations = params_count(params, "operations");
    struct mem_config config = config_limited(params, types, sizeof types / sizeof types[0]);
    struct mem m = mem_open(&config);
    struct run run = run_new(m, n);
    {
        MEM_LOCALS(m, struct weak_cache * cache;);
        my->cache = weak_cache_new(m, params_count(params, "budget_bytes"), cost_of);
        uint64_t began = clock_ns();
        for (uint64_t i = 0; i < operations; i++) {
            ask(m, my->cache, &run, i);
            if ((i + 1) % n == 0)
                mem_collect(m);
        }
        uint64_t took = clock_ns() - began;
        worker_value("ns_per_op", (double)took / (double)operations);
        worker_value("stop_ms_max", (double)mem_stop_max_ns(m) / 1e6);
        worker_value("collections", (double)mem_collections(m));
        worker_value("miss_fraction", (double)run.misses / (double)operations);
        worker_check(run.sum);
    }
    run_free(m, &run);
    mem_close(m);
}
