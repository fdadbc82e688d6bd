/* workload-retained.c - how much garbage stays, and why, while sessions come and go.
 *
 * Each turn opens a session (session.h) with a cache of 16 chunks, uses one of the open ones, looks up
 * the value that a weak map has for it, and closes the oldest.  Of each kind of retained garbage there
 * is some on purpose:
 *
 *   logical   a registry keeps closed sessions until so many more have been closed
 *   artefact  a table of integers in static memory, of no interest to anybody, happens to hold the
 *             address of every 16th closed session; values in the weak map refer to their keys; every
 *             4th session has a resource with a finalizer, which the program runs every 64 turns; and
 *             a list of weak references to as many closed sessions as the registry has, and as many
 *             more, is looked into each turn
 *   floating  20 small objects a turn, each in place of the oldest in a window of 1000, and whatever
 *             the registry forgets
 *   unswept   as the contestant sweeps
 *
 * What is logical, and what lives, depends on the program alone: every contestant must come to the
 * same sum of it. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/random.h"
#include "bench/residence.h"
#include "bench/session.h"
#include "bench/stack.h"
#include "bench/weak.h"

enum {
    WINDOW = 1000,
    NEW_NOTES = 20, /* in a turn */
    NOTE_BYTES = 32,
    CHUNKS = 16,
    CHUNK_BYTES = 32,
    NUMBERS = 64,
    NUMBER_TURNS = 16,
    RESOURCE_TURNS = 4,
    FINALIZE_TURNS = 64,
    SAMPLES_MOST = 400
};

struct program {
    struct tracked t; /* the first: tracked_is_unswept */
    struct residence residence;
    struct mem_roots open, registry, window; /* rings */
    struct mem_roots recent;                 /* a ring of weak references to closed sessions */
    struct mem_roots map;                    /* one: the weak map */
    struct random random;
    uint64_t turns;
    uint32_t sum;
};

/* Integers, to whoever knows.  Nobody reads them, but a collector might. */
static volatile uint64_t numbers[NUMBERS];

/* ---- the shadow trace ---- */

static void visit_all(struct retention *r, struct mem_roots roots)
{
    for (size_t i = 0; i < roots.n; i++)
        retention_visit(r, roots.slot[i]);
}

static void visit_roots(struct retention *r, void *data)
{
    const struct program *p = data;
    visit_all(r, p->open);
    visit_all(r, p->registry);
    visit_all(r, p->window);
}

/* ---- a turn ---- */

static void open_session(struct program *p)
{
    const struct session_parts parts = {.chunks = CHUNKS,
                                        .chunk_bytes = CHUNK_BYTES,
                                        .has_value = true,
                                        .has_resource = p->turns % RESOURCE_TURNS == 0};
    session_new(&p->t, &p->open.slot[p->turns % p->open.n], p->map.slot[0], p->turns, &parts);
}

/* The oldest, whose place the next one takes.  What the registry then forgets is unreachable. */
static void close_oldest(struct program *p)
{
    struct session *session = p->open.slot[(p->turns + 1) % p->open.n];
    if (!session)
        return;
    session_done(&p->t, session);
    if (p->turns % NUMBER_TURNS == 0)
        numbers[p->turns / NUMBER_TURNS % NUMBERS] = (uint64_t)(uintptr_t)session;
    p->registry.slot[p->turns % p->registry.n] = session;
    p->open.slot[(p->turns + 1) % p->open.n] = NULL;
    p->recent.slot[p->turns % p->recent.n] = weak_ref_new(p->t.m, session);
    tracked_look(&p->t);
}

/* A weak read: what it shows is of no use, but may be kept for a cycle. */
static void glance(struct program *p)
{
    struct weak_ref *ref = p->recent.slot[random_below(&p->random, p->recent.n)];
    const struct session *session = ref ? weak_ref_get(p->t.m, ref) : NULL;
    if (session && session->number > p->turns)
        worker_fail("a weak reference shows what is no session");
}

static void use_some(struct program *p)
{
    struct session *session = p->open.slot[random_below(&p->random, p->open.n)];
    if (!session)
        return;
    session_used(&p->t, session);
    const struct value *value = weak_map_get(p->t.m, p->map.slot[0], session->key);
    if (!value || value->key != session->key)
        worker_fail("the weak map has lost a value whose key is alive");
    p->sum = worker_sum(p->sum, (uint32_t)session->number);
}

static void write_notes(struct program *p)
{
    for (uint64_t i = 0; i < NEW_NOTES; i++) {
        mem_poll(p->t.m);
        void **slot = &p->window.slot[(p->turns * NEW_NOTES + i) % WINDOW];
        if (*slot)
            retention_done(&p->t.retention, *slot);
        struct chunk *note = mem_new_sized(p->t.m, &chunk_type, NOTE_BYTES);
        note->next = NULL;
        note->words[0] = note->words[1] = i;
        *slot = note;
        tracked_born(&p->t, note, NOTE_BYTES);
    }
}

static void hear(void *obj, void *data)
{
    const struct resource *resource = obj;
    if (resource->payload->words[1] != 1)
        worker_fail("a finalizer sees a resource without its payload");
    ++*(uint64_t *)data;
}

static void turn(struct program *p, uint64_t *finalized)
{
    mem_poll(p->t.m);
    tracked_look(&p->t);
    open_session(p);
    close_oldest(p);
    glance(p);
    use_some(p);
    write_notes(p);
    tracked_look(&p->t);
    if (p->turns % FINALIZE_TURNS == 0)
        weak_finalize(p->t.m, hear, finalized);
    p->turns++;
}

static void sample(struct program *p)
{
    stack_clear();
    tracked_look(&p->t);
    residence_sample(&p->residence, &p->t.retention);
    const struct retention_sample *seen = &p->t.retention.last;
    if (seen->live_bytes + retention_sample_rg(seen) > mem_blocks_bytes(p->t.m))
        worker_fail("more is said to be resident than the contestant has blocks for");
    p->sum = worker_sum(p->sum, (uint32_t)(seen->live_bytes / 16));
    p->sum = worker_sum(p->sum, (uint32_t)(seen->logical_bytes / 16));
}

/* ---- a run ---- */

static void run(struct program *p, uint64_t turns, uint64_t samples)
{
    uint64_t finalized = 0;
    for (uint64_t i = 0; i < samples; i++) {
        while (p->turns < turns * (i + 1) / samples)
            turn(p, &finalized);
        sample(p);
    }
    retention_finish(&p->t.retention);
    residence_print(&p->residence, &p->t.retention);
    if (p->t.retention.used_after_done != 0)
        worker_fail("a session was used after it was closed");
    worker_value("collections", (double)mem_collections(p->t.m));
    worker_value("finalized", (double)finalized);
    worker_check(p->sum);
}

/* Of the blocks that hold anything when all has been collected and swept (the second collection sweeps
 * what the first has found), what is not reached: holes, and what could not be collected. */
static void print_fragmentation(struct program *p)
{
    uint64_t finalized = 0;
    for (int i = 0; i < 2; i++) {
        stack_clear();
        mem_collect(p->t.m);
        tracked_look(&p->t);
        weak_finalize(p->t.m, hear, &finalized);
    }
    retention_sample(&p->t.retention);
    const struct retention_sample *seen = &p->t.retention.last;
    const double blocks_bytes = (double)mem_blocks_bytes(p->t.m);
    const double reached_bytes = (double)(seen->live_bytes + seen->logical_bytes);
    worker_value("heap_per_live", blocks_bytes / reached_bytes);
    worker_value("fragmentation", 1 - reached_bytes / blocks_bytes);
}

static void drop(struct mem_roots roots)
{
    for (size_t i = 0; i < roots.n; i++)
        roots.slot[i] = NULL;
}

static uint64_t drop_all(struct program *p)
{
    uint64_t finalized = 0;
    drop(p->open);
    drop(p->registry);
    drop(p->window);
    drop(p->recent);
    drop(p->map);
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = 0;
    stack_clear();
    for (int i = 0; i < 3; i++) {
        mem_collect(p->t.m);
        weak_finalize(p->t.m, hear, &finalized);
    }
    mem_give_back(p->t.m);
    return finalized;
}

static void close_all(struct program *p)
{
    retention_fini(&p->t.retention);
    drop_all(p);
    const double after_bytes = (double)worker_rss_bytes();
    worker_value("rss_after_bytes", after_bytes - (double)p->residence.empty_rss_bytes);
    worker_value("peak_rss_bytes", (double)worker_peak_rss_bytes());
}

void workload_retained(const struct params *params)
{
    static struct program program;
    struct program *const p = &program;
    static const struct retention_program shadow = {.data = &program,
                                                    .roots = visit_roots,
                                                    .edges = session_edges,
                                                    .is_unswept = tracked_is_unswept};
    const uint64_t turns = params_count(params, "turns"), samples = params_count(params, "samples");
    const uint64_t sessions = params_count(params, "sessions");
    const uint64_t forgets_after = params_count(params, "forgets_after");
    if (samples < 2 || samples > SAMPLES_MOST || sessions < 2 || forgets_after < 1)
        worker_fail("samples must be 2 .. 400, sessions at least 2, forgets_after at least 1");
    struct mem_config config = {.mode = params_text(params, "mode", ""),
                                .tells_cycles = true,
                                .types = session_types,
                                .n_types = SESSION_TYPES};
    p->t.m = mem_open(&config);
    p->open = mem_roots_new(p->t.m, sessions);
    p->registry = mem_roots_new(p->t.m, forgets_after);
    p->window = mem_roots_new(p->t.m, WINDOW);
    p->recent = mem_roots_new(p->t.m, 2 * forgets_after);
    p->map = mem_roots_new(p->t.m, 1);
    p->map.slot[0] = weak_map_new(p->t.m);
    p->residence.empty_rss_bytes = worker_rss_bytes();
    p->residence.began_ns = clock_ns();
    retention_init(&p->t.retention, &shadow);
    run(p, turns, samples);
    print_fragmentation(p);
    close_all(p);
    mem_roots_free(p->t.m, p->map);
    mem_roots_free(p->t.m, p->recent);
    mem_roots_free(p->t.m, p->window);
    mem_roots_free(p->t.m, p->registry);
    mem_roots_free(p->t.m, p->open);
    mem_close(p->t.m);
}
