/* pace.c - when the next cycle begins. */
#include "gc/pace.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/os.h"

enum { LEAST_MEANWHILE = 1 << 20 }; /* what may be allocated while little is marked, in bytes */

/* Newton's method from above; exact enough for a heap size, and no libm for the host to link. */
static double square_root(double x)
{
    if (!(x > 1))
        return x > 0 ? 1 : 0;
    double root = x;
    for (double next = (root + 1) / 2; next < root * 0.999; next = (root + x / root) / 2)
        root = next;
    return root;
}

static double smooth(double old, double now)
{
    return old > 0 ? (old + now) / 2 : now;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* How far above live the next cycle begins, by the square root rule. */
static double sqrt_headroom(const struct besom__pace *pace, double live, double unit_bytes)
{
    double ratio = pace->mark_rate > 0 ? pace->alloc_rate / pace->mark_rate : 1;
    return square_root(live * unit_bytes * clamp(ratio, 0.01, 100));
}

/* The memory of a larger heap stays resident for give_back_ms: until then it is used before a
 * cycle begins. */
static double hold(struct besom_heap *heap, double target, uint64_t now_ns)
{
    struct besom__pace *pace = &heap->pace;
    uint64_t delay_ns = (uint64_t)heap->config.options.give_back_ms * 1000000;
    if (target >= (double)pace->held_bytes || now_ns - pace->held_since_ns > delay_ns) {
        pace->held_bytes = target < (double)(SIZE_MAX / 2) ? (size_t)target : SIZE_MAX / 2;
        pace->held_since_ns = now_ns;
    }
    return (double)pace->held_bytes;
}

static size_t trigger_for(struct besom_heap *heap, size_t live, uint64_t now_ns)
{
    const struct besom_options *o = &heap->config.options;
    double target = (double)live;
    switch (o->pace) {
    case BESOM_PACE_SQRT:
        target += sqrt_headroom(&heap->pace, (double)live, (double)o->pace_unit_bytes);
        target = hold(heap, target, now_ns);
        break;
    case BESOM_PACE_FACTOR: target *= (double)o->pace_factor_percent / 100; break;
    case BESOM_PACE_FIXED: target = (double)o->heap_max_bytes; break;
    }
    if (target < (double)o->heap_min_bytes)
        target = (double)o->heap_min_bytes;
    if (o->heap_max_bytes && target > (double)o->heap_max_bytes)
        target = (double)o->heap_max_bytes;
    return target < (double)(SIZE_MAX / 2) ? (size_t)target : SIZE_MAX / 2;
}

/* Where a cycle begins that marks while allocation goes on, and where that is held up.  What is
 * allocated in the time that marking takes is added to the headroom, up to as much as is alive. */
static void set_beside(struct besom_heap *heap, size_t live, size_t trigger)
{
    const struct besom_options *o = &heap->config.options;
    struct besom__pace *pace = &heap->pace;
    double headroom = trigger > live ? (double)(trigger - live) : 0;
    double meanwhile = o->mode == BESOM_INCREMENTAL ? headroom / 2 : headroom * 3 / 4;
    double slowly = (double)live / 2 + LEAST_MEANWHILE; /* what is marked late is garbage kept */
    if (o->mode == BESOM_INCREMENTAL && meanwhile > slowly)
        meanwhile = slowly;
    if (o->mode == BESOM_CONCURRENT && pace->mark_rate > 0)
        meanwhile = (double)live / pace->mark_rate * pace->alloc_rate * 5 / 4 + LEAST_MEANWHILE;
    double more = meanwhile * 4 / 3 < (double)live ? meanwhile * 4 / 3 : (double)live;
    if (o->pace != BESOM_PACE_FIXED && headroom < more)
        headroom = more;
    double limit = headroom * 3 / 2, max = (double)o->heap_max_bytes;
    if (o->heap_max_bytes) { /* assist, and hold up, before an allocation fails */
        headroom = clamp(headroom, 0, clamp(max * 15 / 16 - (double)live, max / 64, 1e18));
        limit = clamp(limit, 0, clamp(max * 31 / 32 - (double)live, max / 64, 1e18));
    }
    double begin = headroom - meanwhile > headroom / 4 ? headroom - meanwhile : headroom / 4;
    besom__size_store(&pace->trigger_bytes, live + (size_t)headroom);
    besom__size_store(&pace->begin_bytes, live + (size_t)begin);
    besom__size_store(&pace->limit_bytes, live + (size_t)limit);
}

static void set_trigger(struct besom_heap *heap, size_t live, uint64_t now_ns)
{
    size_t trigger = trigger_for(heap, live, now_ns);
    besom__size_store(&heap->pace.trigger_bytes, trigger);
    besom__size_store(&heap->pace.begin_bytes, trigger);
    besom__size_store(&heap->pace.limit_bytes, trigger);
    if (heap->beside)
        set_beside(heap, live, trigger);
}

void besom__pace_init(struct besom_heap *heap)
{
    heap->pace.cycle_ended_ns = besom__os_now_ns();
    heap->pace.nursery_bytes = heap->pace.nursery_base = heap->config.options.nursery_bytes;
    set_trigger(heap, 0, heap->pace.cycle_ended_ns);
}

size_t besom__pace_used(const struct besom_heap *heap)
{
    return besom__size_load(&heap->pace.live_bytes) +
           besom__size_load(&heap->pace.allocated_bytes) + besom__size_load(&heap->external_bytes);
}

/* Can the heap take few more blocks, or none? */
static bool is_short_of_blocks(const struct besom_heap *heap)
{
    size_t max = heap->config.options.heap_max_bytes;
    size_t reserve = max / 64 + 2 * (size_t)BLOCK_BYTES;
    return max && besom__size_load(&heap->blocks.committed_bytes) +
                          besom__size_load(&heap->external_bytes) + reserve >
                      max;
}

/* Holes too small to use make a heap that is near its limit run into it before `used` does; and
 * while a stop is waited for, other mutators need blocks to go on with. */
static bool is_nearly_full(const struct besom_heap *heap)
{
    size_t n_mutators = besom__size_load(&heap->stop.n_mutators);
    size_t others = n_mutators ? n_mutators - 1 : 0;
    return is_short_of_blocks(heap) && besom__size_load(&heap->spaces.n_roomy) <= 2 * others;
}

static bool is_full_due(const struct besom_heap *heap)
{
    return besom__size_load(&heap->pace.refused) ||
           besom__pace_used(heap) >= besom__size_load(&heap->pace.begin_bytes) ||
           is_nearly_full(heap);
}

bool besom__pace_is_due(const struct besom_heap *heap)
{
    return is_full_due(heap) ||
           (heap->config.options.generational && besom__size_load(&heap->pace.allocated_bytes) >=
                                                     besom__size_load(&heap->pace.nursery_bytes));
}

bool besom__pace_wants_minor(const struct besom_heap *heap)
{
    return heap->config.options.generational && heap->pace.live_bytes &&
           !besom__u32_load(&heap->round.lost) && !is_full_due(heap);
}

size_t besom__pace_slice(struct besom_heap *heap)
{
    struct besom__pace *pace = &heap->pace;
    const struct besom__cycle_counts *counts = &heap->cycle.counts;
    size_t marked, objects, overflows;
    size_t allocated = besom__size_load(&pace->allocated_bytes), used = besom__pace_used(heap);
    size_t taken = allocated > pace->sliced_bytes ? allocated - pace->sliced_bytes : 0;
    size_t trigger = besom__size_load(&pace->trigger_bytes);
    size_t live = heap->cycle.minor ? allocated : besom__size_load(&pace->live_bytes);
    if (!live) /* of the first cycle nothing is known */
        live = used;
    pace->sliced_bytes = allocated;
    if (used >= trigger)
        return SIZE_MAX;
    besom__mark_totals(heap, &marked, &objects, &overflows);
    double left = (double)live > (double)marked ? (double)live - (double)marked : 0;
    double bytes = (double)taken * (left + (double)live / 8) / (double)(trigger - used) * 5 / 4;
    double each = counts->live_objects ? (double)counts->live_bytes / (double)counts->live_objects
                                       : 2 * (double)BESOM__GRANULE_BYTES;
    return (size_t)clamp(bytes / each, 1, 1e9);
}

bool besom__pace_is_spent(const struct besom_heap *heap)
{
    return besom__pace_used(heap) >= besom__size_load(&heap->pace.trigger_bytes);
}

bool besom__pace_is_short(const struct besom_heap *heap, size_t taken_bytes)
{
    return taken_bytes >= BLOCK_BYTES &&
           (besom__u32_load(&heap->round.outrun) || besom__pace_is_spent(heap));
}

bool besom__pace_is_over(const struct besom_heap *heap)
{
    return besom__pace_used(heap) >= besom__size_load(&heap->pace.limit_bytes);
}

bool besom__pace_allocate(struct besom_heap *heap, size_t bytes)
{
    besom__size_add(&heap->pace.allocated_bytes, bytes);
    return besom__pace_is_due(heap) && besom__size_load(&heap->disabled) == 0;
}

void besom__pace_settle(struct besom_heap *heap, size_t used, size_t unused)
{
    besom__size_add(&heap->pace.allocated_bytes, -unused);
    besom__size_add(&heap->pace.allocated_sum, used);
}

void besom__pace_add_live(struct besom_heap *heap, size_t bytes)
{
    besom__size_add(&heap->pace.live_bytes, bytes);
}

void besom__pace_refuse(struct besom_heap *heap)
{
    besom__size_store(&heap->pace.refused, 1);
}

void besom__pace_took_empty(struct besom_heap *heap)
{
    /* Not again at every block, if cycles do not help. */
    size_t some = heap->config.options.heap_max_bytes / 64;
    if (is_short_of_blocks(heap) && besom__size_load(&heap->pace.allocated_bytes) > some)
        besom__pace_refuse(heap);
}

/* A minor cycle that leaves most of its nursery alive has done what a full one would have to do, and
 * what dies later is old: the nursery doubles, so that more of it has time to die.  Once there is but
 * room for a small part of such a nursery below the next full cycle, there are no minor ones up to
 * that. */
static void judge_minor(struct besom_heap *heap, size_t allocated, size_t promoted)
{
    enum { POOR_PERCENT = 60, GOOD_PERCENT = 20 };
    struct besom__pace *pace = &heap->pace;
    const size_t least = heap->config.options.nursery_bytes;
    size_t begin = besom__size_load(&pace->begin_bytes), used = besom__pace_used(heap);
    size_t room = begin > used ? begin - used : 0;
    bool poor = promoted > allocated / 100 * POOR_PERCENT;
    if (poor)
        pace->nursery_base *= 2;
    else if (promoted < allocated / 100 * GOOD_PERCENT)
        pace->nursery_base /= 2; /* what is used again soon is still in the cache */
    if (pace->nursery_base < least)
        pace->nursery_base = least;
    size_t nursery = pace->nursery_base < room / 2 ? pace->nursery_base : room / 2;
    besom__size_store(&pace->nursery_bytes, nursery < least ? least : nursery);
    if (!poor || room / 2 >= pace->nursery_base / 4)
        return;
    besom__size_store(&pace->nursery_bytes, SIZE_MAX / 2);
    pthread_mutex_lock(&heap->stop_lock);
    pace->fallbacks++;
    pthread_mutex_unlock(&heap->stop_lock);
}

/* After a full cycle minor ones are tried again. */
static void renew_nursery(struct besom_heap *heap)
{
    struct besom__pace *pace = &heap->pace;
    const size_t least = heap->config.options.nursery_bytes;
    size_t begin = besom__size_load(&pace->begin_bytes), used = besom__pace_used(heap);
    size_t room = begin > used ? (begin - used) / 2 : 0;
    if (pace->nursery_base > room)
        pace->nursery_base = room;
    if (pace->nursery_base < least)
        pace->nursery_base = least;
    besom__size_store(&pace->nursery_bytes, pace->nursery_base);
}

static void measure_rates(struct besom_heap *heap, size_t allocated, size_t marked,
                          uint64_t mark_ns, uint64_t now)
{
    struct besom__pace *pace = &heap->pace;
    double mutator_ns = (double)(now - pace->cycle_ended_ns);
    if (!heap->cycle.record.beside || heap->config.options.mode == BESOM_INCREMENTAL)
        mutator_ns -= (double)mark_ns;
    pace->alloc_rate =
        smooth(pace->alloc_rate, (double)allocated * 1e9 / clamp(mutator_ns, 1e3, 1e18));
    pace->mark_rate =
        smooth(pace->mark_rate, (double)marked * 1e9 / clamp((double)mark_ns, 1e3, 1e18));
}

void besom__pace_cycle_done(struct besom_heap *heap, size_t marked_bytes, uint64_t mark_ns)
{
    struct besom__pace *pace = &heap->pace;
    const bool minor = heap->cycle.minor;
    uint64_t now = besom__os_now_ns();
    size_t allocated = besom__size_load(&pace->allocated_bytes);
    size_t live = marked_bytes + (minor ? besom__size_load(&pace->live_bytes) : 0);
    if (!minor)
        measure_rates(heap, allocated, marked_bytes, mark_ns, now);
    besom__size_store(&pace->live_bytes, live);
    pace->cycle_ended_ns = now;
    pace->sliced_bytes = 0;
    besom__size_store(&pace->refused, 0);
    besom__size_store(&pace->allocated_bytes, 0);
    if (minor) {
        judge_minor(heap, allocated, marked_bytes);
        return;
    }
    pace->judged_external_bytes = besom__size_load(&heap->external_bytes);
    pace->judged_held_bytes = pace->held_bytes;
    pace->judged_held_since_ns = pace->held_since_ns;
    set_trigger(heap, live + pace->judged_external_bytes, now);
    renew_nursery(heap);
}

void besom__pace_discharged(struct besom_heap *heap)
{
    struct besom__pace *pace = &heap->pace;
    const size_t external = besom__size_load(&heap->external_bytes);
    if (heap->cycle.minor || external >= pace->judged_external_bytes)
        return;
    pace->held_bytes = pace->judged_held_bytes;
    pace->held_since_ns = pace->judged_held_since_ns;
    set_trigger(heap, besom__size_load(&pace->live_bytes) + external, pace->cycle_ended_ns);
}
