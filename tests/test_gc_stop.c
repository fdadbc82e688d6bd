/* test_gc_stop.c - states and requests of mutators, stops that wait and let go, and their times. */
#include "support.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/histogram.h"
#include "gc/mutator.h"
#include "gc/stop.h"

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

static struct besom__mutator *whole(struct rig *rig)
{
    return besom__mutator_of(rig->m);
}

static uint32_t word(struct besom_mutator *m)
{
    return besom__u32_load_acquire(&m->requests);
}

/* Stops and resumes as collections do. */
static void stop(struct rig *rig)
{
    besom__collect_lock(rig->heap, whole(rig));
    besom__world_stop(rig->heap, whole(rig));
}

static uint64_t resume(struct rig *rig)
{
    uint64_t ns = besom__world_resume(rig->heap, whole(rig));
    besom__collect_unlock(rig->heap);
    return ns;
}

/* ---- one mutator's word ---- */

START_TEST(native_region_is_a_bit)
{
    struct rig rig;
    start(&rig, NULL);
    ck_assert_uint_eq(word(rig.m), 0);
    besom__native_enter(whole(&rig));
    ck_assert_uint_eq(word(rig.m), MUTATOR_NATIVE);
    besom__native_leave(whole(&rig));
    ck_assert_uint_eq(word(rig.m), 0);
    besom__u32_or(&rig.m->requests, REQUEST_COLLECT);
    besom__native_enter(whole(&rig));
    ck_assert_uint_eq(word(rig.m), MUTATOR_NATIVE | REQUEST_COLLECT);
    besom__native_leave(whole(&rig));
    ck_assert_uint_eq(word(rig.m), REQUEST_COLLECT);
    besom__u32_and(&rig.m->requests, ~(uint32_t)REQUEST_COLLECT);
    rig_close(&rig);
}
END_TEST

START_TEST(stop_of_one_mutator_asks_nothing_of_it)
{
    struct rig rig;
    start(&rig, NULL);
    stop(&rig);
    ck_assert_uint_eq(word(rig.m), 0);
    ck_assert(rig.heap->stop.active);
    ck_assert_ptr_eq(rig.heap->stop.self, whole(&rig));
    resume(&rig);
    ck_assert(!rig.heap->stop.active);
    ck_assert_uint_eq(word(rig.m), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(stress_keeps_every_poll_slow)
{
    struct rig rig;
    start(&rig, "stress=1000");
    ck_assert_uint_eq(word(rig.m), REQUEST_ALWAYS);
    collect(rig.m);
    besom_poll(rig.m);
    ck_assert_uint_eq(word(rig.m), REQUEST_ALWAYS);
    rig_close(&rig);
}
END_TEST

/* ---- another thread ---- */

/* A second mutator that does what it is told when the gate is raised. */
struct second {
    struct besom_heap *heap;
    struct besom_mutator *m; /* set when it is attached */
    struct gate ready, go, done;
    int polls;        /* before it is done */
    bool leaves;      /* a native region, instead */
    uint64_t counter; /* goes up while it runs */
};

static void *run_second(void *data)
{
    struct second *s = data;
    s->m = besom_attach(s->heap);
    if (s->leaves)
        besom_native_enter(s->m);
    gate_raise(&s->ready);
    gate_wait(&s->go, 1);
    if (s->leaves)
        besom_native_leave(s->m);
    for (int i = 0; i < s->polls; i++)
        besom_poll(s->m);
    __atomic_fetch_add(&s->counter, 1, __ATOMIC_SEQ_CST);
    gate_raise(&s->done);
    besom_native_enter(s->m);
    gate_wait(&s->go, 2);
    besom_native_leave(s->m);
    besom_detach(s->m);
    return NULL;
}

static pthread_t start_second(struct second *s, struct rig *rig, int polls, bool leaves)
{
    *s = (struct second){.heap = rig->heap, .polls = polls, .leaves = leaves};
    gate_init(&s->ready);
    gate_init(&s->go);
    gate_init(&s->done);
    pthread_t thread = thread_start(run_second, s);
    gate_wait(&s->ready, 1);
    return thread;
}

static void end_second(struct second *s, struct rig *rig, pthread_t thread)
{
    gate_wait_native(&s->done, 1, rig->m);
    gate_raise(&s->go);
    besom_native_enter(rig->m);
    thread_join(thread);
    besom_native_leave(rig->m);
}

static uint64_t counter(struct second *s)
{
    return __atomic_load_n(&s->counter, __ATOMIC_SEQ_CST);
}

START_TEST(native_mutator_is_borrowed_and_waits_when_it_leaves)
{
    struct rig rig;
    struct second s;
    start(&rig, NULL);
    pthread_t thread = start_second(&s, &rig, 0, true);
    ck_assert_uint_eq(word(s.m), MUTATOR_NATIVE);
    stop(&rig); /* does not wait for it */
    ck_assert_uint_eq(word(s.m), MUTATOR_NATIVE | MUTATOR_BORROWED | REQUEST_STOP);
    gate_raise(&s.go);
    sleep_ms(20);
    ck_assert_uint_eq(counter(&s), 0);
    ck_assert_uint_eq(word(s.m), MUTATOR_NATIVE | MUTATOR_BORROWED | REQUEST_STOP);
    uint64_t pauses = besom_histogram_count(rig.heap->pauses);
    resume(&rig);
    end_second(&s, &rig, thread);
    ck_assert_uint_eq(counter(&s), 1);
    ck_assert_uint_ge(besom_histogram_count(rig.heap->pauses), pauses + 2);
    ck_assert_uint_ge(besom_histogram_max_ns(rig.heap->pauses), 15000000);
    rig_close(&rig);
}
END_TEST

/* Lets the second one run to its poll, a while after the stop has been asked for. */
static void *let_go_late(void *data)
{
    struct second *s = data;
    sleep_ms(30);
    __atomic_fetch_add(&s->counter, 100, __ATOMIC_SEQ_CST);
    gate_raise(&s->go);
    return NULL;
}

START_TEST(stop_waits_for_a_running_mutator_to_poll)
{
    struct rig rig;
    struct second s;
    start(&rig, NULL);
    pthread_t thread = start_second(&s, &rig, 1, false);
    ck_assert_uint_eq(word(s.m), 0);
    pthread_t late = thread_start(let_go_late, &s);
    stop(&rig);
    /* Had the stop not waited, the second one would still run. */
    ck_assert_uint_ge(counter(&s), 100);
    ck_assert_uint_eq(word(s.m), MUTATOR_NATIVE | MUTATOR_BORROWED | REQUEST_STOP);
    ck_assert_uint_ge(rig.heap->stop.reached_ns - rig.heap->stop.requested_ns, 20000000);
    sleep_ms(20);
    ck_assert_uint_eq(counter(&s), 100); /* it stands */
    ck_assert_uint_ge(resume(&rig), 40000000);
    thread_join(late);
    end_second(&s, &rig, thread);
    ck_assert_uint_eq(counter(&s), 101);
    rig_close(&rig);
}
END_TEST

START_TEST(resumed_mutators_are_asked_for_nothing_more)
{
    struct rig rig;
    struct second s;
    start(&rig, NULL);
    pthread_t thread = start_second(&s, &rig, 0, true);
    besom__u32_or(&s.m->requests, REQUEST_SETTLE);
    for (int i = 0; i < 100; i++) {
        stop(&rig);
        resume(&rig);
        ck_assert_uint_eq(word(s.m), MUTATOR_NATIVE | REQUEST_SETTLE);
    }
    gate_raise(&s.go);
    end_second(&s, &rig, thread);
    rig_close(&rig);
}
END_TEST

START_TEST(requests_reach_every_mutator)
{
    struct rig rig;
    struct second s;
    start(&rig, NULL);
    pthread_t thread = start_second(&s, &rig, 1, false);
    besom__request_all(rig.heap, REQUEST_COLLECT);
    ck_assert_uint_eq(word(s.m), REQUEST_COLLECT);
    ck_assert_uint_eq(word(rig.m), REQUEST_COLLECT);
    gate_raise(&s.go); /* no cycle is due: the poll only takes note */
    end_second(&s, &rig, thread);
    ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), 0);
    besom_poll(rig.m);
    ck_assert_uint_eq(word(rig.m), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(lock_of_collections_is_waited_for_as_in_a_native_region)
{
    struct rig rig;
    struct second s;
    start(&rig, NULL);
    pthread_t thread = start_second(&s, &rig, 1, false);
    besom__collect_lock(rig.heap, whole(&rig));
    besom__u32_or(&s.m->requests, REQUEST_COLLECT); /* its poll will want the lock */
    rig.heap->pace.refused = 1;
    gate_raise(&s.go);
    while (!(word(s.m) & MUTATOR_NATIVE))
        sleep_ms(1);
    besom__world_stop(rig.heap, whole(&rig)); /* it is in nobody's way */
    ck_assert_uint_eq(counter(&s), 0);
    sleep_ms(10);
    besom__world_resume(rig.heap, whole(&rig));
    besom__collect_unlock(rig.heap);
    end_second(&s, &rig, thread);
    ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), 1);
    ck_assert_uint_ge(besom_histogram_max_ns(rig.heap->pauses), 10000000);
    rig_close(&rig);
}
END_TEST

/* ---- the list of mutators ---- */

static void *attach_only(void *data)
{
    struct second *s = data;
    gate_raise(&s->ready);
    s->m = besom_attach(s->heap);
    __atomic_fetch_add(&s->counter, 1, __ATOMIC_SEQ_CST);
    besom_detach(s->m);
    gate_raise(&s->done);
    return NULL;
}

START_TEST(attaching_waits_for_the_stop_to_end)
{
    struct rig rig;
    struct second s = {0};
    start(&rig, NULL);
    s.heap = rig.heap;
    gate_init(&s.ready);
    gate_init(&s.done);
    stop(&rig);
    pthread_t thread = thread_start(attach_only, &s);
    gate_wait(&s.ready, 1);
    sleep_ms(20);
    ck_assert_uint_eq(counter(&s), 0);
    ck_assert_uint_eq(rig.heap->stop.n_mutators, 1);
    resume(&rig);
    gate_wait_native(&s.done, 1, rig.m);
    ck_assert_uint_eq(counter(&s), 1);
    besom_native_enter(rig.m);
    thread_join(thread);
    besom_native_leave(rig.m);
    ck_assert_uint_eq(rig.heap->stop.n_mutators, 1);
    rig_close(&rig);
}
END_TEST

static void *detach_only(void *data)
{
    struct second *s = data;
    s->m = besom_attach(s->heap);
    besom_native_enter(s->m);
    gate_raise(&s->ready);
    gate_wait(&s->go, 1);
    besom_native_leave(s->m); /* waits, too; so detaching begins after the stop */
    besom_detach(s->m);
    __atomic_fetch_add(&s->counter, 1, __ATOMIC_SEQ_CST);
    gate_raise(&s->done);
    return NULL;
}

START_TEST(detaching_leaves_the_list_in_order)
{
    enum { THREADS = 6 };
    struct rig rig;
    struct second s[THREADS] = {{0}};
    pthread_t threads[THREADS];
    start(&rig, NULL);
    for (int i = 0; i < THREADS; i++) {
        s[i].heap = rig.heap;
        gate_init(&s[i].ready);
        gate_init(&s[i].go);
        gate_init(&s[i].done);
        threads[i] = thread_start(detach_only, &s[i]);
        gate_wait(&s[i].ready, 1);
    }
    ck_assert_uint_eq(rig.heap->stop.n_mutators, THREADS + 1);
    static const int order[THREADS] = {2, 0, 5, 1, 4, 3};
    for (int i = 0; i < THREADS; i++) {
        stop(&rig);
        gate_raise(&s[order[i]].go);
        resume(&rig);
        gate_wait_native(&s[order[i]].done, 1, rig.m);
        size_t n = 0;
        for (struct besom__mutator *m = rig.heap->stop.mutators; m; m = m->next)
            n += m->magic == MUTATOR_ATTACHED;
        ck_assert_uint_eq(n, (size_t)(THREADS - i));
        ck_assert_uint_eq(rig.heap->stop.n_mutators, n);
    }
    besom_native_enter(rig.m);
    for (int i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    besom_native_leave(rig.m);
    rig_close(&rig);
}
END_TEST

/* ---- times ---- */

START_TEST(times_of_stops_add_up)
{
    struct rig rig;
    start(&rig, NULL);
    uint64_t sum = 0, max = 0;
    for (int i = 0; i < 20; i++) {
        stop(&rig);
        if (i % 5 == 0)
            sleep_ms(3);
        uint64_t ns = resume(&rig);
        sum += ns;
        max = ns > max ? ns : max;
        ck_assert_uint_eq(rig.heap->stop.ns_last, ns);
        ck_assert_uint_eq(rig.heap->stop.ns_sum, sum);
        ck_assert_uint_eq(rig.heap->stop.ns_max, max);
        ck_assert_uint_eq(besom_histogram_count(rig.heap->pauses), (uint64_t)i + 1);
        ck_assert_uint_eq(besom_histogram_sum_ns(rig.heap->pauses), sum);
        ck_assert_uint_eq(besom_histogram_max_ns(rig.heap->pauses), max);
    }
    ck_assert_uint_ge(max, 3000000);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        native_region_is_a_bit,
        stop_of_one_mutator_asks_nothing_of_it,
        stress_keeps_every_poll_slow,
        native_mutator_is_borrowed_and_waits_when_it_leaves,
        stop_waits_for_a_running_mutator_to_poll,
        resumed_mutators_are_asked_for_nothing_more,
        requests_reach_every_mutator,
        lock_of_collections_is_waited_for_as_in_a_native_region,
        attaching_waits_for_the_stop_to_end,
        detaching_leaves_the_list_in_order,
        times_of_stops_add_up,
    };
    return run_tests("gc stop", tests, sizeof tests / sizeof *tests);
}
