/* arena.h - a mutator's arena: the list of its new objects, all of them roots. */
#ifndef GC_ARENA_H
#define GC_ARENA_H

#include <besom/arena.h>

/* Written by the mutator's own thread while it runs; read when its roots are.  n <= capacity. */
struct besom__arena {
    void **objects;
    size_t n, capacity;
    bool is_open;
};

struct besom__mutator;

/* Room for one object more; false: no memory for it. */
bool besom__arena_reserve(struct besom__mutator *m);

/* Adds an object; there is room. */
void besom__arena_add(struct besom__mutator *m, void *obj);

/* Empty and closed, without memory. */
void besom__arena_fini(struct besom__mutator *m);

#endif
