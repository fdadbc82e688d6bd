/* test_forgotten_barrier.c - a host that forgets the write barrier is told so by verify: the type
 * and the field of the object that was changed.
 *
 * Each test runs in a process of its own, and leaves the heap as broken as it is. */
#include "support.h"

#include <stdio.h>
#include <string.h>

enum { LONG = 20000 };

static const char *const beside[] = {
    "mode=incremental,verify", "mode=incremental,slow,verify", "mode=concurrent,verify",
    "mode=incremental,generational,verify", "mode=concurrent,generational,verify"};
static const char *const young[] = {"generational,nursery=64k,verify",
                                    "mode=incremental,generational,nursery=64k,verify",
                                    "mode=concurrent,generational,nursery=64k,verify"};

static void start(struct rig *rig, const char *options)
{
    static char text[160];
    snprintf(text, sizeof text, "heap_min=64m,%s", options);
    rig_init_exact(rig, text);
    rig->watch.expected = 1u << BESOM_EVENT_INVARIANT;
    rig_open(rig);
}

static bool is_told(struct rig *rig)
{
    return watch_count(&rig->watch, BESOM_EVENT_INVARIANT) > 0;
}

static void check_told(struct rig *rig, const char *type, const char *field, const char *options)
{
    char told[sizeof rig->watch.text[0]];
    pthread_mutex_lock(&rig->watch.lock);
    memcpy(told, rig->watch.text[BESOM_EVENT_INVARIANT], sizeof told);
    pthread_mutex_unlock(&rig->watch.lock);
    char quoted[40];
    snprintf(quoted, sizeof quoted, "'%s'", field);
    ck_assert_msg(strstr(told, "I1") && strstr(told, type) && strstr(told, quoted),
                  "%s: told \"%s\"", options, told);
}

/* Hides the only reference to an object, which was in the last node of a list, in one that may have
 * been scanned already; again and again, until it is told. */
static void move_without_barrier(const char *options, bool in_vector)
{
    struct rig rig;
    start(&rig, options);
    for (int i = 0; i < 200 && !is_told(&rig); i++) {
        BESOM_LOCALS(rig.m, struct node * list; struct node * node; struct vector * vector;);
        my->list = make_list(rig.m, LONG);
        my->node = make(rig.m, &node_type);
        my->vector = make_vector(rig.m, 5);
        struct node *last = my->list;
        while (last->next)
            last = last->next;
        struct node *hidden = last->other = make(rig.m, &node_type);
        collect(rig.m);
        for (int step = 0; step < 2 + i % 50; step++)
            require_ok(besom_step(rig.m, 600, NULL));
        if (in_vector)
            my->vector->items[2] = hidden;
        else
            my->node->other = hidden;
        last->other = NULL;
        for (bool ended = false; !ended && !is_told(&rig);)
            require_ok(besom_step(rig.m, 1 << 20, &ended));
    }
    ck_assert_msg(is_told(&rig), "%s: nothing was told", options);
    check_told(&rig, in_vector ? "vector" : "node", in_vector ? "item" : "other", options);
}

/* The old refer to the young. */
static void refer_without_barrier(const char *options, bool in_vector)
{
    struct rig rig;
    start(&rig, options);
    BESOM_LOCALS(rig.m, struct node * node; struct vector * vector;);
    my->node = make(rig.m, &node_type);
    my->vector = make_vector(rig.m, 3000);
    collect(rig.m);
    if (in_vector)
        my->vector->items[2000] = make(rig.m, &node_type);
    else
        my->node->next = make(rig.m, &node_type);
    uint64_t end_ns = now_ns() + UINT64_C(20000000000);
    while (!is_told(&rig) && stats_of(rig.heap).minor_cycles < 3 && now_ns() < end_ns) {
        make(rig.m, &node_type);
        besom_poll(rig.m);
    }
    ck_assert_msg(is_told(&rig), "%s: nothing was told", options);
    check_told(&rig, in_vector ? "vector" : "node", in_vector ? "item" : "next", options);
    besom_frames_restore(rig.m, NULL);
}

START_TEST(store_into_a_scanned_object_is_told)
{
    move_without_barrier(beside[_i], false);
}
END_TEST

START_TEST(store_into_a_scanned_array_is_told)
{
    move_without_barrier(beside[_i], true);
}
END_TEST

START_TEST(store_into_an_old_object_is_told)
{
    refer_without_barrier(young[_i], false);
}
END_TEST

START_TEST(store_into_an_old_array_is_told)
{
    refer_without_barrier(young[_i], true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forgotten barrier");
    TCase *tcase = tcase_create("forgotten barrier");
    int n_beside = sizeof beside / sizeof *beside, n_young = sizeof young / sizeof *young;
    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, store_into_a_scanned_object_is_told, 0, n_beside);
    tcase_add_loop_test(tcase, store_into_a_scanned_array_is_told, 0, n_beside);
    tcase_add_loop_test(tcase, store_into_an_old_object_is_told, 0, n_young);
    tcase_add_loop_test(tcase, store_into_an_old_array_is_told, 0, n_young);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
