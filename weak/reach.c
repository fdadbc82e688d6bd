/* reach.c - can one object be reached from another?
 *
 * A search with a set of its own, since it must not disturb marks: for the debug options. */
#include "weak/reach.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/trace.h"
#include "weak/own.h"

struct search {
    struct besom_tracer tracer;
    void **seen;  /* a hash set, open addressing, at most half full */
    void **queue; /* the same objects in the order in which they were met */
    size_t n_slots, n_seen;
    const void *goal;
    bool failed;
};

static size_t seen_slot(void *const *seen, size_t n_slots, const void *obj)
{
    size_t i = (besom__object_hash(obj) >> 32) & (n_slots - 1);
    while (seen[i] && seen[i] != obj)
        i = (i + 1) & (n_slots - 1);
    return i;
}

static bool grow_search(struct search *s)
{
    struct besom_heap *heap = s->tracer.heap;
    size_t n_slots = s->n_slots ? 2 * s->n_slots : 64;
    void **seen = besom__alloc(heap, n_slots * sizeof *seen);
    void **queue = besom__alloc(heap, n_slots / 2 * sizeof *queue);
    if (!seen || !queue) {
        besom__release(heap, seen);
        besom__release(heap, queue);
        return false;
    }
    for (size_t i = 0; i < s->n_seen; i++) {
        queue[i] = s->queue[i];
        seen[seen_slot(seen, n_slots, queue[i])] = queue[i];
    }
    besom__release(heap, s->seen);
    besom__release(heap, s->queue);
    s->seen = seen;
    s->queue = queue;
    s->n_slots = n_slots;
    return true;
}

static void meet(struct besom_tracer *tracer, void *obj)
{
    struct search *s = (struct search *)tracer;
    if (s->failed || (2 * s->n_seen == s->n_slots && !grow_search(s))) {
        s->failed = true;
        return;
    }
    void **slot = &s->seen[seen_slot(s->seen, s->n_slots, obj)];
    if (*slot)
        return;
    *slot = obj;
    s->queue[s->n_seen++] = obj;
}

static void meet_word(void *data, uint64_t word, const struct besom_field *field)
{
    (void)field;
    struct search *s = data;
    void *obj = besom__decode(s->tracer.heap, word);
    if (obj)
        meet(&s->tracer, obj);
}

bool besom__reach_is_goal(const struct besom_tracer *tracer, const void *obj)
{
    return ((const struct search *)tracer)->goal == obj;
}

bool besom__reaches(struct besom_heap *heap, void *from, const void *to)
{
    struct search s = {.tracer = {.heap = heap, .visit = meet, .pass = PASS_STRONG}, .goal = to};
    meet(&s.tracer, from);
    bool found = false;
    for (size_t i = 0; i < s.n_seen && !s.failed && !found; i++) {
        found = s.queue[i] == to;
        if (!(besom__byte_load(besom__meta(s.queue[i])) & BESOM__LEAF))
            besom__trace_object(&s.tracer, s.queue[i], meet_word, &s);
    }
    besom__release(heap, s.seen);
    besom__release(heap, s.queue);
    return found;
}
