/* mutator.h - the whole of a mutator; besom/mutator.h shows its head. */
#ifndef GC_MUTATOR_H
#define GC_MUTATOR_H

#include <besom/mutator.h>

#include "gc/alloc.h"
#include "gc/arena.h"
#include "gc/log.h"

#include <pthread.h>
#include <ucontext.h>

struct besom_root;

/* Written by its owner only, but for pub.requests, the list links (under stop_lock), and what a
 * stop does to it while it is borrowed. */
struct besom__mutator {
    struct besom_mutator pub;
    uint32_t magic;
    struct besom_heap *heap;
    pthread_t owner;
    struct besom__mutator *next; /* of the heap's, attached or detached */
    struct besom__bump main, overflow, hooked;
    struct besom_window overflow_window;
    struct besom__typed *typed; /* OWN_BLOCKS types this mutator has met */
    bool allocs_are_safepoints; /* safepoints=alloc */
    struct besom__log log;
    struct besom__arena arena;
    struct besom_root *roots; /* sources of its own; under root_lock */
    uint32_t serial;          /* from 1, in the order of attaching */
    uint32_t pauses_open;     /* one within the other */
    size_t polls;             /* for stress */
    size_t taken_bytes;       /* to allocate in, since it last assisted */
    bool runs_host_code;      /* at the end of a safepoint: not again within it */
    char *entry;              /* frames of live functions lie above: noted by the safepoint calls */
    bool in_native; /* between the host's calls, not when the library waits; read in stops */
    char *stack_base, *stack_top; /* of its C stack, base above top; noted when it stops */
    ucontext_t *registers;        /* with scan_stacks or audit_stack; else NULL */
};

enum { MUTATOR_ATTACHED = 0x4d555441, MUTATOR_DETACHED = 0x64657461 };

static inline struct besom__mutator *besom__mutator_of(struct besom_mutator *m)
{
    return (struct besom__mutator *)m; /* pub is the first member */
}

/* Attached, and this thread's. */
enum besom_status besom__mutator_check(const struct besom_mutator *m);

/* The same, and running, so that it may touch the heap. */
enum besom_status besom__mutator_check_running(const struct besom_mutator *m);

/* In the body of a public function that is a safepoint, which is not inlined: everything of the
 * host's is above this function on the stack. */
__attribute__((always_inline)) static inline void besom__note_entry(struct besom__mutator *m)
{
    m->entry = __builtin_frame_address(0);
}

/* What besom__note_entry noted, if m stands in a safepoint; NULL in a native region of the host's. */
void *const *besom__mutator_frame(const struct besom__mutator *m);

/* The calling thread's mutator if it is running; NULL if there is none, or if it is native and so
 * in nobody's way.  Takes stop_lock. */
struct besom__mutator *besom__mutator_running_self(struct besom_heap *heap);

/* World stopped, or its own: newborns bear the heap's epoch from here on. */
void besom__mutator_take_epoch(struct besom__mutator *m);

/* In the child of a fork, world stopped: detaches all but the calling thread's. */
void besom__mutators_fork_child(struct besom_heap *heap);

/* Frees all.  None is attached. */
void besom__mutators_fini(struct besom_heap *heap);

#endif
