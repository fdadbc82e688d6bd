/* collect.c - who turns the crank of the cycle, and until when.
 *
 * In mode stw the thread that collects does everything from IDLE to the end of TERMINATE in one
 * stop, and WEAK too if a host clears tables of its own.  Otherwise weak structures are cleared, and
 * destroy hooks run, a batch at each poll of any mutator, or to the end by besom_collect; what is
 * left to sweep is swept before the next stop.  collect_lock is held whenever the machine moves;
 * it is taken as if in a native region, so nobody who waits for it delays a stop. */
#include "gc/collect.h"

#include "gc/atomic.h"
#include "gc/event.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/sweep.h"

/* For the cycle, which may then do what it does only in a stop. */
static void stop_world(struct besom_heap *heap, struct besom__mutator *m)
{
    besom__world_stop(heap, m);
    heap->cycle.stopped = true;
}

static void resume_world(struct besom_heap *heap, struct besom__mutator *m)
{
    struct besom_event stop = {.kind = BESOM_EVENT_STOP,
                               .time_to_stop_ns = heap->stop.reached_ns - heap->stop.requested_ns};
    heap->cycle.stopped = false;
    stop.duration_ns = besom__world_resume(heap, m);
    besom__event(heap, &stop);
}

/* A quantum of what is left when marking has ended; it may turn out to need a stop. */
static enum besom_phase settle_some(struct besom_heap *heap, struct besom__mutator *m)
{
    if (heap->cycle.phase != BESOM_WEAK || besom__phase_rest(heap) != REST_STOPPED)
        return besom__cycle_turn(heap);
    stop_world(heap, m);
    besom__cycle_turn_until(heap, BESOM_FINALIZE);
    resume_world(heap, m);
    return BESOM_FINALIZE;
}

void besom__collect_settle(struct besom_heap *heap, struct besom__mutator *m)
{
    while (heap->cycle.phase == BESOM_WEAK)
        settle_some(heap, m);
}

/* Brings the last cycle to its end, before the next.  An emergency runs no hooks: if some wait,
 * what died in the last cycle is judged anew instead. */
static void finish_last(struct besom_heap *heap, struct besom__mutator *m)
{
    besom__collect_settle(heap, m);
    if (heap->cycle.phase == BESOM_FINALIZE && heap->cycle.emergency)
        return;
    if (heap->cycle.phase != BESOM_IDLE)
        besom__cycle_turn_until(heap, BESOM_IDLE);
}

static void undo_last(struct besom_heap *heap)
{
    if (heap->cycle.phase != BESOM_FINALIZE)
        return;
    besom__spaces_undo_sweep(heap);
    heap->cycle.phase = BESOM_IDLE;
}

static bool is_settling(enum besom_phase phase)
{
    return phase == BESOM_WEAK || phase == BESOM_FINALIZE;
}

/* From IDLE to WEAK, or as far as there is nothing to be done; the mutator is at a safepoint. */
static void collect(struct besom__mutator *m, enum besom_reason reason, bool emergency)
{
    struct besom_heap *heap = m->heap;
    besom__u32_store_release(&heap->cycle.emergency, emergency);
    finish_last(heap, m);
    stop_world(heap, m);
    undo_last(heap);
    heap->cycle.reason = reason;
    heap->cycle.number++;
    heap->cycle.was_emergency = emergency;
    heap->cycle.started_ns = besom__os_now_ns();
    struct besom_event begin = {.kind = BESOM_EVENT_CYCLE_BEGIN};
    besom__event(heap, &begin);
    besom__cycle_turn_until(heap, BESOM_WEAK);
    if (emergency || besom__phase_rest(heap) != REST_BESIDE)
        besom__cycle_turn_until(heap, BESOM_FINALIZE);
    resume_world(heap, m);
    if (emergency || heap->spaces.may_sweep)
        besom__cycle_turn_until(heap, BESOM_SWEEP);
    if (is_settling((enum besom_phase)heap->cycle.phase) || besom__u32_load(&heap->cycle.host_due))
        besom__request_all(heap, REQUEST_SETTLE);
}

/* At a poll: one quantum of weak work or destroy hooks, unless another thread is at it. */
static void help_settle(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    if (!is_settling((enum besom_phase)besom__u32_load_acquire(&heap->cycle.phase))) {
        besom__u32_and(&m->pub.requests, ~(uint32_t)REQUEST_SETTLE);
        /* After the bit is cleared, which is a full barrier: who sets host_due sets the bit after. */
        if (besom__u32_load(&heap->cycle.host_due))
            besom__u32_or(&m->pub.requests, REQUEST_SETTLE);
        return;
    }
    if (pthread_mutex_trylock(&heap->collect_lock) != 0)
        return;
    if (is_settling((enum besom_phase)heap->cycle.phase))
        settle_some(heap, m);
    besom__collect_unlock(heap);
}

/* The end of a safepoint: code of the host's, which may reach safepoints of its own. */
static void run_host_code(struct besom__mutator *m, bool all)
{
    if ((!all && !besom__u32_load(&m->heap->cycle.host_due)) || m->runs_host_code)
        return;
    m->runs_host_code = true;
    besom__phase_host(m->heap, &m->pub, all);
    m->runs_host_code = false;
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
    if (requests & REQUEST_SETTLE)
        help_settle(m);
    bool stress = stress_is_due(m);
    if (stress || (requests & REQUEST_COLLECT)) {
        besom__collect_lock(heap, m);
        besom__u32_and(&pub->requests, ~(uint32_t)REQUEST_COLLECT);
        bool due = besom__pace_is_due(heap) && besom__size_load(&heap->disabled) == 0;
        if (stress || due) {
            enum besom_reason reason = stress ? BESOM_REASON_STRESS : reason_due(heap);
            collect(m, reason, false);
            /* Whoever polled because an allocation failed needs memory now, not a batch later. */
            if (reason == BESOM_REASON_LIMIT)
                besom__collect_settle(heap, m);
            if (reason == BESOM_REASON_LIMIT && heap->cycle.phase == BESOM_FINALIZE)
                besom__cycle_turn_until(heap, BESOM_SWEEP);
            give_back(heap, give_back_delay_ns(heap));
        }
        besom__collect_unlock(heap);
    }
    run_host_code(m, false);
    return heap->cycle.number != before;
}

static void collect_all(struct besom__mutator *m, enum besom_reason reason, bool emergency)
{
    struct besom_heap *heap = m->heap;
    uint64_t before = heap->cycle.number; /* does not change while this mutator runs */
    besom__collect_lock(heap, m);
    besom__u32_store_release(&heap->cycle.emergency, emergency);
    /* Whoever collected while we waited for the lock has looked at our roots as they are now; but a
     * cycle of the other kind leaves objects with hooks, or hooks. */
    bool other_did = heap->cycle.number != before;
    if (!other_did || heap->cycle.was_emergency != emergency)
        collect(m, reason, emergency);
    besom__collect_settle(heap, m);
    if (heap->cycle.phase != BESOM_IDLE)
        besom__cycle_turn_until(heap, BESOM_IDLE);
    give_back(heap, emergency ? 0 : give_back_delay_ns(heap));
    besom__worklist_trim(heap);
    besom__u32_store_release(&heap->cycle.emergency, 0);
    besom__collect_unlock(heap);
}

void besom__collect_at_limit(struct besom__mutator *m)
{
    collect_all(m, BESOM_REASON_LIMIT, true);
}

void besom__collect_finish(struct besom_heap *heap)
{
    besom__u32_store_release(&heap->cycle.emergency, 0);
    besom__collect_settle(heap, NULL);
    if (heap->cycle.phase == BESOM_FINALIZE)
        besom__cycle_turn_until(heap, BESOM_SWEEP);
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
    if (kind == BESOM_FULL)
        run_host_code(besom__mutator_of(pub), true);
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
    else if (is_settling((enum besom_phase)heap->cycle.phase))
        settle_some(heap, m);
    else if (besom__sweep_some(heap, work_bytes / BLOCK_BYTES + 1) == 0)
        besom__cycle_turn_until(heap, BESOM_IDLE);
    if (cycle_ended)
        *cycle_ended = heap->cycle.phase == BESOM_IDLE;
    besom__collect_unlock(heap);
    run_host_code(m, false);
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
