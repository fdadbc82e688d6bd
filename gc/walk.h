/* walk.h - every object of a heap, with the world stopped. */
#ifndef GC_WALK_H
#define GC_WALK_H

#include "gc/heap.h"

/* Is the object dead, its block swept or not?  p is the start of an object, or was. */
bool besom__is_dead(const struct besom_heap *heap, const void *p);

/* Is p the start of an object, dead and unswept ones included?  Any address, as below. */
bool besom__is_allocated(const struct besom_heap *heap, const void *p);

/* Is p the start of an object that is not dead?  Any address; the chunk is kept from being
 * unmapped by the stop or by the block lock. */
bool besom__is_object(const struct besom_heap *heap, const void *p);

/* Calls fn for every object that is not dead, until it returns false. */
void besom__walk(struct besom_heap *heap, bool (*fn)(void *data, void *obj), void *data);

#endif
