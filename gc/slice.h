/* slice.h - the cycle a little at a time, beside running mutators. */
#ifndef GC_SLICE_H
#define GC_SLICE_H

#include <stddef.h>

struct besom_heap;
struct besom__mutator;

/* Mode incremental, at a poll: marks for about as long as what the mutator has allocated asks for,
 * unless another thread is at it. */
void besom__slice(struct besom__mutator *m);

/* Mode concurrent, at a poll: marks, or waits, if allocation has outrun the collector's thread. */
void besom__slice_assist(struct besom__mutator *m);

/* collect_lock held, driver set: about work_bytes of the cycle, up to one stop, or one quantum of what
 * comes after it; begins one if none is under way. */
void besom__slice_step(struct besom_heap *heap, size_t work_bytes);

enum besom__progress {
    PROGRESS_MORE,
    PROGRESS_NONE /* there is nothing to do for a thread without a mutator */
};

/* The collector's thread, collect_lock held: a quantum of whatever there is to do; begins a cycle if
 * one is due.  May block, not for long. */
enum besom__progress besom__slice_background(struct besom_heap *heap);

#endif
