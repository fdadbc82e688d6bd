/* soak.c MINUTES - random programs in all modes, for as long as is wished (./run soak).
 *
 * Fails if the oracle finds an object missing or one too many, if the process grows, or if stops
 * become longer: from the first third of the time to the last, in which the same modes and numbers
 * of threads come in the same order.  Each line names the seed of its program; BESOM_TEST_SEED and
 * the same minutes repeat a run. */
#include "oracle_crew.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const modes[] = {
    "mode=stw",
    "mode=incremental",
    "mode=concurrent",
    "mode=stw,generational,nursery=64k",
    "mode=incremental,generational,nursery=64k",
    "mode=concurrent,generational,nursery=64k",
    "mode=concurrent,concurrent_threads=3",
};
static const char *const extras[] = {"", ",slow", ",stress=17,verify", ",verify,poison"};
enum { MODES = sizeof modes / sizeof *modes, EXTRAS = sizeof extras / sizeof *extras };

/* Of a third of the time. */
struct third {
    size_t rss_sum, rss_max, programs;
    uint64_t stop_ns, stops, longest_stop_ns;
};

static double minutes;

static void play_one(size_t i, uint64_t seed, struct third *third)
{
    char options[160];
    const char *extra = extras[i / MODES % EXTRAS];
    unsigned threads = 1 + (unsigned)(i * 3 % CREW_MAX);
    bool plain = !extra[0];
    snprintf(options, sizeof options, "heap_min=512k,pace=sqrt,%s%s", modes[i % MODES], extra);
    const struct oracle_variant variant = {.name = options,
                                           .options = options,
                                           .delays = !plain,
                                           .alloc_fails = i % 5 == 4 && !plain ? 4 : 0};
    struct rng rng = {seed};
    struct crew_tally tally = {0};
    crew_play(&variant, &rng, threads, test_ops(12000), now_ns() + UINT64_C(4000000000), &tally);
    size_t rss = rss_bytes();
    third->programs++;
    third->rss_sum += rss;
    if (rss > third->rss_max)
        third->rss_max = rss;
    /* What the debug options add to stops is not the collector's. */
    if (plain) {
        third->stop_ns += tally.stop_ns;
        third->stops += tally.stops;
        if (tally.longest_stop_ns > third->longest_stop_ns)
            third->longest_stop_ns = tally.longest_stop_ns;
    }
    printf("%zu: seed %llu, %s, %u threads: %llu operations, %llu cycles, %llu comparisons, "
           "%zu KiB resident\n",
           i, (unsigned long long)seed, options, threads, (unsigned long long)tally.ops,
           (unsigned long long)tally.cycles, (unsigned long long)tally.comparisons, rss >> 10);
    fflush(stdout);
}

static double mean_stop_us(const struct third *third)
{
    return third->stops ? (double)third->stop_ns / (double)third->stops / 1e3 : 0;
}

static size_t mean_rss(const struct third *third)
{
    return third->programs ? third->rss_sum / third->programs : 0;
}

static void report(const struct third thirds[3])
{
    for (int i = 0; i < 3; i++)
        printf("third %d: %zu programs, mean %zu KiB resident, at most %zu; mean stop %.1f us, "
               "longest %.1f us\n",
               i + 1, thirds[i].programs, mean_rss(&thirds[i]) >> 10, thirds[i].rss_max >> 10,
               mean_stop_us(&thirds[i]), (double)thirds[i].longest_stop_ns / 1e3);
    fflush(stdout);
}

START_TEST(nothing_is_missed_nothing_grows)
{
    struct rng rng = {test_seed()};
    struct third thirds[3] = {{0}};
    uint64_t began_ns = now_ns(), third_ns = (uint64_t)(minutes * 20e9);
    for (size_t i = 0;; i++) {
        uint64_t third = (now_ns() - began_ns) / third_ns;
        if (third > 2)
            break;
        play_one(i, rng_next(&rng), &thirds[third]);
    }
    report(thirds);
    ck_assert_uint_gt(thirds[0].programs, 0);
    ck_assert_uint_gt(thirds[2].programs, 0);
    size_t rss_most = mean_rss(&thirds[0]) / 4 * 5 + (16 << 20);
    double stop_most = mean_stop_us(&thirds[0]) * 2 + 1000;
    ck_assert_uint_le(mean_rss(&thirds[2]), rss_most);
    ck_assert_msg(mean_stop_us(&thirds[2]) <= stop_most, "stops have become longer");
}
END_TEST

int main(int argc, char **argv)
{
    minutes = argc > 1 ? atof(argv[1]) : 30;
    if (argc > 2 || !(minutes > 0)) {
        fprintf(stderr, "usage: soak [MINUTES]\n");
        return 2;
    }
    Suite *suite = suite_create("soak");
    TCase *tcase = tcase_create("soak");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, nothing_is_missed_nothing_grows);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
