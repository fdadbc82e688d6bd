/* worklist.c - the references still to be marked, and who shares them. */
#include "gc/worklist.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/os.h"

#include <signal.h>

enum { SEGMENT_WAIT_NS = 1000 * 1000 };

static size_t markers_bytes(const struct besom__worklist *w)
{
    return (w->n_markers + 1) * sizeof *w->markers;
}

int besom__worklist_init(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    const struct besom_options *o = &heap->config.options;
    size_t entries = o->mark_stack_entries;
    w->n_markers = o->mark_threads;
    if (o->mode == BESOM_CONCURRENT && w->n_markers < o->concurrent_threads)
        w->n_markers = o->concurrent_threads;
    w->max_segments = entries <= STACK_ENTRIES ? 0 : (entries - STACK_ENTRIES) / SEGMENT_ENTRIES;
    if (w->max_segments == 0)
        w->n_markers = 1; /* nothing could be shared */
    w->n_allowed = w->n_markers - 1;
    w->markers = besom__map(heap, markers_bytes(w), besom__os_page_bytes());
    if (!w->markers)
        return -1;
    for (size_t i = 0; i <= w->n_markers; i++)
        besom__marker_init(&w->markers[i], heap, entries < STACK_ENTRIES ? entries : STACK_ENTRIES);
    if (pthread_mutex_init(&w->lock, NULL) != 0)
        goto fail_lock;
    if (pthread_cond_init(&w->changed, NULL) != 0)
        goto fail_changed;
    if (pthread_mutex_init(&w->assist_lock, NULL) != 0)
        goto fail_assist;
    return 0;
fail_assist:
    pthread_cond_destroy(&w->changed);
fail_changed:
    pthread_mutex_destroy(&w->lock);
fail_lock:
    besom__unmap(heap, w->markers, markers_bytes(w));
    return -1;
}

void besom__worklist_fini(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    besom__worklist_stop_helpers(heap);
    besom__worklist_trim(heap);
    for (size_t i = 0; i <= w->n_markers; i++)
        besom__marker_fini(&w->markers[i]);
    pthread_mutex_destroy(&w->assist_lock);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    besom__unmap(heap, w->markers, markers_bytes(w));
}

/* ---- segments ---- */

/* Without a stop what overflows cannot be made good in WEAK, and whoever looks at weak things then must
 * not be told that they are gone: only memory is a bound there. */
static size_t most_segments(const struct besom_heap *heap)
{
    const bool is_weak = besom__u32_load(&heap->cycle.phase) == BESOM_WEAK && !heap->cycle.stopped;
    return is_weak ? SIZE_MAX : heap->worklist.max_segments;
}

struct besom__segment *besom__segment_new(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    struct besom__segment *segment = w->spare;
    bool may_grow = !segment && w->n_segments < most_segments(heap);
    if (segment)
        w->spare = segment->next;
    w->n_segments += may_grow;
    pthread_mutex_unlock(&w->lock);
    if (!may_grow)
        return segment;
    segment = besom__alloc(heap, sizeof *segment);
    if (!segment) {
        pthread_mutex_lock(&w->lock);
        w->n_segments--;
        pthread_mutex_unlock(&w->lock);
    }
    return segment;
}

void besom__segment_recycle(struct besom_heap *heap, struct besom__segment *segment)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    segment->next = w->spare;
    w->spare = segment;
    pthread_mutex_unlock(&w->lock);
}

void besom__worklist_trim(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    while (w->spare) {
        struct besom__segment *segment = w->spare;
        w->spare = segment->next;
        w->n_segments--;
        besom__release(heap, segment);
    }
    pthread_mutex_unlock(&w->lock);
}

void besom__worklist_put(struct besom_heap *heap, struct besom__segment *segment)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    segment->next = w->full;
    w->full = segment;
    if (w->n_waiting)
        pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static struct besom__segment *pop_full(struct besom__worklist *w)
{
    struct besom__segment *segment = w->full;
    if (segment)
        w->full = segment->next;
    return segment;
}

/* Lock held.  While n_waiting is not 0, those at work share what they have. */
static void wait_for_work(struct besom__worklist *w)
{
    besom__size_store(&w->n_waiting, w->n_waiting + 1);
    pthread_cond_wait(&w->changed, &w->lock);
    besom__size_store(&w->n_waiting, w->n_waiting - 1);
}

struct besom__segment *besom__worklist_take_last(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    while (!w->full && w->n_active)
        wait_for_work(w);
    struct besom__segment *segment = pop_full(w);
    pthread_mutex_unlock(&w->lock);
    return segment;
}

struct besom__segment *besom__worklist_take_now(struct besom_heap *heap, bool *others)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    struct besom__segment *segment = pop_full(w);
    *others = w->n_active > 0;
    pthread_mutex_unlock(&w->lock);
    return segment;
}

void besom__worklist_wait_now(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    struct timespec until = besom__os_deadline(SEGMENT_WAIT_NS);
    pthread_mutex_lock(&w->lock);
    besom__size_store(&w->n_waiting, w->n_waiting + 1);
    if (!w->full && w->n_active)
        pthread_cond_timedwait(&w->changed, &w->lock, &until);
    besom__size_store(&w->n_waiting, w->n_waiting - 1);
    pthread_mutex_unlock(&w->lock);
}

struct besom__segment *besom__worklist_join(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    if (pthread_mutex_trylock(&w->assist_lock) != 0)
        return NULL;
    pthread_mutex_lock(&w->lock);
    struct besom__segment *segment = pop_full(w);
    w->n_active += segment != NULL;
    pthread_mutex_unlock(&w->lock);
    besom__size_store(&w->wanted, segment == NULL);
    if (!segment)
        pthread_mutex_unlock(&w->assist_lock);
    return segment;
}

void besom__worklist_leave(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    w->n_active--;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_mutex_unlock(&w->assist_lock);
}

bool besom__worklist_is_hungry(const struct besom_heap *heap)
{
    return besom__size_load(&heap->worklist.n_waiting) != 0 ||
           besom__size_load(&heap->worklist.wanted) != 0;
}

void besom__worklist_allow(struct besom_heap *heap, size_t n_helpers)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    w->n_allowed = n_helpers < w->n_markers ? n_helpers : w->n_markers - 1;
    besom__size_store(&w->wanted, 0);
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

void besom__worklist_hold(struct besom_heap *heap, bool hold)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    besom__u32_store_release(&w->hold, hold);
    while (hold && w->n_active)
        pthread_cond_wait(&w->changed, &w->lock);
    if (!hold)
        pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

/* ---- helpers ---- */

static void *help(void *argument)
{
    struct besom__marker *marker = argument;
    struct besom_heap *heap = marker->tracer.heap;
    struct besom__worklist *w = &heap->worklist;
    const size_t index = (size_t)(marker - w->markers) - 1;
    pthread_mutex_lock(&w->lock);
    while (!w->quit) {
        if (index >= w->n_allowed || w->hold) {
            pthread_cond_wait(&w->changed, &w->lock);
            continue;
        }
        struct besom__segment *segment = pop_full(w);
        if (!segment) {
            wait_for_work(w);
            continue;
        }
        w->n_active++;
        pthread_mutex_unlock(&w->lock);
        besom__mark_segment(marker, segment);
        pthread_mutex_lock(&w->lock);
        w->n_active--;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

void besom__worklist_start_helpers(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    /* The host's signals are for its own threads. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (w->n_helpers < w->n_allowed && pthread_create(&w->helpers[w->n_helpers], NULL, help,
                                                         &w->markers[w->n_helpers + 1]) == 0)
        w->n_helpers++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void besom__worklist_stop_helpers(struct besom_heap *heap)
{
    struct besom__worklist *w = &heap->worklist;
    pthread_mutex_lock(&w->lock);
    w->quit = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < w->n_helpers; i++)
        pthread_join(w->helpers[i], NULL);
    w->n_helpers = 0;
    w->quit = false;
}

void besom__worklist_forget_waiters(struct besom_heap *heap)
{
    pthread_cond_init(&heap->worklist.changed, NULL);
}
