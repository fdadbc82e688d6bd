/* pause.c - a ring of the last pauses, and utilization computed from it. */
#include "gc/pause.h"

#include "gc/heap.h"
#include "gc/histogram.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/utilization.h"

#include <string.h>

enum { WATCHED_LEAST_NS = 1000 }; /* what is shorter is the price of an operation, not a pause */

int besom__pauses_init(struct besom_heap *heap)
{
    struct besom__pause_ring *ring = &heap->pause_ring;
    size_t capacity = heap->config.options.pauses;
    ring->since_ns = besom__os_now_ns();
    if (capacity == 0)
        return 0;
    ring->entries = besom__map(heap, capacity * sizeof *ring->entries, besom__os_page_bytes());
    ring->capacity = capacity;
    return ring->entries ? 0 : -1;
}

void besom__pauses_fini(struct besom_heap *heap)
{
    struct besom__pause_ring *ring = &heap->pause_ring;
    if (ring->entries)
        besom__unmap(heap, ring->entries, ring->capacity * sizeof *ring->entries);
}

/* ---- noting ---- */

static void keep_pause(struct besom_heap *heap, const struct besom_pause *pause)
{
    struct besom__pause_ring *ring = &heap->pause_ring;
    pthread_mutex_lock(&heap->stop_lock);
    struct besom_pause *entry = &ring->entries[ring->n % ring->capacity];
    if (ring->n >= ring->capacity && entry->end_ns > ring->since_ns)
        ring->since_ns = entry->end_ns;
    *entry = *pause;
    ring->n++;
    pthread_mutex_unlock(&heap->stop_lock);
}

uint64_t besom__pause_begin(struct besom__mutator *m)
{
    m->pauses_open++;
    return besom__os_now_ns();
}

void besom__pause_note(struct besom__mutator *m, enum besom_pause_kind kind, uint64_t begin_ns,
                       uint64_t end_ns)
{
    struct besom_heap *heap = m->heap;
    struct besom_pause pause = {begin_ns, end_ns, m->serial, kind};
    if (m->pauses_open)
        return;
    if (heap->pause_ring.entries)
        keep_pause(heap, &pause);
    besom__timeline_pause(heap, &pause);
}

/* Those that are felt as they are; others are what a host called for, and may contain these. */
static bool is_imposed(enum besom_pause_kind kind)
{
    return kind == BESOM_PAUSE_PARK || kind == BESOM_PAUSE_TURN || kind == BESOM_PAUSE_SLICE ||
           kind == BESOM_PAUSE_ASSIST || kind == BESOM_PAUSE_WAIT;
}

uint64_t besom__pause_end(struct besom__mutator *m, enum besom_pause_kind kind, uint64_t begin_ns)
{
    struct besom_heap *heap = m->heap;
    uint64_t now = besom__os_now_ns();
    if (is_imposed(kind)) {
        pthread_mutex_lock(&heap->stop_lock);
        besom__histogram_add(heap->pauses, now - begin_ns);
        heap->pause_sums[kind].n++;
        heap->pause_sums[kind].ns += now - begin_ns;
        pthread_mutex_unlock(&heap->stop_lock);
    }
    m->pauses_open--;
    besom__pause_note(m, kind, begin_ns, now);
    return now - begin_ns;
}

uint64_t besom__pause_watch(const struct besom__mutator *m)
{
    return m->heap->pause_ring.entries ? besom__os_now_ns() : 0;
}

void besom__pause_watched(struct besom__mutator *m, enum besom_pause_kind kind, uint64_t begin_ns)
{
    if (begin_ns == 0)
        return;
    const uint64_t now = besom__os_now_ns();
    if (now - begin_ns > WATCHED_LEAST_NS)
        besom__pause_note(m, kind, begin_ns, now);
}

void besom__pauses_take(struct besom_heap *heap, struct besom_cycle_record *record)
{
    struct besom__pause_sum *sums = heap->pause_sums;
    pthread_mutex_lock(&heap->stop_lock);
    record->assists = sums[BESOM_PAUSE_SLICE].n + sums[BESOM_PAUSE_ASSIST].n;
    record->assist_ns = sums[BESOM_PAUSE_SLICE].ns + sums[BESOM_PAUSE_ASSIST].ns;
    record->waits = sums[BESOM_PAUSE_WAIT].n;
    record->wait_ns = sums[BESOM_PAUSE_WAIT].ns;
    memset(sums, 0, sizeof heap->pause_sums);
    pthread_mutex_unlock(&heap->stop_lock);
}

/* ---- asking ---- */

static uint64_t first_kept(const struct besom__pause_ring *ring)
{
    return ring->n < ring->capacity ? 0 : ring->n - ring->capacity;
}

size_t besom_pause_list(const struct besom_heap *heap, struct besom_pause *out, size_t n)
{
    if (!besom__heap_ok(heap) || !heap->pause_ring.entries)
        return 0;
    const struct besom__pause_ring *ring = &heap->pause_ring;
    pthread_mutex_t *lock = &((struct besom_heap *)heap)->stop_lock;
    pthread_mutex_lock(lock);
    size_t kept = (size_t)(ring->n - first_kept(ring));
    if (out && n < kept)
        kept = n;
    for (size_t i = 0; out && i < kept; i++)
        out[i] = ring->entries[(ring->n - kept + i) % ring->capacity];
    pthread_mutex_unlock(lock);
    return kept;
}

/* What is observed up to now, united; spans NULL without memory. */
static struct besom__stretch observe(struct besom_heap *heap)
{
    const struct besom__pause_ring *ring = &heap->pause_ring;
    struct besom__stretch stretch = {
        .spans = besom__alloc(heap, ring->capacity * sizeof *stretch.spans)};
    if (!stretch.spans)
        return stretch;
    pthread_mutex_lock(&heap->stop_lock);
    for (uint64_t i = first_kept(ring); i < ring->n; i++) {
        const struct besom_pause *pause = &ring->entries[i % ring->capacity];
        stretch.spans[stretch.n++] =
            (struct besom__span){.begin_ns = pause->begin_ns, .end_ns = pause->end_ns};
    }
    stretch.begin_ns = ring->since_ns;
    stretch.end_ns = besom__os_now_ns();
    pthread_mutex_unlock(&heap->stop_lock);
    besom__stretch_unite(&stretch);
    return stretch;
}

static enum besom_status measure(const struct besom_heap *heap, uint64_t window_ns, double *out,
                                 double (*of)(const struct besom__stretch *, uint64_t))
{
    if (!besom__heap_ok(heap) || !window_ns || !out)
        return BESOM_E_ARGUMENT;
    if (!heap->pause_ring.entries)
        return BESOM_E_STATE;
    struct besom__stretch stretch = observe((struct besom_heap *)heap);
    if (!stretch.spans)
        return BESOM_E_MEMORY;
    bool long_enough = stretch.end_ns - stretch.begin_ns >= window_ns;
    if (long_enough)
        *out = of(&stretch, window_ns);
    besom__release((struct besom_heap *)heap, stretch.spans);
    return long_enough ? BESOM_OK : BESOM_E_STATE;
}

enum besom_status besom_mmu(const struct besom_heap *heap, uint64_t window_ns, double *mmu)
{
    return measure(heap, window_ns, mmu, besom__stretch_mmu);
}

enum besom_status besom_bmu(const struct besom_heap *heap, uint64_t window_ns, double *bmu)
{
    return measure(heap, window_ns, bmu, besom__stretch_bmu);
}
