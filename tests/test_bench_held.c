/* test_bench_held.c - what the benchmark program says of known pauses of several mutators and kinds. */
#include "bench/held.h"
#include "bench/record.h"
#include "bench/worker.h"

#include "support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What was printed: in place of bench/worker.c. */
static struct {
    char name[32];
    double value;
} said[200];
static size_t n_said;

void worker_value(const char *metric, double value)
{
    ck_assert_uint_lt(n_said, 200);
    snprintf(said[n_said].name, sizeof said[0].name, "%s", metric);
    said[n_said++].value = value;
}

void worker_point(const char *curve, double x, double y)
{
    char name[32];
    snprintf(name, sizeof name, "%s@%g", curve, x);
    worker_value(name, y);
}

_Noreturn void worker_fail(const char *why)
{
    ck_abort_msg("%s", why);
}

/* Of stops nothing is asked here. */
size_t record_count(struct record *record)
{
    return record->n;
}

static bool is_said(const char *name)
{
    for (size_t i = 0; i < n_said; i++) {
        if (strcmp(said[i].name, name) == 0)
            return true;
    }
    return false;
}

static void says(const char *name, double wanted)
{
    for (size_t i = 0; i < n_said; i++) {
        if (strcmp(said[i].name, name) != 0)
            continue;
        ck_assert_msg(fabs(said[i].value - wanted) <= fabs(wanted) * 0.001, "%s: %g, not %g", name,
                      said[i].value, wanted);
        return;
    }
    ck_abort_msg("no %s", name);
}

static const struct interval stretch = {1000000000, 2000000000};

/* A pause that begins so many us into the stretch, and takes so many. */
static struct held at(uint64_t begin_us, uint64_t us, unsigned mutator, enum held_kind kind)
{
    const uint64_t begin_ns = stretch.begin_ns + 1000 * begin_us;
    return (struct held){{begin_ns, begin_ns + 1000 * us}, mutator, kind};
}

START_TEST(overlapping_pauses_are_united)
{
    struct held held[] = {
        at(300, 50, 2, HELD_STOP),  at(100, 100, 1, HELD_WAIT),  at(150, 100, 2, HELD_STOP),
        at(250, 10, 1, HELD_ALLOC), at(310, 5, 1, HELD_BARRIER),
    };
    struct interval out[5];
    ck_assert_uint_eq(held_unite(held, 5, stretch, out), 2);
    ck_assert_uint_eq(out[0].begin_ns, stretch.begin_ns + 100000);
    ck_assert_uint_eq(out[0].end_ns, stretch.begin_ns + 260000);
    ck_assert_uint_eq(out[1].begin_ns, stretch.begin_ns + 300000);
    ck_assert_uint_eq(out[1].end_ns, stretch.begin_ns + 350000);
}
END_TEST

START_TEST(what_lies_outside_the_stretch_does_not_count)
{
    struct held held[] = {{{1, 5}, 1, HELD_STOP},
                          {{stretch.end_ns, stretch.end_ns + 9}, 1, HELD_STOP},
                          at(5, 10, 1, HELD_ASSIST)};
    n_said = 0;
    held_print(held, 3, stretch);
    says("holds", 1);
    says("held_ms_max", 0.01);
    says("stop_n", 0);
    says("stop_us_max", 0);
    says("assist_n", 1);
    says("assist_us_p50", 10);
    ck_assert(!is_said("stop_us_p50"));
    ck_assert(!is_said("assist_us_p99"));
}
END_TEST

/* Mutator 1: 200 assists of 1 .. 200 us, one a millisecond.  Mutator 2: 100 stops of 500 us. */
START_TEST(kinds_and_mutators_are_told_apart)
{
    static struct held held[300];
    for (unsigned i = 0; i < 200; i++)
        held[i] = at(1000 * i, i + 1, 1, HELD_ASSIST);
    for (unsigned i = 0; i < 100; i++)
        held[200 + i] = at(400000 + 1000 * i, 500, 2, HELD_STOP);
    n_said = 0;
    held_print(held, 300, stretch);
    says("holds", 300);
    says("held_ms_max", 0.5);
    says("assist_n", 200);
    says("assist_us_p50", 100);
    says("assist_us_p99", 198);
    says("assist_us_max", 200);
    says("stop_n", 100);
    says("stop_us_p99", 500);
    says("mutator_us_p99", 500);
    says("mmu_all_10ms", 0.5);
    ck_assert(!is_said("held_us_p999"));
    says("held_above@0.1", 200);
}
END_TEST

START_TEST(p999_needs_ten_thousand)
{
    static struct held held[10000];
    for (unsigned i = 0; i < 10000; i++)
        held[i] = at(50 * i, i < 9985 ? 2 : 40, 0, HELD_BARRIER);
    n_said = 0;
    held_print(held, 9999, stretch);
    ck_assert(!is_said("barrier_us_p999"));
    n_said = 0;
    held_print(held, 10000, stretch);
    says("barrier_us_p99", 2);
    says("barrier_us_p999", 40);
    says("held_us_p999", 40);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        overlapping_pauses_are_united,
        what_lies_outside_the_stretch_does_not_count,
        kinds_and_mutators_are_told_apart,
        p999_needs_ten_thousand,
    };
    return run_tests("held", tests, sizeof tests / sizeof *tests);
}
