/* slice.c - the cycle a little at a time, beside running mutators.
 *
 * One step does a quantum of the phase the heap is in.  Who takes steps, and how many: the collector's
 * thread, as long as there are any; in mode incremental mutators, in slices, as their allocation asks
 * for; a host, by besom_step. */
#include "gc/slice.h"

#include "gc/atomic.h"
#include "gc/collect.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "gc/os.h"

enum {
    QUANTUM_OBJECTS = 256,     /* marked between two looks at the clock */
    BACKGROUND_OBJECTS = 8192, /* by the collector's thread between two looks at who else waits */
    ASSIST_OBJECTS = 512,      /* for a block: about as many as it holds */
    MUCH_OBJECTS = 2048,       /* the same, when memory is short */
    SLICE_NS = 250 * 1000,     /* the longest slice of a mutator */
    HOLD_UP_NS = 400 * 1000    /* a mutator whose allocation has outrun everything waits so long */
};

/* False: there is nothing to do, or nothing but wait. */
static bool step(struct besom_heap *heap, size_t max_objects)
{
    switch ((enum besom_phase)heap->cycle.phase) {
    case BESOM_IDLE:
        if (!besom__pace_is_due(heap) || besom__size_load(&heap->disabled))
            return false;
        besom__u32_store_release(&heap->cycle.emergency, 0);
        return besom__collect_begin(heap, BESOM_REASON_HEADROOM, besom__pace_wants_minor(heap));
    case BESOM_MARK: besom__cycle_turn(heap, max_objects); return !heap->cycle.waits;
    case BESOM_TERMINATE: besom__collect_end_marking(heap); return true;
    case BESOM_WEAK: besom__collect_settle_some(heap); return true;
    case BESOM_FINALIZE: return false; /* hooks run at polls */
    case BESOM_SWEEP:
        if (!besom__collect_give_back(heap))
            besom__cycle_turn(heap, 0);
        return true;
    }
    return false;
}

enum besom__progress besom__slice_background(struct besom_heap *heap)
{
    heap->cycle.driver = NULL;
    if (step(heap, BACKGROUND_OBJECTS))
        return PROGRESS_MORE;
    if (!heap->cycle.waits)
        return PROGRESS_NONE;
    besom__round_wait(heap);
    return PROGRESS_MORE;
}

void besom__slice(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    if (pthread_mutex_trylock(&heap->collect_lock) != 0)
        return;
    besom__u32_and(&m->pub.requests, ~(uint32_t)REQUEST_COLLECT);
    heap->cycle.driver = m;
    const uint64_t start_ns = besom__pause_begin(m);
    const size_t owed = heap->config.options.slow ? 1 : besom__pace_slice(heap);
    bool was_marking, more;
    size_t done = 0;
    /* What is left when marking has ended comes at polls of its own, unless the next cycle is due. */
    do {
        was_marking = besom__is_marking(heap);
        more = step(heap, QUANTUM_OBJECTS) && (besom__is_marking(heap) || !was_marking);
        done += QUANTUM_OBJECTS;
    } while (more && done < owed && besom__os_now_ns() < start_ns + SLICE_NS);
    besom__cycle_leave(heap);
    besom__collect_unlock(heap);
    besom__pause_end(m, BESOM_PAUSE_SLICE, start_ns);
}

static void hold_up(struct besom__mutator *m)
{
    besom__native_enter(m);
    besom__os_sleep(HOLD_UP_NS);
    besom__native_leave(m);
}

void besom__slice_assist(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    if (besom__u32_load_acquire(&heap->cycle.phase) != BESOM_MARK ||
        !besom__pace_is_short(heap, m->taken_bytes))
        return;
    m->taken_bytes = 0;
    const uint64_t start_ns = besom__pause_begin(m);
    bool works = besom__u32_load_acquire(&heap->round.state) == ROUND_WORKS;
    size_t objects = besom__pace_is_spent(heap) ? MUCH_OBJECTS : ASSIST_OBJECTS;
    bool helped = works && besom__mark_assist(heap, objects);
    if (!helped && besom__pace_is_over(heap))
        hold_up(m);
    besom__pause_end(m, helped ? BESOM_PAUSE_ASSIST : BESOM_PAUSE_WAIT, start_ns);
}

void besom__slice_step(struct besom_heap *heap, size_t work_bytes)
{
    size_t objects = work_bytes / (2 * (size_t)BESOM__GRANULE_BYTES) + 1, done = 0;
    if (heap->cycle.phase == BESOM_IDLE) {
        besom__u32_store_release(&heap->cycle.emergency, 0);
        besom__collect_begin(heap, BESOM_REASON_HOST, false);
    } else if (heap->cycle.phase == BESOM_FINALIZE) {
        besom__collect_settle_some(heap);
        return;
    } else if (heap->cycle.phase != BESOM_MARK) {
        step(heap, 0);
        return;
    }
    bool more = true;
    for (; more && done < objects && heap->cycle.phase == BESOM_MARK; done += QUANTUM_OBJECTS) {
        size_t left = objects - done;
        more = step(heap, left < QUANTUM_OBJECTS ? left : QUANTUM_OBJECTS);
    }
    if (heap->config.options.mode == BESOM_INCREMENTAL)
        besom__cycle_leave(heap);
}
