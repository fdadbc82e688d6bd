/* sweep.h - finding, in the metadata alone, what is free. */
#ifndef GC_SWEEP_H
#define GC_SWEEP_H

#include "gc/space.h"

struct besom__swept {
    unsigned free_granules;        /* in holes that may be allocated in now */
    unsigned quarantined_granules; /* poison: dead in this cycle, free after the next */
};

/* Sweeps a small block that is off all lists: clears the metadata of the dead and says where the
 * holes are.  Of a block that is swept already it only finds the holes.  The destroy hooks of the
 * last cycle have run. */
struct besom__swept besom__sweep_small(struct besom_heap *heap, struct besom__block *block,
                                       besom__holes holes);

/* Is the large object of an unswept block dead?  With poison, only in the cycle after it died. */
bool besom__sweep_large(struct besom_heap *heap, struct besom__block *block);

/* Sweeps up to max_blocks blocks, of any space, none if destroy hooks are still to run; returns
 * how many were swept.  Takes the block lock for each. */
size_t besom__sweep_some(struct besom_heap *heap, size_t max_blocks);

/* The next run of at least min set bits at or after *start: its first in *start, the bit after its
 * last as the result; 0 if there is none. */
unsigned besom__holes_search(const besom__holes holes, unsigned *start, unsigned min);

/* The same, with the common case, a run that ends within the word it begins in, inline. */
static inline unsigned besom__holes_next(const besom__holes holes, unsigned *start, unsigned min)
{
    if (*start >= BLOCK_GRANULES)
        return 0;
    uint64_t word = holes[*start / 64] >> *start % 64;
    if (word) {
        unsigned first = (unsigned)__builtin_ctzll(word);
        uint64_t after = ~(word >> first);
        unsigned n = after ? (unsigned)__builtin_ctzll(after) : 64;
        if (n >= min && *start % 64 + first + n < 64) {
            *start += first;
            return *start + n;
        }
    }
    return besom__holes_search(holes, start, min);
}

#endif
