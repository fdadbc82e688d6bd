/* test_rounds.c - what marking beside mutators makes of stores, logs and stamps.
 *
 * White box: one thread steps through the rounds of a cycle and looks at colors, stamps and bags. */
#include "support.h"
#include "stores.h"

#include "gc/heap.h"
#include "gc/log.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/verify.h"

#include <stdio.h>
#include <string.h>

enum { LONG = 20000 };

/* A second mutator, in a native region: the only one would mark as in a stop. */
static struct {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool there, may_go;
} bystander = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void *stand_by(void *data)
{
    struct besom_mutator *m = besom_attach(data);
    require(m != NULL, "no mutator");
    require_ok(besom_native_enter(m));
    pthread_mutex_lock(&bystander.lock);
    bystander.there = true;
    pthread_cond_broadcast(&bystander.changed);
    while (!bystander.may_go)
        pthread_cond_wait(&bystander.changed, &bystander.lock);
    pthread_mutex_unlock(&bystander.lock);
    require_ok(besom_native_leave(m));
    require_ok(besom_detach(m));
    return NULL;
}

static void begin_standing_by(struct rig *rig)
{
    bystander.there = bystander.may_go = false;
    bystander.thread = thread_start(stand_by, rig->heap);
    pthread_mutex_lock(&bystander.lock);
    while (!bystander.there)
        pthread_cond_wait(&bystander.changed, &bystander.lock);
    pthread_mutex_unlock(&bystander.lock);
}

/* The end of a test that began with start. */
static void finish(struct rig *rig)
{
    pthread_mutex_lock(&bystander.lock);
    bystander.may_go = true;
    pthread_cond_broadcast(&bystander.changed);
    pthread_mutex_unlock(&bystander.lock);
    require_ok(besom_native_enter(rig->m));
    thread_join(bystander.thread);
    require_ok(besom_native_leave(rig->m));
    rig_close(rig);
}

static void start_encoded(struct rig *rig, const char *more, struct besom_encoding encoding)
{
    static char options[200];
    snprintf(options, sizeof options, "mode=incremental,pace=fixed,heap_min=1g,verify%s", more);
    rig_init_exact(rig, options);
    rig->config.encoding = encoding;
    rig_open(rig);
    begin_standing_by(rig);
}

static void start(struct rig *rig, const char *more)
{
    start_encoded(rig, more, (struct besom_encoding){.mask = 0});
}

static unsigned stamp_of(const void *granule)
{
    return *besom__meta(granule) >> 6;
}

static bool is_beside(const struct besom_heap *heap)
{
    return !heap->cycle.stopped && heap->cycle.phase == BESOM_MARK;
}

static bool is_marking(const struct rig *rig)
{
    return rig->heap->cycle.phase == BESOM_MARK && rig->heap->round.state == ROUND_WORKS;
}

static bool is_scanned(const struct rig *rig, const void *obj)
{
    return is_marking(rig) && besom__is_marked(rig->heap, obj) && stamp_of(obj) == 0;
}

/* Whether some step of this cycle has come to obj. */
static void step_until_scanned(struct rig *rig, const void *obj)
{
    for (int i = 0; !is_scanned(rig, obj); i++) {
        require_ok(besom_step(rig->m, 1, NULL));
        require(i < 100000, "it is never scanned");
    }
}

static void step_to_the_end(struct rig *rig)
{
    for (bool ended = false; !ended;)
        require_ok(besom_step(rig->m, 4000, &ended));
}

static bool is_alive(const struct rig *rig, const void *obj)
{
    return besom_owns(rig->heap, obj);
}

static bool bag_has(const struct besom__bag *bag, const void *entry)
{
    for (const struct besom__bag_part *part = bag->first; part; part = part->next)
        for (size_t i = 0; i < part->n; i++)
            if (part->entries[i] == entry)
                return true;
    return false;
}

/* ---- stores ---- */

/* A list that is long to mark, its last node. */
static struct node *last_of(struct node *list)
{
    while (list->next)
        list = list->next;
    return list;
}

START_TEST(what_moves_into_a_scanned_object_is_marked)
{
    for (int order = 0; order < ORDERS; order++) {
        struct rig rig;
        start(&rig, "");
        {
            BESOM_LOCALS(rig.m, struct node * list; struct node * early;);
            my->list = make_list(rig.m, LONG);
            my->early = make(rig.m, &node_type);
            struct node *last = last_of(my->list), *old = make(rig.m, &node_type);
            last->other = old;
            collect(rig.m);
            step_until_scanned(&rig, my->early);
            require(!besom__is_marked(rig.heap, last), "everything was marked at once");
            struct node *newborn = make(rig.m, &node_type);
            store(rig.m, my->early, &my->early->next, old, order);
            store(rig.m, my->early, &my->early->other, newborn, order);
            store(rig.m, last, &last->other, NULL, order);
            step_to_the_end(&rig);
            require(is_alive(&rig, old), "an old object was lost");
            require(is_alive(&rig, newborn), "a newborn was lost");
        }
        finish(&rig);
    }
}
END_TEST

START_TEST(what_moves_after_each_step_is_marked)
{
    struct rig rig;
    start(&rig, ",slow");
    {
        BESOM_LOCALS(rig.m, struct node * list; struct node * holders[8];);
        my->list = make_list(rig.m, 500);
        for (int i = 0; i < 8; i++)
            my->holders[i] = make(rig.m, &node_type);
        struct node *treasure = make(rig.m, &node_type);
        struct rng rng = {test_seed()};
        int at = 0;
        my->holders[0]->next = treasure;
        collect(rig.m);
        for (size_t i = 0; i < 20 * scaled(2000); i++) {
            int to = (int)rng_below(&rng, 8);
            struct node *from = my->holders[at];
            store(rig.m, from, &from->next, NULL, (int)rng_below(&rng, ORDERS));
            store(rig.m, my->holders[to], &my->holders[to]->next, treasure,
                  (int)rng_below(&rng, ORDERS));
            at = to;
            require_ok(besom_step(rig.m, 1, NULL));
            require(is_alive(&rig, treasure), "it was lost");
        }
    }
    finish(&rig);
}
END_TEST

START_TEST(object_of_this_epoch_is_deferred)
{
    struct rig rig;
    start(&rig, "");
    {
        /* Whichever end marking begins with, there is more after the list. */
        BESOM_LOCALS(rig.m, struct node * first; struct node * list; struct node * more;);
        my->first = make_list(rig.m, LONG);
        my->list = make_list(rig.m, LONG);
        my->more = make_list(rig.m, LONG);
        struct node *last = last_of(my->list);
        collect(rig.m);
        step_until_scanned(&rig, my->list);
        struct node *newborn = make(rig.m, &node_type), *child = make(rig.m, &node_type);
        ck_assert_uint_eq(stamp_of(newborn), rig.heap->cycle.epoch);
        store(rig.m, last, &last->other, newborn, WRITE_AFTER); /* it is deferred, too */
        newborn->next = child;
        uint32_t serial = rig.heap->round.serial;
        bool deferred = false;
        for (bool ended = false; !ended;) {
            require_ok(besom_step(rig.m, 1, &ended));
            if (!is_marking(&rig) || rig.heap->round.serial != serial)
                continue;
            require(!besom__is_marked(rig.heap, newborn), "it was traced in the same epoch");
            deferred |= besom__is_marked(rig.heap, last) && stamp_of(last) == rig.heap->cycle.epoch;
        }
        require(deferred, "it was not deferred");
        require(is_alive(&rig, newborn) && is_alive(&rig, child), "lost");
        ck_assert_uint_eq(stamp_of(newborn), 0);
        ck_assert_uint_eq(stamp_of(last), 0);
    }
    finish(&rig);
}
END_TEST

/* A marker that met it before its birth was visible has put it away by its address, which is no word
 * of a map. */
START_TEST(object_that_was_deferred_unmarked_is_marked_whatever_the_encoding)
{
    const struct besom_encoding encodings[] = {{.mask = 7, .match = 1, .pointer_bits = ~7ull},
                                               {.ref_offset_bytes = 16}};
    for (int i = 0; i < 2; i++) {
        struct rig rig;
        start_encoded(&rig, "", encodings[i]);
        {
            BESOM_LOCALS(rig.m, struct node * early; struct node * deferred;);
            my->early = make(rig.m, &node_type);
            my->deferred = make(rig.m, &node_type);
            collect(rig.m);
            struct node *deferred = my->deferred;
            my->deferred = NULL;
            step_until_scanned(&rig, my->early);
            require(!besom__is_marked(rig.heap, deferred), "it is marked without that");
            require(besom__bag_add(rig.heap, &rig.heap->round.deferred, deferred), "no memory");
            step_to_the_end(&rig);
            require(is_alive(&rig, deferred), "lost");
        }
        finish(&rig);
    }
}
END_TEST

START_TEST(barrier_is_on_while_marking_alone)
{
    struct rig rig;
    start(&rig, "");
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, LONG);
        for (int i = 0; i < 3; i++) {
            ck_assert(!rig.m->barrier_on);
            step_until_scanned(&rig, my->list);
            ck_assert(rig.m->barrier_on);
            step_to_the_end(&rig);
            ck_assert(!rig.m->barrier_on);
        }
    }
    finish(&rig);
}
END_TEST

/* ---- other mutators ---- */

struct other {
    struct rig *rig;
    struct node *obj, *value;
    struct gate gate;
    bool polls; /* attached before, it answers when it polls */
};

static void *store_and_leave(void *data)
{
    struct other *other = data;
    struct besom_mutator *m = besom_attach(other->rig->heap);
    require(m != NULL, "no mutator");
    other->value = make(m, &node_type);
    besom_set(m, other->obj, &other->obj->next, other->value);
    require_ok(besom_detach(m));
    return NULL;
}

START_TEST(log_of_a_mutator_that_detached_is_read)
{
    for (int i = 0; i < 3; i++) {
        struct rig rig;
        start(&rig, "");
        {
            BESOM_LOCALS(rig.m, struct node * list; struct node * early;);
            my->list = make_list(rig.m, LONG);
            my->early = make(rig.m, &node_type);
            collect(rig.m);
            step_until_scanned(&rig, my->early);
            struct other other = {.rig = &rig, .obj = my->early};
            thread_join(thread_start(store_and_leave, &other));
            step_to_the_end(&rig);
            require(is_alive(&rig, other.value), "what a mutator stored that left was lost");
        }
        finish(&rig);
    }
}
END_TEST

/* Writes when told, without a safepoint; polls when told. */
static void *write_late(void *data)
{
    struct other *other = data;
    struct besom_mutator *m = besom_attach(other->rig->heap);
    require(m != NULL, "no mutator");
    gate_raise(&other->gate); /* 1: attached */
    gate_wait(&other->gate, 2);
    besom_set(m, other->obj, &other->obj->next, other->value);
    require(bag_has(&besom__mutator_of(m)->log.entries, other->obj), "not logged");
    require(bag_has(&besom__mutator_of(m)->log.carry, other->obj), "not carried over");
    gate_raise(&other->gate); /* 3: written */
    gate_wait(&other->gate, 4);
    while (m->requests)
        besom_poll(m);
    bool carried = bag_has(&besom__mutator_of(m)->log.entries, other->obj);
    if (other->polls)
        require(carried, "what was carried over is not in the next log");
    gate_raise(&other->gate); /* 5: answered */
    gate_poll(&other->gate, 6, m);
    require_ok(besom_detach(m));
    return NULL;
}

START_TEST(stamp_of_a_mutator_ahead_is_carried_over)
{
    struct rig rig;
    rig_init_exact(&rig, "mode=incremental,pace=fixed,heap_min=1g");
    rig_open(&rig);
    /* A build that always verifies asks for the first handshake in a stop: nobody is ahead. */
    if (!besom__verify_wanted(rig.heap)) {
        BESOM_LOCALS(rig.m, struct node * list; struct node * early; struct node * value;);
        my->list = make_list(rig.m, LONG);
        my->early = make(rig.m, &node_type);
        my->value = make(rig.m, &node_type);
        collect(rig.m);
        struct other other = {.rig = &rig, .obj = my->early, .value = my->value, .polls = true};
        gate_init(&other.gate);
        pthread_t thread = thread_start(write_late, &other);
        gate_poll(&other.gate, 1, rig.m);
        /* Asked: the driver has answered, the other has not.  It needs the barrier, which it has only
         * once it has answered. */
        require_ok(besom_step(rig.m, 1, NULL));
        require(rig.heap->round.state == ROUND_ASKED, "all have answered");
        for (struct besom__mutator *m = rig.heap->stop.mutators; m; m = m->next)
            m->pub.barrier_on = true; /* as if this were a later round */
        besom_write(rig.m, my->early);
        ck_assert_uint_eq(stamp_of(my->early), rig.heap->cycle.epoch);
        gate_raise(&other.gate); /* 2 */
        gate_wait(&other.gate, 3);
        ck_assert_uint_eq(stamp_of(my->early), 3u - rig.heap->cycle.epoch);
        gate_raise(&other.gate); /* 4 */
        gate_wait(&other.gate, 5);
        gate_raise(&other.gate); /* 6 */
        require_ok(besom_native_enter(rig.m));
        thread_join(thread);
        require_ok(besom_native_leave(rig.m));
        step_to_the_end(&rig);
    }
    rig_close(&rig);
}
END_TEST

/* ---- objects without a barrier, and racy ones ---- */

static unsigned long asked_beside, asked;

static void visit_source(struct besom_tracer *tracer, void *data)
{
    asked++;
    asked_beside += is_beside(racy_heap);
    besom_visit(tracer, *(void **)data);
}

static void change_without_barrier(const struct besom_type *type)
{
    struct rig rig;
    start(&rig, "");
    racy_heap = rig.heap;
    {
        BESOM_LOCALS(rig.m, struct node * list; struct node * open;);
        my->list = make_list(rig.m, LONG);
        my->open = make(rig.m, type);
        collect(rig.m);
        struct node *kept[8] = {NULL};
        for (bool ended = false; !ended;) {
            require_ok(besom_step(rig.m, 2000, &ended));
            if (!is_marking(&rig))
                continue;
            my->open->other = make(rig.m, &node_type);
            memmove(&kept[1], &kept[0], 7 * sizeof kept[0]);
            kept[0] = my->open->other;
        }
        require(kept[0] && is_alive(&rig, kept[0]), "what was stored without a barrier was lost");
        require(my->open->other == kept[0], "overwritten");
    }
    finish(&rig);
}

/* Steps to the end of the cycle, in short rounds; obj has just been written whenever a marker may
 * come to it. */
static void step_while_writing(struct rig *rig, void *obj)
{
    for (bool ended = false; !ended;) {
        besom_write(rig->m, obj);
        rig->heap->round.asked_ns = besom__os_now_ns();
        require_ok(besom_step(rig->m, 1, &ended));
    }
}

/* The first round puts it away, finds nothing behind it, and is short; it is not to be the last. */
START_TEST(what_is_behind_an_object_that_is_being_written_is_not_left_to_the_stop)
{
    struct rig rig;
    start(&rig, "");
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, LONG / 16);
        struct node *written = last_of(my->list);
        besom_set(rig.m, written, &written->next, make_list(rig.m, LONG));
        step_to_the_end(&rig); /* what is alive is known from here on */
        step_while_writing(&rig, written);
        ck_assert_uint_gt(rig.heap->cycle.record.rounds, 1);
        ck_assert_uint_lt(rig.heap->cycle.record.stop_objects, LONG / 4);
        check_list(written->next, LONG);
    }
    finish(&rig);
}
END_TEST

/* In each round, as many new objects as `percent` of those that were made in the round before. */
static bool is_outrun(size_t percent)
{
    enum { ROUNDS = 5 };
    struct rig rig;
    bool outrun;
    start(&rig, "");
    {
        BESOM_LOCALS(rig.m, struct node * lists[ROUNDS + 1];);
        size_t n = LONG;
        my->lists[0] = make_list(rig.m, n);
        require_ok(besom_step(rig.m, 1, NULL));
        for (uint32_t round = 1; round <= ROUNDS; round++) {
            n = n * percent / 100;
            my->lists[round] = make_list(rig.m, n);
            sleep_ms(1); /* a short one would be the last */
            while (is_beside(rig.heap) && rig.heap->round.n < round)
                require_ok(besom_step(rig.m, 1, NULL));
            require(is_beside(rig.heap), "the rounds are over");
        }
        outrun = besom__pace_is_short(rig.heap, BLOCK_BYTES);
        step_to_the_end(&rig);
    }
    finish(&rig);
    return outrun;
}

START_TEST(rounds_that_do_not_get_smaller_ask_for_assistance)
{
    ck_assert(!is_outrun(50));
    ck_assert(is_outrun(100));
}
END_TEST

/* The first round finds next to nothing, but is long: what was made in it is not left to the stop. */
START_TEST(first_round_is_not_the_last_for_having_found_little)
{
    enum { ROOTS = 500000 };
    static void *roots[ROOTS];
    struct rig rig;
    start(&rig, ",verify=0"); /* which would gather roots one by one in a stop */
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        void *node = make(rig.m, &node_type);
        for (size_t i = 0; i < ROOTS; i++)
            roots[i] = node;
        require_ok(besom_root_range(rig.heap, roots, ROOTS, "roots", NULL));
        collect(rig.m); /* or it is new, and put away for each of them */
        require_ok(besom_step(rig.m, 1, NULL));
        require(is_beside(rig.heap) && rig.heap->round.n == 0, "the first round is over");
        my->list = make_list(rig.m, LONG);
        rig.heap->round.began_ns = rig.heap->round.asked_ns; /* it was answered at once */
        step_to_the_end(&rig);
        ck_assert_uint_lt(rig.heap->cycle.record.stop_objects, LONG / 4);
        check_list(my->list, LONG);
    }
    finish(&rig);
}
END_TEST

/* Each round goes through them all; that it takes long is no reason for another. */
static void check_few_rounds(struct rig *rig)
{
    step_to_the_end(rig);
    ck_assert_uint_lt(rig->heap->cycle.record.rounds, 20);
    finish(rig);
}

START_TEST(many_roots_do_not_ask_for_many_rounds)
{
    enum { ROOTS = 500000 };
    static void *roots[ROOTS];
    struct rig rig;
    start(&rig, "");
    void *node = make(rig.m, &node_type);
    for (size_t i = 0; i < ROOTS; i++)
        roots[i] = node;
    require_ok(besom_root_range(rig.heap, roots, ROOTS, "roots", NULL));
    check_few_rounds(&rig);
}
END_TEST

START_TEST(many_unbarriered_objects_do_not_ask_for_many_rounds)
{
    enum { OBJECTS = 50000 };
    static void *roots[OBJECTS];
    struct rig rig;
    start(&rig, "");
    require_ok(besom_root_range(rig.heap, roots, OBJECTS, "roots", NULL));
    for (size_t i = 0; i < OBJECTS; i++)
        roots[i] = make(rig.m, &open_type);
    check_few_rounds(&rig);
}
END_TEST

START_TEST(unbarriered_objects_are_scanned_again)
{
    change_without_barrier(&open_type);
}
END_TEST

START_TEST(racy_objects_are_traced_in_the_stop_alone)
{
    racy_traced = racy_traced_beside = 0;
    change_without_barrier(&racy_type);
    ck_assert_uint_gt(racy_traced, 0);
    ck_assert_uint_eq(racy_traced_beside, 0);
}
END_TEST

START_TEST(sources_of_the_heap_are_asked_in_stops_alone)
{
    struct rig rig;
    asked = asked_beside = 0;
    start(&rig, "");
    racy_heap = rig.heap;
    void *held = make_list(rig.m, LONG);
    struct besom_root *root;
    require_ok(besom_root_source(rig.heap, visit_source, &held, "source", &root));
    for (int i = 0; i < 3; i++) {
        for (bool ended = false; !ended;) {
            require_ok(besom_step(rig.m, 500, &ended));
            if (is_marking(&rig)) {
                struct node *node = make(rig.m, &node_type);
                node->next = held;
                held = node; /* no barrier: it is a root */
            }
        }
        collect(rig.m);
    }
    check_list(last_of(held)->next, 0);
    ck_assert_uint_gt(asked, 6);
    ck_assert_uint_eq(asked_beside, 0);
    require_ok(besom_root_free(root));
    finish(&rig);
}
END_TEST

/* ---- a mark stack that is too small ---- */

/* What did not fit it is marked beside mutators, not in the stop; and stores go on meanwhile. */
START_TEST(overflow_is_made_good_beside)
{
    struct rig rig;
    enum { N = 3000 };
    start(&rig, ",mark_stack=64");
    {
        BESOM_LOCALS(rig.m, struct vector * v; struct node * kept;);
        my->v = make_vector(rig.m, N);
        for (size_t i = 0; i < N; i++)
            besom_set(rig.m, my->v, &my->v->items[i], make_list(rig.m, 10));
        collect(rig.m);
        for (int round = 0; round < 3; round++) {
            uint64_t overflows = stats_of(rig.heap).mark_overflows,
                     cycles = stats_of(rig.heap).cycles;
            for (size_t i = 0; stats_of(rig.heap).cycles == cycles; i = (i + 7) % N) {
                struct node *list = my->v->items[i];
                besom_set(rig.m, list, &list->other, make_list(rig.m, 2));
                require_ok(besom_step(rig.m, 300, NULL));
            }
            ck_assert_uint_gt(stats_of(rig.heap).mark_overflows, overflows);
            ck_assert_uint_lt(rig.heap->cycle.record.stop_objects, N);
            step_to_the_end(&rig);
        }
        collect(rig.m);
        for (size_t i = 0; i < N; i++) {
            struct node *list = my->v->items[i];
            check_list(list, 10);
            check_list(list->other, list->other ? 2 : 0);
        }
    }
    finish(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_moves_into_a_scanned_object_is_marked,
        what_moves_after_each_step_is_marked,
        object_of_this_epoch_is_deferred,
        object_that_was_deferred_unmarked_is_marked_whatever_the_encoding,
        barrier_is_on_while_marking_alone,
        log_of_a_mutator_that_detached_is_read,
        stamp_of_a_mutator_ahead_is_carried_over,
        what_is_behind_an_object_that_is_being_written_is_not_left_to_the_stop,
        rounds_that_do_not_get_smaller_ask_for_assistance,
        first_round_is_not_the_last_for_having_found_little,
        many_roots_do_not_ask_for_many_rounds,
        many_unbarriered_objects_do_not_ask_for_many_rounds,
        unbarriered_objects_are_scanned_again,
        racy_objects_are_traced_in_the_stop_alone,
        sources_of_the_heap_are_asked_in_stops_alone,
        overflow_is_made_good_beside,
    };
    test_seed();
    return run_tests("rounds", tests, sizeof tests / sizeof *tests);
}
