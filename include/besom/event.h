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

enum besom_event_kind {
    BESOM_EVENT_CYCLE_BEGIN,
    BESOM_EVENT_CYCLE_END,     /* memory can be reused; the last blocks may still be unswept */
    BESOM_EVENT_PHASE_BEGIN,   /* the phase now begun ends where the next one begins */
    BESOM_EVENT_STOP,          /* the world went again; ns is how long it stood */
    /* findings of the debug options; `text` says what, `object` where */
    BESOM_EVENT_INVARIANT,     /* verify: an invariant does not hold */
    BESOM_EVENT_STACK_MENTION, /* audit_stack: a dying object is still on a C stack */
    BESOM_EVENT_DEAD_WRITE,    /* poison: a dead object was written to */
    BESOM_EVENT_FRAME_SKIPPED, /* check_frames: a frame's function is gone */
    BESOM_EVENT_CLEANUP_CYCLE  /* verify: the argument of a cleanup reaches its object */
};

/* Valid during the callback.  The callback runs on the thread that does the work, possibly with
 * the world stopped: it must not call Besom, except besom_status_text. */
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
    const void *object;
    const char *text;
};

#ifdef __cplusplus
}
#endif
#endif
