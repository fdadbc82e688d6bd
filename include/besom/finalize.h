/* finalize.h - hearing that an object is dead: finalizers and cleanups.
 *
 * A finalizer brings its object back, once, for the host to take its leave of; a cleanup is a
 * function and an argument that are left when the object is gone.  (A destroy hook, in the type,
 * runs on the dead object itself.  doc/manual.md says which to use when.)  An object may have any
 * number of either. */
#ifndef BESOM_FINALIZE_H
#define BESOM_FINALIZE_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- finalizers ---- */

enum { BESOM_FINALIZER_GROUPS = 8 };

/* Registers obj: when nothing but finalization reaches it any more, it comes into the queue, and it
 * and everything that it reaches stay alive until it has left it.  Each registration brings the
 * object into the queue at most once; after that it may be registered again.
 *   BESOM_E_FOREIGN  obj is no object of this heap
 *   BESOM_E_MEMORY   no memory; as before
 * and what a check of m says.  Never collects. */
BESOM_API enum besom_status besom_finalizer_add(struct besom_mutator *m, void *obj);

/* The same, in an order group, 0 .. BESOM_FINALIZER_GROUPS - 1.  besom_finalizer_add uses 0.
 * BESOM_E_ARGUMENT: no such group. */
BESOM_API enum besom_status besom_finalizer_add_group(struct besom_mutator *m, void *obj,
                                                      unsigned group);

/* Takes the next object out of the queue; NULL if it is empty, or m is not running.  What one cycle
 * found dead comes before what a later one found; of one cycle, lower groups come first; within a
 * group, what was registered last comes first.  Never collects; root the result.  Any thread with a
 * running mutator. */
BESOM_API void *besom_finalizer_next(struct besom_mutator *m);

/* For the end of a program: moves every object that is registered into the queue, dead or not, in
 * the order in which one cycle would have.  A safepoint. */
BESOM_API enum besom_status besom_finalizer_queue_all(struct besom_mutator *m);

/* ---- cleanups ---- */

struct besom_cleanup;

/* Runs after the object is gone: once its memory is out of reach of everything, finalizers
 * included.  On a thread with a mutator, within a safepoint: besom_poll and the other calls that
 * may collect run a bounded number each, besom_collect(BESOM_FULL) all that are due.  It may do
 * what its thread may do, but not jump out.  besom_heap_free runs those that are left, with m NULL:
 * they may not use the heap then.  No order is promised. */
typedef void (*besom_cleanup_fn)(struct besom_mutator *m, void *arg);

/* arg is the host's, or an object of this heap, which is kept alive.  obj must not be reachable from
 * it, or obj would never die: a heap with the option verify (or a fully checked build) looks, and reports
 * BESOM_EVENT_CLEANUP_CYCLE.  *out (may be NULL) is for besom_cleanup_cancel.
 * BESOM_E_ARGUMENT (fn is NULL), BESOM_E_FOREIGN, BESOM_E_MEMORY. */
BESOM_API enum besom_status besom_cleanup_add(struct besom_mutator *m, void *obj,
                                              besom_cleanup_fn fn, void *arg,
                                              struct besom_cleanup **out);

/* The function will not be called.  BESOM_E_STATE: it has been called, or cancelled, and the record
 * has not been given out again since.  BESOM_E_ARGUMENT for NULL. */
BESOM_API enum besom_status besom_cleanup_cancel(struct besom_mutator *m,
                                                 struct besom_cleanup *cleanup);

#ifdef __cplusplus
}
#endif
#endif
