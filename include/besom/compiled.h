/* compiled.h - what code needs that a host's compiler emits: where its references lie, and where the
 * inline paths of the library find their words.
 *
 * Roots: LLVM's `shadow-stack` strategy keeps a list of frames in memory, which
 * besom_llvm_shadow_stack reads.  Code with stack maps (LLVM's statepoints, a JIT's own tables) is
 * walked by the host: besom_stack_walker tells it where a mutator stands.
 *
 * Inline paths: besom_new, besom_poll and besom_write are a few instructions over the head of
 * struct besom_mutator, and a byte of metadata found from an object's address (besom/meta.h).  The
 * offsets below are what those instructions need, and stay as they are within a minor version;
 * doc/manual.md, "Compiled code", has the sequences. */
#ifndef BESOM_COMPILED_H
#define BESOM_COMPILED_H

#include <besom/base.h>
#include <besom/mutator.h>
#include <besom/root.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- roots ---- */

/* A frame of LLVM's shadow stack, as its generated code lays it out: a link, a map, then n_roots
 * words (LLVM, "Garbage Collection with LLVM", the shadow stack). */
struct besom_llvm_map {
    int32_t n_roots;
    int32_t n_metadata; /* followed by as many pointers, of the first roots */
};
struct besom_llvm_frame {
    struct besom_llvm_frame *next;
    const struct besom_llvm_map *map;
};

/* The roots of all frames from *top on are roots of m, in the heap's encoding.  top is the address of
 * the list's head: `llvm_gc_root_chain`, which LLVM defines once for a program, so that one thread
 * may run such code at a time, or the host's own for each thread.  Ends as
 * besom_mutator_root_source's does.  What a mutator check says, BESOM_E_ARGUMENT or BESOM_E_MEMORY. */
BESOM_API enum besom_status besom_llvm_shadow_stack(struct besom_mutator *m,
                                                    struct besom_llvm_frame *const *top,
                                                    const char *name, struct besom_root **out);

/* Walks a stack: visits what its frames refer to.  `frame` is the address of the frame of the library
 * function in which the mutator stands: frame[0] is its caller's frame pointer, frame[1] the address
 * its caller returns to (so on x86-64 and AArch64), from where a host with frame pointers, or with
 * an unwinder, goes on.  In a native region `frame` is NULL: the functions that lie above it are the
 * host's to remember before besom_native_enter.
 * Runs where and when a mutator's root source does, and under the same restrictions. */
typedef void (*besom_walk_fn)(struct besom_tracer *tracer, void *const *frame, void *data);

/* Registers a walker of m's stack; it ends as a mutator's root source does.  What a mutator check
 * says, BESOM_E_ARGUMENT for a NULL function, BESOM_E_MEMORY. */
BESOM_API enum besom_status besom_stack_walker(struct besom_mutator *m, besom_walk_fn walk,
                                               void *data, const char *name,
                                               struct besom_root **out);

/* ---- where the inline paths look ---- */

/* In struct besom_mutator, in bytes; with the width of each. */
enum besom_mutator_offset {
    BESOM_MUTATOR_REQUESTS = 0, /* 4: a poll calls besom__poll_slow unless it is 0 */
    BESOM_MUTATOR_BIRTH = 4,    /* 1: the metadata of a newborn, to which LEAF and END are added */
    BESOM_MUTATOR_STAMP = 5,    /* 1 */
    BESOM_MUTATOR_BARRIER_ON = 6, /* 1: 0: stores need nothing */
    BESOM_MUTATOR_TYPE_WORDS = 7, /* 1: constant; 1 if the first word of an object is its type */
    BESOM_MUTATOR_FRAMES = 8,     /* 8: the innermost struct besom_frame */
    BESOM_MUTATOR_CURSOR = 16,    /* 8: where the next object goes */
    BESOM_MUTATOR_LIMIT = 24,     /* 8: the end of what is free there */
    BESOM_MUTATOR_HOOKED_CURSOR = 40, /* 8: the same for types with a destroy hook */
    BESOM_MUTATOR_HOOKED_LIMIT = 48   /* 8 */
};

/* The metadata byte of the granule at p is at (p & ~BESOM_META_MASK) + ((p & BESOM_META_MASK) >>
 * BESOM_META_SHIFT).  An object's first byte gets BIRTH, with BESOM_META_LEAF if its type is a leaf;
 * then its last one, the same if it has a single granule, gets BESOM_META_END. */
enum besom_meta_layout {
    BESOM_META_MASK = (4 << 20) - 1,
    BESOM_META_SHIFT = 4,
    BESOM_META_LEAF = 0x04,
    BESOM_META_END = 0x08,
    BESOM_META_LARGE =
        0x20, /* stores are logged by card: call besom__write_slow whatever the stamp */
    BESOM_META_STAMP = 0xC0 /* (byte ^ STAMP) & this: 0 if a store needs nothing more */
};

#ifdef __cplusplus
}
#endif
#endif
