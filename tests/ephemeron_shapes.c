/* ephemeron_shapes.c - random graphs, and random changes to them; see ephemeron_heap.h. */
#include "ephemeron_heap.h"

#include <stdlib.h>

/* A component: objects [first, first + n), and roots [root, root + WORLD_ROOTS). */
struct component {
    size_t first, n, root;
    unsigned profile;
    bool backwards; /* chains go from high to low */
};

/* Eighths of each kind, in the order of enum graph_kind. */
static const unsigned char profiles[][8] = {
    {1, 1, 1, 1, 1, 1, 1, 1}, /* everything */
    {3, 4, 0, 0, 0, 1, 0, 0}, /* ephemerons */
    {5, 0, 0, 0, 0, 3, 0, 0}, /* tables with weak keys */
    {2, 1, 0, 0, 1, 2, 1, 1}, /* tables that nest */
    {5, 1, 0, 0, 0, 2, 0, 0}, /* chains */
    {4, 0, 2, 2, 0, 0, 0, 0}, /* weak references */
    {2, 1, 0, 0, 0, 0, 3, 2}, /* weak values */
    {6, 0, 0, 0, 0, 1, 1, 0}, /* mostly nodes */
};
enum { PROFILES = sizeof profiles / sizeof *profiles, CHAINS = 4 };

static enum graph_kind draw_kind(struct rng *rng, unsigned profile)
{
    size_t eighth = rng_below(rng, 8);
    unsigned kind = 0;
    while (eighth >= profiles[profile][kind])
        eighth -= profiles[profile][kind++];
    return (enum graph_kind)kind;
}

/* Any object of the component, or NOTHING. */
static int draw(struct world *w, const struct component *c)
{
    if (rng_below(&w->rng, 4) == 0)
        return NOTHING;
    return (int)(c->first + rng_below(&w->rng, c->n));
}

/* The object after i in the component's chain. */
static int after(const struct component *c, size_t i)
{
    size_t at = i - c->first;
    return (int)(c->first + (c->backwards ? at + c->n - 1 : at + 1) % c->n);
}

static bool is_made_late(enum graph_kind kind)
{
    return kind == GRAPH_EPHEMERON || kind == GRAPH_SHORT || kind == GRAPH_LONG;
}

/* What an ephemeron or weak reference number i can be made with. */
static int draw_made(struct world *w, const struct component *c, size_t i)
{
    for (int tries = 0; tries < 8; tries++) {
        size_t key = c->first + rng_below(&w->rng, c->n);
        if (!is_made_late(w->graph.objects[key].kind) || key < i)
            return (int)key;
    }
    return NOTHING;
}

/* ---- making ---- */

static void decide_kinds(struct world *w, const struct component *c)
{
    for (size_t i = c->first; i < c->first + c->n; i++)
        w->graph.objects[i].kind = draw_kind(&w->rng, c->profile);
    for (size_t i = c->first; i < c->first + c->n; i++) {
        struct graph_object *o = &w->graph.objects[i];
        if (is_made_late(o->kind) && (o->first = draw_made(w, c, i)) == NOTHING)
            o->kind = GRAPH_NODE;
    }
}

static void *make_object(struct world *w, struct graph_object *o, size_t i)
{
    if (o->kind == GRAPH_NODE) {
        struct node *node = make(w->m, &node_type);
        node->id = i;
        return node;
    }
    if (graph_is_table(o))
        return besom_table_new(w->m, (enum besom_table_kind)(o->kind - GRAPH_STRONG), NULL, NULL);
    void *key = w->graph.objects[o->first].address;
    if (o->kind == GRAPH_EPHEMERON)
        return besom_ephemeron_new(w->m, key, NULL);
    return besom_weak_new(w->m, o->kind == GRAPH_SHORT ? BESOM_WEAK_SHORT : BESOM_WEAK_LONG, key);
}

static void make_objects(struct world *w, const struct component *c, bool late)
{
    for (size_t i = c->first; i < c->first + c->n; i++) {
        struct graph_object *o = &w->graph.objects[i];
        if (is_made_late(o->kind) != late)
            continue;
        o->address = make_object(w, o, i);
        require(o->address != NULL, "no memory");
        o->type = besom_type_of(w->heap, o->address);
        require(o->type != NULL, "no type");
    }
}

/* ---- linking ---- */

static void *at(const struct world *w, int i)
{
    return i == NOTHING ? NULL : w->graph.objects[i].address;
}

static void link_node(struct world *w, size_t i, int first, int second)
{
    struct graph_object *o = &w->graph.objects[i];
    struct node *node = o->address;
    o->first = first;
    o->second = second;
    besom_set(w->m, node, &node->next, at(w, first));
    besom_set(w->m, node, &node->other, at(w, second));
}

static void link_value(struct world *w, size_t i, int value)
{
    struct graph_object *o = &w->graph.objects[i];
    enum besom_status status = besom_ephemeron_set(w->m, o->address, at(w, value));
    require(status == (o->first == NOTHING ? BESOM_E_STATE : BESOM_OK), "another status");
    if (status == BESOM_OK)
        o->second = value;
}

static void link_entry(struct world *w, size_t i, int key, int value)
{
    struct graph_object *o = &w->graph.objects[i];
    if (key == NOTHING || value == NOTHING)
        return;
    require_ok(besom_table_put(w->m, o->address, at(w, key), at(w, value)));
    graph_put(o, key, value);
}

static void link_one(struct world *w, const struct component *c, size_t i)
{
    const struct graph_object *o = &w->graph.objects[i];
    bool chains = c->profile == CHAINS;
    if (o->kind == GRAPH_NODE) {
        if (!chains || rng_below(&w->rng, 4) == 0)
            link_node(w, i, draw(w, c), rng_below(&w->rng, 3) ? NOTHING : draw(w, c));
    } else if (o->kind == GRAPH_EPHEMERON) {
        link_value(w, i, chains ? after(c, (size_t)o->first) : draw(w, c));
    } else if (graph_is_table(o)) {
        for (size_t n = rng_below(&w->rng, chains ? 30 : 8); n > 0; n--) {
            size_t key = c->first + rng_below(&w->rng, c->n);
            link_entry(w, i, (int)key, chains ? after(c, key) : draw(w, c));
        }
    }
}

static void set_root(struct world *w, size_t root, int i)
{
    w->graph.roots[root] = i;
    w->slots[root] = at(w, i);
}

static void register_one(struct world *w, size_t i)
{
    unsigned group = (unsigned)rng_below(&w->rng, 3) * (unsigned)rng_below(&w->rng, 3);
    require_ok(besom_finalizer_add_group(w->m, w->graph.objects[i].address, group));
    graph_register(&w->graph, (int)i, group);
}

static void build_component(struct world *w, struct component *c)
{
    c->profile = (unsigned)rng_below(&w->rng, PROFILES);
    c->backwards = rng_below(&w->rng, 2);
    decide_kinds(w, c);
    make_objects(w, c, false);
    make_objects(w, c, true);
    for (size_t i = c->first; i < c->first + c->n; i++)
        link_one(w, c, i);
    for (size_t root = c->root; root < c->root + WORLD_ROOTS; root++)
        set_root(w, root, draw(w, c));
    /* A part of the graphs has no finalizers at all. */
    if (rng_below(&w->rng, 2))
        for (size_t n = 1 + rng_below(&w->rng, 1 + c->n / 4); n > 0; n--)
            register_one(w, c->first + rng_below(&w->rng, c->n));
}

void world_build(struct world *w, size_t n_components, size_t largest)
{
    w->seed = w->rng.state;
    size_t *sizes = malloc(n_components * sizeof *sizes), n = 0;
    require(sizes != NULL, "no memory");
    for (size_t i = 0; i < n_components; i++)
        n += sizes[i] = 1 + rng_below(&w->rng, largest);
    size_t n_roots = n_components * WORLD_ROOTS;
    graph_init(&w->graph, n, n_roots);
    w->graph.cycles = stats_of(w->heap).cycles;
    w->slots = calloc(n_roots, sizeof *w->slots);
    require(w->slots != NULL, "no memory");
    require_ok(besom_root_range(w->heap, w->slots, n_roots, "graph", &w->root));
    struct component c = {0};
    for (size_t i = 0; i < n_components; i++) {
        c.n = sizes[i];
        c.root = i * WORLD_ROOTS;
        build_component(w, &c);
        c.first += c.n;
    }
    w->n_graphs += n_components;
    free(sizes);
}

/* ---- changing ---- */

static int draw_alive(struct world *w, const struct component *c)
{
    int i = draw(w, c);
    return i != NOTHING && w->graph.objects[i].dead ? NOTHING : i;
}

static void change_object(struct world *w, const struct component *c, size_t i)
{
    struct graph_object *o = &w->graph.objects[i];
    if (o->kind == GRAPH_NODE) {
        link_node(w, i, draw_alive(w, c), o->second);
    } else if (o->kind == GRAPH_EPHEMERON) {
        link_value(w, i, draw_alive(w, c));
    } else if (!graph_is_table(o)) {
        require_ok(besom_weak_clear(w->m, o->address));
        o->first = NOTHING;
    } else if (rng_below(&w->rng, 2)) {
        link_entry(w, i, draw_alive(w, c), draw_alive(w, c));
    } else {
        int key = draw_alive(w, c);
        if (key == NOTHING)
            return;
        enum besom_status status = besom_table_remove(w->m, o->address, at(w, key));
        require(status == (graph_find(o, key) ? BESOM_OK : BESOM_E_ABSENT), "another status");
        graph_remove(o, key);
    }
}

void world_change(struct world *w)
{
    struct graph *g = &w->graph;
    for (size_t changes = 1 + g->n / 8; changes > 0; changes--) {
        /* Across the components now. */
        const struct component all = {.n = g->n};
        int i = draw_alive(w, &all);
        if (i == NOTHING)
            set_root(w, rng_below(&w->rng, g->n_roots), draw_alive(w, &all));
        else if (rng_below(&w->rng, 12) == 0)
            register_one(w, (size_t)i);
        else
            change_object(w, &all, (size_t)i);
    }
}
