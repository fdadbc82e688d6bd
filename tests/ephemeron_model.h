/* ephemeron_model.h - a graph of strong and weak structures, and by brute force what of it lives.
 *
 * The model knows nothing of Besom.  A cycle runs over all objects again and again until nothing
 * changes, which is too slow for a collector and hard to get wrong.  Its rules are those of weak.h,
 * table.h and finalize.h:
 *
 *   1. what the roots and the queue of finalizers reach is marked; ephemerons' values with their
 *      keys; a table of weak values holds its keys;
 *   2. short references, and entries by weak values, go whose objects are not marked;
 *   3. registered objects that are not marked come into the queue, and are marked with all that
 *      they reach;
 *   4. long references, ephemerons and entries by weak keys go whose objects are not marked; of
 *      tables that are marked only since 3, entries by weak values too. */
#ifndef TESTS_EPHEMERON_MODEL_H
#define TESTS_EPHEMERON_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum graph_kind {
    GRAPH_NODE,
    GRAPH_EPHEMERON,
    GRAPH_SHORT,
    GRAPH_LONG,
    GRAPH_STRONG, /* the tables, in the order of enum besom_table_kind */
    GRAPH_WEAK_KEYS,
    GRAPH_WEAK_VALUES,
    GRAPH_WEAK_BOTH
};

enum { NOTHING = -1 };

struct graph_entry {
    int key, value; /* objects, by index */
};

struct graph_object {
    enum graph_kind kind;
    int first, second; /* a node's references; key and value; a weak reference's object */
    struct graph_entry *entries;
    size_t n_entries, capacity;
    bool dead;
    bool marked; /* by the last cycle */
    bool late;   /* only since its step 3 */
    /* the user's */
    void *address;
    const void *type;
    bool buried; /* its death has been looked at */
    bool seen;
};

struct graph_registration {
    int object;
    unsigned group;
};

struct graph {
    struct graph_object *objects;
    size_t n;
    int *roots; /* or NOTHING */
    size_t n_roots;
    struct graph_registration *registered; /* in order of registration */
    size_t n_registered;
    int *queue; /* first in, first out: [queue_begin, queue_end) */
    size_t queue_begin, queue_end, queue_capacity;
    size_t cycles;
    bool keys_are_strong; /* of weak values, as in Lua; else they live as their values do */
    bool late, changed; /* the cycle's */
};

/* n nodes without references. */
void graph_init(struct graph *g, size_t n, size_t n_roots);
void graph_fini(struct graph *g);

bool graph_is_table(const struct graph_object *o);
/* The entry of key, or NULL. */
struct graph_entry *graph_find(const struct graph_object *table, int key);
void graph_put(struct graph_object *table, int key, int value);
void graph_remove(struct graph_object *table, int key);
void graph_register(struct graph *g, int object, unsigned group);
/* The next of the queue, or NOTHING. */
int graph_pull(struct graph *g);

void graph_cycle(struct graph *g);

#endif
