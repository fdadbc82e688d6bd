/* workload-trees.c - binary trees, after the Computer Language Benchmarks Game: many short-lived
 * trees of every depth beside one that lives long.
 *
 * A node is two references and nothing else: 16 bytes for every contestant.  Besom polls before
 * each tree, as its hosts do at the back-edges of their loops; the other collectors collect while
 * they allocate. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"

enum { MIN_DEPTH = 4 };

struct node {
    struct node *left, *right;
};

static const struct besom_field node_fields[] = {
    {"left", offsetof(struct node, left)},
    {"right", offsetof(struct node, right)},
};
static const struct mem_type node_type = {
    .layout = {.name = "node",
               .size_bytes = sizeof(struct node),
               .flags = BESOM_OWN_BLOCKS,
               .fields = node_fields,
               .n_fields = 2},
};
static const struct mem_type *const types[] = {&node_type};

/* Builds without a poll, so Besom needs no frames here: what it has allocated cannot be collected
 * before tree_use polls. */
static struct node *tree_new(struct mem m, unsigned depth)
{
    struct node *left = NULL, *right = NULL;
    if (depth > 0) {
        left = tree_new(m, depth - 1);
        right = tree_new(m, depth - 1);
    }
    struct node *node = mem_new(m, &node_type);
    node->left = left;
    node->right = right;
    return node;
}

static uint64_t tree_count(const struct node *tree)
{
    return tree->left ? 1 + tree_count(tree->left) + tree_count(tree->right) : 1;
}

static void tree_free(struct mem m, struct node *tree)
{
    if (tree->left) {
        tree_free(m, tree->left);
        tree_free(m, tree->right);
    }
    mem_free(m, tree);
}

/* Builds, walks and drops one tree; its number of nodes. */
static uint64_t tree_use(struct mem m, unsigned depth)
{
    mem_poll(m);
    struct node *tree = tree_new(m, depth);
    uint64_t n = tree_count(tree);
    if (MEM_FREES)
        tree_free(m, tree);
    return n;
}

void workload_trees(const struct params *params)
{
    const unsigned depth = (unsigned)params_count(params, "depth");
    struct mem_config config = {
        .mode = params_text(params, "mode", ""), .types = types, .n_types = 1};
    struct mem m = mem_open(&config);
    struct mem_roots roots = mem_roots_new(m, 1);

    uint64_t began = clock_ns();
    uint64_t nodes = tree_use(m, depth + 1);
    roots.slot[0] = tree_new(m, depth);
    for (unsigned d = MIN_DEPTH; d <= depth; d += 2) {
        for (uint64_t i = 0; i < (uint64_t)1 << (depth - d + MIN_DEPTH); i++)
            nodes += tree_use(m, d);
    }
    nodes += tree_count(roots.slot[0]);
    uint64_t took = clock_ns() - began;

    worker_value("ns_per_node", (double)took / (double)nodes);
    worker_value("peak_rss_bytes", (double)worker_peak_rss_bytes());
    worker_check(nodes);
    mem_roots_free(m, roots);
    mem_close(m);
}
