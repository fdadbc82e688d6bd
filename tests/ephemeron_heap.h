/* ephemeron_heap.h - a model's graph in a heap: built, changed, and compared after collections. */
#ifndef TESTS_EPHEMERON_HEAP_H
#define TESTS_EPHEMERON_HEAP_H

#include "ephemeron_model.h"
#include "support.h"

enum { WORLD_ROOTS = 3 }; /* a component */

/* A heap whose memory can be refused, all of it, and the graph in it. */
struct world {
    struct watch watch; /* first: the heap's host */
    bool refuse;        /* the library's calls for memory fail */
    uint64_t refused;
    struct besom_config config;
    struct besom_heap *heap;
    struct besom_mutator *m;
    struct rng rng;
    uint64_t seed; /* of the batch, for messages */
    const char *options;
    struct graph graph;
    void **slots; /* the roots */
    struct besom_root *root;
    bool starving;      /* memory is refused in collections */
    size_t n_graphs, n_objects; /* so far */
};

/* options over the defaults; the environment's over them. */
void world_open(struct world *w, const char *options);
void world_close(struct world *w);

/* A graph of n_components components, of 1 .. largest objects each, that do not know of each other.
 * Nothing of it is collected while it is built. */
void world_build(struct world *w, size_t n_components, size_t largest);
/* Changes a part of what is alive. */
void world_change(struct world *w);
/* A full collection. */
void world_collect(struct world *w);
/* Compares everything with the model, which first catches up with the heap's cycles; fails the test
 * if they differ. */
void world_compare(struct world *w);
/* Takes some objects out of the queue, or all. */
void world_pull(struct world *w, bool all);
/* Drops the graph, and waits until nothing of it is left. */
void world_clear(struct world *w);

#endif
