/* lua_trace.c - how the host's tables are traced and cleared.
 *
 * Lua 5.4's lgc.c in terms of besom/defer.h:
 *
 *     mode      visits                          defers
 *     strong    keys and values                 -
 *     "k"       strings that are keys, and      the other keys to BESOM_EPHEMERONS, and from there,
 *               what is not kept by an object   if one is not marked yet, to BESOM_CLEAR_KEYS
 *     "v"       keys; strings that are values   BESOM_CLEAR_VALUES
 *     "kv"      strings                         both clearing stages
 *
 * Strings are values to the language: an entry never goes on their account, so they are visited. */
#include "lua_host.h"

#include <stdlib.h>
#include <string.h>

static bool is_string(struct lua_value v)
{
    return v.tag == LUA_OBJECT && ((const struct lua_object *)v.as.object)->kind == LUA_STRING;
}

/* Something that can be removed from a weak table. */
static bool is_removable(struct lua_value v)
{
    return v.tag == LUA_OBJECT && !is_string(v);
}

static void visit_value(struct besom_tracer *tracer, struct lua_value v)
{
    if (v.tag == LUA_OBJECT)
        besom_visit(tracer, v.as.object);
}

/* ---- stages ---- */

static void clear_entry(struct lua_entry *e)
{
    memset(e, 0, sizeof *e);
}

static void clear_values(struct besom_tracer *tracer, void *obj)
{
    const struct besom_heap *heap = besom_tracer_heap(tracer);
    struct lua_table *t = obj;
    for (size_t i = 0; i < t->n; i++)
        if (is_removable(t->entries[i].value) &&
            besom_is_dead(heap, t->entries[i].value.as.object))
            clear_entry(&t->entries[i]);
}

static void clear_keys(struct besom_tracer *tracer, void *obj)
{
    const struct besom_heap *heap = besom_tracer_heap(tracer);
    struct lua_table *t = obj;
    for (size_t i = 0; i < t->n; i++)
        if (is_removable(t->entries[i].key) &&
            besom_is_dead(heap, t->entries[i].key.as.object))
            clear_entry(&t->entries[i]);
}

static void visit_ephemerons(struct besom_tracer *tracer, void *obj)
{
    const struct lua_table *t = obj;
    bool any_white = false;
    for (size_t i = 0; i < t->n; i++) {
        const struct lua_entry *e = &t->entries[i];
        void *value = e->value.tag == LUA_OBJECT ? e->value.as.object : NULL;
        if (is_removable(e->key) && !besom_visit_ephemeron(tracer, e->key.as.object, value))
            any_white = true;
    }
    if (any_white)
        besom_defer(tracer, BESOM_CLEAR_KEYS, clear_keys, obj);
}

/* ---- tracing ---- */

/* Whether the metatable says k, v or both.  Only compares: nothing may be looked up by content. */
static void read_mode(struct besom_tracer *tracer, const struct lua_table *t, bool *keys,
                      bool *values)
{
    const struct lua_state *L = besom_tracer_host(tracer);
    const struct lua_table *metatable = t->head.metatable;
    *keys = *values = false;
    if (!metatable || !L->globals || L->globals->n == 0)
        return;
    /* The first global is the string "__mode". */
    struct lua_value mode = lua_get(metatable, L->globals->entries[0].value);
    if (!is_string(mode))
        return;
    const char *text = ((const struct lua_string *)mode.as.object)->text;
    *keys = strchr(text, 'k') != NULL;
    *values = strchr(text, 'v') != NULL;
}

static void visit_strong(struct besom_tracer *tracer, const struct lua_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        visit_value(tracer, t->entries[i].key);
        visit_value(tracer, t->entries[i].value);
    }
}

static void visit_weak_keys(struct besom_tracer *tracer, struct lua_table *t)
{
    bool any = false;
    for (size_t i = 0; i < t->n; i++) {
        const struct lua_entry *e = &t->entries[i];
        if (is_removable(e->key)) {
            any = true;
        } else {
            visit_value(tracer, e->key);
            visit_value(tracer, e->value);
        }
    }
    if (any)
        besom_defer(tracer, BESOM_EPHEMERONS, visit_ephemerons, t);
}

static void visit_weak_values(struct besom_tracer *tracer, struct lua_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        visit_value(tracer, t->entries[i].key);
        if (is_string(t->entries[i].value))
            visit_value(tracer, t->entries[i].value);
    }
    besom_defer(tracer, BESOM_CLEAR_VALUES, clear_values, t);
}

static void visit_weak_both(struct besom_tracer *tracer, struct lua_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        if (is_string(t->entries[i].key))
            visit_value(tracer, t->entries[i].key);
        if (is_string(t->entries[i].value))
            visit_value(tracer, t->entries[i].value);
    }
    besom_defer(tracer, BESOM_CLEAR_VALUES, clear_values, t);
    besom_defer(tracer, BESOM_CLEAR_KEYS, clear_keys, t);
}

static void trace_table(struct besom_tracer *tracer, void *obj)
{
    struct lua_table *t = obj;
    bool weak_keys, weak_values;
    read_mode(tracer, t, &weak_keys, &weak_values);
    besom_visit(tracer, t->head.metatable);
    if (weak_keys && weak_values)
        visit_weak_both(tracer, t);
    else if (weak_keys)
        visit_weak_keys(tracer, t);
    else if (weak_values)
        visit_weak_values(tracer, t);
    else
        visit_strong(tracer, t);
}

static void free_entries(struct besom_heap *heap, void *obj)
{
    (void)heap; /* the library takes back what is charged */
    free(((struct lua_table *)obj)->entries);
}

const struct besom_type lua_table_type = {.name = "Lua table",
                                          .size_bytes = sizeof(struct lua_table),
                                          .trace = trace_table,
                                          .destroy = free_entries};

static void trace_userdata(struct besom_tracer *tracer, void *obj)
{
    const struct lua_userdata *u = obj;
    besom_visit(tracer, u->head.metatable);
    visit_value(tracer, u->value);
}

const struct besom_type lua_userdata_type = {.name = "Lua userdata",
                                             .size_bytes = sizeof(struct lua_userdata),
                                             .trace = trace_userdata};
