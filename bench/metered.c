/* metered.c - how long requests waited that were meant to come on a fixed schedule. */
#include "bench/metered.h"

uint64_t metered_simple(struct interval served, uint64_t due_ns)
{
    return served.end_ns > due_ns ? served.end_ns - due_ns : 0;
}

/* Half of the window around the i-th, cut to what both sides have. */
static uint64_t half_window(const struct interval *served, size_t n, size_t i, uint64_t window_ns)
{
    const uint64_t before = served[i].begin_ns - served[0].begin_ns;
    const uint64_t after = served[n - 1].begin_ns - served[i].begin_ns;
    uint64_t half = window_ns / 2;
    half = before < half ? before : half;
    return after < half ? after : half;
}

/* Both edges of the window only move on as i does, at the ends of the stretch too: so two indices
 * follow them, and the sum between is kept. */
void metered_window(const struct interval *served, size_t n, uint64_t window_ns, uint64_t *out)
{
    size_t first = 0, end = 0;
    double sum = 0; /* of begins of first .. end - 1, from the first of all */
    for (size_t i = 0; i < n; i++) {
        const uint64_t half = half_window(served, n, i, window_ns);
        const uint64_t from = served[i].begin_ns - half, to = served[i].begin_ns + half;
        for (; end < n && served[end].begin_ns <= to; end++)
            sum += (double)(served[end].begin_ns - served[0].begin_ns);
        for (; served[first].begin_ns < from; first++)
            sum -= (double)(served[first].begin_ns - served[0].begin_ns);
        const double mean = sum / (double)(end - first);
        const uint64_t assumed = served[0].begin_ns + (uint64_t)(mean + 0.5);
        const uint64_t began = assumed < served[i].begin_ns ? assumed : served[i].begin_ns;
        out[i] = served[i].end_ns - began;
    }
}
