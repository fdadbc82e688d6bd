/* test_gc_utilization.c - MMU and BMU of pauses that can be worked out by hand, and of many more. */
#include "support.h"

#include "gc/utilization.h"

#include <math.h>
#include <string.h>

enum { MANY = 64 };

/* The stretch from 0 to end with the n pauses given as begin and end, one after another. */
static struct besom__stretch stretch_of(struct besom__span *spans, size_t n, uint64_t end)
{
    struct besom__stretch stretch = {.end_ns = end, .spans = spans, .n = n};
    besom__stretch_unite(&stretch);
    return stretch;
}

static void near(double found, double expected)
{
    ck_assert_msg(fabs(found - expected) < 1e-12, "%.17g, not %.17g", found, expected);
}

START_TEST(without_pauses_everything_is_left)
{
    struct besom__stretch stretch = stretch_of(NULL, 0, 100);
    near(besom__stretch_mmu(&stretch, 1), 1);
    near(besom__stretch_mmu(&stretch, 100), 1);
    near(besom__stretch_bmu(&stretch, 100), 1);
}
END_TEST

START_TEST(one_pause_takes_its_part_of_each_window)
{
    struct besom__span spans[] = {{.begin_ns = 40, .end_ns = 50}};
    struct besom__stretch stretch = stretch_of(spans, 1, 100);
    near(besom__stretch_mmu(&stretch, 1), 0);
    near(besom__stretch_mmu(&stretch, 10), 0);
    near(besom__stretch_mmu(&stretch, 20), 0.5);
    near(besom__stretch_mmu(&stretch, 40), 0.75);
    near(besom__stretch_mmu(&stretch, 100), 0.9);
    near(besom__stretch_bmu(&stretch, 5), 0);
    near(besom__stretch_bmu(&stretch, 20), 0.5);
}
END_TEST

/* 10 of every 20 for a while: a window of 30 holds two pauses, one of 20 holds one; so utilization
 * falls from 1/2 to 1/3 as the window grows, and BMU is what does not show that. */
START_TEST(bounded_utilization_knows_of_longer_windows)
{
    struct besom__span spans[] = {{.begin_ns = 100, .end_ns = 110},
                                  {.begin_ns = 120, .end_ns = 130},
                                  {.begin_ns = 140, .end_ns = 150}};
    struct besom__stretch stretch = stretch_of(spans, 3, 1000);
    near(besom__stretch_mmu(&stretch, 20), 0.5);
    near(besom__stretch_mmu(&stretch, 30), 1. / 3);
    near(besom__stretch_mmu(&stretch, 40), 0.5);
    near(besom__stretch_mmu(&stretch, 50), 0.4);
    near(besom__stretch_bmu(&stretch, 20), 1. / 3);
    near(besom__stretch_bmu(&stretch, 30), 1. / 3);
    near(besom__stretch_bmu(&stretch, 40), 0.4);
    near(besom__stretch_bmu(&stretch, 50), 0.4);
    near(besom__stretch_bmu(&stretch, 1000), 0.97);
}
END_TEST

/* Two mutators: the heap pauses from 10 to 30 and from 50 to 60, 30 in all, not 45. */
START_TEST(pauses_that_overlap_are_united)
{
    struct besom__span spans[] = {{.begin_ns = 50, .end_ns = 60},
                                  {.begin_ns = 15, .end_ns = 30},
                                  {.begin_ns = 10, .end_ns = 25},
                                  {.begin_ns = 52, .end_ns = 57}};
    struct besom__stretch stretch = stretch_of(spans, 4, 100);
    ck_assert_uint_eq(stretch.n, 2);
    near(besom__stretch_mmu(&stretch, 20), 0);
    near(besom__stretch_mmu(&stretch, 25), 0.2);
    near(besom__stretch_mmu(&stretch, 50), 0.4);
    near(besom__stretch_mmu(&stretch, 100), 0.7);
    near(besom__stretch_bmu(&stretch, 25), 0.2);
}
END_TEST

START_TEST(pauses_that_touch_are_one)
{
    struct besom__span spans[] = {{.begin_ns = 10, .end_ns = 20}, {.begin_ns = 20, .end_ns = 30}};
    struct besom__stretch stretch = stretch_of(spans, 2, 100);
    ck_assert_uint_eq(stretch.n, 1);
    near(besom__stretch_mmu(&stretch, 20), 0);
}
END_TEST

START_TEST(windows_do_not_reach_beyond_the_stretch)
{
    struct besom__span spans[] = {{.begin_ns = 0, .end_ns = 4}, {.begin_ns = 95, .end_ns = 120}};
    struct besom__stretch stretch = {.begin_ns = 2, .end_ns = 100, .spans = spans, .n = 2};
    besom__stretch_unite(&stretch);
    near(besom__stretch_mmu(&stretch, 10), 0.5); /* 90 to 100 */
    near(besom__stretch_mmu(&stretch, 98), 91. / 98);
}
END_TEST

START_TEST(empty_pauses_and_those_outside_do_not_count)
{
    struct besom__span spans[] = {{.begin_ns = 5, .end_ns = 5},
                                  {.begin_ns = 200, .end_ns = 300},
                                  {.begin_ns = 9, .end_ns = 8}};
    struct besom__stretch stretch = stretch_of(spans, 3, 100);
    ck_assert_uint_eq(stretch.n, 0);
    near(besom__stretch_mmu(&stretch, 7), 1);
}
END_TEST

/* By the definition, a window at every nanosecond. */
static double slow_mmu(const bool *paused, size_t end, size_t window)
{
    size_t most = 0;
    for (size_t t = 0; t + window <= end; t++) {
        size_t sum = 0;
        for (size_t i = t; i < t + window; i++)
            sum += paused[i];
        most = sum > most ? sum : most;
    }
    return (double)(window - most) / (double)window;
}

START_TEST(random_pauses_agree_with_the_definition)
{
    struct rng rng = {test_seed()};
    for (size_t round = 0; round < scaled(300); round++) {
        enum { END = 120 };
        bool paused[END] = {false};
        struct besom__span spans[MANY];
        size_t n = rng_below(&rng, 12);
        for (size_t i = 0; i < n; i++) {
            size_t begin = rng_below(&rng, END), length = rng_below(&rng, 15);
            spans[i] = (struct besom__span){.begin_ns = begin, .end_ns = begin + length};
            for (size_t t = begin; t < begin + length && t < END; t++)
                paused[t] = true;
        }
        struct besom__stretch stretch = stretch_of(spans, n, END);
        double bounded = 1;
        for (size_t window = END; window > 0; window--) {
            double mmu = slow_mmu(paused, END, window);
            bounded = mmu < bounded ? mmu : bounded;
            near(besom__stretch_mmu(&stretch, window), mmu);
            near(besom__stretch_bmu(&stretch, window), bounded);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        without_pauses_everything_is_left,
        one_pause_takes_its_part_of_each_window,
        bounded_utilization_knows_of_longer_windows,
        pauses_that_overlap_are_united,
        pauses_that_touch_are_one,
        windows_do_not_reach_beyond_the_stretch,
        empty_pauses_and_those_outside_do_not_count,
        random_pauses_agree_with_the_definition,
    };
    return run_tests("utilization", tests, sizeof tests / sizeof *tests);
}
