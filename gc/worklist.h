/* worklist.h - the references still to be marked, and who shares them.
 *
 * Each marker has a stack of its own.  When that is full its oldest half moves, as a segment, to
 * the shared list, from which markers without work take.  When there is no memory for a segment,
 * or mark_stack_entries are in use, the reference that cannot be pushed is marked on the spot and
 * its block flagged: when everything else is done, the marked objects of flagged blocks are traced
 * again.  So marking never fails; it only becomes slower.  In the phase WEAK beside mutators there is no
 * such bound.
 *
 * An entry is the address of an object that is to be marked and traced; or, with bit 0 set, of an
 * array whose elements from the index in the entry below it are to be traced; or, with bit 1 set,
 * of a struct besom__call. */
#ifndef GC_WORKLIST_H
#define GC_WORKLIST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct besom_heap;
struct besom__marker;

enum {
    SEGMENT_ENTRIES = 512,
    STACK_ENTRIES = 2 * SEGMENT_ENTRIES, /* of a marker's own */
    MAX_MARKERS = 64
};

struct besom__segment {
    struct besom__segment *next;
    size_t n;
    uintptr_t entries[SEGMENT_ENTRIES];
};

struct besom__worklist {
    pthread_mutex_t lock;
    pthread_cond_t changed;          /* a segment was put, the last marker became idle, or quit */
    struct besom__segment *full;     /* under lock */
    struct besom__segment *spare;    /* under lock */
    size_t n_segments, max_segments; /* in existence */
    size_t n_waiting;                /* markers without work; atomic reads */
    size_t n_active;                 /* helpers, and a mutator that assists; under lock */
    size_t n_allowed;                /* helpers that may work; under lock */
    size_t wanted;                   /* a mutator found nothing to assist with; atomic */
    uint32_t hold;                   /* helpers are to let go of what they have; atomic */
    size_t overflowed;               /* some block is flagged; atomic */
    bool quit;                       /* helpers end; under lock */
    size_t n_helpers;
    bool helpers_tried; /* in this cycle */
    pthread_t helpers[MAX_MARKERS];
    struct besom__marker *markers; /* [0] is the collecting thread's; helper i uses [i + 1]; the
                                      last, beyond n_markers, a mutator that assists */
    size_t n_markers;
    pthread_mutex_t assist_lock; /* tried by mutators that assist: one does */
};

/* Reserves what marking with the heap's options needs; -1: no memory. */
int besom__worklist_init(struct besom_heap *heap);
void besom__worklist_fini(struct besom_heap *heap);

/* An empty segment, or NULL: overflow. */
struct besom__segment *besom__segment_new(struct besom_heap *heap);
void besom__segment_recycle(struct besom_heap *heap, struct besom__segment *segment);

/* Frees the segments that are not in use. */
void besom__worklist_trim(struct besom_heap *heap);

/* Shares a full segment; wakes a helper. */
void besom__worklist_put(struct besom_heap *heap, struct besom__segment *segment);

/* The collecting thread is out of work: waits for a segment, or NULL when all helpers are idle and
 * nothing is shared. */
struct besom__segment *besom__worklist_take_last(struct besom_heap *heap);

/* The same without waiting; NULL: *others says whether somebody else has something left. */
struct besom__segment *besom__worklist_take_now(struct besom_heap *heap, bool *others);

/* Blocks, not for long, while somebody else marks and nothing is shared. */
void besom__worklist_wait_now(struct besom_heap *heap);

/* A mutator takes a segment, and is at work until it leaves; NULL: there is none, or another assists. */
struct besom__segment *besom__worklist_join(struct besom_heap *heap);
void besom__worklist_leave(struct besom_heap *heap);

/* So many helpers may work, and are told, or all there are markers for. */
void besom__worklist_allow(struct besom_heap *heap, size_t n_helpers);

/* Waits until no helper is at work; none begins before the hold is over.  No mutator assists. */
void besom__worklist_hold(struct besom_heap *heap, bool hold);

/* Starts the helpers that are missing, as far as the system allows. */
void besom__worklist_start_helpers(struct besom_heap *heap);

/* Ends them, for fork and heap_free; they start again when needed.  No marking is under way. */
void besom__worklist_stop_helpers(struct besom_heap *heap);

/* In the child of a fork, where there are no helpers: nobody waits. */
void besom__worklist_forget_waiters(struct besom_heap *heap);

/* Is a helper waiting for work? */
bool besom__worklist_is_hungry(const struct besom_heap *heap);

#endif
