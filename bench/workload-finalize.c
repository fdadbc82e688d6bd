/* workload-finalize.c - objects with finalizers that come and go.
 *
 * An operation makes an object, registers it, and drops the oldest of a window of such objects.
 * Whenever the window has been replaced there is a full collection, and the program hears of every
 * object that is dead.  In the end it must have heard of each exactly once. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/item.h"
#include "bench/limited.h"
#include "bench/weak.h"

enum { COLLECTIONS_AFTER = 10 };

static const struct mem_type *const types[] = {&item_type};

struct heard {
    uint64_t n;
    uint32_t sum; /* of their numbers: no order is promised by all contestants */
};

static void hear(void *obj, void *data)
{
    struct heard *heard = data;
    heard->n++;
    heard->sum += (uint32_t)((struct item *)obj)->number;
}

static void register_and_drop(struct mem m, struct mem_roots window, uint64_t operations,
                              struct heard *heard)
{
    size_t oldest = 0;
    for (uint64_t i = 0; i < operations; i++) {
        mem_poll(m);
        struct item *item = item_new(m, i);
        window.slot[oldest] = item;
        weak_finalizer_add(m, item);
        if (++oldest == window.n) {
            oldest = 0;
            mem_collect(m);
            weak_finalize(m, hear, heard);
        }
    }
}

void workload_finalize(const struct params *params)
{
    const size_t n = params_count(params, "entries");
    const uint64_t operations = params_count(params, "operations");
    struct mem_config config = config_limited(params, types, 1);
    struct mem m = mem_open(&config);
    struct mem_roots window = mem_roots_new(m, n);
    struct heard heard = {0, 0};

    uint64_t began = clock_ns();
    register_and_drop(m, window, operations, &heard);
    uint64_t took = clock_ns() - began;
    worker_value("ns_per_op", (double)took / (double)operations);
    worker_value("stop_ms_max", (double)mem_stop_max_ns(m) / 1e6);
    worker_value("collections", (double)mem_collections(m));

    for (size_t i = 0; i < n; i++)
        window.slot[i] = NULL;
    for (int i = 0; i < COLLECTIONS_AFTER && heard.n != operations; i++) {
        mem_collect(m);
        weak_finalize(m, hear, &heard);
    }
    if (heard.n != operations)
        worker_fail("not every object was finalized, or not once");
    worker_check(heard.sum);
    mem_roots_free(m, window);
    mem_close(m);
}
