/* collector.h - the thread that collects beside mutators, in mode concurrent. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct besom_heap;

struct besom__collector {
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    pthread_t thread;
    bool runs;   /* it has been started */
    bool failed; /* the system would not start it: mutators mark in slices */
    bool quit;
    uint32_t wanted; /* there may be something to do; atomic */
};

int besom__collector_init(struct besom_heap *heap);
void besom__collector_fini(struct besom_heap *heap);

/* There may be something to do for the collector's thread: starts it, or wakes it.  False: the heap has
 * none. */
bool besom__collector_kick(struct besom_heap *heap);

/* Ends the thread, whatever the cycle has come to; for heap_free. */
void besom__collector_stop(struct besom_heap *heap);

/* In the child of a fork, where the thread is not. */
void besom__collector_forget(struct besom_heap *heap);

#endif
