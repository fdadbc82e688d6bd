/* test_bench_overhead.c - the benchmark program's lower-bound overheads are right where totals and
 * rests are known. */
#include "bench/overhead.h"

#include <check.h>
#include <stdio.h>

/* Of support.h, whose headers have other things by the names of contestants. */
int run_tests(const char *name, const TTest *const *tests, size_t n);

enum { RUNS = 3 };

static const struct metric wall = {"wall_ms", "ms", "ms", 1, 1};
static const struct metric cpu = {"cpu_ms", "ms", "ms", 1, 1};
static const struct metric program_wall = {"program_wall_ms", "ms", NULL, 1, 1};
static const struct metric program_cpu = {"program_cpu_ms", "ms", NULL, 1, 1};

static const struct plan limited = {
    .name = "limited",
    .metrics = {&wall, &cpu, &program_wall, &program_cpu},
    .settings = {{"one", "", ""}, {"two", "", ""}},
    .factors = {2, 4},
};
static const struct plan unlimited = {
    .name = "unlimited",
    .metrics = {&wall, &cpu, &program_wall, &program_cpu},
    .settings = {{"", "", ""}},
};

static struct rows rows;

/* The position of a new row; factor 0: it takes no limit. */
static size_t row_new(const struct plan *plan, size_t setting, enum contestant_index who,
                      double factor)
{
    struct row row = {.plan = plan,
                      .setting = &plan->settings[setting],
                      .parameters = "",
                      .heap_factor = factor,
                      .who = &contestants[who]};
    ck_assert(rows_add(&rows, &row, RUNS));
    return rows.n - 1;
}

static void add_value(struct outcome *outcome, const char *name, double value)
{
    struct named_value *to = &outcome->values[outcome->n_values++];
    snprintf(to->name, sizeof to->name, "%s", name);
    to->value = value;
}

/* A run of so many ms, of which the collector accounts for some. */
static void add_run(size_t row, double wall_ms, double stopped_ms, double cpu_ms,
                    double collector_ms)
{
    struct outcome outcome = {0};
    add_value(&outcome, "wall_ms", wall_ms);
    add_value(&outcome, "cpu_ms", cpu_ms);
    add_value(&outcome, "program_wall_ms", wall_ms - stopped_ms);
    add_value(&outcome, "program_cpu_ms", cpu_ms - collector_ms);
    row_record(&rows.at[row], &outcome);
}

static void add_failure(size_t row)
{
    struct outcome outcome = {.failed = "out of memory"};
    row_record(&rows.at[row], &outcome);
}

static void is_summary(struct summary found, double median, double min, double max, size_t n)
{
    ck_assert_double_eq_tol(found.median, median, 1e-12);
    ck_assert_double_eq_tol(found.min, min, 1e-12);
    ck_assert_double_eq_tol(found.max, max, 1e-12);
    ck_assert_uint_eq(found.n, n);
}

/* Besom 100 ms at 2x, 60 of them stopped, and 60 at 4x, 10 of them; the arena 50. */
START_TEST(baseline_is_the_least_rest_of_all_contestants_and_heaps)
{
    const size_t tight = row_new(&limited, 0, BESOM_STW, 2);
    const size_t wide = row_new(&limited, 0, BESOM_STW, 4);
    const size_t arena = row_new(&limited, 0, ARENA, 0);
    add_run(tight, 100, 60, 150, 120);
    add_run(wide, 60, 10, 70, 20);
    add_run(arena, 50, 0, 48, 0);
    double least;
    ck_assert_ptr_eq(overhead_baseline(&rows, &rows.at[arena], OVERHEAD_WALL, &least),
                     &rows.at[tight]);
    ck_assert_double_eq(least, 40);
    ck_assert_ptr_eq(overhead_baseline(&rows, &rows.at[tight], OVERHEAD_CPU, &least),
                     &rows.at[tight]);
    ck_assert_double_eq(least, 30);
    is_summary(overhead_of(&rows, &rows.at[tight], OVERHEAD_WALL), 2.5, 2.5, 2.5, 1);
    is_summary(overhead_of(&rows, &rows.at[wide], OVERHEAD_WALL), 1.5, 1.5, 1.5, 1);
    is_summary(overhead_of(&rows, &rows.at[arena], OVERHEAD_WALL), 1.25, 1.25, 1.25, 1);
    is_summary(overhead_of(&rows, &rows.at[tight], OVERHEAD_CPU), 5, 5, 5, 1);
    is_summary(overhead_of(&rows, &rows.at[arena], OVERHEAD_CPU), 1.6, 1.6, 1.6, 1);
    rows_free(&rows);
}
END_TEST

START_TEST(who_frees_nothing_is_the_baseline_when_that_costs_least)
{
    const size_t besom = row_new(&limited, 0, BESOM_STW, 2);
    const size_t arena = row_new(&limited, 0, ARENA, 0);
    add_run(besom, 100, 20, 100, 20);
    add_run(arena, 40, 0, 40, 0);
    double least;
    ck_assert_ptr_eq(overhead_baseline(&rows, &rows.at[besom], OVERHEAD_WALL, &least),
                     &rows.at[arena]);
    is_summary(overhead_of(&rows, &rows.at[arena], OVERHEAD_WALL), 1, 1, 1, 1);
    is_summary(overhead_of(&rows, &rows.at[besom], OVERHEAD_WALL), 2.5, 2.5, 2.5, 1);
    rows_free(&rows);
}
END_TEST

/* Rests are taken run by run: 60, 70 and 50.  The least total less the longest stop would be 10. */
START_TEST(baseline_is_of_one_run_and_the_spread_is_that_of_the_total)
{
    const size_t besom = row_new(&limited, 0, BESOM_STW, 2);
    add_run(besom, 100, 40, 1, 0);
    add_run(besom, 80, 10, 1, 0);
    add_run(besom, 120, 70, 1, 0);
    double least;
    ck_assert_ptr_nonnull(overhead_baseline(&rows, &rows.at[besom], OVERHEAD_WALL, &least));
    ck_assert_double_eq(least, 50);
    is_summary(overhead_of(&rows, &rows.at[besom], OVERHEAD_WALL), 2, 1.6, 2.4, 3);
    rows_free(&rows);
}
END_TEST

START_TEST(settings_do_not_share_a_baseline)
{
    const size_t one = row_new(&limited, 0, BESOM_STW, 2);
    const size_t two = row_new(&limited, 1, BESOM_STW, 2);
    add_run(one, 10, 0, 10, 0);
    add_run(two, 90, 30, 90, 0);
    is_summary(overhead_of(&rows, &rows.at[one], OVERHEAD_WALL), 1, 1, 1, 1);
    is_summary(overhead_of(&rows, &rows.at[two], OVERHEAD_WALL), 1.5, 1.5, 1.5, 1);
    rows_free(&rows);
}
END_TEST

START_TEST(what_failed_or_did_other_work_is_neither_figure_nor_baseline)
{
    const size_t good = row_new(&limited, 0, BESOM_STW, 2);
    const size_t failed = row_new(&limited, 0, BDWGC_PLAIN, 2);
    const size_t wrong = row_new(&limited, 0, MALLOC, 0);
    add_run(good, 100, 50, 100, 50);
    add_failure(failed);
    add_run(wrong, 1, 0, 1, 0);
    rows.at[wrong].is_wrong = true;
    is_summary(overhead_of(&rows, &rows.at[good], OVERHEAD_WALL), 2, 2, 2, 1);
    ck_assert_uint_eq(overhead_of(&rows, &rows.at[failed], OVERHEAD_WALL).n, 0);
    ck_assert_uint_eq(overhead_of(&rows, &rows.at[wrong], OVERHEAD_WALL).n, 0);
    rows_free(&rows);
}
END_TEST

START_TEST(nobody_and_no_limits_have_no_baseline)
{
    double least;
    const size_t failed = row_new(&limited, 0, BESOM_STW, 2);
    const size_t free = row_new(&unlimited, 0, BESOM_STW, 0);
    add_failure(failed);
    add_run(free, 10, 5, 10, 5);
    ck_assert_ptr_null(overhead_baseline(&rows, &rows.at[failed], OVERHEAD_WALL, &least));
    ck_assert_ptr_null(overhead_baseline(&rows, &rows.at[free], OVERHEAD_WALL, &least));
    ck_assert_uint_eq(overhead_of(&rows, &rows.at[free], OVERHEAD_CPU).n, 0);
    rows_free(&rows);
}
END_TEST

START_TEST(who_has_no_limit_stands_at_every_one)
{
    const size_t tight = row_new(&limited, 0, BESOM_STW, 2);
    const size_t other = row_new(&limited, 1, BESOM_STW, 4);
    const size_t arena = row_new(&limited, 0, ARENA, 0);
    ck_assert_ptr_eq(overhead_at(&rows, &rows.at[tight], 2), &rows.at[tight]);
    ck_assert_ptr_null(overhead_at(&rows, &rows.at[tight], 4));
    ck_assert_ptr_eq(overhead_at(&rows, &rows.at[arena], 2), &rows.at[arena]);
    ck_assert_ptr_eq(overhead_at(&rows, &rows.at[arena], 4), &rows.at[arena]);
    const size_t wide = row_new(&limited, 0, BESOM_STW, 4);
    ck_assert(overhead_is_first(&rows, &rows.at[tight]));
    ck_assert(overhead_is_first(&rows, &rows.at[other]));
    ck_assert(!overhead_is_first(&rows, &rows.at[wide]));
    rows_free(&rows);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        baseline_is_the_least_rest_of_all_contestants_and_heaps,
        who_frees_nothing_is_the_baseline_when_that_costs_least,
        baseline_is_of_one_run_and_the_spread_is_that_of_the_total,
        settings_do_not_share_a_baseline,
        what_failed_or_did_other_work_is_neither_figure_nor_baseline,
        nobody_and_no_limits_have_no_baseline,
        who_has_no_limit_stands_at_every_one,
    };
    return run_tests("bench_overhead", tests, sizeof tests / sizeof *tests);
}
