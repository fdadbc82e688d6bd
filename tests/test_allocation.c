/* test_allocation.c - what besom_new hands out: zeroed, aligned, as large as asked, on its own. */
#include "support.h"

#include <string.h>

static bool is_zero(const void *start, size_t bytes)
{
    const char *p = start;
    return bytes == 0 || (p[0] == 0 && memcmp(p, p + 1, bytes - 1) == 0);
}

static void check_blob(const struct blob *blob, size_t bytes)
{
    require((uintptr_t)blob % 16 == 0, "not aligned");
    require(blob->type == &blob_type, "another type");
    require(is_zero(blob->words, bytes - sizeof blob->type), "not zeroed");
    size_t size = besom_size(blob), rounded = (bytes + 15) & ~(size_t)15;
    require(size == rounded, "another size");
}

static void fill(struct blob *blob, size_t bytes, uint8_t value)
{
    memset(blob->words, value, bytes - sizeof blob->type);
}

static bool is_filled(const struct blob *blob, size_t bytes, uint8_t value)
{
    const uint8_t *p = (const uint8_t *)blob->words;
    size_t n = bytes - sizeof blob->type;
    return n == 0 || (p[0] == value && memcmp(p, p + 1, n - 1) == 0);
}

static uint8_t value_for(size_t bytes)
{
    return (uint8_t)(bytes * 31 + 1);
}

enum { LEAST = sizeof(void *), MOST = 20000 };

START_TEST(every_size_is_zeroed_aligned_and_apart_from_the_others)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *all;);
        my->all = make_vector(rig.m, MOST + 1);
        for (size_t bytes = LEAST; bytes <= MOST; bytes++) {
            struct blob *blob = make_sized(rig.m, &blob_type, bytes);
            check_blob(blob, bytes);
            fill(blob, bytes, value_for(bytes));
            besom_write_at(rig.m, my->all, &my->all->items[bytes]);
            my->all->items[bytes] = blob;
        }
        collect(rig.m);
        for (size_t bytes = LEAST; bytes <= MOST; bytes++)
            if (!is_filled(my->all->items[bytes], bytes, value_for(bytes)))
                ck_abort_msg("an object of %zu bytes was overwritten", bytes);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(reused_memory_is_zeroed_again)
{
    const size_t sizes[] = {16, 24, 200, 257, 1000, 8192, 8193, 30000, 70000, 1 << 20, 3 << 20};
    struct rig rig;
    rig_start(&rig);
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            size_t n = sizes[i] < 10000 ? 200 : 4;
            for (size_t j = 0; j < n; j++) {
                struct blob *blob = make_sized(rig.m, &blob_type, sizes[i]);
                check_blob(blob, sizes[i]);
                fill(blob, sizes[i], 0xFF);
            }
        }
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(objects_of_up_to_64_mib_hold_their_contents)
{
    const size_t sizes[] = {20001,     32 << 10,        65535,    65536,          65537,
                            131072,    (2 << 20) - 64,  2 << 20,  (2 << 20) + 1,  (4 << 20) - 1,
                            4 << 20,   (4 << 20) + 16,  7777777,  33 << 20,       64 << 20};
    enum { N = sizeof sizes / sizeof *sizes };
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct blob *blobs[N];);
        for (size_t i = 0; i < N; i++) {
            my->blobs[i] = make_sized(rig.m, &blob_type, sizes[i]);
            check_blob(my->blobs[i], sizes[i]);
            fill(my->blobs[i], sizes[i], value_for(i));
        }
        collect(rig.m);
        for (size_t i = 0; i < N; i++) {
            ck_assert(is_filled(my->blobs[i], sizes[i], value_for(i)));
            ck_assert(besom_owns(rig.heap, my->blobs[i]));
        }
        for (size_t i = 0; i < N; i += 2)
            my->blobs[i] = NULL;
        collect(rig.m);
        for (size_t i = 1; i < N; i += 2)
            ck_assert(is_filled(my->blobs[i], sizes[i], value_for(i)));
        ck_assert_uint_eq(count_objects(rig.m, &blob_type), N / 2);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(huge_objects_cost_little_more_than_their_size)
{
    struct rig rig;
    rig_start(&rig);
    size_t before = stats_of(rig.heap).committed_bytes;
    make_sized(rig.m, &blob_type, 16 << 20);
    ck_assert_uint_le(stats_of(rig.heap).committed_bytes - before, (16 << 20) + (512 << 10));
    rig_close(&rig);
}
END_TEST

START_TEST(empty_and_absurd_sizes_are_refused)
{
    const size_t absurd[] = {0,
                             SIZE_MAX,
                             SIZE_MAX - 7,
                             SIZE_MAX - 15,
                             SIZE_MAX - 16,
                             SIZE_MAX - 65535,
                             SIZE_MAX - (4 << 20),
                             SIZE_MAX - (8 << 20),
                             SIZE_MAX / 2,
                             SIZE_MAX / 2 + 1,
                             (size_t)1 << 60,
                             (size_t)1 << 50};
    const struct besom_type *types[] = {&blob_type, &pair_type, &hooked_type};
    struct rig rig;
    rig_start(&rig);
    for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++)
        for (size_t t = 0; t < 3; t++)
            ck_assert_ptr_null(besom_new_sized(rig.m, types[t], absurd[i]));
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    verify(rig.m);
    ck_assert_ptr_nonnull(besom_new(rig.m, &node_type));
    rig_close(&rig);
}
END_TEST

START_TEST(pair_of_own_blocks_costs_sixteen_bytes)
{
    enum { PAIRS = 200000 };
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct besom_stats before = stats_of(rig.heap);
    struct pair *list = NULL;
    for (size_t i = 0; i < PAIRS; i++) {
        struct pair *pair = make(rig.m, &pair_type);
        require(!pair->head && !pair->tail && besom_size(pair) == 16, "no pair");
        pair->tail = list;
        besom_write(rig.m, pair);
        list = pair;
    }
    struct besom_stats after = stats_of(rig.heap);
    ck_assert_uint_le(after.committed_bytes - before.committed_bytes, PAIRS * 16 + (512 << 10));
    ck_assert_uint_le(after.metadata_bytes, after.committed_bytes / 12 + (256 << 10));
    {
        BESOM_LOCALS(rig.m, struct pair *list;);
        my->list = list;
        collect(rig.m);
        size_t n = 0;
        for (struct pair *p = my->list; p; p = p->tail)
            n++;
        ck_assert_uint_eq(n, PAIRS);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(types_of_own_blocks_do_not_mix)
{
    static const struct besom_type other_pair_type = {.name = "other pair",
                                                      .size_bytes = sizeof(struct pair),
                                                      .flags = BESOM_OWN_BLOCKS | BESOM_LEAF};
    enum { N = 1000 };
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *all;);
        my->all = make_vector(rig.m, 3 * N);
        for (size_t i = 0; i < 3 * N; i++) {
            const struct besom_type *types[] = {&pair_type, &other_pair_type, &node_type};
            my->all->items[i] = make(rig.m, types[i % 3]);
            besom_write_at(rig.m, my->all, &my->all->items[i]);
        }
        collect(rig.m);
        for (size_t i = 0; i < 3 * N; i++) {
            const struct besom_type *types[] = {&pair_type, &other_pair_type, &node_type};
            ck_assert_ptr_eq(besom_type_of(rig.heap, my->all->items[i]), types[i % 3]);
            if (i % 3 == 0)
                ck_assert_uint_ne((uintptr_t)my->all->items[i] >> 16,
                                  (uintptr_t)my->all->items[i + 1] >> 16);
        }
        ck_assert_uint_eq(count_objects(rig.m, &other_pair_type), N);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(allocated_bytes_are_counted)
{
    struct rig rig;
    rig_start(&rig);
    uint64_t before = stats_of(rig.heap).allocated_bytes;
    for (int i = 0; i < 100000; i++)
        make(rig.m, &node_type);
    make_sized(rig.m, &blob_type, 10 << 20);
    collect(rig.m);
    uint64_t allocated = stats_of(rig.heap).allocated_bytes - before;
    uint64_t expected = 100000 * sizeof(struct node) + (10 << 20);
    ck_assert_uint_ge(allocated, expected);
    ck_assert_uint_le(allocated, expected + expected / 8);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_size_is_zeroed_aligned_and_apart_from_the_others,
        reused_memory_is_zeroed_again,
        objects_of_up_to_64_mib_hold_their_contents,
        huge_objects_cost_little_more_than_their_size,
        empty_and_absurd_sizes_are_refused,
        pair_of_own_blocks_costs_sixteen_bytes,
        types_of_own_blocks_do_not_mix,
        allocated_bytes_are_counted,
    };
    return run_tests("allocation", tests, sizeof tests / sizeof *tests);
}
