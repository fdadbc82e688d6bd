/* workload-gcbench.c - trees built from the top and from the bottom beside long-lived data, after
 * Ellis, Kovac and Boehm.
 *
 * Each mutator: a tree a level deeper than the others, built and dropped; then a tree and an array
 * of numbers that live long; then, for every depth up to that of the long-lived tree, as many trees
 * as make the same amount of work, half of them built from the top, by stores into nodes that
 * exist already.  Between the nodes lie holes: objects of a power-law size that die at once, so
 * that what lives does not lie together.
 *
 * A mutator counts the bytes that its program can still reach, as requested: their peak is the
 * live peak that heap limits are multiples of. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/cost.h"
#include "bench/holding.h"
#include "bench/limited.h"
#include "bench/random.h"

#include <math.h>
#include <pthread.h>

enum {
    MIN_DEPTH = 4,
    NUMBERS = 250000,  /* in the long-lived array */
    HOLE_SIZES = 1024, /* drawn beforehand, used in turn */
    HOLE_MAX_BYTES = 16384,
    MUTATORS_MAX = 64
};

struct node {
    const void *type;
    struct node *left, *right;
    uint64_t number;
};

struct numbers {
    const void *type;
    double at[];
};

struct hole {
    const void *type;
    uint64_t word;
};

static const struct besom_field node_fields[] = {
    {"left", offsetof(struct node, left)},
    {"right", offsetof(struct node, right)},
};
static const struct mem_type node_type = {
    .layout = {.name = "node",
               .size_bytes = sizeof(struct node),
               .fields = node_fields,
               .n_fields = 2},
    .index = 0,
};
static const struct mem_type numbers_type = {
    .layout = {.name = "numbers", .size_bytes = sizeof(struct numbers), .flags = BESOM_LEAF},
    .index = 1,
};
static const struct mem_type hole_type = {
    .layout = {.name = "hole", .size_bytes = sizeof(struct hole), .flags = BESOM_LEAF},
    .index = 2,
};
static const struct mem_type *const types[] = {&node_type, &numbers_type, &hole_type};

struct mutator {
    struct mem m;
    unsigned depth, number;
    size_t next_hole;
    uint32_t hole_bytes[HOLE_SIZES]; /* 0: no hole */
    uint64_t nodes, live_bytes, peak_bytes, check;
    pthread_barrier_t *start;
    struct cost *cost; /* of all mutators */
};

/* Sizes with P(size > s) proportional to s to the power of -1.35, nothing below two words. */
static void holes_draw(struct mutator *u)
{
    struct random random = {u->number + 1};
    for (size_t i = 0; i < HOLE_SIZES; i++) {
        double words = pow(1 - random_unit(&random), -1 / 1.35);
        double bytes = words < 2 ? 0 : words * 8;
        u->hole_bytes[i] = (uint32_t)(bytes > HOLE_MAX_BYTES ? HOLE_MAX_BYTES : bytes);
    }
}

static void hole_new(struct mutator *u)
{
    size_t bytes = u->hole_bytes[u->next_hole];
    u->next_hole = (u->next_hole + 1) % HOLE_SIZES;
    if (bytes == 0)
        return;
    struct hole *hole = mem_new_sized(u->m, &hole_type, bytes);
    hole->word = bytes;
    u->check += hole->word;
    mem_free(u->m, hole);
}

static void live_change(struct mutator *u, int64_t bytes)
{
    u->live_bytes += (uint64_t)bytes;
    if (u->live_bytes > u->peak_bytes)
        u->peak_bytes = u->live_bytes;
}

static struct node *node_new(struct mutator *u)
{
    struct node *node = mem_new(u->m, &node_type);
    node->left = node->right = NULL;
    node->number = u->nodes++;
    live_change(u, sizeof *node);
    return node;
}

static struct node *tree_from_bottom(struct mutator *u, unsigned depth)
{
    MEM_LOCALS(u->m, struct node * left; struct node * right; struct node * node;);
    mem_poll(u->m);
    if (depth > 0) {
        my->left = tree_from_bottom(u, depth - 1);
        my->right = tree_from_bottom(u, depth - 1);
    }
    my->node = node_new(u);
    my->node->left = my->left;
    my->node->right = my->right;
    hole_new(u);
    return my->node;
}

/* `node` is reachable: from its parent, or from its caller's locals. */
static void tree_from_top(struct mutator *u, struct node *node, unsigned depth)
{
    mem_poll(u->m);
    if (depth == 0)
        return;
    mem_store(u->m, node, &node->left, node_new(u));
    hole_new(u);
    mem_store(u->m, node, &node->right, node_new(u));
    hole_new(u);
    tree_from_top(u, node->left, depth - 1);
    tree_from_top(u, node->right, depth - 1);
}

static uint64_t tree_bytes(unsigned depth)
{
    return (((uint64_t)2 << depth) - 1) * sizeof(struct node);
}

static void tree_free(struct mutator *u, struct node *tree)
{
    if (tree->left) {
        tree_free(u, tree->left);
        tree_free(u, tree->right);
    }
    mem_free(u->m, tree);
}

static void tree_drop(struct mutator *u, struct node *tree, unsigned depth)
{
    u->check += tree->number;
    live_change(u, -(int64_t)tree_bytes(depth));
    if (MEM_FREES)
        tree_free(u, tree);
}

static void trees_of_depth(struct mutator *u, unsigned depth)
{
    MEM_LOCALS(u->m, struct node * tree;);
    const uint64_t n = 2 * (tree_bytes(u->depth + 1) / tree_bytes(depth));
    for (uint64_t i = 0; i < n; i++) {
        my->tree = node_new(u);
        tree_from_top(u, my->tree, depth);
        tree_drop(u, my->tree, depth);
        my->tree = NULL;
        my->tree = tree_from_bottom(u, depth);
        tree_drop(u, my->tree, depth);
        my->tree = NULL;
    }
}

static void mutate(struct mutator *u)
{
    MEM_LOCALS(u->m, struct node * tree; struct numbers * numbers;);
    my->tree = tree_from_bottom(u, u->depth + 1);
    tree_drop(u, my->tree, u->depth + 1);
    my->tree = NULL;

    my->tree = node_new(u);
    tree_from_top(u, my->tree, u->depth);
    const size_t bytes = sizeof(struct numbers) + NUMBERS * sizeof(double);
    my->numbers = mem_new_sized(u->m, &numbers_type, bytes);
    live_change(u, (int64_t)bytes);
    for (size_t i = 0; i < NUMBERS; i++)
        my->numbers->at[i] = 1.0 / (double)(i + 1);

    for (unsigned depth = MIN_DEPTH; depth <= u->depth; depth += 2)
        trees_of_depth(u, depth);

    u->check += (uint64_t)(1 / my->numbers->at[1000]);
    tree_drop(u, my->tree, u->depth);
    mem_free(u->m, my->numbers);
}

static void *thread_run(void *argument)
{
    struct mutator *u = argument;
    struct mem first = u->m;
    u->m = mem_attach(first);
    mem_wait_begin(u->m);
    pthread_barrier_wait(u->start);
    mem_wait_end(u->m);
    const uint64_t joined = cost_join();
    mutate(u);
    cost_leave(u->cost, joined);
    mem_detach(u->m);
    return NULL;
}

/* The first mutator runs on the calling thread; the cost, and the stretch, from when all were ready. */
static struct interval run_all(struct mutator *mutators, size_t n)
{
    pthread_t threads[MUTATORS_MAX];
    for (size_t i = 1; i < n; i++) {
        if (pthread_create(&threads[i], NULL, thread_run, &mutators[i]) != 0)
            worker_fail("no more threads");
    }
    struct mem m = mutators[0].m;
    mem_wait_begin(m);
    pthread_barrier_wait(mutators[0].start);
    mem_wait_end(m);
    cost_begin(mutators[0].cost, m);
    const uint64_t began = clock_ns();
    mutate(&mutators[0]);
    mem_wait_begin(m);
    for (size_t i = 1; i < n; i++)
        pthread_join(threads[i], NULL);
    mem_wait_end(m);
    cost_end(mutators[0].cost, m);
    return (struct interval){began, clock_ns()};
}

void workload_gcbench(const struct params *params)
{
    static struct mutator mutators[MUTATORS_MAX];
    const size_t n = params_count(params, "mutators");
    if (n < 1 || n > MUTATORS_MAX)
        worker_fail("mutators must be 1 to 64");
    struct mem_config config = config_limited(params, types, sizeof types / sizeof types[0]);
    static struct record record;
    config.pauses = params_limit(params, "pauses");
    if (config.pauses != 0) {
        record_init(&record, config.pauses);
        config.record = &record;
    }
    struct mem m = mem_open(&config);
    struct cost cost = {0};
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        mutators[i].m = m;
        mutators[i].depth = (unsigned)params_count(params, "depth");
        mutators[i].number = (unsigned)i;
        mutators[i].start = &start;
        mutators[i].cost = &cost;
        holes_draw(&mutators[i]);
    }

    const struct interval stretch = run_all(mutators, n);
    const uint64_t took = stretch.end_ns - stretch.begin_ns;
    uint64_t check = 0, peak_bytes = 0, nodes = 0;
    for (size_t i = 0; i < n; i++) {
        check += mutators[i].check;
        peak_bytes += mutators[i].peak_bytes;
        nodes += mutators[i].nodes;
    }
    cost_print(&cost);
    worker_value("collections", (double)mem_collections(m));
    worker_value("completed", 1);
    worker_value("ns_per_node", (double)took / (double)nodes);
    holding_print(m, config.pauses, stretch);
    worker_param("live_bytes", (double)peak_bytes);
    worker_check(check);
    pthread_barrier_destroy(&start);
    mem_close(m);
    if (config.pauses != 0)
        record_fini(&record);
}
