/* test_fork.c - with the hooks around fork, parent and child both go on collecting. */
#include "support.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ThreadSanitizer would not let the child start marking threads. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

/* Forks; the child calls fn and exits 0 if it returns. */
static void fork_and(struct rig *rig, void (*fn)(struct rig *rig, void *data), void *data)
{
    ck_assert_int_eq(besom_fork_prepare(rig->heap), BESOM_OK);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        ck_assert_int_eq(besom_fork_child(rig->heap), BESOM_OK);
        fn(rig, data);
        _exit(0);
    }
    ck_assert_int_eq(besom_fork_parent(rig->heap), BESOM_OK);
    int status = -1;
    ck_assert_int_eq(besom_native_enter(rig->m), BESOM_OK);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(besom_native_leave(rig->m), BESOM_OK);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x",
                  (unsigned)status);
}

static void check_and_churn(struct rig *rig, void *data)
{
    struct besom_handle *list = data;
    for (int i = 0; i < 5; i++) {
        make_list(rig->m, 1000);
        collect(rig->m);
        check_list(besom_handle_get(list), 3000);
        ck_assert_uint_eq(count_objects(rig->m, NULL), 3000);
    }
}

static void fork_and_churn(const char *options)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = options;
    rig_open(&rig);
    struct besom_handle *list = besom_handle_new(rig.m, make_list(rig.m, 3000), "list");
    collect(rig.m);
    for (int i = 0; i < 3; i++) {
        fork_and(&rig, check_and_churn, list);
        check_and_churn(&rig, list);
    }
    rig_close(&rig);
}

START_TEST(parent_and_child_collect)
{
    fork_and_churn("mark_threads=1");
}
END_TEST

START_TEST(parent_and_child_collect_with_parallel_marking)
{
    fork_and_churn("mark_threads=4");
}
END_TEST

static void free_all(struct rig *rig, void *data)
{
    (void)data;
    ck_assert_int_eq(besom_detach(rig->m), BESOM_OK);
    ck_assert_int_eq(besom_heap_free(rig->heap), BESOM_OK);
}

START_TEST(child_may_free_the_heap)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = "mark_threads=3";
    rig_open(&rig);
    make_list(rig.m, 100);
    collect(rig.m);
    fork_and(&rig, free_all, NULL);
    collect(rig.m);
    rig_close(&rig);
}
END_TEST

struct bystander {
    struct besom_heap *heap;
    struct gate ready, done;
    bool blocks;
};

static void visit_one(struct besom_tracer *tracer, void *data)
{
    besom_visit(tracer, *(void **)data);
}

/* Holds 10 nodes in a frame and 20 in a source, polling or blocked. */
static void *stand_by(void *data)
{
    struct bystander *b = data;
    struct besom_mutator *m = besom_attach(b->heap);
    ck_assert_ptr_nonnull(m);
    {
        BESOM_LOCALS(m, struct node *list;);
        my->list = make_list(m, 10);
        void *other = make_list(m, 20);
        ck_assert_int_eq(besom_mutator_root_source(m, visit_one, &other, "other", NULL),
                         BESOM_OK);
        gate_raise(&b->ready);
        if (b->blocks)
            gate_wait_native(&b->done, 1, m);
        else
            gate_poll(&b->done, 1, m);
        check_list(my->list, 10);
        check_list(other, 20);
    }
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

static void check_alone(struct rig *rig, void *data)
{
    (void)data;
    ck_assert_uint_eq(stats_of(rig->heap).mutators, 1);
    collect(rig->m);
    ck_assert_uint_eq(count_objects(rig->m, NULL), 0);
    make_list(rig->m, 1000);
    collect(rig->m);
    verify(rig->m);
}

static void check_bystander(bool blocks)
{
    struct rig rig;
    rig_start(&rig);
    struct bystander b = {.heap = rig.heap, .blocks = blocks};
    gate_init(&b.ready);
    gate_init(&b.done);
    pthread_t thread = thread_start(stand_by, &b);
    gate_poll(&b.ready, 1, rig.m);
    for (int i = 0; i < 3; i++) {
        fork_and(&rig, check_alone, NULL);
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 30);
    }
    gate_raise(&b.done);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    thread_join(thread);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    rig_close(&rig);
}

START_TEST(in_the_child_a_blocked_threads_mutator_is_gone_with_its_roots)
{
    check_bystander(true);
}
END_TEST

START_TEST(in_the_child_a_running_threads_mutator_is_gone_with_its_roots)
{
    check_bystander(false);
}
END_TEST

struct reader {
    const struct besom_heap *heap;
    bool stop;
};

/* A thread without a mutator. */
static void *read_statistics(void *data)
{
    struct reader *r = data;
    while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED))
        stats_of(r->heap);
    return NULL;
}

static void finalize_and_count(struct rig *rig, void *data)
{
    (void)data;
    alarm(30); /* whoever waits for a lock that nobody holds */
    besom_finalizer_next(rig->m);
    stats_of(rig->heap);
    collect(rig->m);
}

START_TEST(child_is_not_left_with_the_locks_of_a_thread_that_read_statistics)
{
    struct rig rig;
    rig_start(&rig);
    struct reader readers[2] = {{rig.heap, false}, {rig.heap, false}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        threads[i] = thread_start(read_statistics, &readers[i]);
    for (size_t i = 0; i < scaled(150); i++)
        fork_and(&rig, finalize_and_count, NULL);
    for (int i = 0; i < 2; i++) {
        __atomic_store_n(&readers[i].stop, true, __ATOMIC_RELAXED);
        thread_join(threads[i]);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(no_heap_cannot_fork)
{
    ck_assert_int_eq(besom_fork_prepare(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_fork_parent(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_fork_child(NULL), BESOM_E_ARGUMENT);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        parent_and_child_collect,
        parent_and_child_collect_with_parallel_marking,
        child_may_free_the_heap,
        in_the_child_a_blocked_threads_mutator_is_gone_with_its_roots,
        in_the_child_a_running_threads_mutator_is_gone_with_its_roots,
        child_is_not_left_with_the_locks_of_a_thread_that_read_statistics,
        no_heap_cannot_fork,
    };
    return run_tests("fork", tests, sizeof tests / sizeof *tests);
}
