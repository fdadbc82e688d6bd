/* cost.h - what a stretch of a workload took, and what it would have taken without the collector.
 *
 * By two clocks: that of the wall, and the processor time of the whole process, the collector's own
 * threads included.  What the collector can account for is taken out of both: by the wall, the time
 * that the world was stopped; of the processors, what threads used that are no mutators, and what
 * mutators used while they held the world stopped.  What is left still has the collector's share of
 * allocations, barriers and slices in it, so it is never less than the program alone would take. */
#ifndef BENCH_COST_H
#define BENCH_COST_H

#include "bench/adapter.h"

struct cost {
    uint64_t wall_ns, cpu_ns; /* from begin to end */
    uint64_t stopped_ns;      /* part of wall_ns */
    uint64_t stops_cpu_ns;    /* part of mutators_ns */
    uint64_t mutators_ns;     /* part of cpu_ns: of the mutators; changed by all of them */
};

/* Around the stretch, by its first mutator; all zero before. */
void cost_begin(struct cost *cost, struct mem m);
void cost_end(struct cost *cost, struct mem m);

/* Around what a further mutator does in the stretch, by its thread. */
uint64_t cost_join(void);
void cost_leave(struct cost *cost, uint64_t joined);

/* wall_ms, stopped_ms, cpu_ms, and of both clocks what is left: program_wall_ms, program_cpu_ms. */
void cost_print(const struct cost *cost);

#endif
