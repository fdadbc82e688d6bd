/* test_gc_pause.c - the ring keeps the last pauses, the outermost ones, and utilization is theirs. */
#include "support.h"

#include "gc/heap.h"
#include "gc/mutator.h"

#include <math.h>
#include <string.h>

static const uint64_t ms = 1000000;

static void start_keeping(struct rig *rig, const char *options)
{
    rig_init_exact(rig, options);
    rig_open(rig);
}

/* As if the mutator had been held up so long after the heap was created. */
static void note(struct rig *rig, uint64_t begin_ns, uint64_t end_ns)
{
    uint64_t created_ns = rig->heap->pause_ring.since_ns;
    besom__pause_note(besom__mutator_of(rig->m), BESOM_PAUSE_PARK, created_ns + begin_ns,
                      created_ns + end_ns);
}

static void check_mmu(const struct rig *rig, uint64_t window_ns, double expected)
{
    double mmu = -1;
    ck_assert_int_eq(besom_mmu(rig->heap, window_ns, &mmu), BESOM_OK);
    ck_assert_msg(fabs(mmu - expected) < 1e-9, "MMU(%llu) is %g, not %g",
                  (unsigned long long)window_ns, mmu, expected);
}

START_TEST(known_pauses_give_known_utilization)
{
    struct rig rig;
    start_keeping(&rig, "pauses=100");
    note(&rig, 10 * ms, 12 * ms);
    note(&rig, 11 * ms, 14 * ms); /* of another mutator, say: from 10 to 14 in all */
    note(&rig, 15 * ms, 16 * ms);
    sleep_ms(40);
    check_mmu(&rig, 4 * ms, 0);
    check_mmu(&rig, 8 * ms, 3. / 8);
    check_mmu(&rig, 20 * ms, 0.75);
    double bmu = -1;
    ck_assert_int_eq(besom_bmu(rig.heap, 5 * ms, &bmu), BESOM_OK);
    ck_assert(fabs(bmu - 1. / 6) < 1e-9);
    rig_close(&rig);
}
END_TEST

START_TEST(full_ring_observes_from_the_last_that_it_lost)
{
    struct rig rig;
    start_keeping(&rig, "pauses=4");
    const uint64_t created_ns = rig.heap->pause_ring.since_ns;
    for (uint64_t i = 0; i < 6; i++) {
        uint64_t begin_ns = created_ns + i * 10 * ms;
        besom__pause_note(besom__mutator_of(rig.m), BESOM_PAUSE_PARK, begin_ns,
                          begin_ns + (6 - i) * ms);
    }
    struct besom_pause list[9];
    ck_assert_uint_eq(besom_pause_list(rig.heap, NULL, 0), 4);
    ck_assert_uint_eq(besom_pause_list(rig.heap, list, 9), 4);
    for (uint64_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(list[i].begin_ns, created_ns + (i + 2) * 10 * ms);
        ck_assert_uint_eq(list[i].end_ns - list[i].begin_ns, (4 - i) * ms);
        ck_assert_int_eq(list[i].kind, BESOM_PAUSE_PARK);
        ck_assert_uint_eq(list[i].mutator, 1);
    }
    ck_assert_uint_eq(besom_pause_list(rig.heap, list, 1), 1);
    ck_assert_uint_eq(list[0].begin_ns, created_ns + 50 * ms);
    ck_assert_uint_eq(rig.heap->pause_ring.since_ns, created_ns + 15 * ms);
    sleep_ms(80);
    check_mmu(&rig, 4 * ms, 0);
    check_mmu(&rig, 8 * ms, 0.5);
    rig_close(&rig);
}
END_TEST

START_TEST(what_cannot_be_measured_is_refused)
{
    struct rig rig;
    double value = 7;
    start_keeping(&rig, "pauses=10");
    ck_assert_int_eq(besom_mmu(NULL, ms, &value), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_bmu(NULL, ms, &value), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_mmu(rig.heap, 0, &value), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_mmu(rig.heap, ms, NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_mmu(rig.heap, UINT64_MAX, &value), BESOM_E_STATE);
    ck_assert_int_eq(besom_bmu(rig.heap, 3600000 * ms, &value), BESOM_E_STATE);
    rig_close(&rig);
    start_keeping(&rig, "");
    ck_assert_int_eq(besom_mmu(rig.heap, 1, &value), BESOM_E_STATE);
    ck_assert_uint_eq(besom_pause_list(rig.heap, NULL, 0), 0);
    ck_assert_uint_eq(besom_pause_list(NULL, NULL, 0), 0);
    rig_close(&rig);
    ck_assert(value == 7);
}
END_TEST

START_TEST(collection_is_one_pause_with_its_stop)
{
    struct rig rig;
    start_keeping(&rig, "pauses=10");
    collect(rig.m);
    struct besom_pause list[10];
    ck_assert_uint_eq(besom_pause_list(rig.heap, list, 10), 1);
    ck_assert_int_eq(list[0].kind, BESOM_PAUSE_COLLECT);
    ck_assert_uint_ge(list[0].end_ns - list[0].begin_ns, stats_of(rig.heap).stop_ns);
    verify(rig.m);
    ck_assert_uint_eq(besom_pause_list(rig.heap, list, 10), 2);
    ck_assert_int_eq(list[1].kind, BESOM_PAUSE_STOP);
    ck_assert_uint_ge(list[1].begin_ns, list[0].end_ns);
    rig_close(&rig);
}
END_TEST

struct idler {
    struct besom_heap *heap;
    struct gate ready, done;
};

static void *poll_until_done(void *data)
{
    struct idler *idler = data;
    struct besom_mutator *m = besom_attach(idler->heap);
    ck_assert_ptr_nonnull(m);
    gate_raise(&idler->ready);
    gate_poll(&idler->done, 1, m);
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

static void count_parked(const struct rig *rig, size_t parked[4])
{
    struct besom_pause list[1000];
    size_t n = besom_pause_list(rig->heap, list, 1000);
    memset(parked, 0, 4 * sizeof *parked);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_le(list[i].mutator, 3);
        ck_assert_uint_le(list[i].begin_ns, list[i].end_ns);
        parked[list[i].mutator] += list[i].kind == BESOM_PAUSE_PARK;
    }
}

START_TEST(mutators_that_stand_in_a_stop_each_have_pauses)
{
    struct rig rig;
    start_keeping(&rig, "pauses=1000");
    struct idler idler = {.heap = rig.heap};
    gate_init(&idler.ready);
    gate_init(&idler.done);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        threads[i] = thread_start(poll_until_done, &idler);
    gate_poll(&idler.ready, 2, rig.m);
    size_t parked[4] = {0};
    /* One that comes last may find the world going again. */
    for (int tries = 0; tries < 50 && !(parked[2] && parked[3]); tries++) {
        collect(rig.m);
        sleep_ms(1);
        count_parked(&rig, parked);
    }
    gate_raise(&idler.done);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    for (int i = 0; i < 2; i++)
        thread_join(threads[i]);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    ck_assert_uint_eq(parked[1], 0);
    ck_assert_uint_gt(parked[2], 0);
    ck_assert_uint_gt(parked[3], 0);
    rig_close(&rig);
}
END_TEST

/* What is timed beside safepoints: by a clock that is made to have started long ago, or just now. */
START_TEST(what_is_slow_beside_safepoints_is_a_pause)
{
    struct rig rig;
    start_keeping(&rig, "pauses=10");
    struct besom__mutator *m = besom__mutator_of(rig.m);
    struct besom_pause list[10];
    const size_t before = besom_pause_list(rig.heap, list, 10);
    const uint64_t now = besom__pause_watch(m);
    ck_assert_uint_ne(now, 0);
    besom__pause_watched(m, BESOM_PAUSE_ALLOCATE, now - 5 * ms);
    besom__pause_watched(m, BESOM_PAUSE_BARRIER, now - 2 * ms);
    besom__pause_watched(m, BESOM_PAUSE_BARRIER, 0); /* was not timed */
    ck_assert_uint_eq(besom_pause_list(rig.heap, list, 10), before + 2);
    ck_assert_int_eq(list[before].kind, BESOM_PAUSE_ALLOCATE);
    ck_assert_uint_eq(list[before].begin_ns, now - 5 * ms);
    ck_assert_int_eq(list[before + 1].kind, BESOM_PAUSE_BARRIER);
    rig_close(&rig);
    start_keeping(&rig, "");
    ck_assert_uint_eq(besom__pause_watch(besom__mutator_of(rig.m)), 0);
    rig_close(&rig);
}
END_TEST

/* The system is asked for 4 MiB. */
START_TEST(large_allocation_is_a_pause)
{
    static const struct besom_type bytes_type = {
        .name = "bytes", .size_bytes = 16, .flags = BESOM_LEAF};
    struct rig rig;
    start_keeping(&rig, "pauses=1000");
    size_t found = 0;
    struct besom_pause list[1000];
    for (int tries = 0; tries < 100 && found == 0; tries++) {
        ck_assert_ptr_nonnull(besom_new_sized(rig.m, &bytes_type, (size_t)4 << 20));
        besom_poll(rig.m);
        const size_t n = besom_pause_list(rig.heap, list, 1000);
        for (size_t i = 0; i < n; i++)
            found += list[i].kind == BESOM_PAUSE_ALLOCATE;
    }
    ck_assert_uint_gt(found, 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        known_pauses_give_known_utilization,
        full_ring_observes_from_the_last_that_it_lost,
        what_cannot_be_measured_is_refused,
        collection_is_one_pause_with_its_stop,
        mutators_that_stand_in_a_stop_each_have_pauses,
        what_is_slow_beside_safepoints_is_a_pause,
        large_allocation_is_a_pause,
    };
    return run_tests("pause", tests, sizeof tests / sizeof *tests);
}
