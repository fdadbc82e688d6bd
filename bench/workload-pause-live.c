/* workload-pause-live.c - how long a program with much live data is kept waiting.
 *
 * The live set: objects of 32 bytes, each with references to two others of the set at random, found
 * through a directory under one root.  Then, for some seconds, operations: a poll, 20 new objects
 * of 32 bytes, each in place of the oldest in a window of 1000, and one store of a reference into
 * a random object of the live set.  The stores take turns: one of the newest object, and one that
 * puts a random live object back where, 512 such stores ago, a new one was put; so that old objects
 * refer to young ones, and the live set stays as large as it is.
 *
 * Every operation is timed, by one look at the clock between two of them; what a look and its
 * counting cost is measured before, and taken out of ns_per_object, but not of the operations.  The
 * stops are what the collector tells; an operation of more than 10 us counts as a pause besides, in
 * op_mmu_10ms.  A thread that only sleeps records the machine's noise, before and beside it all. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/directory.h"
#include "bench/hiccup.h"
#include "bench/linked.h"
#include "bench/pauses.h"
#include "bench/random.h"

enum {
    NEW_OBJECTS = 20, /* in an operation */
    WINDOW = 1000,
    LENT = 512, /* live objects that refer to one of the window */
    SLOW_NS = 10000,
    STOPS_ROOM = 1 << 21,
    SLOW_ROOM = 1 << 22,
    PROBES = 100000
};

static const struct mem_type object_type = {
    .layout = {.name = "object",
               .size_bytes = sizeof(struct object),
               .fields = object_fields,
               .n_fields = 2},
    .index = 1,
};
static const struct mem_type *const types[] = {&page_type, &object_type};

struct program {
    struct mem m;
    struct mem_roots top; /* the directory */
    struct mem_roots window;
    uint64_t n; /* live objects */
    struct random random;
    size_t oldest;       /* in the window */
    uint64_t lent[LENT]; /* numbers of live objects, a ring; at first all of them 0 */
    uint64_t operations;
    struct record record, slow;
};

static struct histogram op_ns;
static struct hiccup hiccup;

static struct object *live_at(const struct program *p, uint64_t i)
{
    return directory_get(p->top.slot[0], i);
}

static struct object *live_random(struct program *p)
{
    return live_at(p, random_below(&p->random, p->n));
}

/* ---- the live set ---- */

static inline struct object *object_new(struct mem m, struct object *first, uint64_t number)
{
    struct object *obj = mem_new(m, &object_type);
    obj->first = first;
    obj->second = NULL;
    obj->number = number;
    return obj;
}

static void build(struct program *p)
{
    p->top.slot[0] = directory_new(p->m);
    for (uint64_t i = 0; i < p->n; i++) {
        mem_poll(p->m);
        directory_put(p->m, p->top.slot[0], i, object_new(p->m, NULL, i));
    }
    for (uint64_t i = 0; i < p->n; i++) {
        mem_poll(p->m);
        struct object *obj = live_at(p, i);
        mem_store(p->m, obj, &obj->first, live_random(p));
        mem_store(p->m, obj, &obj->second, live_random(p));
    }
}

static uint64_t live_sum(const struct program *p)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < p->n; i++) {
        const struct object *obj = live_at(p, i);
        sum = sum * 31 + obj->first->number + 7 * obj->second->number;
    }
    return sum;
}

/* ---- operations ---- */

static inline void allocate(struct program *p)
{
    void **const slot = p->window.slot;
    for (uint64_t i = 0; i < NEW_OBJECTS; i++) {
        const size_t at = p->oldest;
        slot[at] = object_new(p->m, at & 1 ? slot[at - 1] : NULL, p->operations);
        p->oldest = at + 1 == WINDOW ? 0 : at + 1;
    }
}

static inline void operate(struct program *p)
{
    mem_poll(p->m);
    allocate(p);
    const size_t turn = p->operations / 2 % LENT;
    if (p->operations % 2 == 0) {
        const size_t newest = p->oldest == 0 ? WINDOW - 1 : p->oldest - 1;
        p->lent[turn] = random_below(&p->random, p->n);
        struct object *obj = live_at(p, p->lent[turn]);
        mem_store(p->m, obj, &obj->first, p->window.slot[newest]);
    } else {
        struct object *obj = live_at(p, p->lent[(turn + 1) % LENT]);
        mem_store(p->m, obj, &obj->first, live_random(p));
    }
    p->operations++;
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
    for (int i = 0; i < 2 * LENT; i++)
        operate(p);
    mem_collect(p->m);
    return mem_live_bytes(p->m);
}

static void run(struct program *p, double seconds)
{
    const uint64_t exact_bytes = exact_live_bytes(p);
    const double timing_ns = probe_ns();
    watch_idle(p->m, seconds < 20 ? seconds / 10 : 2);

    const uint64_t collections = mem_collections(p->m);
    p->operations = 0;
    record_clear(&p->record);
    hiccup_start(&hiccup);
    const struct interval stretch = measure(p, seconds);
    hiccup_stop(&hiccup, "beside");

    const double took_ns = (double)(stretch.end_ns - stretch.begin_ns);
    const double operations = (double)p->operations;
    pauses_print_stops(&p->record, stretch);
    pauses_print_operations(&op_ns);
    pauses_print_slow_operations(&p->slow, stretch);
    worker_value("ns_per_object", (took_ns / operations - timing_ns) / NEW_OBJECTS);
    worker_value("timing_ns", timing_ns);
    worker_value("collections", (double)(mem_collections(p->m) - collections));
    const uint64_t counted_bytes = record_live_max_bytes(&p->record);
    if (exact_bytes != 0 && counted_bytes != 0)
        worker_value("floating_fraction", (double)counted_bytes / (double)exact_bytes - 1);
}

void workload_pause_live(const struct params *params)
{
    static struct program program;
    struct program *const p = &program;
    p->n = params_count(params, "live_bytes") / sizeof(struct object);
    if (p->n < 1 || p->n > (uint64_t)PAGE_SLOTS * PAGE_SLOTS * PAGE_SLOTS)
        worker_fail("live_bytes must be 32 .. 4244832000");
    record_init(&p->record, STOPS_ROOM);
    record_init(&p->slow, SLOW_ROOM);
    struct mem_config config = {.record = &p->record,
                                .mode = params_text(params, "mode", ""),
                                .types = types,
                                .n_types = sizeof types / sizeof types[0]};
    p->m = mem_open(&config);
    p->top = mem_roots_new(p->m, 1);
    p->window = mem_roots_new(p->m, WINDOW);
    build(p);
    worker_check(live_sum(p));
    run(p, params_real(params, "seconds"));
    worker_value("peak_rss_bytes", (double)worker_peak_rss_bytes());
    mem_roots_free(p->m, p->window);
    mem_roots_free(p->m, p->top);
    mem_close(p->m);
    record_fini(&p->slow);
    record_fini(&p->record);
}
