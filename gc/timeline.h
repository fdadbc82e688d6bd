/* timeline.h - what a heap does, as entries of a trace that people look at. */
#ifndef GC_TIMELINE_H
#define GC_TIMELINE_H

#include <besom/event.h>
#include <besom/pause.h>

#include "gc/tracefile.h"

struct besom__mutator;

struct besom__timeline {
    struct besom__tracefile file;
    long
        process; /* in the trace: of heaps whose files are of one name each has its own; constant */
    uint64_t phase_ns[BESOM_SWEEP + 1]; /* when each last began; under collect_lock */
};

/* Opens the file of the option, if it is set: the last step of creating a heap. */
enum besom_status besom__timeline_open(struct besom_heap *heap, struct besom_report *report);

/* The heap is being freed. */
void besom__timeline_close(struct besom_heap *heap);

/* A mutator was attached.  stop_lock may be held. */
void besom__timeline_attach(struct besom_heap *heap, const struct besom__mutator *m);

void besom__timeline_pause(struct besom_heap *heap, const struct besom_pause *pause);

/* collect_lock held: a cycle has begun; a phase has; the record of a cycle is complete, or another
 * cycle has overtaken it; a stop of ns is over. */
void besom__timeline_begin(struct besom_heap *heap);
void besom__timeline_phase(struct besom_heap *heap, enum besom_phase phase);
void besom__timeline_cycle(struct besom_heap *heap);
void besom__timeline_stop(struct besom_heap *heap, uint64_t ns);

/* The world is going: what has been said may be written out.  At a safepoint that costs less. */
void besom__timeline_flush(struct besom_heap *heap);
void besom__timeline_flush_some(struct besom_heap *heap);

#endif
