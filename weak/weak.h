/* weak.h - what a heap knows of its weak structures. */
#ifndef WEAK_WEAK_H
#define WEAK_WEAK_H

#include "weak/cleanup.h"
#include "weak/defer.h"
#include "weak/external.h"
#include "weak/finalizer.h"
#include "weak/pending.h"

struct besom__weak {
    struct besom_heap *heap;
    struct besom__defers defers;
    struct besom__pending pending;
    struct besom__finalizers finalizers;
    struct besom__cleanups cleanups;
    struct besom__externals externals;
    size_t n_cleared;  /* references and entries; atomic */
    size_t n_scanned;  /* ephemerons; of cycles that are over; atomic */
    size_t n_resolved; /* the same */
};

/* So many references or entries were cleared by the collector. */
void besom__weak_count_cleared(struct besom_heap *heap, size_t n);

#endif
