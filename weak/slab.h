/* slab.h - records of one size, from the host's memory, never returned one by one. */
#ifndef WEAK_SLAB_H
#define WEAK_SLAB_H

#include <besom/heap.h>

struct besom__slab_page;

/* Zero but for record_bytes (at least a pointer's): empty.  Whoever owns it locks it. */
struct besom__slab {
    size_t record_bytes;
    void *spare;                    /* records given back, linked through their first words */
    struct besom__slab_page *pages; /* the first is the one being used up */
    size_t n_left;                  /* records in it */
};

/* A record, its contents unspecified; NULL: no memory. */
void *besom__slab_new(struct besom_heap *heap, struct besom__slab *slab);
void besom__slab_free(struct besom__slab *slab, void *record);

/* All records are gone; the slab is empty again. */
void besom__slab_fini(struct besom_heap *heap, struct besom__slab *slab);

#endif
