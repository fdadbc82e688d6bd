/* pause.h - when a heap held its mutators up, and what that left to them. */
#ifndef BESOM_PAUSE_H
#define BESOM_PAUSE_H

#include <besom/base.h>
#include <besom/heap.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a mutator could not run for. */
enum besom_pause_kind {
    BESOM_PAUSE_PARK,    /* it stood in a stop that another thread drove */
    BESOM_PAUSE_TURN,    /* it waited for another thread's collection to end */
    BESOM_PAUSE_STOP,    /* it drove a stop of its own: besom_each, besom_verify, a fork */
    BESOM_PAUSE_COLLECT, /* it collected: what was due, besom_collect, besom_step */
    BESOM_PAUSE_SLICE,   /* it marked a slice, in mode incremental */
    BESOM_PAUSE_ASSIST,  /* it marked for its allocation, in mode concurrent */
    BESOM_PAUSE_WAIT,    /* its allocation had outrun marking */
    BESOM_PAUSE_ANSWER,  /* it answered the handshake that begins a round of marking */
    BESOM_PAUSE_SETTLE,  /* it did a batch of what comes after marking: weak things, destroy hooks */
    BESOM_PAUSE_ALLOCATE, /* an allocation took a block, or a large object, for more than 1 us */
    BESOM_PAUSE_BARRIER   /* a write took memory for its log, for more than 1 us */
};

/* A pause of one mutator, of the monotonic clock.  What happens within it is part of it. */
struct besom_pause {
    uint64_t begin_ns, end_ns;
    uint32_t mutator; /* counted from 1 in the order in which they were attached */
    enum besom_pause_kind kind;
};

/* A heap with the option pauses=n keeps its last n pauses: this copies the last ones of them, n at
 * most, in the order in which they ended, and returns how many; out NULL: how many it keeps at
 * present.  0 without the option.  Any thread; for as long as the copying takes no stop begins. */
BESOM_API size_t besom_pause_list(const struct besom_heap *heap, struct besom_pause *out, size_t n);

/* Minimum mutator utilization: the least fraction of any window of window_ns that pauses left to
 * the program, 0 to 1, over the time since the heap was created, or since the last pause that is no
 * longer kept.  The heap pauses while one mutator of it or more does: pauses that overlap are united.
 * A pause that has not ended does not count.
 * BESOM_E_ARGUMENT for NULL or a window of 0; BESOM_E_STATE without the option pauses, or if the time
 * observed is shorter than the window; BESOM_E_MEMORY.  Any thread; time and memory in proportion to
 * the pauses kept, but that they are sorted. */
BESOM_API enum besom_status besom_mmu(const struct besom_heap *heap, uint64_t window_ns,
                                      double *mmu);

/* Bounded: the same of any window of window_ns or longer, so that it never falls as windows grow. */
BESOM_API enum besom_status besom_bmu(const struct besom_heap *heap, uint64_t window_ns,
                                      double *bmu);

#ifdef __cplusplus
}
#endif
#endif
