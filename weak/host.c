/* host.c - for hosts with weak tables of their own: is it dead, and can it be taken back? */
#include "gc/atomic.h"
#include "gc/mutator.h"
#include "gc/trace.h"
#include "gc/walk.h"
#include "weak/own.h"

#include <besom/defer.h>

struct besom_heap *besom_tracer_heap(const struct besom_tracer *tracer)
{
    return tracer->heap;
}

bool besom_is_dead(const struct besom_heap *heap, const void *obj)
{
    return besom__heap_ok(heap) && obj && besom__is_dead(heap, obj);
}

static bool is_leaf(const void *obj)
{
    return besom__byte_load(besom__meta(obj)) & BESOM__LEAF;
}

/* Nothing weak refers to it any more.  Block lock held, so nobody takes its block off a list to sweep
 * it.  A destroy hook may be about to run beside this: whoever changes the byte first wins. */
static bool revive_unreferenced(struct besom_heap *heap, void *obj)
{
    const uint8_t changes = BESOM__COLOR | BESOM__STAMP | BESOM__KEYED;
    uint8_t *meta = besom__meta(obj), byte;
    do {
        byte = besom__byte_load(meta);
        if (!besom__is_dead(heap, obj))
            return true;
        if (besom__byte_load(&besom__block_of(obj)->state) == BLOCK_HELD ||
            (byte & BESOM__STAMP) == BESOM__DESTROYED)
            return false;
    } while (!besom__byte_cas(meta, byte, (uint8_t)((byte & ~changes) | heap->cycle.mark_color)));
    return true;
}

static bool revive(struct besom_heap *heap, void *obj, bool settling)
{
    besom__block_lock(heap);
    bool alive = besom__is_allocated(heap, obj) && (is_leaf(obj) || !besom__is_dead(heap, obj));
    if (alive && !settling)
        alive = revive_unreferenced(heap, obj);
    besom__block_unlock(heap);
    /* Weak things may refer to it, and values wait for it as a key. */
    return alive && (!settling || !besom__is_dead(heap, obj) || besom__cycle_reveal(heap, obj));
}

bool besom_revive(struct besom_mutator *m, void *obj)
{
    if (besom__mutator_check_running(m) != BESOM_OK || !obj)
        return false;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    bool settling = besom__settle_enter(heap);
    bool alive = revive(heap, obj, settling);
    besom__settle_leave(heap, settling);
    return alive;
}
