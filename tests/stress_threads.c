/* stress_threads.c - random programs of several threads in one heap, see oracle_crew.h. */
#include "oracle_crew.h"

#include <stdio.h>

enum { OPERATIONS = 300000 };

static void run_crew(unsigned n)
{
    const struct oracle_variant variant = {.name = "threads"};
    struct rng rng = {test_seed() + n};
    struct crew_tally tally = {0};
    crew_play(&variant, &rng, n, test_ops(OPERATIONS) / 3, oracle_deadline_ns(), &tally);
    printf("oracle with %u threads: %llu operations, %llu comparisons\n", n,
           (unsigned long long)tally.ops, (unsigned long long)tally.comparisons);
    fflush(stdout);
}

START_TEST(survivors_are_what_two_threads_reach)
{
    run_crew(2);
}
END_TEST

START_TEST(survivors_are_what_three_to_seven_threads_reach)
{
    run_crew(3 + (unsigned)(test_seed() % 5));
}
END_TEST

START_TEST(survivors_are_what_eight_threads_reach)
{
    run_crew(8);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        survivors_are_what_two_threads_reach,
        survivors_are_what_three_to_seven_threads_reach,
        survivors_are_what_eight_threads_reach,
    };
    test_seed();
    return run_tests("threads", tests, sizeof tests / sizeof *tests);
}
