/* test_events.c - a heap tells its host of cycles, phases and stops, in order and with times. */
#include "support.h"

#include <string.h>

enum { HISTORY = 4096 };

struct history { /* the heap's host */
    size_t n;
    struct besom_event events[HISTORY];
};

static void record(void *host, const struct besom_event *event)
{
    struct history *history = host;
    if (history->n < HISTORY)
        history->events[history->n++] = *event;
}

static void start_recorded(struct rig *rig, struct history *history, const char *options)
{
    rig_init_exact(rig, options);
    memset(history, 0, sizeof *history);
    rig->config.host = history;
    rig->config.on_event = record;
    rig_open(rig);
}

static struct history history;

/* The events of one kind and cycle (0: any). */
static size_t count_kind(enum besom_event_kind kind, uint64_t cycle)
{
    size_t n = 0;
    for (size_t i = 0; i < history.n; i++)
        n += history.events[i].kind == kind && (!cycle || history.events[i].cycle == cycle);
    return n;
}

START_TEST(every_cycle_begins_and_ends_once)
{
    struct rig rig;
    start_recorded(&rig, &history, NULL);
    for (int i = 0; i < 5; i++) {
        make_list(rig.m, 1000);
        collect(rig.m);
    }
    for (uint64_t cycle = 1; cycle <= 5; cycle++) {
        ck_assert_uint_eq(count_kind(BESOM_EVENT_CYCLE_BEGIN, cycle), 1);
        ck_assert_uint_eq(count_kind(BESOM_EVENT_CYCLE_END, cycle), 1);
    }
    ck_assert_uint_eq(count_kind(BESOM_EVENT_CYCLE_BEGIN, 0), 5);
    ck_assert_uint_ge(count_kind(BESOM_EVENT_STOP, 0), 5);
    rig_close(&rig);
}
END_TEST

START_TEST(phases_come_in_their_order)
{
    struct rig rig;
    start_recorded(&rig, &history, NULL);
    unsigned long calls = 0;
    for (int i = 0; i < 5; i++) {
        make_list(rig.m, 1000);
        make_hooked(rig.m, &calls);
        collect(rig.m);
    }
    enum besom_phase last = BESOM_IDLE;
    bool open = false;
    size_t marks = 0, sweeps = 0;
    for (size_t i = 0; i < history.n; i++) {
        const struct besom_event *e = &history.events[i];
        if (e->kind == BESOM_EVENT_CYCLE_BEGIN) {
            ck_assert(!open);
            open = true;
            last = BESOM_IDLE;
        } else if (e->kind == BESOM_EVENT_CYCLE_END) {
            ck_assert(open);
            open = false;
        } else if (e->kind == BESOM_EVENT_PHASE_BEGIN && e->phase != BESOM_IDLE) {
            ck_assert_int_gt(e->phase, last);
            last = e->phase;
            marks += e->phase == BESOM_MARK;
            sweeps += e->phase == BESOM_SWEEP;
        }
    }
    ck_assert_uint_eq(marks, 5);
    ck_assert_uint_eq(sweeps, 5);
    rig_close(&rig);
}
END_TEST

START_TEST(times_never_go_back)
{
    struct rig rig;
    uint64_t last_ns = now_ns();
    start_recorded(&rig, &history, NULL);
    for (int i = 0; i < 20; i++) {
        make_list(rig.m, 500);
        collect(rig.m);
    }
    ck_assert_uint_gt(history.n, 40);
    for (size_t i = 0; i < history.n; i++) {
        ck_assert_uint_ge(history.events[i].at_ns, last_ns);
        last_ns = history.events[i].at_ns;
    }
    ck_assert_uint_le(last_ns, now_ns());
    rig_close(&rig);
}
END_TEST

START_TEST(durations_fit_within_the_cycle)
{
    struct rig rig;
    start_recorded(&rig, &history, NULL);
    struct node *list = make_list(rig.m, 100000);
    struct besom_handle *handle = besom_handle_new(rig.m, list, "list");
    ck_assert_ptr_nonnull(handle);
    collect(rig.m);
    uint64_t began_ns = 0, stops = 0;
    for (size_t i = 0; i < history.n; i++) {
        const struct besom_event *e = &history.events[i];
        if (e->kind == BESOM_EVENT_CYCLE_BEGIN)
            began_ns = e->at_ns;
        if (e->kind == BESOM_EVENT_STOP) {
            stops++;
            ck_assert_uint_gt(e->duration_ns, 0);
            ck_assert_uint_le(e->time_to_stop_ns, e->duration_ns + 1000000000);
        }
        if (e->kind == BESOM_EVENT_CYCLE_END) {
            ck_assert_uint_gt(e->duration_ns, 0);
            ck_assert_uint_le(e->duration_ns, e->at_ns - began_ns + 1000000);
        }
    }
    ck_assert_uint_ge(stops, 1);
    rig_close(&rig);
}
END_TEST

START_TEST(end_of_a_cycle_tells_live_bytes_and_the_next_trigger)
{
    struct rig rig;
    start_recorded(&rig, &history, "mark_threads=1");
    ck_assert_ptr_nonnull(besom_handle_new(rig.m, make_list(rig.m, 5000), "list"));
    make_list(rig.m, 5000);
    collect(rig.m);
    struct besom_stats stats = stats_of(rig.heap);
    bool found = false;
    for (size_t i = 0; i < history.n; i++) {
        const struct besom_event *e = &history.events[i];
        if (e->kind != BESOM_EVENT_CYCLE_END)
            continue;
        found = true;
        ck_assert_uint_eq(e->live_bytes, 5000 * sizeof(struct node));
        ck_assert_uint_eq(e->live_bytes, stats.live_bytes);
        ck_assert_uint_eq(e->trigger_bytes, stats.trigger_bytes);
        ck_assert_uint_ge(e->committed_bytes, e->live_bytes);
    }
    ck_assert(found);
    rig_close(&rig);
}
END_TEST

static enum besom_reason last_reason(void)
{
    for (size_t i = history.n; i-- > 0;)
        if (history.events[i].kind == BESOM_EVENT_CYCLE_BEGIN)
            return history.events[i].reason;
    ck_abort_msg("no cycle");
    return BESOM_REASON_HOST;
}

START_TEST(reason_of_a_cycle_is_told)
{
    struct rig rig;
    start_recorded(&rig, &history, "heap_min=1m");
    collect(rig.m);
    ck_assert_int_eq(last_reason(), BESOM_REASON_HOST);
    bool ended = false;
    while (!ended)
        ck_assert_int_eq(besom_step(rig.m, 1 << 20, &ended), BESOM_OK);
    ck_assert_int_eq(last_reason(), BESOM_REASON_HOST);
    make_list(rig.m, 200000);
    ck_assert(besom_poll(rig.m));
    ck_assert_int_eq(last_reason(), BESOM_REASON_HEADROOM);
    rig_close(&rig);

    start_recorded(&rig, &history, "heap_max=8m,pace=fixed");
    while (besom_new_sized(rig.m, &blob_type, 2000))
        continue;
    ck_assert(besom_poll(rig.m));
    ck_assert_int_eq(last_reason(), BESOM_REASON_LIMIT);
    rig_close(&rig);

    start_recorded(&rig, &history, "stress=1");
    ck_assert(besom_poll(rig.m));
    ck_assert_int_eq(last_reason(), BESOM_REASON_STRESS);
    rig_close(&rig);
}
END_TEST

START_TEST(emergency_tells_nothing)
{
    struct rig rig;
    start_recorded(&rig, &history, NULL);
    ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
    ck_assert_uint_eq(history.n, 0);
    rig_close(&rig);
}
END_TEST

START_TEST(heap_without_a_listener_works)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.on_event = NULL;
    rig_open(&rig);
    collect(rig.m);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_cycle_begins_and_ends_once,
        phases_come_in_their_order,
        times_never_go_back,
        durations_fit_within_the_cycle,
        end_of_a_cycle_tells_live_bytes_and_the_next_trigger,
        reason_of_a_cycle_is_told,
        emergency_tells_nothing,
        heap_without_a_listener_works,
    };
    return run_tests("events", tests, sizeof tests / sizeof *tests);
}
