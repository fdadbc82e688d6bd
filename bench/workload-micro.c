/* workload-micro.c - Besom's inline operations, each alone.
 *
 * A loop of them, less the same loop without: the best of several tries of both.  Empty
 * asm statements stand for whatever a program does between two of them, so that a compiler sees
 * neither that nothing has changed nor that nothing looks. */
#include "bench/worker.h"

#include "bench/clock.h"

#include <besom/besom.h>

enum { TRIES = 7 };

struct object {
    const void *type;
    struct object *link;
};

static const struct besom_field object_fields[] = {{"link", offsetof(struct object, link)}};
static const struct besom_type object_type = {
    .name = "object", .size_bytes = sizeof(struct object), .fields = object_fields, .n_fields = 1};

typedef void loop_fn(struct besom_mutator *m, struct object *obj, uint64_t n);

static __attribute__((noinline)) void loop_empty(struct besom_mutator *m, struct object *obj,
                                                 uint64_t n)
{
#pragma GCC unroll 8
    for (uint64_t i = 0; i < n; i++)
        __asm__ volatile("" : : "r"(m), "r"(obj) : "memory");
}

static __attribute__((noinline)) void loop_poll(struct besom_mutator *m, struct object *obj,
                                                uint64_t n)
{
#pragma GCC unroll 8
    for (uint64_t i = 0; i < n; i++) {
        __asm__ volatile("" : : "r"(m), "r"(obj) : "memory");
        besom_poll(m);
    }
}

static __attribute__((noinline)) void loop_store(struct besom_mutator *m, struct object *obj,
                                                 uint64_t n)
{
#pragma GCC unroll 8
    for (uint64_t i = 0; i < n; i++) {
        __asm__ volatile("" : : "r"(m), "r"(obj) : "memory");
        obj->link = obj;
    }
}

static __attribute__((noinline)) void loop_barrier(struct besom_mutator *m, struct object *obj,
                                                   uint64_t n)
{
#pragma GCC unroll 8
    for (uint64_t i = 0; i < n; i++) {
        __asm__ volatile("" : : "r"(m), "r"(obj) : "memory");
        obj->link = obj;
        besom_write(m, obj);
    }
}

static __attribute__((noinline)) void loop_locals(struct besom_mutator *m, struct object *obj,
                                                  uint64_t n)
{
#pragma GCC unroll 8
    for (uint64_t i = 0; i < n; i++) {
        struct {
            struct object *a, *b;
        } my = {obj, obj};
        __asm__ volatile("" : : "r"(m), "r"(&my) : "memory");
    }
}

static __attribute__((noinline)) void loop_frame(struct besom_mutator *m, struct object *obj,
                                                 uint64_t n)
{
#pragma GCC unroll 8
    for (uint64_t i = 0; i < n; i++) {
        BESOM_LOCALS(m, struct object * a; struct object * b;);
        my->a = my->b = obj;
        __asm__ volatile("" : : "r"(m), "r"(my) : "memory");
    }
}

static double best_ns(loop_fn *loop, struct besom_mutator *m, struct object *obj, uint64_t n)
{
    double best = 0;
    for (int i = 0; i < TRIES; i++) {
        uint64_t began = clock_ns();
        loop(m, obj, n);
        double ns = (double)(clock_ns() - began) / (double)n;
        if (i == 0 || ns < best)
            best = ns;
    }
    return best;
}

static double more_ns(loop_fn *with, loop_fn *without, struct besom_mutator *m, struct object *obj,
                      uint64_t n)
{
    double ns = best_ns(with, m, obj, n) - best_ns(without, m, obj, n);
    return ns > 0 ? ns : 0;
}

void workload_micro(const struct params *params)
{
    const uint64_t n = params_count(params, "operations");
    struct besom_config config;
    besom_config_init(&config);
    struct besom_heap *heap;
    struct besom_report report;
    if (besom_heap_new(&config, &heap, &report) != BESOM_OK)
        worker_fail(report.text);
    struct besom_mutator *m = besom_attach(heap);
    struct object *obj = m ? besom_new(m, &object_type) : NULL;
    struct besom_handle *handle = obj ? besom_handle_new(m, obj, "object") : NULL;
    if (!handle)
        worker_fail("out of memory");

    worker_value("frame_ns", more_ns(loop_frame, loop_locals, m, obj, n));
    worker_value("poll_ns", more_ns(loop_poll, loop_empty, m, obj, n));
    worker_value("barrier_ns", more_ns(loop_barrier, loop_store, m, obj, n));

    besom_handle_free(handle);
    besom_detach(m);
    besom_heap_free(heap);
}
