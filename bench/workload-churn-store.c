/* workload-churn-store.c - what the write barrier costs where it has the most to do.
 *
 * A thousand objects live for good, and each holds one small object that does not: in turn, a new
 * one is stored into each, in place of the last.  So every allocation comes with a store of a
 * reference to a young object into an old one.  Memory has been used once before the clock starts,
 * as in workload-churn.c.  `options` are Besom's: barrier=1 keeps the barrier on in a mode that
 * has no use for it. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"

enum { HOLDERS = 1000 };

struct object {
    const void *type;
    struct object *held;
    uint64_t words[2];
};

static const struct besom_field object_fields[] = {{"held", offsetof(struct object, held)}};
static const struct mem_type object_type = {
    .layout = {.name = "object",
               .size_bytes = sizeof(struct object),
               .fields = object_fields,
               .n_fields = 1},
};
static const struct mem_type *const types[] = {&object_type};

static inline struct object *object_new(struct mem m, uint64_t number)
{
    struct object *obj = mem_new(m, &object_type);
    obj->held = NULL;
    obj->words[0] = obj->words[1] = number;
    return obj;
}

static uint64_t churn(struct mem m, void **holders, uint64_t n)
{
    uint64_t sum = 0;
    size_t at = 0;
    for (uint64_t i = 0; i < n; i++) {
        mem_poll(m);
        struct object *holder = holders[at], *last = holder->held;
        mem_store(m, holder, &holder->held, object_new(m, i));
        sum += last->words[1];
        mem_free(m, last);
        at = at + 1 == HOLDERS ? 0 : at + 1;
    }
    return sum;
}

void workload_churn_store(const struct params *params)
{
    const uint64_t n = params_count(params, "objects");
    struct mem_config config = {.heap_bytes = params_count(params, "heap_bytes"),
                                .mode = params_text(params, "mode", ""),
                                .options = params_text(params, "options", NULL),
                                .types = types,
                                .n_types = 1};
    struct mem m = mem_open(&config);
    struct mem_roots holders = mem_roots_new(m, HOLDERS);
    for (size_t i = 0; i < HOLDERS; i++) {
        mem_poll(m);
        struct object *holder = holders.slot[i] = object_new(m, i);
        mem_store(m, holder, &holder->held, object_new(m, i));
    }
    churn(m, holders.slot, config.heap_bytes / sizeof(struct object));
    const uint64_t began = clock_ns();
    const uint64_t sum = churn(m, holders.slot, n);
    const uint64_t took = clock_ns() - began;
    worker_value("ns_per_object", (double)took / (double)n);
    worker_value("collections", (double)mem_collections(m));
    worker_check(sum);
    mem_roots_free(m, holders);
    mem_close(m);
}
