/* test_root_ranges.c - registered ranges and root sources keep what they name until they end. */
#include "support.h"

#include <stdlib.h>

enum { SLOTS = 8 };

static size_t live(struct besom_mutator *m)
{
    collect(m);
    return count_objects(m, NULL);
}

START_TEST(range_keeps_what_its_slots_hold)
{
    struct rig rig;
    rig_start(&rig);
    void *slots[SLOTS] = {0};
    struct besom_root *root = NULL;
    ck_assert_int_eq(besom_root_range(rig.heap, slots, SLOTS, "slots", &root), BESOM_OK);
    ck_assert_ptr_nonnull(root);
    for (size_t i = 0; i < SLOTS; i++)
        slots[i] = make_list(rig.m, i + 1);
    ck_assert_uint_eq(live(rig.m), SLOTS * (SLOTS + 1) / 2);
    for (size_t i = 0; i < SLOTS; i++)
        check_list(slots[i], i + 1);
    slots[SLOTS - 1] = NULL;
    ck_assert_uint_eq(live(rig.m), SLOTS * (SLOTS - 1) / 2);
    ck_assert_int_eq(besom_root_free(root), BESOM_OK);
    ck_assert_uint_eq(live(rig.m), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(range_is_no_longer_than_it_says)
{
    struct rig rig;
    rig_start(&rig);
    void *slots[3] = {make(rig.m, &node_type), make(rig.m, &node_type),
                      make(rig.m, &node_type)};
    ck_assert_int_eq(besom_root_range(rig.heap, slots + 1, 1, "middle", NULL), BESOM_OK);
    ck_assert_uint_eq(live(rig.m), 1);
    ck_assert(besom_owns(rig.heap, slots[1]));
    rig_close(&rig);
}
END_TEST

START_TEST(root_freed_twice_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    void *slots[2] = {0};
    struct besom_root *one = NULL, *two = NULL;
    ck_assert_int_eq(besom_root_range(rig.heap, slots, 1, "one", &one), BESOM_OK);
    ck_assert_int_eq(besom_root_range(rig.heap, slots + 1, 1, "two", &two), BESOM_OK);
    slots[1] = make(rig.m, &node_type);
    ck_assert_int_eq(besom_root_free(one), BESOM_OK);
    ck_assert_int_eq(besom_root_free(one), BESOM_E_STATE);
    ck_assert_uint_eq(live(rig.m), 1);
    ck_assert_int_eq(besom_root_free(two), BESOM_OK);
    rig_close(&rig);
}
END_TEST

START_TEST(many_roots_come_and_go)
{
    enum { MANY = 2000 };
    struct rig rig;
    rig_start(&rig);
    static void *slots[MANY];
    static struct besom_root *roots[MANY];
    for (size_t i = 0; i < MANY; i++) {
        slots[i] = make(rig.m, &node_type);
        ck_assert_int_eq(besom_root_range(rig.heap, &slots[i], 1, "one of many", &roots[i]),
                         BESOM_OK);
    }
    ck_assert_uint_eq(live(rig.m), MANY);
    for (size_t i = 0; i < MANY; i += 2)
        ck_assert_int_eq(besom_root_free(roots[i]), BESOM_OK);
    ck_assert_uint_eq(live(rig.m), MANY / 2);
    for (size_t i = 1; i < MANY; i += 2)
        ck_assert_int_eq(besom_root_free(roots[i]), BESOM_OK);
    ck_assert_uint_eq(live(rig.m), 0);
    rig_close(&rig);
}
END_TEST

/* ---- sources ---- */

struct stack { /* a host's own */
    size_t n;
    unsigned long visits;
    void *values[SLOTS];
};

static void visit_stack(struct besom_tracer *tracer, void *data)
{
    struct stack *stack = data;
    __atomic_fetch_add(&stack->visits, 1, __ATOMIC_RELAXED);
    for (size_t i = 0; i < stack->n; i++)
        besom_visit(tracer, stack->values[i]);
}

static void visit_stack_words(struct besom_tracer *tracer, void *data)
{
    struct stack *stack = data;
    besom_visit_words(tracer, (const uint64_t *)stack->values, stack->n);
}

static void visit_stack_ambiguously(struct besom_tracer *tracer, void *data)
{
    struct stack *stack = data;
    besom_visit_ambiguous(tracer, stack->values, stack->n);
}

static void check_source(besom_root_fn fn)
{
    struct rig rig;
    rig_start(&rig);
    struct stack stack = {0};
    struct besom_root *root = NULL;
    ck_assert_int_eq(besom_root_source(rig.heap, fn, &stack, "stack", &root), BESOM_OK);
    for (size_t i = 0; i < SLOTS; i++)
        stack.values[stack.n++] = make_list(rig.m, i);
    ck_assert_uint_eq(live(rig.m), SLOTS * (SLOTS - 1) / 2);
    for (size_t i = 0; i < SLOTS; i++)
        check_list(stack.values[i], i);
    stack.n = 4;
    ck_assert_uint_eq(live(rig.m), 6);
    ck_assert_int_eq(besom_root_free(root), BESOM_OK);
    ck_assert_uint_eq(live(rig.m), 0);
    ck_assert_int_eq(besom_root_free(root), BESOM_E_STATE);
    rig_close(&rig);
}

START_TEST(source_of_a_heap_keeps_what_it_visits)
{
    check_source(visit_stack);
}
END_TEST

START_TEST(source_may_visit_words)
{
    check_source(visit_stack_words);
}
END_TEST

START_TEST(source_may_visit_ambiguously)
{
    check_source(visit_stack_ambiguously);
}
END_TEST

START_TEST(source_is_asked_at_every_collection)
{
    struct rig rig;
    rig_start(&rig);
    struct stack stack = {0};
    ck_assert_int_eq(besom_root_source(rig.heap, visit_stack, &stack, "stack", NULL), BESOM_OK);
    for (unsigned long i = 1; i <= 5; i++) {
        collect(rig.m);
        ck_assert_uint_ge(stack.visits, i);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(source_of_a_mutator_ends_with_it)
{
    struct rig rig;
    rig_start(&rig);
    struct stack stack = {.n = 1};
    struct besom_root *root = NULL;
    ck_assert_int_eq(
        besom_mutator_root_source(rig.m, visit_stack, &stack, "stack", &root), BESOM_OK);
    stack.values[0] = make_list(rig.m, 5);
    ck_assert_uint_eq(live(rig.m), 5);
    ck_assert_int_eq(besom_detach(rig.m), BESOM_OK);
    ck_assert_int_eq(besom_root_free(root), BESOM_E_STATE);
    rig.m = besom_attach(rig.heap);
    ck_assert_ptr_nonnull(rig.m);
    unsigned long visits = stack.visits;
    ck_assert_uint_eq(live(rig.m), 0);
    ck_assert_uint_eq(stack.visits, visits);
    rig_close(&rig);
}
END_TEST

START_TEST(source_of_a_mutator_can_be_freed_before)
{
    struct rig rig;
    rig_start(&rig);
    struct stack stack = {.n = 1};
    struct besom_root *root = NULL;
    ck_assert_int_eq(
        besom_mutator_root_source(rig.m, visit_stack, &stack, "stack", &root), BESOM_OK);
    stack.values[0] = make(rig.m, &node_type);
    ck_assert_uint_eq(live(rig.m), 1);
    ck_assert_int_eq(besom_root_free(root), BESOM_OK);
    ck_assert_int_eq(besom_root_free(root), BESOM_E_STATE);
    ck_assert_uint_eq(live(rig.m), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(null_references_are_no_roots)
{
    struct rig rig;
    rig_start(&rig);
    struct stack stack = {.n = SLOTS};
    void *slots[SLOTS] = {0};
    ck_assert_int_eq(besom_root_source(rig.heap, visit_stack, &stack, "a", NULL), BESOM_OK);
    ck_assert_int_eq(besom_root_source(rig.heap, visit_stack_words, &stack, "b", NULL), BESOM_OK);
    ck_assert_int_eq(besom_root_source(rig.heap, visit_stack_ambiguously, &stack, "c", NULL),
                     BESOM_OK);
    ck_assert_int_eq(besom_root_range(rig.heap, slots, SLOTS, "d", NULL), BESOM_OK);
    make(rig.m, &node_type);
    ck_assert_uint_eq(live(rig.m), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        range_keeps_what_its_slots_hold,
        range_is_no_longer_than_it_says,
        root_freed_twice_is_refused,
        many_roots_come_and_go,
        source_of_a_heap_keeps_what_it_visits,
        source_may_visit_words,
        source_may_visit_ambiguously,
        source_is_asked_at_every_collection,
        source_of_a_mutator_ends_with_it,
        source_of_a_mutator_can_be_freed_before,
        null_references_are_no_roots,
    };
    return run_tests("root ranges", tests, sizeof tests / sizeof *tests);
}
