/* event.h - what a heap tells its host while it works. */
#ifndef BESOM_EVENT_H
#define BESOM_EVENT_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The phases of a cycle, in order. */
enum besom_phase {
    BESOM_IDLE,
    BESOM_MARK,
    BESOM_TERMINATE,
    BESOM_WEAK,     /* weak structures drop what is dead, finalizers bring it back */
    BESOM_FINALIZE, /* destroy hooks */
    BESOM_SWEEP
};

/* Why a cycle began. */
enum besom_reason {
    BESOM_REASON_HEADROOM, /* the heap reached its trigger */
    BESOM_REASON_LIMIT,    /* an allocation had failed, or was about to */
    BESOM_REASON_HOST,     /* besom_collect or besom_step */
    BESOM_REASON_STRESS    /* the stress option */
};

/* What one round of marking beside running mutators did. */
struct besom_round_record {
    uint64_t asked_ns, began_ns, ended_ns; /* the handshake was asked for; all had answered; over */
    size_t entries;                        /* of logs, deferred objects and roots gone through */
    size_t objects;                        /* marked */
};

enum { BESOM_RECORD_ROUNDS = 16 };

/* A cycle, from its beginning until its memory can be reused.  Times are of the monotonic clock; 0:
 * did not happen. */
struct besom_cycle_record {
    uint64_t cycle;
    enum besom_reason reason;
    bool minor;     /* only what is younger than the last cycle was judged */
    bool emergency;
    bool beside;    /* marked beside running mutators */
    uint64_t began_ns, ended_ns;
    uint32_t rounds;                                       /* in all */
    struct besom_round_record round[BESOM_RECORD_ROUNDS];  /* the first ones; the last is the last */
    /* the stop that ends marking: asked for, all stood, roots and logs done, marked, gone on */
    uint64_t stop_asked_ns, stop_reached_ns, stop_roots_ns, stop_marked_ns, stop_ended_ns;
    size_t stop_objects;           /* marked in it */
    size_t assists, waits;         /* quanta of marking by allocating mutators; their pauses */
    uint64_t assist_ns, wait_ns;
    size_t marked_bytes;           /* in this cycle */
    size_t live_bytes;             /* afterwards */
    size_t used_begin_bytes, used_end_bytes; /* at its beginning, and when marking ended */
    size_t limit_bytes;            /* used_end_bytes beyond this: allocation was held up */
};

enum besom_event_kind {
    BESOM_EVENT_CYCLE_BEGIN,
    BESOM_EVENT_CYCLE_END,     /* memory can be reused; the last blocks may still be unswept */
    BESOM_EVENT_PHASE_BEGIN,   /* the phase now begun ends where the next one begins */
    BESOM_EVENT_STOP,          /* the world went again; duration_ns is how long it stood */
    /* findings of the debug options; `text` says what, `object` where */
    BESOM_EVENT_INVARIANT,     /* verify: an invariant does not hold */
    BESOM_EVENT_STACK_MENTION, /* audit_stack: a dying object is still on a C stack */
    BESOM_EVENT_DEAD_WRITE,    /* poison: a dead object was written to */
    BESOM_EVENT_FRAME_SKIPPED, /* check_frames: a frame's function is gone */
    BESOM_EVENT_CLEANUP_CYCLE  /* verify: the argument of a cleanup reaches its object */
};

/* Valid during the callback.  The callback runs on the thread that does the work, which may be one
 * of the library's, possibly with the world stopped: it must not call Besom, except
 * besom_status_text. */
struct besom_event {
    enum besom_event_kind kind;
    enum besom_phase phase;
    enum besom_reason reason;
    uint64_t cycle;              /* counts from 1 */
    uint64_t at_ns;              /* monotonic clock */
    uint64_t duration_ns;        /* STOP: of the stop; CYCLE_END: of the cycle */
    uint64_t time_to_stop_ns;    /* STOP: from the request until the last mutator stood */
    size_t live_bytes;           /* CYCLE_END: marked */
    size_t committed_bytes;      /* blocks and huge objects */
    size_t trigger_bytes;        /* CYCLE_END: the next cycle starts here */
    const struct besom_cycle_record *record; /* CYCLE_END; valid during the callback */
    const void *object;
    const char *text;
};

#ifdef __cplusplus
}
#endif
#endif
