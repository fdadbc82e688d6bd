/* arena.c - a mutator's arena: every new object is a root until a mark is restored.
 *
 * The inline allocation path knows nothing of it.  An open arena means that no window of its mutator
 * has room: they are given up when it opens, and opened for one object at a time from then on
 * (gc/alloc.c), so that each allocation comes to the slow path, which has room in the arena before it
 * has an object.  An arena is read as frames are: by its own thread at a safepoint, or by others while
 * the mutator stands; so it needs no barrier, and no lock. */
#include "gc/arena.h"

#include "gc/heap.h"
#include "gc/mutator.h"

#include <string.h>

enum { ARENA_FIRST_OBJECTS = 64 };

bool besom__arena_reserve(struct besom__mutator *m)
{
    struct besom__arena *a = &m->arena;
    if (a->n < a->capacity)
        return true;
    size_t capacity = a->capacity ? 2 * a->capacity : ARENA_FIRST_OBJECTS;
    void **objects = besom__alloc(m->heap, capacity * sizeof *objects);
    if (!objects)
        return false;
    if (a->n)
        memcpy(objects, a->objects, a->n * sizeof *objects);
    besom__release(m->heap, a->objects);
    a->objects = objects;
    a->capacity = capacity;
    return true;
}

void besom__arena_add(struct besom__mutator *m, void *obj)
{
    m->arena.objects[m->arena.n++] = obj;
}

void besom__arena_fini(struct besom__mutator *m)
{
    besom__release(m->heap, m->arena.objects);
    memset(&m->arena, 0, sizeof m->arena);
}

/* May m use its arena, and is it open? */
static enum besom_status check_open(const struct besom_mutator *m)
{
    enum besom_status status = besom__mutator_check_running(m);
    if (status != BESOM_OK)
        return status;
    return ((const struct besom__mutator *)m)->arena.is_open ? BESOM_OK : BESOM_E_STATE;
}

enum besom_status besom_arena_open(struct besom_mutator *pub)
{
    enum besom_status status = besom__mutator_check_running(pub);
    if (status != BESOM_OK)
        return status;
    struct besom__mutator *m = besom__mutator_of(pub);
    if (m->arena.is_open)
        return BESOM_E_STATE;
    besom__alloc_retire(m);
    m->arena.is_open = true;
    return BESOM_OK;
}

enum besom_status besom_arena_close(struct besom_mutator *m)
{
    enum besom_status status = check_open(m);
    if (status == BESOM_OK)
        besom__arena_fini(besom__mutator_of(m));
    return status;
}

size_t besom_arena_save(const struct besom_mutator *m)
{
    return check_open(m) == BESOM_OK ? ((const struct besom__mutator *)m)->arena.n : 0;
}

enum besom_status besom_arena_restore(struct besom_mutator *m, size_t mark)
{
    enum besom_status status = check_open(m);
    if (status != BESOM_OK)
        return status;
    struct besom__arena *a = &besom__mutator_of(m)->arena;
    if (mark > a->n)
        return BESOM_E_ARGUMENT;
    a->n = mark;
    return BESOM_OK;
}

enum besom_status besom_arena_protect(struct besom_mutator *m, void *obj)
{
    enum besom_status status = check_open(m);
    if (status != BESOM_OK || !obj)
        return status;
    if (!besom_owns(besom_heap_of(m), obj))
        return BESOM_E_FOREIGN;
    if (!besom__arena_reserve(besom__mutator_of(m)))
        return BESOM_E_MEMORY;
    besom__arena_add(besom__mutator_of(m), obj);
    return BESOM_OK;
}
