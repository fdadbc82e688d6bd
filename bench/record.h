/* record.h - what a collector tells while it works: when it stopped the world, and how much it found
 * alive. */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include "bench/interval.h"

#include <pthread.h>
#include <stddef.h>

/* Filled by callbacks, on any thread, perhaps with the world stopped: so there is room from the
 * start, whose pages become resident as they are used. */
struct record {
    pthread_mutex_t lock; /* for all below */
    struct interval *stops;
    uint64_t *reach_ns; /* of each: from the request until the last mutator stood; 0: not told */
    size_t n, room;     /* n may exceed room: stops that were not recorded */
    uint64_t live_max_bytes;
};

/* Room for that many stops.  Without memory: ends the worker. */
void record_init(struct record *record, size_t room);
void record_fini(struct record *record);

void record_stop(struct record *record, struct interval stop, uint64_t reach_ns);
void record_live(struct record *record, uint64_t live_bytes);

/* Forgets everything: a measured stretch begins. */
void record_clear(struct record *record);

/* The most that was found alive at the end of a cycle; 0: not told. */
uint64_t record_live_max_bytes(struct record *record);

/* The stops recorded.  More than there was room for: ends the worker. */
size_t record_count(struct record *record);

#endif
