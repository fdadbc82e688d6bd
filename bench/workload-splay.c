/* workload-splay.c - how long the slowest operations on a tree take while it is changed.
 *
 * After the idea of the benchmark of that name in Octane: a splay tree of 8000 nodes, each with a
 * tree of small objects as its load.  A change makes a load, inserts it under a new random key, and
 * removes the node with the greatest key below that one, or, if there is none, the new one.  An
 * operation is a number of `changes`: 80 in Octane.  A stop comes once in some thousand changes, so
 * only operations of many show it in their p99.9.
 * Every access brings the node it found to the root, so that old nodes refer to young ones all the
 * time.  The tree is D. Sleator's and R. Tarjan's (Self-Adjusting Binary Search Trees, 1985),
 * splayed from the top. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/pauses.h"
#include "bench/random.h"

enum { NODES = 8000, LOAD_DEPTH = 5, NUMBERS = 10, STOPS_ROOM = 1 << 20 };

struct numbers { /* a load's leaf: ten numbers, and a text that says whose */
    const void *type;
    uint64_t number[NUMBERS];
    char text[24];
};

struct branch {
    const void *type;
    void *left, *right; /* branches, or numbers at the last level */
};

struct node {
    const void *type;
    struct node *left, *right;
    void *load;
    uint64_t key;
};

static const struct besom_field branch_fields[] = {
    {"left", offsetof(struct branch, left)},
    {"right", offsetof(struct branch, right)},
};
static const struct besom_field node_fields[] = {
    {"left", offsetof(struct node, left)},
    {"right", offsetof(struct node, right)},
    {"load", offsetof(struct node, load)},
};
static const struct mem_type numbers_type = {
    .layout = {.name = "numbers", .size_bytes = sizeof(struct numbers), .flags = BESOM_LEAF},
    .index = 0,
};
static const struct mem_type branch_type = {
    .layout = {.name = "branch",
               .size_bytes = sizeof(struct branch),
               .fields = branch_fields,
               .n_fields = 2},
    .index = 1,
};
static const struct mem_type node_type = {
    .layout = {.name = "node",
               .size_bytes = sizeof(struct node),
               .fields = node_fields,
               .n_fields = 3},
    .index = 2,
};
static const struct mem_type *const types[] = {&numbers_type, &branch_type, &node_type};

static struct histogram op_ns;

/* ---- loads ---- */

/* No poll in here: a change is one piece of work, and its locals need no roots. */
static void *load_new(struct mem m, unsigned depth, uint64_t key)
{
    if (depth == 0) {
        struct numbers *leaf = mem_new(m, &numbers_type);
        for (uint64_t i = 0; i < NUMBERS; i++)
            leaf->number[i] = i;
        for (size_t i = 0; i < sizeof leaf->text; i++)
            leaf->text[i] = (char)('a' + (key >> i) % 16);
        return leaf;
    }
    struct branch *branch = mem_new(m, &branch_type);
    branch->left = branch->right = NULL;
    void *left = load_new(m, depth - 1, key);
    mem_store(m, branch, &branch->left, left);
    void *right = load_new(m, depth - 1, key);
    mem_store(m, branch, &branch->right, right);
    return branch;
}

static void load_free(struct mem m, void *load, unsigned depth)
{
    if (depth != 0) {
        load_free(m, ((struct branch *)load)->left, depth - 1);
        load_free(m, ((struct branch *)load)->right, depth - 1);
    }
    mem_free(m, load);
}

/* ---- the tree ---- */

static void set_left(struct mem m, struct node *node, struct node *child)
{
    mem_store(m, node, &node->left, child);
}

static void set_right(struct mem m, struct node *node, struct node *child)
{
    mem_store(m, node, &node->right, child);
}

static struct node *rotate_right(struct mem m, struct node *node)
{
    struct node *child = node->left;
    set_left(m, node, child->right);
    set_right(m, child, node);
    return child;
}

static struct node *rotate_left(struct mem m, struct node *node)
{
    struct node *child = node->right;
    set_right(m, node, child->left);
    set_left(m, child, node);
    return child;
}

/* What has been cut off on the way down: a tree of lesser keys with its rightmost node, and one of
 * greater keys with its leftmost. */
struct cut {
    struct node *less, *last_less, *greater, *last_greater;
};

static void cut_less(struct mem m, struct cut *cut, struct node *node)
{
    if (cut->last_less)
        set_right(m, cut->last_less, node);
    else
        cut->less = node;
    cut->last_less = node;
}

static void cut_greater(struct mem m, struct cut *cut, struct node *node)
{
    if (cut->last_greater)
        set_left(m, cut->last_greater, node);
    else
        cut->greater = node;
    cut->last_greater = node;
}

static struct node *assemble(struct mem m, struct cut *cut, struct node *root)
{
    if (cut->last_less) {
        set_right(m, cut->last_less, root->left);
        set_left(m, root, cut->less);
    }
    if (cut->last_greater) {
        set_left(m, cut->last_greater, root->right);
        set_right(m, root, cut->greater);
    }
    return root;
}

/* The tree with the node of that key, or the last one looked at for it, as its root. */
static struct node *splay(struct mem m, struct node *root, uint64_t key)
{
    struct cut cut = {0};
    while (root->key != key) {
        if (key < root->key) {
            if (root->left && key < root->left->key)
                root = rotate_right(m, root);
            if (!root->left)
                break;
            cut_greater(m, &cut, root);
            root = root->left;
        } else {
            if (root->right && key > root->right->key)
                root = rotate_left(m, root);
            if (!root->right)
                break;
            cut_less(m, &cut, root);
            root = root->right;
        }
    }
    return assemble(m, &cut, root);
}

/* Inserts a key that is not there; the new node becomes the root. */
static struct node *insert(struct mem m, struct node *root, uint64_t key)
{
    struct node *node = mem_new(m, &node_type);
    node->left = node->right = NULL;
    node->key = key;
    node->load = NULL;
    mem_store(m, node, &node->load, load_new(m, LOAD_DEPTH, key));
    if (!root)
        return node;
    root = splay(m, root, key);
    if (key < root->key) {
        set_left(m, node, root->left);
        set_right(m, node, root);
        set_left(m, root, NULL);
    } else {
        set_right(m, node, root->right);
        set_left(m, node, root);
        set_right(m, root, NULL);
    }
    return node;
}

/* Removes the root, which is not the only node. */
static struct node *remove_root(struct mem m, struct node *root)
{
    struct node *left = root->left, *right = root->right;
    load_free(m, root->load, LOAD_DEPTH);
    mem_free(m, root);
    if (!left)
        return right;
    left = splay(m, left, UINT64_MAX); /* its greatest, which has no right */
    set_right(m, left, right);
    return left;
}

/* The root is the new node: the greatest below it is removed; if there is none, the new one. */
static struct node *remove_below(struct mem m, struct node *root)
{
    struct node *below = root->left;
    if (!below)
        return remove_root(m, root);
    while (below->right)
        below = below->right;
    return remove_root(m, splay(m, root, below->key));
}

/* ---- the program ---- */

static uint32_t load_sum(const void *load, unsigned depth)
{
    for (; depth != 0; depth--)
        load =
            depth % 2 ? ((const struct branch *)load)->left : ((const struct branch *)load)->right;
    const struct numbers *leaf = load;
    return (uint32_t)leaf->number[NUMBERS - 1] + (uint32_t)leaf->text[0];
}

/* A splay tree may be as deep as it is large, too deep for recursion: rotations turn it into a list,
 * in order of keys. */
static uint32_t sum_and_flatten(struct mem m, struct node *root, size_t *n)
{
    uint32_t sum = 0;
    while (root) {
        while (root->left)
            root = rotate_right(m, root);
        sum = worker_sum(sum, (uint32_t)root->key + load_sum(root->load, LOAD_DEPTH));
        (*n)++;
        root = root->right;
    }
    return sum;
}

/* None comes twice: the generator visits every number of 32 bits but 0 before it begins again. */
static uint64_t next_key(struct random32 *random)
{
    return random32_next(random);
}

static void operate(struct mem m, struct mem_roots root, uint64_t changes, struct random32 *random)
{
    for (uint64_t i = 0; i < changes; i++) {
        mem_poll(m);
        root.slot[0] = remove_below(m, insert(m, root.slot[0], next_key(random)));
    }
}

void workload_splay(const struct params *params)
{
    const uint64_t operations = params_count(params, "operations");
    const uint64_t changes = params_count(params, "changes");
    static struct record record;
    record_init(&record, STOPS_ROOM);
    struct mem_config config = {.record = &record,
                                .mode = params_text(params, "mode", ""),
                                .types = types,
                                .n_types = sizeof types / sizeof types[0]};
    struct mem m = mem_open(&config);
    struct mem_roots root = mem_roots_new(m, 1);
    struct random32 random = {1};
    for (size_t i = 0; i < NODES; i++) {
        mem_poll(m);
        root.slot[0] = insert(m, root.slot[0], next_key(&random));
    }

    record_clear(&record);
    const uint64_t began = clock_ns();
    uint64_t before = began;
    for (uint64_t i = 0; i < operations; i++) {
        operate(m, root, changes, &random);
        const uint64_t now = clock_ns();
        histogram_add(&op_ns, now - before);
        before = now;
    }

    const struct interval stretch = {began, before};
    worker_value("wall_ms", (double)(before - began) / 1e6);
    pauses_print_operations(&op_ns);
    pauses_print_stops(&record, stretch);
    worker_value("collections", (double)mem_collections(m));
    worker_value("peak_rss_bytes", (double)worker_peak_rss_bytes());
    size_t n = 0;
    const uint32_t sum = sum_and_flatten(m, root.slot[0], &n);
    if (n != NODES)
        worker_fail("the tree has not kept its size");
    worker_check(sum);
    mem_roots_free(m, root);
    mem_close(m);
    record_fini(&record);
}
