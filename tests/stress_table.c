/* stress_table.c - random worlds of tables, ephemerons and weak references against a model that
 * computes by brute force who is alive.
 *
 * BESOM_TEST_SEED repeats a run, BESOM_TEST_OPS sets the number of operations. */
#include "table_world.h"

#include <stdio.h>

/* Between two collections there are 1 .. 2 * between operations. */
static void run(const char *name, const struct world_options *how, size_t ops, size_t between)
{
    struct rng rng = {test_seed()};
    for (const char *c = name; *c; c++)
        rng.state = rng.state * 31 + (unsigned char)*c;
    struct world world;
    uint64_t began_ns = now_ns();
    world_open(&world, how, rng_next(&rng));
    for (size_t i = 0; i < ops;) {
        for (size_t n = 1 + rng_below(&rng, 2 * between); n > 0; n--, i++)
            world_change(&world);
        if (rng_below(&rng, 50) == 0)
            world_drop_roots(&world);
        if (rng_below(&rng, 4) == 0)
            world_collect_in_steps(&world);
        else
            world_collect(&world);
    }
    printf("%s: %zu operations, %llu collections, %llu entries compared, %llu cleared, %.1f s\n",
           name, ops, (unsigned long long)world.collections,
           (unsigned long long)world.entries_compared, (unsigned long long)world.cleared,
           (double)(now_ns() - began_ns) / 1e9);
    fflush(stdout);
    ck_assert(world.cleared > 0 || world.collections < 20);
    world_close(&world);
}

/* Small graphs, each collected once. */
static void run_graphs(const char *options, bool encoded, size_t graphs)
{
    enum { BETWEEN = 12 };
    struct world_options how = {.options = options, .n_things = 18, .n_roots = 5,
                                .n_contents = 5, .table_percent = 55, .encoded = encoded};
    run(options, &how, test_ops(scaled(graphs * BETWEEN)), BETWEEN);
}

START_TEST(small_graphs_live_and_die_as_the_model_says)
{
    run_graphs("mark_threads=1", false, 70000);
    run_graphs("mark_threads=1,verify", false, 10000);
}
END_TEST

START_TEST(small_graphs_of_tagged_words_live_and_die_as_the_model_says)
{
    run_graphs("mark_threads=1", true, 30000);
}
END_TEST

START_TEST(small_graphs_live_and_die_as_the_model_says_when_marked_in_parallel)
{
    run_graphs("mark_threads=4", false, 20000);
}
END_TEST

START_TEST(small_graphs_live_and_die_as_the_model_says_in_small_quanta)
{
    run_graphs("slow,stress=1,poison", false, 5000);
}
END_TEST

/* Tables that share keys and values. */
static void run_medium(const char *options, bool encoded, size_t ops)
{
    struct world_options how = {.options = options, .n_things = 400, .n_roots = 40,
                                .n_contents = 60, .table_percent = 12, .encoded = encoded};
    run(options, &how, test_ops(scaled(ops)), 150);
}

START_TEST(tables_that_share_keys_and_values_keep_what_the_model_says)
{
    run_medium("mark_threads=1,seed=1", false, 300000);
    run_medium("mark_threads=2,seed=1", true, 200000);
    run_medium("mark_threads=4,poison", false, 100000);
    run_medium("mark_threads=2,mark_stack=64", false, 100000);
    run_medium("stress=1,verify", true, 40000);
    run_medium("slow,seed=3", false, 40000);
    run_medium("barrier,stress=1", false, 40000);
}
END_TEST

/* A few tables of thousands of entries, that grow and shrink. */
static void run_large(const char *options, bool encoded, size_t ops)
{
    struct world_options how = {.options = options, .n_things = 5000, .n_roots = 2500,
                                .n_contents = 3000, .table_percent = 1, .encoded = encoded};
    run(options, &how, test_ops(scaled(ops)), 15000);
}

START_TEST(large_tables_keep_what_the_model_says)
{
    run_large("mark_threads=1,seed=2", false, 400000);
    run_large("mark_threads=4,seed=2", true, 400000);
    run_large("mark_threads=2,slow", false, 100000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        small_graphs_live_and_die_as_the_model_says,
        small_graphs_of_tagged_words_live_and_die_as_the_model_says,
        small_graphs_live_and_die_as_the_model_says_when_marked_in_parallel,
        small_graphs_live_and_die_as_the_model_says_in_small_quanta,
        tables_that_share_keys_and_values_keep_what_the_model_says,
        large_tables_keep_what_the_model_says,
    };
    test_seed();
    return run_tests("table stress", tests, sizeof tests / sizeof *tests);
}
