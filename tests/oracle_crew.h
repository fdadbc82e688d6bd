/* oracle_crew.h - random programs of several threads in one heap.
 *
 * Each thread has a graph of its own and refers into one that all share, which a host lock guards;
 * whoever waits for the lock does so in a native region.  After the same number of operations all
 * meet, and one compares the whole heap with all the models. */
#ifndef TESTS_ORACLE_CREW_H
#define TESTS_ORACLE_CREW_H

#include "oracle_heap.h"

enum { CREW_MAX = 8 };

struct crew_tally {
    uint64_t ops, comparisons, cycles, minors, failed_allocs;
    uint64_t stop_ns, stops, longest_stop_ns; /* marking's last stops */
};

/* Runs n programs of about ops operations together, or until the deadline; adds to *tally. */
void crew_play(const struct oracle_variant *variant, struct rng *rng, unsigned n, uint64_t ops,
               uint64_t deadline_ns, struct crew_tally *tally);

#endif
