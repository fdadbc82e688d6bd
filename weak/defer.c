/* defer.c - what trace callbacks put off to a later stage of the cycle. */
#include "weak/defer.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/walk.h"
#include "weak/reach.h"
#include "weak/weak.h"

enum {
    QUANTUM_NS = 50000,
    CLOCK_PERIOD = 16 /* calls between two looks at the clock */
};

/* ---- the chunks ---- */

int besom__defers_init(struct besom_heap *heap, struct besom__defers *defers)
{
    size_t bytes = besom__mark_count(heap) * sizeof *defers->deferrers;
    defers->deferrers = besom__map(heap, bytes, besom__os_page_bytes());
    if (!defers->deferrers)
        return -1;
    if (pthread_mutex_init(&defers->lock, NULL) == 0)
        return 0;
    besom__unmap(heap, defers->deferrers, bytes);
    return -1;
}

void besom__defers_fini(struct besom_heap *heap, struct besom__defers *defers)
{
    besom__defers_reset(heap, defers);
    pthread_mutex_destroy(&defers->lock);
    besom__unmap(heap, defers->deferrers, besom__mark_count(heap) * sizeof *defers->deferrers);
}

static void release_chunks(struct besom_heap *heap, struct besom__defer_chunk **list)
{
    while (*list) {
        struct besom__defer_chunk *chunk = *list;
        *list = chunk->next;
        besom__release(heap, chunk);
    }
}

void besom__defers_reset(struct besom_heap *heap, struct besom__defers *defers)
{
    release_chunks(heap, &defers->called);
    for (int stage = 0; stage < N_DEFERS; stage++) {
        release_chunks(heap, &defers->full[stage]);
        for (size_t i = 0; i < besom__mark_count(heap); i++)
            release_chunks(heap, &defers->deferrers[i].filling[stage]);
        besom__u32_store_release(&defers->lost[stage], 0);
    }
    for (size_t i = 0; i < besom__mark_count(heap); i++)
        defers->deferrers[i].n_scanned = 0;
    besom__u32_store_release(&defers->by_host, 0);
    defers->recalled_at = SIZE_MAX;
}

static struct besom__deferrer *deferrer_of(const struct besom__defers *defers,
                                           const struct besom_tracer *tracer)
{
    const struct besom__marker *marker = (const struct besom__marker *)tracer;
    return &defers->deferrers[marker - tracer->heap->worklist.markers];
}

static void lose(struct besom__defers *defers, unsigned stage)
{
    besom__size_add(&defers->n_overflows, 1);
    besom__u32_store_release(&defers->lost[stage], 1);
}

/* This marker's chunk for the stage, with room; NULL: no memory. */
static struct besom__defer_chunk *chunk_with_room(struct besom_heap *heap,
                                                  struct besom__defers *defers,
                                                  struct besom__defer_chunk **filling,
                                                  unsigned stage)
{
    struct besom__defer_chunk *chunk = *filling;
    if (chunk && chunk->n < DEFER_CHUNK_CALLS)
        return chunk;
    struct besom__defer_chunk *fresh = besom__alloc(heap, sizeof *fresh);
    if (fresh && chunk) {
        pthread_mutex_lock(&defers->lock);
        chunk->next = defers->full[stage];
        defers->full[stage] = chunk;
        pthread_mutex_unlock(&defers->lock);
    }
    if (fresh)
        *filling = fresh;
    return fresh;
}

/* ---- recalling ---- */

/* Asks for calls that were lost.  Its visits do nothing. */
struct recall {
    struct besom_tracer tracer;
    unsigned stage;
    struct besom_tracer *target; /* what calls of the stage are made with */
};

static void visit_nothing(struct besom_tracer *tracer, void *ref)
{
    (void)tracer;
    (void)ref;
}

/* Is it before the clearing stages? */
static bool comes_early(unsigned stage)
{
    return stage <= BESOM_EPHEMERONS || stage == OWN_EPHEMERONS;
}

static void recalled(struct recall *recall, unsigned stage, besom_defer_fn fn, void *obj)
{
    if (stage == OWN_EPHEMERONS)
        stage = BESOM_EPHEMERONS;
    if (stage == recall->stage)
        fn(recall->target, obj);
    else if (stage < recall->stage)
        fn(&recall->tracer, obj); /* it may defer further */
}

static bool recall_object(void *data, void *obj)
{
    struct recall *recall = data;
    const struct besom_heap *heap = recall->tracer.heap;
    bool is_leaf = besom__byte_load(besom__meta(obj)) & BESOM__LEAF;
    /* Up to TERMINATE what is not marked may be dead. */
    if (is_leaf || (recall->stage <= BESOM_EPHEMERONS && !besom__is_marked(heap, obj)))
        return true;
    const struct besom_type *type = besom__type_of(heap, obj);
    if (type->trace)
        type->trace(&recall->tracer, obj);
    return true;
}

/* World stopped. */
static void recall_all(struct besom_heap *heap, unsigned stage)
{
    struct recall recall = {.tracer = {.heap = heap, .visit = visit_nothing, .pass = PASS_RECALL},
                            .stage = stage};
    recall.target = stage <= BESOM_EPHEMERONS ? &besom__mark_self(heap)->tracer : &recall.tracer;
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        besom__alloc_retire(m);
    besom__walk(heap, recall_object, &recall);
}

static size_t n_marked(const struct besom_heap *heap)
{
    size_t bytes, objects, overflows;
    besom__mark_totals(heap, &bytes, &objects, &overflows);
    return objects;
}

/* Lost ephemerons, again and again while that marks anything. */
static bool recall_ephemerons(struct besom_heap *heap, struct besom__defers *defers)
{
    bool lost = besom__u32_load(&defers->lost[BESOM_RETRACE]) ||
                besom__u32_load(&defers->lost[BESOM_EPHEMERONS]) ||
                besom__u32_load(&defers->lost[OWN_EPHEMERONS]);
    size_t marked = n_marked(heap);
    if (!lost || marked == defers->recalled_at)
        return false;
    if (!heap->cycle.stopped)
        return false; /* the cycle stops the world before it goes on */
    defers->recalled_at = marked;
    defers->recalling = true;
    recall_all(heap, BESOM_RETRACE);
    recall_all(heap, BESOM_EPHEMERONS);
    defers->recalling = false;
    return true;
}

/* ---- deferring ---- */

void besom__defer(struct besom_tracer *tracer, unsigned stage, besom_defer_fn fn, void *obj)
{
    struct besom__defers *defers = &tracer->heap->weak->defers;
    if (tracer->pass == PASS_RECALL) {
        recalled((struct recall *)tracer, stage, fn, obj);
        return;
    }
    if (tracer->pass == PASS_STRONG && comes_early(stage))
        fn(tracer, obj);
    if (tracer->pass != PASS_MARK)
        return;
    struct besom__deferrer *deferrer = deferrer_of(defers, tracer);
    struct besom__defer_chunk *chunk =
        chunk_with_room(tracer->heap, defers, &deferrer->filling[stage], stage);
    if (chunk)
        chunk->calls[chunk->n++] = (struct besom__call){fn, obj};
    else
        lose(defers, stage);
}

void besom_defer(struct besom_tracer *tracer, enum besom_stage stage, besom_defer_fn fn, void *obj)
{
    /* Up to TERMINATE the world is stopped anyway; what comes after must be. */
    if (tracer->pass == PASS_MARK &&
        (stage >= BESOM_CLEAR_VALUES || tracer->heap->cycle.phase == BESOM_WEAK))
        besom__u32_store_release(&tracer->heap->weak->defers.by_host, 1);
    besom__defer(tracer, stage, fn, obj);
}

/* early: once marking has ended, marking the key does not matter any more. */
static bool visit_tie(struct besom_tracer *tracer, void *key, void *value, bool early)
{
    struct besom__weak *weak = tracer->heap->weak;
    if (tracer->pass == PASS_STRONG && !besom__reach_is_goal(tracer, key))
        besom_visit(tracer, value);
    bool is_marked = besom__is_marked(tracer->heap, key);
    if (tracer->pass != PASS_MARK)
        return is_marked;
    deferrer_of(&weak->defers, tracer)->n_scanned++;
    if (!is_marked && value && !weak->defers.recalling)
        switch (besom__pending_add(tracer, &weak->pending, key, value, early)) {
        case PENDED_MARKED: is_marked = true; break;
        case PENDED_WAITS: break;
        case PENDED_NO_MEMORY: lose(&weak->defers, BESOM_EPHEMERONS); break;
        }
    if (is_marked)
        besom_visit(tracer, value);
    return is_marked;
}

bool besom_visit_ephemeron(struct besom_tracer *tracer, void *key, void *value)
{
    return visit_tie(tracer, key, value, false);
}

bool besom__visit_by_value(struct besom_tracer *tracer, void *value, void *key)
{
    /* Of a table that is brought back, values are cleared late. */
    return visit_tie(tracer, value, key, tracer->heap->cycle.phase != BESOM_WEAK);
}

bool besom__defers_scan_once(const struct besom_tracer *tracer, uint32_t *scanned_in)
{
    uint32_t round = tracer->heap->round.serial, last = besom__u32_load(scanned_in);
    if (tracer->pass != PASS_MARK || tracer->heap->weak->defers.recalling)
        return true;
    return last != round && besom__u32_cas(scanned_in, last, round);
}

/* ---- the stages ---- */

/* No marker is at work: all chunks of the stage. */
static struct besom__defer_chunk *take_all(struct besom_heap *heap, struct besom__defers *defers,
                                           unsigned stage)
{
    struct besom__defer_chunk *all = defers->full[stage];
    defers->full[stage] = NULL;
    for (size_t i = 0; i < besom__mark_count(heap); i++) {
        struct besom__defer_chunk *chunk = defers->deferrers[i].filling[stage];
        if (!chunk)
            continue;
        defers->deferrers[i].filling[stage] = NULL;
        chunk->next = all;
        all = chunk;
    }
    return all;
}

bool besom__defers_converge(struct besom_heap *heap, struct besom__defers *defers)
{
    const bool beside = heap->cycle.phase == BESOM_MARK && !heap->cycle.stopped;
    release_chunks(heap, &defers->called);
    if (!beside)
        defers->called = take_all(heap, defers, BESOM_RETRACE);
    if (!defers->called) {
        defers->called = take_all(heap, defers, OWN_EPHEMERONS);
        if (!defers->called && !beside)
            defers->called = take_all(heap, defers, BESOM_EPHEMERONS);
        if (defers->called && !beside)
            besom__mark_exactly(heap);
    }
    if (!defers->called)
        return recall_ephemerons(heap, defers);
    for (struct besom__defer_chunk *chunk = defers->called; chunk; chunk = chunk->next)
        for (size_t i = 0; i < chunk->n; i++)
            besom__mark_call(heap, &chunk->calls[i]);
    return true;
}

bool besom__defers_clear(struct besom_heap *heap, struct besom__defers *defers,
                         enum besom_stage stage)
{
    if (besom__u32_load(&defers->lost[stage])) {
        if (!heap->cycle.stopped)
            return true; /* whoever comes next stops the world first */
        recall_all(heap, stage);
        besom__u32_store_release(&defers->lost[stage], 0);
    }
    uint64_t until_ns = besom__os_now_ns() + QUANTUM_NS;
    struct besom_tracer *tracer = &besom__mark_self(heap)->tracer;
    size_t n = 0;
    struct besom__defer_chunk *chunks;
    while ((chunks = take_all(heap, defers, stage)) != NULL) {
        /* The first is worked on, the others wait in the list, to which calls may add. */
        defers->full[stage] = chunks->next;
        while (chunks->n > 0) {
            struct besom__call call = chunks->calls[--chunks->n];
            call.fn(tracer, call.obj);
            if (++n % CLOCK_PERIOD == 0 && besom__os_now_ns() > until_ns)
                break;
        }
        if (chunks->n > 0) {
            chunks->next = defers->full[stage];
            defers->full[stage] = chunks;
            return true;
        }
        besom__release(heap, chunks);
    }
    return false;
}

enum besom__rest besom__defers_rest(const struct besom_heap *heap,
                                    const struct besom__defers *defers)
{
    if (besom__u32_load(&defers->by_host))
        return REST_STOPPED;
    for (int stage = 0; stage < N_DEFERS; stage++)
        if (besom__u32_load(&defers->lost[stage]))
            return REST_STOPPED;
    if (!heap->cycle.stopped)
        return REST_BESIDE; /* a mutator may be adding chunks */
    for (int stage = 0; stage < N_DEFERS; stage++) {
        if (defers->full[stage])
            return REST_BESIDE;
        for (size_t i = 0; i < besom__mark_count(heap); i++)
            if (defers->deferrers[i].filling[stage])
                return REST_BESIDE;
    }
    return REST_NONE;
}
