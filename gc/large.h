/* large.h - blocks for objects that have blocks to themselves. */
#ifndef GC_LARGE_H
#define GC_LARGE_H

#include "gc/space.h"

/* A large (or, above CHUNK_USABLE_BLOCKS blocks, huge) object of bytes, a multiple of 16, with its
 * memory zeroed and its metadata still 0.  Sweeps before it lets the heap grow.  When the caller
 * has set the metadata, besom__large_put puts it into its space.  They take the block lock.  NULL:
 * the limit or the system has no more. */
struct besom__block *besom__large_take(struct besom_heap *heap, bool is_hooked,
                                       const struct besom_type *type, size_t bytes);
void besom__large_put(struct besom_heap *heap, struct besom__block *block);

#endif
