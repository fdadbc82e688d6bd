/* metered.h - how long requests waited that were meant to come on a fixed schedule.
 *
 * One thread serves requests one after the other.  What is measured of each is when it began and when
 * it ended.  Three latencies come of that:
 *
 *   service   end - begin: what a loop reports that measures nothing but its own work, and so leaves
 *             out those that would have come while it stood (coordinated omission, G. Tene)
 *   simple    end - the time at which it was meant to begin: arrivals are a schedule of the world's,
 *             every `period` one, however far the program is behind
 *   metered   DaCapo's (S. Blackburn et al., Rethinking Java Performance Analysis, 2025): programs that
 *             have no schedule are given one afterwards, by smoothing their begins with a moving mean
 *             over a window.  A request counts from that time if it is before its begin.  With a
 *             window of 0 it is the begins themselves, and the latency the service time; with a wide
 *             one a stall is felt by many requests around it.
 *
 * Our arrivals are scheduled, so that simple is what a user would wait; metered lets figures be
 * compared with those of programs whose arrivals are not. */
#ifndef BENCH_METERED_H
#define BENCH_METERED_H

#include "bench/interval.h"

#include <stddef.h>
#include <stdint.h>

/* When the i-th request of a schedule is meant to begin. */
static inline uint64_t metered_due(uint64_t start_ns, uint64_t period_ns, uint64_t i)
{
    return start_ns + i * period_ns;
}

/* Its simple latency; 0 if it ended before it was due, which a schedule does not allow. */
uint64_t metered_simple(struct interval served, uint64_t due_ns);

/* The metered latencies of n requests, in order of their begins, into out: the begin that is assumed is
 * the mean of the begins within window_ns / 2 before and after the request's own: fewer at both ends
 * of the stretch, where the window is cut to be as long after as before. */
void metered_window(const struct interval *served, size_t n, uint64_t window_ns, uint64_t *out);

#endif
