/* cycle.c - the collection cycle: a state machine.
 *
 *     IDLE -> MARK -> TERMINATE -> WEAK -> FINALIZE -> SWEEP -> IDLE
 *             `------- world stopped ----'
 *
 *   MARK       roots are visited, everything reachable is marked, in quanta
 *   TERMINATE  marking is complete: what is white is dead
 *   WEAK       weak structures drop their dead entries, finalizable objects are set apart
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

enum besom_phase besom__cycle_turn(struct besom_heap *heap)
{
    enum besom_phase next = advance(heap);
    if (next != (enum besom_phase)heap->cycle.phase) {
        besom__u32_store_release(&heap->cycle.phase, next);
        struct besom_event event = {.kind = BESOM_EVENT_PHASE_BEGIN};
        besom__event(heap, &event);
    }
    return next;
}

void besom__cycle_turn_until(struct besom_heap *heap, enum besom_phase phase)
{
    while (besom__cycle_turn(heap) != phase)
        ;
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
