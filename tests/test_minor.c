/* test_minor.c - minor cycles: what the old refer to stays, young garbage goes, old garbage does not. */
#include "support.h"
#include "stores.h"

#include "gc/heap.h"

static const char *const young_options[] = {
    "generational,nursery=64k,heap_min=64m,verify",
    "mode=incremental,generational,nursery=64k,heap_min=64m,verify",
    "mode=incremental,generational,nursery=64k,heap_min=64m,verify,slow",
};
enum { YOUNG = sizeof young_options / sizeof *young_options };

static void start_young(struct rig *rig, const char *options)
{
    rig_init_exact(rig, options);
    rig_open(rig);
    ck_assert(rig->m->barrier_on);
}

/* Allocates until n more minor cycles have come to their end. */
static void minor_cycles(struct rig *rig, uint64_t n)
{
    enum { LOOK = 32 }; /* objects made between two looks at the statistics */
    for (uint64_t end = stats_of(rig->heap).minor_cycles + n, i = 0;
         stats_of(rig->heap).minor_cycles < end; i++) {
        require(i < 3000000 / LOOK, "no minor cycle");
        for (int k = 0; k < LOOK; k++) {
            make(rig->m, &node_type);
            besom_poll(rig->m);
        }
    }
}

START_TEST(minor_cycle_keeps_what_the_old_refer_to)
{
    for (int y = 0; y < YOUNG; y++)
        for (int order = 0; order < ORDERS; order++) {
            struct rig rig;
            start_young(&rig, young_options[y]);
            {
                BESOM_LOCALS(rig.m, struct node * old;);
                my->old = make(rig.m, &node_type);
                collect(rig.m);
                for (size_t i = 1; i < 12; i++) { /* each list is old in the next round */
                    struct node *list = make_list(rig.m, i);
                    store(rig.m, my->old, &my->old->other, list, order);
                    minor_cycles(&rig, 1 + i % 3);
                    check_list(my->old->other, i);
                    struct node *young = make_list(rig.m, 5); /* a chain of promotions */
                    store(rig.m, my->old->other, &my->old->other->other, young, order);
                    minor_cycles(&rig, 1);
                    check_list(my->old->other->other, 5);
                }
                struct besom_stats stats = stats_of(rig.heap);
                ck_assert_uint_gt(stats.minor_cycles, 20);
                ck_assert_uint_ge(stats.promoted_bytes, 11 * 6 * sizeof(struct node));
            }
            rig_close(&rig);
        }
}
END_TEST

START_TEST(old_garbage_stays_until_a_full_cycle_and_young_does_not)
{
    for (int y = 0; y < YOUNG; y++) {
        struct rig rig;
        start_young(&rig, young_options[y]);
        unsigned long old_calls = 0, young_calls = 0;
        {
            BESOM_LOCALS(rig.m, struct hooked * hooked;);
            my->hooked = make_hooked(rig.m, &old_calls);
            minor_cycles(&rig, 1);
            collect(rig.m);
            my->hooked = NULL;
            make_hooked(rig.m, &young_calls);
            minor_cycles(&rig, 4);
            ck_assert_uint_eq(old_calls, 0);
            ck_assert_uint_eq(young_calls, 1);
            collect(rig.m);
            ck_assert_uint_eq(old_calls, 1);
        }
        rig_close(&rig);
    }
}
END_TEST

START_TEST(young_garbage_is_reused_without_a_full_cycle)
{
    for (int y = 0; y < YOUNG; y++) {
        struct rig rig;
        start_young(&rig, young_options[y]);
        {
            BESOM_LOCALS(rig.m, struct node * list;);
            my->list = make_list(rig.m, 100);
            collect(rig.m);
            uint64_t full = stats_of(rig.heap).cycles - stats_of(rig.heap).minor_cycles;
            minor_cycles(&rig, 40);
            struct besom_stats stats = stats_of(rig.heap);
            ck_assert_uint_eq(stats.cycles - stats.minor_cycles, full);
            ck_assert_uint_lt(stats.committed_bytes, 2 << 20);
            check_list(my->list, 100);
        }
        rig_close(&rig);
    }
}
END_TEST

/* Writes one element after another of an old array, as large as it gets. */
static void change_elements(const char *options, size_t length)
{
    struct rig rig;
    struct rng rng = {test_seed() + length};
    start_young(&rig, options);
    {
        BESOM_LOCALS(rig.m, struct vector * v;);
        my->v = make_vector(rig.m, length);
        collect(rig.m);
        enum { N = 24 };
        size_t at[N];
        for (int round = 0; round < 3; round++) {
            for (size_t i = 0; i < N; i++) {
                at[i] = i < 4 ? i * (length - 1) / 3 : rng_below(&rng, length);
                struct node *node = make_list(rig.m, 1 + i % 3);
                store(rig.m, my->v, &my->v->items[at[i]], node,
                      i % 2   ? WRITE_AT_AFTER
                      : i % 4 ? WRITE_AT_BEFORE
                              : SET);
                if (i % 6 == 5)
                    minor_cycles(&rig, 1);
            }
            minor_cycles(&rig, 2);
            for (size_t i = 0; i < N; i++)
                require(besom_owns(rig.heap, my->v->items[at[i]]), "an element was lost");
            store(rig.m, my->v, &my->v->items[length / 2], make(rig.m, &node_type), round);
            minor_cycles(&rig, 1);
            require(besom_owns(rig.heap, my->v->items[length / 2]), "an element was lost");
        }
    }
    rig_close(&rig);
}

START_TEST(minor_cycle_looks_at_the_cards_of_large_objects)
{
    const size_t lengths[] = {100, 1020, 1100, 5000, 200000, 700001};
    for (int y = 0; y < 2; y++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            change_elements(young_options[y], lengths[i]);
}
END_TEST

START_TEST(minor_cycle_scans_unbarriered_objects)
{
    for (int y = 0; y < YOUNG; y++) {
        struct rig rig;
        start_young(&rig, young_options[y]);
        racy_heap = rig.heap;
        {
            BESOM_LOCALS(rig.m, struct node * open; struct node * racy;);
            my->open = make(rig.m, &open_type);
            my->racy = make(rig.m, &racy_type);
            for (int i = 0; i < 10; i++) {
                if (i == 2 || i == 7)
                    collect(rig.m);
                my->open->other = make_list(rig.m, 3);
                my->racy->other = make_list(rig.m, 4);
                minor_cycles(&rig, 1 + (uint64_t)i % 2);
                check_list(my->open->other, 3);
                check_list(my->racy->other, 4);
            }
        }
        rig_close(&rig);
    }
}
END_TEST

START_TEST(old_tables_keep_their_young_entries)
{
    for (int y = 0; y < YOUNG; y++)
        for (int kind = BESOM_STRONG; kind <= BESOM_WEAK_BOTH; kind++) {
            enum { N = 60 };
            struct rig rig;
            start_young(&rig, young_options[y]);
            {
                BESOM_LOCALS(rig.m, struct node * keys[N]; struct node * values[N];
                             struct besom_table * table;);
                my->table = besom_table_new(rig.m, (enum besom_table_kind)kind, NULL, NULL);
                require(my->table != NULL, "no table");
                for (int i = 0; i < N; i++) {
                    my->keys[i] = make(rig.m, &node_type);
                    my->values[i] = make_list(rig.m, 2);
                    struct node *key =
                        make(rig.m, &node_type); /* dies, unless the table is strong */
                    require_ok(besom_table_put(rig.m, my->table, my->keys[i], my->values[i]));
                    require_ok(besom_table_put(rig.m, my->table, key, make(rig.m, &node_type)));
                    if (kind == BESOM_STRONG || kind == BESOM_WEAK_KEYS)
                        my->values[i] = NULL; /* the table alone holds it */
                    if (i % 4 == 3)
                        minor_cycles(&rig, 1);
                    if (i == N / 2)
                        collect(rig.m);
                }
                minor_cycles(&rig, 2);
                for (int i = 0; i < N; i++)
                    check_list(besom_table_get(rig.m, my->table, my->keys[i]), 2);
                collect(rig.m);
                ck_assert_uint_eq(besom_table_count(my->table), kind == BESOM_STRONG ? 2 * N : N);
            }
            rig_close(&rig);
        }
}
END_TEST

START_TEST(minor_cycles_that_free_nothing_give_way_to_full_ones)
{
    struct rig rig;
    start_young(&rig, "generational,nursery=64k,heap_min=1m,pace=factor");
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        for (int i = 0; i < 200000; i++) {
            struct node *node = make(rig.m, &node_type);
            node->next = my->list;
            my->list = node;
            besom_poll(rig.m);
        }
        struct besom_stats stats = stats_of(rig.heap);
        ck_assert_uint_gt(stats.minor_fallbacks, 0);
        ck_assert_uint_gt(stats.minor_cycles, 4);
        ck_assert_uint_gt(stats.cycles - stats.minor_cycles, 1);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        minor_cycle_keeps_what_the_old_refer_to,
        old_garbage_stays_until_a_full_cycle_and_young_does_not,
        young_garbage_is_reused_without_a_full_cycle,
        minor_cycle_looks_at_the_cards_of_large_objects,
        minor_cycle_scans_unbarriered_objects,
        old_tables_keep_their_young_entries,
        minor_cycles_that_free_nothing_give_way_to_full_ones,
    };
    test_seed();
    return run_tests("minor", tests, sizeof tests / sizeof *tests);
}
