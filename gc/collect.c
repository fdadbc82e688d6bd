/* collect.c - who turns the crank of the cycle, and until when.
 *
 *     stw          the thread that collects does everything from IDLE to the end of TERMINATE in one
 *                  stop
 *     incremental  mutators mark in slices, at polls, as they allocate (slice.c)
 *     concurrent   the collector's thread does (collector.c); mutators assist when they outrun it
 *
 * besom_collect, stress and the limit have one thread do it all, beside the others where the mode
 * allows, or in a stop when memory is wanted at once.  WEAK is done in a stop if a host clears tables
 * of its own.  Otherwise weak structures are cleared, and destroy hooks run, a batch at each poll of
 * any mutator, or to the end by besom_collect; what is left to sweep is swept before the next cycle.
 * collect_lock is held whenever the machine moves; it is taken as if in a native region, so nobody who
 * waits for it delays a stop. */
#include "gc/collect.h"

#include "gc/atomic.h"
#include "gc/event.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/rescan.h"
#include "gc/slice.h"
#include "gc/sweep.h"

enum { GIVE_BACK_BLOCKS = 8 }; /* at a time, while others may wait for the block lock */

static bool is_settling(enum besom_phase phase)
{
    return phase == BESOM_WEAK || phase == BESOM_FINALIZE;
}

enum besom_phase besom__collect_settle_some(struct besom_heap *heap)
{
    if (heap->cycle.phase != BESOM_WEAK || besom__phase_rest(heap) != REST_STOPPED)
        return besom__cycle_turn(heap, 0);
    besom__cycle_stop(heap);
    besom__cycle_turn_until(heap, BESOM_FINALIZE);
    besom__cycle_resume(heap);
    return BESOM_FINALIZE;
}

void besom__collect_settle(struct besom_heap *heap, struct besom__mutator *m)
{
    heap->cycle.driver = m;
    while (heap->cycle.phase == BESOM_WEAK)
        besom__collect_settle_some(heap);
}

/* The world is stopped, and goes again: what has been marked is completed, the rest is dead. */
static void end_marking(struct besom_heap *heap)
{
    besom__cycle_turn_until(heap, BESOM_WEAK);
    if (heap->cycle.emergency || besom__phase_rest(heap) != REST_BESIDE)
        besom__cycle_turn_until(heap, BESOM_FINALIZE);
    besom__cycle_resume(heap);
    if (heap->cycle.emergency || heap->spaces.may_sweep)
        besom__cycle_turn_until(heap, BESOM_SWEEP);
    if (is_settling((enum besom_phase)heap->cycle.phase) || besom__u32_load(&heap->cycle.host_due))
        besom__request_all(heap, REQUEST_SETTLE);
}

void besom__collect_end_marking(struct besom_heap *heap)
{
    besom__cycle_stop(heap);
    end_marking(heap);
}

/* Marking goes on beside mutators until it needs a stop, and has it. */
static void mark_to_the_end(struct besom_heap *heap)
{
    if (heap->cycle.phase == BESOM_MARK)
        besom__cycle_turn_until(heap, BESOM_TERMINATE);
    besom__collect_end_marking(heap);
}

void besom__collect_finish_marking(struct besom_heap *heap, struct besom__mutator *m)
{
    heap->cycle.driver = m;
    if (besom__is_marking(heap))
        besom__collect_end_marking(heap);
}

/* Brings the last cycle to its end, before the next.  An emergency runs no hooks: if some wait,
 * what died in the last cycle is judged anew instead. */
static void finish_last(struct besom_heap *heap, bool beside)
{
    if (besom__is_marking(heap) && beside)
        mark_to_the_end(heap);
    else if (besom__is_marking(heap))
        besom__collect_end_marking(heap);
    besom__collect_settle(heap, heap->cycle.driver);
    if (heap->cycle.phase == BESOM_FINALIZE && heap->cycle.emergency)
        return;
    if (heap->cycle.phase != BESOM_IDLE)
        besom__cycle_turn_until(heap, BESOM_IDLE);
}

static void undo_last(struct besom_heap *heap)
{
    if (heap->cycle.phase != BESOM_FINALIZE)
        return;
    besom__timeline_cycle(heap);
    besom__spaces_undo_sweep(heap);
    heap->cycle.phase = BESOM_IDLE;
}

/* begin_lock held. */
static void announce(struct besom_heap *heap, enum besom_reason reason, bool minor)
{
    uint64_t now = besom__os_now_ns();
    heap->cycle.reason = reason;
    heap->cycle.minor = minor;
    heap->cycle.number++;
    heap->cycle.was_emergency = heap->cycle.emergency;
    heap->cycle.started_ns = now;
    heap->cycle.left_ns = heap->cycle.away_ns = 0;
    heap->cycle.record =
        (struct besom_cycle_record){.cycle = heap->cycle.number,
                                    .reason = reason,
                                    .minor = minor,
                                    .emergency = heap->cycle.emergency,
                                    .beside = !heap->cycle.stopped,
                                    .began_ns = now,
                                    .used_begin_bytes = besom__pace_used(heap),
                                    .limit_bytes = besom__size_load(&heap->pace.limit_bytes)};
    besom__timeline_begin(heap);
    struct besom_event event = {.kind = BESOM_EVENT_CYCLE_BEGIN};
    besom__event(heap, &event);
}

bool besom__collect_begin(struct besom_heap *heap, enum besom_reason reason, bool minor)
{
    pthread_mutex_lock(&heap->begin_lock);
    const bool begins = reason == BESOM_REASON_HOST || !besom__size_load(&heap->disabled);
    if (begins)
        announce(heap, reason, minor);
    pthread_mutex_unlock(&heap->begin_lock);
    if (begins)
        besom__cycle_turn(heap, 0);
    return begins;
}

/* From IDLE to WEAK, or as far as there is nothing to be done; the mutator is at a safepoint. */
static void collect(struct besom__mutator *m, enum besom_reason reason, bool emergency, bool minor)
{
    struct besom_heap *heap = m->heap;
    bool beside = heap->beside && !emergency && reason != BESOM_REASON_LIMIT;
    heap->cycle.driver = m;
    besom__u32_store_release(&heap->cycle.emergency, emergency);
    finish_last(heap, beside);
    if (beside) {
        if (besom__collect_begin(heap, reason, minor))
            mark_to_the_end(heap);
        return;
    }
    besom__cycle_stop(heap);
    undo_last(heap);
    if (besom__collect_begin(heap, reason, minor))
        end_marking(heap);
    else
        besom__cycle_resume(heap);
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
    uint64_t start_ns = besom__pause_begin(m);
    heap->cycle.driver = m;
    if (is_settling((enum besom_phase)heap->cycle.phase))
        besom__collect_settle_some(heap);
    bool sweeps = heap->cycle.phase == BESOM_SWEEP;
    besom__collect_unlock(heap);
    besom__pause_end(m, BESOM_PAUSE_SETTLE, start_ns);
    if (sweeps)
        besom__collector_kick(heap);
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

/* Blocks that have been empty for delay_ns; true: there may be more. */
static bool give_back_some(struct besom_heap *heap, uint64_t delay_ns)
{
    uint64_t now = besom__os_now_ns();
    size_t bytes = 0;
    besom__block_lock_behind(heap);
    if (heap->blocks.n_empty_resident && now - heap->blocks.oldest_empty_ns >= delay_ns)
        bytes = besom__blocks_give_back(heap, now - delay_ns, GIVE_BACK_BLOCKS);
    besom__block_unlock(heap);
    return bytes >= GIVE_BACK_BLOCKS * (size_t)BLOCK_BYTES;
}

static uint64_t give_back_delay_ns(const struct besom_heap *heap)
{
    return (uint64_t)heap->config.options.give_back_ms * 1000000;
}

bool besom__collect_give_back(struct besom_heap *heap)
{
    return give_back_some(heap, give_back_delay_ns(heap));
}

static void give_back(struct besom_heap *heap, uint64_t delay_ns)
{
    while (give_back_some(heap, delay_ns))
        ;
}

static bool stress_is_due(struct besom__mutator *m)
{
    size_t period = m->heap->config.options.stress;
    return period && ++m->polls % period == 0 && besom__size_load(&m->heap->disabled) == 0;
}

/* With the option slow, slices are small, and there is one at every safepoint. */
static bool slow_is_due(const struct besom__mutator *m)
{
    const struct besom_options *o = &m->heap->config.options;
    return o->slow && o->mode == BESOM_INCREMENTAL &&
           besom__u32_load(&m->heap->cycle.phase) != BESOM_IDLE;
}

static enum besom_reason reason_due(const struct besom_heap *heap)
{
    return besom__size_load(&heap->pace.refused) ? BESOM_REASON_LIMIT : BESOM_REASON_HEADROOM;
}

/* ---- safepoints ---- */

/* The whole of what is due, by this mutator. */
static void collect_due(struct besom__mutator *m, bool stress)
{
    struct besom_heap *heap = m->heap;
    uint64_t start_ns = besom__pause_begin(m);
    besom__collect_lock(heap, m);
    besom__u32_and(&m->pub.requests, ~(uint32_t)REQUEST_COLLECT);
    heap->cycle.driver = m;
    bool due = besom__pace_is_due(heap) && besom__size_load(&heap->disabled) == 0;
    if (stress || due) {
        enum besom_reason reason = stress ? BESOM_REASON_STRESS : reason_due(heap);
        bool limit = reason == BESOM_REASON_LIMIT;
        /* At the limit the cycle under way will not do: what has died since it began counts. */
        collect(m, reason, false, !limit && besom__pace_wants_minor(heap));
        /* Whoever polled because an allocation failed needs memory now, not a batch later. */
        if (limit)
            besom__collect_settle(heap, m);
        if (limit && heap->cycle.phase == BESOM_FINALIZE)
            besom__cycle_turn_until(heap, BESOM_SWEEP);
        give_back(heap, give_back_delay_ns(heap));
    }
    besom__collect_unlock(heap);
    besom__pause_end(m, BESOM_PAUSE_COLLECT, start_ns);
    besom__collector_kick(heap);
}

static void collect_some(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    enum besom_mode mode = heap->config.options.mode;
    if (mode == BESOM_STW || besom__size_load(&heap->pace.refused)) {
        collect_due(m, false);
        return;
    }
    /* Before the thread is told: it may be asked for again at once. */
    if (mode == BESOM_CONCURRENT)
        besom__u32_and(&m->pub.requests, ~(uint32_t)REQUEST_COLLECT);
    if (mode == BESOM_CONCURRENT && besom__collector_kick(heap))
        besom__slice_assist(m);
    else
        besom__slice(m);
}

static void answer(struct besom__mutator *m)
{
    uint64_t start_ns = besom__pause_begin(m);
    besom__round_answer(m);
    besom__pause_end(m, BESOM_PAUSE_ANSWER, start_ns);
}

bool besom__poll_slow(struct besom_mutator *pub)
{
    if (besom__mutator_check_running(pub) != BESOM_OK)
        return false;
    struct besom__mutator *m = besom__mutator_of(pub);
    struct besom_heap *heap = m->heap;
    besom__note_entry(m);
    uint32_t before = heap->cycle.judged; /* changes in stops alone */
    uint32_t requests = besom__u32_load(&pub->requests);
    if (requests & REQUEST_HANDSHAKE)
        answer(m);
    if (requests & REQUEST_STOP)
        besom__park(m);
    if (requests & REQUEST_SETTLE)
        help_settle(m);
    if (stress_is_due(m))
        collect_due(m, true);
    else if ((requests & REQUEST_COLLECT) || slow_is_due(m))
        collect_some(m);
    besom__timeline_flush_some(heap);
    run_host_code(m, false);
    return heap->cycle.judged != before;
}

static void collect_all(struct besom__mutator *m, enum besom_reason reason, bool emergency)
{
    struct besom_heap *heap = m->heap;
    uint32_t before = heap->cycle.judged; /* changes in stops alone */
    uint64_t start_ns = besom__pause_begin(m);
    besom__collect_lock(heap, m);
    besom__u32_store_release(&heap->cycle.emergency, emergency);
    /* Whoever collected while we waited for the lock has looked at our roots as they are now; but a
     * cycle of the other kind leaves objects with hooks, or hooks, a minor one what is old, and one
     * beside mutators may have begun before. */
    bool other_did = heap->cycle.judged != before && !heap->beside && !heap->cycle.minor;
    if (!other_did || heap->cycle.was_emergency != emergency)
        collect(m, reason, emergency, false);
    besom__collect_settle(heap, m);
    if (heap->cycle.phase != BESOM_IDLE)
        besom__cycle_turn_until(heap, BESOM_IDLE);
    give_back(heap, emergency ? 0 : give_back_delay_ns(heap));
    besom__worklist_trim(heap);
    besom__u32_store_release(&heap->cycle.emergency, 0);
    besom__collect_unlock(heap);
    besom__pause_end(m, BESOM_PAUSE_COLLECT, start_ns);
    besom__collector_kick(heap);
}

void besom__collect_at_limit(struct besom__mutator *m)
{
    collect_all(m, BESOM_REASON_LIMIT, true);
}

void besom__collect_finish(struct besom_heap *heap)
{
    besom__u32_store_release(&heap->cycle.emergency, 0);
    besom__collect_finish_marking(heap, NULL);
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

/* One stop, then quanta of what comes after it. */
static void step_stopped(struct besom__mutator *m, size_t work_bytes)
{
    struct besom_heap *heap = m->heap;
    if (heap->cycle.phase == BESOM_IDLE)
        collect(m, BESOM_REASON_HOST, false, false);
    else if (is_settling((enum besom_phase)heap->cycle.phase))
        besom__collect_settle_some(heap);
    else if (besom__sweep_some(heap, work_bytes / BLOCK_BYTES + 1) == 0)
        besom__cycle_turn_until(heap, BESOM_IDLE);
}

enum besom_status besom_step(struct besom_mutator *pub, size_t work_bytes, bool *cycle_ended)
{
    enum besom_status status = besom__mutator_check_running(pub);
    if (status != BESOM_OK)
        return status;
    struct besom__mutator *m = besom__mutator_of(pub);
    struct besom_heap *heap = m->heap;
    besom__note_entry(m);
    uint64_t start_ns = besom__pause_begin(m);
    besom__collect_lock(heap, m);
    heap->cycle.driver = m;
    if (heap->beside)
        besom__slice_step(heap, work_bytes);
    else
        step_stopped(m, work_bytes);
    if (cycle_ended)
        *cycle_ended = heap->cycle.phase == BESOM_IDLE;
    besom__collect_unlock(heap);
    besom__pause_end(m, BESOM_PAUSE_COLLECT, start_ns);
    run_host_code(m, false);
    return BESOM_OK;
}

enum besom_status besom_disable(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return BESOM_E_ARGUMENT;
    pthread_mutex_lock(&heap->begin_lock);
    besom__size_add(&heap->disabled, 1);
    pthread_mutex_unlock(&heap->begin_lock);
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
    struct besom__mutator *self = besom__mutator_running_self(heap);
    if (self)
        besom__note_entry(self);
    besom__collect_lock(heap, self);
    /* Markers go through the chunks without the block lock. */
    const bool marking = besom__is_marking(heap);
    if (marking) {
        besom__world_stop(heap, self);
        besom__rescan_resume(heap);
    }
    besom__worklist_trim(heap);
    besom__block_lock(heap);
    size_t bytes = besom__blocks_give_back(heap, besom__os_now_ns(), SIZE_MAX);
    besom__block_unlock(heap);
    if (marking)
        besom__world_resume(heap, self);
    besom__collect_unlock(heap);
    return bytes;
}
