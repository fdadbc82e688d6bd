/* pace.h - when the next cycle begins. */
#ifndef GC_PACE_H
#define GC_PACE_H

#include <besom/heap.h>

struct besom__pace {
    size_t live_bytes;      /* marked by the last full cycle; atomic */
    size_t allocated_bytes; /* since then; atomic */
    size_t trigger_bytes;   /* live + allocated + external reaching this begins a cycle; atomic */
    size_t refused;         /* an allocation failed, or nearly, since the last cycle; atomic */
    size_t
        allocated_sum; /* bytes allocated since the heap was created, in blocks retired; atomic */
    size_t held_bytes; /* the largest trigger of late: that memory is resident anyway */
    uint64_t held_since_ns;
    uint64_t cycle_ended_ns;
    double alloc_rate, mark_rate; /* bytes per second, smoothed; 0: not known yet */
};

void besom__pace_init(struct besom_heap *heap);

/* live + allocated + external. */
size_t besom__pace_used(const struct besom_heap *heap);

/* `bytes` more were taken to allocate in.  True: the trigger is reached. */
bool besom__pace_allocate(struct besom_heap *heap, size_t bytes);

/* Of what was taken, `used` bytes were allocated and `unused` were not. */
void besom__pace_settle(struct besom_heap *heap, size_t used, size_t unused);

/* So much more than was marked in the stop is alive after all. */
void besom__pace_add_live(struct besom_heap *heap, size_t bytes);

/* An allocation failed: a cycle is due, whatever the trigger says. */
void besom__pace_refuse(struct besom_heap *heap);

/* A block was empty until it was taken for objects that no hole is large enough for.  If few more
 * can be had, a cycle is due before an allocation fails. */
void besom__pace_took_empty(struct besom_heap *heap);

/* Is a cycle due? */
bool besom__pace_is_due(const struct besom_heap *heap);

/* World stopped, marking done in mark_ns, live_bytes marked: sets the next trigger.  The square
 * root rule is that of Kirisame, Shenoy and Panchekha, "Optimal heap limits for reducing browser
 * memory use" (OOPSLA 2022). */
void besom__pace_cycle_done(struct besom_heap *heap, size_t live_bytes, uint64_t mark_ns);

#endif
