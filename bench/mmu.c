/* mmu.c - minimum mutator utilization.
 *
 * MMU.  Slide a window of fixed length: its paused time grows or falls with the difference of what
 * enters and what leaves, each 0 or 1 per unit, so it is largest where a pause begins to leave or
 * has just entered in whole.  Only windows that start where a pause begins or end where one ends
 * need be looked at, and prefix sums say in O(log n) how much of one is paused.
 *
 * BMU.  A window longer than w whose edge lies in a pause gets worse when it takes the rest of the
 * pause in; one whose edge lies outside gets worse when it is shortened to the next pause, or to
 * w.  So the worst is of length w, or reaches from the begin of pause i to the end of pause j.
 * Which of those pairs has the greatest fraction paused is a fractional program (Dinkelbach 1967):
 * for a guess d, the pair with the greatest (paused - d x length) is found in one pass; if that is
 * positive the pair's own fraction is a better guess, else d is the answer. */
#include "bench/mmu.h"

#include <stdlib.h>

bool mmu_init(struct mmu *mmu, const struct interval *pauses, size_t n, struct interval stretch)
{
    double *memory = calloc(3 * n + 1, sizeof *memory);
    if (!memory)
        return false;
    *mmu = (struct mmu){.length = (double)(stretch.end_ns - stretch.begin_ns),
                        .begin = memory,
                        .end = memory + n,
                        .sum = memory + 2 * n};
    for (size_t i = 0; i < n; i++) {
        struct interval pause = pauses[i];
        if (pause.begin_ns < stretch.begin_ns)
            pause.begin_ns = stretch.begin_ns;
        if (pause.end_ns > stretch.end_ns)
            pause.end_ns = stretch.end_ns;
        if (pause.begin_ns >= pause.end_ns)
            continue;
        const size_t at = mmu->n++;
        mmu->begin[at] = (double)(pause.begin_ns - stretch.begin_ns);
        mmu->end[at] = (double)(pause.end_ns - stretch.begin_ns);
        mmu->sum[at + 1] = mmu->sum[at] + (mmu->end[at] - mmu->begin[at]);
    }
    return true;
}

void mmu_fini(struct mmu *mmu)
{
    free(mmu->begin); /* one block, all arrays */
}

/* The time paused before t. */
static double paused_before(const struct mmu *mmu, double t)
{
    size_t low = 0, high = mmu->n; /* pauses below low begin before t, from high on they do not */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mmu->begin[middle] < t)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    const double end = mmu->end[low - 1];
    return mmu->sum[low] - (end > t ? end - t : 0);
}

/* The time paused in the window that starts at t, or the next one to it that lies in the stretch. */
static double paused_in(const struct mmu *mmu, double t, double window)
{
    if (t > mmu->length - window)
        t = mmu->length - window;
    if (t < 0)
        t = 0;
    return paused_before(mmu, t + window) - paused_before(mmu, t);
}

double mmu_at(const struct mmu *mmu, double window_ns)
{
    double most = 0;
    for (size_t i = 0; i < mmu->n; i++) {
        const double starting = paused_in(mmu, mmu->begin[i], window_ns);
        const double ending = paused_in(mmu, mmu->end[i] - window_ns, window_ns);
        most = starting > most ? starting : most;
        most = ending > most ? ending : most;
    }
    return 1 - most / window_ns;
}

/* The fraction paused from begin[i] to end[j] of that pair, at least window long, for which
 * (paused - density x length) is greatest; `density` if it is positive for none. */
static double denser(const struct mmu *mmu, double window, double density)
{
    double most = 0, found = density;
    double best = 0; /* over i so far: density x begin[i] - sum[i], and that i */
    size_t best_i = 0, next_i = 0;
    for (size_t j = 0; j < mmu->n; j++) {
        for (; next_i <= j && mmu->end[j] - mmu->begin[next_i] >= window; next_i++) {
            const double value = density * mmu->begin[next_i] - mmu->sum[next_i];
            if (next_i == 0 || value > best) {
                best = value;
                best_i = next_i;
            }
        }
        const double gain = mmu->sum[j + 1] - density * mmu->end[j] + best;
        if (next_i != 0 && gain > most) {
            most = gain;
            found = (mmu->sum[j + 1] - mmu->sum[best_i]) / (mmu->end[j] - mmu->begin[best_i]);
        }
    }
    return found;
}

double mmu_bounded_at(const struct mmu *mmu, double window_ns)
{
    double density = 1 - mmu_at(mmu, window_ns);
    for (double better; (better = denser(mmu, window_ns, density)) > density + 1e-12;)
        density = better;
    return 1 - density;
}
