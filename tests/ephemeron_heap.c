/* ephemeron_heap.c - the heap's side of the comparison; see ephemeron_heap.h. */
#include "ephemeron_heap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* ---- memory that can be refused ---- */

static bool refuses(struct world *w)
{
    if (!__atomic_load_n(&w->refuse, __ATOMIC_RELAXED))
        return false;
    __atomic_fetch_add(&w->refused, 1, __ATOMIC_RELAXED);
    return true;
}

static void *map(void *host, size_t bytes, size_t align_bytes)
{
    if (refuses(host))
        return NULL;
    size_t room = bytes + align_bytes;
    char *start = mmap(NULL, room, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        return NULL;
    size_t before = -(uintptr_t)start & (align_bytes - 1);
    if (before)
        munmap(start, before);
    munmap(start + before + bytes, room - before - bytes);
    return start + before;
}

static void unmap(void *host, void *start, size_t bytes)
{
    (void)host;
    munmap(start, bytes);
}

static void *alloc(void *host, size_t bytes)
{
    return refuses(host) ? NULL : malloc(bytes);
}

static void release(void *host, void *block)
{
    (void)host;
    free(block);
}

/* ---- a world ---- */

void world_open(struct world *w, const char *options)
{
    memset(w, 0, sizeof *w);
    besom_config_init(&w->config);
    watch_init(&w->watch, &w->config);
    w->config.memory = (struct besom_memory){map, unmap, alloc, release};
    w->config.options_text = options;
    struct besom_report report = {{0}};
    if (besom_heap_new(&w->config, &w->heap, &report) != BESOM_OK)
        ck_abort_msg("%s", report.text);
    w->m = besom_attach(w->heap);
    require(w->m != NULL, "no mutator");
    w->options = options;
    w->seed = test_seed();
    for (const char *c = options ? options : ""; *c; c++)
        w->seed = w->seed * 31 + (unsigned char)*c;
    w->rng.state = w->seed;
}

void world_close(struct world *w)
{
    verify(w->m);
    require_ok(besom_detach(w->m));
    require_ok(besom_heap_free(w->heap));
    watch_check(&w->watch);
}

void world_collect(struct world *w)
{
    __atomic_store_n(&w->refuse, w->starving, __ATOMIC_RELAXED);
    collect(w->m);
    __atomic_store_n(&w->refuse, false, __ATOMIC_RELAXED);
}

/* ---- comparing ---- */

static void differ(const struct world *w, int i, const char *what)
{
    ck_abort_msg("options \"%s\", batch %llu: object %d of kind %d: %s",
                 w->options ? w->options : "", (unsigned long long)w->seed, i,
                 (int)w->graph.objects[i].kind, what);
}

static void *address_of(const struct world *w, int i)
{
    return i == NOTHING ? NULL : w->graph.objects[i].address;
}

static void compare_entries(struct world *w, int i)
{
    struct graph_object *o = &w->graph.objects[i];
    struct besom_table *table = o->address;
    if (besom_table_count(table) != o->n_entries)
        differ(w, i,
               besom_table_count(table) < o->n_entries ? "too few entries" : "too many entries");
    for (size_t j = 0; j < o->n_entries; j++) {
        void *key = address_of(w, o->entries[j].key);
        if (besom_table_get(w->m, table, key) != address_of(w, o->entries[j].value))
            differ(w, i, "another value of a key");
    }
    struct besom_cursor cursor = {0};
    size_t n = 0;
    void *key, *value;
    while (besom_table_next(w->m, table, &cursor, &key, &value)) {
        if (besom_table_get(w->m, table, key) != value)
            differ(w, i, "the iteration shows another value");
        if (++n > o->n_entries)
            differ(w, i, "the iteration shows too much");
    }
    if (n != o->n_entries)
        differ(w, i, "the iteration shows too little");
}

static void compare_contents(struct world *w, int i)
{
    const struct graph_object *o = &w->graph.objects[i];
    void *first = address_of(w, o->first), *second = address_of(w, o->second);
    switch (o->kind) {
    case GRAPH_NODE: {
        const struct node *node = o->address;
        if (node->next != first || node->other != second || node->id != (uint64_t)i)
            differ(w, i, "the node was overwritten");
        break;
    }
    case GRAPH_EPHEMERON:
        if (besom_ephemeron_key(w->m, o->address) != first)
            differ(w, i, first ? "the key is lost" : "the key is there");
        if (besom_ephemeron_value(w->m, o->address) != second)
            differ(w, i, second ? "the value is lost" : "the value is there");
        break;
    case GRAPH_SHORT:
    case GRAPH_LONG:
        if (besom_weak_get(w->m, o->address) != first)
            differ(w, i, first ? "cleared" : "not cleared");
        break;
    default:
        compare_entries(w, i);
    }
}

void world_compare(struct world *w)
{
    struct graph *g = &w->graph;
    for (uint64_t cycles = stats_of(w->heap).cycles; g->cycles < cycles;)
        graph_cycle(g);
    for (size_t i = 0; i < g->n; i++) {
        struct graph_object *o = &g->objects[i];
        if (o->buried)
            continue;
        bool alive = besom_type_of(w->heap, o->address) == o->type;
        if (alive && o->dead)
            differ(w, (int)i, "alive, and should be dead");
        if (!alive && !o->dead)
            differ(w, (int)i, "dead, and should be alive");
        o->buried = o->dead;
    }
    for (size_t i = 0; i < g->n; i++)
        if (!g->objects[i].dead)
            compare_contents(w, (int)i);
    require(stats_of(w->heap).finalizers_ready == g->queue_end - g->queue_begin,
            "another number of objects is in the queue");
}

/* ---- the queue ---- */

void world_pull(struct world *w, bool all)
{
    struct graph *g = &w->graph;
    while (all || rng_below(&w->rng, 3)) {
        int i = graph_pull(g);
        void *obj = besom_finalizer_next(w->m);
        if (obj != address_of(w, i))
            ck_abort_msg("batch %llu: the queue differs at object %d",
                         (unsigned long long)w->seed, i);
        if (!obj)
            return;
        if (all)
            continue;
        size_t what = rng_below(&w->rng, 6);
        if (what == 0) {
            require_ok(besom_finalizer_add(w->m, obj));
            graph_register(g, i, 0);
        } else if (what == 1) {
            size_t root = rng_below(&w->rng, g->n_roots);
            g->roots[root] = i;
            w->slots[root] = obj;
        }
    }
}

void world_clear(struct world *w)
{
    struct graph *g = &w->graph;
    for (size_t i = 0; i < g->n_roots; i++) {
        g->roots[i] = NOTHING;
        w->slots[i] = NULL;
    }
    /* Entries by weak values keep their keys for a cycle each. */
    for (size_t left = 1; left > 0;) {
        world_collect(w);
        world_compare(w);
        world_pull(w, true);
        left = g->n_registered;
        for (size_t i = 0; i < g->n; i++)
            left += !g->objects[i].dead;
    }
    require(count_objects(w->m, &node_type) == 0, "nodes are left");
    require_ok(besom_root_free(w->root));
    free(w->slots);
    w->n_objects += g->n;
    graph_fini(g);
}
