/* test_gc_pace.c - when the next cycle begins: the three rules, the limits, the counts. */
#include "support.h"

#include "gc/alloc.h"
#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/pace.h"

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

/* The trigger after a cycle that found so much alive. */
static size_t trigger_after(struct rig *rig, size_t live, size_t allocated, uint64_t mark_ns)
{
    rig->heap->pace.allocated_bytes = allocated;
    besom__pace_cycle_done(rig->heap, live, mark_ns);
    ck_assert_uint_eq(rig->heap->pace.live_bytes, live);
    ck_assert_uint_eq(rig->heap->pace.allocated_bytes, 0);
    return rig->heap->pace.trigger_bytes;
}

START_TEST(factor_multiplies_what_is_alive)
{
    struct rig rig;
    start(&rig, "pace=factor,pace_factor=150,heap_min=1m,heap_max=1g");
    ck_assert_uint_eq(rig.heap->pace.trigger_bytes, 1 << 20);
    ck_assert_uint_eq(trigger_after(&rig, 100 << 20, 1 << 20, 1000), 150 << 20);
    ck_assert_uint_eq(trigger_after(&rig, 10 << 20, 1 << 20, 1000), 15 << 20);
    ck_assert_uint_eq(trigger_after(&rig, 1000, 1 << 20, 1000), 1 << 20);      /* the minimum */
    ck_assert_uint_eq(trigger_after(&rig, 900 << 20, 1 << 20, 1000), 1 << 30); /* the limit */
    rig.heap->external_bytes = 100 << 20;
    ck_assert_uint_eq(trigger_after(&rig, 100 << 20, 1 << 20, 1000), 300 << 20);
    rig.heap->external_bytes = 0;
    rig_close(&rig);
}
END_TEST

START_TEST(fixed_is_the_limit_or_the_minimum)
{
    struct rig rig;
    start(&rig, "pace=fixed,heap_min=3m,heap_max=50m");
    ck_assert_uint_eq(rig.heap->pace.trigger_bytes, 50 << 20);
    ck_assert_uint_eq(trigger_after(&rig, 49 << 20, 1 << 20, 1000), 50 << 20);
    rig_close(&rig);
    start(&rig, "pace=fixed,heap_min=3m");
    ck_assert_uint_eq(rig.heap->pace.trigger_bytes, 3 << 20);
    ck_assert_uint_eq(trigger_after(&rig, 49 << 20, 1 << 20, 1000), 3 << 20);
    rig_close(&rig);
}
END_TEST

START_TEST(square_root_rule_grows_with_live_and_unit)
{
    struct rig rig;
    start(&rig, "pace=sqrt,heap_min=0,pace_unit=16m,give_back_ms=0");
    size_t previous = 0;
    for (size_t live = 1 << 20; live <= (size_t)1 << 30; live *= 4) {
        rig.heap->pace.mark_rate = rig.heap->pace.alloc_rate = 0; /* of no earlier cycle */
        size_t headroom = trigger_after(&rig, live, live, 1000000) - live;
        ck_assert_uint_gt(headroom, 0);
        ck_assert_uint_ge(headroom, previous);
        /* Within what a ratio of the rates of 1/100 to 100 allows: a tenth to ten times. */
        double root = 1;
        while (root * root < (double)live * (16 << 20))
            root *= 1.001;
        ck_assert_double_ge((double)headroom, root / 10.1);
        ck_assert_double_le((double)headroom, root * 10.1);
        previous = headroom;
    }
    rig_close(&rig);
}
END_TEST

START_TEST(fast_allocation_and_slow_marking_leave_more_headroom)
{
    struct rig rig;
    start(&rig, "pace=sqrt,heap_min=0,give_back_ms=0");
    const size_t live = 64 << 20;
    rig.heap->pace.mark_rate = rig.heap->pace.alloc_rate = 1e9;
    rig.heap->pace.cycle_ended_ns = now_ns() - 1000000000;
    size_t few = trigger_after(&rig, live, 1 << 20, 1000000);
    rig.heap->pace.mark_rate = rig.heap->pace.alloc_rate = 1e9;
    rig.heap->pace.cycle_ended_ns = now_ns() - 1000000000;
    size_t many = trigger_after(&rig, live, (size_t)4 << 30, 1000000);
    rig.heap->pace.mark_rate = rig.heap->pace.alloc_rate = 1e9;
    rig.heap->pace.cycle_ended_ns = now_ns() - 1000000000;
    size_t slowly = trigger_after(&rig, live, (size_t)4 << 30, 500000000);
    ck_assert_uint_lt(few, many);
    ck_assert_uint_lt(many, slowly);
    rig_close(&rig);
}
END_TEST

START_TEST(rates_are_smoothed_by_half)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__pace *pace = &rig.heap->pace;
    trigger_after(&rig, 1000000, 1000, 1000000); /* marked 10^9 bytes a second */
    ck_assert_double_gt(pace->mark_rate, 0.999e9);
    ck_assert_double_lt(pace->mark_rate, 1.001e9);
    trigger_after(&rig, 3000000, 1000, 1000000);
    ck_assert_double_gt(pace->mark_rate, 1.999e9);
    ck_assert_double_lt(pace->mark_rate, 2.001e9);
    rig_close(&rig);
}
END_TEST

START_TEST(cycle_is_due_when_live_allocated_and_external_reach_the_trigger)
{
    struct rig rig;
    start(&rig, "pace=fixed,heap_min=100m");
    struct besom_heap *heap = rig.heap;
    heap->pace.live_bytes = 50 << 20;
    heap->external_bytes = 20 << 20;
    ck_assert_uint_eq(besom__pace_used(heap), 70 << 20);
    ck_assert(!besom__pace_allocate(heap, 10 << 20));
    ck_assert(!besom__pace_allocate(heap, (20 << 20) - 1));
    ck_assert(!besom__pace_is_due(heap));
    ck_assert(besom__pace_allocate(heap, 1));
    ck_assert(besom__pace_is_due(heap));
    besom__pace_settle(heap, 10 << 20, 20 << 20);
    ck_assert(!besom__pace_is_due(heap));
    ck_assert_uint_eq(heap->pace.allocated_bytes, 10 << 20);
    ck_assert_uint_eq(heap->pace.allocated_sum, 10 << 20);
    heap->external_bytes += 20 << 20;
    ck_assert(besom__pace_is_due(heap));
    heap->external_bytes = heap->pace.live_bytes = heap->pace.allocated_bytes = 0;
    rig_close(&rig);
}
END_TEST

START_TEST(disabled_heap_asks_for_nothing_but_counts)
{
    struct rig rig;
    start(&rig, "pace=fixed,heap_min=1m");
    ck_assert_int_eq(besom_disable(rig.heap), BESOM_OK);
    ck_assert(!besom__pace_allocate(rig.heap, 2 << 20));
    ck_assert(besom__pace_is_due(rig.heap));
    ck_assert_int_eq(besom_enable(rig.heap), BESOM_OK);
    ck_assert(besom__u32_load(&rig.m->requests) & REQUEST_COLLECT);
    besom__pace_settle(rig.heap, 0, 2 << 20);
    rig_close(&rig);
}
END_TEST

START_TEST(request_from_before_it_was_disabled_is_not_granted)
{
    struct rig rig;
    start(&rig, "pace=fixed,heap_min=1m");
    make_sized(rig.m, &blob_type, 2 << 20);
    ck_assert(besom__u32_load(&rig.m->requests) & REQUEST_COLLECT);
    ck_assert_int_eq(besom_disable(rig.heap), BESOM_OK);
    ck_assert(!besom_poll(rig.m));
    ck_assert_int_eq(besom_enable(rig.heap), BESOM_OK);
    ck_assert(besom_poll(rig.m));
    rig_close(&rig);
}
END_TEST

START_TEST(refusal_makes_a_cycle_due_until_one_is_done)
{
    struct rig rig;
    start(&rig, "heap_min=1g");
    ck_assert(!besom__pace_is_due(rig.heap));
    besom__pace_refuse(rig.heap);
    ck_assert(besom__pace_is_due(rig.heap));
    collect(rig.m);
    ck_assert(!besom__pace_is_due(rig.heap));
    rig_close(&rig);
}
END_TEST

START_TEST(refused_allocation_makes_the_next_poll_collect)
{
    struct rig rig;
    start(&rig, "heap_max=64m,pace=fixed");
    make_sized(rig.m, &blob_type, 30 << 20);
    make_sized(rig.m, &blob_type, 20 << 20);
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 20 << 20));
    ck_assert(besom_poll(rig.m));
    ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 20 << 20));
    ck_assert(!besom_poll(rig.m));
    rig_close(&rig);
}
END_TEST

START_TEST(heap_without_room_below_its_limit_is_due)
{
    struct rig rig;
    start(&rig, "heap_max=16m,pace=fixed");
    rig.heap->blocks.committed_bytes += (16 << 20) - BLOCK_BYTES;
    ck_assert(besom__pace_is_due(rig.heap));
    rig.heap->spaces.n_roomy = 1; /* blocks with room, or that can be swept */
    ck_assert(!besom__pace_is_due(rig.heap));
    rig.heap->spaces.n_roomy = 0;
    rig.heap->blocks.committed_bytes -= 8 << 20;
    ck_assert(!besom__pace_is_due(rig.heap));
    rig.heap->blocks.committed_bytes -= (8 << 20) - BLOCK_BYTES;
    rig_close(&rig);
}
END_TEST

/* ---- what allocation counts ---- */

START_TEST(allocated_bytes_are_exact_when_blocks_are_retired)
{
    static const size_t sizes[] = {1, 16, 17, 32, 100, 256, 257, 1000, 5000, 20000, 40000, 100000};
    struct rng rng = {test_seed()};
    struct rig rig;
    start(&rig, "heap_min=1g");
    size_t sum = 0;
    for (int round = 0; round < 20; round++) {
        for (size_t n = 1 + rng_below(&rng, 300); n > 0; n--) {
            size_t bytes = sizes[rng_below(&rng, 6)];
            bytes = bytes < sizeof(struct blob) ? sizeof(struct blob) : bytes;
            make_sized(rig.m, &blob_type, bytes);
            sum += (bytes + 15) / 16 * 16;
        }
        if (round % 4 == 0) {
            size_t large = sizes[10 + rng_below(&rng, 2)];
            make_sized(rig.m, &blob_type, large);
            sum += large;
        }
        ck_assert_uint_ge(besom__pace_used(rig.heap), sum);
        besom__alloc_retire(besom__mutator_of(rig.m));
        ck_assert_uint_eq(stats_of(rig.heap).allocated_bytes, sum);
        ck_assert_uint_eq(rig.heap->pace.allocated_bytes, sum);
    }
    collect(rig.m);
    ck_assert_uint_eq(stats_of(rig.heap).allocated_bytes, sum);
    ck_assert_uint_eq(besom__pace_used(rig.heap), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        factor_multiplies_what_is_alive,
        fixed_is_the_limit_or_the_minimum,
        square_root_rule_grows_with_live_and_unit,
        fast_allocation_and_slow_marking_leave_more_headroom,
        rates_are_smoothed_by_half,
        cycle_is_due_when_live_allocated_and_external_reach_the_trigger,
        disabled_heap_asks_for_nothing_but_counts,
        request_from_before_it_was_disabled_is_not_granted,
        refusal_makes_a_cycle_due_until_one_is_done,
        refused_allocation_makes_the_next_poll_collect,
        heap_without_room_below_its_limit_is_due,
        allocated_bytes_are_exact_when_blocks_are_retired,
    };
    return run_tests("gc pace", tests, sizeof tests / sizeof *tests);
}
