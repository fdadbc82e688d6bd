/* test_mutators.c - threads attach, are told apart, and detach. */
#include "support.h"

START_TEST(second_mutator_of_a_thread_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_ptr_null(besom_attach(rig.heap));
    ck_assert_uint_eq(stats_of(rig.heap).mutators, 1);
    rig_close(&rig);
}
END_TEST

START_TEST(thread_attaches_again_after_detaching)
{
    struct rig rig;
    rig_start(&rig);
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(besom_detach(rig.m), BESOM_OK);
        ck_assert_uint_eq(stats_of(rig.heap).mutators, 0);
        rig.m = besom_attach(rig.heap);
        ck_assert_ptr_nonnull(rig.m);
        make_list(rig.m, 100);
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(thread_may_have_a_mutator_in_each_of_several_heaps)
{
    struct rig rigs[5];
    for (int i = 0; i < 5; i++)
        rig_start(&rigs[i]);
    for (int i = 0; i < 5; i++)
        ck_assert_ptr_eq(besom_heap_of(rigs[i].m), rigs[i].heap);
    for (int i = 0; i < 5; i++)
        rig_close(&rigs[i]);
}
END_TEST

START_TEST(no_heap_has_no_mutator)
{
    ck_assert_ptr_null(besom_attach(NULL));
}
END_TEST

START_TEST(objects_outlive_the_mutator_that_made_them)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_handle *list = besom_handle_new(rig.m, make_list(rig.m, 5000), "list");
    ck_assert_int_eq(besom_detach(rig.m), BESOM_OK);
    rig.m = besom_attach(rig.heap);
    ck_assert_ptr_nonnull(rig.m);
    collect(rig.m);
    check_list(besom_handle_get(list), 5000);
    rig_close(&rig);
}
END_TEST

START_TEST(mutator_with_an_open_frame_is_not_detached)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 10);
        ck_assert_int_eq(besom_detach(rig.m), BESOM_E_STATE);
        collect(rig.m);
        check_list(my->list, 10);
    }
    rig_close(&rig);
}
END_TEST

/* ---- many threads ---- */

enum { THREADS = 6, KEPT = 300 };

struct worker {
    struct besom_heap *heap;
    struct gate *gate;
    unsigned number;
    unsigned rounds;
    struct besom_handle *result;
};

/* Churns, and leaves a list whose ids are its own. */
static void *work(void *data)
{
    struct worker *worker = data;
    struct besom_mutator *m = besom_attach(worker->heap);
    ck_assert_ptr_nonnull(m);
    {
        BESOM_LOCALS(m, struct node *kept;);
        for (unsigned round = 0; round < worker->rounds; round++) {
            my->kept = NULL;
            for (uint64_t i = 0; i < KEPT; i++) {
                struct node *node = make(m, &node_type);
                node->id = worker->number * UINT64_C(1000000) + i;
                node->next = my->kept;
                besom_write(m, node);
                my->kept = node;
                make_sized(m, &blob_type, 100 + i);
                if (i % 64 == 0)
                    besom_poll(m);
            }
        }
        worker->result = besom_handle_new(m, my->kept, "result");
        ck_assert_ptr_nonnull(worker->result);
    }
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(threads_allocate_side_by_side_and_keep_what_is_theirs)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 1 << 20;
    rig_open(&rig);
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){
            .heap = rig.heap, .number = i + 1, .rounds = (unsigned)scaled(160)};
        threads[i] = thread_start(work, &workers[i]);
    }
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    for (unsigned i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    ck_assert_uint_eq(stats_of(rig.heap).mutators, 1);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), THREADS * KEPT);
    for (unsigned i = 0; i < THREADS; i++) {
        const struct node *node = besom_handle_get(workers[i].result);
        for (uint64_t j = KEPT; j-- > 0; node = node->next)
            ck_assert_uint_eq(node->id, workers[i].number * UINT64_C(1000000) + j);
        ck_assert_ptr_null(node);
    }
    rig_close(&rig);
}
END_TEST

/* ---- wrong threads, detached mutators ---- */

struct misuse {
    struct besom_mutator *m;
    struct gate *done;
};

static void *use_anothers_mutator(void *data)
{
    struct misuse *misuse = data;
    struct besom_mutator *m = misuse->m;
    bool ended;
    ck_assert_int_eq(besom_collect(m, BESOM_FULL), BESOM_E_THREAD);
    ck_assert_int_eq(besom_step(m, 1, &ended), BESOM_E_THREAD);
    ck_assert_int_eq(besom_native_enter(m), BESOM_E_THREAD);
    ck_assert_int_eq(besom_verify(m, NULL), BESOM_E_THREAD);
    ck_assert_int_eq(besom_detach(m), BESOM_E_THREAD);
    ck_assert_ptr_null(besom_handle_new(m, NULL, "stray"));
    gate_raise(misuse->done);
    return NULL;
}

START_TEST(mutator_of_another_thread_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    struct gate done;
    gate_init(&done);
    struct misuse misuse = {rig.m, &done};
    pthread_t thread = thread_start(use_anothers_mutator, &misuse);
    gate_poll(&done, 1, rig.m);
    thread_join(thread);
    collect(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(detached_mutator_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_mutator *old = rig.m;
    ck_assert_int_eq(besom_detach(old), BESOM_OK);
    ck_assert_int_eq(besom_detach(old), BESOM_E_STATE);
    ck_assert_int_eq(besom_collect(old, BESOM_FULL), BESOM_E_STATE);
    ck_assert_int_eq(besom_step(old, 1, NULL), BESOM_E_STATE);
    ck_assert_int_eq(besom_native_enter(old), BESOM_E_STATE);
    ck_assert_int_eq(besom_native_leave(old), BESOM_E_STATE);
    ck_assert_int_eq(besom_verify(old, NULL), BESOM_E_STATE);
    ck_assert_ptr_null(besom_handle_new(old, NULL, "stray"));
    rig.m = besom_attach(rig.heap);
    ck_assert_ptr_nonnull(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(mutator_in_a_native_region_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_E_STATE);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_E_STATE);
    ck_assert_int_eq(besom_collect(rig.m, BESOM_FULL), BESOM_E_STATE);
    ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_E_STATE);
    ck_assert_int_eq(besom_verify(rig.m, NULL), BESOM_E_STATE);
    ck_assert_ptr_null(besom_handle_new(rig.m, NULL, "stray"));
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_E_STATE);
    collect(rig.m);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        second_mutator_of_a_thread_is_refused,
        thread_attaches_again_after_detaching,
        thread_may_have_a_mutator_in_each_of_several_heaps,
        no_heap_has_no_mutator,
        objects_outlive_the_mutator_that_made_them,
        mutator_with_an_open_frame_is_not_detached,
        threads_allocate_side_by_side_and_keep_what_is_theirs,
        mutator_of_another_thread_is_refused,
        detached_mutator_is_refused,
        mutator_in_a_native_region_is_refused,
    };
    return run_tests("mutators", tests, sizeof tests / sizeof *tests);
}
