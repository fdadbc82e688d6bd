/* stress_ephemerons.c - random graphs of weak structures: exactly what the brute-force model says
 * is alive, is there after a collection.
 *
 * BESOM_TEST_SEED repeats a run; BESOM_TEST_OPS is the number of small graphs to each variant. */
#include "ephemeron_heap.h"

#include <stdio.h>
#include <stdlib.h>

enum { GRAPHS = 100000, FEWER = 16000, BATCH = 20 };

/* Of the last heap, of which there were some. */
static void report(const char *name, const struct world *w, size_t n_graphs, uint64_t began_ns)
{
    struct besom_stats s = stats_of(w->heap);
    printf("ephemerons %s: %zu graphs, %.1f s; the last %zu of %zu objects: %llu cycles, %llu"
           " entries scanned, %llu resolved, %llu cleared, %llu overflows, %llu refusals\n",
           name, n_graphs, (double)(now_ns() - began_ns) / 1e9, w->n_graphs, w->n_objects, (unsigned long long)s.cycles,
           (unsigned long long)s.ephemerons_scanned, (unsigned long long)s.ephemerons_resolved,
           (unsigned long long)s.weak_cleared, (unsigned long long)s.weak_overflows,
           (unsigned long long)w->refused);
    fflush(stdout);
}

/* Builds, collects, changes, collects, drops. */
static void run_batch(struct world *w, size_t n, size_t largest)
{
    world_build(w, n, largest);
    world_collect(w);
    world_compare(w);
    for (size_t rounds = rng_below(&w->rng, 3); rounds > 0; rounds--) {
        world_pull(w, false);
        world_change(w);
        world_collect(w);
        world_compare(w);
    }
    world_clear(w);
}

static void run_small(const char *name, const char *options, bool starving, size_t graphs)
{
    const size_t largest[] = {5, 15, 40};
    uint64_t began_ns = now_ns();
    struct world *w = calloc(1, sizeof *w);
    require(w != NULL, "no memory");
    graphs = test_ops(scaled(graphs));
    /* A heap does not live forever. */
    for (size_t done = 0; done < graphs; done += w->n_graphs) {
        uint64_t state = w->rng.state;
        world_open(w, options);
        w->rng.state += state;
        w->starving = starving;
        for (size_t i = 0; w->n_graphs < 5000 && done + w->n_graphs < graphs; i++)
            run_batch(w, BATCH, largest[i % 3]);
        ck_assert_uint_gt(stats_of(w->heap).ephemerons_scanned, 0);
        ck_assert_uint_gt(stats_of(w->heap).weak_cleared, 0);
        if (starving) /* the slower way was taken */
            ck_assert_uint_gt(stats_of(w->heap).weak_overflows, 0);
        if (done + w->n_graphs >= graphs)
            report(name, w, done + w->n_graphs, began_ns);
        world_close(w);
    }
    free(w);
}

START_TEST(survivors_are_those_of_the_model)
{
    run_small("plain", NULL, false, GRAPHS);
}
END_TEST

START_TEST(survivors_are_those_of_the_model_under_stress)
{
    run_small("stress", "stress=1", false, FEWER);
}
END_TEST

START_TEST(survivors_are_those_of_the_model_when_verified)
{
    run_small("verify", "verify", false, FEWER);
}
END_TEST

START_TEST(survivors_are_those_of_the_model_when_poisoned)
{
    run_small("poison", "poison,verify", false, FEWER);
}
END_TEST

START_TEST(survivors_are_those_of_the_model_when_slow)
{
    run_small("slow", "slow", false, FEWER);
}
END_TEST

START_TEST(survivors_are_those_of_the_model_marked_by_one)
{
    run_small("serial", "mark_threads=1", false, FEWER);
}
END_TEST

START_TEST(survivors_are_those_of_the_model_marked_in_parallel)
{
    run_small("parallel", "mark_threads=4", false, FEWER);
}
END_TEST

START_TEST(survivors_are_those_of_the_model_with_a_small_mark_stack)
{
    run_small("small stack", "mark_stack=64", false, FEWER);
}
END_TEST

START_TEST(survivors_are_those_of_the_model_without_memory)
{
    run_small("starving", "mark_threads=1", true, FEWER);
    run_small("starving in parallel", "mark_threads=4", true, FEWER);
    run_small("starving and slow", "slow,poison,mark_stack=64", true, FEWER);
}
END_TEST

/* A table that a finalizer brings back, n keys that are as dead, and their values. */
static void bring_back(const char *options, size_t n)
{
    struct world w;
    world_open(&w, options);
    w.starving = true;
    struct vector *owner = make_vector(w.m, n + 1);
    struct besom_table *table = besom_table_new(w.m, BESOM_WEAK_KEYS, NULL, NULL);
    require(table != NULL, "no table");
    owner->items[0] = table;
    for (size_t i = 1; i <= n; i++) {
        struct pair *key = make(w.m, &pair_type);
        owner->items[i] = key;
        require_ok(besom_table_put(w.m, table, key, make(w.m, &node_type)));
    }
    require_ok(besom_table_put(w.m, table, make(w.m, &pair_type), make(w.m, &node_type)));
    require_ok(besom_finalizer_add(w.m, owner));
    world_collect(&w);
    ck_assert_uint_eq(stats_of(w.heap).finalizers_ready, 1);
    ck_assert_uint_eq(count_objects(w.m, &node_type), n);
    ck_assert_uint_eq(besom_table_count(table), n);
    ck_assert_ptr_eq(besom_finalizer_next(w.m), owner);
    world_collect(&w);
    ck_assert_uint_eq(count_objects(w.m, NULL), 0);
    world_close(&w);
}

START_TEST(table_brought_back_without_memory_has_its_values)
{
    for (size_t n = 1; n < 5000; n *= 7) {
        bring_back("mark_threads=1", n);
        bring_back("mark_threads=4", n);
    }
}
END_TEST

/* ---- large ones ---- */

static void run_large(const char *name, const char *options, bool starving, size_t n)
{
    uint64_t began_ns = now_ns();
    struct world *w = calloc(1, sizeof *w);
    require(w != NULL, "no memory");
    world_open(w, options);
    w->starving = starving;
    run_batch(w, 1, 2 * scaled(n));
    run_batch(w, scaled(n) / 100 + 1, 200);
    report(name, w, w->n_graphs, began_ns);
    if (starving)
        ck_assert_uint_gt(stats_of(w->heap).weak_overflows, 0);
    world_close(w);
    free(w);
}

START_TEST(large_graphs_are_those_of_the_model)
{
    run_large("large", "mark_threads=1", false, 50000);
    run_large("large in parallel", "mark_threads=4", false, 50000);
    run_large("large with a small stack", "mark_threads=2,mark_stack=64", false, 20000);
}
END_TEST

START_TEST(large_graphs_are_those_of_the_model_without_memory)
{
    run_large("large and starving", "mark_threads=1", true, 20000);
    run_large("large and starving in parallel", "mark_threads=4", true, 20000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        survivors_are_those_of_the_model,
        survivors_are_those_of_the_model_under_stress,
        survivors_are_those_of_the_model_when_verified,
        survivors_are_those_of_the_model_when_poisoned,
        survivors_are_those_of_the_model_when_slow,
        survivors_are_those_of_the_model_marked_by_one,
        survivors_are_those_of_the_model_marked_in_parallel,
        survivors_are_those_of_the_model_with_a_small_mark_stack,
        survivors_are_those_of_the_model_without_memory,
        table_brought_back_without_memory_has_its_values,
        large_graphs_are_those_of_the_model,
        large_graphs_are_those_of_the_model_without_memory,
    };
    test_seed();
    return run_tests("ephemerons", tests, sizeof tests / sizeof *tests);
}
