/* round.h - marking beside running mutators, in rounds.
 *
 *     ask      the epoch flips; every mutator, at its next safepoint, takes the new epoch, hands over
 *              its log, and says what its roots refer to
 *     answers  one after another; the driver answers for those in native regions
 *     work     logged objects that are marked are traced again, deferred ones are traced, roots are
 *              marked, and whatever is reached from there; ephemerons are looked at
 *
 * A round is over when nothing is left to mark.  If it was short, the world is stopped, and the same
 * is done once more with all roots and logs: that is TERMINATE.  Otherwise there is another round.
 *
 * Why this is right is section 7 of doc/concurrency.md. */
#ifndef GC_ROUND_H
#define GC_ROUND_H

#include <besom/heap.h>

#include "gc/bag.h"

struct besom__chunk;
struct besom__mutator;

/* Where flagged blocks are being gone through. */
struct besom__rescanning {
    struct besom__chunk *chunk; /* NULL: nowhere */
    unsigned block, granule;    /* the next; of a granule only `inside` the block */
    bool inside;
};

enum { DIRTY_SOME = 1, DIRTY_ALL };

enum besom__round_state { ROUND_NONE, ROUND_ASKED, ROUND_WORKS };

/* The driver's, but for what is said. */
struct besom__round {
    uint32_t state;  /* enum besom__round_state; atomic: mutators that assist look */
    bool first;      /* of its cycle */
    bool open;       /* marking is under way beside mutators, up to the stop; under stop_lock */
    uint32_t n;      /* in this cycle, so far */
    uint32_t serial; /* counts all rounds and stops that ever marked; changes when nobody marks */
    struct besom__bag handed; /* logs that mutators handed over; under stop_lock */
    struct besom__bag late;   /* of mutators that detached, and what weak structures changed: to be
                                 looked at a round later; under stop_lock */
    struct besom__bag roots;  /* what mutators' roots refer to; under stop_lock */
    struct besom__bag pending, deferred; /* to be gone through in this round; in the next */
    struct besom__bag unbarriered;       /* marked objects that are written without a barrier */
    struct besom__bag racy;              /* marked, to be traced in the stop */
    struct besom__bag again;             /* unbarriered ones that this round has still to trace */
    size_t work, anew;                   /* entries gone through in this round; of these `again` */
    size_t marked_objects;               /* in this cycle, before this round */
    uint32_t outrun;                     /* rounds do not get smaller; atomic */
    uint32_t lost;                       /* unbarriered objects, for want of memory; atomic */
    uint32_t dirty;                      /* DIRTY_SOME blocks are, DIRTY_ALL, or 0; atomic */
    struct besom__rescanning rescanning;
    uint64_t asked_ns, began_ns, ended_ns; /* of the last round */
    size_t found, done; /* in the last round: objects; these and work but `anew` */
    size_t full_bytes;  /* marked by the last full cycle, by the end of its stop */
};

enum besom__round_progress {
    ROUND_MORE,  /* there is work */
    ROUND_WAITS, /* for a mutator's answer, or for those who help */
    ROUND_OVER   /* the last round was short: the rest is for the stop */
};

void besom__rounds_fini(struct besom_heap *heap);

/* Everything swept: begins to mark beside mutators. */
void besom__rounds_begin(struct besom_heap *heap);

/* A quantum of about max_objects. */
enum besom__round_progress besom__round_some(struct besom_heap *heap, size_t max_objects);

/* Blocks, not for long, until what ROUND_WAITS was returned for may have happened. */
void besom__round_wait(struct besom_heap *heap);

/* World stopped: the rest of what was marked beside mutators is ready to be drained. */
void besom__rounds_finish(struct besom_heap *heap);

/* World stopped, a cycle begins that is marked in this stop alone: its epoch. */
void besom__rounds_flip(struct besom_heap *heap);

/* The same, its colors chosen: what logs say, if it is a minor one; otherwise they are forgotten. */
void besom__rounds_remember(struct besom_heap *heap);

/* World stopped, marking complete: the end of the cycle's part in logs and stamps. */
void besom__rounds_end(struct besom_heap *heap);

/* At a safepoint, for itself. */
void besom__round_answer(struct besom__mutator *m);

/* A mutator detaches, running: its log is handed over. */
void besom__round_leave(struct besom__mutator *m);

/* The collector, or whoever does its work, has changed references in obj beside mutators. */
void besom__round_note(struct besom_heap *heap, void *obj);

#endif
