/* mark.h - marking what is reachable. */
#ifndef GC_MARK_H
#define GC_MARK_H

#include "gc/trace.h"
#include "gc/worklist.h"

/* One of the threads that mark; a cache line apart from the next one. */
struct besom__marker {
    struct besom_tracer tracer;      /* tracer.visit pushes */
    uint8_t color;                   /* of marked objects in this cycle */
    uint8_t by_cas;                  /* objects with any of these bits are marked by CAS */
    bool shares;                     /* its work with the others */
    size_t sp, capacity;             /* of the stack, in entries */
    size_t live_bytes, live_objects; /* marked by this marker */
    size_t overflows;
    uintptr_t stack[STACK_ENTRIES];
} __attribute__((aligned(64)));

void besom__marker_init(struct besom__marker *marker, struct besom_heap *heap, size_t capacity);

/* World stopped, everything swept: chooses the next mark color, resets the markers. */
void besom__mark_begin(struct besom_heap *heap);

/* The marker of the collecting thread. */
struct besom__marker *besom__mark_self(struct besom_heap *heap);

/* Is the object marked in this cycle (in IDLE: did it survive the last, or was born since)? */
static inline bool besom__is_marked(const struct besom_heap *heap, const void *obj)
{
    return (besom__byte_load(besom__meta(obj)) & BESOM__COLOR) == heap->cycle.mark_color;
}

/* A function to be called by whichever marker comes to it. */
struct besom__call {
    void (*fn)(struct besom_tracer *tracer, void *obj);
    void *obj;
};

/* Pushes a call, as if it were an object whose tracing calls it.  *call stays until everything is
 * drained.  By the collecting thread. */
void besom__mark_call(struct besom_heap *heap, const struct besom__call *call);

/* From here to the end of the cycle KEYED may be set on objects that are not marked yet: several
 * markers therefore mark by CAS.  By the collecting thread, no helper at work. */
void besom__mark_exactly(struct besom_heap *heap);

/* Marks everything reachable from what was pushed, with the helpers' help, overflows included. */
void besom__mark_drain(struct besom_heap *heap);

/* About max_objects of it, by this thread alone; false when nothing is left.  If the world is not
 * stopped, what has overflowed is left. */
bool besom__mark_some(struct besom_heap *heap, size_t max_objects);

/* A helper's share: marks everything reachable from a segment, recycles it. */
void besom__mark_segment(struct besom__marker *marker, struct besom__segment *segment);

/* World stopped, no helper at work: what all markers counted. */
void besom__mark_totals(const struct besom_heap *heap, size_t *live_bytes, size_t *live_objects,
                        size_t *overflows);

#endif
