/* utilization.c - minimum mutator utilization.
 *
 * MMU (Cheng and Blelloch, "A parallel, real-time garbage collector", PLDI 2001).  Slide a window of
 * fixed length: its paused time grows or falls with the difference between what enters and what
 * leaves, each 0 or 1 per unit, so it is greatest where a pause is about to leave, or has just
 * entered in whole.  So only windows that begin where a pause begins, or end where one ends, are
 * looked at, pushed back into the stretch where they stand out of it.  Both ends of them move forward
 * only, past sums that are ready.
 *
 * BMU (Sachindran, Moss and Berger, "MC2", OOPSLA 2004).  A window that is longer than asked for, and
 * ends in a pause, gets worse when it takes in the rest of the pause; if it ends outside one it gets
 * worse when it is shortened, to a pause or to the length asked for.  So the worst has that length,
 * or reaches from the begin of span i to the end of span j.  Which of these pairs is paused most is a
 * fractional program (Dinkelbach, 1967): for a guess d, one pass finds the pair with the greatest
 * (paused - d x length); if that is positive the pair's own fraction is a better guess, else d is the
 * answer.  Guesses rise through fractions of pairs, so they end; a handful suffices. */
#include "gc/utilization.h"

#include <stdlib.h>

/* ---- spans ---- */

static int by_begin(const void *a, const void *b)
{
    const struct besom__span *left = a, *right = b;
    return (left->begin_ns > right->begin_ns) - (left->begin_ns < right->begin_ns);
}

void besom__stretch_unite(struct besom__stretch *stretch)
{
    struct besom__span *spans = stretch->spans;
    size_t n = 0;
    if (stretch->n)
        qsort(spans, stretch->n, sizeof *spans, by_begin);
    for (size_t i = 0; i < stretch->n; i++) {
        uint64_t begin = spans[i].begin_ns, end = spans[i].end_ns;
        begin = begin < stretch->begin_ns ? stretch->begin_ns : begin;
        end = end > stretch->end_ns ? stretch->end_ns : end;
        if (begin >= end)
            continue;
        if (n && begin <= spans[n - 1].end_ns) {
            if (end > spans[n - 1].end_ns)
                spans[n - 1].end_ns = end;
            continue;
        }
        spans[n++] = (struct besom__span){.begin_ns = begin, .end_ns = end};
    }
    for (size_t i = 1; i < n; i++)
        spans[i].before_ns = spans[i - 1].before_ns + spans[i - 1].end_ns - spans[i - 1].begin_ns;
    stretch->n = n;
}

/* Paused before t.  *at is 0 at first; t does not fall from call to call. */
static uint64_t paused_before(const struct besom__stretch *stretch, size_t *at, uint64_t t)
{
    while (*at < stretch->n && stretch->spans[*at].begin_ns < t)
        ++*at;
    if (*at == 0)
        return 0;
    const struct besom__span *last = &stretch->spans[*at - 1];
    return last->before_ns + (t < last->end_ns ? t : last->end_ns) - last->begin_ns;
}

/* ---- MMU ---- */

static uint64_t most_paused_beginning(const struct besom__stretch *stretch, uint64_t window)
{
    const uint64_t last = stretch->end_ns - window;
    uint64_t most = 0;
    size_t left = 0, right = 0;
    for (size_t i = 0; i < stretch->n; i++) {
        uint64_t t = stretch->spans[i].begin_ns;
        t = t > last ? last : t;
        uint64_t before = paused_before(stretch, &left, t);
        uint64_t paused = paused_before(stretch, &right, t + window) - before;
        most = paused > most ? paused : most;
    }
    return most;
}

static uint64_t most_paused_ending(const struct besom__stretch *stretch, uint64_t window)
{
    const uint64_t first = stretch->begin_ns + window;
    uint64_t most = 0;
    size_t left = 0, right = 0;
    for (size_t i = 0; i < stretch->n; i++) {
        uint64_t t = stretch->spans[i].end_ns;
        t = t < first ? first : t;
        uint64_t before = paused_before(stretch, &left, t - window);
        uint64_t paused = paused_before(stretch, &right, t) - before;
        most = paused > most ? paused : most;
    }
    return most;
}

double besom__stretch_mmu(const struct besom__stretch *stretch, uint64_t window_ns)
{
    uint64_t beginning = most_paused_beginning(stretch, window_ns);
    uint64_t ending = most_paused_ending(stretch, window_ns);
    uint64_t most = beginning > ending ? beginning : ending;
    return (double)(window_ns - most) / (double)window_ns;
}

/* ---- BMU ---- */

/* Up to the end of this span. */
static uint64_t paused_up_to(const struct besom__span *span)
{
    return span->before_ns + (span->end_ns - span->begin_ns);
}

/* Outside of pauses, from the begin of i to the end of j.  The pair with the least (left - guess x
 * length) is what the above looks for, with guess = 1 - d. */
static uint64_t left_between(const struct besom__span *i, const struct besom__span *j)
{
    return (j->end_ns - i->begin_ns) - (paused_up_to(j) - i->before_ns);
}

/* The utilization of the pair, at least `window` apart, for which (left - guess x length) is least;
 * `guess` if that is negative for none. */
static double worse_pair(const struct besom__stretch *stretch, uint64_t window, double guess)
{
    const struct besom__span *spans = stretch->spans, *best = NULL;
    double least = 0, found = guess;
    size_t next = 0;
    for (size_t j = 0; j < stretch->n; j++) {
        for (; next <= j && spans[j].end_ns - spans[next].begin_ns >= window; next++) {
            const struct besom__span *i = &spans[next];
            /* Which of the two is worse does not depend on where the window ends. */
            if (!best || (double)(i->before_ns - best->before_ns) <
                             (1 - guess) * (double)(i->begin_ns - best->begin_ns))
                best = i;
        }
        if (!best)
            continue;
        double length = (double)(spans[j].end_ns - best->begin_ns);
        double left = (double)left_between(best, &spans[j]);
        if (left - guess * length < least) {
            least = left - guess * length;
            found = left / length;
        }
    }
    return found;
}

double besom__stretch_bmu(const struct besom__stretch *stretch, uint64_t window_ns)
{
    double guess = besom__stretch_mmu(stretch, window_ns);
    for (double better; (better = worse_pair(stretch, window_ns, guess)) < guess;)
        guess = better;
    return guess;
}
