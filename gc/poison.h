/* poison.h - making use of the dead visible.
 *
 * With the option poison, dead objects are overwritten when they are swept, and their memory is
 * not allocated from before the next cycle has swept it again.  If it no longer holds the pattern
 * then, somebody wrote to a dead object. */
#ifndef GC_POISON_H
#define GC_POISON_H

#include <stddef.h>

struct besom_heap;

/* start and bytes are multiples of 16. */
void besom__poison_fill(void *start, size_t bytes);

/* Reports the first word that is neither the pattern nor, as in memory never used, zero. */
void besom__poison_check(struct besom_heap *heap, const void *start, size_t bytes);

#endif
