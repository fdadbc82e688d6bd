/* pause.h - when mutators were held up: noting it. */
#ifndef GC_PAUSE_H
#define GC_PAUSE_H

#include <besom/event.h>
#include <besom/pause.h>

struct besom__mutator;

/* The last pauses, all of it under stop_lock but for the first two, which are constant. */
struct besom__pause_ring {
    struct besom_pause *entries; /* NULL without the option */
    size_t capacity;
    uint64_t n;        /* ever; entry i is at i % capacity */
    uint64_t since_ns; /* every pause that ended after this is there */
};

enum { PAUSE_KINDS = BESOM_PAUSE_BARRIER + 1 };

/* Of one kind since the last cycle's end; under stop_lock. */
struct besom__pause_sum {
    size_t n;
    uint64_t ns;
};

/* What they come to since the last call: into the record of the cycle. */
void besom__pauses_take(struct besom_heap *heap, struct besom_cycle_record *record);

int besom__pauses_init(struct besom_heap *heap);
void besom__pauses_fini(struct besom_heap *heap);

/* By the mutator's thread, at a safepoint: a pause begins, maybe within another; the time.  At its end,
 * how long it was; the histogram gets it if it was imposed, and if it is the outermost it is kept and
 * told to the trace.  No lock is held then but collect_lock. */
uint64_t besom__pause_begin(struct besom__mutator *m);
uint64_t besom__pause_end(struct besom__mutator *m, enum besom_pause_kind kind, uint64_t begin_ns);

/* The same for one that is over, or is part of another that is not. */
void besom__pause_note(struct besom__mutator *m, enum besom_pause_kind kind, uint64_t begin_ns,
                       uint64_t end_ns);

/* Around what is seldom long, and is timed only in a heap that keeps pauses: the time, or 0.  At its
 * end it is noted if it took more than a microsecond.  By the mutator's thread, which holds no lock. */
uint64_t besom__pause_watch(const struct besom__mutator *m);
void besom__pause_watched(struct besom__mutator *m, enum besom_pause_kind kind, uint64_t begin_ns);

#endif
