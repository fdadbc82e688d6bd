/* look.h - questions a host may ask a heap. */
#ifndef BESOM_LOOK_H
#define BESOM_LOOK_H

#include <besom/base.h>
#include <besom/heap.h>
#include <besom/mutator.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The bytes that obj, an object of some heap, occupies: what was asked for, rounded up to a multiple
 * of 16.  0 for NULL. */
BESOM_API size_t besom_size(const void *obj);

/* Is p the start of an object of this heap?  Any address may be asked about.  O(1). */
BESOM_API bool besom_owns(const struct besom_heap *heap, const void *p);

/* Did an object begin at p that is dead, and whose memory has not been swept, so that nothing else can
 * be there yet?  Any address may be asked about.  Until a cycle has ended it is not decided whether a
 * finalizer brings back what the cycle has not marked: then false is certain, and true is not.  O(1). */
BESOM_API bool besom_is_unswept(const struct besom_heap *heap, const void *p);

/* The type of an object of this heap; NULL if p is none. */
BESOM_API const struct besom_type *besom_type_of(const struct besom_heap *heap, const void *p);

/* Calls fn for every object of `type` (NULL: of every type) that the last cycle left or that was
 * born since, in order of address within a chunk, with the world stopped; fn must not call Besom
 * but to ask besom_size, besom_owns and besom_type_of.  fn returns false to end the walk.
 * A safepoint. */
typedef bool (*besom_each_fn)(void *data, void *obj, const struct besom_type *type, size_t bytes);
BESOM_API enum besom_status besom_each(struct besom_mutator *m, const struct besom_type *type,
                                       besom_each_fn fn, void *data);

/* A histogram of durations, log-linear with 3 significant digits.  Read it with the functions. */
struct besom_histogram;
BESOM_API uint64_t besom_histogram_count(const struct besom_histogram *h);
BESOM_API uint64_t besom_histogram_max_ns(const struct besom_histogram *h);
BESOM_API uint64_t besom_histogram_sum_ns(const struct besom_histogram *h);
/* The duration that `per_mille` thousandths of the samples do not exceed; 0 without samples. */
BESOM_API uint64_t besom_histogram_quantile_ns(const struct besom_histogram *h, double per_mille);

/* The pauses of all mutators of the heap since it was created: stops as each mutator felt them, and
 * slices of marking, assists, and waiting for a collection or for marking.
 * Owned by the heap; to be read while no other thread of the heap is at a safepoint. */
BESOM_API const struct besom_histogram *besom_pauses(const struct besom_heap *heap);

struct besom_stats {
    /* now */
    size_t committed_bytes;     /* blocks and huge objects that hold or may hold objects */
    size_t reserved_bytes;      /* address space of chunks and huge objects, metadata included */
    size_t metadata_bytes;      /* of the metadata of committed memory */
    size_t empty_bytes;         /* part of reserved: free blocks not yet given back */
    size_t external_bytes;
    size_t used_bytes;          /* live at the last cycle, allocated since, and external */
    size_t trigger_bytes;       /* a cycle begins when used_bytes reaches this */
    size_t unswept_blocks;
    size_t mutators;
    /* of the last cycle */
    size_t live_bytes, live_objects; /* parallel markers may count an object twice; after a minor
                                        cycle what was old counts as alive */
    uint64_t mark_ns;
    uint64_t stop_ns;           /* of the last stop, which need not have been a cycle's */
    /* since the heap was created */
    uint64_t minor_cycles;       /* of all cycles */
    uint64_t minor_fallbacks;    /* full cycles that came because minor ones did not pay */
    size_t promoted_bytes;       /* by minor cycles, ever: they were young, and survived */
    size_t nursery_bytes;        /* allocated between minor cycles, at present */
    uint64_t cycles;
    uint64_t emergencies;
    uint64_t allocated_bytes;   /* but for the blocks that mutators allocate in now */
    uint64_t swept_blocks;
    uint64_t destroyed_objects;
    uint64_t stop_ns_sum, stop_ns_max, mark_ns_sum;
    uint64_t mark_overflows;    /* marking's stack was full; the slower way was taken */
    uint64_t findings;          /* events of the debug options */
    uint64_t trace_lost;        /* entries of the option trace that no room was left for */
    int trace_error;            /* the errno that ended the trace: a full disk; 0: none */
    /* weak structures, since the heap was created */
    uint64_t weak_cleared;      /* weak references, ephemerons and entries that the collector cleared */
    uint64_t ephemerons_scanned;   /* entries asked whether their key is marked */
    uint64_t ephemerons_resolved;  /* entries whose key was marked after that */
    uint64_t weak_overflows;    /* no memory to note what was deferred; the slower way was taken */
    uint64_t finalized_objects; /* that came into the queue */
    uint64_t cleanups_run;
    uint64_t external_charged_bytes;   /* ever charged */
    uint64_t external_released_bytes;  /* taken back by the host while the object was alive */
    uint64_t external_reclaimed_bytes; /* taken back by destroy hooks, or when objects were gone */
    /* now */
    size_t finalizers;          /* registrations whose objects are not in the queue */
    size_t finalizers_ready;    /* objects in the queue */
    size_t cleanups;            /* registered and not run */
    uint64_t seed;
};
BESOM_API enum besom_status besom_stats(const struct besom_heap *heap, struct besom_stats *out);

/* Checks every invariant of the heap with the world stopped; a safepoint.  BESOM_E_INVARIANT, and
 * a report (may be NULL) that names the invariant and the edge, if one does not hold. */
BESOM_API enum besom_status besom_verify(struct besom_mutator *m, struct besom_report *report);

#ifdef __cplusplus
}
#endif
#endif
