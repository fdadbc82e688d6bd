/* mark.h - marking what is reachable. */
#ifndef GC_MARK_H
#define GC_MARK_H

#include "gc/bag.h"
#include "gc/trace.h"
#include "gc/worklist.h"

/* One of the threads that mark; a cache line apart from the next one. */
struct besom__marker {
    struct besom_tracer tracer;      /* tracer.visit pushes */
    uint8_t color;                   /* of marked objects in this cycle */
    uint8_t by_cas;                  /* objects with any of these bits are marked by CAS */
    uint8_t stamp;                   /* of the heap's epoch: what bears it is deferred, beside */
    bool beside;                     /* mutators run meanwhile */
    bool shares;                     /* its work with the others */
    uint32_t watched;                /* flags of types whose objects are listed when traced */
    size_t sp, capacity;             /* of the stack, in entries */
    size_t live_bytes, live_objects; /* marked by this marker */
    size_t overflows;
    struct besom__bag deferred;          /* marked, to be traced in the next round */
    struct besom__bag unbarriered, racy; /* traced, to be traced again; to be traced in the stop */
    uintptr_t stack[STACK_ENTRIES];
} __attribute__((aligned(64)));

void besom__marker_init(struct besom__marker *marker, struct besom_heap *heap, size_t capacity);
void besom__marker_fini(struct besom__marker *marker);

/* All there are: the collecting thread's, those of the helpers, the assistant. */
static inline size_t besom__mark_count(const struct besom_heap *heap)
{
    return heap->worklist.n_markers + 1;
}

/* Everything swept, nobody marks: resets the markers, for a full cycle with the next mark color. */
void besom__mark_begin(struct besom_heap *heap, bool beside);

/* Nobody marks: from here on mutators run meanwhile, in the heap's epoch, or do not. */
void besom__mark_beside_mutators(struct besom_heap *heap, bool beside);

/* Nobody marks: what markers have put away. */
void besom__mark_gather(struct besom_heap *heap, struct besom__round *round);

/* The marker of the collecting thread. */
struct besom__marker *besom__mark_self(struct besom_heap *heap);

/* The marker of whichever mutator assists. */
struct besom__marker *besom__mark_assistant(struct besom_heap *heap);

/* Pushes what a word in the heap's encoding refers to; field is not looked at. */
void besom__mark_push_word(void *marker, uint64_t word, const struct besom_field *field);

/* A marked object, which is not a LEAF, is counted; is traced, for the first time; is traced again. */
void besom__mark_count_object(struct besom__marker *marker, void *obj);
void besom__mark_trace(struct besom__marker *marker, void *obj);
void besom__mark_trace_again(struct besom__marker *marker, void *obj);

/* Until the marker's own stack is empty. */
void besom__mark_drain_own(struct besom__marker *marker);

/* Is the object marked in this cycle (in IDLE: did it survive the last, or was born since)? */
static inline bool besom__is_marked(const struct besom_heap *heap, const void *obj)
{
    return (besom__byte_load(besom__meta(obj)) & BESOM__COLOR) ==
           besom__byte_load(&heap->cycle.mark_color);
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

enum besom__marking {
    MARKING_MORE,
    MARKING_ELSEWHERE, /* only helpers or a mutator that assists have something left */
    MARKING_DONE
};

/* About max_objects, sharing with others; what has overflowed is left. */
enum besom__marking besom__mark_quantum(struct besom_heap *heap, size_t max_objects);

/* A mutator's share, at a safepoint, of what is marked beside it; false: there was nothing. */
bool besom__mark_assist(struct besom_heap *heap, size_t max_objects);

/* A helper's share: marks everything reachable from a segment, recycles it. */
void besom__mark_segment(struct besom__marker *marker, struct besom__segment *segment);

/* World stopped, no helper at work: what all markers counted. */
void besom__mark_totals(const struct besom_heap *heap, size_t *live_bytes, size_t *live_objects,
                        size_t *overflows);

#endif
