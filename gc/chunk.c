/* chunk.c - mapping chunks, handing out runs of blocks, giving memory back. */
#include "gc/chunk.h"

#include "gc/atomic.h"
#include "gc/sanitize.h"
#include "gc/heap.h"
#include "gc/os.h"

#include <string.h>

static const uint64_t usable_blocks = ~(uint64_t)0 << CHUNK_FIRST_BLOCK;

/* ---- the chunk table ---- */

static void *const removed = (void *)1;

static size_t hash_of(const void *chunk)
{
    return (size_t)((uint64_t)(uintptr_t)chunk / BESOM__CHUNK_BYTES * 0x9e3779b97f4a7c15u >> 32);
}

/* Room for one more chunk; called before anything is mapped, so that mapping is the last step. */
static bool table_reserve(struct besom_heap *heap)
{
    struct besom__chunk_table *old = heap->blocks.table;
    if (old && old->n_used + 1 <= old->n_slots / 2)
        return true;
    size_t n_live = 0;
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next)
        n_live++;
    size_t n_slots = 16;
    while (n_slots < 4 * (n_live + 1))
        n_slots *= 2;
    struct besom__chunk_table *table =
        besom__alloc(heap, sizeof *table + n_slots * sizeof table->slots[0]);
    if (!table)
        return false;
    table->n_slots = n_slots;
    table->outgrown = old;
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next) {
        size_t i = hash_of(c);
        while (table->slots[i & (n_slots - 1)])
            i++;
        table->slots[i & (n_slots - 1)] = c;
        table->n_used++;
    }
    besom__ptr_store_release((void **)&heap->blocks.table, table);
    return true;
}

static void table_insert(struct besom_heap *heap, struct besom__chunk *chunk)
{
    struct besom__chunk_table *table = heap->blocks.table;
    size_t i = hash_of(chunk);
    while (table->slots[i & (table->n_slots - 1)])
        i++;
    table->n_used++;
    besom__ptr_store_release(&table->slots[i & (table->n_slots - 1)], chunk);
}

static void table_remove(struct besom_heap *heap, struct besom__chunk *chunk)
{
    struct besom__chunk_table *table = heap->blocks.table;
    size_t i = hash_of(chunk);
    while (table->slots[i & (table->n_slots - 1)] != chunk)
        i++;
    besom__ptr_store_release(&table->slots[i & (table->n_slots - 1)], removed);
}

struct besom__chunk *besom__chunk_find(const struct besom_heap *heap, const void *p)
{
    const struct besom__chunk_table *table =
        besom__ptr_load_acquire((void *const *)&heap->blocks.table);
    struct besom__chunk *chunk = besom__chunk_of(p);
    if (!table || !chunk)
        return NULL;
    for (size_t i = hash_of(chunk);; i++) {
        void *slot = besom__ptr_load_acquire(&table->slots[i & (table->n_slots - 1)]);
        if (slot == chunk)
            return chunk;
        if (!slot)
            return NULL;
    }
}

/* ---- chunks ---- */

static struct besom__chunk *chunk_map(struct besom_heap *heap, size_t bytes, bool huge)
{
    if (!table_reserve(heap))
        return NULL;
    struct besom__chunk *chunk = besom__map(heap, bytes, BESOM__CHUNK_BYTES);
    if (!chunk)
        return NULL;
    if (heap->config.options.huge_pages && heap->blocks.reserved_bytes >= HUGE_PAGES_FROM_BYTES)
        besom__os_advise_huge(chunk, bytes);
    chunk->heap = heap;
    chunk->mapped_bytes = bytes;
    chunk->huge = huge;
    chunk->next = heap->blocks.chunks;
    if (chunk->next)
        chunk->next->previous = chunk;
    heap->blocks.chunks = chunk;
    heap->blocks.reserved_bytes += bytes;
    heap->blocks.n_huge += huge;
    if (!heap->blocks.lowest || (uintptr_t)chunk < heap->blocks.lowest)
        heap->blocks.lowest = (uintptr_t)chunk;
    if ((uintptr_t)chunk + bytes > heap->blocks.highest)
        heap->blocks.highest = (uintptr_t)chunk + bytes;
    table_insert(heap, chunk);
    return chunk;
}

static void chunk_unmap(struct besom_heap *heap, struct besom__chunk *chunk)
{
    table_remove(heap, chunk);
    if (chunk->previous)
        chunk->previous->next = chunk->next;
    else
        heap->blocks.chunks = chunk->next;
    if (chunk->next)
        chunk->next->previous = chunk->previous;
    if (heap->blocks.roomy == chunk)
        heap->blocks.roomy = NULL;
    heap->blocks.reserved_bytes -= chunk->mapped_bytes;
    heap->blocks.n_huge -= chunk->huge;
    besom__sanitize_use(chunk, chunk->mapped_bytes);
    besom__unmap(heap, chunk, chunk->mapped_bytes);
}

static struct besom__chunk *chunk_new(struct besom_heap *heap)
{
    struct besom__chunk *chunk = chunk_map(heap, BESOM__CHUNK_BYTES, false);
    if (!chunk)
        return NULL;
    chunk->empty = usable_blocks;
    heap->blocks.n_empty += CHUNK_USABLE_BLOCKS;
    besom__sanitize_free((char *)chunk + CHUNK_FIRST_BLOCK * (size_t)BLOCK_BYTES,
                         CHUNK_USABLE_BLOCKS * (size_t)BLOCK_BYTES);
    return chunk;
}

/* Bits where a run of n set bits of `set` begins. */
static uint64_t run_starts(uint64_t set, unsigned n)
{
    for (unsigned have = 1; have < n && set;) {
        unsigned more = have < n - have ? have : n - have;
        set &= set >> more;
        have += more;
    }
    return set;
}

static struct besom__chunk *find_run(struct besom_heap *heap, unsigned n)
{
    struct besom__chunk *hint = heap->blocks.roomy;
    if (hint && run_starts(hint->empty, n))
        return hint;
    if (heap->blocks.n_empty < n)
        return NULL;
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next)
        if (run_starts(c->empty, n))
            return c;
    return NULL;
}

/* ---- the limit ---- */

static bool commit(struct besom_heap *heap, size_t bytes)
{
    size_t max = heap->config.options.heap_max_bytes;
    size_t used = heap->blocks.committed_bytes + besom__size_load(&heap->external_bytes);
    if (max && (used > max || bytes > max - used))
        return false;
    besom__size_store(&heap->blocks.committed_bytes, heap->blocks.committed_bytes + bytes);
    return true;
}

static void uncommit(struct besom_heap *heap, size_t bytes)
{
    besom__size_store(&heap->blocks.committed_bytes, heap->blocks.committed_bytes - bytes);
}

/* ---- blocks ---- */

struct besom__block *besom__blocks_acquire(struct besom_heap *heap, unsigned n, bool may_grow,
                                           bool *zeroed)
{
    if (!commit(heap, n * (size_t)BLOCK_BYTES))
        return NULL;
    struct besom__chunk *chunk = find_run(heap, n);
    if (!chunk && may_grow)
        chunk = chunk_new(heap);
    if (!chunk) {
        uncommit(heap, n * (size_t)BLOCK_BYTES);
        return NULL;
    }
    heap->blocks.roomy = chunk;
    unsigned first = (unsigned)__builtin_ctzll(run_starts(chunk->empty, n));
    *zeroed = true;
    for (unsigned i = first; i < first + n; i++) {
        chunk->empty &= ~((uint64_t)1 << i);
        if (chunk->blocks[i].resident) {
            chunk->blocks[i].resident = false;
            heap->blocks.n_empty_resident--;
            *zeroed = false;
        }
    }
    heap->blocks.n_empty -= n;
    return &chunk->blocks[first];
}

void besom__blocks_release(struct besom_heap *heap, struct besom__block *first, unsigned n)
{
    struct besom__chunk *chunk = besom__chunk_of(first);
    unsigned index = (unsigned)(first - chunk->blocks);
    uint64_t now = besom__os_now_ns();
    if (heap->blocks.n_empty_resident == 0)
        heap->blocks.oldest_empty_ns = now;
    for (unsigned i = index; i < index + n; i++) {
        chunk->empty |= (uint64_t)1 << i;
        chunk->types[i] = NULL;
        memset(&chunk->blocks[i], 0, sizeof chunk->blocks[i]);
        chunk->blocks[i].resident = true;
        chunk->blocks[i].emptied_ns = now;
    }
    besom__sanitize_free(besom__block_start(first), n * (size_t)BLOCK_BYTES);
    heap->blocks.n_empty += n;
    heap->blocks.n_empty_resident += n;
    uncommit(heap, n * (size_t)BLOCK_BYTES);
}

struct besom__block *besom__huge_acquire(struct besom_heap *heap, size_t bytes)
{
    const size_t page = besom__os_page_bytes();
    const size_t head = CHUNK_FIRST_BLOCK * (size_t)BLOCK_BYTES;
    if (bytes > SIZE_MAX / 2)
        return NULL;
    size_t mapped = (head + bytes + page - 1) & ~(page - 1);
    if (!commit(heap, bytes))
        return NULL;
    struct besom__chunk *chunk = chunk_map(heap, mapped, true);
    if (!chunk) {
        uncommit(heap, bytes);
        return NULL;
    }
    return &chunk->blocks[CHUNK_FIRST_BLOCK];
}

void besom__huge_release(struct besom_heap *heap, struct besom__block *block)
{
    uncommit(heap, block->object_bytes);
    chunk_unmap(heap, besom__chunk_of(block));
}

/* ---- giving back ---- */

static bool is_old(const struct besom__chunk *chunk, unsigned i, uint64_t before_ns)
{
    return (chunk->empty >> i & 1) && chunk->blocks[i].resident &&
           chunk->blocks[i].emptied_ns <= before_ns;
}

/* The metadata of an empty block is zero, and is given back with it where it fills pages. */
static void decommit(char *start, size_t n_blocks)
{
    besom__os_decommit(start, n_blocks * BLOCK_BYTES);
    if (besom__os_page_bytes() <= BLOCK_GRANULES)
        besom__os_decommit(besom__meta(start), n_blocks * BLOCK_GRANULES);
}

/* Decommits the old resident blocks of a chunk, a run at a time; returns their number. */
static unsigned chunk_decommit(struct besom__chunk *chunk, uint64_t before_ns)
{
    unsigned given = 0, i = CHUNK_FIRST_BLOCK;
    while (i < CHUNK_BLOCKS) {
        unsigned first = i;
        for (; i < CHUNK_BLOCKS && is_old(chunk, i, before_ns); i++)
            chunk->blocks[i].resident = false;
        if (i == first) {
            i++;
            continue;
        }
        decommit(besom__block_start(&chunk->blocks[first]), i - first);
        given += i - first;
    }
    return given;
}

/* Is the chunk empty, and every resident block of it old?  *n_resident: how many there are. */
static bool chunk_is_old(const struct besom__chunk *chunk, uint64_t before_ns, unsigned *n_resident)
{
    if (chunk->empty != usable_blocks)
        return false;
    *n_resident = 0;
    for (unsigned i = CHUNK_FIRST_BLOCK; i < CHUNK_BLOCKS; i++) {
        if (chunk->blocks[i].resident && !is_old(chunk, i, before_ns))
            return false;
        *n_resident += chunk->blocks[i].resident;
    }
    return true;
}

size_t besom__blocks_give_back(struct besom_heap *heap, uint64_t before_ns, size_t max_blocks)
{
    bool can_decommit = heap->config.memory.unmap == besom__os_unmap;
    bool kept_one = false;
    size_t given = 0;
    struct besom__chunk *c = heap->blocks.chunks;
    for (struct besom__chunk *next; c && given < max_blocks; c = next) {
        next = c->next;
        unsigned n = 0;
        if (c->huge)
            continue;
        if (chunk_is_old(c, before_ns, &n)) {
            if (kept_one) {
                heap->blocks.n_empty -= CHUNK_USABLE_BLOCKS;
                chunk_unmap(heap, c);
                given += n;
                continue;
            }
            kept_one = true;
        }
        if (can_decommit)
            given += chunk_decommit(c, before_ns);
    }
    heap->blocks.n_empty_resident -= given;
    if (!c)
        heap->blocks.oldest_empty_ns = before_ns;
    return given * BLOCK_BYTES;
}

void besom__chunk_table_trim(struct besom_heap *heap)
{
    struct besom__chunk_table *table = heap->blocks.table;
    while (table && table->outgrown) {
        struct besom__chunk_table *outgrown = table->outgrown;
        table->outgrown = outgrown->outgrown;
        besom__release(heap, outgrown);
    }
}

void besom__blocks_fini(struct besom_heap *heap)
{
    while (heap->blocks.chunks) {
        struct besom__chunk *chunk = heap->blocks.chunks;
        heap->blocks.chunks = chunk->next;
        besom__sanitize_use(chunk, chunk->mapped_bytes);
        besom__unmap(heap, chunk, chunk->mapped_bytes);
    }
    while (heap->blocks.table) {
        struct besom__chunk_table *table = heap->blocks.table;
        heap->blocks.table = table->outgrown;
        besom__release(heap, table);
    }
}
