/* test_marking_depth.c - marking needs neither a deep C stack nor a large mark stack. */
#include "support.h"

#include <stdlib.h>

/* ---- long lists, marked on a small stack ---- */

enum { SMALL_STACK = 256 << 10 };

struct long_list {
    size_t n;
    const char *options;
};

/* Pairs, linked through their tails: 16 bytes each. */
static void *collect_long_list(void *data)
{
    struct long_list *job = data;
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = job->options;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct pair *list;);
        struct pair *list = NULL;
        for (size_t i = 0; i < job->n; i++) {
            struct pair *pair = make(rig.m, &pair_type);
            pair->tail = list;
            besom_write(rig.m, pair);
            list = pair;
        }
        my->list = list;
        collect(rig.m);
        ck_assert_uint_ge(stats_of(rig.heap).live_objects, job->n);
        size_t n = 0;
        for (list = my->list; list; list = list->tail)
            n++;
        ck_assert_uint_eq(n, job->n);
        my->list = NULL;
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).live_objects, 0);
    }
    rig_close(&rig);
    return NULL;
}

static void run_long_list(size_t n, const char *options)
{
    struct long_list job = {n, options};
    thread_join(thread_start_with_stack(collect_long_list, &job, SMALL_STACK));
}

START_TEST(list_of_ten_million_marks_on_a_small_stack)
{
    run_long_list(scaled(10000000), "mark_threads=1");
}
END_TEST

START_TEST(list_of_ten_million_marks_in_parallel_on_a_small_stack)
{
    run_long_list(scaled(10000000), "mark_threads=4");
}
END_TEST

/* Needs 1.7 GB, so only on demand. */
START_TEST(list_of_a_hundred_million_marks_on_a_small_stack)
{
    if (getenv("BESOM_TEST_LONG"))
        run_long_list(100000000, "mark_threads=1");
}
END_TEST

/* ---- a mark stack of 64 entries ---- */

/* A comb of arrays: each level refers to `width` lists and to the next level. */
static size_t build_comb(struct besom_mutator *m, struct vector **root, size_t levels,
                         size_t width)
{
    size_t n = 0;
    for (size_t i = 0; i < levels; i++) {
        struct vector *v = make_vector(m, width + 1);
        v->items[width] = *root;
        for (size_t j = 0; j < width; j++)
            v->items[j] = make_list(m, 5);
        besom_write(m, v);
        *root = v;
        n += 1 + 5 * width;
    }
    return n;
}

static void check_comb(const struct vector *v, size_t width)
{
    for (; v; v = v->items[width])
        for (size_t j = 0; j < width; j++)
            check_list(v->items[j], 5);
}

static void collect_comb(const char *options, uint64_t least_overflows)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = options;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *root;);
        size_t n = build_comb(rig.m, &my->root, scaled(300), 500);
        for (int i = 0; i < 3; i++) {
            make_list(rig.m, 1000);
            collect(rig.m);
            ck_assert_uint_eq(count_objects(rig.m, NULL), n);
        }
        check_comb(my->root, 500);
        ck_assert_uint_ge(stats_of(rig.heap).mark_overflows, least_overflows);
    }
    rig_close(&rig);
}

START_TEST(mark_stack_of_64_entries_overflows_and_is_exact)
{
    collect_comb("mark_stack=64,mark_threads=1", 1);
}
END_TEST

START_TEST(mark_stack_of_64_entries_overflows_and_is_exact_in_parallel)
{
    collect_comb("mark_stack=64,mark_threads=4", 1);
}
END_TEST

START_TEST(mark_stack_of_its_default_size_is_exact)
{
    collect_comb("mark_threads=1", 0);
}
END_TEST

START_TEST(long_list_marks_exactly_with_64_entries)
{
    run_long_list(scaled(1000000), "mark_stack=64,mark_threads=1");
}
END_TEST

START_TEST(wide_array_marks_exactly_with_64_entries)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = "mark_stack=64,mark_threads=1";
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *v;);
        size_t n = scaled(400000);
        my->v = make_vector(rig.m, n);
        for (size_t i = 0; i < n; i++) {
            /* Children before parents and after them in address order. */
            my->v->items[i] = i % 2 ? my->v->items[i / 2] : make_list(rig.m, 2);
            besom_write_at(rig.m, my->v, &my->v->items[i]);
        }
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), (n + 1) / 2 * 2);
    }
    rig_close(&rig);
}
END_TEST

/* ---- any number of marking threads ---- */

/* A random graph, built from the same seed each time; how much of it survives. */
static size_t survivors_of_random_graph(size_t mark_threads, size_t mark_stack_entries,
                                        uint64_t seed, uint64_t *ids)
{
    enum { N = 60000 };
    struct rig rig;
    rig_init(&rig);
    rig.config.options.mark_threads = mark_threads;
    if (mark_stack_entries)
        rig.config.options.mark_stack_entries = mark_stack_entries;
    rig_open(&rig);
    struct rng rng = {seed};
    size_t n = 0;
    static struct node *nodes[N];
    {
        BESOM_LOCALS(rig.m, struct node *roots[8];);
        for (size_t i = 0; i < N; i++) {
            nodes[i] = make(rig.m, &node_type);
            nodes[i]->id = i * i;
        }
        for (size_t i = 0; i < N; i++) {
            nodes[i]->next = rng_below(&rng, 3) ? nodes[rng_below(&rng, N)] : NULL;
            nodes[i]->other = rng_below(&rng, 3) ? nodes[rng_below(&rng, N)] : NULL;
            besom_write(rig.m, nodes[i]);
        }
        for (int i = 0; i < 8; i++)
            my->roots[i] = nodes[rng_below(&rng, N)];
        collect(rig.m);
        n = count_objects(rig.m, NULL);
        *ids = 0;
        for (size_t i = 0; i < N; i++)
            if (besom_owns(rig.heap, nodes[i]))
                *ids += nodes[i]->id + 1;
    }
    rig_close(&rig);
    return n;
}

START_TEST(any_number_of_marking_threads_leaves_the_same_survivors)
{
    uint64_t seed = test_seed(), expected_ids = 0;
    size_t expected = survivors_of_random_graph(1, 0, seed, &expected_ids);
    ck_assert_uint_gt(expected, 1000);
    const size_t threads[] = {2, 3, 4, 8, 0};
    for (int i = 0; i < 5; i++) {
        uint64_t ids = 0;
        ck_assert_uint_eq(survivors_of_random_graph(threads[i], 0, seed, &ids), expected);
        ck_assert_uint_eq(ids, expected_ids);
    }
}
END_TEST

/* Markers that run out of stack hand over what they could not push while others go on. */
START_TEST(marking_threads_that_overflow_leave_the_same_survivors)
{
    for (uint64_t seed = test_seed(), end = seed + scaled(32); seed < end; seed++) {
        uint64_t expected_ids = 0, ids = 0;
        size_t expected = survivors_of_random_graph(1, 0, seed, &expected_ids);
        size_t threads = 2 + seed % 7;
        ck_assert_uint_eq(survivors_of_random_graph(threads, 64, seed, &ids), expected);
        ck_assert_uint_eq(ids, expected_ids);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        list_of_ten_million_marks_on_a_small_stack,
        list_of_ten_million_marks_in_parallel_on_a_small_stack,
        list_of_a_hundred_million_marks_on_a_small_stack,
        mark_stack_of_64_entries_overflows_and_is_exact,
        mark_stack_of_64_entries_overflows_and_is_exact_in_parallel,
        mark_stack_of_its_default_size_is_exact,
        long_list_marks_exactly_with_64_entries,
        wide_array_marks_exactly_with_64_entries,
        any_number_of_marking_threads_leaves_the_same_survivors,
        marking_threads_that_overflow_leave_the_same_survivors,
    };
    test_seed();
    return run_tests("marking depth", tests, sizeof tests / sizeof *tests);
}
