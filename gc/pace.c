/* pace.c - when the next cycle begins. */
#include "gc/pace.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/os.h"

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

void besom__pace_init(struct besom_heap *heap)
{
    heap->pace.cycle_ended_ns = besom__os_now_ns();
    heap->pace.trigger_bytes = trigger_for(heap, 0, heap->pace.cycle_ended_ns);
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

bool besom__pace_is_due(const struct besom_heap *heap)
{
    return besom__size_load(&heap->pace.refused) ||
           besom__pace_used(heap) >= besom__size_load(&heap->pace.trigger_bytes) ||
           is_nearly_full(heap);
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

void besom__pace_cycle_done(struct besom_heap *heap, size_t live_bytes, uint64_t mark_ns)
{
    struct besom__pace *pace = &heap->pace;
    uint64_t now = besom__os_now_ns();
    size_t allocated = besom__size_load(&pace->allocated_bytes);
    double mutator_ns = (double)(now - pace->cycle_ended_ns) - (double)mark_ns;
    pace->alloc_rate =
        smooth(pace->alloc_rate, (double)allocated * 1e9 / clamp(mutator_ns, 1e3, 1e18));
    pace->mark_rate =
        smooth(pace->mark_rate, (double)live_bytes * 1e9 / clamp((double)mark_ns, 1e3, 1e18));
    besom__size_store(&pace->live_bytes, live_bytes);
    pace->cycle_ended_ns = now;
    besom__size_store(&pace->refused, 0);
    besom__size_store(&pace->allocated_bytes, 0);
    besom__size_store(&pace->trigger_bytes,
                      trigger_for(heap, live_bytes + besom__size_load(&heap->external_bytes), now));
}
