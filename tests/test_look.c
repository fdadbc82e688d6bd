/* test_look.c - questions about objects and addresses are answered for any address. */
#include "support.h"

#include <stdlib.h>
#include <sys/mman.h>

/* ---- besom_each ---- */

struct tour {
    size_t n;
    size_t most; /* visits wanted; then stop */
    const void *last;
    uint64_t ids;
};

static bool visit_node(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    struct tour *tour = data;
    require(type == &node_type && bytes == sizeof(struct node), "no node");
    require(besom_size(obj) == bytes, "besom_size says otherwise");
    /* In order within a chunk. */
    require(!tour->last || (uintptr_t)tour->last >> 22 != (uintptr_t)obj >> 22 ||
                (uintptr_t)tour->last < (uintptr_t)obj,
            "out of order");
    tour->last = obj;
    tour->ids += ((struct node *)obj)->id;
    return ++tour->n < tour->most;
}

START_TEST(each_visits_every_object_of_a_type_once_in_order)
{
    enum { N = 30000 };
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * list; struct vector * v; struct pair * pair;
                     struct blob * blob;);
        my->list = make_list(rig.m, N);
        my->v = make_vector(rig.m, 5000);
        my->pair = make(rig.m, &pair_type);
        my->blob = make_sized(rig.m, &blob_type, 5 << 20);
        for (int round = 0; round < 3; round++) {
            struct tour tour = {.most = SIZE_MAX};
            ck_assert_int_eq(besom_each(rig.m, &node_type, visit_node, &tour), BESOM_OK);
            ck_assert_uint_eq(tour.n, N);
            ck_assert_uint_eq(tour.ids, UINT64_C(1) * N * (N - 1) / 2);
            ck_assert_uint_eq(count_objects(rig.m, &vector_type), 1);
            ck_assert_uint_eq(count_objects(rig.m, &pair_type), 1);
            ck_assert_uint_eq(count_objects(rig.m, &blob_type), 1);
            ck_assert_uint_eq(count_objects(rig.m, &hooked_type), 0);
            ck_assert_uint_eq(count_objects(rig.m, NULL), N + 3);
            if (round == 1)
                collect(rig.m);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(each_ends_when_told_to)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, 1000);
        for (size_t most = 1; most < 1000; most *= 3) {
            struct tour tour = {.most = most};
            ck_assert_int_eq(besom_each(rig.m, &node_type, visit_node, &tour), BESOM_OK);
            ck_assert_uint_eq(tour.n, most);
        }
    }
    rig_close(&rig);
}
END_TEST

static bool ask_about(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    const struct besom_heap *heap = data;
    require(besom_owns(heap, obj), "not owned");
    require(besom_type_of(heap, obj) == type, "another type");
    require(besom_size(obj) == bytes, "another size");
    return true;
}

START_TEST(walker_may_ask_about_objects)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * list; struct blob * blob;);
        my->list = make_list(rig.m, 1000);
        my->blob = make_sized(rig.m, &blob_type, 3 << 20);
        ck_assert_int_eq(besom_each(rig.m, NULL, ask_about, rig.heap), BESOM_OK);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(each_sees_newborns_and_no_dead)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    make_list(rig.m, 500);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 500);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    make_list(rig.m, 300);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 300);
    rig_close(&rig);
}
END_TEST

/* ---- besom_owns, besom_type_of ---- */

static void check_stranger(const struct besom_heap *heap, const void *p)
{
    require(!besom_owns(heap, p), "a stranger is owned");
    require(!besom_type_of(heap, p), "a stranger has a type");
    require(!besom_is_unswept(heap, p), "a stranger is to be swept");
}

START_TEST(no_address_but_an_objects_start_is_owned)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * node; struct blob * large; struct blob * huge;);
        my->node = make(rig.m, &node_type);
        my->large = make_sized(rig.m, &blob_type, 100000);
        my->huge = make_sized(rig.m, &blob_type, 9 << 20);
        void *objs[] = {my->node, my->large, my->huge};
        const size_t sizes[] = {sizeof(struct node), 100000, 9 << 20};
        for (int i = 0; i < 3; i++) {
            const char *obj = objs[i];
            ck_assert(besom_owns(rig.heap, obj));
            ck_assert_ptr_nonnull(besom_type_of(rig.heap, obj));
            for (size_t j = 1; j < sizes[i]; j += 1 + j / 5)
                check_stranger(rig.heap, obj + j);
            for (size_t j = 16; j < sizes[i]; j += 16 * (1 + j / 50))
                check_stranger(rig.heap, obj + j);
            const char *chunk = (const char *)((uintptr_t)obj & ~(uintptr_t)((4 << 20) - 1));
            for (size_t j = 0; j < 256 << 10; j += 16)
                check_stranger(rig.heap, chunk + j);
        }
    }
    rig_close(&rig);
}
END_TEST

/* The collection that a poll makes leaves sweeping to later ones, a host's does all of it. */
START_TEST(dead_objects_memory_is_unswept_until_it_is_swept)
{
    enum { MOST = 1000000, BLOCK = 64 << 10 };
    struct rig rig;
    struct besom_stats stats;
    const void **dead = calloc(MOST, sizeof *dead);
    size_t n = 0, unswept = 0;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    do {
        dead[n] = make(rig.m, &node_type);
        require(!besom_is_unswept(rig.heap, dead[n++]), "a newborn is to be swept");
        besom_poll(rig.m);
        besom_stats(rig.heap, &stats);
    } while (stats.cycles == 0 && n < MOST);
    for (size_t i = 0; i < n; i++) {
        require(!besom_owns(rig.heap, dead[i]), "a dead object is owned");
        unswept += besom_is_unswept(rig.heap, dead[i]);
    }
    ck_assert_uint_gt(unswept, 0);
    ck_assert_uint_le(unswept * sizeof(struct node), stats.unswept_blocks * BLOCK);
    collect(rig.m);
    for (size_t i = 0; i < n; i++)
        require(!besom_is_unswept(rig.heap, dead[i]) && !besom_owns(rig.heap, dead[i]),
                "what is swept is still to be swept");
    rig_close(&rig);
    free(dead);
}
END_TEST

START_TEST(strange_addresses_are_not_owned)
{
    struct rig rig;
    rig_start(&rig);
    make(rig.m, &node_type);
    static int data;
    int local = 0;
    void *block = malloc(64);
    void *unmapped = mmap(NULL, 16 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check_stranger(rig.heap, NULL);
    check_stranger(rig.heap, &data);
    check_stranger(rig.heap, &local);
    check_stranger(rig.heap, block);
    check_stranger(rig.heap, (const void *)(uintptr_t)&node_type);
    check_stranger(rig.heap, rig.heap);
    check_stranger(rig.heap, rig.m);
    for (size_t i = 0; i < 16 << 20; i += 64 << 10)
        check_stranger(rig.heap, (char *)unmapped + i);
    for (int bit = 0; bit < 64; bit++) {
        check_stranger(rig.heap, (const void *)((uintptr_t)1 << bit));
        check_stranger(rig.heap, (const void *)~((uintptr_t)1 << bit));
        check_stranger(rig.heap, (const void *)(((uintptr_t)1 << bit) - 16));
    }
    struct rng rng = {test_seed()};
    for (int i = 0; i < 100000; i++)
        check_stranger(rig.heap, (const void *)(uintptr_t)(rng_next(&rng) | UINT64_C(1) << 62));
    munmap(unmapped, 16 << 20);
    free(block);
    rig_close(&rig);
}
END_TEST

START_TEST(dead_and_given_back_addresses_are_not_owned)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.give_back_ms = 0;
    rig_open(&rig);
    const size_t sizes[] = {16, 100, 5000, 50000, 3 << 20, 9 << 20};
    enum { N = sizeof sizes / sizeof *sizes };
    void *dead[N];
    for (int i = 0; i < N; i++)
        dead[i] = make_sized(rig.m, &blob_type, sizes[i]);
    collect(rig.m);
    for (int i = 0; i < N; i++)
        check_stranger(rig.heap, dead[i]);
    sleep_ms(1);
    collect(rig.m);
    for (int i = 0; i < N; i++)
        check_stranger(rig.heap, dead[i]);
    rig_close(&rig);
}
END_TEST

START_TEST(size_of_nothing_is_zero)
{
    ck_assert_uint_eq(besom_size(NULL), 0);
}
END_TEST

/* ---- besom_stats ---- */

START_TEST(statistics_add_up)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.mark_threads = 1; /* several may count an object twice */
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * list; struct blob * blob;);
        my->list = make_list(rig.m, 10000);
        my->blob = make_sized(rig.m, &blob_type, 3 << 20);
        make_list(rig.m, 10000);
        struct besom_stats before = stats_of(rig.heap);
        ck_assert_uint_ge(before.used_bytes, 20000 * sizeof(struct node) + (3 << 20));
        collect(rig.m);
        struct besom_stats s = stats_of(rig.heap);
        ck_assert_uint_eq(s.live_objects, 10001);
        ck_assert_uint_eq(s.live_bytes, 10000 * sizeof(struct node) + besom_size(my->blob));
        ck_assert_uint_ge(s.committed_bytes, s.live_bytes);
        ck_assert_uint_ge(s.reserved_bytes, s.committed_bytes + s.empty_bytes);
        ck_assert_uint_ge(s.used_bytes, s.live_bytes);
        ck_assert_uint_ge(s.trigger_bytes, s.live_bytes);
        ck_assert_uint_eq(s.mutators, 1);
        ck_assert_uint_eq(s.external_bytes, 0);
        ck_assert_uint_gt(s.cycles, before.cycles);
        ck_assert_uint_ge(s.allocated_bytes, before.allocated_bytes);
        ck_assert_uint_ge(s.stop_ns_sum, s.stop_ns_max);
        ck_assert_uint_ge(s.stop_ns_max, s.stop_ns);
        ck_assert_uint_ge(s.mark_ns_sum, s.mark_ns);
        ck_assert_uint_gt(s.mark_ns, 0);
        ck_assert_uint_eq(s.findings, 0);
        ck_assert_uint_eq(s.emergencies, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(cycles_are_counted)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    for (uint64_t i = 1; i <= 10; i++) {
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).cycles, i);
    }
    ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
    ck_assert_uint_eq(stats_of(rig.heap).cycles, 11);
    ck_assert_uint_eq(stats_of(rig.heap).emergencies, 1);
    rig_close(&rig);
}
END_TEST

START_TEST(pauses_are_gathered_in_a_histogram)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    const struct besom_histogram *h = besom_pauses(rig.heap);
    ck_assert_ptr_nonnull(h);
    ck_assert_uint_eq(besom_histogram_count(h), 0);
    ck_assert_uint_eq(besom_histogram_max_ns(h), 0);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 500), 0);
    uint64_t began_ns = now_ns();
    for (int i = 0; i < 200; i++) {
        make_list(rig.m, 100);
        collect(rig.m);
    }
    uint64_t elapsed_ns = now_ns() - began_ns;
    uint64_t n = besom_histogram_count(h), max = besom_histogram_max_ns(h);
    ck_assert_uint_ge(n, 200);
    ck_assert_uint_gt(max, 0);
    ck_assert_uint_le(max, elapsed_ns);
    ck_assert_uint_le(besom_histogram_sum_ns(h), elapsed_ns);
    ck_assert_uint_ge(besom_histogram_sum_ns(h), max);
    uint64_t last = 0;
    for (double q = 0; q <= 1000; q += 50) {
        uint64_t value = besom_histogram_quantile_ns(h, q);
        ck_assert_uint_ge(value, last);
        last = value;
    }
    /* Three significant digits. */
    ck_assert_uint_ge(last, max - max / 500);
    ck_assert_uint_le(last, max + max / 500);
    ck_assert_uint_gt(besom_histogram_quantile_ns(h, 500), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(verify_approves_of_a_busy_heap)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * list; struct vector * v;);
        for (size_t i = 0; i < 60; i++) {
            my->list = make_list(rig.m, i * 10);
            my->v = make_vector(rig.m, i * 100);
            make_sized(rig.m, &blob_type, 100 + i * 10000);
            verify(rig.m);
            if (i % 7 == 0)
                collect(rig.m);
            if (i % 11 == 0)
                ck_assert_int_eq(besom_step(rig.m, 100, NULL), BESOM_OK);
            verify(rig.m);
        }
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_visits_every_object_of_a_type_once_in_order,
        each_ends_when_told_to,
        walker_may_ask_about_objects,
        each_sees_newborns_and_no_dead,
        no_address_but_an_objects_start_is_owned,
        dead_objects_memory_is_unswept_until_it_is_swept,
        strange_addresses_are_not_owned,
        dead_and_given_back_addresses_are_not_owned,
        size_of_nothing_is_zero,
        statistics_add_up,
        cycles_are_counted,
        pauses_are_gathered_in_a_histogram,
        verify_approves_of_a_busy_heap,
    };
    test_seed();
    return run_tests("look", tests, sizeof tests / sizeof *tests);
}
