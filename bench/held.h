/* held.h - when each mutator was held up, and by what: the figures of all pauses, not of stops alone.
 *
 * Besom tells of every pause (the option `pauses`); of bdwgc only stops can be known, so that what is
 * printed for it leaves out what its allocations do for it. */
#ifndef BENCH_HELD_H
#define BENCH_HELD_H

#include "bench/interval.h"

#include <stddef.h>

enum held_kind {
    HELD_STOP,    /* it stood in a stop, drove one, or collected */
    HELD_ASSIST,  /* it marked: a slice, or for its allocation */
    HELD_WAIT,    /* for marking, or for another thread's collection */
    HELD_ANSWER,  /* it answered a handshake, or cleaned up after marking */
    HELD_ALLOC,   /* the slow path of an allocation, from 1 us on */
    HELD_BARRIER, /* that of a write, from 1 us on */
    HELD_KINDS
};

struct held {
    struct interval at;
    unsigned mutator; /* 0: all of them */
    enum held_kind kind;
};

/* Sorts by begin, drops what does not meet the stretch, and unites what overlaps, as one mutator that
 * is held up is the program that is held up.  out has room for n; how many are left. */
size_t held_unite(struct held *held, size_t n, struct interval stretch, struct interval *out);

/* Of those in the stretch, whose order is changed: `holds`, held_ms_max, held_us_p50, _p99 and _p999;
 * of each kind (stop, assist, wait, answer, alloc, barrier) KIND_n, KIND_us_p50, _p99, _p999, _max;
 * mmu_all_10ms; `mutator_us_p99`, the greatest p99 that one mutator had.  A percentile is printed
 * only of enough pauses.  The curves mmu-all, bmu-all, held_above. */
void held_print(struct held *held, size_t n, struct interval stretch);

#endif
