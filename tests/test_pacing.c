/* test_pacing.c - cycles begin where the policy says, and empty memory goes back. */
#include "support.h"

#include <stdio.h>
#include <string.h>

/* Keeps `live` bytes, allocates `churn` bytes of garbage polling all the while; how many cycles
 * that took, and the largest committed size seen. */
struct churn {
    unsigned long cycles;
    size_t peak_bytes;
    size_t live_bytes;
};

static struct churn churn(const char *options, size_t live, size_t garbage)
{
    struct rig rig;
    struct churn result = {0};
    rig_init_exact(&rig, options);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, live / sizeof(struct node));
        collect(rig.m);
        result.live_bytes = stats_of(rig.heap).live_bytes;
        unsigned long before = watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN);
        for (size_t bytes = 0; bytes < garbage; bytes += 8 * 2000) {
            for (int i = 0; i < 8; i++)
                make_sized(rig.m, &blob_type, 2000);
            besom_poll(rig.m);
            size_t committed = stats_of(rig.heap).committed_bytes;
            if (committed > result.peak_bytes)
                result.peak_bytes = committed;
        }
        result.cycles = watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN) - before;
    }
    rig_close(&rig);
    return result;
}

enum { MIB = 1 << 20 };

START_TEST(factor_of_200_lets_the_heap_double)
{
    struct churn c = churn("pace=factor,pace_factor=200,heap_min=1m", 8 * MIB, 80 * MIB);
    ck_assert_uint_ge(c.cycles, 8);
    ck_assert_uint_le(c.cycles, 12);
    ck_assert_uint_le(c.peak_bytes, 2 * c.live_bytes + 4 * MIB);
}
END_TEST

START_TEST(larger_factor_means_fewer_cycles)
{
    struct churn tight = churn("pace=factor,pace_factor=125,heap_min=1m", 8 * MIB, 40 * MIB);
    struct churn loose = churn("pace=factor,pace_factor=400,heap_min=1m", 8 * MIB, 40 * MIB);
    ck_assert_uint_gt(tight.cycles, 4 * loose.cycles);
    ck_assert_uint_lt(tight.peak_bytes, loose.peak_bytes);
}
END_TEST

START_TEST(fixed_pace_collects_at_its_size)
{
    struct churn c = churn("pace=fixed,heap_min=16m", 4 * MIB, 120 * MIB);
    ck_assert_uint_ge(c.cycles, 8);
    ck_assert_uint_le(c.cycles, 14);
    ck_assert_uint_le(c.peak_bytes, 20 * MIB);
    c = churn("pace=fixed,heap_min=1m,heap_max=32m", 4 * MIB, 120 * MIB);
    ck_assert_uint_ge(c.cycles, 3);
    ck_assert_uint_le(c.cycles, 8);
    ck_assert_uint_le(c.peak_bytes, 32 * MIB);
}
END_TEST

START_TEST(square_root_pace_bounds_heap_and_cycles)
{
    struct churn c = churn("pace=sqrt,heap_min=1m", 8 * MIB, 100 * MIB);
    ck_assert_uint_ge(c.cycles, 1);
    ck_assert_uint_le(c.cycles, 200);
    ck_assert_uint_le(c.peak_bytes, 128 * MIB);
}
END_TEST

START_TEST(no_cycle_begins_below_the_minimum)
{
    static const char *const paces[] = {"sqrt", "factor", "fixed"};
    for (int i = 0; i < 3; i++) {
        char options[60];
        snprintf(options, sizeof options, "pace=%s,heap_min=64m", paces[i]);
        ck_assert_uint_eq(churn(options, MIB, 40 * MIB).cycles, 0);
    }
}
END_TEST

START_TEST(trigger_is_reported_and_kept)
{
    struct rig rig;
    rig_init_exact(&rig, "pace=factor,pace_factor=200,heap_min=1m");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, 200000);
        collect(rig.m);
        struct besom_stats stats = stats_of(rig.heap);
        ck_assert_uint_ge(stats.trigger_bytes, stats.live_bytes * 2 - MIB);
        ck_assert_uint_le(stats.trigger_bytes, stats.live_bytes * 2 + MIB);
        unsigned long before = watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN);
        while (stats_of(rig.heap).used_bytes + MIB < stats.trigger_bytes) {
            make_list(rig.m, 1000);
            besom_poll(rig.m);
            ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), before);
        }
        make_list(rig.m, 2 * MIB / sizeof(struct node));
        ck_assert(besom_poll(rig.m));
        ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), before + 1);
    }
    rig_close(&rig);
}
END_TEST

/* ---- give-back ---- */

/* Small objects, written to so that their memory is resident. */
static void fill_with_blobs(struct besom_mutator *m, size_t bytes)
{
    for (; bytes >= 4000; bytes -= 4000) {
        struct blob *blob = make_sized(m, &blob_type, 4000);
        memset(blob->words, 1, 4000 - sizeof blob->type);
    }
}

/* Polls for up to five seconds until the heap holds no more empty blocks than that. */
static bool gives_back(struct rig *rig, size_t empty_bytes)
{
    uint64_t end_ns = now_ns() + UINT64_C(5000000000);
    while (stats_of(rig->heap).empty_bytes > empty_bytes && now_ns() < end_ns) {
        sleep_ms(2);
        make(rig->m, &node_type);
        besom_poll(rig->m);
        collect(rig->m);
    }
    return stats_of(rig->heap).empty_bytes <= empty_bytes;
}

START_TEST(empty_blocks_go_back_after_a_delay)
{
    struct rig rig;
    rig_init_exact(&rig, "give_back_ms=20");
    rig_open(&rig);
    size_t before = rss_bytes();
    fill_with_blobs(rig.m, 64 * MIB);
    make_sized(rig.m, &blob_type, 32 * MIB);
    size_t full = rss_bytes();
    collect(rig.m);
    ck_assert(gives_back(&rig, 8 * MIB));
    size_t after = rss_bytes();
    if (!is_instrumented()) {
        ck_assert_uint_ge(full, before + 60 * MIB);
        ck_assert_uint_le(after, before + 16 * MIB);
    }
    /* And it can be had again. */
    fill_with_blobs(rig.m, 64 * MIB);
    verify(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(empty_blocks_go_back_at_once_when_asked)
{
    struct rig rig;
    rig_init_exact(&rig, "give_back_ms=1000000");
    rig_open(&rig);
    size_t before = rss_bytes();
    fill_with_blobs(rig.m, 64 * MIB);
    make_sized(rig.m, &blob_type, 16 * MIB);
    struct besom_handle *kept = besom_handle_new(rig.m, make_list(rig.m, 1000), "kept");
    collect(rig.m);
    uint64_t cycles = stats_of(rig.heap).cycles;
    ck_assert_uint_ge(besom_give_back(rig.heap), 50 * MIB);
    ck_assert_uint_eq(stats_of(rig.heap).cycles, cycles);
    ck_assert_uint_le(stats_of(rig.heap).empty_bytes, 4 * MIB);
    ck_assert_uint_eq(besom_give_back(rig.heap), 0);
    ck_assert_uint_eq(besom_give_back(NULL), 0);
    if (!is_instrumented())
        ck_assert_uint_le(rss_bytes(), before + 10 * MIB);
    check_list(besom_handle_get(kept), 1000);
    fill_with_blobs(rig.m, 16 * MIB);
    rig_close(&rig);
}
END_TEST

static void *give_back_often(void *data)
{
    for (int i = 0; i < 200; i++)
        besom_give_back(data);
    return NULL;
}

START_TEST(any_thread_may_ask_for_giving_back)
{
    struct rig rig;
    rig_start(&rig);
    pthread_t thread = thread_start(give_back_often, rig.heap); /* it has no mutator */
    for (int i = 0; i < 100; i++) {
        fill_with_blobs(rig.m, MIB);
        collect(rig.m);
        besom_give_back(rig.heap);
    }
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    thread_join(thread);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    rig_close(&rig);
}
END_TEST

START_TEST(empty_blocks_stay_until_the_delay_is_over)
{
    struct rig rig;
    rig_init_exact(&rig, "give_back_ms=1000000");
    rig_open(&rig);
    fill_with_blobs(rig.m, 64 * MIB);
    collect(rig.m);
    while (stats_of(rig.heap).unswept_blocks)
        make_list(rig.m, 1000);
    for (int i = 0; i < 20; i++) {
        sleep_ms(1);
        besom_poll(rig.m);
    }
    struct besom_stats stats = stats_of(rig.heap);
    ck_assert_uint_ge(stats.empty_bytes + stats.committed_bytes, 60 * MIB);
    rig_close(&rig);
}
END_TEST

START_TEST(blocks_given_back_are_zeroed_when_they_return)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.give_back_ms = 0;
    rig_open(&rig);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 200; i++) {
            struct blob *blob = make_sized(rig.m, &blob_type, 60000);
            for (size_t j = 0; j < 7000; j++) {
                require(blob->words[j] == 0, "not zeroed");
                blob->words[j] = ~UINT64_C(0);
            }
        }
        collect(rig.m);
        sleep_ms(1);
        collect(rig.m);
    }
    rig_close(&rig);
}
END_TEST

/* A program that takes its time for an object: what its marking takes is known from the slices. */
static size_t trigger_of_slow_program(const char *options)
{
    struct rig rig;
    rig_init_exact(&rig, options);
    rig_open(&rig);
    size_t trigger = 0;
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, 2 * MIB / sizeof(struct node));
        for (size_t bytes = 0; bytes < 24 * MIB; bytes += 16 * 2000) {
            for (int i = 0; i < 16; i++)
                make_sized(rig.m, &blob_type, 2000);
            besom_poll(rig.m);
            sleep_ms(1);
        }
        trigger = stats_of(rig.heap).trigger_bytes;
    }
    rig_close(&rig);
    return trigger;
}

START_TEST(time_between_slices_is_not_taken_for_marking)
{
    const size_t stopped = trigger_of_slow_program("mode=stw");
    const size_t sliced = trigger_of_slow_program("mode=incremental");
    ck_assert_uint_le(sliced, stopped + 2 * MIB);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        factor_of_200_lets_the_heap_double,
        larger_factor_means_fewer_cycles,
        fixed_pace_collects_at_its_size,
        square_root_pace_bounds_heap_and_cycles,
        no_cycle_begins_below_the_minimum,
        time_between_slices_is_not_taken_for_marking,
        trigger_is_reported_and_kept,
        empty_blocks_go_back_after_a_delay,
        empty_blocks_go_back_at_once_when_asked,
        any_thread_may_ask_for_giving_back,
        empty_blocks_stay_until_the_delay_is_over,
        blocks_given_back_are_zeroed_when_they_return,
    };
    return run_tests("pacing", tests, sizeof tests / sizeof *tests);
}
