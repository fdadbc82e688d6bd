/* test_external.c - memory outside the heap is charged to objects, and makes cycles begin. */
#include "support.h"

static size_t external(const struct rig *rig)
{
    return stats_of(rig->heap).external_bytes;
}

START_TEST(charges_add_up_and_are_taken_back)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * a; struct node * b;);
        my->a = make(rig.m, &node_type);
        my->b = make(rig.m, &node_type);
        ck_assert_int_eq(besom_external(rig.heap, my->a, 1000), BESOM_OK);
        ck_assert_int_eq(besom_external(rig.heap, my->b, 500), BESOM_OK);
        ck_assert_uint_eq(external(&rig), 1500);
        ck_assert_int_eq(besom_external(rig.heap, my->a, -400), BESOM_OK);
        ck_assert_uint_eq(external(&rig), 1100);
        ck_assert_int_eq(besom_external(rig.heap, my->a, 0), BESOM_OK);
        ck_assert_int_eq(besom_external(rig.heap, my->a, -600), BESOM_OK);
        ck_assert_int_eq(besom_external(rig.heap, my->b, -500), BESOM_OK);
        ck_assert_uint_eq(external(&rig), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(more_taken_back_than_charged_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * a;);
        my->a = make(rig.m, &node_type);
        ck_assert_int_eq(besom_external(rig.heap, my->a, -1), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_external(rig.heap, my->a, 100), BESOM_OK);
        ck_assert_int_eq(besom_external(rig.heap, my->a, -101), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_external(rig.heap, my->a, PTRDIFF_MIN), BESOM_E_ARGUMENT);
        ck_assert_uint_eq(external(&rig), 100);
        ck_assert_int_eq(besom_external(rig.heap, my->a, -100), BESOM_OK);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(charge_on_what_is_not_the_heaps_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * a;);
        my->a = make(rig.m, &node_type);
        uint64_t local[4] = {0};
        ck_assert_int_eq(besom_external(rig.heap, local, 100), BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_external(rig.heap, &my->a->next, 100), BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_external(NULL, my->a, 100), BESOM_E_ARGUMENT);
        ck_assert_int_ne(besom_external(rig.heap, NULL, 100), BESOM_OK);
        ck_assert_uint_eq(external(&rig), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(external_bytes_begin_cycles)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_min=8m");
    rig_open(&rig);
    unsigned long calls = 0;
    for (int i = 0; i < 100; i++) {
        /* A small object with a large buffer, which its host discharges at once. */
        struct hooked *h = make_hooked(rig.m, &calls);
        ck_assert_int_eq(besom_external(rig.heap, h, 1 << 20), BESOM_OK);
        besom_poll(rig.m);
        if (watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN))
            break;
    }
    ck_assert_uint_ge(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), 1);
    size_t charged = external(&rig);
    ck_assert_uint_le(charged, 16 << 20);
    rig_close(&rig);
}
END_TEST

START_TEST(external_bytes_are_part_of_what_is_used)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * a;);
        my->a = make(rig.m, &node_type);
        size_t before = stats_of(rig.heap).used_bytes;
        ck_assert_int_eq(besom_external(rig.heap, my->a, 5 << 20), BESOM_OK);
        ck_assert_uint_eq(stats_of(rig.heap).used_bytes, before + (5 << 20));
        collect(rig.m);
        ck_assert_uint_ge(stats_of(rig.heap).used_bytes, 5 << 20);
        ck_assert_int_eq(besom_external(rig.heap, my->a, -(5 << 20)), BESOM_OK);
    }
    rig_close(&rig);
}
END_TEST

struct charger {
    struct besom_heap *heap;
    const void *obj;
};

static void *charge_often(void *data)
{
    const struct charger *c = data;
    for (int i = 0; i < 20000; i++) {
        require(besom_external(c->heap, c->obj, 64) == BESOM_OK, "no charge");
        if (i % 2)
            require(besom_external(c->heap, c->obj, -64) == BESOM_OK, "no discharge");
    }
    return NULL;
}

/* Each object stands for 100 KB elsewhere and is garbage at once. */
static void churn_charges(struct rig *rig, const struct besom_type *type, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        void *obj = make(rig->m, type);
        require_ok(besom_external(rig->heap, obj, 100000));
        besom_poll(rig->m);
        require(stats_of(rig->heap).external_bytes < 64 << 20, "garbage is kept for its charges");
    }
}

START_TEST(charges_of_the_dead_do_not_put_the_next_cycle_off)
{
    static const char *const options[] = {"heap_min=4m", "heap_min=4m,pace=factor",
                                          "heap_min=4m,mode=incremental",
                                          "heap_min=4m,generational"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct rig rig;
        rig_init_exact(&rig, options[i]);
        rig_open(&rig);
        unsigned long hooks = 0;
        churn_charges(&rig, &node_type, 3000);
        {
            BESOM_LOCALS(rig.m, struct hooked * kept;);
            my->kept = make_hooked(rig.m, &hooks);
            churn_charges(&rig, &node_type, 1000);
        }
        rig_close(&rig);
    }
}
END_TEST

START_TEST(any_thread_may_charge)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * a;);
        my->a = make(rig.m, &node_type);
        struct charger charger = {rig.heap, my->a}; /* its threads have no mutators */
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            threads[i] = thread_start(charge_often, &charger);
        for (int i = 0; i < 20; i++)
            collect(rig.m);
        for (int i = 0; i < 4; i++)
            thread_join(threads[i]);
        ck_assert_uint_eq(external(&rig), 4 * 10000 * 64);
        ck_assert_int_eq(besom_external(rig.heap, my->a, -4 * 10000 * 64), BESOM_OK);
    }
    rig_close(&rig);
}
END_TEST

/* ---- released by the host, before any collection ---- */

START_TEST(early_release_lowers_what_is_used_at_once)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_min=256m");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * window;);
        my->window = make(rig.m, &node_type);
        struct besom_stats before = stats_of(rig.heap);
        require_ok(besom_external(rig.heap, my->window, 50 << 20));
        ck_assert_uint_eq(stats_of(rig.heap).used_bytes, before.used_bytes + (50 << 20));
        /* The user closed the document; the window is still there. */
        require_ok(besom_external(rig.heap, my->window, -(50 << 20)));
        struct besom_stats after = stats_of(rig.heap);
        ck_assert_uint_eq(after.used_bytes, before.used_bytes);
        ck_assert_uint_eq(after.cycles, before.cycles);
        ck_assert_uint_eq(after.external_charged_bytes, 50 << 20);
        ck_assert_uint_eq(after.external_released_bytes, 50 << 20);
        ck_assert_uint_eq(after.external_reclaimed_bytes, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(what_was_released_begins_no_cycle)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_min=8m");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * window;);
        my->window = make(rig.m, &node_type);
        for (int i = 0; i < 200; i++) {
            require_ok(besom_external(rig.heap, my->window, 1 << 20));
            besom_poll(rig.m);
            require_ok(besom_external(rig.heap, my->window, -(1 << 20)));
        }
        ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), 0);
        /* The same without releasing anything. */
        for (int i = 0; i < 200; i++) {
            require_ok(besom_external(rig.heap, my->window, 1 << 20));
            besom_poll(rig.m);
        }
        ck_assert_uint_ge(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), 1);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        charges_add_up_and_are_taken_back,
        more_taken_back_than_charged_is_refused,
        charge_on_what_is_not_the_heaps_is_refused,
        external_bytes_begin_cycles,
        external_bytes_are_part_of_what_is_used,
        charges_of_the_dead_do_not_put_the_next_cycle_off,
        any_thread_may_charge,
        early_release_lowers_what_is_used_at_once,
        what_was_released_begins_no_cycle,
    };
    return run_tests("external", tests, sizeof tests / sizeof *tests);
}
