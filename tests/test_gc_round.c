/* test_gc_round.c - rounds of marking beside mutators, and what they leave for the next cycle. */
#include "support.h"

#include "gc/bag.h"
#include "gc/heap.h"

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

static const struct besom_field node_fields[] = {{.offset_bytes = offsetof(struct node, next)},
                                                 {.offset_bytes = offsetof(struct node, other)}};
static const struct besom_type unbarriered_type = {.name = "unbarriered node",
                                                   .size_bytes = sizeof(struct node),
                                                   .flags = BESOM_UNBARRIERED,
                                                   .fields = node_fields,
                                                   .n_fields = 2};

/* What a finalizer brings back is marked when its cycle's rounds are over. */
START_TEST(unbarriered_object_that_was_brought_back_is_forgotten_when_it_dies)
{
    struct rig rig;
    start(&rig, "mode=incremental,generational,mark_threads=1");
    {
        BESOM_LOCALS(rig.m, struct node * node;);
        my->node = make(rig.m, &unbarriered_type);
        my->node->next = make_list(rig.m, 10);
        require_ok(besom_finalizer_add(rig.m, my->node));
        my->node = NULL;
        collect(rig.m);
        my->node = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(my->node);
        check_list(my->node->next, 10);
    }
    collect(rig.m);
    ck_assert_uint_eq(besom__bag_count(&rig.heap->round.unbarriered), 0);
    ck_assert_uint_eq(stats_of(rig.heap).live_objects, 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        unbarriered_object_that_was_brought_back_is_forgotten_when_it_dies,
    };
    return run_tests("gc round", tests, sizeof tests / sizeof *tests);
}
