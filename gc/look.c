/* look.c - questions a host may ask a heap. */
#include <besom/look.h>

#include "gc/atomic.h"
#include "gc/collect.h"
#include "gc/extent.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/trace.h"
#include "gc/walk.h"

size_t besom_size(const void *obj)
{
    if (!obj)
        return 0;
    const uint8_t *meta = besom__meta(obj);
    if (besom__byte_load(meta) & BESOM__LARGE) {
        const struct besom__block *block = besom__block_of(obj);
        if (besom__byte_load(&block->state) == BLOCK_LARGE)
            return block->object_bytes;
    }
    return besom__extent_granules(meta) * BESOM__GRANULE_BYTES;
}

bool besom_owns(const struct besom_heap *heap, const void *p)
{
    if (!besom__heap_ok(heap) || !p)
        return false;
    besom__block_lock((struct besom_heap *)heap);
    bool owns = besom__is_object(heap, p);
    besom__block_unlock((struct besom_heap *)heap);
    return owns;
}

bool besom_is_unswept(const struct besom_heap *heap, const void *p)
{
    if (!besom__heap_ok(heap) || !p)
        return false;
    besom__block_lock((struct besom_heap *)heap);
    bool is_unswept = besom__is_allocated(heap, p) && besom__is_dead(heap, p);
    besom__block_unlock((struct besom_heap *)heap);
    return is_unswept;
}

const struct besom_type *besom_type_of(const struct besom_heap *heap, const void *p)
{
    return besom_owns(heap, p) ? besom__type_of(heap, p) : NULL;
}

struct each {
    struct besom_heap *heap;
    const struct besom_type *type;
    besom_each_fn fn;
    void *data;
};

static bool each_one(void *data, void *obj)
{
    const struct each *e = data;
    const struct besom_type *type = besom__type_of(e->heap, obj);
    if (e->type && type != e->type)
        return true;
    return e->fn(e->data, obj, type, besom_size(obj));
}

enum besom_status besom_each(struct besom_mutator *pub, const struct besom_type *type,
                             besom_each_fn fn, void *data)
{
    enum besom_status status = besom__mutator_check_running(pub);
    if (status != BESOM_OK)
        return status;
    if (!fn)
        return BESOM_E_ARGUMENT;
    struct besom__mutator *m = besom__mutator_of(pub);
    struct each each = {m->heap, type, fn, data};
    besom__note_entry(m);
    besom__collect_lock(m->heap, m);
    besom__collect_settle(m->heap, m);
    besom__world_stop(m->heap, m);
    besom__walk(m->heap, each_one, &each);
    besom__world_resume(m->heap, m);
    besom__collect_unlock(m->heap);
    return BESOM_OK;
}

const struct besom_histogram *besom_pauses(const struct besom_heap *heap)
{
    return besom__heap_ok(heap) ? heap->pauses : NULL;
}

static void memory_stats(struct besom_heap *heap, struct besom_stats *out)
{
    besom__block_lock(heap);
    out->committed_bytes = heap->blocks.committed_bytes;
    out->reserved_bytes = heap->blocks.reserved_bytes;
    out->metadata_bytes = heap->blocks.committed_bytes / BESOM__GRANULE_BYTES;
    out->empty_bytes = heap->blocks.n_empty_resident * BLOCK_BYTES;
    out->unswept_blocks = besom__size_load(&heap->spaces.n_unswept);
    out->swept_blocks = heap->spaces.swept_blocks;
    besom__block_unlock(heap);
    out->external_bytes = besom__size_load(&heap->external_bytes);
    out->trigger_bytes = besom__size_load(&heap->pace.trigger_bytes);
    out->findings = besom__size_load(&heap->findings);
    out->destroyed_objects = besom__size_load(&heap->destroyed);
    out->trace_lost = besom__size_load(&heap->timeline.file.lost);
    out->trace_error = (int)besom__u32_load_acquire(&heap->timeline.file.error);
}

static void cycle_stats(struct besom_heap *heap, struct besom_stats *out)
{
    pthread_mutex_lock(&heap->stop_lock);
    const struct besom__cycle_counts *counts = &heap->cycle.counts;
    out->mutators = heap->stop.n_mutators;
    out->stop_ns = heap->stop.ns_last;
    out->stop_ns_sum = heap->stop.ns_sum;
    out->stop_ns_max = heap->stop.ns_max;
    out->cycles = counts->cycles;
    out->minor_cycles = counts->minors;
    out->promoted_bytes = counts->promoted_bytes;
    out->minor_fallbacks = heap->pace.fallbacks;
    out->nursery_bytes = besom__size_load(&heap->pace.nursery_bytes);
    out->emergencies = counts->emergencies;
    out->live_bytes = counts->live_bytes;
    out->live_objects = counts->live_objects;
    out->mark_ns = counts->mark_ns;
    out->mark_ns_sum = counts->mark_ns_sum;
    out->mark_overflows = counts->overflows;
    pthread_mutex_unlock(&heap->stop_lock);
    out->allocated_bytes = besom__size_load(&heap->pace.allocated_sum);
    out->used_bytes = besom__pace_used(heap);
    out->seed = heap->config.options.seed;
}

enum besom_status besom_stats(const struct besom_heap *heap, struct besom_stats *out)
{
    if (!besom__heap_ok(heap) || !out)
        return BESOM_E_ARGUMENT;
    memory_stats((struct besom_heap *)heap, out);
    cycle_stats((struct besom_heap *)heap, out);
    besom__phase_stats((struct besom_heap *)heap, out);
    return BESOM_OK;
}
