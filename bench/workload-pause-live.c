/* workload-pause-live.c - how long a program with much live data is kept waiting.
 *
 * For some seconds, operations on the live set of live.h: each with 20 new objects, and one store.
 *
 * Every operation is timed, by one look at the clock between two of them; what a look and its
 * counting cost is measured before, and taken out of ns_per_object, but not of the operations.  The
 * stops are what the collector tells; an operation of more than 10 us counts as a pause besides, in
 * op_mmu_10ms.  A thread that only sleeps records the machine's noise, before and beside it all. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/hiccup.h"
#include "bench/holding.h"
#include "bench/live.h"
#include "bench/pauses.h"

enum {
    NEW_OBJECTS = 20, /* in an operation */
    SLOW_NS = 10000,
    STOPS_ROOM = 1 << 21,
    SLOW_ROOM = 1 << 22,
    PROBES = 100000
};

struct program {
    struct live live;
    size_t pauses; /* to be kept; 0: none */
    struct record record, slow;
};

static struct histogram op_ns;
static struct hiccup hiccup;

/* ---- operations ---- */

static inline void operate(struct program *p)
{
    live_operate(&p->live, NEW_OBJECTS);
}

static struct interval measure(struct program *p, double seconds)
{
    const uint64_t began = clock_ns(), until = began + (uint64_t)(seconds * 1e9);
    uint64_t before = began;
    while (before < until) {
        operate(p);
        const uint64_t now = clock_ns();
        histogram_add(&op_ns, now - before);
        if (now - before > SLOW_NS)
            record_stop(&p->slow, (struct interval){before, now}, 0);
        before = now;
    }
    return (struct interval){began, before};
}

/* What timing an operation costs. */
static double probe_ns(void)
{
    const uint64_t began = clock_ns();
    uint64_t before = began;
    for (int i = 0; i < PROBES; i++) {
        const uint64_t now = clock_ns();
        histogram_add(&op_ns, now - before);
        before = now;
    }
    op_ns = (struct histogram){0};
    return (double)(before - began) / PROBES;
}

static void rest(struct mem m, double seconds)
{
    const struct timespec nap = {(time_t)seconds,
                                 (long)((seconds - (double)(time_t)seconds) * 1e9)};
    mem_wait_begin(m);
    nanosleep(&nap, NULL);
    mem_wait_end(m);
}

static void watch_idle(struct mem m, double seconds)
{
    hiccup_start(&hiccup);
    rest(m, seconds);
    hiccup_stop(&hiccup, "idle");
}

/* What a full collection finds alive is exact: nothing runs beside it. */
static uint64_t exact_live_bytes(struct program *p)
{
    for (int i = 0; i < 2 * LIVE_LENT; i++)
        operate(p);
    mem_collect(p->live.m);
    return mem_live_bytes(p->live.m);
}

static void run(struct program *p, double seconds)
{
    const uint64_t exact_bytes = exact_live_bytes(p);
    const double timing_ns = probe_ns();
    watch_idle(p->live.m, seconds < 20 ? seconds / 10 : 2);

    const uint64_t collections = mem_collections(p->live.m);
    p->live.operations = 0;
    record_clear(&p->record);
    hiccup_start(&hiccup);
    const struct interval stretch = measure(p, seconds);
    hiccup_stop(&hiccup, "beside");

    const double took_ns = (double)(stretch.end_ns - stretch.begin_ns);
    const double operations = (double)p->live.operations;
    pauses_print_stops(&p->record, stretch);
    pauses_print_operations(&op_ns);
    pauses_print_slow_operations(&p->slow, stretch);
    holding_print(p->live.m, p->pauses, stretch);
    worker_value("ns_per_object", (took_ns / operations - timing_ns) / NEW_OBJECTS);
    worker_value("timing_ns", timing_ns);
    worker_value("collections", (double)(mem_collections(p->live.m) - collections));
    const uint64_t counted_bytes = record_live_max_bytes(&p->record);
    if (exact_bytes != 0 && counted_bytes != 0)
        worker_value("floating_fraction", (double)counted_bytes / (double)exact_bytes - 1);
}

void workload_pause_live(const struct params *params)
{
    static struct program program;
    struct program *const p = &program;
    p->pauses = params_limit(params, "pauses");
    record_init(&p->record, STOPS_ROOM);
    record_init(&p->slow, SLOW_ROOM);
    struct mem_config config = {.record = &p->record,
                                .mode = params_text(params, "mode", ""),
                                .pauses = p->pauses,
                                .types = live_types,
                                .n_types = sizeof live_types / sizeof live_types[0]};
    live_init(&p->live, mem_open(&config), params_count(params, "live_bytes"));
    run(p, params_real(params, "seconds"));
    worker_value("peak_rss_bytes", (double)worker_peak_rss_bytes());
    struct mem m = p->live.m;
    live_fini(&p->live);
    mem_close(m);
    record_fini(&p->slow);
    record_fini(&p->record);
}
