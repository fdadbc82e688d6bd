/* cycle.h - the collection cycle. */
#ifndef GC_CYCLE_H
#define GC_CYCLE_H

#include <besom/event.h>
#include <besom/mutator.h>

#include "gc/phase.h"

struct besom__block;
struct besom__mutator;
struct besom__space;

/* What statistics say of cycles. */
struct besom__cycle_counts {
    uint64_t cycles, emergencies, minors;
    size_t promoted_bytes;           /* by minor cycles, ever */
    size_t live_bytes, live_objects; /* after the last */
    uint64_t mark_ns; /* of the last: what mutators did between its slices not counted */
    uint64_t mark_ns_sum, overflows; /* of all */
};

/* Written under collect_lock, most of it with the world stopped. */
struct besom__cycle {
    uint32_t phase; /* enum besom_phase; atomic */
    enum besom_reason reason;
    uint32_t emergency; /* no host code but trace and root callbacks; atomic */
    bool minor;         /* old objects are marked already; this one judges the young */
    uint8_t mark_color; /* of marked objects: 2 or 3, swapped by each full cycle; atomic */
    uint8_t epoch;      /* of stamps: 1 or 2; under stop_lock */
    struct besom__mutator *driver; /* the mutator of whoever turns the crank, or NULL */
    bool waits;                    /* the last turn found nothing to do but wait */
    uint32_t judged;               /* cycles that have come to their stop */
    uint32_t sweep_epoch; /* moves on when marking ends; blocks of older ones are unswept */
    uint64_t number;      /* of the cycle in progress or last ended, from 1 */
    bool was_emergency;   /* that cycle */
    struct besom_cycle_record record; /* of the cycle under way */
    uint64_t started_ns;
    uint64_t left_ns, away_ns; /* mode incremental: when marking was left to the mutators, or 0; and
                                  for how long in all */
    struct besom__phases phases;
    uint32_t stage;        /* enum besom__stage, in WEAK; under settle_lock */
    size_t overflows;      /* of this cycle, as far as they are counted */
    size_t marked_objects; /* in this cycle, up to its stop */
    bool stopped;          /* the world is, for the driver; false to all others */
    uint32_t host_due;     /* some hook has host code to run at a safepoint; atomic */
    struct {               /* where destroy hooks are to be run next, in FINALIZE */
        struct besom__space *space;
        struct besom__block *block;
        unsigned granule;
    } destroy;
    struct besom__cycle_counts counts; /* under stop_lock */
};

void besom__cycle_init(struct besom_heap *heap);

/* In WEAK, settle_lock held, for a mutator that looks at weak things: what finalizers have brought
 * back so far is marked with all that it reaches.  False: it cannot be, for want of memory. */
bool besom__cycle_catch_up(struct besom_heap *heap);

/* In WEAK, settle_lock held: a mutator is about to see obj.  If it is dead it is brought back, until
 * the stage CLEAR_LATE.  True: it is alive, with all that it reaches. */
bool besom__cycle_reveal(struct besom_heap *heap, void *obj);

/* Is it in MARK or TERMINATE?  collect_lock held. */
bool besom__is_marking(const struct besom_heap *heap);

/* Stops the world for the cycle, which may then do what it does only in a stop, and lets it go. */
void besom__cycle_stop(struct besom_heap *heap);
void besom__cycle_resume(struct besom_heap *heap);

/* World stopped, a cycle is about to begin: what the debug options look at. */
void besom__cycle_inspect(struct besom_heap *heap);

/* Whoever turned the crank goes back to the program: the time until the next turn is not marking's. */
void besom__cycle_leave(struct besom_heap *heap);

/* One quantum, of max_objects where there is marking to do beside mutators, of the phase the heap is
 * in; the phase it is in then.  collect_lock held.  The world is stopped in TERMINATE; if it is in IDLE
 * and MARK, that marks everything, otherwise marking goes on beside mutators. */
enum besom_phase besom__cycle_turn(struct besom_heap *heap, size_t max_objects);

/* Until that phase is reached.  Beside mutators it blocks while there is nothing to do but wait. */
void besom__cycle_turn_until(struct besom_heap *heap, enum besom_phase phase);

#endif
