/* workload-finalize-stop.c - does the stop grow with the dead objects that have finalizers?
 *
 * Beside objects that live, a number of others (`entries`) die at once, of which some or all
 * (`finalizable`) are registered.  The clock runs for the collection that finds them dead: its
 * stop, and the whole of it.  Three times: the longest and the median stop, and the median of
 * whole collections. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/item.h"
#include "bench/stats.h"
#include "bench/weak.h"

enum { ROUNDS = 3 };

static const struct mem_type *const types[] = {&item_type};

static void items_new(struct mem m, struct mem_roots items)
{
    for (size_t i = 0; i < items.n; i++) {
        mem_poll(m);
        items.slot[i] = item_new(m, i);
    }
}

/* Objects that nothing holds any more, every n / finalizable-th of them registered. */
static void make_dead(struct mem m, size_t n, size_t finalizable)
{
    struct mem_roots items = mem_roots_new(m, n);
    items_new(m, items);
    for (size_t i = 0; i < finalizable; i++)
        weak_finalizer_add(m, items.slot[i * (n / finalizable)]);
    mem_roots_free(m, items);
}

static void hear(void *obj, void *data)
{
    uint64_t *sum = data;
    *sum += ((struct item *)obj)->number + 1;
}

void workload_finalize_stop(const struct params *params)
{
    const size_t n = params_count(params, "entries");
    const size_t finalizable = params_count(params, "finalizable");
    if (finalizable == 0 || finalizable > n)
        worker_fail("finalizable must be 1 .. entries");
    struct mem_config config = {
        .mode = params_text(params, "mode", ""), .types = types, .n_types = 1};
    struct mem m = mem_open(&config);
    struct mem_roots live = mem_roots_new(m, params_count(params, "live"));
    items_new(m, live);

    uint64_t sum = 0;
    double collect_ms[ROUNDS], stop_ms[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        make_dead(m, n, finalizable);
        uint64_t stopped_ns = mem_stopped_ns(m);
        uint64_t began = clock_ns();
        mem_collect(m);
        collect_ms[i] = (double)(clock_ns() - began) / 1e6;
        stop_ms[i] = (double)(mem_stopped_ns(m) - stopped_ns) / 1e6;
        weak_finalize(m, hear, &sum);
    }
    struct summary stops = stats_summary(stop_ms, ROUNDS);
    worker_value("stop_ms_max", stops.max);
    worker_value("stop_ms", stops.median);
    worker_value("collect_ms", stats_summary(collect_ms, ROUNDS).median);
    worker_check(sum);
    mem_roots_free(m, live);
    mem_close(m);
}
