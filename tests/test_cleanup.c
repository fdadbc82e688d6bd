/* test_cleanup.c - cleanups run once, after their object is gone, whoever else held it. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* What the functions below note. */
struct note {
    struct besom_heap *heap;
    unsigned calls;
    unsigned without_mutator; /* of them */
};

static void count_call(struct besom_mutator *m, void *arg)
{
    struct note *note = arg;
    if (!m)
        note->without_mutator++;
    else
        require(besom_heap_of(m) == note->heap, "another heap's mutator");
    note->calls++;
}

static struct besom_cleanup *add(struct besom_mutator *m, void *obj, besom_cleanup_fn fn, void *arg)
{
    struct besom_cleanup *cleanup = NULL;
    require_ok(besom_cleanup_add(m, obj, fn, arg, &cleanup));
    require(cleanup != NULL, "no record");
    return cleanup;
}

/* The options are the environment's; findings fail the test. */
static void start(struct rig *rig, struct note *note)
{
    rig_start(rig);
    *note = (struct note){.heap = rig->heap};
}

START_TEST(cleanup_runs_once_when_its_object_is_gone)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        add(rig.m, my->node, count_call, &note);
        for (int i = 0; i < 3; i++) {
            collect(rig.m);
            ck_assert_uint_eq(note.calls, 0);
        }
        my->node = NULL;
        for (int i = 0; i < 3; i++) {
            collect(rig.m);
            ck_assert_uint_eq(note.calls, 1);
        }
    }
    rig_close(&rig);
    ck_assert_uint_eq(note.calls, 1);
    ck_assert_uint_eq(note.without_mutator, 0);
}
END_TEST

START_TEST(every_cleanup_of_an_object_runs)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    struct node *node = make(rig.m, &node_type);
    for (int i = 0; i < 5; i++)
        add(rig.m, node, count_call, &note);
    require_ok(besom_cleanup_add(rig.m, node, count_call, &note, NULL));
    ck_assert_uint_eq(stats_of(rig.heap).cleanups, 6);
    collect(rig.m);
    ck_assert_uint_eq(note.calls, 6);
    ck_assert_uint_eq(stats_of(rig.heap).cleanups, 0);
    ck_assert_uint_eq(stats_of(rig.heap).cleanups_run, 6);
    rig_close(&rig);
}
END_TEST

START_TEST(cleanup_waits_until_finalizers_are_done_with_its_object)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    {
        BESOM_LOCALS(rig.m, struct node *back;);
        struct node *node = make(rig.m, &node_type);
        node->next = make(rig.m, &node_type);
        add(rig.m, node, count_call, &note);
        add(rig.m, node->next, count_call, &note);
        require_ok(besom_finalizer_add(rig.m, node));
        collect(rig.m);
        collect(rig.m); /* in the queue */
        ck_assert_uint_eq(note.calls, 0);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_eq(my->back, node);
        collect(rig.m);
        ck_assert_uint_eq(note.calls, 0);
        require_ok(besom_finalizer_add(rig.m, my->back));
        my->back = NULL;
        collect(rig.m); /* in the queue again */
        ck_assert_uint_eq(note.calls, 0);
        ck_assert_ptr_nonnull(besom_finalizer_next(rig.m));
        collect(rig.m);
        ck_assert_uint_eq(note.calls, 2);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(cleanup_runs_after_the_long_reference_is_cleared)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    {
        BESOM_LOCALS(rig.m, struct besom_weak *weak; struct besom_table *table;);
        struct node *node = make(rig.m, &node_type);
        my->weak = besom_weak_new(rig.m, BESOM_WEAK_LONG, node);
        my->table = besom_table_new(rig.m, BESOM_WEAK_KEYS, NULL, NULL);
        require_ok(besom_table_put(rig.m, my->table, node, make(rig.m, &node_type)));
        add(rig.m, node, count_call, &note);
        collect(rig.m);
        ck_assert_uint_eq(note.calls, 1);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
        ck_assert_uint_eq(besom_table_count(my->table), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(objects_in_a_cycle_are_no_problem)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    struct node *list = make_list(rig.m, 100), *last = list;
    for (struct node *node = list; node; node = node->next) {
        node->other = list;
        besom_write(rig.m, node);
        add(rig.m, node, count_call, &note);
        last = node;
    }
    last->next = list;
    besom_write(rig.m, last);
    collect(rig.m);
    ck_assert_uint_eq(note.calls, 100);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(objects_of_every_size_have_cleanups)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    const size_t sizes[] = {16, 300, 8192, 20000, 1 << 20, 5 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        add(rig.m, make_sized(rig.m, &blob_type, sizes[i]), count_call, &note);
    unsigned long calls = 0;
    add(rig.m, make(rig.m, &pair_type), count_call, &note);
    add(rig.m, make_hooked(rig.m, &calls), count_call, &note);
    collect(rig.m);
    ck_assert_uint_eq(note.calls, 8);
    ck_assert_uint_eq(calls, 1);
    rig_close(&rig);
    ck_assert_uint_eq(note.calls, 8);
}
END_TEST

/* ---- an argument in the heap ---- */

struct resource { /* an argument that the heap keeps */
    const struct besom_type *type;
    struct node *list; /* of 20 */
    struct note *note;
};

static const struct besom_field resource_fields[] = {{"list", offsetof(struct resource, list)}};
static const struct besom_type resource_type = {.name = "resource",
                                                .size_bytes = sizeof(struct resource),
                                                .fields = resource_fields,
                                                .n_fields = 1};

static struct resource *make_resource(struct besom_mutator *m, struct note *note)
{
    struct resource *r = make(m, &resource_type);
    r->list = make_list(m, 20);
    r->note = note;
    besom_write(m, r);
    return r;
}

static void check_resource(struct besom_mutator *m, void *arg)
{
    const struct resource *r = arg;
    require(m != NULL, "no mutator");
    require(r->type == &resource_type, "the argument was not kept");
    check_list(r->list, 20);
    count_call(m, r->note);
}

START_TEST(argument_is_kept_alive_until_the_cleanup_has_run)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        add(rig.m, my->node, check_resource, make_resource(rig.m, &note));
        for (int i = 0; i < 4; i++) {
            collect(rig.m);
            ck_assert_uint_eq(count_objects(rig.m, &resource_type), 1);
            ck_assert_uint_eq(count_objects(rig.m, &node_type), 21);
            make_list(rig.m, 1000); /* would overwrite it */
        }
        my->node = NULL;
        collect(rig.m);
        ck_assert_uint_eq(note.calls, 1);
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(arguments_in_the_heap_may_have_cleanups_themselves)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    /* Object 0's argument is object 1, and so on: one goes after the other. */
    enum { N = 12 };
    struct resource *all[N];
    for (int i = 0; i < N; i++)
        all[i] = make_resource(rig.m, &note);
    for (int i = 0; i + 1 < N; i++)
        add(rig.m, all[i], check_resource, all[i + 1]);
    for (unsigned i = 0; i < N + 2; i++)
        collect(rig.m);
    ck_assert_uint_eq(note.calls, N - 1);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

/* ---- cancelling ---- */

START_TEST(cancelled_cleanup_does_not_run_and_keeps_nothing)
{
    struct rig rig;
    struct note note, other;
    start(&rig, &note);
    other = note;
    {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        struct besom_cleanup *first =
            add(rig.m, my->node, check_resource, make_resource(rig.m, &note));
        add(rig.m, my->node, count_call, &other);
        ck_assert_int_eq(besom_cleanup_cancel(rig.m, first), BESOM_OK);
        ck_assert_int_eq(besom_cleanup_cancel(rig.m, first), BESOM_E_STATE);
        ck_assert_uint_eq(stats_of(rig.heap).cleanups, 1);
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 1);
    }
    collect(rig.m);
    ck_assert_uint_eq(note.calls, 0);
    ck_assert_uint_eq(other.calls, 1);
    rig_close(&rig);
    ck_assert_uint_eq(note.calls, 0);
}
END_TEST

START_TEST(cleanup_that_has_run_cannot_be_cancelled)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    struct besom_cleanup *cleanup = add(rig.m, make(rig.m, &node_type), count_call, &note);
    collect(rig.m);
    ck_assert_uint_eq(note.calls, 1);
    ck_assert_int_eq(besom_cleanup_cancel(rig.m, cleanup), BESOM_E_STATE);
    ck_assert_int_eq(besom_cleanup_cancel(rig.m, NULL), BESOM_E_ARGUMENT);
    rig_close(&rig);
}
END_TEST

START_TEST(random_additions_and_cancellations_run_what_is_left)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    enum { N = 200 };
    void *slots[N] = {0};
    struct besom_cleanup *records[N] = {0};
    struct note notes[N];
    unsigned expected[N] = {0};
    require_ok(besom_root_range(rig.heap, slots, N, "objects", NULL));
    for (int i = 0; i < N; i++)
        notes[i] = note;
    struct rng rng = {test_seed()};
    for (size_t i = 0; i < scaled(40000); i++) {
        size_t k = rng_below(&rng, N);
        if (!slots[k]) {
            slots[k] = make(rig.m, &node_type);
            records[k] = add(rig.m, slots[k], count_call, &notes[k]);
        } else if (rng_below(&rng, 3) == 0) {
            if (records[k])
                require_ok(besom_cleanup_cancel(rig.m, records[k]));
            records[k] = NULL;
        } else {
            slots[k] = NULL;
            expected[k] += records[k] != NULL;
        }
        if (rng_below(&rng, 500) == 0) {
            collect(rig.m);
            for (size_t j = 0; j < N; j++)
                require(notes[j].calls == expected[j], "another number of calls");
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- the end of the heap ---- */

START_TEST(freeing_the_heap_runs_what_is_left_without_a_mutator)
{
    struct rig rig;
    struct note note;
    start(&rig, &note);
    unsigned long hooks = 0;
    {
        BESOM_LOCALS(rig.m, struct hooked *kept; struct hooked *cancelled;);
        my->kept = make_hooked(rig.m, &hooks);
        my->cancelled = make_hooked(rig.m, &hooks);
        add(rig.m, my->kept, count_call, &note);
        add(rig.m, make(rig.m, &node_type), count_call, &note);
        collect(rig.m);
        ck_assert_uint_eq(note.calls, 1);
        add(rig.m, my->kept, count_call, &note);
        require_ok(besom_cleanup_cancel(rig.m, add(rig.m, my->cancelled, count_call, &note)));
        require_ok(besom_finalizer_add(rig.m, my->kept));
        verify(rig.m);
    }
    require_ok(besom_detach(rig.m));
    require_ok(besom_heap_free(rig.heap));
    ck_assert_uint_eq(note.calls, 3);
    ck_assert_uint_eq(note.without_mutator, 2);
    ck_assert_uint_eq(hooks, 2);
    watch_check(&rig.watch);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        cleanup_runs_once_when_its_object_is_gone,
        every_cleanup_of_an_object_runs,
        cleanup_waits_until_finalizers_are_done_with_its_object,
        cleanup_runs_after_the_long_reference_is_cleared,
        objects_in_a_cycle_are_no_problem,
        objects_of_every_size_have_cleanups,
        argument_is_kept_alive_until_the_cleanup_has_run,
        arguments_in_the_heap_may_have_cleanups_themselves,
        cancelled_cleanup_does_not_run_and_keeps_nothing,
        cleanup_that_has_run_cannot_be_cancelled,
        random_additions_and_cancellations_run_what_is_left,
        freeing_the_heap_runs_what_is_left_without_a_mutator,
    };
    test_seed();
    return run_tests("cleanup", tests, sizeof tests / sizeof *tests);
}
