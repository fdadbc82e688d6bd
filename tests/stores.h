/* stores.h - stores of references in every order that the barrier allows, and objects that do without. */
#ifndef TESTS_STORES_H
#define TESTS_STORES_H

#include "support.h"

enum store_order { WRITE_BEFORE, WRITE_AFTER, WRITE_AT_BEFORE, WRITE_AT_AFTER, SET, ORDERS };

void store(struct besom_mutator *m, void *obj, void *slot, void *value, int order);

/* Nodes that are UNBARRIERED; nodes that are RACY too, which note when they are traced: ever, and while
 * racy_heap marks beside mutators. */
extern const struct besom_type open_type, racy_type;
extern struct besom_heap *racy_heap;
extern unsigned long racy_traced, racy_traced_beside;

#endif
