/* live.h - a set of objects that live, and churn beside it: what the workloads about pauses have in
 * common.
 *
 * The live set: objects of 32 bytes, each with references to two others of the set at random, found
 * through a directory under one root.  An operation on it: a poll, some new objects of 32 bytes, each in
 * place of the oldest in a window of 1000, and one store of a reference into a random object of the
 * live set.  The stores take turns: one of the newest object, and one that puts a random live object
 * back where, 512 such stores ago, a new one was put; so that old objects refer to young ones, and the
 * live set stays as large as it is.  Its choices and its sum are of 32 bits, since bench/peers has
 * the same in other languages. */
#ifndef BENCH_LIVE_H
#define BENCH_LIVE_H

#include "bench/adapter.h"
#include "bench/directory.h"
#include "bench/linked.h"
#include "bench/random.h"
#include "bench/worker.h"

enum { LIVE_WINDOW = 1000, LIVE_LENT = 512 /* live objects that refer to one of the window */ };

static const struct mem_type object_type = {
    .layout = {.name = "object",
               .size_bytes = sizeof(struct object),
               .fields = object_fields,
               .n_fields = 2},
    .index = 1,
};
static const struct mem_type *const live_types[] = {&page_type, &object_type};

struct live {
    struct mem m;
    struct mem_roots top; /* the directory */
    struct mem_roots window;
    uint32_t n; /* live objects */
    struct random32 random;
    size_t oldest;            /* in the window */
    uint32_t lent[LIVE_LENT]; /* numbers of live objects, a ring; at first all of them 0 */
    uint64_t operations;
};

static inline struct object *live_at(const struct live *p, uint64_t i)
{
    return directory_get(p->top.slot[0], i);
}

static inline struct object *live_random(struct live *p)
{
    return live_at(p, random32_below(&p->random, p->n));
}

static inline struct object *object_new(struct mem m, struct object *first, uint64_t number)
{
    struct object *obj = mem_new(m, &object_type);
    obj->first = first;
    obj->second = NULL;
    obj->number = number;
    return obj;
}

static inline void live_build(struct live *p)
{
    p->top.slot[0] = directory_new(p->m);
    for (uint64_t i = 0; i < p->n; i++) {
        mem_poll(p->m);
        directory_put(p->m, p->top.slot[0], i, object_new(p->m, NULL, i));
    }
    for (uint64_t i = 0; i < p->n; i++) {
        mem_poll(p->m);
        struct object *obj = live_at(p, i);
        mem_store(p->m, obj, &obj->first, live_random(p));
        mem_store(p->m, obj, &obj->second, live_random(p));
    }
}

static inline uint32_t live_sum(const struct live *p)
{
    uint32_t sum = 0;
    for (uint64_t i = 0; i < p->n; i++) {
        const struct object *obj = live_at(p, i);
        sum = worker_sum(sum, (uint32_t)(obj->first->number + 7 * obj->second->number));
    }
    return sum;
}

static inline void live_allocate(struct live *p, unsigned n_new)
{
    void **const slot = p->window.slot;
    for (uint64_t i = 0; i < n_new; i++) {
        const size_t at = p->oldest;
        slot[at] = object_new(p->m, at & 1 ? slot[at - 1] : NULL, p->operations);
        p->oldest = at + 1 == LIVE_WINDOW ? 0 : at + 1;
    }
}

static inline void live_operate(struct live *p, unsigned n_new)
{
    mem_poll(p->m);
    live_allocate(p, n_new);
    const size_t turn = p->operations / 2 % LIVE_LENT;
    if (p->operations % 2 == 0) {
        const size_t newest = p->oldest == 0 ? LIVE_WINDOW - 1 : p->oldest - 1;
        p->lent[turn] = random32_below(&p->random, p->n);
        struct object *obj = live_at(p, p->lent[turn]);
        mem_store(p->m, obj, &obj->first, p->window.slot[newest]);
    } else {
        struct object *obj = live_at(p, p->lent[(turn + 1) % LIVE_LENT]);
        mem_store(p->m, obj, &obj->first, live_random(p));
    }
    p->operations++;
}

/* Builds it, with as many objects as that many bytes hold, and says its sum. */
static inline void live_init(struct live *p, struct mem m, uint64_t live_bytes)
{
    const uint64_t n = live_bytes / sizeof(struct object);
    if (n < 1 || n > (uint64_t)PAGE_SLOTS * PAGE_SLOTS * PAGE_SLOTS)
        worker_fail("live_bytes must be 32 .. 4244832000");
    p->m = m;
    p->n = (uint32_t)n;
    p->random = (struct random32){1};
    p->top = mem_roots_new(m, 1);
    p->window = mem_roots_new(m, LIVE_WINDOW);
    live_build(p);
    worker_check(live_sum(p));
}

static inline void live_fini(struct live *p)
{
    mem_roots_free(p->m, p->window);
    mem_roots_free(p->m, p->top);
}

#endif
