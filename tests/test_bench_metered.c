/* test_bench_metered.c - latencies on known schedules; what a stall adds to them is not left out. */
#include "bench/histogram.h"
#include "bench/metered.h"

#include "support.h"

#include <string.h>

enum { N = 1000, PERIOD_NS = 1000, SERVICE_NS = 100, START_NS = 5000 };

static struct interval served[N];
static uint64_t latency[N];
static struct histogram h;

/* Serves N requests in order, none before it is due; the one numbered `stalled` takes stall_ns longer. */
static void serve(size_t stalled, uint64_t stall_ns)
{
    uint64_t now = START_NS;
    for (size_t i = 0; i < N; i++) {
        const uint64_t due = metered_due(START_NS, PERIOD_NS, i);
        now = now > due ? now : due;
        served[i].begin_ns = now;
        now += SERVICE_NS + (i == stalled ? stall_ns : 0);
        served[i].end_ns = now;
    }
}

static void compute_simple(void)
{
    for (size_t i = 0; i < N; i++)
        latency[i] = metered_simple(served[i], metered_due(START_NS, PERIOD_NS, i));
}

static const struct histogram *counted(void)
{
    memset(&h, 0, sizeof h);
    for (size_t i = 0; i < N; i++)
        histogram_add(&h, latency[i]);
    return &h;
}

START_TEST(without_a_stall_all_latencies_are_the_service_time)
{
    serve(N, 0);
    compute_simple();
    for (size_t i = 0; i < N; i++)
        ck_assert_uint_eq(latency[i], SERVICE_NS);
    metered_window(served, N, 100 * PERIOD_NS, latency);
    for (size_t i = 0; i < N; i++)
        ck_assert_uint_eq(latency[i], SERVICE_NS);
}
END_TEST

/* A stall of 90 periods: each of the requests that were due in it waited for the rest of it, and for
 * those before it; the queue shrinks by 900 ns a request, and is gone after 100. */
START_TEST(stall_delays_all_that_were_due_in_it)
{
    serve(400, 90 * PERIOD_NS);
    compute_simple();
    for (uint64_t i = 0; i < N; i++) {
        uint64_t wanted = SERVICE_NS;
        if (i >= 400 && i < 500)
            wanted = SERVICE_NS + 90 * PERIOD_NS - (i - 400) * (PERIOD_NS - SERVICE_NS);
        ck_assert_msg(latency[i] == wanted, "request %u: %u, not %u", (unsigned)i,
                      (unsigned)latency[i], (unsigned)wanted);
    }
}
END_TEST

/* Coordinated omission: by service times one request in a thousand was slow, so that p99 knows nothing
 * of the 90 periods in which nothing was served. */
START_TEST(service_times_omit_what_simple_latencies_show)
{
    serve(400, 90 * PERIOD_NS);
    metered_window(served, N, 0, latency);
    const uint64_t by_service = histogram_percentile(counted(), 990);
    ck_assert_uint_eq(by_service, SERVICE_NS);
    ck_assert_uint_eq(histogram_above(&h, 2 * SERVICE_NS), 1);
    compute_simple();
    ck_assert_uint_gt(histogram_percentile(counted(), 990), 80 * PERIOD_NS);
    ck_assert_uint_eq(histogram_above(&h, 2 * SERVICE_NS), 100);
    metered_window(served, N, 200 * PERIOD_NS, latency);
    ck_assert_uint_gt(histogram_percentile(counted(), 990), 10 * PERIOD_NS);
    ck_assert_uint_gt(histogram_above(&h, 2 * SERVICE_NS), 50);
}
END_TEST

START_TEST(window_of_zero_is_the_service_time)
{
    serve(400, 90 * PERIOD_NS);
    metered_window(served, N, 0, latency);
    for (size_t i = 0; i < N; i++)
        ck_assert_uint_eq(latency[i], served[i].end_ns - served[i].begin_ns);
}
END_TEST

/* By hand: begins 0, 10, 20, 50, 60, 70 and a window of 40; the halves are cut to 0, 10, 20, 20, 10, 0,
 * the means are 0, 10, 10 (of 0 to 20), 60 (of 50 to 70), 60, 70. */
START_TEST(known_begins_are_smoothed_by_hand)
{
    const uint64_t begins[] = {0, 10, 20, 50, 60, 70};
    const uint64_t wanted[] = {5, 5, 15, 5, 5, 5};
    for (size_t i = 0; i < 6; i++)
        served[i] = (struct interval){begins[i], begins[i] + 5};
    metered_window(served, 6, 40, latency);
    for (size_t i = 0; i < 6; i++)
        ck_assert_msg(latency[i] == wanted[i], "request %u: %u, not %u", (unsigned)i,
                      (unsigned)latency[i], (unsigned)wanted[i]);
}
END_TEST

/* Beside the definition, computed anew for every request. */
START_TEST(moving_window_is_that_of_the_definition)
{
    uint32_t seed = 7;
    uint64_t now = 0;
    for (size_t i = 0; i < N; i++) {
        seed = seed * 1664525 + 1013904223;
        now += seed >> 28 ? seed >> 24 : 5000;
        served[i] = (struct interval){now, now + 50};
    }
    for (uint64_t window = 1; window < 1000000; window *= 7) {
        metered_window(served, N, window, latency);
        for (size_t i = 0; i < N; i++) {
            const uint64_t at = served[i].begin_ns, before = at - served[0].begin_ns;
            const uint64_t after = served[N - 1].begin_ns - at;
            uint64_t half = window / 2 < before ? window / 2 : before;
            half = half < after ? half : after;
            double sum = 0, n = 0;
            for (size_t j = 0; j < N; j++) {
                const uint64_t other = served[j].begin_ns;
                if (other + half >= at && other <= at + half) {
                    sum += (double)other;
                    n++;
                }
            }
            const uint64_t mean = (uint64_t)(sum / n + 0.5);
            ck_assert_uint_eq(latency[i], served[i].end_ns - (mean < at ? mean : at));
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        without_a_stall_all_latencies_are_the_service_time,
        stall_delays_all_that_were_due_in_it,
        service_times_omit_what_simple_latencies_show,
        window_of_zero_is_the_service_time,
        known_begins_are_smoothed_by_hand,
        moving_window_is_that_of_the_definition,
    };
    return run_tests("metered", tests, sizeof tests / sizeof *tests);
}
