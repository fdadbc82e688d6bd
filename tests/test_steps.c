/* test_steps.c - host-paced cycles reach their end, emergencies run no destroy hooks. */
#include "support.h"

#include <string.h>

/* Steps until a cycle has ended; how many steps that took. */
static size_t step_to_the_end(struct besom_mutator *m, size_t work_bytes)
{
    bool ended = false;
    size_t n = 0;
    for (; !ended; n++) {
        ck_assert_int_eq(besom_step(m, work_bytes, &ended), BESOM_OK);
        ck_assert_msg(n < 1000000, "a million steps, and no end");
    }
    return n;
}

START_TEST(steps_reach_the_end_of_a_cycle)
{
    const size_t work[] = {1, 100, 65536, 1 << 20, SIZE_MAX};
    for (size_t i = 0; i < sizeof work / sizeof *work; i++) {
        struct rig rig;
        rig_start(&rig);
        {
            BESOM_LOCALS(rig.m, struct node *list;);
            my->list = make_list(rig.m, 20000);
            make_list(rig.m, 20000);
            unsigned long before = watch_count(&rig.watch, BESOM_EVENT_CYCLE_END);
            step_to_the_end(rig.m, work[i]);
            ck_assert_uint_gt(watch_count(&rig.watch, BESOM_EVENT_CYCLE_END), before);
            check_list(my->list, 20000);
            ck_assert_uint_eq(count_objects(rig.m, NULL), 20000);
        }
        rig_close(&rig);
    }
}
END_TEST

START_TEST(first_step_of_a_cycle_marks_everything)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 50000);
        ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
        /* Mark work of a later step would meet this list, and find it dead otherwise. */
        struct node *later = make_list(rig.m, 100);
        bool ended = false;
        while (!ended)
            ck_assert_int_eq(besom_step(rig.m, 1000, &ended), BESOM_OK);
        check_list(later, 100);
        check_list(my->list, 50000);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(steps_interleave_with_everything_else)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *lists[10];);
        for (size_t i = 0; i < 3000; i++) {
            my->lists[i % 10] = make_list(rig.m, i % 10 * 20);
            ck_assert_int_eq(besom_step(rig.m, 1 + i * 7 % 5000, NULL), BESOM_OK);
            if (i % 37 == 0)
                besom_poll(rig.m);
            if (i % 501 == 0)
                collect(rig.m);
            size_t other = i * 7 % 10;
            check_list(my->lists[other], other <= i ? other * 20 : 0);
        }
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 900);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(collection_amid_a_stepped_cycle_is_exact)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        for (int i = 0; i < 20; i++) {
            my->list = make_list(rig.m, 2000);
            make_list(rig.m, 1000);
            ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
            my->list = my->list->next;
            collect(rig.m);
            check_list(my->list, 1999);
            ck_assert_uint_eq(count_objects(rig.m, NULL), 1999);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(steps_run_destroy_hooks)
{
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0;
    for (int i = 0; i < 1000; i++)
        make_hooked(rig.m, &calls);
    step_to_the_end(rig.m, 1000);
    ck_assert_uint_eq(calls, 1000);
    rig_close(&rig);
    ck_assert_uint_eq(calls, 1000);
}
END_TEST

START_TEST(disabled_heap_can_be_stepped)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_int_eq(besom_disable(rig.heap), BESOM_OK);
    make_list(rig.m, 1000);
    step_to_the_end(rig.m, 1000);
    ck_assert_int_eq(besom_enable(rig.heap), BESOM_OK);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

/* ---- emergencies ---- */

START_TEST(emergency_frees_what_has_no_hook)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 100);
        make_list(rig.m, 1000);
        ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
        check_list(my->list, 100);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 100);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(emergency_calls_no_hook_and_a_later_cycle_calls_it)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    unsigned long calls = 0;
    for (int i = 0; i < 500; i++) {
        struct hooked *h = make_hooked(rig.m, &calls);
        h->next = make_hooked(rig.m, &calls);
        besom_write(rig.m, h);
    }
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
        ck_assert_uint_eq(calls, 0);
        ck_assert_uint_eq(count_objects(rig.m, &hooked_type), 1000);
    }
    collect(rig.m);
    ck_assert_uint_eq(calls, 1000);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
    ck_assert_uint_eq(calls, 1000);
}
END_TEST

static const struct besom_field holder_fields[] = {{"list", offsetof(struct hooked, next)}};

static void check_list_and_count(struct besom_heap *heap, void *obj)
{
    (void)heap;
    struct hooked *h = obj;
    check_list((const struct node *)(const void *)h->next, 50);
    ++*h->calls;
}

static const struct besom_type holder_type = {.name = "holder",
                                              .size_bytes = sizeof(struct hooked),
                                              .fields = holder_fields,
                                              .n_fields = 1,
                                              .destroy = check_list_and_count};

START_TEST(emergency_keeps_what_a_hooked_object_reaches)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    unsigned long calls = 0;
    struct hooked *h = make(rig.m, &holder_type);
    h->calls = &calls;
    h->next = (void *)make_list(rig.m, 50);
    besom_write(rig.m, h);
    make_list(rig.m, 1000);
    ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
    ck_assert_uint_eq(count_objects(rig.m, &node_type), 50);
    check_list((const struct node *)(const void *)h->next, 50);
    for (int i = 0; i < 1000; i++)
        make(rig.m, &node_type);
    collect(rig.m);
    ck_assert_uint_eq(calls, 1);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

/* Begins cycles whose hooks run in small batches, and has emergencies between these. */
static void interrupt_hooks(const char *options, uint64_t seed)
{
    struct rig rig;
    rig_init_exact(&rig, options);
    rig.config.options.seed = seed;
    rig_open(&rig);
    struct rng rng = {seed};
    enum { N = 400 };
    static unsigned long calls[10][N];
    memset(calls, 0, sizeof calls);
    for (int round = 0; round < 10; round++) {
        struct hooked *all[N];
        for (int i = 0; i < N; i++)
            all[i] = make_hooked(rig.m, &calls[round][i]);
        for (int i = 0; i < N; i++) {
            all[i]->next = all[rng_below(&rng, N)];
            besom_write(rig.m, all[i]);
        }
        for (size_t i = rng_below(&rng, 200); i > 0; i--)
            ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
        for (size_t i = rng_below(&rng, 3); i > 0; i--)
            ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
        for (size_t i = rng_below(&rng, 200); i > 0; i--)
            ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
        ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    for (int round = 0; round < 10; round++)
        for (int i = 0; i < N; i++)
            if (calls[round][i] != 1)
                ck_abort_msg("seed %llu: hook %d of round %d was called %lu times",
                             (unsigned long long)seed, i, round, calls[round][i]);
    rig_close(&rig);
}

START_TEST(emergencies_amid_pending_hooks_lose_and_repeat_none)
{
    for (uint64_t seed = 1; seed <= 2 + scaled(32); seed++) {
        interrupt_hooks(NULL, seed);
        interrupt_hooks("slow", seed);
        interrupt_hooks("slow,poison,mark_stack=64", seed);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        steps_reach_the_end_of_a_cycle,
        first_step_of_a_cycle_marks_everything,
        steps_interleave_with_everything_else,
        collection_amid_a_stepped_cycle_is_exact,
        steps_run_destroy_hooks,
        disabled_heap_can_be_stepped,
        emergency_frees_what_has_no_hook,
        emergency_calls_no_hook_and_a_later_cycle_calls_it,
        emergency_keeps_what_a_hooked_object_reaches,
        emergencies_amid_pending_hooks_lose_and_repeat_none,
    };
    return run_tests("steps", tests, sizeof tests / sizeof *tests);
}
