/* hiccup.h - by how much sleeps are overshot: the machine's noise, seen by a thread of its own that
 * no collector knows of. */
#ifndef BENCH_HICCUP_H
#define BENCH_HICCUP_H

#include "bench/histogram.h"

#include <pthread.h>
#include <stdbool.h>

struct hiccup {
    pthread_t thread;
    bool is_over;             /* atomic: asks the thread to end */
    struct histogram over_ns; /* the thread's until hiccup_stop */
};

/* Starts a thread that sleeps a millisecond at a time.  If there can be none: ends the worker. */
void hiccup_start(struct hiccup *hiccup);

/* Ends it, and prints what it saw as values NAME_hiccup_ms_max and NAME_hiccup_ms_p99. */
void hiccup_stop(struct hiccup *hiccup, const char *name);

#endif
