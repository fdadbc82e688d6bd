/* ambiguous.h - from a word that may be a pointer to the object it may point into. */
#ifndef GC_AMBIGUOUS_H
#define GC_AMBIGUOUS_H

#include <besom/heap.h>

/* The object that `word` is the address of, or of a byte inside; NULL: none.  The heap is swept,
 * or the object is known to have survived: dead objects that are not swept are found as well. */
void *besom__ambiguous_object(const struct besom_heap *heap, uintptr_t word);

/* The object that `word` would be a reference to, past its start, in a heap with ref_offset_bytes;
 * bits below a granule may be a tag's.  Of an object that is all header it is the address of the
 * next.  As above, and NULL in every other heap. */
void *besom__ambiguous_past(const struct besom_heap *heap, uintptr_t word);

/* A word of a stack or range, which the sanitizers may consider out of bounds. */
uintptr_t besom__ambiguous_load(const void *word);

#endif
