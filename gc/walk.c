/* walk.c - every object of a heap, with the world stopped. */
#include "gc/walk.h"

#include "gc/atomic.h"

bool besom__is_dead(const struct besom_heap *heap, const void *p)
{
    /* In this order: once a block is known to be swept, what has a color there is alive. */
    bool swept = besom__u32_load_acquire(&besom__block_of(p)->swept_in) == heap->cycle.sweep_epoch;
    uint8_t color = besom__byte_load(besom__meta(p)) & BESOM__COLOR;
    return !color || (!swept && color != besom__byte_load(&heap->cycle.mark_color));
}

bool besom__is_allocated(const struct besom_heap *heap, const void *p)
{
    struct besom__chunk *chunk = besom__chunk_find(heap, p);
    unsigned index = besom__block_index(p);
    if (!chunk || (uintptr_t)p % BESOM__GRANULE_BYTES || index < CHUNK_FIRST_BLOCK)
        return false;
    const struct besom__block *block = &chunk->blocks[index];
    switch (besom__byte_load(&block->state)) {
    case BLOCK_SMALL:
    case BLOCK_HELD: break;
    case BLOCK_LARGE:
        if (p != besom__block_start(block))
            return false;
        break;
    default: return false;
    }
    return (besom__byte_load(besom__meta(p)) & BESOM__COLOR) != 0;
}

bool besom__is_object(const struct besom_heap *heap, const void *p)
{
    return besom__is_allocated(heap, p) && !besom__is_dead(heap, p);
}

static bool walk_block(struct besom_heap *heap, struct besom__block *block,
                       bool (*fn)(void *data, void *obj), void *data)
{
    char *start = besom__block_start(block);
    const uint8_t *meta = besom__meta(start);
    unsigned n = block->state == BLOCK_LARGE ? 1 : BLOCK_GRANULES;
    for (unsigned i = 0; i < n; i++) {
        void *obj = start + i * (size_t)BESOM__GRANULE_BYTES;
        if ((besom__byte_load(&meta[i]) & BESOM__COLOR) && !besom__is_dead(heap, obj) &&
            !fn(data, obj))
            return false;
    }
    return true;
}

void besom__walk(struct besom_heap *heap, bool (*fn)(void *data, void *obj), void *data)
{
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next)
        for (unsigned i = CHUNK_FIRST_BLOCK; i < CHUNK_BLOCKS; i++)
            switch (c->blocks[i].state) {
            case BLOCK_SMALL:
            case BLOCK_HELD:
            case BLOCK_LARGE:
                if (!walk_block(heap, &c->blocks[i], fn, data))
                    return;
                break;
            default: break;
            }
}
