/* root.h - handles, registered roots, and the scan over all roots. */
#ifndef GC_ROOT_H
#define GC_ROOT_H

#include <besom/compiled.h>
#include <besom/root.h>

struct besom_handle {
    struct besom_heap *heap;
    struct besom_handle *next, *previous; /* in use: both; free: next */
    void *object;                         /* its owner's; read with the world stopped */
    const char *name;
    bool in_use;
};

enum besom__root_kind { ROOT_FREE, ROOT_RANGE, ROOT_AMBIGUOUS, ROOT_SOURCE, ROOT_WALKER };

struct besom__mutator;

struct besom_root {
    struct besom_heap *heap;
    struct besom_root **list; /* the heap's, or a mutator's */
    struct besom_root *next;
    enum besom__root_kind kind;
    const char *name;
    const void *start; /* RANGE, AMBIGUOUS */
    size_t n;
    besom_root_fn fn;   /* SOURCE */
    besom_walk_fn walk; /* WALKER, of `mutator`'s stack */
    const struct besom__mutator *mutator;
    void *data;
};

/* Under root_lock.  Records are never returned to the system before
 * the heap is freed, so that a second free is noticed. */
struct besom__roots {
    struct besom_handle *handles, *free_handles;
    struct besom_root *registered, *free_roots;
};

/* What is being looked at: for reports and retaining paths. */
struct besom__root_name {
    const char *kind; /* "frame", "handle", "range", "source", ... */
    const char *name;
};

/* World stopped: visits every root of the heap and its mutators.  tracer->root names the one being
 * visited.  Takes root_lock: threads without a mutator may register roots meanwhile. */
void besom__roots_visit(struct besom_heap *heap, struct besom_tracer *tracer);

/* The same in parts, for marking beside mutators.  What one mutator's frames and sources refer to:
 * by its own thread, or while it is borrowed. */
void besom__roots_visit_mutator(struct besom__mutator *m, struct besom_tracer *tracer);

/* What may be looked at while mutators run: handles and ranges. */
void besom__roots_visit_shared(struct besom_heap *heap, struct besom_tracer *tracer);

/* World stopped: the rest, which are sources of the heap's own, and everything ambiguous. */
void besom__roots_visit_sources(struct besom_heap *heap, struct besom_tracer *tracer);

/* Is there such a rest, which the first round of a cycle wants to see? */
bool besom__roots_need_stop(struct besom_heap *heap, bool first);

/* A mutator is detached: its sources end. */
void besom__roots_end(struct besom_heap *heap, struct besom_root **list);

void besom__roots_fini(struct besom_heap *heap);

/* A copy of `root` becomes one of m's.  What a mutator check says, or BESOM_E_MEMORY. */
enum besom_status besom__root_register(struct besom_mutator *m, struct besom_root root,
                                       struct besom_root **out);

#endif
