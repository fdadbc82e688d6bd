/* oracle_crew.c - see oracle_crew.h. */
#include "oracle_crew.h"

#include <stdlib.h>

/* One thread and its program. */
struct seat {
    struct crew *crew;
    struct program *program;
    uint64_t seed;
    pthread_t thread;
};

struct crew {
    struct oracle_heap heap;
    struct oracle_variant variant;
    struct commons commons;
    struct besom_root *range;
    struct program programs[CREW_MAX];
    struct seat seats[CREW_MAX];
    uint64_t ops_each;
    uint64_t deadline_ns;
    struct gate opened;
};

static void *run_thread(void *data)
{
    struct seat *seat = data;
    struct crew *crew = seat->crew;
    struct program *p = seat->program;
    program_open(p, &crew->variant, &crew->heap.host, crew->heap.heap, seat->seed);
    p->commons = &crew->commons;
    p->deadline_ns = crew->deadline_ns;
    gate_raise(&crew->opened);
    gate_wait_native(&crew->opened, (int)crew->commons.n_programs, p->m);
    program_run(p, crew->ops_each);
    program_close_roots(p);
    return NULL;
}

static void crew_open(struct crew *crew, const struct oracle_variant *variant, struct rng *rng,
                      unsigned n, uint64_t ops, uint64_t deadline_ns)
{
    crew->variant = *variant;
    crew->ops_each = 1 + ops / n;
    crew->deadline_ns = deadline_ns;
    oracle_heap_open(&crew->heap, &crew->variant, rng, (crew->ops_each + 1) * n);
    pthread_mutex_init(&crew->commons.lock, NULL);
    pthread_barrier_init(&crew->commons.barrier, NULL, n);
    model_init(&crew->commons.model);
    crew->commons.programs = crew->programs;
    crew->commons.n_programs = n;
    gate_init(&crew->opened);
    ck_assert_int_eq(besom_root_range(crew->heap.heap, (void **)crew->commons.words, COMMON_CELLS,
                                      "commons", &crew->range),
                     BESOM_OK);
}

static void crew_run(struct crew *crew, struct rng *rng)
{
    unsigned n = crew->commons.n_programs;
    for (unsigned i = 0; i < n; i++) {
        struct seat *seat = &crew->seats[i];
        *seat = (struct seat){crew, &crew->programs[i], rng_next(rng), 0};
        seat->thread = thread_start(run_thread, seat);
    }
    for (unsigned i = 0; i < n; i++)
        thread_join(crew->seats[i].thread);
}

static void count_cycles(const struct crew *crew, struct crew_tally *tally)
{
    struct besom_stats stats = stats_of(crew->heap.heap);
    tally->cycles += stats.cycles;
    tally->minors += stats.minor_cycles;
}

/* What the heap's own thread counted, which has ended with the heap. */
static void count_events(const struct oracle_host *host, struct crew_tally *tally)
{
    tally->failed_allocs += host->failed_allocs;
    tally->stop_ns += host->stop_ns;
    tally->stops += host->stops;
    if (host->longest_stop_ns > tally->longest_stop_ns)
        tally->longest_stop_ns = host->longest_stop_ns;
}

static void crew_close(struct crew *crew, struct crew_tally *tally)
{
    const struct model *models[CREW_MAX + 1];
    unsigned n = crew->commons.n_programs;
    for (unsigned i = 0; i < n; i++) {
        models[i] = &crew->programs[i].model;
        tally->ops += crew->programs[i].ops;
        tally->comparisons += crew->programs[i].comparisons;
    }
    models[n] = &crew->commons.model;
    count_cycles(crew, tally);
    oracle_heap_close(&crew->heap, models, n + 1);
    count_events(&crew->heap.host, tally);
    for (unsigned i = 0; i < n; i++)
        program_close(&crew->programs[i]);
    model_fini(&crew->commons.model);
    pthread_barrier_destroy(&crew->commons.barrier);
    pthread_mutex_destroy(&crew->commons.lock);
}

void crew_play(const struct oracle_variant *variant, struct rng *rng, unsigned n, uint64_t ops,
               uint64_t deadline_ns, struct crew_tally *tally)
{
    struct crew *crew = calloc(1, sizeof *crew);
    ck_assert_ptr_nonnull(crew);
    crew_open(crew, variant, rng, n, ops, deadline_ns);
    crew_run(crew, rng);
    crew_close(crew, tally);
    free(crew);
}
