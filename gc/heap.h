/* heap.h - the heap: what all parts of the collector share.
 *
 * Each part owns the struct that its header defines; this file puts them together. */
#ifndef GC_HEAP_H
#define GC_HEAP_H

#include <besom/besom.h>

#include "gc/chunk.h"
#include "gc/collector.h"
#include "gc/cycle.h"
#include "gc/histogram.h"
#include "gc/os.h"
#include "gc/pace.h"
#include "gc/pause.h"
#include "gc/root.h"
#include "gc/round.h"
#include "gc/space.h"
#include "gc/stop.h"
#include "gc/timeline.h"
#include "gc/worklist.h"

#include <pthread.h>

struct besom_heap {
    uint32_t magic;             /* HEAP_MAGIC while it lives */
    struct besom_config config; /* with memory functions filled in; constant */
    bool plain;                 /* every reference is a plain pointer into the heap; constant */
    bool exact_windows;         /* windows are opened an object at a time; constant */
    bool beside;                /* cycles may mark beside running mutators; constant */
    bool barriers;              /* mutators may be stamping objects at any time; constant */
    uint32_t own_blocks;        /* some type has OWN_BLOCKS; set before its first object; atomic */

    /* Locks, in the order in which they may be taken together. */
    pthread_mutex_t collect_turnstile; /* whoever waits for the next */
    pthread_mutex_t collect_lock; /* one collection at a time; waited for as in a native region */
    pthread_mutex_t settle_lock;  /* a quantum of the phase WEAK, or a look at weak things in it */
    pthread_mutex_t begin_lock; /* whether collections are disabled, against a cycle's beginning */
    pthread_mutex_t stop_lock;  /* mutators: the list, stops, parking */
    pthread_mutex_t root_lock;  /* handles and registered roots */
    pthread_mutex_t block_turnstile; /* whoever waits for the next */
    pthread_mutex_t block_lock;      /* chunks, blocks, spaces */

    struct besom__blocks blocks;
    struct besom__spaces spaces;
    struct besom__roots roots;
    struct besom__stop stop;
    struct besom__cycle cycle;
    struct besom__round round;
    struct besom__collector collector;
    struct besom__pace pace;
    struct besom__worklist worklist;
    struct besom__weak *weak;       /* of weak/; constant */
    struct besom_histogram *pauses; /* written under stop_lock */
    struct besom__pause_ring pause_ring;
    struct besom__pause_sum pause_sums[PAUSE_KINDS];
    struct besom__timeline timeline; /* with a lock of its own, the last in order */
    size_t external_bytes;           /* atomic */
    size_t disabled;                 /* nesting of besom_disable; grows under begin_lock; atomic */
    size_t findings;                 /* events of the debug options; atomic */
    size_t destroyed;                /* objects whose hook has run; atomic */
    pthread_key_t watch;             /* debug builds: this thread has a mutator */
    uint64_t random;                 /* state of the slow option; under collect_lock */
};

enum { HEAP_MAGIC = 0x42534f4d };

static inline bool besom__heap_ok(const struct besom_heap *heap)
{
    return heap && heap->magic == HEAP_MAGIC;
}

/* For who takes block_lock again and again beside mutators, to sweep or to give memory back. */
static inline void besom__block_lock_behind(struct besom_heap *heap)
{
    besom__os_lock_in_turn(&heap->block_turnstile, &heap->block_lock);
}

/* For all others, who mostly meet nobody. */
static inline void besom__block_lock(struct besom_heap *heap)
{
    if (pthread_mutex_trylock(&heap->block_lock) != 0)
        besom__block_lock_behind(heap);
}

static inline void besom__block_unlock(struct besom_heap *heap)
{
    pthread_mutex_unlock(&heap->block_lock);
}

/* Memory for the library's own structures, through the host's functions: zeroed, or NULL. */
void *besom__alloc(struct besom_heap *heap, size_t bytes);
void besom__release(struct besom_heap *heap, void *block);

/* Zeroed pages, and back. */
void *besom__map(struct besom_heap *heap, size_t bytes, size_t align_bytes);
void besom__unmap(struct besom_heap *heap, void *start, size_t bytes);

#endif
