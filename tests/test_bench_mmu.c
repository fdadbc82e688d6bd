/* test_bench_mmu.c - the benchmark program's utilization is that of the definition, on known pauses
 * and beside a search through all windows. */
#include "bench/mmu.h"

#include "support.h"

#include <math.h>
#include <string.h>

enum { LENGTH = 60, PAUSES = 12 }; /* of the stretches that are searched */

static const struct interval second = {1000, 2000};

static double at(const struct interval *pauses, size_t n, struct interval stretch, double window)
{
    struct mmu mmu;
    ck_assert(mmu_init(&mmu, pauses, n, stretch));
    const double found = mmu_at(&mmu, window);
    mmu_fini(&mmu);
    return found;
}

static double bounded_at(const struct interval *pauses, size_t n, struct interval stretch,
                         double window)
{
    struct mmu mmu;
    ck_assert(mmu_init(&mmu, pauses, n, stretch));
    const double found = mmu_bounded_at(&mmu, window);
    mmu_fini(&mmu);
    return found;
}

static void is_near(double found, double wanted)
{
    ck_assert_msg(fabs(found - wanted) < 1e-9, "%.12f, not %.12f", found, wanted);
}

START_TEST(without_pauses_all_is_left_to_the_program)
{
    is_near(at(NULL, 0, second, 10), 1);
    is_near(bounded_at(NULL, 0, second, 1000), 1);
}
END_TEST

START_TEST(a_window_inside_a_pause_leaves_nothing)
{
    const struct interval pause = {1500, 1600};
    is_near(at(&pause, 1, second, 50), 0);
    is_near(at(&pause, 1, second, 100), 0);
    is_near(at(&pause, 1, second, 200), 0.5);
    is_near(at(&pause, 1, second, 1000), 0.9);
}
END_TEST

START_TEST(two_pauses_near_each_other_share_a_window)
{
    const struct interval pauses[] = {{1100, 1110}, {1120, 1130}, {1900, 1910}};
    is_near(at(pauses, 3, second, 20), 0.5);
    is_near(at(pauses, 3, second, 30), 1 - 20.0 / 30);
    is_near(at(pauses, 3, second, 1000), 0.97);
}
END_TEST

START_TEST(pauses_are_cut_to_the_stretch)
{
    const struct interval pauses[] = {{500, 900}, {950, 1010}, {1990, 2500}, {3000, 3100}};
    is_near(at(pauses, 4, second, 1000), 0.98);
    is_near(at(pauses, 4, second, 20), 0.5);
}
END_TEST

START_TEST(windows_stay_inside_the_stretch)
{
    const struct interval pause = {1000, 1010}; /* a window that reached out would leave more */
    is_near(at(&pause, 1, second, 100), 0.9);
    const struct interval last = {1990, 2000};
    is_near(at(&last, 1, second, 100), 0.9);
}
END_TEST

START_TEST(mmu_may_fall_with_a_longer_window_and_bmu_does_not)
{
    /* 10 on, 10 off: 20 of 30 in the window from the first to the second */
    const struct interval pauses[] = {{1100, 1110}, {1120, 1130}};
    is_near(at(pauses, 2, second, 20), 0.5);
    is_near(bounded_at(pauses, 2, second, 20), 1 - 20.0 / 30);
    is_near(bounded_at(pauses, 2, second, 30), 1 - 20.0 / 30);
    is_near(bounded_at(pauses, 2, second, 40), 0.5);
    is_near(bounded_at(pauses, 2, second, 5), 0);
}
END_TEST

/* ---- beside a search through all windows with ends at whole numbers ---- */

/* Bits of the stretch that are paused; pauses get ends at whole numbers. */
static size_t some_pauses(uint64_t *seed, struct interval *pauses, bool *is_paused)
{
    size_t n = 0;
    memset(is_paused, 0, LENGTH * sizeof *is_paused);
    for (uint64_t t = 0; n < PAUSES;) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        t += 1 + (*seed >> 33) % 9;
        const uint64_t end = t + 1 + (*seed >> 45) % 5;
        if (end > LENGTH)
            break;
        pauses[n++] = (struct interval){t, end};
        for (; t < end; t++)
            is_paused[t] = true;
    }
    return n;
}

static double searched(const bool *is_paused, int window)
{
    double least = 1;
    for (int t = 0; t + window <= LENGTH; t++) {
        int left = 0;
        for (int i = t; i < t + window; i++)
            left += !is_paused[i];
        least = fmin(least, (double)left / window);
    }
    return least;
}

START_TEST(both_agree_with_a_search_through_all_windows)
{
    const struct interval stretch = {0, LENGTH};
    struct interval pauses[PAUSES];
    bool is_paused[LENGTH];
    uint64_t seed = 1;
    for (int round = 0; round < 300; round++) {
        const size_t n = some_pauses(&seed, pauses, is_paused);
        double bound = 1;
        for (int window = LENGTH; window >= 1; window--) {
            const double wanted = searched(is_paused, window);
            bound = fmin(bound, wanted);
            is_near(at(pauses, n, stretch, window), wanted);
            is_near(bounded_at(pauses, n, stretch, window), bound);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        without_pauses_all_is_left_to_the_program,
        a_window_inside_a_pause_leaves_nothing,
        two_pauses_near_each_other_share_a_window,
        pauses_are_cut_to_the_stretch,
        windows_stay_inside_the_stretch,
        mmu_may_fall_with_a_longer_window_and_bmu_does_not,
        both_agree_with_a_search_through_all_windows,
    };
    return run_tests("bench_mmu", tests, sizeof tests / sizeof *tests);
}
