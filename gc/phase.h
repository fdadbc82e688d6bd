/* phase.h - how weak structures take part in a cycle.
 *
 * gc/ knows nothing of weak references, tables or finalizers.  They register a table of hooks, which
 * are called in the order of registration within each stage.  Mutators may be running up to TERMINATE,
 * in which the world is stopped.  From then on what is white is dead, and reads of weak things say so,
 * and mutators may be running while the stages of WEAK do the rest, in quanta:
 *
 *     STAGE_CLEAR_EARLY  short weak references and weak values to white objects go
 *     STAGE_FINALIZE     dead finalizable objects are set apart and visited, and what they reach is
 *                        marked, ephemerons included
 *     STAGE_CLEAR_LATE   weak keys, long weak references, values of resurrected tables go
 *
 * White objects are out of the mutators' reach, so marking what finalizers bring back beside them
 * races with nobody.  A quantum, and a mutator's look at a weak thing in this phase, hold
 * settle_lock; neither allocates from the heap nor waits for a mutator meanwhile.  A look first has
 * what is on its way to being marked marked to the end, so that nothing half marked is shown. */
#ifndef GC_PHASE_H
#define GC_PHASE_H

#include <besom/heap.h>
#include <besom/look.h>

enum besom__stage { STAGE_CLEAR_EARLY, STAGE_FINALIZE, STAGE_CLEAR_LATE, N_STAGES };

/* What is left of a cycle when it has marked. */
enum besom__rest {
    REST_NONE,
    REST_BESIDE, /* may be done beside running mutators */
    REST_STOPPED /* needs a stop */
};

/* Any function may be NULL. */
struct besom__phase_hooks {
    void *data;
    /* World stopped, about to begin: for the debug options. */
    void (*inspect)(void *data);
    /* A cycle begins: nothing is marked.  Mutators may be running from here on. */
    void (*begin)(void *data);
    /* Visits what the structure itself keeps alive.  tracer: a marker's, or verification's. */
    void (*roots)(void *data, struct besom_tracer *tracer);
    /* An object with the KEYED bit was marked; the bit is cleared.  From any marker thread. */
    void (*keyed)(void *data, struct besom_tracer *tracer, void *obj);
    /* Nothing is left to mark: visits what this structure now holds reachable; true if any.  Beside
     * mutators it may leave some for the stop. */
    bool (*converge)(void *data, struct besom_tracer *tracer);
    /* World stopped, marking is complete. */
    void (*condemn)(void *data);
    enum besom__rest (*rest)(void *data); /* when marking is complete: what there is to do */
    /* A quantum of a stage; true: there is more, or something was visited. */
    bool (*stage[N_STAGES])(void *data, struct besom_tracer *tracer);
    /* The stages are done: a quantum of tidying up; true: there is more. */
    bool (*end)(void *data);
    /* A quantum after the last destroy hook, before anything is swept; true: there is more. */
    bool (*destroyed)(void *data);
    /* At the end of a safepoint, no lock held, when host_due is set: runs some code of the host's
     * that waits, or all.  m NULL: the heap is about to be freed. */
    void (*host)(void *data, struct besom_mutator *m, bool all);
    void (*stats)(void *data, struct besom_stats *out);
};

enum { MAX_PHASE_HOOKS = 8 };

struct besom__phases {
    struct besom__phase_hooks hooks[MAX_PHASE_HOOKS];
    unsigned n;
};

/* Adds to the hooks; false: the table is full.  Not while a cycle is under way. */
bool besom__phase_register(struct besom_heap *heap, const struct besom__phase_hooks *hooks);

/* ---- calling them: what each is for is said above ---- */

void besom__phase_inspect(struct besom_heap *heap);
void besom__phase_begin(struct besom_heap *heap);
void besom__phase_roots(struct besom_heap *heap, struct besom_tracer *tracer);
void besom__phase_keyed(struct besom_tracer *tracer, void *obj);
bool besom__phase_converge(struct besom_heap *heap);
void besom__phase_condemn(struct besom_heap *heap);
/* What is left: the most of what any hook says; a stop if the mark stack has overflowed. */
enum besom__rest besom__phase_rest(struct besom_heap *heap);
bool besom__phase_stage(struct besom_heap *heap, enum besom__stage stage);
bool besom__phase_end(struct besom_heap *heap);
bool besom__phase_destroyed(struct besom_heap *heap);
void besom__phase_host(struct besom_heap *heap, struct besom_mutator *m, bool all);
void besom__phase_leave(struct besom_heap *heap); /* host, with all, for heap_free */
void besom__phase_stats(struct besom_heap *heap, struct besom_stats *out);

/* Defined above gc/: sets heap->weak and registers its hooks.  -1: no memory. */
int besom__weak_init(struct besom_heap *heap);
void besom__weak_fini(struct besom_heap *heap);

#endif
