/* test_gc_ambiguous.c - any word finds the object it points into, and no other. */
#include "support.h"

#include "gc/alloc.h"
#include "gc/ambiguous.h"
#include "gc/heap.h"
#include "gc/mutator.h"

static void *object_at(struct rig *rig, const void *address)
{
    return besom__ambiguous_object(rig->heap, (uintptr_t)address);
}

/* Every byte of the object finds it. */
static void check_inside(struct rig *rig, const void *obj, size_t bytes, size_t step)
{
    for (size_t i = 0; i < bytes; i += step)
        require(object_at(rig, (const char *)obj + i) == obj, "an address inside an object");
    require(object_at(rig, (const char *)obj + bytes - 1) == obj, "the last byte of an object");
}

START_TEST(every_byte_of_a_block_finds_its_object_or_none)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    rig_init_exact(&rig, "barrier");
    rig_open(&rig);
    struct besom__mutator *m = besom__mutator_of(rig.m);
    make_sized(rig.m, &blob_type, 16);
    struct besom__block *block = m->main.block;
    while (m->main.block == block)
        make_sized(rig.m, &blob_type, 16 + rng_below(&rng, rng_below(&rng, 3) ? 30 : 250));
    besom__alloc_retire(m);
    char *start = besom__block_start(block);
    const uint8_t *meta = besom__meta(start);
    char *obj = NULL;
    for (unsigned i = 0; i < BLOCK_GRANULES; i++) {
        char *granule = start + i * (size_t)BESOM__GRANULE_BYTES;
        if (meta[i] & BESOM__COLOR)
            obj = granule;
        for (unsigned byte = 0; byte < BESOM__GRANULE_BYTES; byte++)
            require(object_at(&rig, granule + byte) == obj, "an address in a small block");
        if (meta[i] & BESOM__END)
            obj = NULL;
    }
    rig_close(&rig);
}
END_TEST

START_TEST(large_and_huge_objects_are_found_anywhere_inside)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    static const size_t sizes[] = {20000, 40000, 65536, 200000, 60 * 65536, 5 << 20, 33 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *obj = make_sized(rig.m, &blob_type, sizes[i]);
        check_inside(&rig, obj, sizes[i], 1001);
        ck_assert_ptr_ne(object_at(&rig, obj + besom_size(obj)), obj);
        ck_assert_ptr_ne(object_at(&rig, obj - 1), obj);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(stamps_of_cards_are_not_starts)
{
    struct rig rig;
    rig_init_exact(&rig, "barrier");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector * medium; struct vector * large;);
        my->medium = make_vector(rig.m, 2500);
        my->large = make_vector(rig.m, 25000);
        collect(rig.m);
        for (size_t i = 0; i < 2500; i++)
            besom_write_at(rig.m, my->medium, &my->medium->items[i]);
        for (size_t i = 0; i < 25000; i++)
            besom_write_at(rig.m, my->large, &my->large->items[i]);
        check_inside(&rig, my->medium, 2500 * 8, 8);
        check_inside(&rig, my->large, 25000 * 8, 8);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(words_that_are_no_addresses_find_nothing)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    char *obj = make_sized(rig.m, &blob_type, 5 << 20);
    char *chunk = (char *)besom__chunk_of(obj);
    ck_assert_ptr_null(object_at(&rig, NULL));
    ck_assert_ptr_null(object_at(&rig, &rig));
    ck_assert_ptr_null(object_at(&rig, (void *)UINTPTR_MAX));
    ck_assert_ptr_null(object_at(&rig, chunk));
    ck_assert_ptr_null(object_at(&rig, obj - 1));
    ck_assert_ptr_null(object_at(&rig, chunk - 1));
    ck_assert_ptr_null(object_at(&rig, obj + (5 << 20)));
    struct node *node = make(rig.m, &node_type);
    chunk = (char *)besom__chunk_of(node);
    for (size_t i = 0; i < (size_t)CHUNK_FIRST_BLOCK * BLOCK_BYTES; i += 99) /* metadata */
        ck_assert_ptr_null(object_at(&rig, chunk + i));
    for (size_t i = BLOCK_BYTES; i < 20 * (size_t)BLOCK_BYTES; i += 99) /* empty blocks */
        ck_assert_ptr_null(object_at(&rig, besom__block_start(besom__block_of(node)) + i));
    for (size_t n = scaled(100000); n > 0; n--) {
        uintptr_t word = rng_next(&rng);
        void *found = besom__ambiguous_object(rig.heap, word);
        ck_assert(!found || besom_owns(rig.heap, found));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(swept_dead_and_quarantined_objects_are_not_found)
{
    struct rig rig;
    rig_init_exact(&rig, "poison");
    rig_open(&rig);
    static const size_t sizes[] = {16, 300, 20000, 200000, 5 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uintptr_t hidden = ~(uintptr_t)make_sized(rig.m, &blob_type, sizes[i]);
        collect(rig.m);
        ck_assert_ptr_null(object_at(&rig, (void *)~hidden));
        ck_assert_ptr_null(object_at(&rig, (void *)(~hidden + sizes[i] / 2)));
    }
    rig_close(&rig);
}
END_TEST

/* ---- what is dead stays dead ---- */

static uintptr_t words[1];

START_TEST(word_that_mentions_the_unswept_dead_is_no_edge_to_them)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    ck_assert_int_eq(besom_root_ambiguous(rig.heap, words, 1, "words", NULL), BESOM_OK);
    uintptr_t hidden = ~(uintptr_t)make(rig.m, &node_type);
    ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
    ck_assert_uint_gt(rig.heap->spaces.n_unswept, 0);
    words[0] = ~hidden;
    verify(rig.m);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    words[0] = 0;
    rig_close(&rig);
}
END_TEST

START_TEST(word_that_mentions_a_destroyed_object_does_not_revive_it)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    ck_assert_int_eq(besom_root_ambiguous(rig.heap, words, 1, "words", NULL), BESOM_OK);
    enum { N = 3000 }; /* more than a batch */
    static uintptr_t hidden[N];
    static unsigned long calls[N];
    for (size_t i = 0; i < N; i++)
        hidden[i] = ~(uintptr_t)make_hooked(rig.m, &calls[i]);
    ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
    ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
    size_t first = 0;
    while (!calls[first])
        first++;
    ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
    words[0] = ~hidden[first];
    collect(rig.m);
    words[0] = 0;
    collect(rig.m);
    for (size_t i = 0; i < N; i++)
        ck_assert_uint_eq(calls[i], 1);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_byte_of_a_block_finds_its_object_or_none,
        large_and_huge_objects_are_found_anywhere_inside,
        stamps_of_cards_are_not_starts,
        words_that_are_no_addresses_find_nothing,
        swept_dead_and_quarantined_objects_are_not_found,
        word_that_mentions_the_unswept_dead_is_no_edge_to_them,
        word_that_mentions_a_destroyed_object_does_not_revive_it,
    };
    return run_tests("gc ambiguous", tests, sizeof tests / sizeof *tests);
}
