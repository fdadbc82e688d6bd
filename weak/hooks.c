/* hooks.c - weak structures' part in a cycle: what runs in which stage.
 *
 *     begin              forget the last cycle
 *     condemn            finalizers, cleanups and charges are to be gone through
 *     converge           what was deferred to RETRACE, then to EPHEMERONS
 *     keyed              values that waited for a key
 *     STAGE_CLEAR_EARLY  short references, weak values
 *     STAGE_FINALIZE     finalizers
 *     STAGE_CLEAR_LATE   weak values of what was brought back, then keys and long references, and
 *                        cleanups
 *     destroyed          external memory that hooks left charged */
#include "gc/atomic.h"
#include "gc/cycle.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/stop.h"
#include "weak/weak.h"

enum { CLEANUP_BATCH = 64 };

static void weak_begin(void *data)
{
    struct besom__weak *weak = data;
    besom__defers_reset(weak->heap, &weak->defers);
    if (weak->heap->cycle.minor)
        return;
    besom__finalizers_forget(weak->heap, &weak->finalizers);
    besom__cleanups_forget(weak->heap, &weak->cleanups);
}

static void weak_inspect(void *data)
{
    struct besom__weak *weak = data;
    besom__cleanups_verify(weak->heap, &weak->cleanups);
}

/* What was registered while marking went on is looked at too. */
static void weak_condemn(void *data)
{
    struct besom__weak *weak = data;
    besom__finalizers_begin(weak->heap, &weak->finalizers);
    besom__cleanups_begin(weak->heap, &weak->cleanups);
    besom__externals_begin(weak->heap, &weak->externals);
}

static void weak_roots(void *data, struct besom_tracer *tracer)
{
    struct besom__weak *weak = data;
    besom__finalizers_roots(&weak->finalizers, tracer);
    besom__cleanups_roots(&weak->cleanups, tracer);
}

static void weak_keyed(void *data, struct besom_tracer *tracer, void *obj)
{
    struct besom__weak *weak = data;
    besom__pending_resolve(tracer, &weak->pending, obj);
}

static bool weak_converge(void *data, struct besom_tracer *tracer)
{
    struct besom__weak *weak = data;
    (void)tracer;
    return besom__defers_converge(weak->heap, &weak->defers);
}

static enum besom__rest weak_rest(void *data)
{
    struct besom__weak *weak = data;
    enum besom__rest rest = besom__defers_rest(weak->heap, &weak->defers);
    if (rest == REST_NONE && (besom__finalizers_any(weak->heap, &weak->finalizers) ||
                              besom__cleanups_any(weak->heap, &weak->cleanups) ||
                              besom__externals_any(weak->heap, &weak->externals)))
        rest = REST_BESIDE;
    return rest;
}

static bool weak_clear_early(void *data, struct besom_tracer *tracer)
{
    struct besom__weak *weak = data;
    (void)tracer;
    return besom__defers_clear(weak->heap, &weak->defers, BESOM_CLEAR_VALUES);
}

static bool weak_finalize(void *data, struct besom_tracer *tracer)
{
    struct besom__weak *weak = data;
    return besom__finalizers_some(weak->heap, &weak->finalizers, tracer);
}

static bool weak_clear_late(void *data, struct besom_tracer *tracer)
{
    struct besom__weak *weak = data;
    (void)tracer;
    return besom__defers_clear(weak->heap, &weak->defers, BESOM_CLEAR_VALUES) ||
           besom__defers_clear(weak->heap, &weak->defers, BESOM_CLEAR_KEYS) ||
           besom__cleanups_some(weak->heap, &weak->cleanups);
}

static bool weak_end(void *data)
{
    struct besom__weak *weak = data;
    size_t scanned = 0, resolved;
    bool more = besom__pending_clear_some(weak->heap, &weak->pending, &resolved);
    besom__size_add(&weak->n_resolved, resolved);
    if (more)
        return true;
    for (size_t i = 0; i < besom__mark_count(weak->heap); i++)
        scanned += weak->defers.deferrers[i].n_scanned;
    besom__size_add(&weak->n_scanned, scanned);
    besom__defers_reset(weak->heap, &weak->defers);
    return false;
}

static bool weak_destroyed(void *data)
{
    struct besom__weak *weak = data;
    return besom__externals_some(weak->heap, &weak->externals);
}

/* Cleared first: whatever becomes due from here on sets it again. */
static void weak_host(void *data, struct besom_mutator *m, bool all)
{
    struct besom__weak *weak = data;
    struct besom_heap *heap = weak->heap;
    besom__u32_store_release(&heap->cycle.host_due, 0);
    if (m && besom__finalizers_tell(weak->heap, &weak->finalizers) &&
        heap->config.on_finalizers_ready)
        heap->config.on_finalizers_ready(heap->config.host);
    if (!m)
        besom__cleanups_leave(weak->heap, &weak->cleanups);
    if (besom__cleanups_run(heap, &weak->cleanups, m, all ? SIZE_MAX : CLEANUP_BATCH)) {
        besom__u32_store_release(&heap->cycle.host_due, 1);
        besom__request_all(heap, REQUEST_SETTLE);
    }
}

static void weak_stats(void *data, struct besom_stats *out)
{
    struct besom__weak *weak = data;
    out->weak_cleared = besom__size_load(&weak->n_cleared);
    out->ephemerons_scanned = besom__size_load(&weak->n_scanned);
    out->ephemerons_resolved = besom__size_load(&weak->n_resolved);
    out->weak_overflows = besom__size_load(&weak->defers.n_overflows);
    pthread_mutex_lock(&weak->heap->root_lock);
    out->finalizers = weak->finalizers.n_registered;
    out->finalizers_ready = weak->finalizers.n_ready;
    out->finalized_objects = weak->finalizers.n_finalized;
    out->cleanups = weak->cleanups.n;
    out->cleanups_run = weak->cleanups.n_run;
    pthread_mutex_unlock(&weak->heap->root_lock);
    besom__block_lock(weak->heap);
    out->external_charged_bytes = weak->externals.charged_bytes;
    out->external_released_bytes = weak->externals.released_bytes;
    out->external_reclaimed_bytes = weak->externals.reclaimed_bytes;
    besom__block_unlock(weak->heap);
}

void besom__weak_count_cleared(struct besom_heap *heap, size_t n)
{
    if (n)
        besom__size_add(&heap->weak->n_cleared, n);
}

/* ---- with the heap ---- */

int besom__weak_init(struct besom_heap *heap)
{
    struct besom__weak *weak = besom__alloc(heap, sizeof *weak);
    if (!weak)
        return -1;
    weak->heap = heap;
    struct besom__phase_hooks hooks = {.data = weak,
                                       .inspect = weak_inspect,
                                       .begin = weak_begin,
                                       .condemn = weak_condemn,
                                       .roots = weak_roots,
                                       .keyed = weak_keyed,
                                       .converge = weak_converge,
                                       .rest = weak_rest,
                                       .stage = {weak_clear_early, weak_finalize, weak_clear_late},
                                       .end = weak_end,
                                       .destroyed = weak_destroyed,
                                       .host = weak_host,
                                       .stats = weak_stats};
    if (besom__defers_init(heap, &weak->defers) != 0)
        goto fail_defers;
    if (besom__pending_init(&weak->pending) != 0)
        goto fail_pending;
    besom__finalizers_init(&weak->finalizers);
    besom__cleanups_init(&weak->cleanups);
    besom__externals_init(&weak->externals);
    heap->weak = weak;
    besom__phase_register(heap, &hooks);
    return 0;
fail_pending:
    besom__defers_fini(heap, &weak->defers);
fail_defers:
    besom__release(heap, weak);
    return -1;
}

void besom__weak_fini(struct besom_heap *heap)
{
    struct besom__weak *weak = heap->weak;
    besom__externals_fini(heap, &weak->externals);
    besom__cleanups_fini(heap, &weak->cleanups);
    besom__finalizers_fini(heap, &weak->finalizers);
    besom__pending_fini(heap, &weak->pending);
    besom__defers_fini(heap, &weak->defers);
    besom__release(heap, weak);
}
