/* utilization.h - the least that pauses leave of a window of time. */
#ifndef GC_UTILIZATION_H
#define GC_UTILIZATION_H

#include <stddef.h>
#include <stdint.h>

struct besom__span {
    uint64_t begin_ns, end_ns; /* begin < end <= begin of the next */
    uint64_t before_ns;        /* paused in all spans before this one */
};

/* A stretch of time, and when in it there were pauses. */
struct besom__stretch {
    uint64_t begin_ns, end_ns;
    struct besom__span *spans; /* the caller's */
    size_t n;
};

/* Of the spans, begin and end are given, in any order; they may overlap, be empty, and reach beyond
 * the stretch: makes them what struct besom__span says, which may leave fewer. */
void besom__stretch_unite(struct besom__stretch *stretch);

/* MMU and BMU, of a united stretch; 0 < window_ns <= its length.  O(n), and a few times that. */
double besom__stretch_mmu(const struct besom__stretch *stretch, uint64_t window_ns);
double besom__stretch_bmu(const struct besom__stretch *stretch, uint64_t window_ns);

#endif
