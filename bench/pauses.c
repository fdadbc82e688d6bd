/* pauses.c - prints the figures of a stretch of time. */
#include "bench/pauses.h"

#include "bench/mmu.h"
#include "bench/stats.h"
#include "bench/worker.h"

#include <stdio.h>

static const double window_ms = 10;

/* A percentile as a figure, in units of so many ns, if there are enough events for it. */
static void print_percentile(const char *metric, const struct histogram *ns, double per_mille,
                             double unit_ns)
{
    if (stats_tells(ns->count, per_mille))
        worker_value(metric, (double)histogram_percentile(ns, per_mille) / unit_ns);
}

/* 1, 2, 5, 10, ..: the step after `value`. */
static double next_step(double value)
{
    double leading = value;
    while (leading >= 9.5)
        leading /= 10;
    while (leading < 0.95)
        leading *= 10;
    return leading > 1.5 && leading < 3 ? value * 2.5 : value * 2;
}

void pauses_print_above(const char *curve, const struct histogram *ns)
{
    for (double ms = 0.001; ms < 1.1e4; ms = next_step(ms)) {
        const uint64_t above = histogram_above(ns, (uint64_t)(ms * 1e6 + 0.5));
        worker_point(curve, ms, (double)above);
        if (above == 0)
            break;
    }
}

/* Of a window of 10 ms, under that name, if the stretch is as long. */
static void begin_utilization(struct mmu *mmu, const struct interval *pauses, size_t n,
                              struct interval stretch, const char *name)
{
    if (!mmu_init(mmu, pauses, n, stretch))
        worker_fail("out of memory for the utilization");
    if (window_ms * 1e6 <= mmu->length)
        worker_value(name, mmu_at(mmu, window_ms * 1e6));
}

void pauses_print_utilization(const struct interval *pauses, size_t n, struct interval stretch,
                              const char *which)
{
    struct mmu mmu;
    char value[32], least[16], bounded[16];
    snprintf(value, sizeof value, "mmu%s_10ms", which[0] ? "_all" : "");
    snprintf(least, sizeof least, "mmu%s", which);
    snprintf(bounded, sizeof bounded, "bmu%s", which);
    begin_utilization(&mmu, pauses, n, stretch, value);
    for (double ms = 0.1; ms < 1.1e4 && ms * 1e6 <= mmu.length; ms = next_step(ms)) {
        worker_point(least, ms, mmu_at(&mmu, ms * 1e6));
        worker_point(bounded, ms, mmu_bounded_at(&mmu, ms * 1e6));
    }
    mmu_fini(&mmu);
}

void pauses_print_stops(struct record *record, struct interval stretch)
{
    static struct histogram ns;
    ns = (struct histogram){0};
    const size_t n = record_count(record);
    for (size_t i = 0; i < n; i++)
        histogram_add(&ns, record->stops[i].end_ns - record->stops[i].begin_ns);
    worker_value("stops", (double)n);
    worker_value("stop_ms_max", (double)ns.max / 1e6);
    print_percentile("stop_ms_p50", &ns, 500, 1e6);
    print_percentile("stop_ms_p99", &ns, 990, 1e6);
    pauses_print_above("stops_above", &ns);
    pauses_print_utilization(record->stops, n, stretch, "");
}

void pauses_print_operations(const struct histogram *op_ns)
{
    worker_value("op_ms_max", (double)op_ns->max / 1e6);
    print_percentile("op_us_p99", op_ns, 990, 1e3);
    print_percentile("op_us_p999", op_ns, 999, 1e3);
    pauses_print_above("ops_above", op_ns);
}

void pauses_print_slow_operations(struct record *slow, struct interval stretch)
{
    struct mmu mmu;
    begin_utilization(&mmu, slow->stops, record_count(slow), stretch, "op_mmu_10ms");
    mmu_fini(&mmu);
}

void pauses_print_reach(struct record *record)
{
    static struct histogram ns;
    ns = (struct histogram){0};
    const size_t n = record_count(record);
    for (size_t i = 0; i < n; i++)
        histogram_add(&ns, record->reach_ns[i]);
    if (n == 0)
        return;
    print_percentile("reach_us_p50", &ns, 500, 1e3);
    print_percentile("reach_us_p99", &ns, 990, 1e3);
    worker_value("reach_us_max", (double)ns.max / 1e3);
}
