/* test_arena.c - an open arena keeps every new object until a mark is restored. */
#include "support.h"

#include <setjmp.h>
#include <stdlib.h>

static size_t count_all(struct rig *rig)
{
    collect(rig->m);
    return count_objects(rig->m, NULL);
}

static void start_arena(struct rig *rig)
{
    rig_start(rig);
    ck_assert_int_eq(besom_arena_open(rig->m), BESOM_OK);
}

/* Objects of every kind that allocation knows, held by nobody; 6 in all. */
static void make_some(struct besom_mutator *m, unsigned long *calls)
{
    make(m, &node_type);
    besom_poll(m);
    make(m, &pair_type);
    make_hooked(m, calls);
    besom_poll(m);
    make_sized(m, &blob_type, 1000);
    make_sized(m, &blob_type, 9000);
    make_sized(m, &blob_type, 100000);
    besom_poll(m);
}

START_TEST(new_objects_of_every_kind_live_until_their_mark_is_restored)
{
    struct rig rig;
    unsigned long calls = 0;
    start_arena(&rig);
    size_t mark = besom_arena_save(rig.m);
    ck_assert_uint_eq(mark, 0);
    for (int i = 0; i < 50; i++)
        make_some(rig.m, &calls);
    ck_assert_uint_eq(besom_arena_save(rig.m), 300);
    ck_assert_uint_eq(count_all(&rig), 300);
    ck_assert_uint_eq(calls, 0);
    ck_assert_int_eq(besom_arena_restore(rig.m, mark), BESOM_OK);
    ck_assert_uint_eq(count_all(&rig), 0);
    ck_assert_uint_eq(calls, 50);
    rig_close(&rig);
}
END_TEST

START_TEST(marks_nest)
{
    struct rig rig;
    start_arena(&rig);
    make(rig.m, &node_type);
    size_t outer = besom_arena_save(rig.m);
    make(rig.m, &node_type);
    size_t inner = besom_arena_save(rig.m);
    make_list(rig.m, 10);
    ck_assert_uint_eq(count_all(&rig), 12);
    ck_assert_int_eq(besom_arena_restore(rig.m, inner), BESOM_OK);
    ck_assert_uint_eq(count_all(&rig), 2);
    ck_assert_int_eq(besom_arena_restore(rig.m, outer), BESOM_OK);
    ck_assert_uint_eq(count_all(&rig), 1);
    rig_close(&rig);
}
END_TEST

START_TEST(objects_that_the_arena_holds_keep_what_is_stored_into_them)
{
    struct rig rig;
    start_arena(&rig);
    struct node *list = make(rig.m, &node_type);
    size_t mark = besom_arena_save(rig.m);
    for (int i = 0; i < 500; i++) {
        struct node *n = make(rig.m, &node_type);
        besom_poll(rig.m);
        n->next = list->next;
        besom_write(rig.m, n);
        besom_set(rig.m, list, &list->next, n);
        besom_poll(rig.m);
        require_ok(besom_arena_restore(rig.m, mark));
    }
    ck_assert_uint_eq(count_all(&rig), 501);
    rig_close(&rig);
}
END_TEST

static void fail_after(struct besom_mutator *m, jmp_buf error, int n)
{
    for (int i = 0; i < n; i++) {
        make(m, &node_type);
        besom_poll(m);
    }
    longjmp(error, 1);
}

START_TEST(restore_after_a_longjmp_drops_what_came_since)
{
    struct rig rig;
    jmp_buf error;
    start_arena(&rig);
    make(rig.m, &node_type);
    const size_t mark = besom_arena_save(rig.m);
    if (setjmp(error) == 0)
        fail_after(rig.m, error, 21);
    ck_assert_uint_eq(besom_arena_save(rig.m), 22);
    ck_assert_int_eq(besom_arena_restore(rig.m, mark), BESOM_OK);
    ck_assert_uint_eq(count_all(&rig), 1);
    rig_close(&rig);
}
END_TEST

START_TEST(protected_object_outlives_its_container)
{
    struct rig rig;
    start_arena(&rig);
    size_t mark = besom_arena_save(rig.m);
    struct node *list = make_list(rig.m, 2);
    struct node *taken = list->next;
    require_ok(besom_arena_restore(rig.m, mark));
    ck_assert_int_eq(besom_arena_protect(rig.m, taken), BESOM_OK);
    ck_assert_int_eq(besom_arena_protect(rig.m, NULL), BESOM_OK);
    ck_assert_uint_eq(besom_arena_save(rig.m), mark + 1);
    ck_assert_uint_eq(count_all(&rig), 1);
    rig_close(&rig);
}
END_TEST

START_TEST(closing_drops_all_and_ends_the_recording)
{
    struct rig rig;
    start_arena(&rig);
    make_list(rig.m, 100);
    ck_assert_int_eq(besom_arena_close(rig.m), BESOM_OK);
    ck_assert_uint_eq(count_all(&rig), 0);
    make_list(rig.m, 100);
    ck_assert_uint_eq(besom_arena_save(rig.m), 0);
    ck_assert_uint_eq(count_all(&rig), 0);
    ck_assert_int_eq(besom_arena_open(rig.m), BESOM_OK);
    make_list(rig.m, 100);
    ck_assert_uint_eq(count_all(&rig), 100);
    rig_close(&rig);
}
END_TEST

START_TEST(object_that_fits_what_was_left_of_a_window_is_in_the_arena)
{
    struct rig rig;
    rig_start(&rig);
    make(rig.m, &node_type);
    make(rig.m, &pair_type);
    unsigned long calls = 0;
    make_hooked(rig.m, &calls);
    ck_assert_int_eq(besom_arena_open(rig.m), BESOM_OK);
    make(rig.m, &node_type);
    ck_assert_uint_eq(besom_arena_save(rig.m), 1);
    make(rig.m, &pair_type);
    make_hooked(rig.m, &calls);
    ck_assert_uint_eq(besom_arena_save(rig.m), 3);
    rig_close(&rig);
}
END_TEST

START_TEST(misuse_is_refused_and_changes_nothing)
{
    struct rig rig, other;
    rig_start(&rig);
    rig_start(&other);
    void *theirs = make(other.m, &node_type);
    ck_assert_uint_eq(besom_arena_save(NULL), 0);
    ck_assert_int_eq(besom_arena_open(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_arena_restore(rig.m, 0), BESOM_E_STATE);
    ck_assert_int_eq(besom_arena_protect(rig.m, NULL), BESOM_E_STATE);
    ck_assert_int_eq(besom_arena_close(rig.m), BESOM_E_STATE);
    ck_assert_int_eq(besom_arena_open(rig.m), BESOM_OK);
    make_list(rig.m, 3);
    ck_assert_int_eq(besom_arena_open(rig.m), BESOM_E_STATE);
    ck_assert_int_eq(besom_arena_restore(rig.m, 4), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_arena_protect(rig.m, theirs), BESOM_E_FOREIGN);
    ck_assert_int_eq(besom_arena_protect(rig.m, &rig), BESOM_E_FOREIGN);
    require_ok(besom_native_enter(rig.m));
    ck_assert_uint_eq(besom_arena_save(rig.m), 0);
    ck_assert_int_eq(besom_arena_restore(rig.m, 0), BESOM_E_STATE);
    ck_assert_int_eq(besom_arena_close(rig.m), BESOM_E_STATE);
    require_ok(besom_native_leave(rig.m));
    ck_assert_uint_eq(besom_arena_save(rig.m), 3);
    ck_assert_uint_eq(count_all(&rig), 3);
    rig_close(&other);
    rig_close(&rig);
}
END_TEST

static void *use_anothers(void *data)
{
    struct rig *rig = data;
    require(besom_arena_open(rig->m) == BESOM_E_THREAD, "opened");
    require(besom_arena_restore(rig->m, 0) == BESOM_E_THREAD, "restored");
    require(besom_arena_save(rig->m) == 0, "saved");
    return NULL;
}

START_TEST(arena_of_another_thread_is_refused)
{
    struct rig rig;
    start_arena(&rig);
    make(rig.m, &node_type);
    thread_join(thread_start(use_anothers, &rig));
    ck_assert_uint_eq(count_all(&rig), 1);
    rig_close(&rig);
}
END_TEST

struct workers {
    struct besom_heap *heap;
    struct gate made, collected;
};

/* Its arena is read by the thread that collects, while it stands here. */
static void *make_and_stand(void *data)
{
    struct workers *w = data;
    struct besom_mutator *m = besom_attach(w->heap);
    require_ok(besom_arena_open(m));
    struct node *list = make_list(m, 100);
    for (int i = 0; i < 100; i++)
        besom_poll(m);
    gate_raise(&w->made);
    gate_wait_native(&w->collected, 1, m);
    check_list(list, 100);
    require_ok(besom_arena_restore(m, 100));
    require(besom_arena_restore(m, 101) == BESOM_E_ARGUMENT, "an arena that grew by itself");
    require_ok(besom_detach(m));
    return NULL;
}

START_TEST(arenas_of_threads_that_stand_hold)
{
    struct rig rig;
    rig_start(&rig);
    struct workers w = {.heap = rig.heap};
    gate_init(&w.made);
    gate_init(&w.collected);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        threads[i] = thread_start(make_and_stand, &w);
    gate_poll(&w.made, 2, rig.m);
    ck_assert_uint_eq(count_all(&rig), 200);
    gate_raise(&w.collected);
    for (int i = 0; i < 2; i++) {
        require_ok(besom_native_enter(rig.m));
        thread_join(threads[i]);
        require_ok(besom_native_leave(rig.m));
    }
    ck_assert_uint_eq(count_all(&rig), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(detached_mutator_leaves_no_arena_to_the_next)
{
    struct rig rig;
    start_arena(&rig);
    make_list(rig.m, 100);
    require_ok(besom_detach(rig.m));
    rig.m = besom_attach(rig.heap);
    ck_assert_ptr_nonnull(rig.m);
    ck_assert_int_eq(besom_arena_restore(rig.m, 0), BESOM_E_STATE);
    ck_assert_uint_eq(count_all(&rig), 0);
    rig_close(&rig);
}
END_TEST

/* Each call of the host's memory fails once while the arena grows: the allocation that needs it
 * answers NULL, and works when tried again. */
static bool grow_with_failing(uint64_t nth, size_t *refused)
{
    struct ledger_host *host = calloc(1, sizeof *host);
    struct besom_config config;
    struct besom_heap *heap;
    besom_config_init(&config);
    ledger_init(host, &config);
    config.ignore_environment = true;
    require_ok(besom_heap_new(&config, &heap, NULL));
    struct besom_mutator *m = besom_attach(heap);
    require_ok(besom_arena_open(m));
    host->ledger.failing = host->ledger.calls + nth;
    for (size_t i = 0; i < 300; i++) {
        while (!besom_new(m, &node_type))
            ++*refused;
        require(besom_arena_save(m) == i + 1, "what was refused is in the arena");
    }
    bool failed = host->ledger.failed;
    host->ledger.failing = 0;
    require_ok(besom_collect(m, BESOM_FULL));
    require(count_objects(m, &node_type) == 300, "an object is lost");
    require_ok(besom_detach(m));
    require_ok(besom_heap_free(heap));
    require(host->ledger.maps == 0 && host->ledger.allocs == 0, "leaked");
    free(host);
    return failed;
}

START_TEST(arena_that_cannot_grow_makes_the_allocation_answer_null)
{
    size_t refused = 0;
    uint64_t n = 1;
    while (grow_with_failing(n, &refused))
        n++;
    ck_assert_uint_gt(n, 4); /* at 1, 65, 129 and 257 objects */
    ck_assert_uint_ge(refused, 4);
}
END_TEST

START_TEST(tables_grow_while_an_arena_is_open)
{
    struct rig rig;
    start_arena(&rig);
    struct besom_table *table = besom_table_new(rig.m, BESOM_WEAK_KEYS, NULL, NULL);
    ck_assert_ptr_nonnull(table);
    struct node *kept = make(rig.m, &node_type);
    require_ok(besom_table_put(rig.m, table, kept, kept));
    size_t mark = besom_arena_save(rig.m);
    for (int i = 0; i < 1000; i++) {
        struct node *key = make(rig.m, &node_type);
        require_ok(besom_table_put(rig.m, table, key, kept));
        if (i % 50 == 0)
            besom_poll(rig.m);
    }
    collect(rig.m);
    ck_assert_uint_eq(besom_table_count(table), 1001);
    require_ok(besom_arena_restore(rig.m, mark));
    collect(rig.m);
    ck_assert_uint_eq(besom_table_count(table), 1);
    ck_assert_ptr_eq(besom_table_get(rig.m, table, kept), kept);
    rig_close(&rig);
}
END_TEST

START_TEST(arena_holds_where_every_allocation_is_a_safepoint)
{
    static const char *const options[] = {"safepoints=alloc,stress=1",
                                          "safepoints=alloc,stress=1,poison", "poison,stress=1",
                                          "safepoints=alloc,stress=1,mode=concurrent,generational"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct rig rig;
        unsigned long calls = 0;
        rig_init_exact(&rig, options[i]);
        rig_open(&rig);
        make(rig.m, &node_type);
        require_ok(besom_arena_open(rig.m));
        for (int n = 0; n < 3; n++)
            make_some(rig.m, &calls);
        require_ok(besom_arena_restore(rig.m, 6));
        ck_assert_uint_eq(count_all(&rig), 6);
        ck_assert_uint_eq(calls, 2);
        rig_close(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        new_objects_of_every_kind_live_until_their_mark_is_restored,
        marks_nest,
        objects_that_the_arena_holds_keep_what_is_stored_into_them,
        restore_after_a_longjmp_drops_what_came_since,
        protected_object_outlives_its_container,
        closing_drops_all_and_ends_the_recording,
        object_that_fits_what_was_left_of_a_window_is_in_the_arena,
        misuse_is_refused_and_changes_nothing,
        arena_of_another_thread_is_refused,
        arenas_of_threads_that_stand_hold,
        detached_mutator_leaves_no_arena_to_the_next,
        arena_that_cannot_grow_makes_the_allocation_answer_null,
        tables_grow_while_an_arena_is_open,
        arena_holds_where_every_allocation_is_a_safepoint,
    };
    return run_tests("arena", tests, sizeof tests / sizeof *tests);
}
