/* mmu.h - minimum mutator utilization: the least of a window that pauses leave to the program.
 *
 * Utilization of a window is the fraction of it that is no pause.  MMU(w) is the least over all
 * windows of length w that lie inside the stretch observed; BMU(w), bounded, the least over all of
 * length w or more, so that it never falls as w grows (Cheng and Blelloch 2001; Sachindran, Moss
 * and Berger 2004). */
#ifndef BENCH_MMU_H
#define BENCH_MMU_H

#include "bench/interval.h"

#include <stdbool.h>
#include <stddef.h>

struct mmu {
    double length; /* of the stretch, in ns */
    size_t n;      /* pauses that meet it */
    double *begin; /* of each, from the start of the stretch */
    double *end;   /* begin[i] < end[i] <= begin[i + 1] */
    double *sum;   /* of the lengths of the pauses before i; n + 1 of them */
};

/* Pauses in order of time, not overlapping; what lies outside the stretch is cut off.  False
 * without memory. */
bool mmu_init(struct mmu *mmu, const struct interval *pauses, size_t n, struct interval stretch);
void mmu_fini(struct mmu *mmu);

/* 0 < window_ns <= the stretch.  O(n log n) each; the second a few times that. */
double mmu_at(const struct mmu *mmu, double window_ns);
double mmu_bounded_at(const struct mmu *mmu, double window_ns);

#endif
