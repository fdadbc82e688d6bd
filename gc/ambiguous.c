/* ambiguous.c - from a word that may be a pointer to the object it may point into.
 *
 * The chunk table says whether the address is the heap's; within a block, the start of the object
 * is the nearest granule before with a color, if no END lies between. */
#include "gc/ambiguous.h"

#include "gc/atomic.h"
#include "gc/chunk.h"
#include "gc/heap.h"

static void *small_object(char *block_start, uintptr_t word)
{
    const uint8_t *first = besom__meta(block_start);
    const uint8_t *meta = besom__meta((void *)word);
    uint8_t byte = besom__byte_load(meta);
    if (!(byte & BESOM__COLOR))
        do { /* inside an object, at its end, or free */
            if (meta == first)
                return NULL;
            byte = besom__byte_load(--meta);
        } while (!(byte & (BESOM__COLOR | BESOM__END)));
    if (!(byte & BESOM__COLOR))
        return NULL;
    /* A start with END is an object of one granule. */
    size_t index = (size_t)(meta - first);
    char *start = block_start + index * BESOM__GRANULE_BYTES;
    if ((byte & BESOM__END) && word - (uintptr_t)start >= BESOM__GRANULE_BYTES)
        return NULL;
    return start;
}

static void *large_object(const struct besom__block *head, uintptr_t word)
{
    char *start = besom__block_start(head);
    bool inside = word >= (uintptr_t)start && word - (uintptr_t)start < head->object_bytes;
    return inside && (besom__byte_load(besom__meta(start)) & BESOM__COLOR) ? start : NULL;
}

/* A huge object's inside may lie chunks away from its header. */
static void *huge_object(const struct besom_heap *heap, uintptr_t word)
{
    if (word < heap->blocks.lowest || word >= heap->blocks.highest || !heap->blocks.n_huge)
        return NULL;
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next)
        if (c->huge && word >= (uintptr_t)c && word - (uintptr_t)c < c->mapped_bytes)
            return large_object(&c->blocks[CHUNK_FIRST_BLOCK], word);
    return NULL;
}

void *besom__ambiguous_object(const struct besom_heap *heap, uintptr_t word)
{
    struct besom__chunk *chunk = besom__chunk_find(heap, (void *)word);
    if (!chunk || chunk->huge)
        return huge_object(heap, word);
    unsigned index = besom__block_index((void *)word);
    if (index < CHUNK_FIRST_BLOCK)
        return NULL;
    struct besom__block *block = &chunk->blocks[index];
    while (besom__byte_load(&block->state) == BLOCK_LARGE_BODY)
        block--;
    switch (besom__byte_load(&block->state)) {
    case BLOCK_LARGE: return large_object(block, word);
    case BLOCK_SMALL:
    case BLOCK_HELD: return small_object(besom__block_start(block), word);
    default: return NULL;
    }
}

void *besom__ambiguous_past(const struct besom_heap *heap, uintptr_t word)
{
    uintptr_t offset = heap->config.encoding.ref_offset_bytes, start = word - offset;
    if (!offset || word < offset)
        return NULL;
    void *obj = besom__ambiguous_object(heap, start);
    return obj && start - (uintptr_t)obj < BESOM__GRANULE_BYTES ? obj : NULL;
}

__attribute__((no_sanitize("address", "thread"), noinline)) uintptr_t besom__ambiguous_load(
    const void *word)
{
    return *(const volatile uintptr_t *)word;
}
