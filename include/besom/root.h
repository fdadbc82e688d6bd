/* root.h - what a host keeps alive from outside the heap.
 *
 * Frames for C locals, handles for single references that outlive a function, ranges of slots,
 * and sources: callbacks that enumerate a host's own stacks.  All have names, which reports and
 * retaining paths print; a name must live as long as its root. */
#ifndef BESOM_ROOT_H
#define BESOM_ROOT_H

#include <besom/base.h>
#include <besom/mutator.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- frames: locals of one C function ---- */

/* The head of a frame; n references, as plain pointers, follow it directly. */
struct besom_frame {
    struct besom_frame *previous;
    struct besom_mutator *mutator;
    const char *name;
    size_t n;
};

/* Who pops a frame when its scope ends.  Apart from the frame, so that it can stay in registers. */
struct besom__frame_guard {
    struct besom_mutator *mutator;
    struct besom_frame *previous;
};

static inline void besom__frame_push(struct besom_mutator *m, struct besom_frame *frame, size_t n,
                                     const char *name)
{
    frame->previous = m->frames;
    frame->mutator = m;
    frame->name = name;
    frame->n = n;
    m->frames = frame;
}

static inline void besom__frame_pop(struct besom__frame_guard *guard)
{
    guard->mutator->frames = guard->previous;
}

/* Declares and roots locals until the end of the enclosing scope, however it is left (return,
 * break, a C++ exception; after a longjmp see besom_frames_restore):
 *
 *     BESOM_LOCALS(m, struct pair *a; struct pair *b;);
 *     my->a = besom_new(m, &pair_type);
 *
 * The members are pointers to objects (or arrays of them) and start as NULL.  One to a scope; in
 * an inner scope `my` is the inner one. */
#define BESOM_LOCALS(m, ...)                                                                      \
    struct besom__locals_refs { __VA_ARGS__ };                                                    \
    struct besom__locals {                                                                        \
        struct besom_frame frame;                                                                 \
        struct besom__locals_refs refs;                                                           \
    };                                                                                            \
    struct besom__locals besom__my;                                                               \
    __builtin_memset(&besom__my.refs, 0, sizeof besom__my.refs);                                  \
    __attribute__((cleanup(besom__frame_pop))) struct besom__frame_guard besom__guard = {         \
        (m), (m)->frames};                                                                        \
    besom__frame_push(besom__guard.mutator, &besom__my.frame,                                     \
                      sizeof besom__my.refs / sizeof(void *), __func__);                          \
    struct besom__locals_refs *const my = &besom__my.refs

/* Beside setjmp: remembers the innermost frame, which may be none (NULL).  After the longjmp
 * arrives: drops the frames that it skipped.  The function that saved has not returned.
 * BESOM_E_STATE from restore: saved is not a frame of m; nothing changed. */
BESOM_API struct besom_frame *besom_frames_save(struct besom_mutator *m);
BESOM_API enum besom_status besom_frames_restore(struct besom_mutator *m,
                                                 struct besom_frame *saved);

/* ---- handles ---- */

struct besom_handle;

/* A root of its own for obj (may be NULL), until freed.  NULL: no memory, or a foreign obj.
 * Handles may be set, read and freed by any thread with a running mutator of the heap; one handle
 * by one thread at a time. */
BESOM_API struct besom_handle *besom_handle_new(struct besom_mutator *m, void *obj,
                                                const char *name);
BESOM_API void *besom_handle_get(const struct besom_handle *handle);
BESOM_API enum besom_status besom_handle_set(struct besom_handle *handle, void *obj);

/* BESOM_E_STATE: freed already. */
BESOM_API enum besom_status besom_handle_free(struct besom_handle *handle);

/* ---- ranges and sources ---- */

/* A registered root.  Ends with besom_root_free or with its heap; one that belongs to a mutator
 * ends with besom_detach as well. */
struct besom_root;

/* Visits roots: calls besom_visit and its kin.  A mutator's runs on its own thread at a safepoint, or
 * on any while the mutator stands or is in a native region, in each round of marking and in stops; a
 * heap's with the world stopped, on any thread.  Must not allocate, poll, block or call anything else
 * of Besom. */
typedef void (*besom_root_fn)(struct besom_tracer *tracer, void *data);

/* n slots in the heap's encoding, read at every collection, perhaps while mutators write them, by
 * whole words.  out may be NULL.  BESOM_E_ARGUMENT or BESOM_E_MEMORY. */
BESOM_API enum besom_status besom_root_range(struct besom_heap *heap, void **slots, size_t n,
                                             const char *name, struct besom_root **out);

/* n words that may or may not be references, to the start or the inside of objects.  Read in stops:
 * a cycle of a heap that has such words begins with one in every mode. */
BESOM_API enum besom_status besom_root_ambiguous(struct besom_heap *heap, const void *words,
                                                 size_t n, const char *name,
                                                 struct besom_root **out);

/* A callback for every collection; per heap, which makes a cycle begin with a stop in every mode, or
 * per mutator (a VM's stack). */
BESOM_API enum besom_status besom_root_source(struct besom_heap *heap, besom_root_fn fn,
                                              void *data, const char *name,
                                              struct besom_root **out);
BESOM_API enum besom_status besom_mutator_root_source(struct besom_mutator *m, besom_root_fn fn,
                                                      void *data, const char *name,
                                                      struct besom_root **out);

/* BESOM_E_STATE: freed already. */
BESOM_API enum besom_status besom_root_free(struct besom_root *root);

#ifdef __cplusplus
}
#endif
#endif
