/* test_gc_sweep.c - sweeping finds exactly the holes between survivors, and when it may. */
#include "support.h"

#include "gc/alloc.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/sweep.h"

#include <string.h>

/* ---- holes ---- */

static bool is_hole(const besom__holes holes, unsigned i)
{
    return holes[i / 64] >> i % 64 & 1;
}

/* Bit by bit what besom__holes_next does. */
static unsigned next_by_bits(const besom__holes holes, unsigned *start, unsigned min)
{
    unsigned first = *start;
    while (first < BLOCK_GRANULES) {
        unsigned end = first;
        while (end < BLOCK_GRANULES && is_hole(holes, end))
            end++;
        if (end - first >= min && end > first) {
            *start = first;
            return end;
        }
        first = end + 1;
    }
    return 0;
}

static void check_holes(const besom__holes holes, unsigned min)
{
    unsigned a = 0, b = 0, c = 0;
    for (;;) {
        unsigned end = next_by_bits(holes, &a, min);
        require(besom__holes_next(holes, &b, min) == end, "the end of a hole");
        require(besom__holes_search(holes, &c, min) == end, "the end of a hole, searched for");
        if (!end)
            return;
        require(a == b && a == c, "the start of a hole");
        a = b = c = end;
    }
}

START_TEST(holes_are_runs_of_bits)
{
    struct rng rng = {test_seed()};
    static const unsigned mins[] = {1, 2, 3, 16, 63, 64, 65, 500};
    besom__holes holes;
    for (size_t n = scaled(2000); n > 0; n--) {
        size_t longest = 1 + rng_below(&rng, n % 3 ? 10 : 300);
        memset(holes, 0, sizeof holes);
        for (unsigned i = 0; i < BLOCK_GRANULES;) {
            unsigned run = 1 + (unsigned)rng_below(&rng, longest);
            bool free = rng_below(&rng, 2);
            for (; run > 0 && i < BLOCK_GRANULES; run--, i++)
                holes[i / 64] |= (uint64_t)free << i % 64;
        }
        check_holes(holes, mins[n % (sizeof mins / sizeof *mins)]);
    }
}
END_TEST

START_TEST(full_and_empty_blocks_have_no_and_one_hole)
{
    besom__holes holes;
    memset(holes, 0, sizeof holes);
    unsigned start = 0;
    ck_assert_uint_eq(besom__holes_next(holes, &start, 1), 0);
    memset(holes, 0xff, sizeof holes);
    ck_assert_uint_eq(besom__holes_next(holes, &start, BLOCK_GRANULES), BLOCK_GRANULES);
    ck_assert_uint_eq(start, 0);
    start = BLOCK_GRANULES;
    ck_assert_uint_eq(besom__holes_next(holes, &start, 1), 0);
    holes[0] = 0;
    start = 0;
    ck_assert_uint_eq(besom__holes_next(holes, &start, BLOCK_GRANULES - 64), BLOCK_GRANULES);
    ck_assert_uint_eq(start, 64);
}
END_TEST

/* ---- one block ---- */

static struct besom__mutator *whole(struct rig *rig)
{
    return besom__mutator_of(rig->m);
}

/* A block off all lists, unswept, of objects of random sizes of which some bear the survivors'
 * color; the model of its metadata in before. */
static struct besom__block *random_block(struct rig *rig, struct rng *rng, uint8_t *before)
{
    struct besom_heap *heap = rig->heap;
    struct besom__bump *bump = &whole(rig)->main;
    make_sized(rig->m, &blob_type, 16);
    struct besom__block *block = bump->block;
    unsigned odds = 1 + (unsigned)rng_below(rng, 4);
    while (bump->block == block) {
        void *obj =
            make_sized(rig->m, &blob_type, 16 + rng_below(rng, rng_below(rng, 5) ? 60 : 250));
        if (rng_below(rng, odds) == 0)
            *besom__meta(obj) = (uint8_t)((*besom__meta(obj) & (BESOM__LEAF | BESOM__END)) |
                                          heap->cycle.mark_color | BESOM__KEYED);
    }
    besom__alloc_retire(whole(rig));
    besom__spaces_begin_sweep(heap);
    pthread_mutex_lock(&heap->block_lock);
    while (heap->spaces.small.unswept.first != block)
        besom__space_sweep_one(heap, &heap->spaces.small);
    besom__list_pop(&heap->spaces.small.unswept);
    heap->spaces.n_unswept--;
    pthread_mutex_unlock(&heap->block_lock);
    memcpy(before, besom__meta(besom__block_start(block)), BLOCK_GRANULES);
    return block;
}

static void put_back(struct rig *rig, struct besom__block *block)
{
    besom__list_push(&rig->heap->spaces.small.swept, block);
}

/* What sweeping leaves of meta, granule by granule; the number of free ones. */
static unsigned sweep_by_bytes(uint8_t *meta, uint8_t survivor, besom__holes holes)
{
    unsigned free = 0;
    bool kept = false, inside = false;
    memset(holes, 0, sizeof(besom__holes));
    for (unsigned i = 0; i < BLOCK_GRANULES; i++) {
        bool ends = meta[i] & BESOM__END;
        if (meta[i] & BESOM__COLOR) {
            kept = (meta[i] & BESOM__COLOR) == survivor;
            inside = true;
        }
        if (!inside || !kept) {
            holes[i / 64] |= (uint64_t)1 << i % 64;
            meta[i] = 0;
            free++;
        }
        if (ends)
            inside = false;
    }
    return free;
}

/* With the barrier on, metadata is cleared in another way. */
static void check_sweeping(const char *options)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    rig_init_exact(&rig, options);
    rig_open(&rig);
    for (size_t n = scaled(400) + 10; n > 0; n--) {
        uint8_t model[BLOCK_GRANULES];
        besom__holes holes, want;
        struct besom__block *block = random_block(&rig, &rng, model);
        const uint8_t *meta = besom__meta(besom__block_start(block));
        unsigned free = sweep_by_bytes(model, rig.heap->cycle.mark_color, want);
        for (int again = 0; again < 2; again++) {
            /* A block that is swept is only looked at. */
            struct besom__swept swept = besom__sweep_small(rig.heap, block, holes);
            require(memcmp(meta, model, sizeof model) == 0, "metadata");
            require(memcmp(holes, want, sizeof want) == 0, "holes");
            require(swept.free_granules == free, "free granules");
            require(swept.quarantined_granules == 0, "quarantine");
            require(block->swept_in == rig.heap->cycle.sweep_epoch, "epoch");
        }
        put_back(&rig, block);
        if (n % 20 == 0)
            collect(rig.m);
    }
    rig_close(&rig);
}

START_TEST(sweeping_keeps_survivors_and_clears_the_rest)
{
    check_sweeping("");
    check_sweeping("barrier");
}
END_TEST

START_TEST(newborns_in_a_swept_block_are_not_dead)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    besom__holes holes;
    make_sized(rig.m, &blob_type, 48);
    struct besom__block *block = whole(&rig)->main.block;
    struct besom__swept swept = besom__sweep_small(rig.heap, block, holes);
    ck_assert_uint_eq(swept.free_granules, BLOCK_GRANULES - 3);
    ck_assert(!is_hole(holes, 0) && !is_hole(holes, 2) && is_hole(holes, 3));
    rig_close(&rig);
}
END_TEST

START_TEST(quarantine_lasts_one_sweep)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    rig_init_exact(&rig, "poison");
    rig_open(&rig);
    uint8_t model[BLOCK_GRANULES];
    besom__holes holes, want;
    struct besom__block *block = random_block(&rig, &rng, model);
    unsigned used = 0;
    for (unsigned i = 0; i < BLOCK_GRANULES; i++) /* up to the last object's end */
        used = model[i] & BESOM__END ? i + 1 : used;
    unsigned free = sweep_by_bytes(model, rig.heap->cycle.mark_color, want);
    struct besom__swept swept = besom__sweep_small(rig.heap, block, holes);
    ck_assert_uint_eq(swept.quarantined_granules, free - (BLOCK_GRANULES - used));
    ck_assert_uint_eq(swept.free_granules, BLOCK_GRANULES - used);
    ck_assert_mem_eq(besom__meta(besom__block_start(block)), model, sizeof model);
    unsigned n = 0;
    for (unsigned i = 0; i < BLOCK_GRANULES; i++)
        n += is_hole(holes, i) && is_hole(want, i);
    ck_assert_uint_eq(n, swept.free_granules);
    swept = besom__sweep_small(rig.heap, block, holes);
    ck_assert_uint_eq(swept.free_granules, free);
    ck_assert_uint_eq(swept.quarantined_granules, 0);
    ck_assert_mem_eq(holes, want, sizeof want);
    put_back(&rig, block);
    rig_close(&rig);
}
END_TEST

/* ---- spaces ---- */

/* After besom_step has begun a cycle: nothing is swept yet. */
static void begin_cycle(struct rig *rig)
{
    ck_assert_int_eq(besom_step(rig->m, 1, NULL), BESOM_OK);
}

START_TEST(no_more_blocks_are_swept_than_asked_for)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    make_list(rig.m, 20 * BLOCK_BYTES / sizeof(struct node));
    begin_cycle(&rig);
    size_t n = rig.heap->spaces.n_unswept, before = rig.heap->spaces.swept_blocks;
    ck_assert_uint_ge(n, 20);
    ck_assert_uint_eq(besom__sweep_some(rig.heap, 3), 3);
    ck_assert_uint_eq(rig.heap->spaces.n_unswept, n - 3);
    ck_assert_uint_eq(rig.heap->spaces.swept_blocks, before + 3);
    ck_assert_uint_eq(besom__sweep_some(rig.heap, 0), 0);
    ck_assert_uint_eq(besom__sweep_some(rig.heap, SIZE_MAX), n - 3);
    ck_assert_uint_eq(besom__sweep_some(rig.heap, SIZE_MAX), 0);
    ck_assert_uint_eq(rig.heap->spaces.n_unswept, 0);
    rig_close(&rig);
}
END_TEST

START_TEST(nothing_is_swept_while_destroy_hooks_wait)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    unsigned long calls = 0;
    make_list(rig.m, 10000);
    make_hooked(rig.m, &calls);
    begin_cycle(&rig);
    ck_assert_uint_eq(rig.heap->cycle.phase, BESOM_FINALIZE);
    size_t n = rig.heap->spaces.n_unswept;
    ck_assert_uint_eq(besom__sweep_some(rig.heap, SIZE_MAX), 0);
    make_list(rig.m, 50000);
    make_sized(rig.m, &blob_type, 100000);
    ck_assert_uint_eq(rig.heap->spaces.n_unswept, n);
    besom_poll(rig.m);
    ck_assert_uint_eq(calls, 1);
    ck_assert_uint_eq(besom__sweep_some(rig.heap, SIZE_MAX), n);
    rig_close(&rig);
}
END_TEST

START_TEST(undone_dead_are_young_again)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * kept; struct node * old; struct blob * old_large;);
        my->kept = make(rig.m, &node_type);
        my->old = make(rig.m, &node_type);
        my->old_large = make_sized(rig.m, &blob_type, 100000);
        collect(rig.m);
        uintptr_t dead[] = {~(uintptr_t)my->old, ~(uintptr_t)my->old_large,
                            ~(uintptr_t)make(rig.m, &node_type),
                            ~(uintptr_t)make_sized(rig.m, &blob_type, 100000)};
        my->old = NULL;
        my->old_large = NULL;
        begin_cycle(&rig);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 1);
        uint8_t color = rig.heap->cycle.mark_color;
        uint8_t *first = besom__meta((void *)~dead[0]);
        *first |= BESOM__STAMP;
        besom__spaces_undo_sweep(rig.heap);
        ck_assert_uint_eq(*first, BESOM__YOUNG | BESOM__STAMP);
        *first &= (uint8_t)~BESOM__STAMP;
        for (int i = 1; i < 4; i++)
            ck_assert_uint_eq(*besom__meta((void *)~dead[i]) & BESOM__COLOR, BESOM__YOUNG);
        ck_assert_uint_eq(*besom__meta(my->kept) & BESOM__COLOR, color);
        ck_assert_uint_eq(rig.heap->spaces.n_unswept, 0);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 5);
    }
    rig_close(&rig);
}
END_TEST

static bool is_listed(const struct besom__block_list *list, const struct besom__block *block)
{
    const struct besom__block *b = list->first;
    while (b && b != block)
        b = b->next;
    return b != NULL;
}

START_TEST(swept_blocks_are_listed_by_their_room)
{
    struct rig rig;
    rig_init_exact(&rig, "pace=fixed,heap_min=64m");
    rig_open(&rig);
    const struct besom__space *small = &rig.heap->spaces.small;
    {
        enum { PER_BLOCK = BLOCK_BYTES / sizeof(struct node) };
        BESOM_LOCALS(rig.m, struct node * full; struct node * roomy; struct node * cramped;);
        make_list(rig.m, PER_BLOCK); /* all of it dies */
        my->full = make_list(rig.m, PER_BLOCK);
        my->roomy = make_list(rig.m, PER_BLOCK);
        my->cramped = make_list(rig.m, PER_BLOCK);
        struct besom__block *full = besom__block_of(my->full);
        struct besom__block *roomy = besom__block_of(my->roomy);
        struct besom__block *cramped = besom__block_of(my->cramped);
        for (int i = 0; i < 8; i++) /* 16 granules go */
            my->roomy = my->roomy->next;
        for (int i = 0; i < 7; i++) /* 14 do */
            my->cramped = my->cramped->next;
        size_t empty = rig.heap->blocks.n_empty;
        collect(rig.m);
        ck_assert_uint_eq(rig.heap->blocks.n_empty, empty + 1);
        ck_assert(is_listed(&small->swept, full));
        ck_assert(is_listed(&small->partial, roomy));
        ck_assert(is_listed(&small->swept, cramped));
        ck_assert_uint_eq(small->unswept.n, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(dead_large_objects_give_their_blocks_back)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct blob * kept;);
        my->kept = make_sized(rig.m, &blob_type, 100000);
        make_sized(rig.m, &blob_type, 200000);  /* 4 blocks */
        make_sized(rig.m, &blob_type, 8 << 20); /* huge */
        size_t empty = rig.heap->blocks.n_empty;
        ck_assert_uint_eq(rig.heap->blocks.n_huge, 1);
        begin_cycle(&rig);
        ck_assert_uint_eq(rig.heap->spaces.large.unswept.n, 3);
        besom__sweep_some(rig.heap, SIZE_MAX);
        ck_assert_uint_eq(rig.heap->blocks.n_empty, empty + 4);
        ck_assert_uint_eq(rig.heap->blocks.n_huge, 0);
        ck_assert_uint_eq(rig.heap->spaces.large.swept.n, 1);
        ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 2 * BLOCK_BYTES);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(poisoned_large_objects_go_a_cycle_later)
{
    struct rig rig;
    rig_init_exact(&rig, "poison");
    rig_open(&rig);
    make_sized(rig.m, &blob_type, 100000);
    make_sized(rig.m, &blob_type, 8 << 20);
    size_t committed = rig.heap->blocks.committed_bytes;
    collect(rig.m);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, committed);
    ck_assert_uint_eq(rig.heap->spaces.large.swept.n, 2);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    verify(rig.m);
    collect(rig.m);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 0);
    ck_assert_uint_eq(rig.heap->blocks.n_huge, 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        holes_are_runs_of_bits,
        full_and_empty_blocks_have_no_and_one_hole,
        sweeping_keeps_survivors_and_clears_the_rest,
        newborns_in_a_swept_block_are_not_dead,
        quarantine_lasts_one_sweep,
        no_more_blocks_are_swept_than_asked_for,
        nothing_is_swept_while_destroy_hooks_wait,
        undone_dead_are_young_again,
        swept_blocks_are_listed_by_their_room,
        dead_large_objects_give_their_blocks_back,
        poisoned_large_objects_go_a_cycle_later,
    };
    return run_tests("gc sweep", tests, sizeof tests / sizeof *tests);
}
