/* workload-quads.c - a large tree, and 13 % of the heap built anew, 20 times.
 *
 * Nodes of 48 bytes with four references.  In each of 20 rounds 33 of the 256 subtrees at the fourth
 * level, chosen at random, are replaced: what dies is old.  A new subtree exists before the old one
 * goes.  With fresh=dropped as much is built in trees of 21 nodes, each dropped as soon as it is there:
 * what dies is young, as in the benchmark of that name in Whippet.  Building the first tree is not in
 * the time, but has to fit the heap. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/cost.h"
#include "bench/limited.h"
#include "bench/pauses.h"
#include "bench/random.h"

#include <string.h>

enum {
    CHILDREN = 4,
    ROUNDS = 20,
    SUBTREE_LEVEL = 4,
    SUBTREES = 33,
    STOPS_ROOM = 1 << 20,
    DROPPED_LEVELS = 3
};

struct quad {
    const void *type;
    uint64_t number;
    struct quad *child[CHILDREN];
};

static const struct besom_field quad_fields[] = {
    {"child[0]", offsetof(struct quad, child[0])},
    {"child[1]", offsetof(struct quad, child[1])},
    {"child[2]", offsetof(struct quad, child[2])},
    {"child[3]", offsetof(struct quad, child[3])},
};
static const struct mem_type quad_type = {
    .layout = {.name = "quad",
               .size_bytes = sizeof(struct quad),
               .fields = quad_fields,
               .n_fields = CHILDREN},
};
static const struct mem_type *const types[] = {&quad_type};

/* A tree of that many levels, at least one. */
static struct quad *quads_new(struct mem m, unsigned levels, uint64_t *nodes)
{
    MEM_LOCALS(m, struct quad * node;);
    mem_poll(m);
    my->node = mem_new(m, &quad_type);
    my->node->number = (*nodes)++;
    for (int i = 0; i < CHILDREN; i++)
        my->node->child[i] = NULL;
    for (int i = 0; levels > 1 && i < CHILDREN; i++)
        mem_store(m, my->node, &my->node->child[i], quads_new(m, levels - 1, nodes));
    return my->node;
}

static void quads_free(struct mem m, struct quad *node)
{
    for (int i = 0; i < CHILDREN; i++) {
        if (node->child[i])
            quads_free(m, node->child[i]);
    }
    mem_free(m, node);
}

static uint64_t quads_sum(const struct quad *node)
{
    uint64_t sum = node->number;
    for (int i = 0; i < CHILDREN; i++) {
        if (node->child[i])
            sum = sum * 31 + quads_sum(node->child[i]);
    }
    return sum;
}

/* Replaces one subtree, found by the bits of `path`. */
static void replace(struct mem m, struct quad *root, uint64_t path, unsigned levels,
                    uint64_t *nodes)
{
    struct quad *parent = root; /* reachable all the while: only what hangs below it goes */
    for (int level = 1; level < SUBTREE_LEVEL; level++, path /= CHILDREN)
        parent = parent->child[path % CHILDREN];
    struct quad **slot = &parent->child[path % CHILDREN];
    struct quad *fresh = quads_new(m, levels - SUBTREE_LEVEL, nodes);
    struct quad *old = *slot;
    mem_store(m, parent, slot, fresh);
    if (MEM_FREES)
        quads_free(m, old);
}

/* As many nodes as 33 subtrees have, in small trees that are dropped. */
static void drop_many(struct mem m, unsigned levels, uint64_t *nodes)
{
    uint64_t end = *nodes, each = 0;
    for (unsigned level = SUBTREE_LEVEL; level < levels; level++)
        each = each * CHILDREN + 1;
    for (end += SUBTREES * each; *nodes < end;) {
        struct quad *fresh = quads_new(m, DROPPED_LEVELS, nodes);
        if (MEM_FREES)
            quads_free(m, fresh);
    }
}

static uint64_t quads_bytes(unsigned levels)
{
    uint64_t nodes = 0;
    for (unsigned level = 0; level < levels; level++)
        nodes = nodes * CHILDREN + 1;
    return nodes * sizeof(struct quad);
}

void workload_quads(const struct params *params)
{
    const unsigned levels = (unsigned)params_count(params, "levels");
    const bool dropped = strcmp(params_text(params, "fresh", "replaces"), "dropped") == 0;
    if (levels <= SUBTREE_LEVEL)
        worker_fail("levels must be more than 4");
    static struct record record;
    record_init(&record, STOPS_ROOM);
    struct mem_config config = config_limited(params, types, 1);
    config.record = &record;
    struct mem m = mem_open(&config);
    struct mem_roots root = mem_roots_new(m, 1);
    struct random random = {1};
    uint64_t nodes = 0;
    root.slot[0] = quads_new(m, levels, &nodes);

    struct cost cost = {0};
    record_clear(&record);
    const uint64_t began = clock_ns();
    cost_begin(&cost, m);
    for (int round = 0; round < ROUNDS; round++) {
        if (dropped)
            drop_many(m, levels, &nodes);
        for (int i = 0; i < SUBTREES && !dropped; i++)
            replace(m, root.slot[0], random_next(&random), levels, &nodes);
    }
    cost_end(&cost, m);
    const struct interval stretch = {began, clock_ns()};

    cost_print(&cost);
    worker_value("collections", (double)mem_collections(m));
    pauses_print_stops(&record, stretch);
    worker_param("dirty_fraction", SUBTREES / 256.0);
    worker_param("live_bytes", (double)(quads_bytes(levels) + quads_bytes(levels - SUBTREE_LEVEL)));
    worker_check(quads_sum(root.slot[0]));
    mem_roots_free(m, root);
    mem_close(m);
    record_fini(&record);
}
