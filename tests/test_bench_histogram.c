/* test_bench_histogram.c - the benchmark program's histogram keeps three digits, and its percentiles
 * are the nearest ranks. */
#include "bench/histogram.h"

#include "support.h"

#include <string.h>

static struct histogram h;

static void clear(void)
{
    memset(&h, 0, sizeof h);
}

START_TEST(nothing_counts_as_zero)
{
    clear();
    ck_assert_uint_eq(h.count, 0);
    ck_assert_uint_eq(histogram_percentile(&h, 500), 0);
    ck_assert_uint_eq(histogram_above(&h, 0), 0);
}
END_TEST

START_TEST(small_numbers_are_exact)
{
    clear();
    for (uint64_t i = 1; i <= 1000; i++)
        histogram_add(&h, i);
    ck_assert_uint_eq(h.count, 1000);
    ck_assert_uint_eq(histogram_percentile(&h, 0), 1);
    ck_assert_uint_eq(histogram_percentile(&h, 1), 1);
    ck_assert_uint_eq(histogram_percentile(&h, 500), 500);
    ck_assert_uint_eq(histogram_percentile(&h, 990), 990);
    ck_assert_uint_eq(histogram_percentile(&h, 999), 999);
    ck_assert_uint_eq(histogram_percentile(&h, 1000), 1000);
    ck_assert_uint_eq(histogram_above(&h, 990), 10);
    ck_assert_uint_eq(histogram_above(&h, 1000), 0);
}
END_TEST

START_TEST(one_great_number_is_the_top_of_many_small_ones)
{
    clear();
    for (int i = 0; i < 9999; i++)
        histogram_add(&h, 7);
    histogram_add(&h, 123456789);
    ck_assert_uint_eq(histogram_percentile(&h, 999), 7);
    ck_assert_uint_eq(histogram_percentile(&h, 1000), 123456789);
    ck_assert_uint_eq(h.max, 123456789);
    ck_assert_uint_eq(histogram_above(&h, 7), 1);
}
END_TEST

START_TEST(buckets_are_in_order_and_keep_three_digits)
{
    unsigned last = 0;
    for (uint64_t value = 1; value < (uint64_t)1 << HISTOGRAM_MAX_BITS; value += 1 + value / 4096) {
        const unsigned bucket = histogram_bucket(value);
        ck_assert(bucket == last || bucket == last + 1);
        last = bucket;
    }
    ck_assert_uint_eq(last, HISTOGRAM_BUCKETS - 1);
    for (uint64_t value = 1; value < (uint64_t)1 << 40; value = value * 3 + 1) {
        clear();
        histogram_add(&h, value);
        histogram_add(&h, (uint64_t)1 << 42);
        const uint64_t found = histogram_percentile(&h, 500);
        ck_assert(found >= value && found - value <= value / 1000);
    }
}
END_TEST

START_TEST(numbers_beyond_the_last_bucket_keep_the_maximum)
{
    clear();
    histogram_add(&h, UINT64_MAX);
    histogram_add(&h, UINT64_MAX - 1);
    ck_assert_uint_eq(histogram_percentile(&h, 500), UINT64_MAX);
    ck_assert_uint_eq(histogram_above(&h, 1000), 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nothing_counts_as_zero,
        small_numbers_are_exact,
        one_great_number_is_the_top_of_many_small_ones,
        buckets_are_in_order_and_keep_three_digits,
        numbers_beyond_the_last_bucket_keep_the_maximum,
    };
    return run_tests("bench_histogram", tests, sizeof tests / sizeof *tests);
}
