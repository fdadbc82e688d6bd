/* test_gc_histogram.c - known samples give exact counts and quantiles within three digits. */
#include "support.h"

#include "gc/histogram.h"

#include <stdlib.h>

static struct besom_histogram *new_histogram(void)
{
    struct besom_histogram *h = calloc(1, sizeof *h);
    ck_assert_ptr_nonnull(h);
    return h;
}

START_TEST(empty_histogram_is_all_zero)
{
    struct besom_histogram *h = new_histogram();
    ck_assert_uint_eq(besom_histogram_count(h), 0);
    ck_assert_uint_eq(besom_histogram_max_ns(h), 0);
    ck_assert_uint_eq(besom_histogram_sum_ns(h), 0);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 500), 0);
    free(h);
    ck_assert_uint_eq(besom_histogram_count(NULL), 0);
    ck_assert_uint_eq(besom_histogram_max_ns(NULL), 0);
    ck_assert_uint_eq(besom_histogram_sum_ns(NULL), 0);
    ck_assert_uint_eq(besom_histogram_quantile_ns(NULL, 500), 0);
}
END_TEST

START_TEST(quantiles_of_small_durations_are_exact)
{
    struct besom_histogram *h = new_histogram();
    for (uint64_t ns = 1; ns <= 1000; ns++) /* any order will do */
        besom__histogram_add(h, (ns * 37 - 1) % 1000 + 1);
    ck_assert_uint_eq(besom_histogram_count(h), 1000);
    ck_assert_uint_eq(besom_histogram_sum_ns(h), 500500);
    ck_assert_uint_eq(besom_histogram_max_ns(h), 1000);
    for (unsigned per_mille = 1; per_mille <= 1000; per_mille++)
        ck_assert_uint_eq(besom_histogram_quantile_ns(h, per_mille), per_mille);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 0), 1);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 999.5), 1000);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 2000), 1000);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, -1), 0);
    free(h);
}
END_TEST

START_TEST(quantile_is_a_duration_that_so_many_samples_do_not_exceed)
{
    struct besom_histogram *h = new_histogram();
    for (int i = 0; i < 90; i++)
        besom__histogram_add(h, 10);
    for (int i = 0; i < 9; i++)
        besom__histogram_add(h, 200);
    besom__histogram_add(h, 900);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 500), 10);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 900), 10);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 901), 200);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 990), 200);
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 991), 900);
    free(h);
}
END_TEST

/* One sample beside a longer one: its bucket's top is what the first half does not exceed. */
static uint64_t rounded(uint64_t ns)
{
    struct besom_histogram *h = new_histogram();
    besom__histogram_add(h, ns);
    besom__histogram_add(h, UINT64_MAX / 4);
    uint64_t top = besom_histogram_quantile_ns(h, 500);
    free(h);
    return top;
}

START_TEST(three_digits_are_kept)
{
    for (unsigned bit = 0; bit < HISTOGRAM_MAX_BITS; bit++)
        for (uint64_t i = 0; i < 16; i++) {
            uint64_t ns = ((uint64_t)1 << bit) + (i << bit) / 16, top = rounded(ns);
            ck_assert_uint_ge(top, ns);
            ck_assert_uint_le(top - ns, ns / 1024);
        }
}
END_TEST

START_TEST(neighbouring_buckets_meet)
{
    /* At each change of resolution. */
    for (unsigned bit = 1; bit < HISTOGRAM_MAX_BITS; bit++) {
        uint64_t ns = (uint64_t)1 << bit;
        ck_assert_uint_eq(rounded(ns - 1), ns - 1);
        ck_assert_uint_ge(rounded(ns), ns);
    }
    ck_assert_uint_eq(rounded(2047), 2047);
    ck_assert_uint_eq(rounded(2048), 2049);
    ck_assert_uint_eq(rounded(2049), 2049);
    ck_assert_uint_eq(rounded(2050), 2051);
}
END_TEST

START_TEST(longest_sample_is_never_rounded)
{
    static const uint64_t samples[] = {
        0, 1, 5000, 123456789, (uint64_t)1 << 40, (uint64_t)1 << 41, (uint64_t)1 << 50};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct besom_histogram *h = new_histogram();
        besom__histogram_add(h, samples[i]);
        ck_assert_uint_eq(besom_histogram_max_ns(h), samples[i]);
        ck_assert_uint_eq(besom_histogram_quantile_ns(h, 1000), samples[i]);
        ck_assert_uint_eq(besom_histogram_quantile_ns(h, 1), samples[i]);
        free(h);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        empty_histogram_is_all_zero,
        quantiles_of_small_durations_are_exact,
        quantile_is_a_duration_that_so_many_samples_do_not_exceed,
        three_digits_are_kept,
        neighbouring_buckets_meet,
        longest_sample_is_never_rounded,
    };
    return run_tests("gc histogram", tests, sizeof tests / sizeof *tests);
}
