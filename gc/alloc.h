/* alloc.h - allocation behind the inline path: windows, holes, blocks, large objects. */
#ifndef GC_ALLOC_H
#define GC_ALLOC_H

#include <besom/mutator.h>

#include "gc/space.h"

struct besom__mutator;

enum {
    ZERO_AHEAD_BYTES = 2 << 10,        /* so that it is in the first cache level when used */
    OVERFLOW_MIN_BYTES = 256,          /* larger objects do not skip holes */
    MEDIUM_MAX_BYTES = BLOCK_BYTES / 2 /* larger objects have blocks of their own */
};

/* Bump allocation in one held block: window.cursor <= window.limit <= hole_end, memory below
 * limit is zero.  Owned by its mutator; the window may be elsewhere (in struct besom_mutator). */
struct besom__bump {
    struct besom_window *window;
    struct besom__space *space;
    struct besom__block *block; /* NULL: no block, and an empty window */
    char *hole_end;
    unsigned next_granule; /* of the block: holes from here on are still to be used */
    size_t taken_bytes;    /* of all holes, when the block was taken */
    bool zeroed;           /* the whole block was zero when taken */
    besom__holes holes;
};

/* The window of an OWN_BLOCKS type. */
struct besom__typed {
    struct besom__typed *next;
    struct besom_window window;
    struct besom__bump bump;
};

void besom__bump_init(struct besom__bump *bump, struct besom_window *window,
                      struct besom__space *space);

/* Gives up all blocks of a mutator, whose windows are empty then.  Its own thread, or the world
 * stopped. */
void besom__alloc_retire(struct besom__mutator *m);

/* Frees the typed windows, which are retired. */
void besom__alloc_fini(struct besom__mutator *m);

/* The window that typed slots point to while they have no other. */
extern struct besom_window besom__no_window;

#endif
