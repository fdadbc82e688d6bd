/* ephemeron_model.c - see ephemeron_model.h. */
#include "ephemeron_model.h"

#include <stdlib.h>
#include <string.h>

static void *grow(void *array, size_t bytes)
{
    void *p = realloc(array, bytes);
    if (!p)
        abort();
    return p;
}

void graph_init(struct graph *g, size_t n, size_t n_roots)
{
    memset(g, 0, sizeof *g);
    g->n = n;
    g->n_roots = n_roots;
    g->objects = grow(NULL, n * sizeof *g->objects);
    memset(g->objects, 0, n * sizeof *g->objects);
    for (size_t i = 0; i < n; i++)
        g->objects[i].first = g->objects[i].second = NOTHING;
    g->roots = grow(NULL, (n_roots + 1) * sizeof *g->roots);
    for (size_t i = 0; i < n_roots; i++)
        g->roots[i] = NOTHING;
}

void graph_fini(struct graph *g)
{
    for (size_t i = 0; i < g->n; i++)
        free(g->objects[i].entries);
    free(g->objects);
    free(g->roots);
    free(g->registered);
    free(g->queue);
}

/* ---- tables, registrations ---- */

bool graph_is_table(const struct graph_object *o)
{
    return o->kind >= GRAPH_STRONG;
}

struct graph_entry *graph_find(const struct graph_object *table, int key)
{
    for (size_t i = 0; i < table->n_entries; i++)
        if (table->entries[i].key == key)
            return &table->entries[i];
    return NULL;
}

static void append(struct graph_object *table, int key, int value)
{
    if (table->n_entries == table->capacity) {
        table->capacity = 2 * table->capacity + 4;
        table->entries = grow(table->entries, table->capacity * sizeof *table->entries);
    }
    table->entries[table->n_entries++] = (struct graph_entry){key, value};
}

void graph_put(struct graph_object *table, int key, int value)
{
    struct graph_entry *e = graph_find(table, key);
    if (e)
        e->value = value;
    else
        append(table, key, value);
}

void graph_remove(struct graph_object *table, int key)
{
    struct graph_entry *e = graph_find(table, key);
    if (e)
        *e = table->entries[--table->n_entries];
}

void graph_register(struct graph *g, int object, unsigned group)
{
    if ((g->n_registered & (g->n_registered - 1)) == 0)
        g->registered = grow(g->registered, (2 * g->n_registered + 1) * sizeof *g->registered);
    g->registered[g->n_registered++] = (struct graph_registration){object, group};
}

static void enqueue(struct graph *g, int object)
{
    if (g->queue_end == g->queue_capacity) {
        g->queue_capacity = 2 * g->queue_capacity + 16;
        g->queue = grow(g->queue, g->queue_capacity * sizeof *g->queue);
    }
    g->queue[g->queue_end++] = object;
}

int graph_pull(struct graph *g)
{
    return g->queue_begin < g->queue_end ? g->queue[g->queue_begin++] : NOTHING;
}

/* ---- marking ---- */

static bool is_marked(const struct graph *g, int i)
{
    return i != NOTHING && g->objects[i].marked;
}

static void mark(struct graph *g, int i)
{
    if (i == NOTHING || g->objects[i].marked)
        return;
    g->objects[i].marked = true;
    g->objects[i].late = g->late;
    g->changed = true;
}

static void mark_entries(struct graph *g, const struct graph_object *o)
{
    for (size_t i = 0; i < o->n_entries; i++) {
        const struct graph_entry *e = &o->entries[i];
        if (o->kind == GRAPH_STRONG ||
            (o->kind == GRAPH_WEAK_VALUES && (g->keys_are_strong || is_marked(g, e->value))))
            mark(g, e->key);
        if (o->kind == GRAPH_STRONG || (o->kind == GRAPH_WEAK_KEYS && is_marked(g, e->key)))
            mark(g, e->value);
    }
}

static void mark_targets(struct graph *g, const struct graph_object *o)
{
    if (o->kind == GRAPH_NODE) {
        mark(g, o->first);
        mark(g, o->second);
    } else if (o->kind == GRAPH_EPHEMERON && is_marked(g, o->first)) {
        mark(g, o->second);
    } else if (graph_is_table(o)) {
        mark_entries(g, o);
    }
}

static void converge(struct graph *g)
{
    do {
        g->changed = false;
        for (size_t i = 0; i < g->n; i++)
            if (g->objects[i].marked)
                mark_targets(g, &g->objects[i]);
    } while (g->changed);
}

/* ---- clearing ---- */

static void drop_entries(const struct graph *g, struct graph_object *o, bool by_value)
{
    for (size_t i = 0; i < o->n_entries;) {
        const struct graph_entry *e = &o->entries[i];
        if (is_marked(g, by_value ? e->value : e->key))
            i++;
        else
            o->entries[i] = o->entries[--o->n_entries];
    }
}

static bool has_weak_values(const struct graph_object *o)
{
    return o->kind == GRAPH_WEAK_VALUES || o->kind == GRAPH_WEAK_BOTH;
}

static bool has_weak_keys(const struct graph_object *o)
{
    return o->kind == GRAPH_WEAK_KEYS || o->kind == GRAPH_WEAK_BOTH;
}

static void clear_before_finalizers(struct graph *g)
{
    for (size_t i = 0; i < g->n; i++) {
        struct graph_object *o = &g->objects[i];
        /* One that is itself not marked may yet be brought back, with what it shows then. */
        if (o->marked && o->kind == GRAPH_SHORT && !is_marked(g, o->first))
            o->first = NOTHING;
        if (o->marked && has_weak_values(o))
            drop_entries(g, o, true);
    }
}

static void clear_after_finalizers(struct graph *g)
{
    for (size_t i = 0; i < g->n; i++) {
        struct graph_object *o = &g->objects[i];
        if (!o->marked) {
            o->dead = true;
            continue;
        }
        bool is_weak = o->kind == GRAPH_LONG || o->kind == GRAPH_EPHEMERON ||
                       (o->kind == GRAPH_SHORT && o->late);
        if (is_weak && !is_marked(g, o->first))
            o->first = o->second = NOTHING;
        if (has_weak_keys(o))
            drop_entries(g, o, false);
        if (o->late && has_weak_values(o))
            drop_entries(g, o, true);
    }
}

/* ---- finalizers ---- */

enum { GROUPS = 8 };

static void queue_the_dead(struct graph *g)
{
    for (unsigned group = 0; group < GROUPS; group++)
        for (size_t i = g->n_registered; i-- > 0;) {
            const struct graph_registration *r = &g->registered[i];
            if (r->group == group && !g->objects[r->object].marked)
                enqueue(g, r->object);
        }
    struct graph_registration *old = g->registered;
    size_t n = g->n_registered;
    g->registered = NULL;
    g->n_registered = 0;
    for (size_t i = 0; i < n; i++)
        if (g->objects[old[i].object].marked)
            graph_register(g, old[i].object, old[i].group);
    free(old);
}

static void mark_queue(struct graph *g)
{
    for (size_t i = g->queue_begin; i < g->queue_end; i++)
        mark(g, g->queue[i]);
}

void graph_cycle(struct graph *g)
{
    g->cycles++;
    g->late = false;
    for (size_t i = 0; i < g->n; i++)
        g->objects[i].marked = g->objects[i].late = false;
    for (size_t i = 0; i < g->n_roots; i++)
        mark(g, g->roots[i]);
    mark_queue(g);
    converge(g);
    clear_before_finalizers(g);
    queue_the_dead(g);
    g->late = true;
    mark_queue(g);
    converge(g);
    clear_after_finalizers(g);
}
