/* workload-churn.c - small objects that die young, a thousand of them alive at any time.
 *
 * A rotating window of roots: every new object replaces the oldest.  Every second one refers to its
 * neighbour.  Every word of an object is written, as by a constructor, and one is read when it is
 * dropped.  Before the clock starts, enough is allocated to have used a heap of the limit's size
 * once: what is measured is memory used again, not memory used for the first time. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"

enum { WINDOW = 1000 };

struct object {
    const void *type;
    struct object *link;
    uint64_t words[];
};

static const struct besom_field object_fields[] = {{"link", offsetof(struct object, link)}};

#define LAYOUT(bytes)                                                                   \
    {                                                                                   \
        .name = "object", .size_bytes = (bytes), .fields = object_fields, .n_fields = 1 \
    }
static const struct mem_type object_16 = {.layout = LAYOUT(16), .index = 0};
static const struct mem_type object_32 = {.layout = LAYOUT(32), .index = 1};
static const struct mem_type object_64 = {.layout = LAYOUT(64), .index = 2};
static const struct mem_type object_128 = {.layout = LAYOUT(128), .index = 3};
static const struct mem_type *const types[] = {&object_16, &object_32, &object_64, &object_128};

/* This and the next two are inlined, so that a compiler sees the type's size. */
static inline __attribute__((always_inline)) struct object *object_new(struct mem m,
                                                                       const struct mem_type *type,
                                                                       struct object *link,
                                                                       uint64_t number)
{
    struct object *obj = mem_new(m, type);
    obj->link = link;
    for (size_t i = 0; i < type->layout.size_bytes / sizeof(uint64_t) - 2; i++)
        obj->words[i] = number + i;
    return obj;
}

static inline uint64_t object_sum(const struct mem_type *type, const struct object *obj)
{
    uint64_t linked = obj->link != NULL;
    return type->layout.size_bytes > sizeof *obj ? linked + obj->words[0] : linked;
}

static inline __attribute__((always_inline)) uint64_t churn(struct mem m,
                                                            const struct mem_type *type,
                                                            void **window, uint64_t n)
{
    uint64_t sum = 0;
    size_t at = 0;
    for (uint64_t i = 0; i < n; i++) {
        mem_poll(m);
        struct object *obj = object_new(m, type, at & 1 ? window[at - 1] : NULL, i);
        struct object *oldest = window[at];
        window[at] = obj;
        sum += object_sum(type, oldest);
        mem_free(m, oldest);
        at = at + 1 == WINDOW ? 0 : at + 1;
    }
    return sum;
}

static inline __attribute__((always_inline)) void measure(struct mem m, const struct mem_type *type,
                                                          void **window, uint64_t n,
                                                          uint64_t n_before)
{
    for (size_t i = 0; i < WINDOW; i++)
        window[i] = object_new(m, type, NULL, 0);
    churn(m, type, window, n_before);
    uint64_t began = clock_ns();
    uint64_t sum = churn(m, type, window, n);
    uint64_t took = clock_ns() - began;
    worker_value("ns_per_object", (double)took / (double)n);
    worker_value("collections", (double)mem_collections(m));
    worker_check(sum);
}

void workload_churn(const struct params *params)
{
    const uint64_t size = params_count(params, "size_bytes");
    const uint64_t n = params_count(params, "objects");
    const uint64_t n_before = params_count(params, "heap_bytes") / size;
    struct mem_config config = {.heap_bytes = params_count(params, "heap_bytes"),
                                .mode = params_text(params, "mode", ""),
                                .types = types,
                                .n_types = sizeof types / sizeof types[0]};
    struct mem m = mem_open(&config);
    struct mem_roots window = mem_roots_new(m, WINDOW);
    switch (size) {
    case 16: measure(m, &object_16, window.slot, n, n_before); break;
    case 32: measure(m, &object_32, window.slot, n, n_before); break;
    case 64: measure(m, &object_64, window.slot, n, n_before); break;
    case 128: measure(m, &object_128, window.slot, n, n_before); break;
    default: worker_fail("size_bytes must be 16, 32, 64 or 128");
    }
    mem_roots_free(m, window);
    mem_close(m);
}
