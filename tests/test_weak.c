/* test_weak.c - a weak reference finds its object for as long as that is there, and never longer. */
#include "support_items.h"

#include <stdlib.h>

enum { KINDS = 2 };
static const enum besom_weak_kind kinds[KINDS] = {BESOM_WEAK_SHORT, BESOM_WEAK_LONG};

static struct besom_weak *make_weak(struct besom_mutator *m, enum besom_weak_kind kind, void *obj)
{
    struct besom_weak *weak = besom_weak_new(m, kind, obj);
    require(weak != NULL, "no weak reference");
    return weak;
}

START_TEST(weak_reference_finds_an_object_kept_by_others)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        BESOM_LOCALS(rig.m, struct besom_weak *weak; struct node *list;);
        my->list = make_list(rig.m, 10);
        my->weak = make_weak(rig.m, kinds[k], my->list->next);
        for (int i = 0; i < 5; i++) {
            ck_assert_ptr_eq(besom_weak_get(rig.m, my->weak), my->list->next);
            collect(rig.m);
        }
        check_list(my->list, 10);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(weak_reference_keeps_nothing_alive)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        BESOM_LOCALS(rig.m, struct besom_weak *weak;);
        my->weak = make_weak(rig.m, kinds[k], make_list(rig.m, 10));
        ck_assert_uint_eq(((struct node *)besom_weak_get(rig.m, my->weak))->id, 9);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 0);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(weak_reference_takes_16_bytes)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++)
        ck_assert_uint_eq(besom_size(make_weak(rig.m, kinds[k], make(rig.m, &node_type))), 16);
    rig_close(&rig);
}
END_TEST

START_TEST(weak_reference_that_nobody_refers_to_goes)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        collect(rig.m);
        size_t before = count_objects(rig.m, NULL);
        size_t live_bytes = stats_of(rig.heap).live_bytes;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 5000; i++)
                make_weak(rig.m, kinds[i % KINDS], my->node);
            collect(rig.m);
            ck_assert_uint_eq(count_objects(rig.m, NULL), before);
            ck_assert_uint_eq(stats_of(rig.heap).live_bytes, live_bytes);
        }
        my->node = NULL;
    }
    rig_close(&rig);
}
END_TEST

START_TEST(weak_reference_is_kept_by_an_object_like_any_other)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        BESOM_LOCALS(rig.m, struct item *holder; struct item *target;);
        my->holder = make_item(rig.m, 1);
        my->target = make_item(rig.m, 2);
        my->holder->ref = make_weak(rig.m, kinds[k], my->target);
        besom_write(rig.m, my->holder);
        collect(rig.m);
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->holder->ref), my->target);
        my->target = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->holder->ref));
        ck_assert_uint_eq(count_items(rig.m), 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(weak_reference_to_a_weak_reference_sees_it_go)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS * KINDS; k++) {
        BESOM_LOCALS(rig.m, struct besom_weak *outer; struct besom_weak *inner; void *obj;);
        my->obj = make(rig.m, &node_type);
        my->inner = make_weak(rig.m, kinds[k / KINDS], my->obj);
        my->outer = make_weak(rig.m, kinds[k % KINDS], my->inner);
        collect(rig.m);
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->outer), my->inner);
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->inner), my->obj);
        my->inner = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->outer));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(object_that_holds_its_own_weak_reference_dies)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        BESOM_LOCALS(rig.m, struct besom_weak *weak;);
        struct item *item = make_item(rig.m, 1);
        item->ref = make_weak(rig.m, kinds[k], item);
        besom_write(rig.m, item);
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 0);
        item = make_item(rig.m, 2);
        my->weak = item->ref = make_weak(rig.m, kinds[k], item);
        besom_write(rig.m, item);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(cleared_reference_has_forgotten_a_living_object)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        BESOM_LOCALS(rig.m, struct besom_weak *weak; struct besom_weak *another; void *obj;);
        my->obj = make(rig.m, &node_type);
        my->weak = make_weak(rig.m, kinds[k], my->obj);
        my->another = make_weak(rig.m, kinds[k], my->obj);
        for (int i = 0; i < 3; i++) {
            ck_assert_int_eq(besom_weak_clear(rig.m, my->weak), BESOM_OK);
            ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
            ck_assert_ptr_eq(besom_weak_get(rig.m, my->another), my->obj);
            collect(rig.m);
        }
        my->obj = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->another));
        ck_assert_int_eq(besom_weak_clear(rig.m, my->another), BESOM_OK);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(references_that_the_collector_cleared_are_counted)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *v; struct node *node;);
        my->node = make(rig.m, &node_type);
        my->v = make_vector(rig.m, 400);
        for (size_t i = 0; i < 400; i++) {
            void *obj = i % 4 == 0 ? my->node : make(rig.m, &node_type);
            my->v->items[i] = make_weak(rig.m, kinds[i % 2], obj);
        }
        besom_write(rig.m, my->v);
        uint64_t before = stats_of(rig.heap).weak_cleared;
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).weak_cleared - before, 300);
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).weak_cleared - before, 300);
    }
    rig_close(&rig);
}
END_TEST

/* ---- many, at random ---- */

enum { MANY = 3000 };

static void check_many(struct rig *rig, struct vector *weaks, struct vector *objects)
{
    for (size_t i = 0; i < MANY; i++) {
        struct item *found = besom_weak_get(rig->m, weaks->items[i]);
        require(found == objects->items[i], found ? "a dead object" : "a lost object");
        require(!found || found->id == i % (MANY / 3), "another object");
    }
}

START_TEST(references_of_many_objects_are_cleared_exactly)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *weaks; struct vector *objects;);
        my->weaks = make_vector(rig.m, MANY);
        my->objects = make_vector(rig.m, MANY);
        for (size_t i = 0; i < MANY; i++) {
            size_t first = i % (MANY / 3); /* three references to each */
            void *obj = i == first ? make_item(rig.m, first) : my->objects->items[first];
            besom_set(rig.m, my->objects, &my->objects->items[i], obj);
            void *weak = make_weak(rig.m, kinds[rng_below(&rng, KINDS)], obj);
            besom_set(rig.m, my->weaks, &my->weaks->items[i], weak);
        }
        for (size_t left = MANY / 3; left > 0; left -= left / 4 + 1) {
            collect(rig.m);
            check_many(&rig, my->weaks, my->objects);
            for (size_t n = 0; n < left / 4 + 1; n++) {
                size_t i = rng_below(&rng, MANY / 3);
                for (size_t j = i; j < MANY; j += MANY / 3)
                    besom_set(rig.m, my->objects, &my->objects->items[j], NULL);
            }
        }
        collect(rig.m);
        check_many(&rig, my->weaks, my->objects);
    }
    rig_close(&rig);
}
END_TEST

/* ---- during a cycle ---- */

/* What a long reference finds between the steps of a cycle is alive after it. */
START_TEST(what_a_reference_finds_within_a_cycle_stays)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        for (size_t work = 1; work < 100000; work *= 7) {
            BESOM_LOCALS(rig.m, struct besom_weak *weak; struct node *found;);
            my->weak = make_weak(rig.m, kinds[k], make_list(rig.m, 20));
            bool ended = false;
            require_ok(besom_step(rig.m, work, &ended));
            my->found = besom_weak_get(rig.m, my->weak);
            while (!ended)
                require_ok(besom_step(rig.m, work, &ended));
            if (my->found)
                check_list(my->found, 20);
            collect(rig.m);
            if (my->found) {
                check_list(my->found, 20);
                /* A short one too, if it was asked before marking had ended. */
                if (in_stw(&rig))
                    ck_assert_int_eq(kinds[k], BESOM_WEAK_LONG);
                ck_assert_ptr_eq(besom_weak_get(rig.m, my->weak), my->found);
            } else {
                ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
            }
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- threads ---- */

struct crowd {
    struct besom_heap *heap;
    struct gate gate; /* each that has ended */
    struct vector *weaks;
    bool over;
};

static void *keep_asking(void *data)
{
    struct crowd *crowd = data;
    struct besom_mutator *m = besom_attach(crowd->heap);
    require(m != NULL, "no mutator");
    bool gone[100] = {false};
    bool over;
    do { /* once more after the end */
        over = __atomic_load_n(&crowd->over, __ATOMIC_ACQUIRE);
        for (size_t i = 0; i < 100; i++) {
            struct item *found = besom_weak_get(m, crowd->weaks->items[i]);
            require(!found || (found->type == &item_type && found->id == i), "a dead object");
            require(!found || !gone[i], "an object that came back");
            gone[i] = !found;
        }
        besom_poll(m);
    } while (!over);
    for (size_t i = 0; i < 100; i++) {
        require(i % 10 != 0 || !gone[i], "lost, though the first thread keeps it");
        /* Asking for it through a long reference may have brought it back in the last cycle. */
        require(i % 10 == 0 || gone[i] || kinds[i / 10 % 2] == BESOM_WEAK_LONG, "not gone");
    }
    require_ok(besom_detach(m));
    gate_raise(&crowd->gate);
    return NULL;
}

START_TEST(references_are_read_by_any_thread_while_objects_go)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *weaks; struct vector *objects;);
        my->weaks = make_vector(rig.m, 100);
        my->objects = make_vector(rig.m, 100);
        for (size_t i = 0; i < 100; i++) {
            my->objects->items[i] = make_item(rig.m, i);
            my->weaks->items[i] = make_weak(rig.m, kinds[i / 10 % 2], my->objects->items[i]);
        }
        besom_write(rig.m, my->weaks);
        besom_write(rig.m, my->objects);
        struct crowd crowd = {.heap = rig.heap, .weaks = my->weaks};
        gate_init(&crowd.gate);
        pthread_t threads[3];
        for (int i = 0; i < 3; i++)
            threads[i] = thread_start(keep_asking, &crowd);
        for (size_t i = 0; i < 100; i++) {
            if (i % 10 != 0)
                besom_set(rig.m, my->objects, &my->objects->items[i], NULL);
            collect(rig.m);
        }
        __atomic_store_n(&crowd.over, true, __ATOMIC_RELEASE);
        gate_wait_native(&crowd.gate, 3, rig.m);
        for (int i = 0; i < 3; i++)
            thread_join(threads[i]);
        collect(rig.m); /* while nobody asks */
        for (size_t i = 0; i < 100; i++)
            require(!besom_weak_get(rig.m, my->weaks->items[i]) == (i % 10 != 0), "who is kept");
    }
    rig_close(&rig);
}
END_TEST

static void *make_and_clear(void *data)
{
    struct crowd *crowd = data;
    struct besom_mutator *m = besom_attach(crowd->heap);
    require(m != NULL, "no mutator");
    {
        BESOM_LOCALS(m, struct besom_weak *weak; struct item *item;);
        for (uint64_t i = 0; i < scaled(20000); i++) {
            my->item = make_item(m, i);
            my->weak = make_weak(m, kinds[i % KINDS], my->item);
            besom_poll(m);
            require(besom_weak_get(m, my->weak) == my->item, "lost");
            if (i % 3 == 0)
                require_ok(besom_weak_clear(m, my->weak));
            my->item = NULL;
            besom_poll(m);
            struct item *found = besom_weak_get(m, my->weak);
            require(!found || (found->id == i && i % 3 != 0), "another");
        }
    }
    require_ok(besom_detach(m));
    gate_raise(&crowd->gate);
    return NULL;
}

START_TEST(references_are_made_and_cleared_by_several_threads)
{
    struct rig rig;
    rig_start(&rig);
    struct crowd crowd = {.heap = rig.heap};
    gate_init(&crowd.gate);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        threads[i] = thread_start(make_and_clear, &crowd);
    for (int i = 0; i < 30; i++)
        collect(rig.m);
    gate_wait_native(&crowd.gate, 3, rig.m);
    for (int i = 0; i < 3; i++)
        thread_join(threads[i]);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        weak_reference_finds_an_object_kept_by_others,
        weak_reference_keeps_nothing_alive,
        weak_reference_takes_16_bytes,
        weak_reference_that_nobody_refers_to_goes,
        weak_reference_is_kept_by_an_object_like_any_other,
        weak_reference_to_a_weak_reference_sees_it_go,
        object_that_holds_its_own_weak_reference_dies,
        cleared_reference_has_forgotten_a_living_object,
        references_that_the_collector_cleared_are_counted,
        references_of_many_objects_are_cleared_exactly,
        what_a_reference_finds_within_a_cycle_stays,
        references_are_read_by_any_thread_while_objects_go,
        references_are_made_and_cleared_by_several_threads,
    };
    return run_tests("weak", tests, sizeof tests / sizeof *tests);
}
