/* chunk.h - chunks and the blocks in them: where a heap's memory comes from.
 *
 * A chunk is 4 MiB, aligned to its size:
 *
 *     0       header, with a record for each of its 64 blocks
 *     16 KiB  metadata bytes of the granules of blocks 4..63
 *     256 KiB blocks 4..63, 64 KiB each
 *
 * The metadata of the metadata itself would lie in the first 16 KiB: that is where the header is.
 * A huge object is a mapping that begins with such a header and has only block 4, whose record
 * stands for the whole object.
 *
 * A block is EMPTY (and then either resident or given back), or belongs to a space. */
#ifndef GC_CHUNK_H
#define GC_CHUNK_H

#include <besom/heap.h>
#include <besom/meta.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BLOCK_BYTES = 64 << 10,
    BLOCK_GRANULES = BLOCK_BYTES / BESOM__GRANULE_BYTES,
    BLOCK_WORDS = BLOCK_GRANULES / 64, /* of a bit a granule */
    CHUNK_BLOCKS = BESOM__CHUNK_BYTES / BLOCK_BYTES,
    CHUNK_FIRST_BLOCK = 4,
    CHUNK_USABLE_BLOCKS = CHUNK_BLOCKS - CHUNK_FIRST_BLOCK,
    CHUNK_HEADER_BYTES = 16 << 10,
    HUGE_PAGES_FROM_BYTES = 32 << 20 /* a heap of this size gains by them; a small one only grows */
};

enum besom__block_state {
    BLOCK_EMPTY,     /* no objects; metadata all 0 */
    BLOCK_SMALL,     /* of a space, not held by a mutator */
    BLOCK_HELD,      /* of a space; a mutator allocates in it */
    BLOCK_LARGE,     /* first block of a large object, or a huge object */
    BLOCK_LARGE_BODY /* a further block of a large object */
};

struct besom__space;

/* The record of a block.  Written under heap->block_lock, by the thread that took the block off
 * its list to sweep it or allocate in it, or with the world stopped. */
struct besom__block {
    struct besom__block *next; /* in a list of its space */
    struct besom__space *space;
    uint8_t state;       /* enum besom__block_state */
    uint8_t rescan;      /* marking overflowed: trace its marked objects again; atomic */
    uint8_t dirty;       /* a log, or what rounds defer, did: the same, but in the stop; atomic */
    bool young;          /* objects were allocated here since the last cycle */
    bool resident;       /* EMPTY: not given back; its memory may be dirty */
    uint32_t swept_in;   /* not sweep_epoch: the metadata still shows the dead; atomic */
    uint32_t run_blocks; /* LARGE: blocks of the run, this one included; 0: huge */
    uint64_t emptied_ns; /* EMPTY and resident: since when */
    size_t object_bytes; /* LARGE: as allocated, a multiple of 16 */
};

struct besom__chunk {
    struct besom_heap *heap;
    struct besom__chunk *next, *previous; /* all chunks of the heap, huge ones too */
    size_t mapped_bytes;
    bool huge;
    uint64_t empty;                               /* bit i: block i is EMPTY */
    const struct besom_type *types[CHUNK_BLOCKS]; /* OWN_BLOCKS: the type of what lies there */
    struct besom__block blocks[CHUNK_BLOCKS];
};
_Static_assert(sizeof(struct besom__chunk) <= CHUNK_HEADER_BYTES,
               "the header fits before metadata");

static inline struct besom__chunk *besom__chunk_of(const void *p)
{
    return (struct besom__chunk *)((uintptr_t)p & ~(uintptr_t)(BESOM__CHUNK_BYTES - 1));
}

static inline unsigned besom__block_index(const void *p)
{
    return (unsigned)((uintptr_t)p / BLOCK_BYTES % CHUNK_BLOCKS);
}

/* The record of the block that p lies in; p is not beyond the first 4 MiB of a huge object. */
static inline struct besom__block *besom__block_of(const void *p)
{
    return &besom__chunk_of(p)->blocks[besom__block_index(p)];
}

static inline char *besom__block_start(const struct besom__block *block)
{
    struct besom__chunk *chunk = besom__chunk_of(block);
    return (char *)chunk + (size_t)(block - chunk->blocks) * BLOCK_BYTES;
}

/* ---- the chunk table: which addresses are this heap's ---- */

/* A hash set of chunk addresses, open addressing.  Written under heap->block_lock; read without
 * by markers: slots are words, a table that is outgrown stays readable until the heap is freed. */
struct besom__chunk_table {
    struct besom__chunk_table *outgrown;
    size_t n_slots; /* a power of two */
    size_t n_used;  /* slots that are not 0, removed entries included */
    void *slots[];
};

/* ---- a heap's blocks ---- */

struct besom__blocks {
    struct besom__chunk *chunks; /* doubly linked */
    struct besom__chunk_table *table;
    struct besom__chunk *roomy; /* where the last empty block was found; a hint */
    uintptr_t lowest, highest;  /* all chunks that ever were lie between */
    size_t n_huge;
    size_t n_empty; /* EMPTY blocks in all chunks */
    size_t n_empty_resident;
    size_t committed_bytes;   /* blocks that are not EMPTY, and huge objects; atomic reads */
    size_t reserved_bytes;    /* mapped, headers and metadata included */
    uint64_t oldest_empty_ns; /* no block was emptied before this */
};

/* All below: the caller holds heap->block_lock. */

/* Takes a run of n blocks (1 .. CHUNK_USABLE_BLOCKS), from a new chunk if need be and may_grow.
 * Their memory is zero if *zeroed, their metadata is 0, their records but for `resident` too.
 * NULL: the limit or the system has no more. */
struct besom__block *besom__blocks_acquire(struct besom_heap *heap, unsigned n, bool may_grow,
                                           bool *zeroed);

/* Gives back a run that besom__blocks_acquire returned; its metadata is 0 again. */
void besom__blocks_release(struct besom_heap *heap, struct besom__block *first, unsigned n);

/* A mapping for one object of `bytes` bytes; its memory is zero.  NULL as above. */
struct besom__block *besom__huge_acquire(struct besom_heap *heap, size_t bytes);
void besom__huge_release(struct besom_heap *heap, struct besom__block *block);

/* Gives back what has been empty since before_ns: whole chunks are unmapped but for one, blocks
 * decommitted (if the memory is not the host's).  Stops after the chunk in which max_blocks are reached.
 * Returns the bytes given back. */
size_t besom__blocks_give_back(struct besom_heap *heap, uint64_t before_ns, size_t max_blocks);

/* With the world stopped: frees outgrown chunk tables. */
void besom__chunk_table_trim(struct besom_heap *heap);

/* Unmaps everything. */
void besom__blocks_fini(struct besom_heap *heap);

/* ---- any time, any thread that keeps the chunk from being unmapped ---- */

/* The chunk that p lies in, huge objects' first 4 MiB included, or NULL. */
struct besom__chunk *besom__chunk_find(const struct besom_heap *heap, const void *p);

#endif
