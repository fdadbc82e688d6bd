/* test_gc_destroy.c - destroy hooks: in batches, once each, their dead neighbours still readable. */
#include "support.h"

#include "gc/cycle.h"
#include "gc/heap.h"
#include "gc/mutator.h"

#include <string.h>

enum { BATCH = 512, N = 3 * BATCH + 100 };

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

/* ---- objects whose hooks look at other dead objects ---- */

struct record {
    const struct besom_type *type;
    struct record *next;  /* the one made before */
    struct node *private; /* nobody else knows it */
    uint64_t id;
};

static unsigned char ran[N];
static unsigned n_ran, n_wrong, n_twice;

static bool is_intact(const struct record *r)
{
    return r->type->n_fields == 2 && r->id < N && r->private->type == &node_type &&
           r->private->id == r->id;
}

static void look_around(struct besom_heap *heap, void *obj)
{
    (void)heap;
    struct record *r = obj;
    n_wrong += !is_intact(r);
    for (int i = 0; i < 3 && r->next; i++, r = r->next)
        n_wrong += !is_intact(r->next);
    r = obj;
    n_twice += ran[r->id] != 0;
    ran[r->id] = 1;
    n_ran++;
}

static const struct besom_field record_fields[] = {
    {"next", offsetof(struct record, next)},
    {"private", offsetof(struct record, private)},
};
static const struct besom_type record_type = {.name = "record",
                                              .size_bytes = sizeof(struct record),
                                              .fields = record_fields,
                                              .n_fields = 2,
                                              .destroy = look_around};

/* A list of n records that nobody keeps; it has survived so many cycles. */
static void make_records(struct besom_mutator *m, size_t n, int cycles)
{
    BESOM_LOCALS(m, struct record * last;);
    n_ran = n_wrong = n_twice = 0;
    memset(ran, 0, sizeof ran);
    for (size_t i = 0; i < n; i++) {
        struct record *r = make(m, &record_type);
        r->id = i;
        r->next = my->last;
        r->private = make(m, &node_type);
        r->private->id = i;
        besom_write(m, r);
        my->last = r;
    }
    while (cycles-- > 0)
        collect(m);
}

/* Writes over memory, if any of it may be had that should not. */
static void allocate(struct besom_mutator *m)
{
    for (int i = 0; i < 20000; i++)
        ((struct node *)make(m, &node_type))->id = UINT64_MAX;
    struct blob *blob = make_sized(m, &blob_type, 200000);
    memset(blob->words, 0xa5, 100000);
}

static void begin_cycle(struct rig *rig)
{
    ck_assert_int_eq(besom_step(rig->m, 1, NULL), BESOM_OK);
    ck_assert_uint_eq(rig->heap->cycle.phase, BESOM_FINALIZE);
    ck_assert_uint_eq(n_ran, 0);
}

/* ---- batches ---- */

START_TEST(poll_runs_a_batch_of_hooks)
{
    struct rig rig;
    start(&rig, NULL);
    make_records(rig.m, N, 0);
    begin_cycle(&rig);
    for (unsigned polls = 1; n_ran < N; polls++) {
        besom_poll(rig.m);
        ck_assert_uint_eq(n_ran, polls * BATCH < N ? polls * BATCH : N);
        ck_assert_uint_eq(stats_of(rig.heap).destroyed_objects, n_ran);
        ck_assert_int_eq(rig.heap->spaces.may_sweep, n_ran == N);
        allocate(rig.m);
    }
    besom_poll(rig.m);
    ck_assert_uint_eq(rig.m->requests, 0);
    ck_assert_uint_eq(n_wrong + n_twice, 0);
    rig_close(&rig);
    ck_assert_uint_eq(n_ran, N);
}
END_TEST

START_TEST(slow_poll_runs_one_hook)
{
    struct rig rig;
    start(&rig, "slow");
    make_records(rig.m, 50, 0);
    begin_cycle(&rig);
    for (unsigned polls = 1; polls <= 50; polls++) {
        besom_poll(rig.m);
        ck_assert_uint_eq(n_ran, polls);
    }
    rig_close(&rig);
    ck_assert_uint_eq(n_ran, 50);
}
END_TEST

START_TEST(dead_are_neither_swept_nor_reused_before_the_last_hook)
{
    struct rig rig;
    start(&rig, "poison");
    make_records(rig.m, N, 0);
    begin_cycle(&rig);
    while (n_ran < N) {
        allocate(rig.m);
        verify(rig.m);
        besom_poll(rig.m);
    }
    ck_assert_uint_eq(n_wrong, 0);
    rig_close(&rig);
}
END_TEST

START_TEST(next_collection_runs_what_is_left_first)
{
    for (int age = 0; age < 3; age++) {
        struct rig rig;
        start(&rig, NULL);
        make_records(rig.m, N, age);
        begin_cycle(&rig);
        besom_poll(rig.m);
        allocate(rig.m);
        collect(rig.m);
        ck_assert_uint_eq(n_ran, N);
        ck_assert_uint_eq(n_wrong + n_twice, 0);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
        rig_close(&rig);
    }
}
END_TEST

START_TEST(freeing_the_heap_runs_what_is_left)
{
    for (int batches = 0; batches < 3; batches++) {
        struct rig rig;
        start(&rig, NULL);
        make_records(rig.m, N, 0);
        begin_cycle(&rig);
        for (int i = 0; i < batches; i++)
            besom_poll(rig.m);
        rig_close(&rig);
        ck_assert_uint_eq(n_ran, N);
        ck_assert_uint_eq(n_wrong + n_twice, 0);
    }
}
END_TEST

START_TEST(freeing_the_heap_destroys_the_living)
{
    struct rig rig;
    start(&rig, NULL);
    make_records(rig.m, 100, 0);
    rig_close(&rig);
    ck_assert_uint_eq(n_ran, 100);
    ck_assert_uint_eq(n_wrong + n_twice, 0);
}
END_TEST

/* ---- emergencies ---- */

START_TEST(emergency_between_batches_runs_no_hook_twice_and_keeps_the_neighbours)
{
    for (int batches = 0; batches < 4; batches++)
        for (int emergencies = 1; emergencies < 4; emergencies++) {
            struct rig rig;
            start(&rig, "verify");
            make_records(rig.m, N, emergencies - 1);
            begin_cycle(&rig);
            for (int i = 0; i < batches; i++)
                besom_poll(rig.m);
            unsigned before = n_ran;
            for (int i = 0; i < emergencies; i++) {
                ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
                verify(rig.m);
                allocate(rig.m);
            }
            ck_assert_uint_eq(n_ran, before);
            collect(rig.m);
            ck_assert_uint_eq(n_ran, N);
            ck_assert_uint_eq(n_wrong, 0);
            ck_assert_uint_eq(n_twice, 0);
            ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
            rig_close(&rig);
            ck_assert_uint_eq(n_ran, N);
        }
}
END_TEST

START_TEST(destroyed_object_is_pinned_however_it_is_reached)
{
    /* The destroyed refer to each other, and those not yet destroyed to them, in both directions. */
    struct rig rig;
    start(&rig, "verify");
    make_records(rig.m, 0, 0);
    static struct record *all[N];
    for (size_t i = 0; i < N; i++) {
        all[i] = make(rig.m, &record_type);
        all[i]->id = i;
        all[i]->private = make(rig.m, &node_type);
        all[i]->private->id = i;
    }
    for (size_t i = 0; i < N; i++)
        all[i]->next = all[(i * 977 + 1) % N];
    memset(all, 0, sizeof all);
    begin_cycle(&rig);
    besom_poll(rig.m);
    ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
    allocate(rig.m);
    ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
    besom_poll(rig.m);
    ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
    allocate(rig.m);
    collect(rig.m);
    ck_assert_uint_eq(n_ran, N);
    ck_assert_uint_eq(n_wrong + n_twice, 0);
    rig_close(&rig);
}
END_TEST

/* ---- several mutators ---- */

START_TEST(thread_that_attaches_while_hooks_wait_helps)
{
    struct rig rig;
    start(&rig, NULL);
    make_records(rig.m, N, 0);
    begin_cycle(&rig);
    ck_assert_int_eq(besom_detach(rig.m), BESOM_OK);
    rig.m = besom_attach(rig.heap);
    for (int i = 0; i < 5; i++)
        besom_poll(rig.m);
    ck_assert_uint_eq(n_ran, N);
    rig_close(&rig);
}
END_TEST

struct caller {
    struct besom_heap *heap;
    enum besom_collect_kind kind;
    struct gate *attached;
};

static void *call_collect(void *data)
{
    struct caller *caller = data;
    struct besom_mutator *m = besom_attach(caller->heap);
    gate_raise(caller->attached);
    ck_assert_int_eq(besom_collect(m, caller->kind), BESOM_OK);
    if (caller->kind == BESOM_FULL)
        ck_assert_uint_eq(n_ran, 100);
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(emergency_of_another_thread_does_not_stand_in_for_a_full_collection)
{
    for (int i = 0; i < 20; i++) {
        struct rig rig;
        struct gate attached;
        start(&rig, NULL);
        gate_init(&attached);
        make_records(rig.m, 100, 0);
        pthread_mutex_lock(&rig.heap->collect_lock); /* so that both wait */
        struct caller emergency = {rig.heap, BESOM_EMERGENCY, &attached};
        struct caller full = {rig.heap, BESOM_FULL, &attached};
        pthread_t a = thread_start(call_collect, &emergency);
        gate_wait(&attached, 1);
        sleep_ms(2);
        pthread_t b = thread_start(call_collect, &full);
        gate_wait(&attached, 2);
        sleep_ms(2);
        pthread_mutex_unlock(&rig.heap->collect_lock);
        ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
        thread_join(a);
        thread_join(b);
        ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
        ck_assert_uint_eq(n_ran, 100);
        rig_close(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        poll_runs_a_batch_of_hooks,
        slow_poll_runs_one_hook,
        dead_are_neither_swept_nor_reused_before_the_last_hook,
        next_collection_runs_what_is_left_first,
        freeing_the_heap_runs_what_is_left,
        freeing_the_heap_destroys_the_living,
        emergency_between_batches_runs_no_hook_twice_and_keeps_the_neighbours,
        destroyed_object_is_pinned_however_it_is_reached,
        thread_that_attaches_while_hooks_wait_helps,
        emergency_of_another_thread_does_not_stand_in_for_a_full_collection,
    };
    return run_tests("gc destroy", tests, sizeof tests / sizeof *tests);
}
