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

static void minor_cycle(struct rig *rig)
{
    uint64_t minors = stats_of(rig->heap).minor_cycles;
    for (int i = 0; stats_of(rig->heap).minor_cycles == minors; i++) {
        ck_assert_int_lt(i, 1000);
        make_list(rig->m, 1000);
        besom_poll(rig->m);
    }
}

/* The barrier skips an object that bears the epoch's stamp, as its entry is in a log: if there was no
 * memory for that, the stamp must not last until its epoch comes again. */
static void check_lost_entry(const struct besom_type *type, size_t bytes, size_t slot_bytes)
{
    struct ledger_host host;
    struct rig rig;
    rig_init_exact(&rig, "generational,nursery=64k,heap_min=1g,pace=fixed,mark_threads=1");
    ledger_init(&host, &rig.config);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, void *old;);
        my->old = make_sized(rig.m, type, bytes);
        if (type == &vector_type)
            ((struct vector *)my->old)->length = bytes / sizeof(void *) - 2;
        collect(rig.m);
        struct node **slot = (struct node **)((char *)my->old + slot_bytes);
        for (int i = 0; i < 6; i++) {
            if (i == 0)
                host.ledger.failing = host.ledger.calls + 1;
            if (i == 0 || i >= 2) {
                struct node *young = make(rig.m, &node_type);
                young->id = (uint64_t)i;
                besom_set(rig.m, my->old, slot, young);
            }
            if (i == 0)
                ck_assert_uint_eq(rig.heap->round.dirty, 1);
            minor_cycle(&rig);
            ck_assert(besom_owns(rig.heap, *slot));
            ck_assert_uint_eq((*slot)->id, i == 1 ? 0 : (uint64_t)i);
            verify(rig.m);
        }
    }
    rig_close(&rig);
}

START_TEST(object_that_could_not_be_logged_is_logged_the_next_time)
{
    check_lost_entry(&node_type, sizeof(struct node), offsetof(struct node, next));
    check_lost_entry(&vector_type, 10000, 5000);
    check_lost_entry(&vector_type, 100000, 5000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        unbarriered_object_that_was_brought_back_is_forgotten_when_it_dies,
        object_that_could_not_be_logged_is_logged_the_next_time,
    };
    return run_tests("gc round", tests, sizeof tests / sizeof *tests);
}
