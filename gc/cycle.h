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
    struct { /* where destroy hooks are to be run next, in FINALIZE */
        struct besom__space *space;
        struct besom__block *block;
        unsigned granule;
    } destroy;
    struct besom__cycle_counts counts; /* under stop_lock */
};

void besom__cycle_init(struct besom_heap *heap);

/* Adds to the hooks; false: the table is full.  Before the first cycle. */
bool besom__phase_register(struct besom_heap *heap, const struct besom__phase_hooks *hooks);

/* A KEYED object was marked: tells the hooks.  Any marker thread. */
void besom__phase_keyed(struct besom_tracer *tracer, void *obj);

/* One quantum of the phase the heap is in; the phase it is in then.  collect_lock held, and the
 * world stopped from IDLE to WEAK. */
enum besom_phase besom__cycle_turn(struct besom_heap *heap);

/* Until that phase is reached. */
void besom__cycle_turn_until(struct besom_heap *heap, enum besom_phase phase);

#endif
