/* test_gc_alloc.c - where objects are placed, what their metadata says, what memory they get. */
#include "support.h"

#include "gc/alloc.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/sanitize.h"

#include <string.h>

enum { NODES_PER_BLOCK = BLOCK_BYTES / sizeof(struct node) };

static struct besom__mutator *whole(const struct rig *rig)
{
    return besom__mutator_of(rig->m);
}

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

/* ---- metadata ---- */

static void check_metadata(const struct rig *rig, const void *obj, size_t bytes, uint8_t leaf)
{
    const uint8_t *meta = besom__meta(obj);
    size_t granules = (bytes + 15) / 16;
    uint8_t first = (uint8_t)(BESOM__YOUNG | leaf | rig->heap->cycle.epoch << 6);
    if (bytes > BESOM__SMALL_MAX_BYTES)
        first |= BESOM__LARGE;
    if (granules == 1)
        first |= BESOM__END;
    require(meta[0] == first, "the first byte");
    require(besom_size(obj) == granules * 16, "the size");
    bool has_end = besom__block_of(obj)->run_blocks || bytes <= MEDIUM_MAX_BYTES;
    for (size_t i = 1; i < granules && has_end; i++)
        require(meta[i] == (i + 1 == granules ? BESOM__END : 0), "a further byte");
}

START_TEST(metadata_says_where_objects_begin_and_end)
{
    for (int barrier = 0; barrier < 2; barrier++) {
        struct rig rig;
        start(&rig, barrier ? "barrier" : "");
        for (size_t bytes = 8; bytes <= 3000; bytes++) {
            char *obj = make_sized(rig.m, &blob_type, bytes);
            check_metadata(&rig, obj, bytes, BESOM__LEAF);
            require((uintptr_t)obj % 16 == 0, "alignment");
            require(*(void **)(void *)obj == &blob_type, "the type word");
        }
        static const size_t edges[] = {
            8 << 10, 32 << 10, 64 << 10, 128 << 10, CHUNK_USABLE_BLOCKS * (size_t)BLOCK_BYTES,
            8 << 20};
        for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
            for (size_t bytes = edges[i] - 17; bytes <= edges[i] + 17; bytes++)
                check_metadata(&rig, make_sized(rig.m, &blob_type, bytes), bytes, BESOM__LEAF);
        check_metadata(&rig, make(rig.m, &node_type), sizeof(struct node), 0);
        check_metadata(&rig, make(rig.m, &pair_type), sizeof(struct pair), 0);
        unsigned long calls = 0;
        check_metadata(&rig, make_hooked(rig.m, &calls), sizeof(struct hooked), 0);
        collect(rig.m);
        rig_close(&rig);
    }
}
END_TEST

START_TEST(objects_of_two_granules_have_an_end)
{
    /* The smallest object whose end is not its start: by the inline path and by the slow one. */
    struct rig rig;
    start(&rig, NULL);
    for (int i = 0; i < 3 * NODES_PER_BLOCK; i++)
        check_metadata(&rig, make(rig.m, &node_type), sizeof(struct node), 0);
    rig_close(&rig);
}
END_TEST

/* ---- memory ---- */

static void check_zero(const void *obj, size_t bytes, size_t from)
{
    const unsigned char *p = obj;
    size_t rounded = (bytes + 15) / 16 * 16;
    besom__sanitize_use((char *)(uintptr_t)obj, rounded);
    for (size_t i = from; i < rounded; i++)
        require(p[i] == 0, "memory is not zero");
}

START_TEST(memory_is_zero_however_often_it_is_used_again)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    start(&rig, "pace=factor,heap_min=1m,heap_max=32m");
    {
        BESOM_LOCALS(rig.m, void *kept[64];);
        for (size_t n = scaled(60000); n > 0; n--) {
            size_t bytes = 8 + rng_below(&rng, rng_below(&rng, 20) ? 300 : 40000);
            if (n % 1000 == 0)
                bytes = 8 + rng_below(&rng, 300000);
            void *obj = make_sized(rig.m, &blob_type, bytes);
            check_zero(obj, bytes, sizeof(void *));
            memset((char *)obj + 8, 0xa5, bytes - 8);
            if (rng_below(&rng, 50) == 0)
                my->kept[rng_below(&rng, 64)] = obj;
            besom_poll(rig.m);
        }
        ck_assert_uint_gt(stats_of(rig.heap).cycles, 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(objects_without_a_header_are_all_zero)
{
    struct rig rig;
    start(&rig, "heap_min=1m");
    for (size_t n = scaled(200000); n > 0; n--) {
        struct pair *pair = make(rig.m, &pair_type);
        require(!pair->head && !pair->tail, "memory is not zero");
        memset(pair, 0xa5, sizeof *pair);
        pair->head = pair->tail = pair;
        besom_poll(rig.m);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(window_is_zeroed_a_little_ahead)
{
    struct rig rig;
    start(&rig, NULL);
    make_list(rig.m, 3 * NODES_PER_BLOCK);
    collect(rig.m); /* the blocks are empty and dirty */
    struct besom_window *w = &rig.m->window;
    for (int i = 0; i < NODES_PER_BLOCK; i++) {
        make(rig.m, &node_type);
        size_t ahead = (size_t)(w->limit - w->cursor);
        ck_assert_uint_le(ahead, SANITIZED ? 0 : ZERO_AHEAD_BYTES);
        check_zero(w->cursor, ahead, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(windows_are_no_larger_than_a_small_object)
{
    struct rig rig;
    start(&rig, NULL);
    for (size_t i = 0; i < 3000; i++) {
        make_sized(rig.m, &blob_type, 16 + i % 700);
        make(rig.m, &pair_type);
        ck_assert_uint_le((size_t)(rig.m->window.limit - rig.m->window.cursor),
                          BESOM__SMALL_MAX_BYTES);
        const struct besom_window *typed = rig.m->typed[besom__typed_index(&pair_type)];
        ck_assert_uint_le((size_t)(typed->limit - typed->cursor), BESOM__SMALL_MAX_BYTES);
    }
    rig_close(&rig);
}
END_TEST

/* ---- which block ---- */

START_TEST(larger_objects_do_not_skip_holes)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__mutator *m = whole(&rig);
    make_sized(rig.m, &blob_type, 16);
    struct besom__block *main = m->main.block;
    while ((size_t)(m->main.hole_end - rig.m->window.cursor) > 4000)
        make_sized(rig.m, &blob_type, 64);
    ck_assert_ptr_null(m->overflow.block);
    char *large = make_sized(rig.m, &blob_type, 5000);
    ck_assert_ptr_nonnull(m->overflow.block);
    ck_assert_ptr_eq(besom__block_of(large), m->overflow.block);
    ck_assert_ptr_eq(m->main.block, main);
    char *fits = make_sized(rig.m, &blob_type, 1000);
    ck_assert_ptr_eq(besom__block_of(fits), main);
    while (m->main.block == main)
        make_sized(rig.m, &blob_type, 256);
    ck_assert_ptr_eq(besom__block_of(large), m->overflow.block);
    rig_close(&rig);
}
END_TEST

START_TEST(larger_objects_leave_further_holes_to_smaller_ones)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__mutator *m = whole(&rig);
    {
        /* One block with holes of 1024 bytes between survivors of 64. */
        BESOM_LOCALS(rig.m, struct vector * kept;);
        my->kept = make_vector(rig.m, 4000);
        struct besom__block *block = NULL;
        for (size_t i = 0; i < 59; i++) {
            my->kept->items[i] = make_sized(rig.m, &blob_type, 64);
            besom_write(rig.m, my->kept);
            block = block ? block : besom__block_of(my->kept->items[i]);
            if (besom__block_of(my->kept->items[i]) == block)
                make_sized(rig.m, &blob_type, 1024);
        }
        collect(rig.m);
        while (m->main.block != block)
            make_sized(rig.m, &blob_type, 64);
        char *cursor = rig.m->window.cursor;
        char *big = make_sized(rig.m, &blob_type, 2000);
        ck_assert_ptr_ne(besom__block_of(big), block);
        ck_assert_ptr_eq(m->main.block, block);
        ck_assert_ptr_eq(rig.m->window.cursor, cursor);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(sorts_of_objects_lie_in_blocks_of_their_own)
{
    struct rig rig;
    start(&rig, NULL);
    unsigned long calls = 0;
    const struct besom__spaces *s = &rig.heap->spaces;
    for (int i = 0; i < 100; i++) {
        ck_assert_ptr_eq(besom__block_of(make(rig.m, &node_type))->space, &s->small);
        ck_assert_ptr_eq(besom__block_of(make_hooked(rig.m, &calls))->space, &s->hooked);
        struct pair *pair = make(rig.m, &pair_type);
        struct besom__block *block = besom__block_of(pair);
        ck_assert_ptr_eq(block->space->type, &pair_type);
        ck_assert_ptr_eq(besom__chunk_of(pair)->types[besom__block_index(pair)], &pair_type);
    }
    struct besom_type big = hooked_type;
    big.size_bytes = 100000;
    struct hooked *hooked = make(rig.m, &big);
    hooked->calls = &calls;
    ck_assert_ptr_eq(besom__block_of(hooked)->space, &s->hooked_large);
    ck_assert_ptr_eq(besom__block_of(make_sized(rig.m, &blob_type, 100000))->space, &s->large);
    collect(rig.m);
    ck_assert_uint_eq(calls, 101);
    rig_close(&rig);
}
END_TEST

START_TEST(types_that_share_a_slot_take_turns)
{
    enum { TYPES = 3 * BESOM__TYPED_WINDOWS };
    static struct besom_type types[TYPES];
    struct rig rig;
    start(&rig, NULL);
    for (int i = 0; i < TYPES; i++) {
        types[i] = pair_type;
        types[i].size_bytes = 16 + 16 * (size_t)(i % 3);
    }
    for (int round = 0; round < 200; round++)
        for (int i = 0; i < TYPES; i++) {
            void *obj = make(rig.m, &types[i]);
            require(besom_type_of(rig.heap, obj) == &types[i], "the type of a header-free object");
            require(besom_size(obj) == types[i].size_bytes, "its size");
            struct besom_window *w = rig.m->typed[besom__typed_index(&types[i])];
            require(w->type == &types[i], "the window is the last type's");
        }
    ck_assert_uint_eq(count_objects(rig.m, &types[5]), 200);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(large_objects_are_runs_of_blocks)
{
    struct rig rig;
    start(&rig, NULL);
    char *obj = make_sized(rig.m, &blob_type, 3 * BLOCK_BYTES + 1);
    struct besom__block *block = besom__block_of(obj);
    ck_assert_ptr_eq(besom__block_start(block), obj);
    ck_assert_uint_eq(block->run_blocks, 4);
    ck_assert_uint_eq(block->object_bytes, 3 * BLOCK_BYTES + 16);
    ck_assert_uint_eq(block->state, BLOCK_LARGE);
    for (int i = 1; i < 4; i++)
        ck_assert_uint_eq(block[i].state, BLOCK_LARGE_BODY);
    ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 4 * BLOCK_BYTES);
    collect(rig.m);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(block[i].state, BLOCK_EMPTY);
    rig_close(&rig);
}
END_TEST

START_TEST(large_objects_of_a_type_with_its_own_blocks_know_their_type)
{
    static struct besom_type type;
    struct rig rig;
    start(&rig, NULL);
    type = pair_type;
    type.size_bytes = 100000;
    char *large = make(rig.m, &type), *huge = make_sized(rig.m, &type, 5 << 20);
    check_zero(large, 100000, 0);
    ck_assert_ptr_eq(besom_type_of(rig.heap, large), &type);
    ck_assert_ptr_eq(besom_type_of(rig.heap, huge), &type);
    struct besom__chunk *chunk = besom__chunk_of(large);
    unsigned index = besom__block_index(large);
    collect(rig.m);
    ck_assert_ptr_null(chunk->types[index]);
    rig_close(&rig);
}
END_TEST

/* ---- giving blocks up ---- */

START_TEST(retired_mutator_holds_nothing)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__mutator *m = whole(&rig);
    unsigned long calls = 0;
    make(rig.m, &node_type);
    make(rig.m, &pair_type);
    make_hooked(rig.m, &calls);
    make_sized(rig.m, &blob_type, 30000);
    make_sized(rig.m, &blob_type, 30000);
    make_sized(rig.m, &blob_type, 30000);
    struct besom__bump *bumps[] = {&m->main, &m->overflow, &m->hooked, &m->typed->bump};
    for (int i = 0; i < 4; i++) {
        ck_assert_ptr_nonnull(bumps[i]->block);
        ck_assert_uint_eq(bumps[i]->block->state, BLOCK_HELD);
    }
    struct besom__block *block = m->main.block;
    besom__alloc_retire(m);
    for (int i = 0; i < 4; i++) {
        ck_assert_ptr_null(bumps[i]->block);
        ck_assert_ptr_eq(bumps[i]->window->cursor, bumps[i]->window->limit);
    }
    ck_assert_uint_eq(block->state, BLOCK_SMALL);
    besom__alloc_retire(m); /* again: nothing to give up */
    verify(rig.m);
    make(rig.m, &node_type);
    make(rig.m, &pair_type);
    rig_close(&rig);
}
END_TEST

START_TEST(rest_of_a_retired_block_is_used_again)
{
    struct rig rig;
    start(&rig, NULL);
    struct node *first = make(rig.m, &node_type);
    besom__alloc_retire(whole(&rig));
    struct node *second = make(rig.m, &node_type);
    ck_assert_ptr_eq(second, first + 1);
    rig_close(&rig);
}
END_TEST

/* ---- refusals ---- */

START_TEST(absurd_sizes_are_refused)
{
    struct rig rig;
    start(&rig, NULL);
    static const size_t sizes[] = {0,
                                   SIZE_MAX,
                                   SIZE_MAX - 1,
                                   SIZE_MAX - 14,
                                   SIZE_MAX - 15,
                                   SIZE_MAX - 16,
                                   SIZE_MAX / 2,
                                   SIZE_MAX / 4 + 1};
    make(rig.m, &node_type);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, sizes[i]));
    ck_assert_uint_eq(count_objects(rig.m, NULL), 1);
    rig_close(&rig);
}
END_TEST

START_TEST(refused_allocation_leaves_the_mutator_as_it_was)
{
    struct rig rig;
    start(&rig, "heap_max=1m");
    struct node *n, *last = NULL;
    size_t count = 0;
    for (; (n = besom_new(rig.m, &node_type)) != NULL; last = n, count++)
        n->next = last;
    ck_assert_uint_eq(count, (1 << 20) / sizeof(struct node)); /* every granule was used */
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 1000));
    ck_assert_ptr_null(besom_new(rig.m, &pair_type));
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 100000));
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 10 << 20));
    verify(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), count);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        metadata_says_where_objects_begin_and_end,
        objects_of_two_granules_have_an_end,
        memory_is_zero_however_often_it_is_used_again,
        objects_without_a_header_are_all_zero,
        window_is_zeroed_a_little_ahead,
        windows_are_no_larger_than_a_small_object,
        larger_objects_do_not_skip_holes,
        larger_objects_leave_further_holes_to_smaller_ones,
        sorts_of_objects_lie_in_blocks_of_their_own,
        types_that_share_a_slot_take_turns,
        large_objects_are_runs_of_blocks,
        large_objects_of_a_type_with_its_own_blocks_know_their_type,
        retired_mutator_holds_nothing,
        rest_of_a_retired_block_is_used_again,
        absurd_sizes_are_refused,
        refused_allocation_leaves_the_mutator_as_it_was,
    };
    return run_tests("gc alloc", tests, sizeof tests / sizeof *tests);
}
