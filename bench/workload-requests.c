/* workload-requests.c - how long requests wait that come whether or not the program can serve them.
 *
 * An open loop: a request is due every 1 / `rate` seconds, however far the program is behind, beside
 * a live set (live.h).  A request is ten operations on that, with 20 new objects each.  The thread
 * that serves them polls and looks at the clock until one is due, as a loop over events does
 * that has nothing to do; those that came while it could not serve are served at once, one after the
 * other.  When each began and ended is kept, and metered.h says what latencies come of that.
 *
 * The service time alone is printed beside them: what a closed loop would have reported. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/hiccup.h"
#include "bench/holding.h"
#include "bench/live.h"
#include "bench/metered.h"
#include "bench/pauses.h"
#include "bench/stats.h"

#include <stdio.h>

enum { OPERATIONS = 10, NEW_OBJECTS = 20, STOPS_ROOM = 1 << 20 };

struct server {
    struct live live;
    uint64_t period_ns, window_ns;
    size_t n;                /* requests */
    struct interval *served; /* of each */
    uint64_t *latency_ns;
    struct record record;
};

static struct histogram ns;
static struct hiccup hiccup;

static void wait_until(struct mem m, uint64_t due_ns)
{
    while (clock_ns() < due_ns)
        mem_poll(m);
}

static struct interval serve(struct server *s, size_t n)
{
    const uint64_t start_ns = clock_ns() + s->period_ns;
    for (size_t i = 0; i < n; i++) {
        wait_until(s->live.m, metered_due(start_ns, s->period_ns, i));
        s->served[i].begin_ns = clock_ns();
        for (int j = 0; j < OPERATIONS; j++)
            live_operate(&s->live, NEW_OBJECTS);
        s->served[i].end_ns = clock_ns();
    }
    return (struct interval){start_ns, s->served[n - 1].end_ns};
}

/* The figures of the latencies in s->latency_ns. */
static void print_latency(const struct server *s, const char *which, const char *curve)
{
    static const struct {
        const char *name;
        double per_mille;
    } percentiles[] = {{"p50", 500}, {"p99", 990}, {"p999", 999}};
    char name[32];
    ns = (struct histogram){0};
    for (size_t i = 0; i < s->n; i++)
        histogram_add(&ns, s->latency_ns[i]);
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++) {
        if (!stats_tells(ns.count, percentiles[i].per_mille))
            continue;
        snprintf(name, sizeof name, "%s_us_%s", which, percentiles[i].name);
        worker_value(name, (double)histogram_percentile(&ns, percentiles[i].per_mille) / 1e3);
    }
    snprintf(name, sizeof name, "%s_ms_max", which);
    worker_value(name, (double)ns.max / 1e6);
    pauses_print_above(curve, &ns);
}

/* The fraction of requests that were not begun within a period of when they were due. */
static double missed(const struct server *s, uint64_t start_ns)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->served[i].begin_ns > metered_due(start_ns, s->period_ns, i + 1);
    return (double)n / (double)s->n;
}

static void report(struct server *s, struct interval stretch)
{
    for (size_t i = 0; i < s->n; i++)
        s->latency_ns[i] =
            metered_simple(s->served[i], metered_due(stretch.begin_ns, s->period_ns, i));
    print_latency(s, "simple", "latency-simple");
    metered_window(s->served, s->n, s->window_ns, s->latency_ns);
    print_latency(s, "metered", "latency-metered");
    for (size_t i = 0; i < s->n; i++)
        s->latency_ns[i] = s->served[i].end_ns - s->served[i].begin_ns;
    print_latency(s, "service", "latency-service");
    const double seconds = (double)(stretch.end_ns - stretch.begin_ns) / 1e9;
    worker_value("missed_fraction", missed(s, stretch.begin_ns));
    worker_value("served_per_second", (double)s->n / seconds);
}

static void watch_idle(struct mem m)
{
    const struct timespec nap = {0, 200000000};
    hiccup_start(&hiccup);
    mem_wait_begin(m);
    nanosleep(&nap, NULL);
    mem_wait_end(m);
    hiccup_stop(&hiccup, "idle");
}

/* Room for all requests, written to, so that no page of it is new when one is served. */
static void reserve(struct server *s)
{
    s->served = malloc(s->n * sizeof *s->served);
    s->latency_ns = calloc(s->n, sizeof *s->latency_ns);
    if (!s->served || !s->latency_ns)
        worker_fail("out of memory for the requests");
    for (size_t i = 0; i < s->n; i++)
        s->served[i] = (struct interval){1, 1};
}

static void run(struct server *s, size_t pauses)
{
    const size_t first = s->n / 20 + 1; /* what is met for the first time is not measured */
    mem_collect(s->live.m);
    watch_idle(s->live.m);
    serve(s, first);
    const uint64_t collections = mem_collections(s->live.m);
    record_clear(&s->record);
    hiccup_start(&hiccup);
    const struct interval stretch = serve(s, s->n);
    hiccup_stop(&hiccup, "beside");
    report(s, stretch);
    pauses_print_stops(&s->record, stretch);
    holding_print(s->live.m, pauses, stretch);
    worker_value("collections", (double)(mem_collections(s->live.m) - collections));
}

void workload_requests(const struct params *params)
{
    static struct server server;
    struct server *const s = &server;
    const double rate = params_real(params, "rate"), seconds = params_real(params, "seconds");
    const double window_ms = params_real(params, "window_ms");
    if (!(rate >= 1 && rate <= 1e7) ||
        !(seconds > 0 && rate * seconds >= 100 && rate * seconds < 1e8))
        worker_fail("rate must be 1 .. 10000000 a second, and make 100 to 10^8 requests");
    if (!(window_ms >= 0 && window_ms < 1e7))
        worker_fail("window_ms must be 0 .. 10000000");
    s->period_ns = (uint64_t)(1e9 / rate);
    s->window_ns = (uint64_t)(window_ms * 1e6);
    s->n = (size_t)(rate * seconds);
    const size_t pauses = params_limit(params, "pauses");
    reserve(s);
    record_init(&s->record, STOPS_ROOM);
    struct mem_config config = {.record = &s->record,
                                .mode = params_text(params, "mode", ""),
                                .pauses = pauses,
                                .types = live_types,
                                .n_types = sizeof live_types / sizeof live_types[0]};
    struct mem m = mem_open(&config);
    live_init(&s->live, m, params_count(params, "live_bytes"));
    run(s, pauses);
    worker_value("peak_rss_bytes", (double)worker_peak_rss_bytes());
    live_fini(&s->live);
    mem_close(m);
    record_fini(&s->record);
    free(s->latency_ns);
    free(s->served);
}
