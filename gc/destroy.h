/* destroy.h - running the destroy hooks of dead objects, before any memory is swept. */
#ifndef GC_DESTROY_H
#define GC_DESTROY_H

#include <besom/heap.h>

/* World stopped, marking done, all blocks unswept.  True: there are blocks to look through. */
bool besom__destroy_begin(struct besom_heap *heap);

/* Runs up to max_hooks hooks; true: there may be more.  collect_lock held. */
bool besom__destroy_some(struct besom_heap *heap, size_t max_hooks);

/* An emergency cycle, before roots: objects whose hook has run, and what they reach, keep their
 * memory, in case a hook that has not run looks at it.  World stopped. */
void besom__destroy_pin(struct besom_heap *heap, struct besom_tracer *tracer);

/* An emergency cycle, when marking is done: visits every white object that has a hook. */
void besom__destroy_revive(struct besom_heap *heap, struct besom_tracer *tracer);

/* heap_free: runs the hook of every object, alive or not, for which it has not run. */
void besom__destroy_all(struct besom_heap *heap);

#endif
