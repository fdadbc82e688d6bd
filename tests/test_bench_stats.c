/* test_bench_stats.c - the benchmark program's medians, percentiles, ties and ratios are right. */
#include "bench/stats.h"

#include "support.h"

#include <stdlib.h>

static struct summary of(double a, double b, double c)
{
    double samples[] = {a, b, c};
    return stats_summary(samples, 3);
}

START_TEST(median_of_an_odd_number_is_the_middle_one)
{
    struct summary s = of(9, 1, 4);
    ck_assert_double_eq(s.median, 4);
    ck_assert_double_eq(s.min, 1);
    ck_assert_double_eq(s.max, 9);
    ck_assert_uint_eq(s.n, 3);
}
END_TEST

START_TEST(median_of_an_even_number_is_the_mean_of_the_middle_two)
{
    double samples[] = {10, 2, 8, 4};
    ck_assert_double_eq(stats_summary(samples, 4).median, 6);
}
END_TEST

START_TEST(one_sample_is_its_own_spread)
{
    double sample = -2.5;
    struct summary s = stats_summary(&sample, 1);
    ck_assert_double_eq(s.median, -2.5);
    ck_assert_double_eq(s.min, -2.5);
    ck_assert_double_eq(s.max, -2.5);
}
END_TEST

START_TEST(no_samples_summarize_to_zero)
{
    struct summary s = stats_summary(NULL, 0);
    ck_assert_uint_eq(s.n, 0);
    ck_assert_double_eq(s.median, 0);
    ck_assert_double_eq(stats_percentile(NULL, 0, 500), 0);
}
END_TEST

START_TEST(summary_does_not_depend_on_the_order)
{
    double up[101], shuffled[101];
    for (int i = 0; i < 101; i++) {
        up[i] = i;
        shuffled[i] = i * 37 % 101; /* 37 and 101 are coprime: every value once */
    }
    struct summary a = stats_summary(up, 101), b = stats_summary(shuffled, 101);
    ck_assert_double_eq(a.median, 50);
    ck_assert_double_eq(b.median, 50);
    ck_assert_double_eq(b.min, 0);
    ck_assert_double_eq(b.max, 100);
}
END_TEST

START_TEST(percentile_is_the_nearest_rank)
{
    double samples[1000];
    for (int i = 0; i < 1000; i++)
        samples[i] = 1000 - i; /* 1000, 999, .. 1 */
    ck_assert_double_eq(stats_percentile(samples, 1000, 500), 500);
    ck_assert_double_eq(stats_percentile(samples, 1000, 990), 990);
    ck_assert_double_eq(stats_percentile(samples, 1000, 999), 999);
    ck_assert_double_eq(stats_percentile(samples, 1000, 1000), 1000);
    ck_assert_double_eq(stats_percentile(samples, 1000, 0), 1);
    ck_assert_double_eq(stats_percentile(samples, 10, 500), 5);
    ck_assert_double_eq(stats_percentile(samples, 10, 501), 6);
}
END_TEST

START_TEST(percentile_of_few_samples_is_one_of_them)
{
    double samples[] = {30, 10, 20};
    ck_assert_double_eq(stats_percentile(samples, 3, 1), 10);
    ck_assert_double_eq(stats_percentile(samples, 3, 500), 20);
    ck_assert_double_eq(stats_percentile(samples, 3, 990), 30);
}
END_TEST

START_TEST(overlapping_spreads_tie)
{
    struct summary slow = of(10, 11, 14), fast = of(9, 9.5, 10.5), same = of(10, 11, 14);
    ck_assert(stats_is_tie(&slow, &fast));
    ck_assert(stats_is_tie(&fast, &slow));
    ck_assert(stats_is_tie(&slow, &same));
}
END_TEST

START_TEST(spreads_that_touch_tie_and_those_apart_do_not)
{
    struct summary low = of(1, 2, 3), touching = of(3, 4, 5), apart = of(3.5, 4, 5);
    ck_assert(stats_is_tie(&low, &touching));
    ck_assert(stats_is_tie(&touching, &low));
    ck_assert(!stats_is_tie(&low, &apart));
    ck_assert(!stats_is_tie(&apart, &low));
}
END_TEST

START_TEST(spread_inside_another_ties)
{
    struct summary wide = of(1, 5, 9), narrow = of(4.9, 5, 5.1);
    ck_assert(stats_is_tie(&wide, &narrow));
    ck_assert(stats_is_tie(&narrow, &wide));
}
END_TEST

START_TEST(ratio_is_of_the_medians)
{
    struct summary a = of(1, 3, 100), b = of(2, 6, 7), zero = of(0, 0, 0);
    ck_assert_double_eq(stats_ratio(&a, &b), 0.5);
    ck_assert_double_eq(stats_ratio(&b, &a), 2);
    ck_assert_double_eq(stats_ratio(&zero, &a), 0);
    ck_assert_double_eq(stats_ratio(&a, &zero), 0);
}
END_TEST

START_TEST(percentiles_take_as_many_events_as_they_need)
{
    ck_assert(!stats_tells(0, 500));
    ck_assert(stats_tells(1, 500));
    ck_assert(!stats_tells(99, 990));
    ck_assert(stats_tells(100, 990));
    ck_assert(!stats_tells(9999, 999));
    ck_assert(stats_tells(10000, 999));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        median_of_an_odd_number_is_the_middle_one,
        median_of_an_even_number_is_the_mean_of_the_middle_two,
        one_sample_is_its_own_spread,
        no_samples_summarize_to_zero,
        summary_does_not_depend_on_the_order,
        percentile_is_the_nearest_rank,
        percentile_of_few_samples_is_one_of_them,
        overlapping_spreads_tie,
        spreads_that_touch_tie_and_those_apart_do_not,
        spread_inside_another_ties,
        ratio_is_of_the_medians,
        percentiles_take_as_many_events_as_they_need,
    };
    return run_tests("bench_stats", tests, sizeof tests / sizeof *tests);
}
