/* table_world.h - a heap of items, tables, ephemerons and weak references, and a model of it that
 * knows by brute force who is alive. */
#ifndef TESTS_TABLE_WORLD_H
#define TESTS_TABLE_WORLD_H

#include "support_items.h"

/* A table of weak values keeps all its keys, whatever becomes of their values in that cycle. */
enum { WEAK_VALUES_KEEP_KEYS = 0 };

enum thing_kind { THING_NONE, THING_ITEM, THING_TABLE, THING_EPHEMERON, THING_WEAK };
enum { NOBODY = -1 };

struct thing_entry {
    int key, value; /* things; value NOBODY: the word */
    void *word;
};

/* An object, and what the model says of it.  What is not a root, and nothing else refers to, exists
 * until the next collection. */
struct thing {
    enum thing_kind kind;
    void *obj;
    bool marked;
    uint64_t id;      /* of an item: never used twice */
    uint64_t content;
    int refs[2];      /* an item's; an ephemeron's key and value; a weak reference's object */
    void *word;       /* an ephemeron's value, if refs[1] is NOBODY */
    /* tables */
    enum besom_table_kind table_kind;
    bool by_content;
    struct thing_entry *entries;
    size_t n, room;
};

struct world_options {
    const char *options;
    size_t n_things, n_roots, n_contents;
    unsigned table_percent; /* of what is born */
    bool encoded;           /* words are tagged, some values are integers */
};

struct world {
    struct world_options how;
    struct rig rig;
    struct rng rng;
    struct thing *things;
    size_t n_things;            /* that exist */
    int *roots;
    struct besom_handle *root; /* an object with a slot for each */
    uint64_t last_id;
    bool within_cycle;          /* counts are not exact, the dead not to be asked about */
    uint64_t collections, entries_compared, cleared;
};

void world_open(struct world *world, const struct world_options *how, uint64_t seed);
void world_close(struct world *world);

/* One random change or question; no safepoint. */
void world_change(struct world *world);

/* Collects, at once or in steps with changes between them, and compares everything. */
void world_collect(struct world *world);
void world_collect_in_steps(struct world *world);

/* Forgets all roots. */
void world_drop_roots(struct world *world);

#endif
