/* defer.h - for hosts with weak tables of their own.
 *
 * A host that has hash tables already, and semantics of its own for the weak ones, takes part in
 * the end of a cycle: the trace callback of a table visits what it holds strongly, and defers the
 * rest to a stage.  What the mode of the table is may be decided at that moment.
 *
 *     BESOM_RETRACE       everything else is marked, in the stop: the function may visit more
 *     BESOM_EPHEMERONS    the same, for entries whose value lives if the key does: the function
 *                         calls besom_visit_ephemeron for each
 *     BESOM_CLEAR_VALUES  what is not marked is dead, and dead objects with finalizers have not
 *                         been brought back: the function removes entries whose values are dead
 *     BESOM_CLEAR_KEYS    they have: it removes entries whose keys are dead
 *
 * An object that is first reached from one that a finalizer brought back has its BESOM_CLEAR_VALUES
 * called just before the functions of BESOM_CLEAR_KEYS.  Within a stage no order is promised.
 * Functions are called with the world stopped, in every mode: a host that defers to a clearing stage
 * has its finalizable objects found in the stop too, so that nobody ever sees a dead entry.  (Besom's
 * own tables do without.)  The trace callback that defers may run beside mutators, and what it has
 * seen may have changed by the time its function is called: functions look again.
 *
 * Functions run like trace callbacks: perhaps on a thread of the library's; they must not allocate,
 * poll, block, or call anything of Besom but what this header and besom/type.h offer. */
#ifndef BESOM_DEFER_H
#define BESOM_DEFER_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum besom_stage { BESOM_RETRACE, BESOM_EPHEMERONS, BESOM_CLEAR_VALUES, BESOM_CLEAR_KEYS };

typedef void (*besom_defer_fn)(struct besom_tracer *tracer, void *obj);

/* In a trace callback, or in a function of an earlier stage: fn(tracer, obj) is to be called in
 * `stage`, for an obj that is alive.  Never fails: without memory it becomes slower (the objects
 * with trace callbacks are then asked again, with besom_visit doing nothing).  It may be called more
 * than once for an object in a cycle.  Ignored outside of marking (besom_verify traces too). */
BESOM_API void besom_defer(struct besom_tracer *tracer, enum besom_stage stage, besom_defer_fn fn,
                           void *obj);

/* In a function of BESOM_EPHEMERONS: value (an object, or NULL) is alive if key, an object, is.
 * True: the key is marked.  False: it is not yet, and value will be visited if it ever is; the
 * function may defer to BESOM_CLEAR_KEYS on that account.  Linear: O(1) a call, and O(1) when the
 * key is marked, whatever the graph. */
BESOM_API bool besom_visit_ephemeron(struct besom_tracer *tracer, void *key, void *value);

/* Has marking found obj, an object of this heap that some structure still mentions, to be dead?
 * Meaningful in functions of the clearing stages, and from the end of marking until the memory is
 * reused: a host's own table of interned strings, from which destroy hooks remove the dead, asks it
 * before it hands out what it found.  False for NULL. */
BESOM_API bool besom_is_dead(const struct besom_heap *heap, const void *obj);

/* Takes a dead object of a LEAF type back, for such a table.  True: it is alive (or was).  False: it
 * is too late, or obj is not a LEAF: treat it as gone.  What hangs on it may be gone: its weak
 * references cleared, its cleanups due, its external memory no longer charged.  From a thread with a
 * running mutator; never collects. */
BESOM_API bool besom_revive(struct besom_mutator *m, void *obj);

/* The heap whose cycle a callback takes part in. */
BESOM_API struct besom_heap *besom_tracer_heap(const struct besom_tracer *tracer);

#ifdef __cplusplus
}
#endif
#endif
