/* test_native.c - a thread in a native region delays no collection, and none is under way when
 * it comes back. */
#include "support.h"

#include <string.h>

struct sleeper {
    struct besom_heap *heap;
    struct gate asleep, awake;
    size_t n; /* nodes of the list it holds while it sleeps */
};

static void *hold_and_sleep(void *data)
{
    struct sleeper *s = data;
    struct besom_mutator *m = besom_attach(s->heap);
    ck_assert_ptr_nonnull(m);
    {
        BESOM_LOCALS(m, struct node *list;);
        my->list = make_list(m, s->n);
        ck_assert_int_eq(besom_native_enter(m), BESOM_OK);
        gate_raise(&s->asleep);
        gate_wait(&s->awake, 1);
        ck_assert_int_eq(besom_native_leave(m), BESOM_OK);
        check_list(my->list, s->n);
    }
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(blocked_threads_delay_no_collection_and_keep_their_roots)
{
    enum { SLEEPERS = 5 };
    struct rig rig;
    rig_start(&rig);
    struct sleeper sleepers[SLEEPERS];
    pthread_t threads[SLEEPERS];
    for (size_t i = 0; i < SLEEPERS; i++) {
        sleepers[i] = (struct sleeper){.heap = rig.heap, .n = 100 * (i + 1)};
        gate_init(&sleepers[i].asleep);
        gate_init(&sleepers[i].awake);
        threads[i] = thread_start(hold_and_sleep, &sleepers[i]);
    }
    for (size_t i = 0; i < SLEEPERS; i++)
        gate_poll(&sleepers[i].asleep, 1, rig.m);
    for (int i = 0; i < 10; i++) {
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 1500);
    }
    for (size_t i = 0; i < SLEEPERS; i++)
        gate_raise(&sleepers[i].awake);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    for (size_t i = 0; i < SLEEPERS; i++)
        thread_join(threads[i]);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

/* ---- coming back while the world is stopped ---- */

struct slow_stop { /* the heap's host: holds the world stopped for a while when armed */
    struct watch watch;
    struct gate stopped;
    int armed;
    uint64_t let_go_ns;
    void (*note)(void *host, const struct besom_event *event);
};

static void hold_the_world(void *host, const struct besom_event *event)
{
    struct slow_stop *slow = host;
    slow->note(host, event);
    if (event->kind != BESOM_EVENT_PHASE_BEGIN || event->phase != BESOM_WEAK ||
        !__atomic_exchange_n(&slow->armed, 0, __ATOMIC_RELAXED))
        return;
    gate_raise(&slow->stopped);
    sleep_ms(80);
    __atomic_store_n(&slow->let_go_ns, now_ns(), __ATOMIC_RELAXED);
}

static void start_slow(struct rig *rig, struct slow_stop *slow)
{
    rig_init(rig);
    memset(slow, 0, sizeof *slow);
    watch_init(&slow->watch, &rig->config);
    slow->note = rig->config.on_event;
    rig->config.on_event = hold_the_world;
    gate_init(&slow->stopped);
    rig_open(rig);
}

struct returner {
    struct besom_heap *heap;
    struct slow_stop *slow;
    struct gate ready;
    uint64_t back_ns;
};

static void *come_back_while_stopped(void *data)
{
    struct returner *r = data;
    struct besom_mutator *m = besom_attach(r->heap);
    ck_assert_ptr_nonnull(m);
    ck_assert_int_eq(besom_native_enter(m), BESOM_OK);
    gate_raise(&r->ready);
    gate_wait(&r->slow->stopped, 1);
    ck_assert_int_eq(besom_native_leave(m), BESOM_OK);
    r->back_ns = now_ns();
    make_list(m, 100);
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

static void *attach_while_stopped(void *data)
{
    struct returner *r = data;
    gate_raise(&r->ready);
    gate_wait(&r->slow->stopped, 1);
    struct besom_mutator *m = besom_attach(r->heap);
    ck_assert_ptr_nonnull(m);
    r->back_ns = now_ns();
    make_list(m, 100);
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

static void check_waits(void *(*run)(void *))
{
    struct rig rig;
    struct slow_stop slow;
    start_slow(&rig, &slow);
    struct returner r = {.heap = rig.heap, .slow = &slow};
    gate_init(&r.ready);
    pthread_t thread = thread_start(run, &r);
    gate_poll(&r.ready, 1, rig.m);
    __atomic_store_n(&slow.armed, 1, __ATOMIC_RELAXED);
    collect(rig.m);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    thread_join(thread);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    uint64_t let_go_ns = __atomic_load_n(&slow.let_go_ns, __ATOMIC_RELAXED);
    ck_assert_uint_ne(let_go_ns, 0);
    ck_assert_uint_ge(r.back_ns, let_go_ns);
    rig_close(&rig);
    watch_check(&slow.watch);
}

START_TEST(leaving_a_native_region_waits_for_the_stop_to_end)
{
    check_waits(come_back_while_stopped);
}
END_TEST

START_TEST(attaching_waits_for_the_stop_to_end)
{
    check_waits(attach_while_stopped);
}
END_TEST

/* ---- stops with any mix ---- */

struct mix {
    struct besom_heap *heap;
    bool stop;
};

static bool is_over(struct mix *mix)
{
    return __atomic_load_n(&mix->stop, __ATOMIC_RELAXED);
}

static void *poll_only(void *data)
{
    struct mix *mix = data;
    struct besom_mutator *m = besom_attach(mix->heap);
    while (!is_over(mix))
        besom_poll(m);
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

static void *come_and_go(void *data)
{
    struct mix *mix = data;
    while (!is_over(mix)) {
        struct besom_mutator *m = besom_attach(mix->heap);
        ck_assert_ptr_nonnull(m);
        make_list(m, 10);
        ck_assert_int_eq(besom_detach(m), BESOM_OK);
    }
    return NULL;
}

static void *enter_and_leave(void *data)
{
    struct mix *mix = data;
    struct besom_mutator *m = besom_attach(mix->heap);
    for (int i = 0; !is_over(mix); i++) {
        BESOM_LOCALS(m, struct node *list;);
        my->list = make_list(m, 20);
        ck_assert_int_eq(besom_native_enter(m), BESOM_OK);
        if (i % 16 == 0)
            sleep_ms(1);
        ck_assert_int_eq(besom_native_leave(m), BESOM_OK);
        check_list(my->list, 20);
    }
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

static void *collect_often(void *data)
{
    struct mix *mix = data;
    struct besom_mutator *m = besom_attach(mix->heap);
    while (!is_over(mix)) {
        BESOM_LOCALS(m, struct node *list;);
        my->list = make_list(m, 30);
        collect(m);
        check_list(my->list, 30);
        sleep_ms(1);
    }
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(stops_work_with_any_mix_of_threads)
{
    void *(*const roles[])(void *) = {poll_only, come_and_go, enter_and_leave, collect_often,
                                      collect_often, enter_and_leave};
    enum { N = sizeof roles / sizeof *roles };
    struct rig rig;
    rig_start(&rig);
    struct mix mix = {.heap = rig.heap};
    pthread_t threads[N];
    for (size_t i = 0; i < N; i++)
        threads[i] = thread_start(roles[i], &mix);
    uint64_t end_ns = now_ns() + UINT64_C(700000000);
    for (int i = 0; now_ns() < end_ns; i++) {
        make_list(rig.m, 100);
        besom_poll(rig.m);
        if (i % 8 == 0)
            collect(rig.m);
    }
    __atomic_store_n(&mix.stop, true, __ATOMIC_RELAXED);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    for (size_t i = 0; i < N; i++)
        thread_join(threads[i]);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(every_collection_stops_a_polling_thread)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct mix mix = {.heap = rig.heap};
    pthread_t thread = thread_start(poll_only, &mix);
    for (int i = 0; i < 200; i++)
        collect(rig.m);
    __atomic_store_n(&mix.stop, true, __ATOMIC_RELAXED);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    thread_join(thread);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    ck_assert_uint_ge(watch_count(&rig.watch, BESOM_EVENT_STOP), 200);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        blocked_threads_delay_no_collection_and_keep_their_roots,
        leaving_a_native_region_waits_for_the_stop_to_end,
        attaching_waits_for_the_stop_to_end,
        stops_work_with_any_mix_of_threads,
        every_collection_stops_a_polling_thread,
    };
    return run_tests("native", tests, sizeof tests / sizeof *tests);
}
