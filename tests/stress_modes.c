/* stress_modes.c - every mode of the collector keeps what is reachable, and frees the rest.
 *
 * The oracle's programs, with one to eight threads, in each mode, plain, slow and stressed; threads
 * yield and sleep where phases begin and end, memory for logs fails.  And what else may happen in
 * the middle of a cycle: threads that come and go, a fork, the end of the heap. */
#include "oracle_crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPERATIONS = 2500 };

/* ThreadSanitizer would not let the child start marking threads. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

static const char *const modes[] = {
    "mode=stw,generational,nursery=64k",         "mode=incremental",
    "mode=incremental,generational,nursery=64k", "mode=concurrent",
    "mode=concurrent,concurrent_threads=2",      "mode=concurrent,generational,nursery=64k",
};
enum { MODES = sizeof modes / sizeof *modes };

/* ---- oracle programs ---- */

static void play(const char *mode, const char *more, unsigned threads, unsigned alloc_fails)
{
    char options[160];
    snprintf(options, sizeof options, "heap_min=256k,%s%s", mode, more);
    const struct oracle_variant variant = {
        .name = options, .options = options, .delays = true, .alloc_fails = alloc_fails};
    struct rng rng = {test_seed() + threads};
    for (const char *c = options; *c; c++)
        rng.state = rng.state * 31 + (unsigned char)*c;
    struct crew_tally tally = {0};
    size_t ops = test_ops(scaled(4 * OPERATIONS) + OPERATIONS / 4);
    crew_play(&variant, &rng, threads, ops, oracle_deadline_ns(), &tally);
    printf("%s, %u threads: %llu operations, %llu comparisons, %llu cycles, %llu of them minor, "
           "%llu times no memory\n",
           options, threads, (unsigned long long)tally.ops, (unsigned long long)tally.comparisons,
           (unsigned long long)tally.cycles, (unsigned long long)tally.minors,
           (unsigned long long)tally.failed_allocs);
    fflush(stdout);
}

static void play_all(const char *more, unsigned first, unsigned alloc_fails)
{
    for (unsigned i = 0; i < MODES; i++) {
        play(modes[i], more, 1 + (first + 3 * i) % CREW_MAX, alloc_fails);
        play(modes[i], more, 1 + (first + 3 * i + 5) % CREW_MAX, alloc_fails);
    }
}

START_TEST(every_mode_keeps_what_is_reachable)
{
    play_all("", 0, 0);
}
END_TEST

START_TEST(every_mode_keeps_what_is_reachable_in_small_quanta)
{
    play_all(",slow", 2, 0);
}
END_TEST

START_TEST(every_mode_keeps_what_is_reachable_under_stress)
{
    play_all(",stress=13,verify", 5, 0);
}
END_TEST

START_TEST(every_mode_keeps_what_is_reachable_without_memory_for_logs)
{
    play_all(",verify", 1, 2);
    play_all(",slow,verify", 4, 3);
}
END_TEST

/* ---- threads that come and go ---- */

enum { OLD = 40, VISITORS = 3 };

struct hall {
    struct besom_heap *heap;
    int stop;
};

struct visitor {
    struct hall *hall;
    struct besom_handle *old; /* a vector of nodes, each with a list of its own */
    uint64_t seed, visits;
};

static void change_old(struct besom_mutator *m, struct rng *rng, struct node *node)
{
    size_t n = 1 + rng_below(rng, 4);
    struct node *list = make_list(m, n);
    node->id = n;
    switch (rng_below(rng, 3)) {
    case 0:
        besom_write(m, node);
        __atomic_store_n(&node->other, list, __ATOMIC_RELAXED); /* a marker may be reading it */
        break;
    case 1:
        __atomic_store_n(&node->other, list, __ATOMIC_RELAXED);
        besom_write_at(m, node, &node->other);
        break;
    default: besom_set(m, node, &node->other, list); break;
    }
}

static void *come_and_go(void *data)
{
    struct visitor *v = data;
    struct rng rng = {v->seed};
    while (!__atomic_load_n(&v->hall->stop, __ATOMIC_RELAXED)) {
        struct besom_mutator *m = besom_attach(v->hall->heap);
        require(m != NULL, "no mutator");
        struct vector *all = besom_handle_get(v->old);
        for (size_t i = 1 + rng_below(&rng, 3); i > 0; i--) {
            struct node *node = all->items[rng_below(&rng, OLD)];
            check_list(node->other, node->id);
            change_old(m, &rng, node);
        }
        if (rng_below(&rng, 4) == 0)
            besom_poll(m);
        require_ok(besom_detach(m));
        v->visits++;
    }
    return NULL;
}

static void receive_visitors(const char *options)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = options;
    rig_open(&rig);
    struct hall hall = {.heap = rig.heap};
    struct visitor visitors[VISITORS];
    pthread_t threads[VISITORS];
    for (int i = 0; i < VISITORS; i++) {
        struct vector *all = make_vector(rig.m, OLD);
        for (int j = 0; j < OLD; j++)
            all->items[j] = make(rig.m, &node_type);
        visitors[i] = (struct visitor){&hall, besom_handle_new(rig.m, all, "old"),
                                       test_seed() + (uint64_t)i, 0};
    }
    collect(rig.m);
    for (int i = 0; i < VISITORS; i++)
        threads[i] = thread_start(come_and_go, &visitors[i]);
    uint64_t end_ns = now_ns() + UINT64_C(150000000);
    for (size_t i = 0; now_ns() < end_ns; i++) {
        make_list(rig.m, 50);
        require_ok(besom_step(rig.m, 500, NULL));
        besom_poll(rig.m);
        if (i % 64 == 0)
            collect(rig.m);
    }
    __atomic_store_n(&hall.stop, 1, __ATOMIC_RELAXED);
    require_ok(besom_native_enter(rig.m));
    for (int i = 0; i < VISITORS; i++)
        thread_join(threads[i]);
    require_ok(besom_native_leave(rig.m));
    collect(rig.m);
    size_t n = 0;
    for (int i = 0; i < VISITORS; i++) {
        struct vector *all = besom_handle_get(visitors[i].old);
        require(visitors[i].visits > 0, "nobody came");
        for (int j = 0; j < OLD; j++) {
            const struct node *node = all->items[j];
            check_list(node->other, node->id);
            n += 1 + node->id;
        }
    }
    ck_assert_uint_eq(count_objects(rig.m, &node_type), n);
    for (int i = 0; i < VISITORS; i++)
        require_ok(besom_handle_free(visitors[i].old));
    rig_close(&rig);
}

START_TEST(what_threads_changed_that_have_left_is_kept)
{
    for (unsigned i = 0; i < MODES; i++) {
        char options[100];
        receive_visitors(modes[i]);
        snprintf(options, sizeof options, "%s,slow,verify", modes[i]);
        receive_visitors(options);
    }
}
END_TEST

/* ---- the end, in the middle ---- */

/* A cycle that has begun, after a random number of steps, and a change that it must not miss. */
static void begin_and_change(struct rig *rig, struct rng *rng, struct node *old, size_t n)
{
    collect(rig->m);
    for (size_t i = rng_below(rng, 60); i > 0; i--)
        require_ok(besom_step(rig->m, 1 + rng_below(rng, 300), NULL));
    old->other = make_list(rig->m, n);
    besom_write(rig->m, old);
}

static void go_on(struct rig *rig, struct node *list, size_t n)
{
    for (int i = 0; i < 2; i++) {
        collect(rig->m);
        check_list(list->other, n);
        ck_assert_uint_eq(count_objects(rig->m, &node_type), 3000 + n);
    }
}

__attribute__((unused)) static void fork_in_mid_cycle(const char *options, struct rng *rng)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = options;
    rig_open(&rig);
    struct besom_handle *handle = besom_handle_new(rig.m, make_list(rig.m, 3000), "list");
    struct node *list = besom_handle_get(handle);
    for (size_t n = 1; n < 8; n++) {
        begin_and_change(&rig, rng, list, n);
        require_ok(besom_fork_prepare(rig.heap));
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            require_ok(besom_fork_child(rig.heap));
            go_on(&rig, list, n);
            require_ok(besom_detach(rig.m));
            require_ok(besom_heap_free(rig.heap));
            _exit(0);
        }
        require_ok(besom_fork_parent(rig.heap));
        go_on(&rig, list, n);
        int status = -1;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x",
                      (unsigned)status);
    }
    require_ok(besom_handle_free(handle));
    rig_close(&rig);
}

static void free_in_mid_cycle(const char *options, struct rng *rng)
{
    struct ledger_host host;
    struct rig rig;
    rig_init(&rig);
    ledger_init(&host, &rig.config);
    rig.config.options_text = options;
    rig_open(&rig);
    unsigned long calls = 0;
    struct besom_handle *handle = besom_handle_new(rig.m, make_list(rig.m, 3000), "list");
    for (int i = 0; i < 500; i++)
        make_hooked(rig.m, &calls);
    struct hooked *last = make_hooked(rig.m, &calls);
    struct besom_handle *other = besom_handle_new(rig.m, last, "hooked");
    for (size_t i = rng_below(rng, 80); i > 0; i--)
        require_ok(besom_step(rig.m, 1 + rng_below(rng, 600), NULL));
    besom_set(rig.m, last, &last->next, make_hooked(rig.m, &calls));
    require_ok(besom_handle_free(rng_below(rng, 2) ? handle : other));
    require_ok(besom_detach(rig.m));
    require_ok(besom_heap_free(rig.heap));
    ck_assert_uint_eq(calls, 502);
    ck_assert_int_eq(host.ledger.maps, 0);
    ck_assert_int_eq(host.ledger.allocs, 0);
    watch_check(&host.watch);
}

#ifndef __SANITIZE_THREAD__
START_TEST(fork_in_the_middle_of_a_cycle_loses_nothing)
{
    struct rng rng = {test_seed()};
    for (unsigned i = 0; i < MODES; i++)
        fork_in_mid_cycle(modes[i], &rng);
}
END_TEST
#endif

START_TEST(heap_may_end_in_the_middle_of_a_cycle)
{
    struct rng rng = {test_seed()};
    for (unsigned i = 0; i < MODES; i++)
        for (int j = 0; j < 30; j++)
            free_in_mid_cycle(modes[i], &rng);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_mode_keeps_what_is_reachable,
        every_mode_keeps_what_is_reachable_in_small_quanta,
        every_mode_keeps_what_is_reachable_under_stress,
        every_mode_keeps_what_is_reachable_without_memory_for_logs,
        what_threads_changed_that_have_left_is_kept,
#ifndef __SANITIZE_THREAD__ /* which loses count of threads in such a child */
        fork_in_the_middle_of_a_cycle_loses_nothing,
#endif
        heap_may_end_in_the_middle_of_a_cycle,
    };
    test_seed();
    return run_tests("modes", tests, sizeof tests / sizeof *tests);
}
