/* stop.h - stopping the world, and letting it go.
 *
 * A mutator's word of state and requests:
 *
 *     0                       running, nothing asked of it
 *     NATIVE                  does not touch the heap; never waited for
 *     NATIVE | BORROWED       the same, and a stop holds it there
 *     any | REQUEST_...       somebody wants something at the next safepoint
 *
 * Running to native and back is the mutator's own doing; a stop turns NATIVE into BORROWED, so a
 * stopped mutator is one that is borrowed.  A mutator that finds a stop request at a safepoint
 * enters the native state and leaves it again, which waits: parking needs nothing of its own.
 *
 *     native_enter: swap in NATIVE (release: the heap's writes before it are seen by the stop)
 *     stop:         CAS NATIVE -> NATIVE|BORROWED (acquire), or wait for native_enter's signal
 *     resume:       clear BORROWED and the request (release), broadcast
 *     native_leave: CAS NATIVE -> 0 (acquire), or wait for resume's broadcast
 *
 * The stop waits under stop_lock, which no mutator holds while it waits for anything else. */
#ifndef GC_STOP_H
#define GC_STOP_H

#include <besom/mutator.h>

#include <pthread.h>

enum {
    MUTATOR_NATIVE = 1,
    MUTATOR_BORROWED = 2,
    REQUEST_STOP = 4,      /* set and cleared by stops */
    REQUEST_COLLECT = 8,   /* the trigger is reached */
    REQUEST_SETTLE = 16,   /* weak structures, destroy hooks or other code of the host's wait */
    REQUEST_ALWAYS = 32,   /* stress: every safepoint takes the slow path */
    REQUEST_HANDSHAKE = 64 /* a round begins: its answer is wanted */
};

struct besom__mutator;

struct besom__stop {
    struct besom__mutator *mutators; /* attached; under stop_lock */
    struct besom__mutator *detached; /* for reuse; under stop_lock */
    size_t n_mutators;               /* attached; atomic */
    uint32_t n_attached;             /* ever; under stop_lock */
    struct besom__mutator *self;     /* who drives the stop in force, if it has a mutator */
    bool active;                     /* a stop is asked for or in force; under stop_lock */
    pthread_cond_t arrived;          /* a mutator became native while a stop was asked for */
    pthread_cond_t resumed;
    uint64_t requested_ns, reached_ns; /* of the stop in force */
    uint64_t ns_last, ns_sum, ns_max;  /* of stops; under stop_lock */
};

int besom__stop_init(struct besom_heap *heap);
void besom__stop_fini(struct besom_heap *heap);

/* Stops all mutators but self (may be NULL), which holds heap->collect_lock.  Blocks until the
 * last one is at a safepoint. */
void besom__world_stop(struct besom_heap *heap, struct besom__mutator *self);

/* Lets them go; returns how long the world stood, in ns. */
uint64_t besom__world_resume(struct besom_heap *heap, struct besom__mutator *self);

/* Is self, at a safepoint, the only mutator?  Then nobody attaches before it lets others in, as in a
 * stop, but none is counted. */
bool besom__stop_alone(struct besom_heap *heap, struct besom__mutator *self);
void besom__stop_let_in(struct besom_heap *heap);

/* At a safepoint: waits while a stop is in force. */
void besom__park(struct besom__mutator *m);

/* Takes collect_lock, in turn; a mutator waits for it as in a native region. */
void besom__collect_lock(struct besom_heap *heap, struct besom__mutator *m);
void besom__collect_unlock(struct besom_heap *heap);

/* The unchecked halves of besom_native_enter and _leave. */
void besom__native_enter(struct besom__mutator *m);
void besom__native_leave(struct besom__mutator *m);

/* Sets request bits in every mutator.  Takes stop_lock. */
void besom__request_all(struct besom_heap *heap, uint32_t bits);

#endif
