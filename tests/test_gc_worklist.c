/* test_gc_worklist.c - segments are bounded, shared and freed; helpers take them and come to rest. */
#include "support.h"

#include "gc/alloc.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/mutator.h"

#include <sched.h>

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

START_TEST(options_bound_stack_and_segments)
{
    static const struct {
        const char *options;
        size_t capacity, segments, markers;
    } cases[] = {
        {"mark_stack=64,mark_threads=4", 64, 0, 1},
        {"mark_stack=1023,mark_threads=4", 1023, 0, 1},
        {"mark_stack=1024,mark_threads=4", 1024, 0, 1},
        {"mark_stack=1535,mark_threads=4", 1024, 0, 1},
        {"mark_stack=1536,mark_threads=4", 1024, 1, 4},
        {"mark_stack=10000,mark_threads=3", 1024, 17, 3},
        {"mark_threads=64", 1024, (256 << 20) / 512 - 2, 64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig rig;
        start(&rig, cases[i].options);
        const struct besom__worklist *w = &rig.heap->worklist;
        ck_assert_uint_eq(w->n_markers, cases[i].markers);
        ck_assert_uint_eq(w->max_segments, cases[i].segments);
        for (size_t m = 0; m < w->n_markers; m++) {
            ck_assert_uint_eq(w->markers[m].capacity, cases[i].capacity);
            ck_assert_uint_eq((uintptr_t)&w->markers[m] % 64, 0);
        }
        ck_assert_ptr_eq(besom__mark_self(rig.heap), &w->markers[0]);
        rig_close(&rig);
    }
}
END_TEST

START_TEST(segments_are_bounded_and_used_again)
{
    struct rig rig;
    start(&rig, "mark_stack=3072"); /* 4 segments */
    struct besom__segment *segments[4];
    for (int i = 0; i < 4; i++) {
        segments[i] = besom__segment_new(rig.heap);
        ck_assert_ptr_nonnull(segments[i]);
        for (int j = 0; j < i; j++)
            ck_assert_ptr_ne(segments[i], segments[j]);
    }
    ck_assert_ptr_null(besom__segment_new(rig.heap));
    besom__segment_recycle(rig.heap, segments[2]);
    ck_assert_ptr_eq(besom__segment_new(rig.heap), segments[2]);
    ck_assert_ptr_null(besom__segment_new(rig.heap));
    for (int i = 0; i < 4; i++)
        besom__segment_recycle(rig.heap, segments[i]);
    ck_assert_uint_eq(rig.heap->worklist.n_segments, 4);
    besom__worklist_trim(rig.heap);
    ck_assert_uint_eq(rig.heap->worklist.n_segments, 0);
    ck_assert_ptr_null(rig.heap->worklist.spare);
    struct besom__segment *again = besom__segment_new(rig.heap);
    ck_assert_ptr_nonnull(again);
    besom__segment_recycle(rig.heap, again);
    rig_close(&rig);
}
END_TEST

START_TEST(segment_without_memory_is_none)
{
    struct ledger_host host;
    struct rig rig;
    rig_init_exact(&rig, "mark_stack=3072");
    ledger_init(&host, &rig.config);
    rig_open(&rig);
    host.ledger.failing = host.ledger.calls + 1;
    ck_assert_ptr_null(besom__segment_new(rig.heap));
    ck_assert_uint_eq(rig.heap->worklist.n_segments, 0);
    struct besom__segment *segment = besom__segment_new(rig.heap);
    ck_assert_ptr_nonnull(segment);
    besom__segment_recycle(rig.heap, segment);
    ck_assert_int_eq(besom_detach(rig.m), BESOM_OK);
    ck_assert_int_eq(besom_heap_free(rig.heap), BESOM_OK);
    ck_assert_int_eq(host.ledger.allocs, 0);
    ck_assert_int_eq(host.ledger.maps, 0);
}
END_TEST

START_TEST(shared_segments_come_back_to_who_is_alone)
{
    struct rig rig;
    start(&rig, "mark_threads=1");
    ck_assert_ptr_null(besom__worklist_take_last(rig.heap));
    struct besom__segment *a = besom__segment_new(rig.heap), *b = besom__segment_new(rig.heap);
    besom__worklist_put(rig.heap, a);
    besom__worklist_put(rig.heap, b);
    struct besom__segment *first = besom__worklist_take_last(rig.heap);
    struct besom__segment *second = besom__worklist_take_last(rig.heap);
    ck_assert((first == a && second == b) || (first == b && second == a));
    ck_assert_ptr_null(besom__worklist_take_last(rig.heap));
    ck_assert(!besom__worklist_is_hungry(rig.heap));
    besom__segment_recycle(rig.heap, a);
    besom__segment_recycle(rig.heap, b);
    rig_close(&rig);
}
END_TEST

/* ---- helpers ---- */

static void wait_until_hungry(struct besom_heap *heap)
{
    for (int i = 0; !besom__worklist_is_hungry(heap); i++) {
        ck_assert_int_lt(i, 60000);
        sleep_ms(1);
    }
}

START_TEST(helpers_mark_what_is_shared_with_them)
{
    enum { N = 200, LENGTH = 50 };
    struct rig rig;
    start(&rig, "mark_threads=3");
    struct besom_heap *heap = rig.heap;
    {
        BESOM_LOCALS(rig.m, struct node * lists[N];);
        for (int i = 0; i < N; i++)
            my->lists[i] = make_list(rig.m, LENGTH);
        besom__alloc_retire(besom__mutator_of(rig.m));
        besom__mark_begin(heap, false);
        besom__worklist_start_helpers(heap);
        ck_assert_uint_eq(heap->worklist.n_helpers, 2);
        wait_until_hungry(heap);
        for (int i = 0; i < N; i += 10) {
            struct besom__segment *segment = besom__segment_new(heap);
            for (int j = 0; j < 10; j++)
                segment->entries[j] = (uintptr_t)my->lists[i + j];
            segment->n = 10;
            besom__worklist_put(heap, segment);
        }
        /* NULL only when nothing is shared and nobody is at work. */
        struct besom__segment *segment;
        while ((segment = besom__worklist_take_last(heap)) != NULL)
            besom__mark_segment(besom__mark_self(heap), segment);
        for (int i = 0; i < N; i++)
            for (struct node *n = my->lists[i]; n; n = n->next)
                require(besom__is_marked(heap, n), "not marked");
        size_t bytes, objects, overflows;
        besom__mark_totals(heap, &bytes, &objects, &overflows);
        ck_assert_uint_eq(objects, N * LENGTH);
        ck_assert_uint_eq(bytes, N * LENGTH * sizeof(struct node));
        ck_assert_uint_eq(overflows, 0);
        besom__spaces_begin_sweep(heap);
    }
    besom__worklist_stop_helpers(heap);
    ck_assert_uint_eq(heap->worklist.n_helpers, 0);
    besom__worklist_stop_helpers(heap); /* none are left: nothing happens */
    besom__worklist_start_helpers(heap);
    ck_assert_uint_eq(heap->worklist.n_helpers, 2);
    wait_until_hungry(heap);
    rig_close(&rig);
}
END_TEST

/* A segment that takes its helper long: the collecting thread must wait for it. */
static void *slow_list(struct rig *rig)
{
    struct node *list = NULL;
    for (size_t n = 200000; n > 0; n--) {
        struct node *node = make(rig->m, &node_type);
        node->next = list;
        list = node;
    }
    return list;
}

START_TEST(every_thread_that_marks_has_a_marker)
{
    static const struct {
        const char *options;
        size_t markers, beside, stopped;
    } cases[] = {
        {"mode=concurrent,mark_threads=1,concurrent_threads=4", 4, 3, 0},
        {"mode=concurrent,mark_threads=3,concurrent_threads=1", 3, 0, 2},
        {"mode=concurrent,mark_stack=64,mark_threads=2,concurrent_threads=4", 1, 0, 0},
        {"mode=incremental,mark_threads=1,concurrent_threads=4", 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig rig;
        start(&rig, cases[i].options);
        const struct besom__worklist *w = &rig.heap->worklist;
        ck_assert_uint_eq(w->n_markers, cases[i].markers);
        besom__mark_beside_mutators(rig.heap, true);
        ck_assert_uint_eq(w->n_allowed, cases[i].beside);
        besom__mark_beside_mutators(rig.heap, false);
        ck_assert_uint_eq(w->n_allowed, cases[i].stopped);
        rig_close(&rig);
    }
}
END_TEST

START_TEST(who_takes_last_waits_for_helpers_at_work)
{
    struct rig rig;
    start(&rig, "mark_threads=2,heap_min=1g,pace=fixed");
    struct besom_heap *heap = rig.heap;
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = slow_list(&rig);
        besom__alloc_retire(besom__mutator_of(rig.m));
        besom__mark_begin(heap, false);
        besom__worklist_start_helpers(heap);
        wait_until_hungry(heap);
        struct besom__segment *segment = besom__segment_new(heap);
        segment->entries[0] = (uintptr_t)my->list;
        segment->n = 1;
        besom__worklist_put(heap, segment);
        while (!besom__is_marked(heap, my->list)) /* until the helper has it */
            sched_yield();
        besom__mark_drain(heap);
        size_t n = 0;
        for (struct node *node = my->list; node; node = node->next)
            n += besom__is_marked(heap, node);
        ck_assert_uint_eq(n, 200000);
        besom__spaces_begin_sweep(heap);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(small_heaps_do_without_helpers)
{
    struct rig rig;
    start(&rig, "mark_threads=8");
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, 10000);
        collect(rig.m);
        ck_assert_uint_eq(rig.heap->worklist.n_helpers, 0);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        options_bound_stack_and_segments,         segments_are_bounded_and_used_again,
        segment_without_memory_is_none,           shared_segments_come_back_to_who_is_alone,
        every_thread_that_marks_has_a_marker,     helpers_mark_what_is_shared_with_them,
        who_takes_last_waits_for_helpers_at_work, small_heaps_do_without_helpers,
    };
    return run_tests("gc worklist", tests, sizeof tests / sizeof *tests);
}
