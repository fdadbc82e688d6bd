/* rescan.h - tracing marked objects once more: what was logged, deferred, is written without a
 * barrier, or did not fit the mark stack. */
#ifndef GC_RESCAN_H
#define GC_RESCAN_H

#include "gc/mark.h"

/* An entry of a log: its stamp goes, and if its object is marked, its references are pushed. */
void besom__rescan_logged(struct besom__marker *marker, void *entry);

/* What a marker deferred in the last round. */
void besom__rescan_deferred(struct besom__marker *marker, void *obj);

/* Pushes the references of a marked object, which is not a LEAF. */
void besom__rescan(struct besom__marker *marker, void *obj);

/* Nobody else marks, and mutators stand: the marked objects of blocks flagged since marking's stacks
 * overflowed are traced, until no block is flagged. */
void besom__rescan_flagged(struct besom__marker *marker);

/* The same beside mutators, a quantum of about max_objects; what they push is left to be marked.
 * False: no block is flagged. */
bool besom__rescan_some(struct besom__marker *marker, size_t max_objects);

/* World stopped: what the quanta have still to go through is flagged, and begun anew. */
void besom__rescan_resume(struct besom_heap *heap);

/* World stopped: blocks for which a log had no memory are flagged. */
void besom__rescan_dirty(struct besom_heap *heap);

#endif
