/* workload-retained-known.c - the split of retained garbage where every class is known beforehand.
 *
 * Steps, each followed by a sample that must come out to the byte.  It prints no figures: it fails, or
 * says by its check how many samples it has compared.  `ambiguous=1` is for a contestant that takes
 * integers in static memory for references, and whose weak tables are not ephemerons: what is of no
 * consequence to others is an artefact there.  To it what a register or the C stack still holds may
 * be one too: a session's worth at most.  `late=1` is for those that collect in a stop, and sweep
 * what they have found afterwards, as they allocate. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/session.h"
#include "bench/stack.h"
#include "bench/weak.h"

#include <stdio.h>

enum { GROUP = 100, NUMBERS = GROUP, CHUNK_BYTES = 64 };

struct program {
    struct tracked t;
    struct mem_roots sessions;
    struct mem_roots map; /* one: the weak map */
    bool is_ambiguous;
    uint32_t compared;
};

static const struct session_parts plain = {.chunks = 3, .chunk_bytes = 48};
static const struct session_parts with_value = {.chunks = 1, .chunk_bytes = 48, .has_value = true};
static const struct session_parts with_resource = {
    .chunks = 1, .chunk_bytes = 48, .has_resource = true};
static volatile uint64_t numbers[NUMBERS];

static void visit_roots(struct retention *r, void *data)
{
    const struct program *p = data;
    for (size_t i = 0; i < p->sessions.n; i++)
        retention_visit(r, p->sessions.slot[i]);
}

/* ---- what is done with a group of sessions ---- */

/* In functions of their own, whose frames are gone before anything is collected. */
static __attribute__((noinline)) void make(struct program *p, const struct session_parts *parts)
{
    tracked_look(&p->t);
    for (size_t i = 0; i < GROUP; i++)
        session_new(&p->t, &p->sessions.slot[i], p->map.slot[0], i, parts);
}

static __attribute__((noinline)) void finish(struct program *p)
{
    for (size_t i = 0; i < GROUP; i++)
        session_done(&p->t, p->sessions.slot[i]);
}

static __attribute__((noinline)) void number(struct program *p)
{
    for (size_t i = 0; i < GROUP; i++)
        numbers[i] = (uint64_t)(uintptr_t)p->sessions.slot[i];
}

static void forget(struct program *p)
{
    for (size_t i = 0; i < GROUP; i++)
        p->sessions.slot[i] = NULL;
}

static void forget_numbers(void)
{
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = 0;
}

static void hear(void *obj, void *data)
{
    (void)obj;
    ++*(uint64_t *)data;
}

static void finalize(struct program *p)
{
    uint64_t n = 0;
    weak_finalize(p->t.m, hear, &n);
    if (n != GROUP)
        worker_fail("not every finalizer was heard of, or not once");
}

static void collect(struct program *p)
{
    stack_clear();
    mem_collect(p->t.m);
    tracked_look(&p->t);
}

/* ---- what must be there ---- */

/* Of all classes but the unswept, in bytes. */
struct wanted {
    uint64_t live, logical, artefact, floating;
};

static bool is_near(const struct program *p, uint64_t got, uint64_t wanted)
{
    const uint64_t stale_most = p->is_ambiguous ? session_bytes(&with_resource) : 0;
    return got <= wanted + stale_most && got + stale_most >= wanted;
}

/* unswept_most: of contestants that sweep late. */
static void compare(struct program *p, const char *step, struct wanted wanted,
                    uint64_t unswept_most)
{
    tracked_look(&p->t);
    retention_sample(&p->t.retention);
    const struct retention_sample *got = &p->t.retention.last;
    char why[400];
    snprintf(why, sizeof why,
             "%s: live %llu, logical %llu, artefact %llu, floating %llu, unswept %llu; "
             "should be %llu, %llu, %llu, %llu, at most %llu",
             step, (unsigned long long)got->live_bytes, (unsigned long long)got->logical_bytes,
             (unsigned long long)got->artefact_bytes, (unsigned long long)got->floating_bytes,
             (unsigned long long)got->unswept_bytes, (unsigned long long)wanted.live,
             (unsigned long long)wanted.logical, (unsigned long long)wanted.artefact,
             (unsigned long long)wanted.floating, (unsigned long long)unswept_most);
    if (got->live_bytes != wanted.live || got->logical_bytes != wanted.logical ||
        !is_near(p, got->artefact_bytes, wanted.artefact) ||
        !is_near(p, got->floating_bytes, wanted.floating) || got->unswept_bytes > unswept_most)
        worker_fail(why);
    p->compared++;
}

/* After a collection: what it has found dead is swept by it, or, by an ambiguous contestant, later. */
static void compare_collected(struct program *p, const char *step, struct wanted wanted)
{
    compare(p, step, wanted, p->is_ambiguous ? mem_blocks_bytes(p->t.m) : 0);
}

/* ---- steps ---- */

static void plain_sessions(struct program *p)
{
    const uint64_t bytes = GROUP * session_bytes(&plain);
    make(p, &plain);
    compare(p, "sessions are open", (struct wanted){.live = bytes}, 0);
    finish(p);
    compare(p, "they are closed, and remembered", (struct wanted){.logical = bytes}, 0);
    forget(p);
    compare(p, "they are forgotten", (struct wanted){.floating = bytes}, 0);
    collect(p);
    compare_collected(p, "they are collected", (struct wanted){0});
}

static void sessions_with_resources(struct program *p)
{
    const uint64_t all = GROUP * session_bytes(&with_resource);
    const uint64_t resources = GROUP * (sizeof(struct resource) + sizeof(struct payload));
    make(p, &with_resource);
    finish(p);
    forget(p);
    compare_collected(p, "sessions with resources are forgotten", (struct wanted){.floating = all});
    collect(p);
    compare_collected(p, "finalizers bring resources back", (struct wanted){.artefact = resources});
    finalize(p);
    collect(p);
    compare_collected(p, "finalizers have run", (struct wanted){0});
}

static void sessions_with_values(struct program *p)
{
    const uint64_t all = GROUP * session_bytes(&with_value);
    const uint64_t entries = GROUP * (sizeof(struct key) + sizeof(struct value));
    make(p, &with_value);
    collect(p);
    compare_collected(p, "values of a weak map live with their keys", (struct wanted){.live = all});
    finish(p);
    forget(p);
    compare_collected(p, "keys are forgotten", (struct wanted){.floating = all});
    collect(p);
    compare_collected(p, "keys are collected",
                      (struct wanted){.artefact = p->is_ambiguous ? entries : 0});
    p->map.slot[0] = NULL;
    collect(p);
    compare_collected(p, "the map is gone", (struct wanted){0});
}

static void sessions_with_numbers(struct program *p)
{
    const uint64_t all = GROUP * session_bytes(&plain);
    make(p, &plain);
    number(p);
    finish(p);
    forget(p);
    compare_collected(p, "numbers look like sessions", (struct wanted){.floating = all});
    collect(p);
    compare_collected(p, "a collector may take them for such",
                      (struct wanted){.artefact = p->is_ambiguous ? all : 0});
    forget_numbers();
    collect(p);
    compare_collected(p, "the numbers are others", (struct wanted){0});
}

/* Chunks until a cycle has found some of them dead, of which every KEPT_OF'th takes a root for some
 * time; the bytes of those that still have one. */
static uint64_t churn(struct program *p)
{
    enum { KEPT_OF = 32 };
    struct retention *r = &p->t.retention;
    const uint64_t deaths = r->drag->cycles.count;
    for (uint64_t i = 0; r->drag->cycles.count == deaths; i++) {
        struct chunk *chunk = mem_new_sized(p->t.m, &chunk_type, CHUNK_BYTES);
        chunk->next = NULL;
        for (size_t word = 0; word < (CHUNK_BYTES - sizeof *chunk) / sizeof(uint64_t); word++)
            chunk->words[word] = i;
        if (i % KEPT_OF == 0)
            p->sessions.slot[i / KEPT_OF % GROUP] = chunk;
        tracked_born(&p->t, chunk, CHUNK_BYTES);
        mem_poll(p->t.m);
        tracked_look(&p->t);
    }
    uint64_t kept = 0;
    for (size_t i = 0; i < GROUP; i++)
        kept += p->sessions.slot[i] ? CHUNK_BYTES : 0;
    return kept;
}

/* Right after a cycle of the contestant's own all garbage is dead.  One that stops the world and
 * sweeps late has something left to sweep. */
static void garbage_of_an_own_cycle(struct program *p)
{
    const struct retention_sample before = p->t.retention.last;
    const uint64_t kept = churn(p);
    const uint64_t garbage = p->t.retention.allocated_bytes - before.at.bytes - kept;
    compare(p, "a cycle of its own", (struct wanted){.live = kept}, garbage + before.unswept_bytes);
    const struct retention_sample *got = &p->t.retention.last;
    if (got->unswept_bytes == 0)
        worker_fail("nothing is said to be unswept after a cycle of its own");
    forget(p);
    collect(p);
    compare_collected(p, "what it left is collected", (struct wanted){0});
}

void workload_retained_known(const struct params *params)
{
    static struct program program;
    struct program *const p = &program;
    static const struct retention_program shadow = {.data = &program,
                                                    .roots = visit_roots,
                                                    .edges = session_edges,
                                                    .is_unswept = tracked_is_unswept};
    struct mem_config config = {.mode = params_text(params, "mode", ""),
                                .options = params_text(params, "options", NULL),
                                .tells_cycles = true,
                                .types = session_types,
                                .n_types = SESSION_TYPES};
    p->is_ambiguous = params_count(params, "ambiguous") != 0;
    p->t.m = mem_open(&config);
    p->sessions = mem_roots_new(p->t.m, GROUP);
    p->map = mem_roots_new(p->t.m, 1);
    p->map.slot[0] = weak_map_new(p->t.m);
    retention_init(&p->t.retention, &shadow);
    compare(p, "nothing is there", (struct wanted){0}, 0);
    plain_sessions(p);
    sessions_with_resources(p);
    sessions_with_values(p);
    sessions_with_numbers(p);
    if (params_count(params, "late") != 0)
        garbage_of_an_own_cycle(p);
    if (p->t.retention.reached_dead != 0 || p->t.retention.unknown != 0)
        worker_fail("an object that the program reaches was found dead, or was never told of");
    worker_check(p->compared);
    retention_fini(&p->t.retention);
    mem_roots_free(p->t.m, p->map);
    mem_roots_free(p->t.m, p->sessions);
    mem_close(p->t.m);
}
