/* round.c - marking beside running mutators, in rounds. */
#include "gc/round.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/log.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/rescan.h"

enum {
    FEED = 64,             /* entries gone through between two looks at the stack */
    SHORT_NS = 200 * 1000, /* a round that took less is the last */
    FEW = 1024,            /* entries and objects that are marked in less */
    MANY_ROUNDS = 12,
    TOO_MANY_ROUNDS = 64,
    ANSWER_WAIT_NS = 1000 * 1000 /* for an answer, before looking again */
};

/* ---- roots ---- */

/* Collects what roots refer to; without memory they are left to the stop, which visits them all. */
struct gatherer {
    struct besom_tracer tracer;
    struct besom__bag refs;
};

static void gather(struct besom_tracer *tracer, void *ref)
{
    besom__bag_add(tracer->heap, &((struct gatherer *)tracer)->refs, ref);
}

static struct gatherer gatherer_for(struct besom_heap *heap)
{
    return (struct gatherer){.tracer = {.heap = heap, .visit = gather, .pass = PASS_ROOTS}};
}

/* ---- answers ---- */

static bool has_answered(const struct besom_heap *heap, const struct besom__mutator *m)
{
    return m->pub.stamp == heap->cycle.epoch << 6;
}

/* stop_lock held. */
static void take_answer(struct besom__mutator *m, struct besom__bag *roots)
{
    struct besom_heap *heap = m->heap;
    besom__bag_join(&heap->round.roots, roots);
    besom__log_hand_over(m, &heap->round.handed);
    besom__mutator_take_epoch(m);
    m->pub.barrier_on = true;
    besom__u32_and(&m->pub.requests, ~(uint32_t)REQUEST_HANDSHAKE);
}

/* The driver's own, or one that is borrowed; stop_lock held. */
static void answer_for(struct besom__mutator *m)
{
    struct gatherer roots = gatherer_for(m->heap);
    besom__roots_visit_mutator(m, &roots.tracer);
    take_answer(m, &roots.refs);
}

void besom__round_answer(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    struct gatherer roots = gatherer_for(heap);
    besom__roots_visit_mutator(m, &roots.tracer);
    pthread_mutex_lock(&heap->stop_lock);
    if (!has_answered(heap, m))
        take_answer(m, &roots.refs);
    besom__u32_and(&m->pub.requests, ~(uint32_t)REQUEST_HANDSHAKE);
    pthread_cond_signal(&heap->stop.arrived);
    pthread_mutex_unlock(&heap->stop_lock);
    besom__bag_fini(heap, &roots.refs);
}

/* stop_lock held.  True: all have answered. */
static bool answer_for_natives(struct besom_heap *heap)
{
    bool all = true, some = false;
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next) {
        if (has_answered(heap, m))
            continue;
        uint32_t old = besom__u32_load_acquire(&m->pub.requests);
        if (m == heap->cycle.driver) {
            answer_for(m);
        } else if ((old & MUTATOR_NATIVE) &&
                   besom__u32_cas(&m->pub.requests, old, old | MUTATOR_BORROWED)) {
            answer_for(m);
            besom__u32_and(&m->pub.requests, ~(uint32_t)MUTATOR_BORROWED);
            some = true;
        } else {
            all = false;
        }
    }
    if (some)
        pthread_cond_broadcast(&heap->stop.resumed);
    return all;
}

static bool all_have_answered(struct besom_heap *heap)
{
    pthread_mutex_lock(&heap->stop_lock);
    bool all = answer_for_natives(heap);
    pthread_mutex_unlock(&heap->stop_lock);
    return all;
}

void besom__round_leave(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    pthread_mutex_lock(&heap->stop_lock);
    /* What was logged before the flip is this round's; who has not answered has logged nothing since. */
    besom__bag_join(has_answered(heap, m) ? &heap->round.late : &heap->round.handed,
                    &m->log.entries);
    besom__bag_join(&heap->round.late, &m->log.carry);
    pthread_mutex_unlock(&heap->stop_lock);
}

void besom__round_note(struct besom_heap *heap, void *obj)
{
    if (!heap->barriers || !obj)
        return;
    pthread_mutex_lock(&heap->stop_lock);
    bool added = besom__bag_add(heap, &heap->round.late, obj);
    pthread_mutex_unlock(&heap->stop_lock);
    if (!added)
        besom__log_lose(heap, obj);
}

/* ---- asking ---- */

/* stop_lock held.  What came late is of the epoch that ends. */
static void flip_epoch(struct besom_heap *heap)
{
    heap->cycle.epoch = (uint8_t)(3 - heap->cycle.epoch);
    heap->round.open = true;
    besom__bag_join(&heap->round.handed, &heap->round.late);
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        if (m == heap->cycle.driver)
            answer_for(m);
        else
            besom__u32_or(&m->pub.requests, REQUEST_HANDSHAKE);
}

/* Callbacks of the heap's own, and words that may be anything, are looked at with the world stopped
 * alone: in the cycle's last stop, and, lest everything be left to that, in a short one at its
 * beginning. */
static void ask_in_stop(struct besom_heap *heap)
{
    struct gatherer roots = gatherer_for(heap);
    besom__cycle_stop(heap);
    if (heap->round.first)
        besom__cycle_inspect(heap);
    besom__roots_visit_sources(heap, &roots.tracer);
    pthread_mutex_lock(&heap->stop_lock);
    besom__bag_join(&heap->round.roots, &roots.refs);
    flip_epoch(heap);
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        answer_for(m);
    pthread_mutex_unlock(&heap->stop_lock);
    besom__cycle_resume(heap);
}

static void ask(struct besom_heap *heap)
{
    struct besom__round *round = &heap->round;
    round->asked_ns = besom__os_now_ns();
    if (besom__roots_need_stop(heap, round->first)) {
        ask_in_stop(heap);
    } else {
        pthread_mutex_lock(&heap->stop_lock);
        flip_epoch(heap);
        pthread_mutex_unlock(&heap->stop_lock);
    }
    besom__u32_store_release(&round->state, ROUND_ASKED);
}

void besom__rounds_begin(struct besom_heap *heap)
{
    heap->round.first = true;
    heap->round.n = 0;
    besom__u32_store_release(&heap->round.outrun, 0);
    ask(heap);
}

/* ---- working ---- */

static void begin_cycle(struct besom_heap *heap, bool beside)
{
    besom__mark_begin(heap, beside);
    besom__phase_begin(heap);
    besom__mark_gather(heap, &heap->round); /* with what was marked after the last stop */
    if (heap->cycle.minor)
        return;
    besom__bag_clear(heap, &heap->round.unbarriered);
    besom__u32_store_release(&heap->round.lost, 0);
}

/* All have answered, and so have been at a safepoint since everything was swept: nobody is still
 * sweeping, and colors may change their meaning. */
static void begin_work(struct besom_heap *heap)
{
    struct besom__round *round = &heap->round;
    if (round->first) {
        round->marked_objects = 0;
        begin_cycle(heap, true);
    } else {
        besom__mark_beside_mutators(heap, true);
    }
    round->serial++;
    round->work = round->anew = 0;
    round->began_ns = besom__os_now_ns();
    besom__roots_visit_shared(heap, &besom__mark_self(heap)->tracer);
    besom__phase_roots(heap, &besom__mark_self(heap)->tracer);
    pthread_mutex_lock(&heap->stop_lock);
    besom__bag_join(&round->pending, &round->handed);
    pthread_mutex_unlock(&heap->stop_lock);
    besom__bag_join(&round->again, &round->unbarriered);
    round->first = false;
    besom__u32_store_release(&round->state, ROUND_WORKS);
}

static void trace_unbarriered(struct besom_heap *heap, struct besom__marker *marker, void *obj)
{
    if (!(besom__type_of(heap, obj)->flags & BESOM_RACY) || !marker->beside)
        besom__rescan(marker, obj);
    if (besom__bag_add(heap, &heap->round.unbarriered, obj))
        return;
    besom__u32_store_release(&heap->round.lost, 1);
    besom__log_lose(heap, obj);
}

/* Goes through some entries; false: there were none. */
static bool feed(struct besom_heap *heap)
{
    struct besom__round *round = &heap->round;
    struct besom__marker *marker = besom__mark_self(heap);
    void *entry;
    int n = 0;
    while (n < FEED && besom__bag_take(heap, &round->pending, &entry)) {
        besom__rescan_logged(marker, entry);
        n++;
    }
    while (n < FEED && besom__bag_take(heap, &round->deferred, &entry)) {
        besom__rescan_deferred(marker, entry);
        n++;
    }
    while (n < FEED && besom__bag_take(heap, &round->roots, &entry)) {
        besom_visit(&marker->tracer, entry);
        n++;
    }
    while (n < FEED && besom__bag_take(heap, &round->again, &entry)) {
        trace_unbarriered(heap, marker, entry);
        round->anew++;
        n++;
    }
    round->work += (size_t)n;
    return n > 0;
}

static size_t max_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Each round is to have less to do than the one before.  If it has not, mutators make new objects as
 * fast as they are marked: they are to assist, long before memory is short. */
static void note_outrun(struct besom__round *round)
{
    size_t done = round->work - round->anew + round->found;
    if (round->n > 2 && done > round->done / 4 * 3)
        besom__u32_store_release(&round->outrun, 1);
    round->done = done;
}

static void record(struct besom_heap *heap)
{
    struct besom__round *round = &heap->round;
    struct besom_cycle_record *cycle = &heap->cycle.record;
    size_t bytes, objects, overflows;
    besom__mark_totals(heap, &bytes, &objects, &overflows);
    round->found = objects - round->marked_objects;
    round->marked_objects = objects;
    uint32_t last = BESOM_RECORD_ROUNDS - 1, i = round->n < last ? round->n : last;
    cycle->round[i] = (struct besom_round_record){round->asked_ns, round->began_ns, round->ended_ns,
                                                  round->work, round->found};
    cycle->rounds = ++round->n;
}

static void end_work(struct besom_heap *heap)
{
    struct besom__round *round = &heap->round;
    besom__mark_gather(heap, round);
    round->ended_ns = besom__os_now_ns();
    record(heap);
    note_outrun(round);
}

/* Or it took long because of what each round does anew, and the stop as well: roots, and objects that
 * are written without a barrier.  Only the second says so, by how little else there was to do. */
static bool did_little(const struct besom__round *round)
{
    size_t left = besom__bag_count(&round->deferred);
    return round->ended_ns - round->began_ns < SHORT_NS ||
           (round->n > 1 && round->work - round->anew + round->found + left < FEW);
}

/* What was written since it was asked for is left to the stop, so the answers count too.  If mutators
 * are slow to answer, or write faster than we mark, it does not get shorter. */
static bool was_short(const struct besom__round *round)
{
    bool was_answered = round->began_ns - round->asked_ns < SHORT_NS || round->n >= MANY_ROUNDS;
    return (was_answered && did_little(round)) || round->n >= TOO_MANY_ROUNDS;
}

/* Behind what is written, or was just born, there may be anything.  A round that came upon the root of
 * all that the program works on, and put it away, or saw it before something was moved there, was
 * short for that reason alone. */
static bool hides_much(const struct besom_heap *heap)
{
    const struct besom__round *round = &heap->round;
    size_t bytes, objects, overflows;
    if (heap->cycle.minor || round->n >= TOO_MANY_ROUNDS || besom__pace_is_over(heap) ||
        (round->found == 0 && besom__bag_is_empty(&round->deferred)))
        return false;
    besom__mark_totals(heap, &bytes, &objects, &overflows);
    return bytes < round->full_bytes / 8 * 7;
}

/* A quantum of the round's work. */
static enum besom__round_progress work_some(struct besom_heap *heap, size_t max_objects)
{
    for (size_t n = 0; n < max_objects; n += FEED)
        if (!feed(heap))
            break;
    switch (besom__mark_quantum(heap, max_of(max_objects, 1))) {
    case MARKING_MORE: return ROUND_MORE;
    case MARKING_ELSEWHERE: return ROUND_WAITS;
    case MARKING_DONE: break;
    }
    if (feed(heap) || besom__rescan_some(besom__mark_self(heap), max_objects) ||
        besom__phase_converge(heap))
        return ROUND_MORE;
    return ROUND_OVER;
}

/* The only mutator marks in its own slices as in a stop: nobody else changes stamps, and whoever is
 * being written to is armed again by being marked. */
static enum besom__round_progress work_alone(struct besom_heap *heap, size_t max_objects)
{
    struct besom__marker *marker = besom__mark_self(heap);
    if (heap->config.options.mode != BESOM_INCREMENTAL ||
        !besom__stop_alone(heap, heap->cycle.driver))
        return work_some(heap, max_objects);
    marker->beside = false;
    enum besom__round_progress progress = work_some(heap, max_objects);
    marker->beside = true;
    besom__stop_let_in(heap);
    return progress;
}

enum besom__round_progress besom__round_some(struct besom_heap *heap, size_t max_objects)
{
    struct besom__round *round = &heap->round;
    if (round->state == ROUND_ASKED) {
        if (!all_have_answered(heap))
            return ROUND_WAITS;
        begin_work(heap);
    }
    if (round->state == ROUND_NONE)
        return ROUND_OVER;
    enum besom__round_progress progress = work_alone(heap, max_objects);
    if (progress != ROUND_OVER)
        return progress;
    end_work(heap);
    if (was_short(round) && !hides_much(heap)) {
        besom__u32_store_release(&round->state, ROUND_NONE);
        return ROUND_OVER;
    }
    ask(heap);
    return ROUND_MORE;
}

void besom__round_wait(struct besom_heap *heap)
{
    struct timespec until = besom__os_deadline(ANSWER_WAIT_NS);
    pthread_mutex_lock(&heap->stop_lock);
    if (heap->round.state == ROUND_ASKED && !answer_for_natives(heap))
        pthread_cond_timedwait(&heap->stop.arrived, &heap->stop_lock, &until);
    pthread_mutex_unlock(&heap->stop_lock);
    if (heap->round.state == ROUND_WORKS)
        besom__worklist_wait_now(heap);
}

/* ---- the stop ---- */

/* A full cycle does not care what was written before it. */
static void forget(struct besom_heap *heap)
{
    struct besom__round *round = &heap->round;
    besom__bag_clear(heap, &round->pending);
    besom__bag_clear(heap, &round->again);
    besom__u32_store_release(&round->dirty, 0);
    besom__u32_store_release(&round->lost, 0);
}

/* Nobody marks: everything that has been put away is to be gone through. */
static void gather_all(struct besom_heap *heap)
{
    struct besom__round *round = &heap->round;
    besom__mark_gather(heap, round);
    pthread_mutex_lock(&heap->stop_lock);
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next) {
        besom__bag_join(&round->pending, &m->log.entries);
        besom__bag_join(&round->pending, &m->log.carry);
        besom__u32_and(&m->pub.requests, ~(uint32_t)REQUEST_HANDSHAKE);
        besom__mutator_take_epoch(m);
    }
    round->open = false;
    besom__bag_join(&round->pending, &round->handed);
    besom__bag_join(&round->pending, &round->late);
    pthread_mutex_unlock(&heap->stop_lock);
    besom__bag_join(&round->again, &round->unbarriered);
    besom__u32_store_release(&round->state, ROUND_NONE);
}

static void feed_all(struct besom_heap *heap)
{
    struct besom__round *round = &heap->round;
    struct besom__marker *marker = besom__mark_self(heap);
    void *entry;
    while (feed(heap))
        besom__mark_some(heap, SIZE_MAX);
    while (besom__bag_take(heap, &round->racy, &entry)) {
        besom__rescan(marker, entry);
        besom__mark_some(heap, SIZE_MAX);
    }
    besom__rescan_dirty(heap);
}

void besom__rounds_flip(struct besom_heap *heap)
{
    heap->cycle.epoch = (uint8_t)(3 - heap->cycle.epoch);
    heap->round.first = false;
    heap->round.n = 0;
}

void besom__rounds_finish(struct besom_heap *heap)
{
    const bool first = heap->round.first;
    if (first) /* the world stopped before anything was marked */
        begin_cycle(heap, false);
    heap->round.first = false;
    heap->round.serial++;
    besom__mark_beside_mutators(heap, false);
    if (!first)
        besom__mark_exactly(heap); /* ephemerons may be waiting on markers' stacks */
    besom__rescan_resume(heap);
    gather_all(heap); /* before helpers may work again: it takes what they have put away */
    besom__worklist_hold(heap, false);
    feed_all(heap);
}

void besom__rounds_remember(struct besom_heap *heap)
{
    heap->round.serial++;
    gather_all(heap);
    if (!heap->cycle.minor)
        forget(heap);
    feed_all(heap);
}

void besom__rounds_end(struct besom_heap *heap)
{
    const struct besom_options *o = &heap->config.options;
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        m->pub.barrier_on = o->generational || o->barrier;
    besom__mark_gather(heap, &heap->round);
    /* What was put away in vain: newborns that nothing visible referred to after all. */
    besom__bag_clear(heap, &heap->round.deferred);
    if (!o->generational)
        besom__bag_clear(heap, &heap->round.unbarriered);
    if (!heap->cycle.minor)
        heap->round.full_bytes = heap->cycle.record.marked_bytes;
}

void besom__rounds_fini(struct besom_heap *heap)
{
    struct besom__round *r = &heap->round;
    struct besom__bag *bags[] = {&r->handed,   &r->late,        &r->roots, &r->pending,
                                 &r->deferred, &r->unbarriered, &r->racy,  &r->again};
    for (size_t i = 0; i < sizeof bags / sizeof bags[0]; i++)
        besom__bag_fini(heap, bags[i]);
}
