/* large.c - blocks for objects that have blocks to themselves. */
#include "gc/large.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/sanitize.h"

#include <string.h>

static struct besom__block *acquire_large(struct besom_heap *heap, size_t n_blocks, size_t bytes,
                                          bool may_grow, bool *zeroed)
{
    if (n_blocks <= CHUNK_USABLE_BLOCKS)
        return besom__blocks_acquire(heap, (unsigned)n_blocks, may_grow, zeroed);
    *zeroed = true;
    return may_grow ? besom__huge_acquire(heap, bytes) : NULL;
}

static struct besom__block *take_large(struct besom_heap *heap, size_t n_blocks, size_t bytes,
                                       bool *zeroed)
{
    struct besom__space *large = &heap->spaces.large, *hooked = &heap->spaces.hooked_large;
    if (heap->spaces.may_sweep)
        while (besom__space_sweep_one(heap, large) || besom__space_sweep_one(heap, hooked))
            ;
    struct besom__block *block = acquire_large(heap, n_blocks, bytes, false, zeroed);
    if (!block && heap->spaces.may_sweep && n_blocks <= CHUNK_USABLE_BLOCKS) {
        /* A run seldom forms out of single blocks, but empty blocks count against growth. */
        besom__spaces_sweep_for_empty(heap, n_blocks);
        block = acquire_large(heap, n_blocks, bytes, false, zeroed);
    }
    if (!block)
        block = acquire_large(heap, n_blocks, bytes, true, zeroed);
    if (!block && heap->spaces.may_sweep) {
        besom__spaces_sweep_for_empty(heap, SIZE_MAX / 2);
        block = acquire_large(heap, n_blocks, bytes, true, zeroed);
    }
    return block;
}

struct besom__block *besom__large_take(struct besom_heap *heap, bool is_hooked,
                                       const struct besom_type *type, size_t bytes)
{
    size_t n_blocks = bytes / BLOCK_BYTES + (bytes % BLOCK_BYTES != 0);
    bool zeroed;
    besom__block_lock(heap);
    struct besom__block *block = take_large(heap, n_blocks, bytes, &zeroed);
    if (block) {
        struct besom__chunk *chunk = besom__chunk_of(block);
        unsigned run = n_blocks <= CHUNK_USABLE_BLOCKS ? (unsigned)n_blocks : 0;
        block->space = is_hooked ? &heap->spaces.hooked_large : &heap->spaces.large;
        block->state = BLOCK_LARGE;
        block->run_blocks = run;
        block->object_bytes = bytes;
        besom__u32_store_release(&block->swept_in, heap->cycle.sweep_epoch);
        chunk->types[block - chunk->blocks] = type->flags & BESOM_OWN_BLOCKS ? type : NULL;
        for (unsigned i = 1; i < run; i++)
            block[i].state = BLOCK_LARGE_BODY;
    }
    besom__block_unlock(heap);
    if (!block)
        return NULL;
    char *obj = besom__block_start(block);
    besom__sanitize_use(obj, bytes);
    if (!zeroed)
        memset(obj, 0, bytes);
    return block;
}

void besom__large_put(struct besom_heap *heap, struct besom__block *block)
{
    besom__block_lock(heap);
    block->young = true;
    besom__list_push(&block->space->young, block);
    besom__block_unlock(heap);
}
