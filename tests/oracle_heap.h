/* oracle_heap.h - a heap for the oracle: options at random, and its end. */
#ifndef TESTS_ORACLE_HEAP_H
#define TESTS_ORACLE_HEAP_H

#include "oracle_program.h"

struct oracle_heap {
    struct oracle_host host;
    struct besom_heap *heap;
    char options[400];
};

/* Creates a heap of the variant with options drawn from rng, for up to n_ids objects. */
void oracle_heap_open(struct oracle_heap *oracle, const struct oracle_variant *variant,
                      struct rng *rng, uint64_t n_ids);

/* Frees the heap, from which all mutators are detached, and checks that every object's destroy
 * hook has been called once by then. */
void oracle_heap_close(struct oracle_heap *oracle, const struct model *const *models,
                       unsigned n_models);

/* How long a variant may take: its operations are reported, however many they were. */
uint64_t oracle_deadline_ns(void);

#endif
