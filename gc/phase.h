/* phase.h - how weak structures take part in a cycle.
 *
 * gc/ knows nothing of weak references, tables or finalizers.  They register a table of hooks;
 * gc/cycle.c calls them, in the order of registration within each stage, with the world stopped.
 * After marking has converged the stages follow each other:
 *
 *     STAGE_CLEAR_EARLY  short weak references and weak values to white objects go
 *     STAGE_FINALIZE     dead finalizable objects are set apart and visited; what they reach is
 *                        marked, and `converge` is asked again
 *     STAGE_CLEAR_LATE   weak keys, long weak references, values of resurrected tables go */
#ifndef GC_PHASE_H
#define GC_PHASE_H

#include <besom/heap.h>

enum besom__stage { STAGE_CLEAR_EARLY, STAGE_FINALIZE, STAGE_CLEAR_LATE, N_STAGES };

/* Any function may be NULL. */
struct besom__phase_hooks {
    void *data;
    /* A cycle begins: nothing is marked. */
    void (*begin)(void *data, struct besom_tracer *tracer);
    /* An object with the KEYED bit was marked; the bit is cleared.  From any marker thread. */
    void (*keyed)(void *data, struct besom_tracer *tracer, void *obj);
    /* Nothing is left to mark: visits what this structure now holds reachable; true if any. */
    bool (*converge)(void *data, struct besom_tracer *tracer);
    void (*stage[N_STAGES])(void *data, struct besom_tracer *tracer);
};

enum { MAX_PHASE_HOOKS = 8 };

struct besom__phases {
    struct besom__phase_hooks hooks[MAX_PHASE_HOOKS];
    unsigned n;
};

#endif
