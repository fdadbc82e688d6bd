/* verify.h - the invariants of DESIGN, one function each; world stopped, no block held by a
 * mutator, not in the middle of marking. */
#ifndef GC_VERIFY_H
#define GC_VERIFY_H

#include <besom/base.h>

/* Each fills in the report (may be NULL) and returns BESOM_E_INVARIANT if it does not hold. */

/* I1: no object that is alive, and no root, refers to what is dead or was never allocated. */
enum besom_status besom__verify_edges(struct besom_heap *heap, struct besom_report *report);

/* I2: every granule is free, or of exactly one object; objects lie in blocks that say so. */
enum besom_status besom__verify_granules(struct besom_heap *heap, struct besom_report *report);

/* I3: no survivor of the last cycle bears a stamp that no epoch gave. */
enum besom_status besom__verify_stamps(struct besom_heap *heap, struct besom_report *report);

/* I6: while destroy hooks wait, nothing that died is swept. */
enum besom_status besom__verify_nothing_reused(struct besom_heap *heap,
                                               struct besom_report *report);

/* I8: blocks are in the list that their state says; their sum is the committed bytes. */
enum besom_status besom__verify_blocks(struct besom_heap *heap, struct besom_report *report);

/* All of them; the first that fails is reported. */
enum besom_status besom__verify(struct besom_heap *heap, struct besom_report *report);

/* Around a cycle, with the option verify or in BESOM_DEBUG=2 builds: a failure is an event. */
bool besom__verify_wanted(const struct besom_heap *heap);
void besom__verify_cycle(struct besom_heap *heap);

#endif
