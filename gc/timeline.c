/* timeline.c - what a heap does, in the Trace Event Format of Chrome and Perfetto.
 *
 * A heap is a process of the trace, with these tracks (threads):
 *
 *     collector    cycles, from their beginning until memory can be reused: in each its rounds, the
 *                  stop that ends marking, and the phases WEAK and FINALIZE; then the sweep
 *     stops        every stop of the world, and what was done in it
 *     mutator n    what held it up: pauses (pause.h)
 *
 * and counters, of bytes.  Slices are complete events ("ph": "X"), so nothing is left open if some are
 * lost.  A cycle is written when it is over, from its record; within each track a slice comes after
 * those that began before it, and after the one that it lies in.  Times are of the monotonic clock, so
 * that traces of several heaps, and of the host, can be put together.
 *
 * Format: N. Duca and D. Sinclair, "Trace Event Format" (Google, 2016). */
#include "gc/timeline.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/os.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
    TRACK_COLLECTOR = 1,
    TRACK_STOPS = 2,
    TRACK_MUTATORS = 100,     /* and the mutator's serial number */
    FLUSH_BYTES = 32 << 10,   /* at a safepoint */
    PROCESS_STRIDE = 10000000 /* between heaps of a process whose files have the same name */
};

static bool listens(const struct besom_heap *heap)
{
    return besom__tracefile_is_open(&heap->timeline.file);
}

/* Times in the format are microseconds. */
#define TIME_FORMAT   "%" PRIu64 ".%03u"
#define TIME_ARGS(ns) (uint64_t)(ns) / 1000, (unsigned)((uint64_t)(ns) % 1000)

/* ---- entries ---- */

struct slice_text {
    char args[1024]; /* the inside of a JSON object */
};

static void add_slice(struct besom_heap *heap, uint32_t track, const char *name, uint64_t begin_ns,
                      uint64_t end_ns, const char *args)
{
    uint64_t ns = end_ns > begin_ns ? end_ns - begin_ns : 0;
    besom__tracefile_add(
        &heap->timeline.file,
        "{\"ph\":\"X\",\"pid\":%ld,\"tid\":%" PRIu32 ",\"name\":\"%s\",\"ts\":" TIME_FORMAT
        ",\"dur\":" TIME_FORMAT ",\"args\":{%s}}",
        heap->timeline.process, track, name, TIME_ARGS(begin_ns), TIME_ARGS(ns), args);
}

static void add_counter(struct besom_heap *heap, const char *name, uint64_t at_ns, size_t bytes)
{
    besom__tracefile_add(&heap->timeline.file,
                         "{\"ph\":\"C\",\"pid\":%ld,\"name\":\"%s\",\"ts\":" TIME_FORMAT
                         ",\"args\":{\"bytes\":%zu}}",
                         heap->timeline.process, name, TIME_ARGS(at_ns), bytes);
}

static void name_track(struct besom_heap *heap, uint32_t track, const char *name, uint32_t number)
{
    char digits[16] = "";
    if (number)
        snprintf(digits, sizeof digits, " %" PRIu32, number);
    besom__tracefile_add(&heap->timeline.file,
                         "{\"ph\":\"M\",\"pid\":%ld,\"tid\":%" PRIu32
                         ",\"name\":\"thread_name\",\"args\":{\"name\":\"%s%s\"}}",
                         heap->timeline.process, track, name, digits);
    besom__tracefile_add(&heap->timeline.file,
                         "{\"ph\":\"M\",\"pid\":%ld,\"tid\":%" PRIu32
                         ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%" PRIu32 "}}",
                         heap->timeline.process, track, track);
}

static void add_counters(struct besom_heap *heap, uint64_t at_ns)
{
    add_counter(heap, "used", at_ns, besom__pace_used(heap));
    add_counter(heap, "live", at_ns, heap->cycle.counts.live_bytes);
    add_counter(heap, "committed", at_ns, besom__size_load(&heap->blocks.committed_bytes));
    add_counter(heap, "trigger", at_ns, besom__size_load(&heap->pace.trigger_bytes));
}

/* ---- opening and closing ---- */

enum besom_status besom__timeline_open(struct besom_heap *heap, struct besom_report *report)
{
    static const char *const modes[] = {"stw", "incremental", "concurrent"};
    const struct besom_options *o = &heap->config.options;
    const char *name = o->trace;
    heap->config.options.trace = NULL; /* the caller's, and not needed any more */
    if (!name || !*name || *name == ',')
        return BESOM_OK;
    enum besom_status status = besom__tracefile_open(heap, &heap->timeline.file, name, report);
    if (status != BESOM_OK)
        return status;
    heap->timeline.process =
        (long)getpid() + (long)(heap->timeline.file.number - 1) * PROCESS_STRIDE;
    besom__tracefile_add(&heap->timeline.file,
                         "{\"ph\":\"M\",\"pid\":%ld,\"tid\":0,\"name\":\"process_name\","
                         "\"args\":{\"name\":\"Besom heap, mode=%s%s\"}}",
                         heap->timeline.process, modes[o->mode],
                         o->generational ? ", generational" : "");
    name_track(heap, TRACK_COLLECTOR, "collector", 0);
    name_track(heap, TRACK_STOPS, "stops", 0);
    add_counters(heap, besom__os_now_ns());
    return BESOM_OK;
}

void besom__timeline_close(struct besom_heap *heap)
{
    if (heap->cycle.phase == BESOM_SWEEP)
        besom__timeline_phase(heap, BESOM_IDLE);
    besom__tracefile_close(heap, &heap->timeline.file);
}

void besom__timeline_flush(struct besom_heap *heap)
{
    besom__tracefile_flush(&heap->timeline.file, 0);
}

void besom__timeline_flush_some(struct besom_heap *heap)
{
    besom__tracefile_flush(&heap->timeline.file, FLUSH_BYTES);
}

/* ---- mutators ---- */

void besom__timeline_attach(struct besom_heap *heap, const struct besom__mutator *m)
{
    if (listens(heap))
        name_track(heap, TRACK_MUTATORS + m->serial, "mutator", m->serial);
}

void besom__timeline_pause(struct besom_heap *heap, const struct besom_pause *pause)
{
    static const char *const names[] = {
        [BESOM_PAUSE_PARK] = "park",       [BESOM_PAUSE_TURN] = "turn",
        [BESOM_PAUSE_STOP] = "stop",       [BESOM_PAUSE_COLLECT] = "collect",
        [BESOM_PAUSE_SLICE] = "slice",     [BESOM_PAUSE_ASSIST] = "assist",
        [BESOM_PAUSE_WAIT] = "wait",       [BESOM_PAUSE_ANSWER] = "answer",
        [BESOM_PAUSE_SETTLE] = "settle",   [BESOM_PAUSE_ALLOCATE] = "allocate",
        [BESOM_PAUSE_BARRIER] = "barrier",
    };
    if (listens(heap))
        add_slice(heap, TRACK_MUTATORS + pause->mutator, names[pause->kind], pause->begin_ns,
                  pause->end_ns, "");
}

/* ---- stops ---- */

/* A part of a stop, if it is not over before it begins; where the next one begins. */
static uint64_t add_part(struct besom_heap *heap, uint32_t track, const char *name,
                         uint64_t begin_ns, uint64_t end_ns)
{
    if (end_ns < begin_ns)
        return begin_ns;
    add_slice(heap, track, name, begin_ns, end_ns, "");
    return end_ns;
}

/* The parts of the stop that ended marking, as far as they come after begin_ns. */
static void add_parts(struct besom_heap *heap, uint32_t track, uint64_t begin_ns, uint64_t ended_ns)
{
    const struct besom_cycle_record *record = &heap->cycle.record;
    uint64_t at = add_part(heap, track, "reach", begin_ns, record->stop_reached_ns);
    at = add_part(heap, track, "roots", at, record->stop_roots_ns);
    at = add_part(heap, track, "mark", at, record->stop_marked_ns);
    add_part(heap, track, "condemn", at, ended_ns);
}

void besom__timeline_stop(struct besom_heap *heap, uint64_t ns)
{
    const struct besom__stop *stop = &heap->stop;
    const struct besom_cycle_record *record = &heap->cycle.record;
    bool ends_marking = record->stop_asked_ns == stop->requested_ns;
    if (!listens(heap))
        return;
    struct slice_text text;
    snprintf(text.args, sizeof text.args, "\"cycle\":%" PRIu64 ",\"ends_marking\":%s",
             heap->cycle.number, ends_marking ? "true" : "false");
    add_slice(heap, TRACK_STOPS, "stop", stop->requested_ns, stop->requested_ns + ns, text.args);
    if (ends_marking) {
        add_parts(heap, TRACK_STOPS, stop->requested_ns, stop->requested_ns + ns);
        return;
    }
    add_part(heap, TRACK_STOPS, "reach", stop->requested_ns, stop->reached_ns);
    add_part(heap, TRACK_STOPS, "work", stop->reached_ns, stop->requested_ns + ns);
}

/* ---- cycles ---- */

void besom__timeline_begin(struct besom_heap *heap)
{
    if (listens(heap))
        add_counters(heap, heap->cycle.record.began_ns);
}

void besom__timeline_phase(struct besom_heap *heap, enum besom_phase phase)
{
    struct besom__timeline *timeline = &heap->timeline;
    if (!listens(heap))
        return;
    timeline->phase_ns[phase] = besom__os_now_ns();
    if (phase == BESOM_IDLE) {
        add_slice(heap, TRACK_COLLECTOR, "sweep", heap->cycle.record.ended_ns,
                  timeline->phase_ns[BESOM_IDLE], "");
        add_counters(heap, timeline->phase_ns[BESOM_IDLE]);
    }
}

static void add_round(struct besom_heap *heap, uint32_t number, const struct besom_round_record *r)
{
    struct slice_text text;
    snprintf(text.args, sizeof text.args, "\"round\":%" PRIu32 ",\"entries\":%zu,\"objects\":%zu",
             number, r->entries, r->objects);
    add_slice(heap, TRACK_COLLECTOR, "round", r->asked_ns, r->ended_ns, text.args);
    add_slice(heap, TRACK_COLLECTOR, "handshake", r->asked_ns, r->began_ns, "");
    add_slice(heap, TRACK_COLLECTOR, "marking", r->began_ns, r->ended_ns, "");
}

/* A phase after the stop, or, if it was over by then, in it. */
static void add_phase(struct besom_heap *heap, const char *name, uint64_t begin_ns, uint64_t end_ns,
                      uint64_t stop_ended_ns)
{
    if (begin_ns < stop_ended_ns && stop_ended_ns < end_ns)
        begin_ns = stop_ended_ns;
    add_slice(heap, TRACK_COLLECTOR, name, begin_ns, end_ns, "");
}

static void describe_cycle(const struct besom_heap *heap, struct slice_text *text)
{
    static const char *const reasons[] = {
        [BESOM_REASON_HEADROOM] = "headroom",
        [BESOM_REASON_LIMIT] = "limit",
        [BESOM_REASON_HOST] = "host",
        [BESOM_REASON_STRESS] = "stress",
    };
    const struct besom_cycle_record *r = &heap->cycle.record;
    long long headroom = (long long)(r->limit_bytes - r->used_end_bytes);
    snprintf(text->args, sizeof text->args,
             "\"cycle\":%" PRIu64 ",\"reason\":\"%s\",\"minor\":%s,\"emergency\":%s,\"beside\":%s,"
             "\"overtaken\":%s,\"rounds\":%" PRIu32 ",\"stop_objects\":%zu,\"marked_bytes\":%zu,"
             "\"live_bytes\":%zu,\"used_begin_bytes\":%zu,\"used_end_bytes\":%zu,"
             "\"limit_bytes\":%zu,\"headroom_bytes\":%lld,\"assists\":%zu,\"assist_ns\":%" PRIu64
             ",\"waits\":%zu,\"wait_ns\":%" PRIu64,
             r->cycle, reasons[r->reason], r->minor ? "true" : "false",
             r->emergency ? "true" : "false", r->beside ? "true" : "false",
             r->ended_ns ? "false" : "true", r->rounds, r->stop_objects, r->marked_bytes,
             r->live_bytes, r->used_begin_bytes, r->used_end_bytes, r->limit_bytes, headroom,
             r->assists, r->assist_ns, r->waits, r->wait_ns);
}

void besom__timeline_cycle(struct besom_heap *heap)
{
    const struct besom_cycle_record *r = &heap->cycle.record;
    const uint64_t *phase_ns = heap->timeline.phase_ns;
    struct slice_text text;
    if (!listens(heap))
        return;
    uint64_t ended_ns = r->ended_ns ? r->ended_ns : besom__os_now_ns();
    uint64_t stop_ended_ns = r->stop_ended_ns ? r->stop_ended_ns : ended_ns;
    describe_cycle(heap, &text);
    add_slice(heap, TRACK_COLLECTOR, r->minor ? "minor cycle" : "cycle", r->began_ns, ended_ns,
              text.args);
    for (uint32_t i = 0; i < r->rounds && i < BESOM_RECORD_ROUNDS; i++)
        add_round(heap, i < BESOM_RECORD_ROUNDS - 1 ? i + 1 : r->rounds, &r->round[i]);
    /* A cycle that is done in one stop begins when the world stands. */
    uint64_t asked_ns = r->stop_asked_ns > r->began_ns ? r->stop_asked_ns : r->began_ns;
    add_slice(heap, TRACK_COLLECTOR, "stop", asked_ns, stop_ended_ns, "");
    add_parts(heap, TRACK_COLLECTOR, asked_ns, stop_ended_ns);
    add_phase(heap, "weak", phase_ns[BESOM_WEAK], phase_ns[BESOM_FINALIZE], stop_ended_ns);
    add_phase(heap, "finalize", phase_ns[BESOM_FINALIZE], ended_ns, stop_ended_ns);
    add_counters(heap, ended_ns);
}
