/* external.h - which objects keep how much memory outside the heap. */
#ifndef WEAK_EXTERNAL_H
#define WEAK_EXTERNAL_H

#include <besom/external.h>

#include "weak/slab.h"

struct besom__charge;

/* All under block_lock.  The sum of all charges is heap->external_bytes, which is atomic. */
struct besom__externals {
    struct besom__slab records;
    struct besom__charge **buckets; /* NULL, or a power of two of lists */
    size_t n_buckets, n_charges;
    size_t scan; /* after destroy hooks: buckets from here on are still to be looked at */
    uint64_t charged_bytes, released_bytes, reclaimed_bytes; /* ever */
};

void besom__externals_init(struct besom__externals *x);
void besom__externals_fini(struct besom_heap *heap, struct besom__externals *x);

/* Destroy hooks are about to run, or there are none. */
void besom__externals_begin(struct besom_heap *heap, struct besom__externals *x);

/* A quantum of taking back what dead objects are still charged with; true: there is more. */
bool besom__externals_some(struct besom_heap *heap, struct besom__externals *x);

bool besom__externals_any(struct besom_heap *heap, struct besom__externals *x);

#endif
