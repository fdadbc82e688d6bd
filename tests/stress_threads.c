/* stress_threads.c - random programs of several threads in one heap.
 *
 * Each thread has a graph of its own and refers into one that all share, which a host lock guards;
 * whoever waits for the lock does so in a native region.  After the same number of operations all
 * meet, and one compares the whole heap with all the models. */
#include "oracle_heap.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPERATIONS = 300000, THREADS_MAX = 8 };

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
    struct program programs[THREADS_MAX];
    struct seat seats[THREADS_MAX];
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

static void crew_open(struct crew *crew, struct rng *rng, unsigned n)
{
    crew->variant = (struct oracle_variant){.name = "threads"};
    crew->ops_each = 1 + test_ops(OPERATIONS) / 3 / n;
    crew->deadline_ns = oracle_deadline_ns();
    oracle_heap_open(&crew->heap, &crew->variant, rng, (crew->ops_each + 1) * n);
    pthread_mutex_init(&crew->commons.lock, NULL);
    pthread_barrier_init(&crew->commons.barrier, NULL, n);
    model_init(&crew->commons.model);
    crew->commons.programs = crew->programs;
    crew->commons.n_programs = n;
    gate_init(&crew->opened);
    ck_assert_int_eq(besom_root_range(crew->heap.heap, (void **)crew->commons.words,
                                      COMMON_CELLS, "commons", &crew->range),
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

static void crew_close(struct crew *crew)
{
    const struct model *models[THREADS_MAX + 1];
    unsigned n = crew->commons.n_programs;
    uint64_t ops = 0, comparisons = 0;
    for (unsigned i = 0; i < n; i++) {
        models[i] = &crew->programs[i].model;
        ops += crew->programs[i].ops;
        comparisons += crew->programs[i].comparisons;
    }
    models[n] = &crew->commons.model;
    oracle_heap_close(&crew->heap, models, n + 1);
    for (unsigned i = 0; i < n; i++)
        program_close(&crew->programs[i]);
    model_fini(&crew->commons.model);
    printf("oracle with %u threads: %llu operations, %llu comparisons\n", n,
           (unsigned long long)ops, (unsigned long long)comparisons);
    fflush(stdout);
}

static void run_crew(unsigned n)
{
    struct rng rng = {test_seed() + n};
    struct crew *crew = calloc(1, sizeof *crew);
    ck_assert_ptr_nonnull(crew);
    crew_open(crew, &rng, n);
    crew_run(crew, &rng);
    crew_close(crew);
    free(crew);
}

START_TEST(survivors_are_what_two_threads_reach)
{
    run_crew(2);
}
END_TEST

START_TEST(survivors_are_what_three_to_seven_threads_reach)
{
    run_crew(3 + (unsigned)(test_seed() % 5));
}
END_TEST

START_TEST(survivors_are_what_eight_threads_reach)
{
    run_crew(8);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        survivors_are_what_two_threads_reach,
        survivors_are_what_three_to_seven_threads_reach,
        survivors_are_what_eight_threads_reach,
    };
    test_seed();
    return run_tests("threads", tests, sizeof tests / sizeof *tests);
}
