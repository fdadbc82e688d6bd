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

/* heap_free, no mutator attached: finishes weak work, runs destroy hooks that still wait. */
void besom__collect_finish(struct besom_heap *heap);

#endif
