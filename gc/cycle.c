/* cycle.c - the collection cycle, and the calls that start it.
 *
 *     IDLE -> MARK -> TERMINATE -> WEAK -> FINALIZE -> SWEEP -> IDLE
 *             `------- world stopped ----'
 *
 *   MARK       roots are visited, everything reachable is marked, in quanta
 *   TERMINATE  marking is complete: what is white is dead
 *   WEAK       weak structures drop their dead entries, finalizable objects are set apart
 *   FINALIZE   destroy hooks run on this and other mutators' threads, in batches; nothing that
 *              died is reused before the last one has run
 *   SWEEP      mutators sweep blocks as they want them, whoever collects next sweeps the rest
 *
 * `advance` is the machine: it does one quantum of the phase the heap is in and says which phase
 * comes next.  Everything else in this file decides who turns the crank, and until when.
 * collect_lock is held throughout; it is taken as if in a native region, so nobody who waits for
 * it delays a stop. */
#include "gc/cycle.h"

#include "gc/atomic.h"
#include "gc/audit.h"
#include "gc/check.h"
#include "gc/destroy.h"
#include "gc/event.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/sweep.h"
#include "gc/verify.h"

enum {
    DESTROY_BATCH = 512, /* hooks run at one poll */
    SLOW_OBJECTS = 64,   /* marked in a quantum with the option slow, at most */
    SLOW_BLOCKS = 8
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

static void begin_mark(struct besom_heap *heap)
{
    struct besom_tracer *tracer = &besom__mark_self(heap)->tracer;
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        besom__alloc_retire(m);
    if (besom__verify_wanted(heap))
        besom__verify_cycle(heap);
    besom__chunk_table_trim(heap);
    heap->cycle.epoch = (uint8_t)(3 - heap->cycle.epoch);
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next) {
        besom__log_clear(m);
        besom__mutator_take_epoch(m);
    }
    besom__mark_begin(heap);
    for (unsigned i = 0; i < heap->cycle.phases.n; i++)
        if (heap->cycle.phases.hooks[i].begin)
            heap->cycle.phases.hooks[i].begin(heap->cycle.phases.hooks[i].data, tracer);
    if (heap->cycle.emergency)
        besom__destroy_pin(heap, tracer);
    besom__roots_visit(heap, tracer);
}

static bool mark_quantum(struct besom_heap *heap)
{
    if (heap->config.options.slow)
        return besom__mark_some(heap, quantum(heap, 0, SLOW_OBJECTS));
    besom__mark_drain(heap);
    return false;
}

/* Marks to the end, with what weak structures add. */
static void converge(struct besom_heap *heap)
{
    struct besom__phases *phases = &heap->cycle.phases;
    struct besom_tracer *tracer = &besom__mark_self(heap)->tracer;
    for (bool more = true; more;) {
        besom__mark_drain(heap);
        more = false;
        for (unsigned i = 0; i < phases->n; i++)
            if (phases->hooks[i].converge)
                more |= phases->hooks[i].converge(phases->hooks[i].data, tracer);
    }
}

static void terminate(struct besom_heap *heap)
{
    converge(heap);
    if (heap->cycle.emergency) {
        besom__destroy_revive(heap, &besom__mark_self(heap)->tracer);
        converge(heap);
    }
}

static void run_stage(struct besom_heap *heap, enum besom__stage stage)
{
    struct besom__phases *phases = &heap->cycle.phases;
    for (unsigned i = 0; i < phases->n; i++)
        if (phases->hooks[i].stage[stage])
            phases->hooks[i].stage[stage](phases->hooks[i].data, &besom__mark_self(heap)->tracer);
}

static void weak(struct besom_heap *heap)
{
    run_stage(heap, STAGE_CLEAR_EARLY);
    run_stage(heap, STAGE_FINALIZE);
    converge(heap);
    run_stage(heap, STAGE_CLEAR_LATE);
}

static void count_cycle(struct besom_heap *heap)
{
    struct besom__cycle_counts *counts = &heap->cycle.counts;
    size_t overflows;
    pthread_mutex_lock(&heap->stop_lock);
    besom__mark_totals(heap, &counts->live_bytes, &counts->live_objects, &overflows);
    counts->cycles = heap->cycle.number;
    counts->emergencies += heap->cycle.emergency;
    counts->mark_ns = besom__os_now_ns() - heap->cycle.started_ns;
    counts->mark_ns_sum += counts->mark_ns;
    counts->overflows += overflows;
    pthread_mutex_unlock(&heap->stop_lock);
}

/* From here on what is white is dead: the end of the stop. */
static void condemn(struct besom_heap *heap)
{
    count_cycle(heap);
    besom__pace_cycle_done(heap, heap->cycle.counts.live_bytes, heap->cycle.counts.mark_ns);
    besom__spaces_begin_sweep(heap);
    heap->spaces.may_sweep = !besom__destroy_begin(heap);
    if (besom__verify_wanted(heap))
        besom__verify_cycle(heap);
    if (heap->config.options.audit_stack)
        besom__audit_stacks(heap);
}

static void allow_sweep(struct besom_heap *heap)
{
    pthread_mutex_lock(&heap->block_lock);
    heap->spaces.may_sweep = true;
    pthread_mutex_unlock(&heap->block_lock);
    struct besom_event event = {.kind = BESOM_EVENT_CYCLE_END,
                                .duration_ns = besom__os_now_ns() - heap->cycle.started_ns,
                                .live_bytes = heap->cycle.counts.live_bytes,
                                .trigger_bytes = besom__size_load(&heap->pace.trigger_bytes)};
    besom__event(heap, &event);
}

static enum besom_phase advance(struct besom_heap *heap)
{
    switch ((enum besom_phase)heap->cycle.phase) {
    case BESOM_IDLE: begin_mark(heap); return BESOM_MARK;
    case BESOM_MARK: return mark_quantum(heap) ? BESOM_MARK : BESOM_TERMINATE;
    case BESOM_TERMINATE: terminate(heap); return BESOM_WEAK;
    case BESOM_WEAK:
        weak(heap);
        condemn(heap);
        return BESOM_FINALIZE;
    case BESOM_FINALIZE:
        if (besom__destroy_some(heap, quantum(heap, DESTROY_BATCH, 1)))
            return BESOM_FINALIZE;
        allow_sweep(heap);
        return BESOM_SWEEP;
    case BESOM_SWEEP:
        return besom__sweep_some(heap, quantum(heap, 64, SLOW_BLOCKS)) ? BESOM_SWEEP : BESOM_IDLE;
    }
    return BESOM_IDLE;
}

static enum besom_phase turn(struct besom_heap *heap)
{
    enum besom_phase next = advance(heap);
    if (next != (enum besom_phase)heap->cycle.phase) {
        besom__u32_store_release(&heap->cycle.phase, next);
        struct besom_event event = {.kind = BESOM_EVENT_PHASE_BEGIN};
        besom__event(heap, &event);
    }
    return next;
}

static void turn_until(struct besom_heap *heap, enum besom_phase phase)
{
    while (turn(heap) != phase)
        ;
}

/* ---- who turns the crank ---- */

/* Brings the last cycle to its end, before the next.  An emergency runs no hooks: if some wait,
 * what died in the last cycle is judged anew instead. */
static void finish_last(struct besom_heap *heap)
{
    if (heap->cycle.phase == BESOM_FINALIZE && heap->cycle.emergency)
        return;
    if (heap->cycle.phase != BESOM_IDLE)
        turn_until(heap, BESOM_IDLE);
}

static void undo_last(struct besom_heap *heap)
{
    if (heap->cycle.phase != BESOM_FINALIZE)
        return;
    besom__spaces_undo_sweep(heap);
    heap->cycle.phase = BESOM_IDLE;
}

/* From IDLE to FINALIZE, or further if no hook is to be run; the mutator is at a safepoint. */
static void collect(struct besom__mutator *m, enum besom_reason reason, bool emergency)
{
    struct besom_heap *heap = m->heap;
    besom__u32_store_release(&heap->cycle.emergency, emergency);
    finish_last(heap);
    besom__world_stop(heap, m);
    undo_last(heap);
    heap->cycle.reason = reason;
    heap->cycle.number++;
    heap->cycle.started_ns = besom__os_now_ns();
    struct besom_event begin = {.kind = BESOM_EVENT_CYCLE_BEGIN};
    besom__event(heap, &begin);
    turn_until(heap, BESOM_FINALIZE);
    uint64_t time_to_stop_ns = heap->stop.reached_ns - heap->stop.requested_ns;
    struct besom_event stop = {.kind = BESOM_EVENT_STOP, .time_to_stop_ns = time_to_stop_ns};
    stop.duration_ns = besom__world_resume(heap, m);
    besom__event(heap, &stop);
    if (emergency || heap->spaces.may_sweep)
        turn(heap);
    else
        besom__request_all(heap, REQUEST_DESTROY);
}

/* At a poll: one batch of destroy hooks, unless another thread is at it. */
static void help_destroy(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    if (besom__u32_load_acquire(&heap->cycle.phase) != BESOM_FINALIZE) {
        besom__u32_and(&m->pub.requests, ~(uint32_t)REQUEST_DESTROY);
        return;
    }
    if (pthread_mutex_trylock(&heap->collect_lock) != 0)
        return;
    if (heap->cycle.phase == BESOM_FINALIZE)
        turn(heap);
    besom__collect_unlock(heap);
}

/* The phase in which everything swept that can be: old empty blocks go back to the system. */
static void give_back(struct besom_heap *heap, uint64_t delay_ns)
{
    uint64_t now = besom__os_now_ns();
    pthread_mutex_lock(&heap->block_lock);
    if (heap->blocks.n_empty_resident && now - heap->blocks.oldest_empty_ns >= delay_ns)
        besom__blocks_give_back(heap, now - delay_ns);
    pthread_mutex_unlock(&heap->block_lock);
}

static uint64_t give_back_delay_ns(const struct besom_heap *heap)
{
    return (uint64_t)heap->config.options.give_back_ms * 1000000;
}

static bool stress_is_due(struct besom__mutator *m)
{
    size_t period = m->heap->config.options.stress;
    return period && ++m->polls % period == 0 && besom__size_load(&m->heap->disabled) == 0;
}

static enum besom_reason reason_due(const struct besom_heap *heap)
{
    return besom__size_load(&heap->pace.refused) ? BESOM_REASON_LIMIT : BESOM_REASON_HEADROOM;
}

bool besom__poll_slow(struct besom_mutator *pub)
{
    if (besom__mutator_check_running(pub) != BESOM_OK)
        return false;
    struct besom__mutator *m = besom__mutator_of(pub);
    struct besom_heap *heap = m->heap;
    besom__note_entry(m);
    uint64_t before = heap->cycle.number; /* does not change while this mutator runs */
    uint32_t requests = besom__u32_load(&pub->requests);
    if (requests & REQUEST_STOP)
        besom__park(m);
    if (requests & REQUEST_DESTROY)
        help_destroy(m);
    bool stress = stress_is_due(m);
    if (stress || (requests & REQUEST_COLLECT)) {
        besom__collect_lock(heap, m);
        besom__u32_and(&pub->requests, ~(uint32_t)REQUEST_COLLECT);
        bool due = besom__pace_is_due(heap) && besom__size_load(&heap->disabled) == 0;
        if (stress || due) {
            collect(m, stress ? BESOM_REASON_STRESS : reason_due(heap), false);
            give_back(heap, give_back_delay_ns(heap));
        }
        besom__collect_unlock(heap);
    }
    return heap->cycle.number != before;
}

static void collect_all(struct besom__mutator *m, enum besom_reason reason, bool emergency)
{
    struct besom_heap *heap = m->heap;
    uint64_t before = heap->cycle.number; /* does not change while this mutator runs */
    besom__collect_lock(heap, m);
    besom__u32_store_release(&heap->cycle.emergency, emergency);
    /* Whoever collected while we waited for the lock has looked at our roots as they are now; but an
     * emergency does not run the hooks that such a cycle left. */
    if (heap->cycle.number == before || (emergency && heap->cycle.phase == BESOM_FINALIZE))
        collect(m, reason, emergency);
    if (heap->cycle.phase != BESOM_IDLE)
        turn_until(heap, BESOM_IDLE);
    give_back(heap, emergency ? 0 : give_back_delay_ns(heap));
    besom__worklist_trim(heap);
    besom__u32_store_release(&heap->cycle.emergency, 0);
    besom__collect_unlock(heap);
}

void besom__collect_at_limit(struct besom__mutator *m)
{
    collect_all(m, BESOM_REASON_LIMIT, true);
}

void besom__cycle_finish(struct besom_heap *heap)
{
    besom__u32_store_release(&heap->cycle.emergency, 0);
    if (heap->cycle.phase == BESOM_FINALIZE)
        turn_until(heap, BESOM_SWEEP);
}

/* ---- public ---- */

enum besom_status besom_collect(struct besom_mutator *pub, enum besom_collect_kind kind)
{
    enum besom_status status = besom__mutator_check_running(pub);
    if (status != BESOM_OK)
        return status;
    if (kind != BESOM_FULL && kind != BESOM_EMERGENCY)
        return BESOM_E_ARGUMENT;
    besom__note_entry(besom__mutator_of(pub));
    collect_all(besom__mutator_of(pub), BESOM_REASON_HOST, kind == BESOM_EMERGENCY);
    return BESOM_OK;
}

enum besom_status besom_step(struct besom_mutator *pub, size_t work_bytes, bool *cycle_ended)
{
    enum besom_status status = besom__mutator_check_running(pub);
    if (status != BESOM_OK)
        return status;
    struct besom__mutator *m = besom__mutator_of(pub);
    struct besom_heap *heap = m->heap;
    besom__note_entry(m);
    besom__collect_lock(heap, m);
    if (heap->cycle.phase == BESOM_IDLE)
        collect(m, BESOM_REASON_HOST, false);
    else if (heap->cycle.phase == BESOM_FINALIZE)
        turn(heap);
    else if (besom__sweep_some(heap, work_bytes / BLOCK_BYTES + 1) == 0)
        turn_until(heap, BESOM_IDLE);
    if (cycle_ended)
        *cycle_ended = heap->cycle.phase == BESOM_IDLE;
    besom__collect_unlock(heap);
    return BESOM_OK;
}

enum besom_status besom_disable(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return BESOM_E_ARGUMENT;
    besom__size_add(&heap->disabled, 1);
    return BESOM_OK;
}

enum besom_status besom_enable(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return BESOM_E_ARGUMENT;
    size_t nested = besom__size_load(&heap->disabled);
    do {
        nested = besom__size_load(&heap->disabled);
        if (nested == 0)
            return BESOM_E_STATE;
    } while (!besom__size_cas(&heap->disabled, nested, nested - 1));
    if (nested == 1 && besom__pace_is_due(heap))
        besom__request_all(heap, REQUEST_COLLECT);
    return BESOM_OK;
}

size_t besom_give_back(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return 0;
    /* Markers walk the chunks without the block lock. */
    struct besom__mutator *self = besom__mutator_running_self(heap);
    if (self)
        besom__note_entry(self);
    besom__collect_lock(heap, self);
    besom__worklist_trim(heap);
    pthread_mutex_lock(&heap->block_lock);
    size_t bytes = besom__blocks_give_back(heap, besom__os_now_ns());
    pthread_mutex_unlock(&heap->block_lock);
    besom__collect_unlock(heap);
    return bytes;
}

/* ---- hooks ---- */

void besom__cycle_init(struct besom_heap *heap)
{
    heap->cycle.mark_color = 2;
    heap->cycle.epoch = 1;
    heap->cycle.sweep_epoch = 1;
}

bool besom__phase_register(struct besom_heap *heap, const struct besom__phase_hooks *hooks)
{
    struct besom__phases *phases = &heap->cycle.phases;
    if (phases->n == MAX_PHASE_HOOKS)
        return false;
    phases->hooks[phases->n++] = *hooks;
    return true;
}

void besom__phase_keyed(struct besom_tracer *tracer, void *obj)
{
    struct besom__phases *phases = &tracer->heap->cycle.phases;
    for (unsigned i = 0; i < phases->n; i++)
        if (phases->hooks[i].keyed)
            phases->hooks[i].keyed(phases->hooks[i].data, tracer, obj);
}
