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
    uint64_t cycles, emergencies;
    size_t live_bytes, live_objects; /* of the last */
    uint64_t mark_ns;                /* of the last */
    uint64_t mark_ns_sum, overflows; /* of all */
};

/* Written under collect_lock, most of it with the world stopped. */
struct besom__cycle {
    uint32_t phase; /* enum besom_phase; atomic */
    enum besom_reason reason;
    uint32_t emergency;   /* no host code but trace and root callbacks; atomic */
    uint8_t mark_color;   /* of marked objects: 2 or 3, swapped by each full cycle */
    uint8_t epoch;        /* of stamps: 1 or 2 */
    uint32_t sweep_epoch; /* moves on when marking ends; blocks of older ones are unswept */
    uint64_t number;      /* of the cycle in progress or last ended, from 1 */
    bool was_emergency;   /* that cycle */
    uint64_t started_ns;
    struct besom__phases phases;
    uint32_t stage;    /* enum besom__stage, in WEAK; under settle_lock */
    size_t overflows;  /* of this cycle, as far as they are counted */
    bool stopped;      /* the world is, for the driver; false to all others */
    uint32_t host_due; /* some hook has host code to run at a safepoint; atomic */
    struct { /* where destroy hooks are to be run next, in FINALIZE */
        struct besom__space *space;
        struct besom__block *block;
        unsigned granule;
    } destroy;
    struct besom__cycle_counts counts; /* under stop_lock */
};

void besom__cycle_init(struct besom_heap *heap);

/* Adds to the hooks; false: the table is full.  Not while a cycle is under way. */
bool besom__phase_register(struct besom_heap *heap, const struct besom__phase_hooks *hooks);

/* A KEYED object was marked: tells the hooks.  Any marker thread. */
void besom__phase_keyed(struct besom_tracer *tracer, void *obj);

/* Visits what weak structures keep alive of themselves. */
void besom__phase_roots(struct besom_heap *heap, struct besom_tracer *tracer);

/* The end of a safepoint, no lock held: host code that waits, some or all of it. */
void besom__phase_host(struct besom_heap *heap, struct besom_mutator *m, bool all);

/* The heap is about to be freed: all host code that waits. */
void besom__phase_leave(struct besom_heap *heap);

void besom__phase_stats(struct besom_heap *heap, struct besom_stats *out);

/* Marking is complete: what weak structures have left to do. */
enum besom__rest besom__phase_rest(struct besom_heap *heap);

/* In WEAK, settle_lock held, for a mutator that looks at weak things: what finalizers have brought
 * back so far is marked with all that it reaches.  False: it cannot be, for want of memory. */
bool besom__cycle_catch_up(struct besom_heap *heap);

/* In WEAK, settle_lock held: a mutator is about to see obj.  If it is dead it is brought back, until
 * the stage CLEAR_LATE.  True: it is alive, with all that it reaches. */
bool besom__cycle_reveal(struct besom_heap *heap, void *obj);

/* One quantum of the phase the heap is in; the phase it is in then.  collect_lock held, and the
 * world stopped from IDLE to the end of TERMINATE. */
enum besom_phase besom__cycle_turn(struct besom_heap *heap);

/* Until that phase is reached. */
void besom__cycle_turn_until(struct besom_heap *heap, enum besom_phase phase);

#endif
