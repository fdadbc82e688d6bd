/* cycle.c - the collection cycle: a state machine.
 *
 *     IDLE -> MARK -> TERMINATE -> WEAK -> FINALIZE -> SWEEP -> IDLE
 *
 *   MARK       everything reachable is marked, in quanta: with the world stopped, or beside running
 *              mutators, in rounds (round.h)
 *   TERMINATE  with the world stopped marking is completed: what is white is dead
 *   WEAK       weak structures drop their dead entries, finalizable objects are set apart and
 *              brought back, in quanta; reads of weak things say what is dead meanwhile
 *   FINALIZE   destroy hooks run on mutators' threads, in batches; nothing that died is reused
 *              before the last one has run
 *   SWEEP      mutators sweep blocks as they want them, whoever collects next sweeps the rest
 *
 * `advance` does one quantum of the phase the heap is in and says which phase comes next.  Who
 * turns the crank, and until when, is collect.c's business. */
#include "gc/cycle.h"

#include "gc/atomic.h"
#include "gc/audit.h"
#include "gc/destroy.h"
#include "gc/event.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/log.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/sweep.h"
#include "gc/verify.h"
#include "gc/walk.h"

enum {
    DESTROY_BATCH = 512, /* hooks run at one poll */
    SLOW_OBJECTS = 64,   /* marked in a quantum with the option slow, at most */
    SLOW_BLOCKS = 8,
    MARK_OBJECTS = 4096, /* in a quantum beside mutators */
    WEAK_OBJECTS = 512   /* brought back by finalizers in a quantum */
};

/* xorshift64; only the option slow asks for it. */
static size_t random_below(struct besom_heap *heap, size_t n)
{
    uint64_t x = heap->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    heap->random = x;
    return (size_t)(x % n);
}

static size_t quantum(struct besom_heap *heap, size_t normal, size_t slow)
{
    return heap->config.options.slow ? 1 + random_below(heap, slow) : normal;
}

/* ---- the phases ---- */

static void retire_all(struct besom_heap *heap)
{
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        besom__alloc_retire(m);
}

void besom__cycle_inspect(struct besom_heap *heap)
{
    if (!besom__verify_wanted(heap))
        return;
    retire_all(heap);
    besom__verify_cycle(heap);
    besom__phase_inspect(heap);
}

/* The whole cycle's marking is to be done in this stop. */
static void begin_in_stop(struct besom_heap *heap)
{
    struct besom_tracer *tracer = &besom__mark_self(heap)->tracer;
    besom__cycle_inspect(heap);
    retire_all(heap);
    besom__rounds_flip(heap);
    besom__mark_begin(heap, false);
    besom__phase_begin(heap);
    if (heap->cycle.emergency)
        besom__destroy_pin(heap, tracer);
    besom__rounds_remember(heap);
    besom__roots_visit(heap, tracer);
    besom__phase_roots(heap, tracer);
    heap->cycle.record.stop_roots_ns = besom__os_now_ns();
}

static void begin_mark(struct besom_heap *heap)
{
    if (heap->cycle.stopped)
        begin_in_stop(heap);
    else
        besom__rounds_begin(heap);
}

/* True: there is more. */
static bool mark_quantum(struct besom_heap *heap, size_t max_objects)
{
    if (!heap->cycle.stopped) {
        if (heap->config.options.slow)
            max_objects = quantum(heap, 0, SLOW_OBJECTS);
        enum besom__round_progress progress = besom__round_some(heap, max_objects);
        heap->cycle.waits = progress == ROUND_WAITS;
        return progress != ROUND_OVER;
    }
    if (heap->round.open)
        return false; /* TERMINATE does the rest */
    if (heap->config.options.slow)
        return besom__mark_some(heap, quantum(heap, 0, SLOW_OBJECTS));
    besom__mark_drain(heap);
    return false;
}

/* Marks to the end, with what weak structures add. */
static void converge(struct besom_heap *heap)
{
    do
        besom__mark_drain(heap);
    while (besom__phase_converge(heap));
}

static void terminate(struct besom_heap *heap)
{
    struct besom_cycle_record *record = &heap->cycle.record;
    if (heap->round.open) {
        size_t bytes, before = 0, overflows;
        if (!heap->round.first)
            besom__mark_totals(heap, &bytes, &before, &overflows);
        retire_all(heap);
        besom__rounds_finish(heap);
        besom__roots_visit(heap, &besom__mark_self(heap)->tracer);
        besom__phase_roots(heap, &besom__mark_self(heap)->tracer);
        if (heap->cycle.emergency) /* it has overtaken a cycle of another kind */
            besom__destroy_pin(heap, &besom__mark_self(heap)->tracer);
        record->stop_roots_ns = besom__os_now_ns();
        record->stop_objects = before; /* until they are counted */
    }
    converge(heap);
    if (heap->cycle.emergency) {
        besom__destroy_revive(heap, &besom__mark_self(heap)->tracer);
        converge(heap);
    }
}

static void count_cycle(struct besom_heap *heap)
{
    struct besom__cycle_counts *counts = &heap->cycle.counts;
    struct besom_cycle_record *record = &heap->cycle.record;
    size_t bytes, objects, overflows;
    besom__mark_totals(heap, &bytes, &objects, &overflows);
    record->stop_objects = objects - record->stop_objects;
    record->stop_asked_ns = heap->stop.requested_ns;
    record->stop_reached_ns = heap->stop.reached_ns;
    heap->cycle.marked_objects = objects;
    record->marked_bytes = bytes;
    pthread_mutex_lock(&heap->stop_lock);
    counts->live_bytes = bytes + (heap->cycle.minor ? counts->live_bytes : 0);
    counts->live_objects = objects + (heap->cycle.minor ? counts->live_objects : 0);
    counts->cycles = heap->cycle.number;
    counts->minors += heap->cycle.minor;
    counts->promoted_bytes += heap->cycle.minor ? bytes : 0;
    counts->emergencies += heap->cycle.emergency;
    record->live_bytes = counts->live_bytes;
    record->used_end_bytes = besom__pace_used(heap);
    counts->mark_ns = besom__os_now_ns() - heap->cycle.started_ns - heap->cycle.away_ns;
    counts->mark_ns_sum += counts->mark_ns;
    counts->overflows += overflows;
    heap->cycle.overflows = overflows;
    pthread_mutex_unlock(&heap->stop_lock);
}

/* From here on what is white is dead: the end of the stop. */
static void condemn(struct besom_heap *heap)
{
    heap->cycle.record.stop_marked_ns = besom__os_now_ns();
    count_cycle(heap);
    besom__pace_cycle_done(heap, heap->cycle.record.marked_bytes, heap->cycle.counts.mark_ns);
    besom__rounds_end(heap);
    besom__chunk_table_trim(heap);
    besom__spaces_begin_sweep(heap);
    heap->cycle.judged++;
    heap->cycle.stage = STAGE_CLEAR_EARLY;
    besom__phase_condemn(heap);
    bool waits = besom__destroy_begin(heap);
    heap->spaces.may_sweep = !waits && besom__phase_rest(heap) == REST_NONE;
    if (besom__verify_wanted(heap))
        besom__verify_cycle(heap);
    if (heap->config.options.audit_stack)
        besom__audit_stacks(heap);
}

/* What is left needs a stop, and there is none. */
static bool lacks_stop(struct besom_heap *heap)
{
    return !heap->cycle.stopped && besom__phase_rest(heap) == REST_STOPPED;
}

/* settle_lock held.  What was visited is marked before anything else is done. */
static bool weak_quantum(struct besom_heap *heap)
{
    while (heap->cycle.stage < N_STAGES) {
        if (lacks_stop(heap) || besom__mark_some(heap, quantum(heap, WEAK_OBJECTS, SLOW_OBJECTS)) ||
            besom__phase_converge(heap) || lacks_stop(heap) ||
            besom__phase_stage(heap, (enum besom__stage)heap->cycle.stage))
            return true;
        heap->cycle.stage++;
    }
    return false;
}

/* What finalizers brought back is alive too. */
static void count_resurrected(struct besom_heap *heap)
{
    size_t bytes, objects, overflows;
    besom__mark_totals(heap, &bytes, &objects, &overflows);
    pthread_mutex_lock(&heap->stop_lock);
    size_t more = bytes - heap->cycle.record.marked_bytes;
    heap->cycle.counts.live_bytes += more;
    heap->cycle.counts.live_objects += objects - heap->cycle.marked_objects;
    heap->cycle.record.live_bytes = heap->cycle.counts.live_bytes;
    heap->cycle.counts.overflows += overflows - heap->cycle.overflows;
    heap->cycle.overflows = overflows;
    pthread_mutex_unlock(&heap->stop_lock);
    besom__pace_add_live(heap, more);
}

/* The stages are over: a quantum of tidying up; true: there is more. */
static bool end_quantum(struct besom_heap *heap)
{
    if (besom__phase_end(heap))
        return true;
    count_resurrected(heap);
    return false;
}

static bool weak(struct besom_heap *heap)
{
    pthread_mutex_lock(&heap->settle_lock);
    bool more = weak_quantum(heap) || end_quantum(heap);
    pthread_mutex_unlock(&heap->settle_lock);
    return more;
}

bool besom__cycle_catch_up(struct besom_heap *heap)
{
    /* In the other stages nothing is on its way to being marked. */
    while (heap->cycle.stage == STAGE_FINALIZE && !lacks_stop(heap))
        if (!besom__mark_some(heap, SIZE_MAX) && !besom__phase_converge(heap))
            return true;
    return !lacks_stop(heap);
}

bool besom__cycle_reveal(struct besom_heap *heap, void *obj)
{
    if (!besom__is_dead(heap, obj))
        return besom__cycle_catch_up(heap);
    /* Whatever else is as dead as obj is judged as if nobody had asked for obj. */
    while (heap->cycle.stage == STAGE_CLEAR_EARLY && !lacks_stop(heap))
        if (!besom__phase_stage(heap, STAGE_CLEAR_EARLY))
            heap->cycle.stage++;
    if (heap->cycle.stage != STAGE_FINALIZE || lacks_stop(heap))
        return false;
    besom_visit(&besom__mark_self(heap)->tracer, obj);
    return besom__cycle_catch_up(heap);
}

/* A quantum of destroy hooks, or of what comes after them; true: there may be more. */
static bool finalize(struct besom_heap *heap)
{
    return besom__destroy_some(heap, quantum(heap, DESTROY_BATCH, 1)) ||
           besom__phase_destroyed(heap);
}

static void allow_sweep(struct besom_heap *heap)
{
    besom__pace_discharged(heap);
    besom__block_lock(heap);
    heap->spaces.may_sweep = true;
    besom__block_unlock(heap);
    heap->cycle.record.ended_ns = besom__os_now_ns();
    besom__pauses_take(heap, &heap->cycle.record);
    struct besom_event event = {.kind = BESOM_EVENT_CYCLE_END,
                                .record = &heap->cycle.record,
                                .duration_ns = besom__os_now_ns() - heap->cycle.started_ns,
                                .live_bytes = heap->cycle.counts.live_bytes,
                                .trigger_bytes = besom__size_load(&heap->pace.trigger_bytes)};
    besom__timeline_cycle(heap);
    besom__event(heap, &event);
}

static enum besom_phase advance(struct besom_heap *heap, size_t max_objects)
{
    heap->cycle.waits = false;
    switch ((enum besom_phase)heap->cycle.phase) {
    case BESOM_IDLE: begin_mark(heap); return BESOM_MARK;
    case BESOM_MARK: return mark_quantum(heap, max_objects) ? BESOM_MARK : BESOM_TERMINATE;
    case BESOM_TERMINATE:
        terminate(heap);
        condemn(heap);
        return BESOM_WEAK;
    case BESOM_WEAK: return weak(heap) ? BESOM_WEAK : BESOM_FINALIZE;
    case BESOM_FINALIZE:
        if (finalize(heap))
            return BESOM_FINALIZE;
        allow_sweep(heap);
        return BESOM_SWEEP;
    case BESOM_SWEEP:
        return besom__sweep_some(heap, quantum(heap, 64, SLOW_BLOCKS)) ? BESOM_SWEEP : BESOM_IDLE;
    }
    return BESOM_IDLE;
}

void besom__cycle_leave(struct besom_heap *heap)
{
    heap->cycle.left_ns = besom__is_marking(heap) ? besom__os_now_ns() : 0;
}

enum besom_phase besom__cycle_turn(struct besom_heap *heap, size_t max_objects)
{
    if (heap->cycle.left_ns)
        heap->cycle.away_ns += besom__os_now_ns() - heap->cycle.left_ns;
    heap->cycle.left_ns = 0;
    enum besom_phase next = advance(heap, max_objects);
    if (next != (enum besom_phase)heap->cycle.phase) {
        besom__u32_store_release(&heap->cycle.phase, next);
        besom__timeline_phase(heap, next);
        struct besom_event event = {.kind = BESOM_EVENT_PHASE_BEGIN};
        besom__event(heap, &event);
    }
    return next;
}

void besom__cycle_turn_until(struct besom_heap *heap, enum besom_phase phase)
{
    while (besom__cycle_turn(heap, MARK_OBJECTS) != phase)
        if (heap->cycle.waits)
            besom__round_wait(heap);
}

bool besom__is_marking(const struct besom_heap *heap)
{
    return heap->cycle.phase == BESOM_MARK || heap->cycle.phase == BESOM_TERMINATE;
}

/* ---- stops ---- */

void besom__cycle_stop(struct besom_heap *heap)
{
    besom__world_stop(heap, heap->cycle.driver);
    heap->cycle.stopped = true;
}

void besom__cycle_resume(struct besom_heap *heap)
{
    struct besom_event stop = {.kind = BESOM_EVENT_STOP,
                               .time_to_stop_ns = heap->stop.reached_ns - heap->stop.requested_ns};
    heap->cycle.stopped = false;
    stop.duration_ns = besom__world_resume(heap, heap->cycle.driver);
    if (heap->cycle.record.stop_marked_ns && !heap->cycle.record.stop_ended_ns)
        heap->cycle.record.stop_ended_ns = besom__os_now_ns();
    besom__event(heap, &stop);
}

void besom__cycle_init(struct besom_heap *heap)
{
    heap->cycle.mark_color = 2;
    heap->cycle.epoch = 1;
    heap->cycle.sweep_epoch = 1;
}
