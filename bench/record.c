/* record.c - what a collector tells while it works. */
#include "bench/record.h"

#include "bench/worker.h"

#include <stdlib.h>

void record_init(struct record *record, size_t room)
{
    *record = (struct record){.room = room};
    pthread_mutex_init(&record->lock, NULL);
    record->stops = calloc(room, sizeof *record->stops);
    record->reach_ns = calloc(room, sizeof *record->reach_ns);
    if (!record->stops || !record->reach_ns)
        worker_fail("out of memory for the record of stops");
}

void record_fini(struct record *record)
{
    free(record->stops);
    free(record->reach_ns);
    pthread_mutex_destroy(&record->lock);
}

void record_stop(struct record *record, struct interval stop, uint64_t reach_ns)
{
    pthread_mutex_lock(&record->lock);
    if (record->n < record->room) {
        record->stops[record->n] = stop;
        record->reach_ns[record->n] = reach_ns;
    }
    record->n++;
    pthread_mutex_unlock(&record->lock);
}

void record_live(struct record *record, uint64_t live_bytes)
{
    pthread_mutex_lock(&record->lock);
    if (live_bytes > record->live_max_bytes)
        record->live_max_bytes = live_bytes;
    pthread_mutex_unlock(&record->lock);
}

void record_clear(struct record *record)
{
    pthread_mutex_lock(&record->lock);
    record->n = 0;
    record->live_max_bytes = 0;
    pthread_mutex_unlock(&record->lock);
}

size_t record_count(struct record *record)
{
    pthread_mutex_lock(&record->lock);
    const size_t n = record->n, room = record->room;
    pthread_mutex_unlock(&record->lock);
    if (n > room)
        worker_fail("more stops than there is room to record: measure for a shorter time");
    return n;
}

uint64_t record_live_max_bytes(struct record *record)
{
    pthread_mutex_lock(&record->lock);
    const uint64_t bytes = record->live_max_bytes;
    pthread_mutex_unlock(&record->lock);
    return bytes;
}
