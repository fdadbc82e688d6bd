/* adapter-besom.c - Besom, as a host would use it: the other half. */
#include "bench/adapter-besom.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t give_back_ns;
static const struct mem_type *const *types; /* of the workload */
static size_t n_types;

/* Filled by the thread that ends a cycle. */
static struct {
    pthread_mutex_t lock;
    struct record *record; /* NULL: nobody asks */
    bool has_ended;
    bool is_settling;       /* marking has ended, and what finalizers bring back is being found */
    struct mem_cycle cycle; /* of those that have ended and were not told */
} heard = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local bool is_mutator;
/* Of a thread: when it last began a cycle or let the world go, and what it had used by then. */
static _Thread_local uint64_t mark_at_ns, mark_cpu_ns;
static uint64_t stops_cpu_ns; /* changed by all threads */

/* The modes of the contestants, and the options that make them. */
static const struct mode {
    const char *name, *options;
} modes[] = {
    {"stw", "mode=stw"},
    {"incremental", "mode=incremental"},
    {"concurrent", "mode=concurrent"},
    {"generational", "mode=stw,generational=1"},
    {"incremental-generational", "mode=incremental,generational=1"},
    {"concurrent-generational", "mode=concurrent,generational=1"},
};

/* NULL if there is no such mode. */
static const char *options_of(const char *mode)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(modes[i].name, mode) == 0)
            return modes[i].options;
    }
    return NULL;
}

const char *mem_about(const char *mode)
{
    static char text[40 + sizeof((struct besom_report *)0)->text];
    struct besom_config config;
    struct besom_heap *heap;
    struct besom_report report;
    besom_config_init(&config);
    config.options_text = mode[0] ? options_of(mode) : NULL;
    if (mode[0] && !config.options_text) {
        snprintf(text, sizeof text, "failed there is no mode '%s'", mode);
    } else if (besom_heap_new(&config, &heap, &report) != BESOM_OK) {
        snprintf(text, sizeof text, "failed the library says: %s", report.text);
    } else {
        snprintf(text, sizeof text, "besom %s", besom_version());
        besom_heap_free(heap);
    }
    return text;
}

/* The world stood, or a mutator begins a cycle: where that is the first thing done in a stop, what
 * the stop used is known exactly.  Of other stops it is known to be no more than they were long. */
static void account(const struct besom_event *event)
{
    const uint64_t cpu_ns = clock_thread_ns();
    if (event->kind == BESOM_EVENT_STOP) {
        const uint64_t stood_ns = event->duration_ns - event->time_to_stop_ns;
        const uint64_t used_ns = cpu_ns - mark_cpu_ns;
        const bool is_exact = mark_at_ns >= event->at_ns - event->duration_ns;
        __atomic_fetch_add(&stops_cpu_ns, is_exact || used_ns < stood_ns ? used_ns : stood_ns,
                           __ATOMIC_RELAXED);
    }
    mark_at_ns = event->at_ns;
    mark_cpu_ns = cpu_ns;
}

static void hear_cycle(const struct besom_cycle_record *cycle)
{
    pthread_mutex_lock(&heard.lock);
    heard.has_ended = true;
    heard.is_settling = false;
    if (!cycle->minor)
        heard.cycle = (struct mem_cycle){cycle->began_ns, true};
    pthread_mutex_unlock(&heard.lock);
}

static void hear_phase(enum besom_phase phase)
{
    pthread_mutex_lock(&heard.lock);
    heard.is_settling = heard.is_settling || phase == BESOM_WEAK;
    pthread_mutex_unlock(&heard.lock);
}

static void on_event(void *host, const struct besom_event *event)
{
    (void)host;
    struct record *record = heard.record;
    if (is_mutator && (event->kind == BESOM_EVENT_STOP || event->kind == BESOM_EVENT_CYCLE_BEGIN))
        account(event);
    if (event->kind == BESOM_EVENT_CYCLE_END)
        hear_cycle(event->record);
    else if (event->kind == BESOM_EVENT_PHASE_BEGIN)
        hear_phase(event->phase);
    if (!record)
        return;
    if (event->kind == BESOM_EVENT_STOP)
        record_stop(record, (struct interval){event->at_ns - event->duration_ns, event->at_ns},
                    event->time_to_stop_ns);
    else if (event->kind == BESOM_EVENT_CYCLE_END)
        record_live(record, event->live_bytes);
}

struct mem mem_open(const struct mem_config *config)
{
    struct besom_config heap_config;
    besom_config_init(&heap_config);
    char text[200], pauses[40] = "";
    const char *mode = options_of(config->mode);
    if (!mode)
        worker_fail("mode must be stw, incremental, concurrent, generational, "
                    "incremental-generational or concurrent-generational");
    if (config->pauses != 0)
        snprintf(pauses, sizeof pauses, ",pauses=%zu", config->pauses);
    snprintf(text, sizeof text, "%s%s%s%s", mode, pauses, config->options ? "," : "",
             config->options ? config->options : "");
    heap_config.options_text = text;
    types = config->types;
    n_types = config->n_types;
    heard.record = config->record;
    is_mutator = true;
    heap_config.on_event = on_event;
    if (config->heap_bytes != 0)
        heap_config.options.heap_max_bytes = config->heap_bytes;
    if (config->uses_all)
        heap_config.options.pace = BESOM_PACE_FIXED;
    if (config->mark_threads != 0)
        heap_config.options.mark_threads = config->mark_threads;
    give_back_ns = (uint64_t)heap_config.options.give_back_ms * 1000000;

    struct besom_heap *heap;
    struct besom_report report;
    if (besom_heap_new(&heap_config, &heap, &report) != BESOM_OK)
        worker_fail(report.text);
    struct mem m = {besom_attach(heap)};
    if (!m.mutator)
        worker_fail("out of memory");
    return m;
}

void mem_close(struct mem m)
{
    struct besom_heap *heap = besom_heap_of(m.mutator);
    besom_detach(m.mutator);
    besom_heap_free(heap);
}

struct mem mem_attach(struct mem first)
{
    is_mutator = true;
    struct mem m = {besom_attach(besom_heap_of(first.mutator))};
    if (!m.mutator)
        worker_fail("out of memory");
    return m;
}

void mem_detach(struct mem m)
{
    besom_detach(m.mutator);
}

void mem_wait_begin(struct mem m)
{
    besom_native_enter(m.mutator);
}

void mem_wait_end(struct mem m)
{
    besom_native_leave(m.mutator);
}

struct mem_roots mem_roots_new(struct mem m, size_t n)
{
    void **slots = calloc(n, sizeof *slots);
    struct besom_root *root;
    if (!slots || besom_root_range(besom_heap_of(m.mutator), slots, n, "roots", &root) != BESOM_OK)
        worker_fail("out of memory");
    return (struct mem_roots){slots, n, root};
}

void mem_roots_free(struct mem m, struct mem_roots roots)
{
    (void)m;
    besom_root_free(roots.registered);
    free(roots.slot);
}

/* What a collection frees, other mutators may take first. */
void *mem__new_again(struct mem m, const struct mem_type *type, size_t bytes)
{
    void *obj = NULL;
    for (int i = 0; i < 3 && !obj; i++) {
        besom_collect(m.mutator, BESOM_EMERGENCY);
        obj = besom_new_sized(m.mutator, &type->layout, bytes);
    }
    if (!obj)
        worker_fail("out of memory");
    return obj;
}

void mem_collect(struct mem m)
{
    besom_collect(m.mutator, BESOM_FULL);
}

static struct besom_stats stats_of(struct mem m)
{
    struct besom_stats stats;
    besom_stats(besom_heap_of(m.mutator), &stats);
    return stats;
}

/* Empty blocks go back at a safepoint after the option's delay; ten delays are patience enough. */
void mem_give_back(struct mem m)
{
    const struct timespec nap = {0, 20000000};
    uint64_t until = clock_ns() + 10 * give_back_ns;
    do {
        besom_collect(m.mutator, BESOM_FULL);
        nanosleep(&nap, NULL);
        besom_poll(m.mutator);
    } while (stats_of(m).empty_bytes != 0 && clock_ns() < until);
}

uint64_t mem_stopped_ns(struct mem m)
{
    return stats_of(m).stop_ns_sum;
}

uint64_t mem_stop_max_ns(struct mem m)
{
    return stats_of(m).stop_ns_max;
}

uint64_t mem_collections(struct mem m)
{
    return stats_of(m).cycles;
}

uint64_t mem_stops_cpu_ns(struct mem m)
{
    (void)m;
    return __atomic_load_n(&stops_cpu_ns, __ATOMIC_RELAXED);
}

uint64_t mem_live_bytes(struct mem m)
{
    return stats_of(m).live_bytes;
}

uint64_t mem_blocks_bytes(struct mem m)
{
    return stats_of(m).committed_bytes;
}

bool mem_cycle_ended(struct mem m, struct mem_cycle *cycle)
{
    (void)m;
    pthread_mutex_lock(&heard.lock);
    const bool has_ended = heard.has_ended && !heard.is_settling;
    *cycle = heard.cycle;
    if (has_ended) {
        heard.has_ended = false;
        heard.cycle = (struct mem_cycle){0};
    }
    pthread_mutex_unlock(&heard.lock);
    return has_ended;
}

/* The memory of a dead object may be another's already: a part of a table.  Of a workload that has not
 * told its types, that is overlooked. */
bool mem_is_held(struct mem m, const void *obj)
{
    const struct besom_type *const type = besom_type_of(besom_heap_of(m.mutator), obj);
    if (n_types == 0)
        return type != NULL;
    for (size_t i = 0; i < n_types; i++) {
        if (type == &types[i]->layout)
            return true;
    }
    return false;
}

bool mem_is_unswept(struct mem m, const void *obj)
{
    return besom_is_unswept(besom_heap_of(m.mutator), obj);
}

static enum held_kind kind_of(enum besom_pause_kind kind)
{
    switch (kind) {
    case BESOM_PAUSE_SLICE:
    case BESOM_PAUSE_ASSIST: return HELD_ASSIST;
    case BESOM_PAUSE_TURN:
    case BESOM_PAUSE_WAIT: return HELD_WAIT;
    case BESOM_PAUSE_ANSWER:
    case BESOM_PAUSE_SETTLE: return HELD_ANSWER;
    case BESOM_PAUSE_ALLOCATE: return HELD_ALLOC;
    case BESOM_PAUSE_BARRIER: return HELD_BARRIER;
    default: return HELD_STOP;
    }
}

size_t mem_held(struct mem m, struct held *held, size_t room)
{
    struct besom_heap *heap = besom_heap_of(m.mutator);
    const size_t n = besom_pause_list(heap, NULL, 0);
    if (n >= room)
        worker_fail("more pauses than there is room to keep: measure for a shorter time");
    struct besom_pause *list = calloc(n + 1, sizeof *list);
    if (!list)
        worker_fail("out of memory for the pauses");
    const size_t got = besom_pause_list(heap, list, n);
    for (size_t i = 0; i < got; i++)
        held[i] = (struct held){
            {list[i].begin_ns, list[i].end_ns}, list[i].mutator, kind_of(list[i].kind)};
    free(list);
    return got;
}

struct counting {
    bool (*matches)(const void *obj);
    uint64_t n;
};

static bool count_one(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    (void)type;
    (void)bytes;
    struct counting *counting = data;
    counting->n += counting->matches(obj);
    return true;
}

uint64_t mem_count(struct mem m, const struct mem_type *type, bool (*matches)(const void *obj))
{
    struct counting counting = {matches, 0};
    besom_collect(m.mutator, BESOM_FULL);
    besom_each(m.mutator, &type->layout, count_one, &counting);
    return counting.n;
}
