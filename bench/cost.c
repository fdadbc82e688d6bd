/* cost.c - what a stretch of a workload took. */
#include "bench/cost.h"

#include "bench/clock.h"
#include "bench/worker.h"

#include <sys/resource.h>

/* User and system time of all threads, those that have ended too. */
static uint64_t process_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const uint64_t seconds = (uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec;
    const uint64_t rest_us = (uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec;
    return seconds * 1000000000 + rest_us * 1000;
}

/* Differences are taken of what is read at the beginning and at the end, in this order and in the
 * reverse, so that the parts are not longer than the whole. */
void cost_begin(struct cost *cost, struct mem m)
{
    cost->wall_ns = clock_ns();
    cost->cpu_ns = process_ns();
    __atomic_fetch_sub(&cost->mutators_ns, clock_thread_ns(), __ATOMIC_RELAXED);
    cost->stopped_ns = mem_stopped_ns(m);
    cost->stops_cpu_ns = mem_stops_cpu_ns(m);
}

void cost_end(struct cost *cost, struct mem m)
{
    cost->stops_cpu_ns = mem_stops_cpu_ns(m) - cost->stops_cpu_ns;
    cost->stopped_ns = mem_stopped_ns(m) - cost->stopped_ns;
    cost_leave(cost, 0);
    cost->cpu_ns = process_ns() - cost->cpu_ns;
    cost->wall_ns = clock_ns() - cost->wall_ns;
}

uint64_t cost_join(void)
{
    return clock_thread_ns();
}

void cost_leave(struct cost *cost, uint64_t joined)
{
    __atomic_fetch_add(&cost->mutators_ns, clock_thread_ns() - joined, __ATOMIC_RELAXED);
}

/* Clocks that differ in their steps may let a part pass the whole. */
static double left_ms(uint64_t whole_ns, uint64_t part_ns)
{
    return part_ns < whole_ns ? (double)(whole_ns - part_ns) / 1e6 : 0;
}

void cost_print(const struct cost *cost)
{
    const uint64_t mutators_ns =
        cost->mutators_ns < cost->cpu_ns ? cost->mutators_ns : cost->cpu_ns;
    worker_value("wall_ms", (double)cost->wall_ns / 1e6);
    worker_value("stopped_ms", (double)cost->stopped_ns / 1e6);
    worker_value("cpu_ms", (double)cost->cpu_ns / 1e6);
    worker_value("program_wall_ms", left_ms(cost->wall_ns, cost->stopped_ns));
    worker_value("program_cpu_ms", left_ms(mutators_ns, cost->stops_cpu_ns));
}
