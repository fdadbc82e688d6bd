/* finalizer.h - objects that come back once before they go. */
#ifndef WEAK_FINALIZER_H
#define WEAK_FINALIZER_H

#include <besom/finalize.h>

#include "gc/trace.h"
#include "weak/slab.h"

struct besom__registration;

struct besom__registrations { /* a queue; last is meaningless if first is NULL */
    struct besom__registration *first, *last;
};

/* All under root_lock. */
struct besom__finalizers {
    struct besom__slab records;
    struct besom__registration *registered; /* the newest first */
    struct besom__registration **scan; /* in STAGE_FINALIZE: the link to look at next; else NULL */
    /* What the cycle under way has found dead; those from to_visit on are not visited yet. */
    struct besom__registrations found[BESOM_FINALIZER_GROUPS];
    unsigned visit_group;
    struct besom__registration *to_visit;
    struct besom__registrations ready; /* the queue */
    size_t n_registered, n_found, n_ready;
    uint64_t n_finalized;
    uint64_t n_visited; /* n_finalized when the queue was last marked, since a full cycle began */
    bool host_knows;    /* that the queue is not empty */
};

void besom__finalizers_init(struct besom__finalizers *f);
void besom__finalizers_fini(struct besom_heap *heap, struct besom__finalizers *f);

/* A full cycle begins: nothing is marked. */
void besom__finalizers_forget(struct besom_heap *heap, struct besom__finalizers *f);

/* Visits the queue; for marking, unless all of it is marked. */
void besom__finalizers_roots(struct besom__finalizers *f, struct besom_tracer *tracer);

/* Marking is complete: everything registered is to be looked at. */
void besom__finalizers_begin(struct besom_heap *heap, struct besom__finalizers *f);

/* A quantum of STAGE_FINALIZE: first sets all that is dead apart, then visits it; when it has been
 * marked too, and so on the next call, the queue gets it.  True: not done. */
bool besom__finalizers_some(struct besom_heap *heap, struct besom__finalizers *f,
                            struct besom_tracer *tracer);

bool besom__finalizers_any(struct besom_heap *heap, struct besom__finalizers *f);

/* True, once: the queue is no longer empty, and the host has not been told. */
bool besom__finalizers_tell(struct besom_heap *heap, struct besom__finalizers *f);

#endif
