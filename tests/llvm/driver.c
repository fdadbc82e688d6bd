/* driver.c - runs what LLVM compiled from shadow.ll and statepoint.ll on a heap, in a mode named on
 * the command line.  Built and run by tests/check_llvm.sh.
 *
 * The stack maps' section is found by the names that the linker gives to its bounds; their format is
 * LLVM's, version 3 ("Stack maps and patch points in LLVM").  A record's roots lie at offsets from
 * the stack pointer at its return address, and a function's frame has a fixed size: so a stack is
 * walked without frame pointers. */
#include <besom/besom.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
    const struct besom_type *type;
    struct node *next;
};

static const struct besom_field node_fields[] = {{"next", offsetof(struct node, next)}};
static const struct besom_type node_type = {
    .name = "node", .size_bytes = sizeof(struct node), .fields = node_fields, .n_fields = 1};

static void require(bool holds, const char *otherwise)
{
    if (holds)
        return;
    fprintf(stderr, "driver: %s\n", otherwise);
    exit(1);
}

/* ---- what the compiled code calls, and is called by ---- */

extern struct node *build(struct besom_mutator *m, int64_t n);
extern int64_t descend(struct besom_mutator *m, int64_t depth);
extern int64_t descend_managed(struct besom_mutator *m, int64_t depth);
extern struct besom_llvm_frame *llvm_gc_root_chain;

struct node *new_node(struct besom_mutator *m, struct node *next)
{
    struct node *node = besom_new(m, &node_type);
    require(node != NULL, "no memory");
    node->next = next;
    return node;
}

struct node *managed_node(struct besom_mutator *m, struct node *next)
{
    return new_node(m, next);
}

int64_t is_node(struct besom_mutator *m, struct node *node)
{
    return besom_type_of(besom_heap_of(m), node) == &node_type;
}

int64_t is_managed_node(struct besom_mutator *m, struct node *node)
{
    return is_node(m, node);
}

void collect(struct besom_mutator *m)
{
    require(besom_collect(m, BESOM_FULL) == BESOM_OK, "no collection");
}

/* ---- stack maps ---- */

extern const char __start_llvm_stackmaps[], __stop_llvm_stackmaps[];

enum { RSP = 7, INDIRECT = 3, POINTS_MAX = 64, ROOTS_MAX = 8 };

struct point { /* a place to which a call returns */
    uintptr_t address;
    uint64_t frame_bytes;
    int32_t roots[ROOTS_MAX]; /* offsets from the stack pointer */
    size_t n_roots;
};

static struct point points[POINTS_MAX];
static size_t n_points;

static uint64_t take(const char **at, size_t bytes)
{
    uint64_t value = 0;
    memcpy(&value, *at, bytes);
    *at += bytes;
    return value;
}

static void align(const char **at)
{
    *at = __start_llvm_stackmaps + ((size_t)(*at - __start_llvm_stackmaps) + 7) / 8 * 8;
}

static void read_location(const char **at, struct point *point)
{
    const uint64_t kind = take(at, 1);
    take(at, 3);
    const uint64_t reg = take(at, 2);
    take(at, 2);
    const int32_t offset = (int32_t)take(at, 4);
    require(kind != INDIRECT || reg == RSP, "a root that is not found from the stack pointer");
    if (kind == INDIRECT && point->n_roots < ROOTS_MAX)
        point->roots[point->n_roots++] = offset;
}

static void read_record(const char **at, uintptr_t function, uint64_t frame_bytes)
{
    require(n_points < POINTS_MAX, "too many points");
    struct point *point = &points[n_points++];
    take(at, 8);
    point->address = function + take(at, 4);
    point->frame_bytes = frame_bytes;
    take(at, 2);
    for (uint64_t n = take(at, 2); n > 0; n--)
        read_location(at, point);
    align(at);
    take(at, 2);
    const uint64_t n_live_out = take(at, 2);
    *at += 4 * n_live_out;
    align(at);
}

static void read_stack_maps(void)
{
    const char *at = __start_llvm_stackmaps;
    require(take(&at, 1) == 3, "stack maps of another version");
    take(&at, 3);
    const uint64_t n_functions = take(&at, 4), n_constants = take(&at, 4);
    take(&at, 4);
    const char *functions = at;
    at += 24 * n_functions + 8 * n_constants;
    for (uint64_t i = 0; i < n_functions; i++) {
        const uintptr_t function = (uintptr_t)take(&functions, 8);
        const uint64_t frame_bytes = take(&functions, 8);
        for (uint64_t n = take(&functions, 8); n > 0; n--)
            read_record(&at, function, frame_bytes);
    }
    require(at == __stop_llvm_stackmaps, "stack maps that do not end where they should");
    require(n_points > 0, "no stack maps");
}

static const struct point *point_of(uintptr_t address)
{
    for (size_t i = 0; i < n_points; i++) {
        if (points[i].address == address)
            return &points[i];
    }
    return NULL;
}

static void walk(struct besom_tracer *tracer, void *const *frame, void *data)
{
    (void)data;
    const char *stack = (const char *)(frame + 1); /* where the address to return to lies */
    const struct point *point;
    while ((point = point_of(*(const uintptr_t *)(const void *)stack)) != NULL) {
        stack += sizeof(void *);
        for (size_t i = 0; i < point->n_roots; i++)
            besom_visit(tracer, *(void *const *)(const void *)(stack + point->roots[i]));
        stack += point->frame_bytes;
    }
}

/* ---- the program ---- */

static size_t length(const struct node *list)
{
    size_t n = 0;
    for (; list; list = list->next)
        n++;
    return n;
}

static void run(struct besom_mutator *m)
{
    enum { DEPTH = 50, LENGTH = 100 };
    BESOM_LOCALS(m, struct node *list;);
    my->list = build(m, LENGTH);
    require(length(my->list) == LENGTH, "a list that a shadow stack holds is incomplete");
    require(descend(m, DEPTH) == DEPTH + 1, "a node that a shadow stack holds is gone");
    require(descend_managed(m, DEPTH) == DEPTH + 1, "a node that stack maps name is gone");
    collect(m);
    require(length(my->list) == LENGTH, "a list is incomplete");
    struct besom_stats stats;
    besom_stats(besom_heap_of(m), &stats);
    require(stats.live_objects == LENGTH, "what compiled code dropped is still there");
}

int main(int argc, char **argv)
{
    struct besom_config config;
    besom_config_init(&config);
    config.options_text = argc > 1 ? argv[1] : NULL;
    struct besom_heap *heap;
    struct besom_report report;
    if (besom_heap_new(&config, &heap, &report) != BESOM_OK) {
        fprintf(stderr, "driver: %s\n", report.text);
        return 1;
    }
    struct besom_mutator *m = besom_attach(heap);
    read_stack_maps();
    require(besom_llvm_shadow_stack(m, &llvm_gc_root_chain, "shadow stack", NULL) == BESOM_OK &&
                besom_stack_walker(m, walk, NULL, "stack maps", NULL) == BESOM_OK,
            "no roots");
    run(m);
    besom_detach(m);
    return besom_heap_free(heap) == BESOM_OK ? 0 : 1;
}
