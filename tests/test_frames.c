/* test_frames.c - locals in frames live until their scope is left, however it is left. */
#include "support.h"

#include <setjmp.h>

START_TEST(locals_start_as_null_and_live_in_their_scope)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *a; struct node *b; struct node *more[5];);
        ck_assert(!my->a && !my->b);
        for (int i = 0; i < 5; i++)
            ck_assert_ptr_null(my->more[i]);
        my->a = make_list(rig.m, 10);
        my->b = make_list(rig.m, 20);
        my->more[4] = make_list(rig.m, 30);
        collect(rig.m);
        check_list(my->a, 10);
        check_list(my->b, 20);
        check_list(my->more[4], 30);
        my->a = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 50);
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

static size_t count_deep(struct besom_mutator *m, int depth)
{
    BESOM_LOCALS(m, struct node *node;);
    my->node = make(m, &node_type);
    my->node->id = (uint64_t)depth;
    if (depth == 0) {
        collect(m);
        return count_objects(m, &node_type);
    }
    size_t n = count_deep(m, depth - 1);
    ck_assert_uint_eq(my->node->id, depth);
    return n;
}

START_TEST(nested_frames_all_hold)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_uint_eq(count_deep(rig.m, 200), 201);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(frame_ends_with_break_continue_and_goto)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_frame *outside = besom_frames_save(rig.m);
    for (int i = 0; i < 4; i++) {
        BESOM_LOCALS(rig.m, struct node *node;);
        my->node = make(rig.m, &node_type);
        ck_assert_ptr_ne(besom_frames_save(rig.m), outside);
        if (i == 0)
            continue;
        if (i == 1)
            goto next;
        break;
    next:;
    }
    ck_assert_ptr_eq(besom_frames_save(rig.m), outside);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

/* ---- longjmp ---- */

struct jump {
    jmp_buf buffer;
    struct besom_mutator *m;
};

__attribute__((noinline)) static void descend_and_jump(struct jump *jump, int depth)
{
    BESOM_LOCALS(jump->m, struct node *node;);
    my->node = besom_new(jump->m, &node_type);
    if (!my->node)
        return; /* and the caller finds too few nodes */
    if (depth == 0)
        longjmp(jump->buffer, 1);
    descend_and_jump(jump, depth - 1);
}

START_TEST(restore_drops_what_a_longjmp_skipped)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *kept;);
        my->kept = make(rig.m, &node_type);
        struct jump jump = {.m = rig.m};
        struct besom_frame *volatile saved = besom_frames_save(rig.m);
        if (setjmp(jump.buffer) == 0)
            descend_and_jump(&jump, 10);
        ck_assert_int_eq(besom_frames_restore(rig.m, saved), BESOM_OK);
        ck_assert_ptr_eq(besom_frames_save(rig.m), saved);
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(restore_to_no_frame_drops_all)
{
    struct rig rig;
    rig_start(&rig);
    struct jump jump = {.m = rig.m};
    struct besom_frame *volatile saved = besom_frames_save(rig.m);
    ck_assert_ptr_null(saved);
    if (setjmp(jump.buffer) == 0)
        descend_and_jump(&jump, 3);
    ck_assert_int_eq(besom_frames_restore(rig.m, saved), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(restore_refuses_what_is_no_frame_of_the_mutator)
{
    struct rig one, two;
    rig_start(&one);
    rig_start(&two);
    {
        BESOM_LOCALS(one.m, struct node *a;);
        my->a = make(one.m, &node_type);
        struct besom_frame *of_one = besom_frames_save(one.m);
        struct besom_frame stray = {0};
        ck_assert_int_eq(besom_frames_restore(one.m, &stray), BESOM_E_STATE);
        ck_assert_int_eq(besom_frames_restore(two.m, of_one), BESOM_E_STATE);
        ck_assert_ptr_eq(besom_frames_save(one.m), of_one);
        collect(one.m);
        ck_assert_uint_eq(count_objects(one.m, NULL), 1);
    }
    rig_close(&one);
    rig_close(&two);
}
END_TEST

__attribute__((noinline)) static void jump_over_frames(struct jump *jump, int n)
{
    if (setjmp(jump->buffer) == 0)
        descend_and_jump(jump, n - 1);
}

static void check_skipped_frames(int n)
{
    struct rig rig;
    rig_init_exact(&rig, "check_frames");
    rig.watch.expected = 1u << BESOM_EVENT_FRAME_SKIPPED;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *kept;);
        my->kept = make_list(rig.m, 100);
        struct besom_frame *mine = besom_frames_save(rig.m);
        struct jump jump = {.m = rig.m};
        jump_over_frames(&jump, n);
        collect(rig.m);
        ck_assert_uint_ge(watch_count(&rig.watch, BESOM_EVENT_FRAME_SKIPPED), 1);
        ck_assert_uint_ge(stats_of(rig.heap).findings, 1);
        check_list(my->kept, 100);
        ck_assert_int_eq(besom_frames_restore(rig.m, mine), BESOM_OK);
        unsigned long found = watch_count(&rig.watch, BESOM_EVENT_FRAME_SKIPPED);
        collect(rig.m);
        ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_FRAME_SKIPPED), found);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 100);
    }
    rig_close(&rig);
}

START_TEST(check_frames_reports_skipped_frames_and_loses_no_others)
{
    check_skipped_frames(1);
    check_skipped_frames(2);
    check_skipped_frames(30);
}
END_TEST

START_TEST(check_frames_finds_nothing_in_well_nested_frames)
{
    struct rig rig;
    rig_init_exact(&rig, "check_frames,stress=1");
    rig_open(&rig);
    for (int i = 0; i < 10; i++) {
        ck_assert_uint_eq(count_deep(rig.m, 20), 21);
        besom_poll(rig.m);
    }
    rig_close(&rig);
}
END_TEST

static void use_another_heap(struct rig *rig, struct rig *outer, struct node *const *held)
{
    BESOM_LOCALS(rig->m, struct node *list;);
    my->list = make_list(rig->m, 6);
    collect(outer->m);
    collect(rig->m);
    check_list(*held, 5);
    check_list(my->list, 6);
}

START_TEST(frames_of_two_heaps_interleave)
{
    struct rig one, two;
    rig_start(&one);
    rig_start(&two);
    {
        BESOM_LOCALS(one.m, struct node *list;);
        my->list = make_list(one.m, 5);
        use_another_heap(&two, &one, &my->list);
        collect(one.m);
        collect(two.m);
        ck_assert_uint_eq(count_objects(one.m, NULL), 5);
        ck_assert_uint_eq(count_objects(two.m, NULL), 0);
    }
    rig_close(&one);
    rig_close(&two);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        locals_start_as_null_and_live_in_their_scope,
        nested_frames_all_hold,
        frame_ends_with_break_continue_and_goto,
        restore_drops_what_a_longjmp_skipped,
        restore_to_no_frame_drops_all,
        restore_refuses_what_is_no_frame_of_the_mutator,
        check_frames_reports_skipped_frames_and_loses_no_others,
        check_frames_finds_nothing_in_well_nested_frames,
        frames_of_two_heaps_interleave,
    };
    return run_tests("frames", tests, sizeof tests / sizeof *tests);
}
