/* workload-mark.c - how long a full collection takes over a large graph of which all is alive.
 *
 * Objects of 32 bytes with two references each:
 *   list    each refers to the one allocated after it
 *   tree    a binary tree, in order of allocation by levels
 *   random  each refers to the next of a random circle through all, and to any other at random
 * The clock runs for whole collections, of which the first, which may still have garbage of the
 * building to sweep, is not counted, and the median of the others is the figure. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/linked.h"
#include "bench/random.h"
#include "bench/stats.h"

#include <stdlib.h>
#include <string.h>

enum { COLLECTIONS = 3 };

static const struct mem_type object_type = {
    .layout = {.name = "object",
               .size_bytes = sizeof(struct object),
               .fields = object_fields,
               .n_fields = 2},
};
static const struct mem_type *const types[] = {&object_type};

static void objects_new(struct mem m, struct object **all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mem_poll(m);
        struct object *obj = mem_new(m, &object_type);
        obj->first = obj->second = NULL;
        obj->number = i;
        all[i] = obj;
    }
}

static void link_list(struct mem m, struct object **all, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        mem_store(m, all[i], &all[i]->first, all[i + 1]);
}

static void link_tree(struct mem m, struct object **all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (2 * i + 1 < n)
            mem_store(m, all[i], &all[i]->first, all[2 * i + 1]);
        if (2 * i + 2 < n)
            mem_store(m, all[i], &all[i]->second, all[2 * i + 2]);
    }
}

/* Leaves all[] shuffled but for all[0]. */
static void link_random(struct mem m, struct object **all, size_t n)
{
    struct random random = {1};
    for (size_t i = n - 1; i > 1; i--) {
        size_t j = 1 + random_below(&random, i);
        struct object *swapped = all[i];
        all[i] = all[j];
        all[j] = swapped;
    }
    for (size_t i = 0; i < n; i++) {
        mem_store(m, all[i], &all[i]->first, all[(i + 1) % n]);
        mem_store(m, all[i], &all[i]->second, all[random_below(&random, n)]);
    }
}

/* What the graph's wiring adds up to, along `first` and `second` of every object. */
static uint64_t sum_of(struct object *const *all, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (all[i]->first)
            sum += all[i]->number ^ all[i]->first->number;
        if (all[i]->second)
            sum += all[i]->number ^ (3 * all[i]->second->number);
    }
    return sum;
}

static void build(struct mem m, const char *shape, void **root, size_t n)
{
    struct mem_roots all = mem_roots_new(m, n);
    struct object **objects = (struct object **)all.slot;
    objects_new(m, objects, n);
    if (strcmp(shape, "list") == 0)
        link_list(m, objects, n);
    else if (strcmp(shape, "tree") == 0)
        link_tree(m, objects, n);
    else
        link_random(m, objects, n);
    worker_check(sum_of(objects, n));
    *root = objects[0];
    mem_roots_free(m, all);
}

void workload_mark(const struct params *params)
{
    const size_t n = params_count(params, "entries");
    struct mem_config config = {.mark_threads = params_limit(params, "mark_threads"),
                                .mode = params_text(params, "mode", ""),
                                .types = types,
                                .n_types = 1};
    struct mem m = mem_open(&config);
    struct mem_roots root = mem_roots_new(m, 1);
    build(m, params_text(params, "shape", ""), root.slot, n);
    mem_collect(m);
    double ns[COLLECTIONS];
    for (int i = 0; i < COLLECTIONS; i++) {
        uint64_t began = clock_ns();
        mem_collect(m);
        ns[i] = (double)(clock_ns() - began) / (double)n;
    }
    worker_value("ns_per_object", stats_summary(ns, COLLECTIONS).median);
    mem_roots_free(m, root);
    mem_close(m);
}
