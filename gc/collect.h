/* collect.h - starting and finishing cycles. */
#ifndef GC_COLLECT_H
#define GC_COLLECT_H

#include <besom/heap.h>

struct besom__mutator;

/* A GC_AT_ALLOC allocation found the hard limit: an emergency collection. */
void besom__collect_at_limit(struct besom__mutator *m);

/* collect_lock held, m (may be NULL) at a safepoint: brings the phase WEAK to its end, if the heap is
 * in it. */
void besom__collect_settle(struct besom_heap *heap, struct besom__mutator *m);

/* The same for MARK, which ends in a stop; WEAK is next. */
void besom__collect_finish_marking(struct besom_heap *heap, struct besom__mutator *m);

/* ---- parts, for slice.c; collect_lock held, driver set ---- */

/* From IDLE to MARK.  False, and nothing has happened: collections are disabled, and this is not one
 * that the host asked for. */
bool besom__collect_begin(struct besom_heap *heap, enum besom_reason reason, bool minor);

/* In MARK or TERMINATE: stops the world, completes marking, lets it go. */
void besom__collect_end_marking(struct besom_heap *heap);

/* A quantum of what is left when marking has ended; it may turn out to need a stop. */
enum besom_phase besom__collect_settle_some(struct besom_heap *heap);

/* Gives some empty blocks back to the system that have been so for long; true: there may be more. */
bool besom__collect_give_back(struct besom_heap *heap);

/* heap_free, no mutator attached: finishes weak work, runs destroy hooks that still wait. */
void besom__collect_finish(struct besom_heap *heap);

#endif
