/* test_polls.c - where a collection may happen, and where it may not. */
#include "support.h"

static unsigned long cycles(struct rig *rig)
{
    return watch_count(&rig->watch, BESOM_EVENT_CYCLE_BEGIN);
}

static void make_garbage(struct besom_mutator *m, size_t bytes)
{
    for (; bytes > 1000; bytes -= 1000)
        make_sized(m, &blob_type, 1000);
}

static void start_small(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

START_TEST(allocation_never_collects)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 1 << 20;
    rig_open(&rig);
    struct node *list = make_list(rig.m, 10000); /* rooted by nobody */
    make_garbage(rig.m, 40 << 20);
    make_sized(rig.m, &blob_type, 10 << 20);
    ck_assert_uint_eq(cycles(&rig), 0);
    check_list(list, 10000);
    rig_close(&rig);
}
END_TEST

START_TEST(poll_beyond_the_trigger_collects)
{
    struct rig rig;
    start_small(&rig, "heap_min=1m");
    for (unsigned long i = 1; i < 10; i++) {
        while (stats_of(rig.heap).used_bytes < stats_of(rig.heap).trigger_bytes)
            make_garbage(rig.m, 100000);
        make_garbage(rig.m, 200000);
        ck_assert(besom_poll(rig.m));
        ck_assert_uint_eq(cycles(&rig), i);
        besom_poll(rig.m);
        ck_assert_uint_eq(cycles(&rig), i);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(poll_below_the_trigger_does_nothing)
{
    struct rig rig;
    start_small(&rig, "heap_min=64m");
    struct node *list = make_list(rig.m, 1000);
    for (int i = 0; i < 10000; i++)
        ck_assert(!besom_poll(rig.m));
    check_list(list, 1000);
    ck_assert_uint_eq(cycles(&rig), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(heap_that_is_polled_stays_bounded)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 2 << 20;
    rig_open(&rig);
    size_t rounds = scaled(2000);
    for (size_t i = 0; i < rounds; i++) {
        make_garbage(rig.m, 200000);
        besom_poll(rig.m);
    }
    /* Beside mutators a cycle takes the time it takes; allocation is only held up meanwhile. */
    size_t most = in_stw(&rig) ? 16 << 20 : 64 << 20;
    ck_assert_uint_le(stats_of(rig.heap).committed_bytes, most);
    rig_close(&rig);
}
END_TEST

START_TEST(allocation_collects_when_it_is_a_safepoint)
{
    struct rig rig;
    start_small(&rig, "heap_min=1m,safepoints=alloc");
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 1); /* one node: no others alive meanwhile */
        make_garbage(rig.m, 40 << 20);
        ck_assert_uint_gt(cycles(&rig), 3);
        ck_assert_uint_le(stats_of(rig.heap).committed_bytes, 16 << 20);
        check_list(my->list, 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(newborn_survives_the_collection_of_its_own_allocation)
{
    struct rig rig;
    start_small(&rig, "safepoints=alloc,stress=1");
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        for (uint64_t i = 0; i < 200; i++) {
            struct node *node = make(rig.m, &node_type);
            ck_assert_ptr_eq(node->type, &node_type);
            node->id = i;
            node->next = my->list;
            besom_write(rig.m, node);
            my->list = node;
        }
        ck_assert_uint_ge(cycles(&rig), 100);
        check_list(my->list, 200);
    }
    rig_close(&rig);
}
END_TEST

/* ---- disable and enable ---- */

START_TEST(disabled_heap_does_not_collect_until_enabled_as_often)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 1 << 20;
    rig_open(&rig);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(besom_disable(rig.heap), BESOM_OK);
    struct node *list = make_list(rig.m, 1000);
    for (int i = 3; i > 0; i--) {
        make_garbage(rig.m, 10 << 20);
        for (int j = 0; j < 10; j++)
            besom_poll(rig.m);
        ck_assert_uint_eq(cycles(&rig), 0);
        check_list(list, 1000);
        ck_assert_int_eq(besom_enable(rig.heap), BESOM_OK);
    }
    make_garbage(rig.m, 2 << 20);
    bool looked = false; /* at once, or when a thread of the heap's own has marked */
    for (uint64_t end_ns = now_ns() + UINT64_C(20000000000); !looked && now_ns() < end_ns;)
        looked = besom_poll(rig.m);
    ck_assert(looked);
    ck_assert_uint_ge(cycles(&rig), 1);
    rig_close(&rig);
}
END_TEST

START_TEST(disabled_allocation_does_not_collect_either)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 1 << 20;
    rig.config.options.safepoints = BESOM_GC_AT_ALLOC;
    rig_open(&rig);
    ck_assert_int_eq(besom_disable(rig.heap), BESOM_OK);
    struct node *list = make_list(rig.m, 1000);
    make_garbage(rig.m, 10 << 20);
    ck_assert_uint_eq(cycles(&rig), 0);
    check_list(list, 1000);
    ck_assert_int_eq(besom_enable(rig.heap), BESOM_OK);
    rig_close(&rig);
}
END_TEST

START_TEST(explicit_collection_works_while_disabled)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_int_eq(besom_disable(rig.heap), BESOM_OK);
    make_garbage(rig.m, 100000);
    collect(rig.m);
    ck_assert_uint_ge(cycles(&rig), 1);
    ck_assert_int_eq(besom_enable(rig.heap), BESOM_OK);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(enable_without_disable_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_int_eq(besom_enable(rig.heap), BESOM_E_STATE);
    ck_assert_int_eq(besom_disable(rig.heap), BESOM_OK);
    ck_assert_int_eq(besom_enable(rig.heap), BESOM_OK);
    ck_assert_int_eq(besom_enable(rig.heap), BESOM_E_STATE);
    rig_close(&rig);
}
END_TEST

/* ---- stress ---- */

START_TEST(stress_collects_at_every_nth_poll)
{
    for (unsigned n = 1; n <= 5; n += 2) {
        char text[20] = "stress=0";
        text[7] = (char)('0' + n);
        struct rig rig;
        start_small(&rig, text);
        for (unsigned i = 1; i <= 60; i++) {
            besom_poll(rig.m);
            ck_assert_uint_le(cycles(&rig), i / n + 1);
            ck_assert_uint_ge(cycles(&rig) + 1, i / n);
        }
        rig_close(&rig);
    }
}
END_TEST

START_TEST(stress_finds_an_unrooted_object)
{
    struct rig rig;
    start_small(&rig, "stress=1");
    struct node *node = make(rig.m, &node_type);
    ck_assert(besom_poll(rig.m));
    ck_assert(!besom_owns(rig.heap, node));
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        allocation_never_collects,
        poll_beyond_the_trigger_collects,
        poll_below_the_trigger_does_nothing,
        heap_that_is_polled_stays_bounded,
        allocation_collects_when_it_is_a_safepoint,
        newborn_survives_the_collection_of_its_own_allocation,
        disabled_heap_does_not_collect_until_enabled_as_often,
        disabled_allocation_does_not_collect_either,
        explicit_collection_works_while_disabled,
        enable_without_disable_is_refused,
        stress_collects_at_every_nth_poll,
        stress_finds_an_unrooted_object,
    };
    return run_tests("polls", tests, sizeof tests / sizeof *tests);
}
