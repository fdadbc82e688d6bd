/* test_finalizer.c - finalizers bring dead objects into a queue, once for each registration, in
 * the order that finalize.h promises. */
#include "support.h"

/* A node that is registered and that nobody else holds. */
static struct node *make_registered(struct besom_mutator *m, uint64_t id, unsigned group)
{
    struct node *node = make(m, &node_type);
    node->id = id;
    require_ok(besom_finalizer_add_group(m, node, group));
    return node;
}

static void expect_next(struct besom_mutator *m, uint64_t id)
{
    const struct node *node = besom_finalizer_next(m);
    ck_assert_ptr_nonnull(node);
    ck_assert_ptr_eq(node->type, &node_type);
    ck_assert_uint_eq(node->id, id);
}

static void expect_none(struct besom_mutator *m)
{
    ck_assert_ptr_null(besom_finalizer_next(m));
}

START_TEST(dead_object_comes_into_the_queue_once)
{
    struct rig rig;
    rig_start(&rig);
    make_registered(rig.m, 7, 0);
    expect_none(rig.m);
    collect(rig.m);
    expect_next(rig.m, 7);
    expect_none(rig.m);
    for (int i = 0; i < 3; i++) {
        collect(rig.m);
        expect_none(rig.m);
    }
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(reachable_object_does_not_come_into_the_queue)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *direct; struct node *list; struct besom_weak *weak;);
        my->direct = make_registered(rig.m, 1, 0);
        my->list = make_list(rig.m, 100);
        for (struct node *node = my->list; node; node = node->next)
            require_ok(besom_finalizer_add(rig.m, node));
        for (int i = 0; i < 5; i++) {
            collect(rig.m);
            expect_none(rig.m);
        }
        check_list(my->list, 100);
        my->direct = NULL;
        collect(rig.m);
        expect_next(rig.m, 1);
        expect_none(rig.m);
        /* What only a weak reference mentions is not reachable. */
        struct node *weakly = make_registered(rig.m, 2, 0);
        my->weak = besom_weak_new(rig.m, BESOM_WEAK_LONG, weakly);
        ck_assert_ptr_nonnull(my->weak);
        collect(rig.m);
        expect_next(rig.m, 2);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(object_and_all_that_it_reaches_stay_while_it_is_queued)
{
    struct rig rig;
    rig_start(&rig);
    struct node *owner = make_registered(rig.m, 5, 0);
    owner->next = make_list(rig.m, 2000);
    owner->other = make(rig.m, &node_type);
    owner->other->other = owner;
    besom_write(rig.m, owner);
    for (int i = 0; i < 4; i++) {
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 2002);
    }
    const struct node *back = besom_finalizer_next(rig.m);
    ck_assert_ptr_eq(back, owner);
    ck_assert_uint_eq(back->id, 5);
    check_list(back->next, 2000);
    ck_assert_ptr_eq(back->other->other, back);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(object_taken_out_may_be_kept_for_good)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *kept;);
        struct node *node = make_registered(rig.m, 3, 0);
        node->next = make_list(rig.m, 50);
        besom_write(rig.m, node);
        collect(rig.m);
        my->kept = besom_finalizer_next(rig.m);
        for (int i = 0; i < 4; i++) {
            collect(rig.m);
            expect_none(rig.m);
            check_list(my->kept->next, 50);
        }
        ck_assert_uint_eq(count_objects(rig.m, NULL), 51);
        my->kept = NULL;
        collect(rig.m);
        expect_none(rig.m); /* its registration is used up */
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    }
    rig_close(&rig);
}
END_TEST

/* ---- order ---- */

START_TEST(last_registered_comes_first)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *all[100];);
        for (uint64_t i = 0; i < 100; i++) {
            my->all[i] = make(rig.m, &node_type);
            my->all[i]->id = i;
        }
        /* Registered in another order than born. */
        for (uint64_t i = 0; i < 100; i++)
            require_ok(besom_finalizer_add(rig.m, my->all[i * 37 % 100]));
    }
    collect(rig.m);
    for (uint64_t i = 100; i-- > 0;)
        expect_next(rig.m, i * 37 % 100);
    expect_none(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(order_is_that_of_registration_whatever_refers_to_what)
{
    struct rig rig;
    rig_start(&rig);
    struct node *list = make_list(rig.m, 1000);
    struct node *last = list;
    for (struct node *node = list; node; node = node->next) {
        require_ok(besom_finalizer_add(rig.m, node));
        last = node;
    }
    last->next = list; /* a ring: all of it dies, and comes, together */
    besom_write(rig.m, last);
    collect(rig.m);
    ck_assert_uint_eq(stats_of(rig.heap).finalizers_ready, 1000);
    for (uint64_t i = 0; i < 1000; i++)
        expect_next(rig.m, i);
    expect_none(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(lower_groups_come_first)
{
    struct rig rig;
    rig_start(&rig);
    for (uint64_t i = 0; i < 800; i++)
        make_registered(rig.m, i, (unsigned)(i * 5 % BESOM_FINALIZER_GROUPS));
    collect(rig.m);
    for (unsigned group = 0; group < BESOM_FINALIZER_GROUPS; group++)
        for (uint64_t i = 800; i-- > 0;)
            if (i * 5 % BESOM_FINALIZER_GROUPS == group)
                expect_next(rig.m, i);
    expect_none(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(group_zero_is_the_one_without_a_name)
{
    struct rig rig;
    rig_start(&rig);
    make_registered(rig.m, 1, 1);
    make_registered(rig.m, 2, 0);
    struct node *node = make(rig.m, &node_type);
    node->id = 3;
    require_ok(besom_finalizer_add(rig.m, node));
    make_registered(rig.m, 4, 0);
    collect(rig.m);
    expect_next(rig.m, 4);
    expect_next(rig.m, 3);
    expect_next(rig.m, 2);
    expect_next(rig.m, 1);
    rig_close(&rig);
}
END_TEST

START_TEST(what_died_earlier_comes_first_whatever_its_group)
{
    struct rig rig;
    rig_start(&rig);
    for (uint64_t cycle = 0; cycle < 6; cycle++) {
        make_registered(rig.m, 2 * cycle, (unsigned)(7 - cycle));
        make_registered(rig.m, 2 * cycle + 1, (unsigned)(7 - cycle));
        collect(rig.m);
    }
    for (uint64_t cycle = 0; cycle < 6; cycle++) {
        expect_next(rig.m, 2 * cycle + 1);
        expect_next(rig.m, 2 * cycle);
    }
    expect_none(rig.m);
    rig_close(&rig);
}
END_TEST

/* ---- registrations ---- */

START_TEST(each_registration_brings_its_object_once)
{
    struct rig rig;
    rig_start(&rig);
    struct node *node = make_registered(rig.m, 1, 2);
    require_ok(besom_finalizer_add_group(rig.m, node, 5));
    require_ok(besom_finalizer_add_group(rig.m, node, 2));
    make_registered(rig.m, 2, 3);
    ck_assert_uint_eq(stats_of(rig.heap).finalizers, 4);
    collect(rig.m);
    ck_assert_uint_eq(stats_of(rig.heap).finalizers, 0);
    expect_next(rig.m, 1);
    expect_next(rig.m, 1);
    expect_next(rig.m, 2);
    collect(rig.m); /* the third keeps it */
    expect_next(rig.m, 1);
    expect_none(rig.m);
    collect(rig.m);
    expect_none(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(object_may_be_registered_again_when_it_has_come)
{
    struct rig rig;
    rig_start(&rig);
    make_registered(rig.m, 9, 0);
    for (int i = 0; i < 6; i++) {
        collect(rig.m);
        struct node *node = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(node);
        ck_assert_uint_eq(node->id, 9);
        expect_none(rig.m);
        if (i < 5)
            require_ok(besom_finalizer_add(rig.m, node));
    }
    collect(rig.m);
    expect_none(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(registered_again_is_registered_last)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *kept;);
        make_registered(rig.m, 1, 0);
        collect(rig.m);
        my->kept = besom_finalizer_next(rig.m);
        make_registered(rig.m, 2, 0);
        require_ok(besom_finalizer_add(rig.m, my->kept));
        make_registered(rig.m, 3, 0);
    }
    collect(rig.m);
    expect_next(rig.m, 3);
    expect_next(rig.m, 1);
    expect_next(rig.m, 2);
    rig_close(&rig);
}
END_TEST

START_TEST(everything_of_every_size_may_have_a_finalizer)
{
    struct rig rig;
    rig_start(&rig);
    const size_t sizes[] = {16, 40, 300, 8192, 20000, 100000, 1 << 20, 5 << 20};
    enum { N = sizeof sizes / sizeof *sizes };
    void *leaves[N];
    for (size_t i = 0; i < N; i++) {
        leaves[i] = make_sized(rig.m, &blob_type, sizes[i]);
        require_ok(besom_finalizer_add(rig.m, leaves[i]));
    }
    struct pair *pair = make(rig.m, &pair_type);
    require_ok(besom_finalizer_add(rig.m, pair));
    void *table = besom_table_new(rig.m, BESOM_STRONG, NULL, NULL);
    require_ok(besom_finalizer_add(rig.m, table));
    collect(rig.m);
    ck_assert_ptr_eq(besom_finalizer_next(rig.m), table);
    ck_assert_ptr_eq(besom_finalizer_next(rig.m), pair);
    for (size_t i = N; i-- > 0;) {
        ck_assert_ptr_eq(besom_finalizer_next(rig.m), leaves[i]);
        ck_assert_uint_ge(besom_size(leaves[i]), sizes[i]);
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

/* ---- the end of a program ---- */

START_TEST(queue_all_brings_the_living_too_in_order)
{
    struct rig rig;
    rig_init_exact(&rig, NULL); /* it must be the first to collect */
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *kept[10];);
        make_registered(rig.m, 100, 7);
        collect(rig.m); /* an earlier cycle's */
        for (uint64_t i = 0; i < 10; i++) {
            struct node *node = make_registered(rig.m, i, i % 2 ? 1 : 0);
            if (i % 3 == 0)
                my->kept[i] = node;
        }
        require_ok(besom_finalizer_queue_all(rig.m));
        ck_assert_uint_eq(stats_of(rig.heap).finalizers, 0);
        ck_assert_uint_eq(stats_of(rig.heap).finalizers_ready, 11);
        collect(rig.m);
        expect_next(rig.m, 100);
        const uint64_t order[] = {8, 6, 4, 2, 0, 9, 7, 5, 3, 1};
        for (int i = 0; i < 10; i++)
            expect_next(rig.m, order[i]);
        expect_none(rig.m);
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 4);
        require_ok(besom_finalizer_queue_all(rig.m));
        expect_none(rig.m);
    }
    collect(rig.m);
    expect_none(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(heap_with_registrations_and_a_full_queue_may_be_freed)
{
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0;
    for (int i = 0; i < 300; i++)
        require_ok(besom_finalizer_add(rig.m, make_hooked(rig.m, &calls)));
    collect(rig.m);
    for (int i = 0; i < 200; i++)
        require_ok(besom_finalizer_add(rig.m, make_hooked(rig.m, &calls)));
    ck_assert_uint_eq(calls, 0);
    rig_close(&rig);
    ck_assert_uint_eq(calls, 500);
}
END_TEST

START_TEST(finalizers_are_counted)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *kept;);
        my->kept = make_registered(rig.m, 0, 0);
        for (uint64_t i = 1; i <= 10; i++)
            make_registered(rig.m, i, 0);
        ck_assert_uint_eq(stats_of(rig.heap).finalizers, 11);
        ck_assert_uint_eq(stats_of(rig.heap).finalizers_ready, 0);
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).finalizers, 1);
        ck_assert_uint_eq(stats_of(rig.heap).finalizers_ready, 10);
        expect_next(rig.m, 10);
        ck_assert_uint_eq(stats_of(rig.heap).finalizers_ready, 9);
        ck_assert_uint_eq(stats_of(rig.heap).finalized_objects, 10);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        dead_object_comes_into_the_queue_once,
        reachable_object_does_not_come_into_the_queue,
        object_and_all_that_it_reaches_stay_while_it_is_queued,
        object_taken_out_may_be_kept_for_good,
        last_registered_comes_first,
        order_is_that_of_registration_whatever_refers_to_what,
        lower_groups_come_first,
        group_zero_is_the_one_without_a_name,
        what_died_earlier_comes_first_whatever_its_group,
        each_registration_brings_its_object_once,
        object_may_be_registered_again_when_it_has_come,
        registered_again_is_registered_last,
        everything_of_every_size_may_have_a_finalizer,
        queue_all_brings_the_living_too_in_order,
        heap_with_registrations_and_a_full_queue_may_be_freed,
        finalizers_are_counted,
    };
    return run_tests("finalizer", tests, sizeof tests / sizeof *tests);
}
