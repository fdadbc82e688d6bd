/* workload-weak-stop.c - do weak structures make the stops of a collector longer?
 *
 * Keys and values live in a directory; with `weak=1` they are entries of a table with weak keys too.
 * In each round objects die (`finalizable`), which with `weak=1` have finalizers.  The objects are
 * the same with and without; the difference is what the weak structures do.  A round has two
 * parts, each with a batch of its own that dies:
 *   churn     small objects are made and dropped until two cycles have ended, begun as the
 *             collector likes: stop_ms is the longest stop meanwhile
 *   collect   a full collection: collect_stop_ms is its longest stop
 * The medians of the rounds are the figures, and stop_ms_max is the longest stop of all churning. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/directory.h"
#include "bench/item.h"
#include "bench/stats.h"
#include "bench/weak.h"

enum { ROUNDS = 5, BATCH = 256, CYCLES = 2, PATIENCE_S = 15, STOPS_ROOM = 1 << 20 };

static const struct mem_type numbered_item = {
    .layout = {.name = "item", .size_bytes = sizeof(struct item), .flags = BESOM_LEAF},
    .index = 1,
};
static const struct mem_type *const types[] = {&page_type, &numbered_item};

struct program {
    struct mem m;
    struct mem_roots top; /* of the living, the dying, and the map */
    bool is_weak;
    struct record record;
    uint64_t heard;
};

enum { LIVING, DYING, MAP, ROOTS };

static struct item *new_item(struct mem m, uint64_t number)
{
    struct item *item = mem_new(m, &numbered_item);
    item->number = number;
    return item;
}

/* n items under the root, in a directory of their own. */
static void items_new(struct program *p, int root, size_t n)
{
    p->top.slot[root] = directory_new(p->m);
    for (size_t i = 0; i < n; i++) {
        mem_poll(p->m);
        directory_put(p->m, p->top.slot[root], i, new_item(p->m, i));
    }
}

static void map_new(struct program *p, size_t entries)
{
    p->top.slot[MAP] = weak_map_new(p->m);
    for (size_t i = 0; i < entries; i++) {
        mem_poll(p->m);
        const struct page *living = p->top.slot[LIVING];
        weak_map_put(p->m, p->top.slot[MAP], directory_get(living, i),
                     directory_get(living, entries + i));
    }
}

/* Objects that nothing holds any more, registered if that is what is measured. */
static void make_dying(struct program *p, size_t n)
{
    items_new(p, DYING, n);
    for (size_t i = 0; p->is_weak && i < n; i++) {
        mem_poll(p->m);
        weak_finalizer_add(p->m, directory_get(p->top.slot[DYING], i));
    }
    p->top.slot[DYING] = NULL;
}

static void hear(void *obj, void *data)
{
    (void)obj;
    ++*(uint64_t *)data;
}

static void churn(struct program *p)
{
    const uint64_t enough = mem_collections(p->m) + CYCLES;
    const uint64_t until = clock_ns() + PATIENCE_S * (uint64_t)1000000000;
    do {
        for (uint64_t i = 0; i < BATCH; i++) {
            mem_poll(p->m);
            new_item(p->m, i);
        }
        weak_finalize(p->m, hear, &p->heard);
        if (clock_ns() > until)
            worker_fail("two cycles have not ended within 15 s of churning");
    } while (mem_collections(p->m) < enough);
}

/* In ms; also forgets the stops. */
static double longest_stop(struct program *p)
{
    uint64_t longest_ns = 0;
    const size_t n = record_count(&p->record);
    for (size_t i = 0; i < n; i++) {
        const uint64_t took = p->record.stops[i].end_ns - p->record.stops[i].begin_ns;
        longest_ns = took > longest_ns ? took : longest_ns;
    }
    record_clear(&p->record);
    return (double)longest_ns / 1e6;
}

static void measure(struct program *p, size_t finalizable)
{
    double churning[ROUNDS], collecting[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        make_dying(p, finalizable);
        record_clear(&p->record);
        churn(p);
        churning[i] = longest_stop(p);
        make_dying(p, finalizable);
        record_clear(&p->record);
        mem_collect(p->m);
        collecting[i] = longest_stop(p);
        weak_finalize(p->m, hear, &p->heard);
    }
    const struct summary churned = stats_summary(churning, ROUNDS);
    worker_value("stop_ms", churned.median);
    worker_value("stop_ms_max", churned.max);
    worker_value("collect_stop_ms", stats_summary(collecting, ROUNDS).median);
    if (p->is_weak && p->heard != 2 * ROUNDS * finalizable)
        worker_fail("not every finalizer has been heard of");
}

void workload_weak_stop(const struct params *params)
{
    const size_t entries = params_count(params, "entries");
    static struct program program;
    struct program *const p = &program;
    p->is_weak = params_count(params, "weak") != 0;
    record_init(&p->record, STOPS_ROOM);
    struct mem_config config = {.record = &p->record,
                                .mode = params_text(params, "mode", ""),
                                .types = types,
                                .n_types = sizeof types / sizeof types[0]};
    p->m = mem_open(&config);
    p->top = mem_roots_new(p->m, ROOTS);
    items_new(p, LIVING, 2 * entries);
    if (p->is_weak)
        map_new(p, entries);
    measure(p, params_count(params, "finalizable"));
    if (p->is_weak && weak_map_count(p->m, p->top.slot[MAP]) != entries)
        worker_fail("entries are missing");
    mem_roots_free(p->m, p->top);
    mem_close(p->m);
    record_fini(&p->record);
}
