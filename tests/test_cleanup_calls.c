/* test_cleanup_calls.c - when cleanups are called, what they may do, and what is reported or
 * refused. */
#include "support.h"

#include <string.h>

static void count_call(struct besom_mutator *m, void *arg)
{
    (void)m;
    ++*(unsigned *)arg;
}

static void never(struct besom_mutator *m, void *arg)
{
    (void)m, (void)arg;
    ck_abort_msg("a cleanup whose argument keeps its object was called");
}

/* ---- the argument reaches the object ---- */

enum way {
    ITSELF,
    DIRECTLY,
    THROUGH_A_CHAIN,
    THROUGH_A_TABLE,
    THROUGH_A_VALUE,
    THROUGH_AN_EPHEMERON,
    AS_A_STRONG_KEY,
    WAYS
};

static struct node *chain_to(struct besom_mutator *m, struct node *end)
{
    struct node *list = end;
    for (int i = 0; i < 500; i++) {
        struct node *node = make(m, &node_type);
        node->next = list;
        besom_write(m, node);
        list = node;
    }
    return list;
}

/* An argument that reaches obj; key is alive. */
static void *make_argument(struct besom_mutator *m, enum way way, struct node *obj,
                           struct node *key)
{
    struct besom_table *table;
    switch (way) {
    case ITSELF:
        return obj;
    case DIRECTLY: {
        struct node *arg = make(m, &node_type);
        arg->other = obj;
        besom_write(m, arg);
        return arg;
    }
    case THROUGH_A_CHAIN:
        return chain_to(m, obj);
    case THROUGH_A_TABLE:
        table = besom_table_new(m, BESOM_STRONG, NULL, NULL);
        require_ok(besom_table_put(m, table, key, obj));
        return table;
    case THROUGH_A_VALUE:
        table = besom_table_new(m, BESOM_WEAK_KEYS, NULL, NULL);
        require_ok(besom_table_put(m, table, key, chain_to(m, obj)));
        return table;
    case THROUGH_AN_EPHEMERON:
        return besom_ephemeron_new(m, key, obj);
    default:
        table = besom_table_new(m, BESOM_WEAK_VALUES, NULL, NULL);
        require_ok(besom_table_put(m, table, obj, key));
        return table;
    }
}

static void check_way(enum way way)
{
    struct rig rig;
    rig_init_exact(&rig, "verify");
    rig.watch.expected = 1u << BESOM_EVENT_CLEANUP_CYCLE;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *key;);
        my->key = make(rig.m, &node_type);
        struct node *obj = make(rig.m, &node_type);
        void *arg = make_argument(rig.m, way, obj, my->key);
        require(arg != NULL, "no argument");
        struct besom_cleanup *cleanup;
        require_ok(besom_cleanup_add(rig.m, obj, never, arg, &cleanup));
        collect(rig.m);
        collect(rig.m);
        ck_assert_msg(watch_count(&rig.watch, BESOM_EVENT_CLEANUP_CYCLE) >= 1,
                      "way %d is not reported", (int)way);
        ck_assert_uint_ge(stats_of(rig.heap).findings, 1);
        ck_assert_uint_gt(strlen(rig.watch.text[BESOM_EVENT_CLEANUP_CYCLE]), 0);
        ck_assert_ptr_eq(besom_type_of(rig.heap, obj), &node_type); /* it never dies */
        require_ok(besom_cleanup_cancel(rig.m, cleanup));
        collect(rig.m);
        ck_assert_ptr_null(besom_type_of(rig.heap, obj));
    }
    rig_close(&rig);
}

START_TEST(argument_that_reaches_its_object_is_reported)
{
    for (int way = 0; way < WAYS; way++)
        check_way((enum way)way);
}
END_TEST

START_TEST(argument_that_does_not_reach_its_object_is_not_reported)
{
    struct rig rig;
    rig_init_exact(&rig, "verify");
    rig_open(&rig);
    unsigned calls = 0;
    {
        BESOM_LOCALS(rig.m, struct node *node; struct node *key; struct node *dead;);
        my->node = make(rig.m, &node_type);
        my->key = make(rig.m, &node_type);
        /* Host memory; an object that obj reaches; what obj reaches weakly. */
        require_ok(besom_cleanup_add(rig.m, my->node, count_call, &calls, NULL));
        my->node->next = make_list(rig.m, 10);
        besom_write(rig.m, my->node);
        struct besom_cleanup *records[3];
        require_ok(besom_cleanup_add(rig.m, my->node, never, my->node->next, &records[0]));
        void *weak = besom_weak_new(rig.m, BESOM_WEAK_LONG, my->node);
        require_ok(besom_cleanup_add(rig.m, my->node, never, weak, &records[1]));
        struct besom_table *table = besom_table_new(rig.m, BESOM_WEAK_KEYS, NULL, NULL);
        require_ok(besom_table_put(rig.m, table, my->node, my->key));
        require_ok(besom_cleanup_add(rig.m, my->node, never, table, &records[2]));
        for (int i = 0; i < 3; i++) {
            collect(rig.m);
            verify(rig.m);
        }
        ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CLEANUP_CYCLE), 0);
        for (int i = 0; i < 3; i++)
            require_ok(besom_cleanup_cancel(rig.m, records[i]));
        my->node = NULL;
        collect(rig.m);
        ck_assert_uint_eq(calls, 1);
    }
    rig_close(&rig); /* fails on a finding */
}
END_TEST

START_TEST(argument_that_mentions_its_object_only_while_that_lives_is_not_reported)
{
    struct rig rig;
    rig_init_exact(&rig, "verify");
    rig_open(&rig);
    unsigned calls = 0;
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        /* The object is the key, and reaches itself through the value. */
        void *e = besom_ephemeron_new(rig.m, my->node, my->node);
        require_ok(besom_cleanup_add(rig.m, my->node, count_call, &calls, NULL));
        struct besom_cleanup *cleanup;
        require_ok(besom_cleanup_add(rig.m, my->node, never, e, &cleanup));
        collect(rig.m);
        ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CLEANUP_CYCLE), 0);
        require_ok(besom_cleanup_cancel(rig.m, cleanup));
    }
    collect(rig.m);
    ck_assert_uint_eq(calls, 1);
    rig_close(&rig);
}
END_TEST

/* ---- how many run when ---- */

enum { DUE = 60000 };

START_TEST(polls_and_steps_run_a_bounded_number)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    unsigned calls = 0, most = 0;
    for (int i = 0; i < DUE; i++)
        require_ok(besom_cleanup_add(rig.m, make(rig.m, &node_type), count_call, &calls, NULL));
    for (size_t i = 0; calls < DUE; i++) {
        unsigned before = calls;
        if (i % 4)
            besom_poll(rig.m);
        else
            require_ok(besom_step(rig.m, 1000, NULL));
        if (calls - before > most)
            most = calls - before;
        ck_assert_msg(i < 4000000, "%u of %d have run", calls, DUE);
    }
    ck_assert_uint_eq(calls, DUE);
    ck_assert_uint_le(most, DUE / 10);
    rig_close(&rig);
}
END_TEST

static void count_and_poll(struct besom_mutator *m, void *arg)
{
    ++*(unsigned *)arg;
    if (m)
        besom_poll(m);
}

START_TEST(polls_run_all_in_the_end_even_if_cleanups_poll)
{
    for (int emergency = 0; emergency < 2; emergency++) {
        struct rig rig;
        rig_init_exact(&rig, "mark_threads=1");
        rig_open(&rig);
        unsigned calls = 0;
        for (int i = 0; i < 300; i++)
            require_ok(besom_cleanup_add(rig.m, make(rig.m, &node_type), count_and_poll, &calls,
                                         NULL));
        if (emergency)
            require_ok(besom_collect(rig.m, BESOM_EMERGENCY));
        else
            for (bool ended = false; !ended;)
                require_ok(besom_step(rig.m, 1, &ended));
        for (int i = 0; i < 1000; i++)
            besom_poll(rig.m);
        ck_assert_uint_eq(calls, 300);
        rig_close(&rig);
    }
}
END_TEST

START_TEST(full_collection_runs_all_that_are_due)
{
    struct rig rig;
    rig_start(&rig);
    unsigned calls = 0, n = (unsigned)scaled(DUE);
    for (unsigned i = 0; i < n; i++)
        require_ok(besom_cleanup_add(rig.m, make(rig.m, &node_type), count_call, &calls, NULL));
    require_ok(besom_step(rig.m, 1, NULL)); /* some may be due already */
    collect(rig.m);
    ck_assert_uint_eq(calls, n);
    rig_close(&rig);
}
END_TEST

START_TEST(emergency_runs_no_cleanup)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    unsigned calls = 0;
    for (int i = 0; i < 100; i++)
        require_ok(besom_cleanup_add(rig.m, make(rig.m, &node_type), count_call, &calls, NULL));
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
        ck_assert_uint_eq(calls, 0);
    }
    collect(rig.m);
    ck_assert_uint_eq(calls, 100);
    rig_close(&rig);
}
END_TEST

/* ---- what a cleanup may do ---- */

struct busy {
    struct rig *rig;
    unsigned calls;
    unsigned again; /* so many more objects with cleanups */
    bool polls, collects;
};

static void be_busy(struct besom_mutator *m, void *arg)
{
    struct busy *busy = arg;
    busy->calls++;
    if (!m)
        return;
    BESOM_LOCALS(m, struct node *list; struct node *node; struct besom_weak *weak;);
    my->list = make_list(m, 30);
    my->node = make(m, &node_type);
    my->weak = besom_weak_new(m, BESOM_WEAK_SHORT, my->node);
    require_ok(besom_external(busy->rig->heap, my->node, 100));
    require_ok(besom_finalizer_add(m, my->node));
    if (busy->again) {
        busy->again--;
        require_ok(besom_cleanup_add(m, my->node, be_busy, busy, NULL));
    }
    if (busy->polls)
        besom_poll(m);
    if (busy->collects)
        collect(m);
    check_list(my->list, 30);
    require(besom_weak_get(m, my->weak) == my->node, "a weak reference was cleared");
    while (besom_finalizer_next(m))
        ;
}

static void run_busy(bool polls, bool collects)
{
    struct rig rig;
    rig_start(&rig);
    struct busy busy = {.rig = &rig, .again = 200, .polls = polls, .collects = collects};
    for (int i = 0; i < 50; i++)
        require_ok(besom_cleanup_add(rig.m, make(rig.m, &node_type), be_busy, &busy, NULL));
    for (int i = 0; busy.calls < 250; i++) {
        while (besom_finalizer_next(rig.m))
            ;
        collect(rig.m);
        ck_assert_msg(i < 1000, "%u have run", busy.calls);
    }
    while (besom_finalizer_next(rig.m))
        ;
    collect(rig.m);
    while (besom_finalizer_next(rig.m))
        ;
    collect(rig.m);
    ck_assert_uint_eq(busy.calls, 250);
    ck_assert_uint_eq(stats_of(rig.heap).external_bytes, 0);
    rig_close(&rig);
    ck_assert_uint_eq(busy.calls, 250);
}

START_TEST(cleanup_may_do_what_its_thread_may_do)
{
    run_busy(false, false);
    run_busy(true, false);
    run_busy(false, true);
}
END_TEST

/* ---- threads ---- */

struct adder {
    struct besom_heap *heap;
    unsigned *calls;
    unsigned n;
};

static void count_atomically(struct besom_mutator *m, void *arg)
{
    (void)m;
    __atomic_fetch_add((unsigned *)arg, 1, __ATOMIC_RELAXED);
}

static void *add_many(void *data)
{
    const struct adder *adder = data;
    struct besom_mutator *m = besom_attach(adder->heap);
    require(m != NULL, "no mutator");
    struct rng rng = {adder->n};
    for (unsigned i = 0; i < adder->n; i++) {
        BESOM_LOCALS(m, struct node *node;);
        my->node = make(m, &node_type);
        struct besom_cleanup *cleanup;
        require_ok(besom_cleanup_add(m, my->node, count_atomically, adder->calls, &cleanup));
        if (i % 4 == 0)
            besom_poll(m);
        if (i % 5 == 0)
            require_ok(besom_cleanup_cancel(m, cleanup)); /* the object is alive */
        if (rng_below(&rng, 1000) == 0)
            collect(m);
    }
    require_ok(besom_detach(m));
    return NULL;
}

START_TEST(cleanups_run_once_whichever_thread_runs_them)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 1 << 20;
    rig_open(&rig);
    unsigned calls = 0;
    struct adder adder = {rig.heap, &calls, (unsigned)scaled(40000) / 5 * 5};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = thread_start(add_many, &adder);
    require_ok(besom_native_enter(rig.m));
    for (int i = 0; i < 4; i++)
        thread_join(threads[i]);
    require_ok(besom_native_leave(rig.m));
    collect(rig.m);
    ck_assert_uint_eq(calls, 4 * (adder.n - adder.n / 5));
    rig_close(&rig);
}
END_TEST

/* ---- bad input, no memory ---- */

START_TEST(bad_input_is_refused)
{
    struct rig rig, other;
    rig_start(&rig);
    rig_start(&other);
    unsigned calls = 0;
    struct besom_cleanup *out = NULL;
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        struct node *foreign = make(other.m, &node_type);
        uint64_t local[8] = {0};
        ck_assert_int_eq(besom_cleanup_add(rig.m, my->node, NULL, &calls, &out),
                         BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cleanup_add(rig.m, foreign, count_call, &calls, &out),
                         BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_cleanup_add(rig.m, local, count_call, &calls, &out),
                         BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_cleanup_add(rig.m, &my->node->next, count_call, &calls, &out),
                         BESOM_E_FOREIGN);
        ck_assert_int_ne(besom_cleanup_add(rig.m, NULL, count_call, &calls, &out), BESOM_OK);
        ck_assert_int_ne(besom_cleanup_add(NULL, my->node, count_call, &calls, &out), BESOM_OK);
        require_ok(besom_native_enter(rig.m));
        ck_assert_int_eq(besom_cleanup_add(rig.m, my->node, count_call, &calls, &out),
                         BESOM_E_STATE);
        require_ok(besom_native_leave(rig.m));
        ck_assert_ptr_null(out);
        ck_assert_uint_eq(stats_of(rig.heap).cleanups, 0);
    }
    collect(rig.m);
    rig_close(&other);
    rig_close(&rig);
    ck_assert_uint_eq(calls, 0);
}
END_TEST

START_TEST(cleanup_without_memory_changes_nothing)
{
    unsigned failures = 0;
    for (uint64_t failing = 1; failing <= 60; failing++) {
        struct ledger_host host;
        struct rig rig;
        rig_init_exact(&rig, "mark_threads=1");
        ledger_init(&host, &rig.config);
        rig_open(&rig);
        unsigned calls = 0, n = 3000;
        struct node *list = make_list(rig.m, n);
        host.ledger.failing = host.ledger.calls + failing;
        for (struct node *node = list; node; node = node->next) {
            struct besom_cleanup *out = NULL;
            enum besom_status status = besom_cleanup_add(rig.m, node, count_call, &calls, &out);
            if (status != BESOM_OK) {
                require(status == BESOM_E_MEMORY, "another status");
                require(!out, "a record of nothing");
                require_ok(besom_cleanup_add(rig.m, node, count_call, &calls, &out));
                failures++;
            }
        }
        collect(rig.m); /* perhaps it is this one's call that fails */
        ck_assert_uint_eq(calls, n);
        rig_close(&rig);
        watch_check(&host.watch);
        require(host.ledger.maps == 0 && host.ledger.allocs == 0, "leaked");
    }
    ck_assert_uint_gt(failures, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        argument_that_reaches_its_object_is_reported,
        argument_that_does_not_reach_its_object_is_not_reported,
        argument_that_mentions_its_object_only_while_that_lives_is_not_reported,
        polls_and_steps_run_a_bounded_number,
        polls_run_all_in_the_end_even_if_cleanups_poll,
        full_collection_runs_all_that_are_due,
        emergency_runs_no_cleanup,
        cleanup_may_do_what_its_thread_may_do,
        cleanups_run_once_whichever_thread_runs_them,
        bad_input_is_refused,
        cleanup_without_memory_changes_nothing,
    };
    return run_tests("cleanup calls", tests, sizeof tests / sizeof *tests);
}
