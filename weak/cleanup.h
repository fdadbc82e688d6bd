/* cleanup.h - functions that are called when an object is gone. */
#ifndef WEAK_CLEANUP_H
#define WEAK_CLEANUP_H

#include <besom/finalize.h>

#include "gc/trace.h"
#include "weak/slab.h"

enum besom__cleanup_state { CLEANUP_FREE, CLEANUP_REGISTERED, CLEANUP_DUE };

/* Never returned to the system before the heap is freed, so that a late cancel is noticed. */
struct besom_cleanup {
    struct besom_cleanup *next, *previous; /* of its list; spare records of the slab: next alone */
    void *obj;                             /* dead, once it is DUE */
    besom_cleanup_fn fn;
    void *arg;
    uint64_t serial;
    enum besom__cleanup_state state;
    bool arg_is_object;
};

/* All under root_lock. */
struct besom__cleanups {
    struct besom__slab records;
    struct besom_cleanup *registered, *due;
    struct besom_cleanup *scan; /* in STAGE_CLEAR_LATE: the next to look at */
    size_t n;                   /* registered or due */
    uint64_t serial;            /* of the newest; the list of the registered is in their order */
    uint64_t visited; /* arguments up to this one are marked, since the last full cycle began */
    bool due_visited; /* the same for those that are due */
    uint64_t n_run;
};

void besom__cleanups_init(struct besom__cleanups *c);
void besom__cleanups_fini(struct besom_heap *heap, struct besom__cleanups *c);

/* Visits the arguments; for marking, those that are not marked yet. */
void besom__cleanups_roots(struct besom__cleanups *c, struct besom_tracer *tracer);

/* A full cycle begins: nothing is marked. */
void besom__cleanups_forget(struct besom_heap *heap, struct besom__cleanups *c);

/* World stopped: reports arguments that reach their objects. */
void besom__cleanups_verify(struct besom_heap *heap, struct besom__cleanups *c);

/* Marking is complete: everything registered is to be looked at. */
void besom__cleanups_begin(struct besom_heap *heap, struct besom__cleanups *c);

/* A quantum of STAGE_CLEAR_LATE; true: there is more. */
bool besom__cleanups_some(struct besom_heap *heap, struct besom__cleanups *c);

bool besom__cleanups_any(struct besom_heap *heap, struct besom__cleanups *c);

/* Runs up to max that are due; true: more are.  No lock held. */
bool besom__cleanups_run(struct besom_heap *heap, struct besom__cleanups *c,
                         struct besom_mutator *m, size_t max);

/* The heap is about to be freed: all are due. */
void besom__cleanups_leave(struct besom_heap *heap, struct besom__cleanups *c);

#endif
