/* oracle_model.h - a plain graph beside the heap, and what is reachable in it.
 *
 * The model knows nothing of Besom.  A random program changes heap and model alike; after a full
 * collection the objects that the heap still has must be those that the model reaches. */
#ifndef TESTS_ORACLE_MODEL_H
#define TESTS_ORACLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_SLOTS_MAX = 16 };

struct model_object {
    void *address;
    uint64_t id;            /* unique within a heap, from 1 */
    size_t bytes;           /* as asked for */
    unsigned shape;         /* index into oracle_shapes */
    unsigned n_slots;
    size_t spacing;         /* array elements from one slot to the next */
    uint64_t round;         /* the last round that reached it */
    bool shared;            /* may be changed by any thread that holds the commons' lock */
    bool seen;              /* by the comparison under way */
    struct model_object *targets[MODEL_SLOTS_MAX];
    uint64_t words[MODEL_SLOTS_MAX]; /* what the slots of the real object must read */
};

/* Objects that may be alive.  One model to a thread; reaching crosses from one into another. */
struct model {
    struct model_object **objects;
    size_t n;
    size_t capacity;
};

void model_init(struct model *model);
void model_fini(struct model *model);
struct model_object *model_add(struct model *model);
/* Forgets the objects that neither `round` nor a later one reached.  No other refers to them. */
void model_forget(struct model *model, uint64_t round);

/* Reaches everything from `from` (may be NULL).  Rounds grow by one. */
void model_reach(struct model_object *from, uint64_t round);

/* The reached objects by address. */
struct model_map {
    struct model_object **cells;
    size_t mask;
};
/* capacity: at least the number of objects to enter. */
void model_map_init(struct model_map *map, size_t capacity);
void model_map_fini(struct model_map *map);
/* False: the address is there already. */
bool model_map_put(struct model_map *map, struct model_object *object);
/* In place of the one that has the address. */
void model_map_replace(struct model_map *map, struct model_object *object);
struct model_object *model_map_get(const struct model_map *map, const void *address);

#endif
