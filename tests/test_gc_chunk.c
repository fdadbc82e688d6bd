/* test_gc_chunk.c - runs of blocks come and go, the books balance, addresses are told apart. */
#include "support.h"

#include "gc/heap.h"
#include "gc/os.h"
#include "gc/sanitize.h"

#include <string.h>

static struct besom__block *acquire(struct rig *rig, unsigned n, bool *zeroed)
{
    bool dummy;
    pthread_mutex_lock(&rig->heap->block_lock);
    struct besom__block *block =
        besom__blocks_acquire(rig->heap, n, true, zeroed ? zeroed : &dummy);
    pthread_mutex_unlock(&rig->heap->block_lock);
    return block;
}

static void release(struct rig *rig, struct besom__block *block, unsigned n)
{
    pthread_mutex_lock(&rig->heap->block_lock);
    besom__blocks_release(rig->heap, block, n);
    pthread_mutex_unlock(&rig->heap->block_lock);
}

static size_t give_back(struct rig *rig, uint64_t before_ns)
{
    pthread_mutex_lock(&rig->heap->block_lock);
    size_t bytes = besom__blocks_give_back(rig->heap, before_ns, SIZE_MAX);
    pthread_mutex_unlock(&rig->heap->block_lock);
    return bytes;
}

static size_t n_chunks(const struct rig *rig)
{
    size_t n = 0;
    for (struct besom__chunk *c = rig->heap->blocks.chunks; c; c = c->next)
        n++;
    return n;
}

/* ---- runs ---- */

START_TEST(runs_are_contiguous_disjoint_and_counted)
{
    enum { RUNS = 200 };
    struct rng rng = {test_seed()};
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct {
        struct besom__block *first;
        unsigned n;
    } runs[RUNS] = {{NULL, 0}};
    size_t held = 0;
    for (size_t step = scaled(20000); step > 0; step--) {
        size_t i = rng_below(&rng, RUNS);
        if (runs[i].first) {
            release(&rig, runs[i].first, runs[i].n);
            held -= runs[i].n;
            runs[i].first = NULL;
            continue;
        }
        unsigned n = 1 + (unsigned)rng_below(&rng, rng_below(&rng, 4) ? 3 : CHUNK_USABLE_BLOCKS);
        struct besom__block *first = acquire(&rig, n, NULL);
        require(first != NULL, "no run");
        struct besom__chunk *chunk = besom__chunk_of(first);
        size_t index = (size_t)(first - chunk->blocks);
        require(index >= CHUNK_FIRST_BLOCK && index + n <= CHUNK_BLOCKS, "outside the chunk");
        for (unsigned b = 0; b < n; b++) {
            require(!(chunk->empty >> (index + b) & 1), "still empty");
            require(first[b].state == BLOCK_EMPTY && !first[b].space, "a record in use");
            first[b].state = BLOCK_LARGE; /* so that a second owner would notice */
        }
        runs[i].first = first;
        runs[i].n = n;
        held += n;
        const struct besom__blocks *blocks = &rig.heap->blocks;
        require(blocks->committed_bytes == held * BLOCK_BYTES, "committed bytes");
        require(blocks->n_empty == n_chunks(&rig) * CHUNK_USABLE_BLOCKS - held, "empty blocks");
        require(blocks->reserved_bytes == n_chunks(&rig) * BESOM__CHUNK_BYTES, "reserved bytes");
    }
    for (size_t i = 0; i < RUNS; i++)
        if (runs[i].first)
            release(&rig, runs[i].first, runs[i].n);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 0);
    rig_close(&rig);
}
END_TEST

START_TEST(chunk_has_room_for_one_run_of_all_its_blocks)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct besom__block *all = acquire(&rig, CHUNK_USABLE_BLOCKS, NULL);
    ck_assert_ptr_eq(besom__block_start(all), (char *)besom__chunk_of(all) + 4 * BLOCK_BYTES);
    ck_assert_uint_eq(besom__chunk_of(all)->empty, 0);
    struct besom__block *one = acquire(&rig, 1, NULL);
    ck_assert_ptr_ne(besom__chunk_of(one), besom__chunk_of(all));
    release(&rig, all, CHUNK_USABLE_BLOCKS);
    release(&rig, one, 1);
    rig_close(&rig);
}
END_TEST

START_TEST(scattered_blocks_are_no_run)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct besom__block *blocks[CHUNK_USABLE_BLOCKS];
    for (int i = 0; i < CHUNK_USABLE_BLOCKS; i++)
        blocks[i] = acquire(&rig, 1, NULL);
    ck_assert_uint_eq(n_chunks(&rig), 1);
    for (int i = 0; i < CHUNK_USABLE_BLOCKS; i += 2)
        release(&rig, blocks[i], 1);
    bool zeroed;
    pthread_mutex_lock(&rig.heap->block_lock);
    ck_assert_ptr_null(besom__blocks_acquire(rig.heap, 2, false, &zeroed));
    pthread_mutex_unlock(&rig.heap->block_lock);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, CHUNK_USABLE_BLOCKS / 2 * BLOCK_BYTES);
    release(&rig, blocks[1], 1); /* 0, 1 and 2 now form a run */
    struct besom__block *run = acquire(&rig, 3, NULL);
    ck_assert_ptr_eq(run, blocks[0]);
    ck_assert_uint_eq(n_chunks(&rig), 1);
    release(&rig, run, 3);
    for (int i = 3; i < CHUNK_USABLE_BLOCKS; i += 2)
        release(&rig, blocks[i], 1);
    rig_close(&rig);
}
END_TEST

START_TEST(zeroed_means_zero)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    bool zeroed = false;
    struct besom__block *run = acquire(&rig, 4, &zeroed);
    ck_assert(zeroed);
    release(&rig, run, 2); /* dirty now, as far as the heap knows */
    struct besom__block *again = acquire(&rig, 1, &zeroed);
    ck_assert_ptr_eq(again, run);
    ck_assert(!zeroed);
    release(&rig, again, 1);
    struct besom__block *fresh = acquire(&rig, 10, &zeroed);
    ck_assert(zeroed);
    release(&rig, run + 2, 2);
    release(&rig, fresh, 10);
    struct besom__block *mixed = acquire(&rig, 20, &zeroed); /* dirty and fresh ones */
    ck_assert(!zeroed);
    release(&rig, mixed, 20);
    give_back(&rig, UINT64_MAX);
    run = acquire(&rig, 20, &zeroed);
    ck_assert(zeroed);
    release(&rig, run, 20);
    rig_close(&rig);
}
END_TEST

/* ---- limits and failures ---- */

START_TEST(limit_counts_blocks_huge_objects_and_external_bytes)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=8m");
    rig_open(&rig);
    const size_t n = (8 << 20) / BLOCK_BYTES; /* 128 */
    struct besom__block *a = acquire(&rig, 60, NULL), *b = acquire(&rig, 60, NULL);
    struct besom__block *c = acquire(&rig, 7, NULL);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, (n - 1) * BLOCK_BYTES);
    ck_assert_ptr_null(acquire(&rig, 2, NULL));
    pthread_mutex_lock(&rig.heap->block_lock);
    ck_assert_ptr_null(besom__huge_acquire(rig.heap, 5 << 20));
    pthread_mutex_unlock(&rig.heap->block_lock);
    rig.heap->external_bytes = 1;
    ck_assert_ptr_null(acquire(&rig, 1, NULL));
    rig.heap->external_bytes = 100 << 20;
    ck_assert_ptr_null(acquire(&rig, 1, NULL));
    rig.heap->external_bytes = 0;
    struct besom__block *d = acquire(&rig, 1, NULL);
    ck_assert_ptr_nonnull(d);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 8 << 20);
    release(&rig, a, 60);
    release(&rig, b, 60);
    release(&rig, c, 7);
    release(&rig, d, 1);
    pthread_mutex_lock(&rig.heap->block_lock);
    struct besom__block *huge = besom__huge_acquire(rig.heap, 8 << 20);
    ck_assert_ptr_nonnull(huge);
    huge->object_bytes = 8 << 20;
    ck_assert_ptr_null(besom__huge_acquire(rig.heap, 5 << 20));
    ck_assert_ptr_null(besom__huge_acquire(rig.heap, SIZE_MAX - 100));
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 8 << 20);
    besom__huge_release(rig.heap, huge);
    pthread_mutex_unlock(&rig.heap->block_lock);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 0);
    rig_close(&rig);
}
END_TEST

START_TEST(refused_memory_changes_nothing)
{
    struct ledger_host host;
    struct rig rig;
    rig_init_exact(&rig, NULL);
    ledger_init(&host, &rig.config);
    rig_open(&rig);
    for (uint64_t call = 1; call <= 2; call++) { /* the table's, then the chunk's */
        host.ledger.failing = host.ledger.calls + call;
        ck_assert_ptr_null(acquire(&rig, 1, NULL));
        ck_assert(host.ledger.failed);
        ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 0);
        ck_assert_uint_eq(rig.heap->blocks.reserved_bytes, 0);
        ck_assert_ptr_null(rig.heap->blocks.chunks);
        host.ledger.failed = false;
    }
    host.ledger.failing = 0;
    struct besom__block *block = acquire(&rig, 1, NULL);
    ck_assert_ptr_nonnull(block);
    release(&rig, block, 1);
    ck_assert_int_eq(besom_detach(rig.m), BESOM_OK);
    ck_assert_int_eq(besom_heap_free(rig.heap), BESOM_OK);
    ck_assert_int_eq(host.ledger.maps, 0);
    ck_assert_int_eq(host.ledger.allocs, 0);
}
END_TEST

/* ---- giving back ---- */

START_TEST(old_empty_blocks_are_given_back_and_young_ones_kept)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct besom__block *held = acquire(&rig, 1, NULL);
    struct besom__block *old = acquire(&rig, 5, NULL), *young = acquire(&rig, 3, NULL);
    besom__sanitize_use(besom__block_start(old), 8 * BLOCK_BYTES);
    memset(besom__block_start(old), 0xff, 5 * BLOCK_BYTES);
    memset(besom__block_start(young), 0xff, 3 * BLOCK_BYTES);
    release(&rig, old, 5);
    uint64_t between = besom__os_now_ns();
    sleep_ms(1);
    release(&rig, young, 3);
    ck_assert_uint_eq(rig.heap->blocks.n_empty_resident, 8);
    ck_assert_uint_eq(give_back(&rig, 0), 0);
    ck_assert_uint_eq(give_back(&rig, between), 5 * BLOCK_BYTES);
    ck_assert_uint_eq(rig.heap->blocks.n_empty_resident, 3);
    ck_assert(!old->resident && young->resident);
    ck_assert_uint_eq(give_back(&rig, between), 0);
    ck_assert_uint_eq(give_back(&rig, UINT64_MAX), 3 * BLOCK_BYTES);
    ck_assert_uint_eq(rig.heap->blocks.n_empty_resident, 0);
    ck_assert_uint_eq(n_chunks(&rig), 1);
    bool zeroed;
    struct besom__block *again = acquire(&rig, 8, &zeroed);
    ck_assert(zeroed);
    besom__sanitize_use(besom__block_start(again), 8 * BLOCK_BYTES);
    const uint64_t *words = (const uint64_t *)besom__block_start(again);
    for (size_t i = 0; i < 8 * BLOCK_BYTES / sizeof *words; i++)
        require(words[i] == 0, "memory that was given back is not zero");
    release(&rig, again, 8);
    release(&rig, held, 1);
    rig_close(&rig);
}
END_TEST

START_TEST(empty_chunks_but_one_are_unmapped)
{
    struct ledger_host host;
    struct rig rig;
    rig_init_exact(&rig, NULL);
    ledger_init(&host, &rig.config);
    rig_open(&rig);
    struct besom__block *runs[5];
    for (int i = 0; i < 5; i++)
        runs[i] = acquire(&rig, CHUNK_USABLE_BLOCKS, NULL);
    ck_assert_uint_eq(n_chunks(&rig), 5);
    int64_t maps = host.ledger.maps;
    const void *kept = besom__chunk_of(runs[2]);
    for (int i = 0; i < 5; i++)
        if (i != 2)
            release(&rig, runs[i], CHUNK_USABLE_BLOCKS);
    give_back(&rig, UINT64_MAX);
    ck_assert_uint_eq(n_chunks(&rig), 2); /* one in use, one empty */
    ck_assert_int_eq(host.ledger.maps, maps - 3);
    ck_assert_uint_eq(rig.heap->blocks.n_empty, CHUNK_USABLE_BLOCKS);
    ck_assert_ptr_eq(besom__chunk_find(rig.heap, kept), kept);
    release(&rig, runs[2], CHUNK_USABLE_BLOCKS);
    give_back(&rig, UINT64_MAX);
    ck_assert_uint_eq(n_chunks(&rig), 1);
    ck_assert_uint_eq(rig.heap->blocks.reserved_bytes, BESOM__CHUNK_BYTES);
    verify(rig.m);
    struct besom__block *again = acquire(&rig, CHUNK_USABLE_BLOCKS, NULL);
    ck_assert_uint_eq(n_chunks(&rig), 1);
    release(&rig, again, CHUNK_USABLE_BLOCKS);
    rig_close(&rig);
    ck_assert_int_eq(host.ledger.maps, 0);
}
END_TEST

/* ---- addresses ---- */

START_TEST(addresses_of_chunks_are_told_from_others)
{
    enum { MANY = 100 };
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    ck_assert_ptr_null(besom__chunk_find(rig.heap, &rig));
    struct besom__block *runs[MANY];
    for (int round = 0; round < 5; round++) { /* unmapping leaves gaps in the table */
        for (int i = 0; i < MANY; i++) {
            runs[i] = acquire(&rig, CHUNK_USABLE_BLOCKS, NULL);
            ck_assert_ptr_nonnull(runs[i]);
        }
        for (int i = 0; i < MANY; i++) {
            char *chunk = (char *)besom__chunk_of(runs[i]);
            ck_assert_ptr_eq(besom__chunk_find(rig.heap, chunk), chunk);
            ck_assert_ptr_eq(besom__chunk_find(rig.heap, chunk + BESOM__CHUNK_BYTES - 1), chunk);
            ck_assert_ptr_ne(besom__chunk_find(rig.heap, chunk - 1), chunk);
            ck_assert_ptr_ne(besom__chunk_find(rig.heap, chunk + BESOM__CHUNK_BYTES), chunk);
        }
        ck_assert_ptr_null(besom__chunk_find(rig.heap, NULL));
        ck_assert_ptr_null(besom__chunk_find(rig.heap, &rig));
        ck_assert_ptr_null(besom__chunk_find(rig.heap, (void *)UINTPTR_MAX));
        const void *unmapped = NULL;
        for (int i = 0; i < MANY; i++)
            release(&rig, runs[i], CHUNK_USABLE_BLOCKS);
        give_back(&rig, UINT64_MAX);
        for (int i = 0; i < MANY; i++)
            if ((void *)besom__chunk_of(runs[i]) != (void *)rig.heap->blocks.chunks) {
                unmapped = besom__chunk_of(runs[i]);
                ck_assert_ptr_null(besom__chunk_find(rig.heap, unmapped));
            }
        ck_assert_ptr_nonnull(unmapped);
        const struct besom__chunk_table *table = rig.heap->blocks.table;
        ck_assert_uint_le(table->n_used, table->n_slots / 2);
        besom__chunk_table_trim(rig.heap);
        ck_assert_ptr_null(table->outgrown);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(huge_mapping_begins_with_a_header_and_one_block)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    const size_t bytes = (10 << 20) + 48;
    pthread_mutex_lock(&rig.heap->block_lock);
    struct besom__block *block = besom__huge_acquire(rig.heap, bytes);
    ck_assert_ptr_nonnull(block);
    block->object_bytes = bytes;
    struct besom__chunk *chunk = besom__chunk_of(block);
    ck_assert_ptr_eq(block, &chunk->blocks[CHUNK_FIRST_BLOCK]);
    ck_assert(chunk->huge);
    ck_assert_uint_eq(chunk->empty, 0);
    ck_assert_uint_eq(rig.heap->blocks.n_huge, 1);
    ck_assert_uint_eq(rig.heap->blocks.n_empty, 0);
    char *obj = besom__block_start(block);
    ck_assert_ptr_eq(obj, (char *)chunk + 4 * BLOCK_BYTES);
    ck_assert_ptr_eq(besom__chunk_of(obj), chunk);
    ck_assert_ptr_eq(besom__block_of(obj), block);
    ck_assert_uint_ge(chunk->mapped_bytes, bytes + 4 * BLOCK_BYTES);
    obj[0] = obj[bytes - 1] = 1;
    ck_assert_ptr_eq(besom__chunk_find(rig.heap, obj), chunk);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, bytes);
    besom__huge_release(rig.heap, block);
    ck_assert_ptr_null(rig.heap->blocks.chunks);
    ck_assert_ptr_null(besom__chunk_find(rig.heap, obj));
    ck_assert_uint_eq(rig.heap->blocks.reserved_bytes, 0);
    ck_assert_uint_eq(rig.heap->blocks.n_huge, 0);
    pthread_mutex_unlock(&rig.heap->block_lock);
    rig_close(&rig);
}
END_TEST

START_TEST(addresses_lead_to_blocks_granules_and_metadata)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct besom__block *block = acquire(&rig, 2, NULL);
    char *chunk = (char *)besom__chunk_of(block), *start = besom__block_start(block);
    ck_assert_uint_eq((uintptr_t)chunk % BESOM__CHUNK_BYTES, 0);
    ck_assert_ptr_eq(besom__block_of(start), block);
    ck_assert_ptr_eq(besom__block_of(start + BLOCK_BYTES - 1), block);
    ck_assert_ptr_eq(besom__block_of(start + BLOCK_BYTES), block + 1);
    ck_assert_uint_eq(besom__block_index(start), (unsigned)(start - chunk) / BLOCK_BYTES);
    ck_assert_ptr_eq(besom__meta(start), chunk + (start - chunk) / 16);
    ck_assert_ptr_eq(besom__meta(start + 16), besom__meta(start) + 1);
    ck_assert_ptr_eq(besom__meta(chunk + 4 * BLOCK_BYTES), chunk + CHUNK_HEADER_BYTES);
    ck_assert_ptr_eq(besom__meta(chunk + BESOM__CHUNK_BYTES - 16), chunk + 4 * BLOCK_BYTES - 1);
    release(&rig, block, 2);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        runs_are_contiguous_disjoint_and_counted,
        chunk_has_room_for_one_run_of_all_its_blocks,
        scattered_blocks_are_no_run,
        zeroed_means_zero,
        limit_counts_blocks_huge_objects_and_external_bytes,
        refused_memory_changes_nothing,
        old_empty_blocks_are_given_back_and_young_ones_kept,
        empty_chunks_but_one_are_unmapped,
        addresses_of_chunks_are_told_from_others,
        huge_mapping_begins_with_a_header_and_one_block,
        addresses_lead_to_blocks_granules_and_metadata,
    };
    return run_tests("gc chunk", tests, sizeof tests / sizeof *tests);
}
