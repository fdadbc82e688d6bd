/* rescan.c - tracing marked objects once more.
 *
 * A block is flagged when a marker had to mark one of its objects without being able to push it; then
 * all its marked objects are traced again.  Mutators may be running: what bears the epoch's stamp is in
 * a log, or deferred, and comes back in the next round.  A block is dirty when that could not be
 * noted for want of memory: it is flagged in the stop. */
#include "gc/rescan.h"

#include "gc/log.h"

/* Of a large object's map, what lies between start and end. */
static void trace_range(struct besom__marker *marker, void *obj, const char *start, const char *end)
{
    const struct besom_type *type = besom__type_of(marker->tracer.heap, obj);
    const struct besom_tail *tail = &type->tail;
    if (type->trace) {
        besom__mark_trace_again(marker, obj);
        return;
    }
    if (start < (char *)obj + type->size_bytes)
        besom__trace_fields(obj, type->fields, type->n_fields, besom__mark_push_word, marker);
    const char *first_element = (char *)obj + tail->offset_bytes;
    if (!besom__has_tail(type) || end <= first_element)
        return;
    size_t n = besom__tail_length(type, obj), first = 0;
    size_t last = (size_t)(end - first_element - 1) / tail->stride_bytes + 1;
    if (start > first_element)
        first = (size_t)(start - first_element) / tail->stride_bytes;
    if (last > n)
        last = n;
    if (first < last)
        besom__trace_tail(type, obj, first, last, besom__mark_push_word, marker);
}

/* The stamp of an entry that was handed over arms it again, unless it has been renewed. */
static void arm(const struct besom__marker *marker, uint8_t *meta)
{
    uint8_t byte = besom__byte_load(meta), stamp;
    while ((stamp = byte & BESOM__STAMP) != 0 && stamp != BESOM__DESTROYED &&
           !(marker->beside && stamp == marker->stamp)) {
        if (besom__byte_cas(meta, byte, byte & (uint8_t)~BESOM__STAMP))
            return;
        byte = besom__byte_load(meta);
    }
}

static bool is_to_be_traced(const struct besom__marker *marker, uint8_t byte)
{
    return (byte & BESOM__COLOR) == marker->color && !(byte & BESOM__LEAF);
}

void besom__rescan_logged(struct besom__marker *marker, void *entry)
{
    uint8_t *meta = besom__log_meta(marker->tracer.heap, entry);
    if (meta)
        arm(marker, meta);
    uint8_t byte = meta ? besom__byte_load(meta) : 0;
    if (byte & BESOM__COLOR) { /* the start of an object */
        if (is_to_be_traced(marker, byte))
            besom__mark_trace_again(marker, entry);
        return;
    }
    char *start, *end;
    void *obj = besom__log_object(marker->tracer.heap, entry, &start, &end);
    if (obj && is_to_be_traced(marker, besom__byte_load(besom__meta(obj))))
        trace_range(marker, obj, start, end);
}

void besom__rescan_deferred(struct besom__marker *marker, void *obj)
{
    uint8_t *meta = besom__meta(obj);
    if (!besom__is_marked(marker->tracer.heap, obj)) {
        besom_visit(&marker->tracer, obj); /* its birth was not visible yet */
        return;
    }
    arm(marker, meta);
    besom__mark_count_object(marker, obj);
    if (is_to_be_traced(marker, besom__byte_load(meta)))
        besom__mark_trace(marker, obj);
}

void besom__rescan(struct besom__marker *marker, void *obj)
{
    besom__mark_trace_again(marker, obj);
}

/* ---- flagged blocks ---- */

/* A marked object of a flagged block, of which that may be all that has been done. */
static void rescan_object(struct besom__marker *marker, void *obj, uint8_t *meta)
{
    uint8_t byte = besom__byte_load(meta);
    if ((byte & BESOM__COLOR) != marker->color ||
        (marker->beside && (byte & BESOM__STAMP) == marker->stamp))
        return;
    arm(marker, meta);
    if (byte & BESOM__LARGE)
        besom__log_clear_cards(obj, besom_size(obj));
    if (!(byte & BESOM__LEAF))
        besom__mark_trace_again(marker, obj);
}

static unsigned granules_of(const struct besom__block *block)
{
    return besom__byte_load(&block->state) == BLOCK_LARGE ? 1 : BLOCK_GRANULES;
}

/* The first chunk of all; others may be put before it meanwhile, and none goes while there is marking. */
static struct besom__chunk *first_chunk(struct besom_heap *heap)
{
    besom__block_lock(heap);
    struct besom__chunk *chunk = heap->blocks.chunks;
    besom__block_unlock(heap);
    return chunk;
}

/* Moves on to the next flagged block; false: there is none behind. */
static bool next_flagged(struct besom__rescanning *at)
{
    for (; at->chunk; at->chunk = at->chunk->next, at->block = CHUNK_FIRST_BLOCK)
        for (; at->block < CHUNK_BLOCKS; at->block++)
            /* Before the metadata is read: what is marked in vain after that is flagged anew. */
            if (besom__byte_cas(&at->chunk->blocks[at->block].rescan, 1, 0)) {
                at->inside = true;
                at->granule = 0;
                return true;
            }
    return false;
}

bool besom__rescan_some(struct besom__marker *marker, size_t max_objects)
{
    struct besom_heap *heap = marker->tracer.heap;
    struct besom__rescanning *at = &heap->round.rescanning;
    if (!at->chunk) {
        if (!besom__size_load(&heap->worklist.overflowed))
            return false;
        besom__size_store(&heap->worklist.overflowed, 0);
        *at = (struct besom__rescanning){.chunk = first_chunk(heap), .block = CHUNK_FIRST_BLOCK};
    }
    if (!at->inside && !next_flagged(at))
        return besom__size_load(&heap->worklist.overflowed) != 0;
    const struct besom__block *block = &at->chunk->blocks[at->block];
    char *start = besom__block_start(block);
    unsigned n = granules_of(block), end = n - at->granule;
    end = at->granule + (end < max_objects ? end : (unsigned)max_objects);
    /* What is pushed without room would be flagged in turn. */
    for (; at->granule < end && 2 * marker->sp <= marker->capacity; at->granule++) {
        void *obj = start + at->granule * (size_t)BESOM__GRANULE_BYTES;
        rescan_object(marker, obj, besom__meta(obj));
    }
    if (at->granule == n) {
        at->inside = false;
        at->block++;
    }
    return true;
}

void besom__rescan_flagged(struct besom__marker *marker)
{
    while (besom__rescan_some(marker, BLOCK_GRANULES))
        besom__mark_drain_own(marker);
}

void besom__rescan_resume(struct besom_heap *heap)
{
    struct besom__rescanning *at = &heap->round.rescanning;
    if (!at->chunk)
        return;
    if (at->inside)
        besom__byte_store(&at->chunk->blocks[at->block].rescan, 1);
    besom__size_store(&heap->worklist.overflowed, 1);
    *at = (struct besom__rescanning){.chunk = NULL};
}

void besom__rescan_dirty(struct besom_heap *heap)
{
    const bool all = besom__u32_load(&heap->round.dirty) == DIRTY_ALL;
    if (!besom__u32_load(&heap->round.dirty))
        return;
    besom__u32_store_release(&heap->round.dirty, 0);
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next)
        for (unsigned i = CHUNK_FIRST_BLOCK; i < CHUNK_BLOCKS; i++)
            if (besom__byte_cas(&c->blocks[i].dirty, 1, 0) || all)
                besom__byte_store(&c->blocks[i].rescan, 1);
    besom__size_store(&heap->worklist.overflowed, 1);
}
