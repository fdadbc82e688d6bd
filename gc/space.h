/* space.h - spaces: blocks that hold objects of one sort, and how far they are swept.
 *
 * Objects without destroy hooks share the space `small`; those with hooks lie in `hooked`; each
 * OWN_BLOCKS type has a space of its own; objects of whole blocks, and huge ones, are in `large`
 * and `hooked_large`.  A block that is not held by a mutator is in one list of its space:
 *
 *     unswept   swept_in != sweep_epoch: it still shows what died in the last cycle
 *     partial   swept, with room for more objects
 *     swept     swept, without (or with room that is not offered before the next cycle)
 *     young_partial, young   the same two, but objects were allocated there since the last cycle
 *
 * When the marking of a full cycle ends the sweep epoch moves on and all lists become unswept, in
 * constant time.  A minor cycle leaves the dead in young blocks alone, so only these do. */
#ifndef GC_SPACE_H
#define GC_SPACE_H

#include "gc/chunk.h"

/* A stack of blocks that can be joined to another in constant time. */
struct besom__block_list {
    struct besom__block *first, *last;
    size_t n;
};

struct besom__space {
    struct besom__space *next;     /* all spaces of the heap; added to under block_lock; atomic */
    const struct besom_type *type; /* OWN_BLOCKS, or NULL */
    bool is_large;
    bool is_hooked; /* destroy hooks are looked for here */
    struct besom__block_list unswept, partial, swept, young_partial, young;
    unsigned partial_longest; /* no block of `partial` has a longer hole, in granules */
};

struct besom__spaces {
    struct besom__space small, hooked, large, hooked_large;
    struct besom__space *all; /* begins with those four; OWN_BLOCKS spaces follow */
    bool may_sweep;           /* the destroy hooks of the last cycle have all run */
    size_t n_unswept;         /* blocks in the lists of that name; atomic */
    size_t n_roomy;           /* the same and `partial`, when last a block was taken; atomic */
    size_t swept_blocks;      /* since the heap was created */
};

void besom__list_push(struct besom__block_list *list, struct besom__block *block);
struct besom__block *besom__list_pop(struct besom__block_list *list);

/* The lists of a space, each with its name, in which all its blocks are that nobody holds. */
enum { SPACE_LISTS = 5 };
struct besom__block_list *besom__space_list(struct besom__space *space, unsigned i,
                                            const char **name);

void besom__spaces_init(struct besom_heap *heap);
void besom__spaces_fini(struct besom_heap *heap);

/* The space for small objects of type; created if it is the first of an OWN_BLOCKS type.  Takes
 * the block lock.  NULL: no memory. */
struct besom__space *besom__space_for(struct besom_heap *heap, const struct besom_type *type);

/* With the world stopped and no block held: everything is unswept from here on, or, after a minor cycle,
 * everything young. */
void besom__spaces_begin_sweep(struct besom_heap *heap);

/* World stopped: a cycle begins before the destroy hooks of the last have all run.  The dead of its
 * unswept blocks become young again, to be judged anew, and nothing is unswept. */
void besom__spaces_undo_sweep(struct besom_heap *heap);

/* ---- taking blocks to allocate in; they take the block lock ---- */

/* A bit for each granule that is free. */
typedef uint64_t besom__holes[BLOCK_WORDS];

struct besom__taken {
    unsigned free_granules; /* in all holes */
    bool zeroed;            /* all of the block's memory is zero */
    bool was_empty;         /* it was not found among blocks with room */
};

/* A block of `space` with a hole of at least min_granules, HELD by the caller, holes and *taken
 * filled in.  Sweeps as much as that takes; the heap grows only when nothing is left to sweep.
 * NULL: the limit or the system has no more. */
struct besom__block *besom__space_take(struct besom_heap *heap, struct besom__space *space,
                                       unsigned min_granules, besom__holes holes,
                                       struct besom__taken *taken);

/* Returns a block that besom__space_take gave, with so many free granules left that are known. */
void besom__space_put(struct besom_heap *heap, struct besom__block *block, unsigned free_granules);

/* Sweeps one unswept block of space; false: there is none.  The block lock is held, but let go of
 * meanwhile. */
bool besom__space_sweep_one(struct besom_heap *heap, struct besom__space *space);

/* Block lock held, let go of meanwhile: sweeps, of any space, until the heap has n more empty blocks
 * or nothing is left to sweep. */
void besom__spaces_sweep_for_empty(struct besom_heap *heap, size_t n);

#endif
