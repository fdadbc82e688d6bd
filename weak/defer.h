/* defer.h - what trace callbacks put off to a later stage of the cycle.
 *
 * Each marker fills chunks of calls of its own, a stage each.  Full chunks go to a list of the heap.
 * Without memory for a chunk the call is lost, and the stage falls back to recalling: all objects
 * that are alive and have a trace callback are traced again, with a tracer whose visits do nothing,
 * and those calls that are deferred to the stage are made at once.  Ephemerons are then recalled
 * until nothing more is marked: that is a fixpoint, and slow, and the only place that has one. */
#ifndef WEAK_DEFER_H
#define WEAK_DEFER_H

#include <besom/defer.h>

#include "gc/mark.h"

/* Ephemerons of the library's own, which may be looked at beside mutators: a stage between those of
 * besom/defer.h, called with EPHEMERONS. */
enum { OWN_EPHEMERONS = BESOM_CLEAR_KEYS + 1, N_DEFERS, DEFER_CHUNK_CALLS = 254 };

struct besom__defer_chunk {
    struct besom__defer_chunk *next;
    size_t n;
    struct besom__call calls[DEFER_CHUNK_CALLS];
};

/* A marker's own; its owner's while markers work, the driver's when they do not. */
struct besom__deferrer {
    struct besom__defer_chunk *filling[N_DEFERS];
    size_t n_scanned; /* ephemerons, in this cycle */
} __attribute__((aligned(64)));

struct besom__defers {
    pthread_mutex_t lock;
    struct besom__defer_chunk *full[N_DEFERS]; /* under lock */
    struct besom__defer_chunk *called; /* their calls may be on markers' stacks: the driver's */
    struct besom__deferrer *deferrers; /* one for each marker */
    uint32_t lost[N_DEFERS];           /* some call was, in this cycle; atomic */
    uint32_t by_host;   /* some call that is still to be made is the host's; atomic */
    size_t n_overflows; /* chunks and records for which there was no memory; atomic */
    size_t recalled_at; /* objects that were marked when ephemerons were last recalled */
    bool recalling;     /* ephemerons: nothing is to be entered as pending */
};

int besom__defers_init(struct besom_heap *heap, struct besom__defers *defers);
void besom__defers_fini(struct besom_heap *heap, struct besom__defers *defers);

/* besom_defer for the library's own objects, which may be cleared, and their ephemerons looked at,
 * beside running mutators.  stage: also OWN_EPHEMERONS. */
void besom__defer(struct besom_tracer *tracer, unsigned stage, besom_defer_fn fn, void *obj);

/* The reverse of besom_visit_ephemeron: key is alive if value is marked before values are cleared. */
bool besom__visit_by_value(struct besom_tracer *tracer, void *value, void *key);

/* A cycle begins, or its stages are over: nothing is deferred. */
void besom__defers_reset(struct besom_heap *heap, struct besom__defers *defers);

/* Nothing is left to mark: makes the calls of RETRACE, or else of EPHEMERONS; beside mutators those of
 * OWN_EPHEMERONS alone.  True if there were any, so that there may be more to mark. */
bool besom__defers_converge(struct besom_heap *heap, struct besom__defers *defers);

/* Makes calls of a clearing stage for about 50 microseconds; true: there are more. */
bool besom__defers_clear(struct besom_heap *heap, struct besom__defers *defers,
                         enum besom_stage stage);

/* Two markers that trace an object in the same instant both defer it.  True, for one of them in a
 * round: it is to be looked at.  *scanned_in is part of the object. */
bool besom__defers_scan_once(const struct besom_tracer *tracer, uint32_t *scanned_in);

/* Marking is complete, or WEAK under way. */
enum besom__rest besom__defers_rest(const struct besom_heap *heap,
                                    const struct besom__defers *defers);

#endif
