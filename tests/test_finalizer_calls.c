/* test_finalizer_calls.c - who may call what: the host's callback, other threads, emergencies, bad
 * input, and a system without memory. */
#include "support.h"

#include <string.h>

static struct node *make_registered(struct besom_mutator *m, uint64_t id)
{
    struct node *node = make(m, &node_type);
    node->id = id;
    require_ok(besom_finalizer_add(m, node));
    return node;
}

/* ---- on_finalizers_ready ---- */

struct listener { /* a heap's host */
    struct watch watch; /* first: it hears the events */
    struct besom_mutator *m;
    pthread_t thread;
    unsigned calls;
    unsigned pulled;
    unsigned again; /* how often to register what comes */
    bool collects;  /* the callback does, the first time */
    bool nested;    /* is it running? */
};

static void note_call(void *host)
{
    struct listener *l = host;
    require(pthread_equal(l->thread, pthread_self()), "another thread");
    l->calls++;
}

static void drain(void *host)
{
    struct listener *l = host;
    l->calls++;
    if (l->nested)
        return;
    l->nested = true;
    BESOM_LOCALS(l->m, struct node *node; struct node *list;);
    while ((my->node = besom_finalizer_next(l->m))) {
        my->list = make_list(l->m, 10);
        require(my->node->type == &node_type, "no node");
        l->pulled++;
        if (l->again) {
            l->again--;
            require_ok(besom_finalizer_add(l->m, my->node));
        }
        besom_poll(l->m);
        if (l->collects) {
            l->collects = false;
            collect(l->m);
        }
        check_list(my->list, 10);
    }
    l->nested = false;
}

static void start_listening(struct rig *rig, struct listener *l, void (*ready)(void *host))
{
    rig_init(rig);
    memset(l, 0, sizeof *l);
    watch_init(&l->watch, &rig->config);
    rig->config.on_finalizers_ready = ready;
    l->thread = pthread_self();
    rig_open(rig);
    l->m = rig->m;
}

START_TEST(host_is_called_when_the_queue_is_no_longer_empty)
{
    struct rig rig;
    struct listener l;
    start_listening(&rig, &l, note_call);
    collect(rig.m);
    make(rig.m, &node_type);
    collect(rig.m);
    ck_assert_uint_eq(l.calls, 0);
    for (uint64_t i = 1; i <= 3; i++) {
        unsigned before = l.calls;
        make_registered(rig.m, i);
        collect(rig.m);
        besom_poll(rig.m);
        ck_assert_uint_gt(l.calls, before);
        ck_assert_uint_eq(((struct node *)besom_finalizer_next(rig.m))->id, i);
        ck_assert_ptr_null(besom_finalizer_next(rig.m));
    }
    unsigned at_the_end = l.calls;
    collect(rig.m);
    besom_poll(rig.m);
    ck_assert_uint_eq(l.calls, at_the_end); /* it is empty */
    rig_close(&rig);
    watch_check(&l.watch);
}
END_TEST

START_TEST(host_is_called_when_everything_is_moved_into_the_queue)
{
    struct rig rig;
    struct listener l;
    start_listening(&rig, &l, note_call);
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make_registered(rig.m, 1);
        collect(rig.m);
        ck_assert_uint_eq(l.calls, 0);
        require_ok(besom_finalizer_queue_all(rig.m));
        besom_poll(rig.m);
        ck_assert_uint_ge(l.calls, 1);
        ck_assert_ptr_eq(besom_finalizer_next(rig.m), my->node);
        unsigned at_the_end = l.calls;
        require_ok(besom_finalizer_queue_all(rig.m)); /* there is nothing to move */
        besom_poll(rig.m);
        ck_assert_uint_eq(l.calls, at_the_end);
    }
    rig_close(&rig);
    watch_check(&l.watch);
}
END_TEST

START_TEST(host_may_do_in_the_call_what_the_thread_may_do)
{
    struct rig rig;
    struct listener l;
    start_listening(&rig, &l, drain);
    l.again = 40;
    l.collects = true;
    for (uint64_t i = 0; i < 20; i++)
        make_registered(rig.m, i);
    for (int i = 0; i < 50; i++) {
        collect(rig.m);
        besom_poll(rig.m);
    }
    ck_assert_uint_eq(l.pulled, 60);
    ck_assert_ptr_null(besom_finalizer_next(rig.m));
    ck_assert_uint_eq(count_objects(rig.m, &node_type), 0);
    rig_close(&rig);
    watch_check(&l.watch);
}
END_TEST

START_TEST(host_that_drains_in_the_call_keeps_up_with_a_busy_program)
{
    struct rig rig;
    struct listener l;
    start_listening(&rig, &l, drain);
    size_t n = scaled(100000);
    for (size_t i = 0; i < n; i++) {
        make_registered(rig.m, i);
        if (i % 64 == 0) {
            besom_poll(rig.m);
            require_ok(besom_step(rig.m, 20000, NULL));
        }
    }
    for (int i = 0; i < 3; i++) {
        collect(rig.m);
        besom_poll(rig.m);
    }
    ck_assert_uint_eq(l.pulled, n);
    rig_close(&rig);
    watch_check(&l.watch);
}
END_TEST

START_TEST(emergency_calls_nobody_and_loses_no_registration)
{
    struct rig rig;
    struct listener l;
    rig_init_exact(&rig, NULL);
    memset(&l, 0, sizeof l);
    watch_init(&l.watch, &rig.config);
    rig.config.on_finalizers_ready = note_call;
    l.thread = pthread_self();
    rig_open(&rig);
    struct node *node = make_registered(rig.m, 1);
    node->next = make_list(rig.m, 30);
    besom_write(rig.m, node);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
        ck_assert_uint_eq(l.calls, 0);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 31);
    }
    collect(rig.m);
    besom_poll(rig.m);
    ck_assert_uint_ge(l.calls, 1);
    ck_assert_ptr_eq(besom_finalizer_next(rig.m), node);
    check_list(node->next, 30);
    ck_assert_ptr_null(besom_finalizer_next(rig.m));
    rig_close(&rig);
    watch_check(&l.watch);
}
END_TEST

/* ---- other threads ---- */

struct puller {
    struct besom_heap *heap;
    struct gate *gate;
    size_t n;   /* how many to wait for */
    uint64_t last;
};

static void *pull(void *data)
{
    struct puller *p = data;
    struct besom_mutator *m = besom_attach(p->heap);
    require(m != NULL, "no mutator");
    gate_raise(p->gate);
    for (size_t got = 0; got < p->n;) {
        const struct node *node = besom_finalizer_next(m);
        if (node) {
            require(node->id == p->n - 1 - got, "out of order");
            check_list(node->next, 5);
            got++;
        }
        besom_poll(m);
    }
    require_ok(besom_detach(m));
    return NULL;
}

START_TEST(another_thread_may_pull)
{
    struct rig rig;
    rig_start(&rig);
    struct gate gate;
    gate_init(&gate);
    struct puller p = {.heap = rig.heap, .gate = &gate, .n = 500};
    pthread_t thread = thread_start(pull, &p);
    gate_wait_native(&gate, 1, rig.m);
    for (uint64_t i = 0; i < 500; i++) {
        struct node *node = make_registered(rig.m, i);
        node->next = make_list(rig.m, 5);
        besom_write(rig.m, node);
    }
    collect(rig.m);
    require_ok(besom_native_enter(rig.m));
    thread_join(thread);
    require_ok(besom_native_leave(rig.m));
    ck_assert_ptr_null(besom_finalizer_next(rig.m));
    rig_close(&rig);
}
END_TEST

enum { PER_THREAD = 3000 };

struct registrar {
    struct besom_heap *heap;
    uint64_t first;
};

static void *register_many(void *data)
{
    struct registrar *r = data;
    struct besom_mutator *m = besom_attach(r->heap);
    require(m != NULL, "no mutator");
    for (uint64_t i = 0; i < PER_THREAD; i++)
        make_registered(m, r->first + i);
    require_ok(besom_detach(m));
    return NULL;
}

START_TEST(each_threads_registrations_come_in_reverse)
{
    struct rig rig;
    rig_init_exact(&rig, NULL); /* attaching and detaching must not collect */
    rig_open(&rig);
    require_ok(besom_disable(rig.heap));
    struct registrar registrars[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        registrars[i] = (struct registrar){rig.heap, (uint64_t)i * PER_THREAD};
        threads[i] = thread_start(register_many, &registrars[i]);
    }
    require_ok(besom_native_enter(rig.m));
    for (int i = 0; i < 4; i++)
        thread_join(threads[i]);
    require_ok(besom_native_leave(rig.m));
    require_ok(besom_enable(rig.heap));
    collect(rig.m);
    uint64_t left[4] = {PER_THREAD, PER_THREAD, PER_THREAD, PER_THREAD};
    for (int i = 0; i < 4 * PER_THREAD; i++) {
        const struct node *node = besom_finalizer_next(rig.m);
        require(node != NULL, "too few");
        uint64_t thread = node->id / PER_THREAD;
        require(node->id % PER_THREAD == --left[thread], "out of order");
    }
    ck_assert_ptr_null(besom_finalizer_next(rig.m));
    rig_close(&rig);
}
END_TEST

/* ---- bad input ---- */

START_TEST(bad_objects_and_groups_are_refused)
{
    struct rig rig, other;
    rig_start(&rig);
    rig_start(&other);
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        struct node *foreign = make(other.m, &node_type);
        uint64_t local[8] = {0};
        ck_assert_int_eq(besom_finalizer_add(rig.m, foreign), BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_finalizer_add(rig.m, local), BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_finalizer_add(rig.m, &my->node->next), BESOM_E_FOREIGN);
        ck_assert_int_ne(besom_finalizer_add(rig.m, NULL), BESOM_OK);
        ck_assert_int_eq(besom_finalizer_add_group(rig.m, my->node, BESOM_FINALIZER_GROUPS),
                         BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_finalizer_add_group(rig.m, my->node, ~0u), BESOM_E_ARGUMENT);
        ck_assert_int_ne(besom_finalizer_add(NULL, my->node), BESOM_OK);
        ck_assert_int_ne(besom_finalizer_queue_all(NULL), BESOM_OK);
        ck_assert_ptr_null(besom_finalizer_next(NULL));
        ck_assert_uint_eq(stats_of(rig.heap).finalizers, 0);
        ck_assert_uint_eq(stats_of(other.heap).finalizers, 0);
    }
    collect(rig.m);
    ck_assert_ptr_null(besom_finalizer_next(rig.m));
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&other);
    rig_close(&rig);
}
END_TEST

START_TEST(native_mutator_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        make_registered(rig.m, 1);
        collect(rig.m);
        require_ok(besom_native_enter(rig.m));
        ck_assert_int_eq(besom_finalizer_add(rig.m, my->node), BESOM_E_STATE);
        ck_assert_int_eq(besom_finalizer_queue_all(rig.m), BESOM_E_STATE);
        ck_assert_ptr_null(besom_finalizer_next(rig.m));
        require_ok(besom_native_leave(rig.m));
        ck_assert_ptr_nonnull(besom_finalizer_next(rig.m)); /* it has not left the queue */
    }
    rig_close(&rig);
}
END_TEST

struct loan {
    struct besom_mutator *m;
    struct node *node;
};

static void *use_anothers_mutator(void *data)
{
    const struct loan *loan = data;
    require(besom_finalizer_add(loan->m, loan->node) == BESOM_E_THREAD, "another's mutator");
    require(besom_finalizer_queue_all(loan->m) == BESOM_E_THREAD, "another's mutator");
    require(!besom_finalizer_next(loan->m), "another's mutator");
    return NULL;
}

START_TEST(mutator_of_another_thread_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    make_registered(rig.m, 1);
    collect(rig.m);
    struct loan loan = {rig.m, make(rig.m, &node_type)};
    thread_join(thread_start(use_anothers_mutator, &loan));
    ck_assert_ptr_nonnull(besom_finalizer_next(rig.m));
    ck_assert_uint_eq(stats_of(rig.heap).finalizers, 0);
    rig_close(&rig);
}
END_TEST

/* ---- no memory ---- */

/* Registers n nodes while the failing-th call fails; returns how many registrations failed. */
static unsigned register_failing(uint64_t failing, size_t n)
{
    struct ledger_host host;
    struct rig rig;
    unsigned failures = 0;
    rig_init_exact(&rig, "mark_threads=1");
    ledger_init(&host, &rig.config);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, n);
        host.ledger.failing = host.ledger.calls + failing;
        for (struct node *node = my->list; node; node = node->next) {
            enum besom_status status = besom_finalizer_add(rig.m, node);
            if (status != BESOM_OK) {
                require(status == BESOM_E_MEMORY, "another status");
                require(stats_of(rig.heap).finalizers == n - 1 - node->id, "noted all the same");
                require_ok(besom_finalizer_add(rig.m, node));
                failures++;
            }
        }
    }
    collect(rig.m); /* perhaps it is this one's call that fails */
    for (uint64_t i = 0; i < n; i++) {
        const struct node *node = besom_finalizer_next(rig.m);
        require(node && node->id == i, "out of order");
    }
    require(!besom_finalizer_next(rig.m), "too many");
    collect(rig.m);
    require(count_objects(rig.m, NULL) == 0, "objects are left");
    rig_close(&rig);
    watch_check(&host.watch);
    require(host.ledger.maps == 0 && host.ledger.allocs == 0, "leaked");
    return failures;
}

START_TEST(registration_without_memory_changes_nothing)
{
    unsigned failures = 0;
    for (uint64_t failing = 1; failing <= 80; failing++)
        failures += register_failing(failing, 5000);
    ck_assert_uint_gt(failures, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        host_is_called_when_the_queue_is_no_longer_empty,
        host_is_called_when_everything_is_moved_into_the_queue,
        host_may_do_in_the_call_what_the_thread_may_do,
        host_that_drains_in_the_call_keeps_up_with_a_busy_program,
        emergency_calls_nobody_and_loses_no_registration,
        another_thread_may_pull,
        each_threads_registrations_come_in_reverse,
        bad_objects_and_groups_are_refused,
        native_mutator_is_refused,
        mutator_of_another_thread_is_refused,
        registration_without_memory_changes_nothing,
    };
    return run_tests("finalizer calls", tests, sizeof tests / sizeof *tests);
}
