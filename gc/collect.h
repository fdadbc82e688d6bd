/* collect.h - starting and finishing cycles. */
#ifndef GC_COLLECT_H
#define GC_COLLECT_H

struct besom_heap;
struct besom__mutator;

/* A GC_AT_ALLOC allocation found the hard limit: an emergency collection. */
void besom__collect_at_limit(struct besom__mutator *m);

/* collect_lock held, m (may be NULL) at a safepoint: brings the phase WEAK to its end, if the heap is
 * in it. */
void besom__collect_settle(struct besom_heap *heap, struct besom__mutator *m);

/* The same for MARK, which ends in a stop; WEAK is next. */
void besom__collect_finish_marking(struct besom_heap *heap, struct besom__mutator *m);

enum besom__progress {
    PROGRESS_MORE,
    PROGRESS_NONE /* there is nothing to do for a thread without a mutator */
};

/* The collector's thread, collect_lock held: a quantum of whatever there is to do; begins a cycle if
 * one is due.  May block, not for long. */
enum besom__progress besom__collect_background(struct besom_heap *heap);

/* heap_free, no mutator attached: finishes weak work, runs destroy hooks that still wait. */
void besom__collect_finish(struct besom_heap *heap);

#endif
