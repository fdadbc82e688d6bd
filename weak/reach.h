/* reach.h - can one object be reached from another? */
#ifndef WEAK_REACH_H
#define WEAK_REACH_H

#include <besom/heap.h>

/* World stopped, no cycle under way.  Follows what keeps alive from `from`; values of ephemerons are,
 * unless their key is `to` itself.  False too if memory runs out on the way. */
bool besom__reaches(struct besom_heap *heap, void *from, const void *to);

/* In such a search, whose tracer is of PASS_STRONG: is obj what is looked for? */
bool besom__reach_is_goal(const struct besom_tracer *tracer, const void *obj);

#endif
