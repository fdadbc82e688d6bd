/* pace.h - when the next cycle begins. */
#ifndef GC_PACE_H
#define GC_PACE_H

#include <besom/heap.h>

struct besom__pace {
    size_t live_bytes;      /* marked by the last full cycle; atomic */
    size_t allocated_bytes; /* since then; atomic */
    size_t trigger_bytes;   /* live + allocated + external are to stay below this; atomic */
    size_t begin_bytes;     /* their reaching this begins a full cycle; atomic */
    size_t limit_bytes;     /* beyond this, allocation waits for a cycle that marks; atomic */
    size_t nursery_bytes;   /* generational: as much allocated begins a minor cycle; atomic */
    size_t sliced_bytes;    /* allocated since the last cycle when last a slice was made */
    size_t nursery_base;    /* the same as far as minor cycles pay; the above may be out of reach */
    size_t fallbacks;       /* full cycles that came because they do not; under stop_lock */
    size_t refused;         /* an allocation failed, or nearly, since the last cycle; atomic */
    size_t
        allocated_sum; /* bytes allocated since the heap was created, in blocks retired; atomic */
    size_t held_bytes; /* the largest trigger of late: that memory is resident anyway */
    uint64_t held_since_ns;
    /* What the last full cycle found when it set the trigger: before dead objects gave back what was
     * charged to them. */
    size_t judged_external_bytes, judged_held_bytes;
    uint64_t judged_held_since_ns;
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

/* A cycle is due: will a minor one do? */
bool besom__pace_wants_minor(const struct besom_heap *heap);

/* collect_lock held: how many objects are to be marked for what has been allocated since the last
 * slice, so that marking ends before the trigger is reached. */
size_t besom__pace_slice(struct besom_heap *heap);

/* In mode concurrent: has allocation outrun marking, so that a mutator which took that much is to
 * assist?  Is the headroom spent, so that it is to do much?  Or is it to wait? */
bool besom__pace_is_short(const struct besom_heap *heap, size_t taken_bytes);
bool besom__pace_is_spent(const struct besom_heap *heap);
bool besom__pace_is_over(const struct besom_heap *heap);

/* World stopped, marking done in mark_ns, marked_bytes marked: sets the next trigger.  The square
 * root rule is that of Kirisame, Shenoy and Panchekha, "Optimal heap limits for reducing browser
 * memory use" (OOPSLA 2022). */
void besom__pace_cycle_done(struct besom_heap *heap, size_t marked_bytes, uint64_t mark_ns);

/* collect_lock held, destroy hooks have run, and the charges of the dead are taken back: the trigger
 * is what it would have been without those. */
void besom__pace_discharged(struct besom_heap *heap);

#endif
