/* tracked.h - a contestant and the instrument that follows its objects. */
#ifndef BENCH_TRACKED_H
#define BENCH_TRACKED_H

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/retention.h"

struct tracked {
    struct mem m; /* opened with tells_cycles */
    struct retention retention;
};

static inline bool tracked_is_held(void *data, const void *obj)
{
    return mem_is_held(((struct tracked *)data)->m, obj);
}

/* For retention_program, whose data begins with a struct tracked. */
static inline bool tracked_is_unswept(void *data, const void *obj)
{
    return mem_is_unswept(((struct tracked *)data)->m, obj);
}

/* Sets the clock, and tells the instrument of a cycle that has ended: after every operation. */
static inline void tracked_look(struct tracked *t)
{
    struct mem_cycle cycle;
    t->retention.now_ns = clock_ns();
    if (mem_cycle_ended(t->m, &cycle))
        retention_cycle(&t->retention, cycle.began_ns, cycle.is_full, tracked_is_held);
}

/* Tells the instrument of a new object, before anything else is allocated: a cycle that ended in the
 * allocation has not judged it. */
static inline void tracked_born(struct tracked *t, void *obj, uint64_t bytes)
{
    tracked_look(t);
    retention_born(&t->retention, obj, bytes);
}

#endif
