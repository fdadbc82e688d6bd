/* lua_host.c - values, strings, tables and finalizers of the host; see lua_host.h. */
#include "lua_host.h"

#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

struct lua_value lua_number(double number)
{
    return (struct lua_value){.tag = LUA_NUMBER, .as.number = number};
}

struct lua_value lua_light(lua_function function)
{
    return (struct lua_value){.tag = LUA_FUNCTION, .as.function = function};
}

struct lua_value lua_object(const void *object)
{
    return (struct lua_value){.tag = object ? LUA_OBJECT : LUA_NIL, .as.object = (void *)object};
}

bool lua_equal(struct lua_value a, struct lua_value b)
{
    if (a.tag != b.tag)
        return false;
    switch (a.tag) {
    case LUA_NUMBER:
        return a.as.number == b.as.number;
    case LUA_FUNCTION:
        return a.as.function == b.as.function;
    case LUA_OBJECT:
        return a.as.object == b.as.object;
    default:
        return true;
    }
}

/* ---- strings ---- */

static struct lua_string **bucket_of(struct lua_state *L, const char *text)
{
    unsigned hash = 5381;
    for (const char *c = text; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    return &L->strings[hash % LUA_BUCKETS];
}

static void remove_string(struct besom_heap *heap, void *obj)
{
    struct lua_state *L = besom_heap_host(heap);
    struct lua_string *s = obj;
    struct lua_string **at = bucket_of(L, s->text);
    while (*at != s)
        at = &(*at)->chain;
    *at = s->chain;
    L->n_strings--;
}

const struct besom_type lua_string_type = {.name = "Lua string",
                                           .size_bytes = sizeof(struct lua_string),
                                           .flags = BESOM_LEAF,
                                           .destroy = remove_string};

/* The string in the table, taken back from the dead if need be and if possible; or NULL. */
static struct lua_string *find_string(struct lua_state *L, struct lua_string *s, const char *text)
{
    for (; s; s = s->chain) {
        if (strcmp(s->text, text) != 0)
            continue;
        if (!besom_is_dead(L->heap, s))
            return s;
        if (besom_revive(L->m, s)) {
            L->revived++;
            return s;
        }
        L->too_late++; /* its hook is about to take it out */
    }
    return NULL;
}

struct lua_string *lua_intern(struct lua_state *L, const char *text)
{
    struct lua_string **bucket = bucket_of(L, text);
    struct lua_string *s = find_string(L, *bucket, text);
    if (s)
        return s;
    s = make_sized(L->m, &lua_string_type, sizeof *s + strlen(text) + 1);
    s->head.kind = LUA_STRING;
    strcpy(s->text, text);
    s->chain = *bucket;
    *bucket = s;
    L->n_strings++;
    return s;
}

/* ---- tables ---- */

struct lua_table *lua_new_table(struct lua_state *L)
{
    struct lua_table *t = make(L->m, &lua_table_type);
    t->head.kind = LUA_TABLE;
    return t;
}

struct lua_userdata *lua_new_userdata(struct lua_state *L, uint64_t id)
{
    struct lua_userdata *u = make(L->m, &lua_userdata_type);
    u->head.kind = LUA_USERDATA;
    u->id = id;
    return u;
}

static struct lua_entry *find_entry(const struct lua_table *t, struct lua_value key)
{
    for (size_t i = 0; i < t->n; i++)
        if (lua_equal(t->entries[i].key, key))
            return &t->entries[i];
    return NULL;
}

struct lua_value lua_get(const struct lua_table *t, struct lua_value key)
{
    const struct lua_entry *e = key.tag == LUA_NIL ? NULL : find_entry(t, key);
    return e ? e->value : (struct lua_value){LUA_NIL, {0}};
}

/* One more hole. */
static struct lua_entry *add_entry(struct lua_state *L, struct lua_table *t)
{
    size_t bytes = (t->n + 1) * sizeof *t->entries;
    struct lua_entry *entries = realloc(t->entries, bytes);
    require(entries != NULL, "no memory");
    require_ok(besom_external(L->heap, t, sizeof *t->entries));
    t->entries = entries;
    memset(&entries[t->n], 0, sizeof *entries);
    return &entries[t->n++];
}

void lua_set(struct lua_state *L, struct lua_table *t, struct lua_value key,
             struct lua_value value)
{
    struct lua_entry *e = find_entry(t, key);
    if (value.tag == LUA_NIL) {
        if (e)
            *e = (struct lua_entry){{LUA_NIL, {0}}, {LUA_NIL, {0}}};
        return;
    }
    besom_write(L->m, t);
    if (!e)
        e = find_entry(t, (struct lua_value){LUA_NIL, {0}});
    if (!e)
        e = add_entry(L, t);
    *e = (struct lua_entry){key, value};
}

void lua_set_field(struct lua_state *L, struct lua_table *t, const char *name,
                   struct lua_value value)
{
    lua_set(L, t, lua_object(lua_intern(L, name)), value);
}

struct lua_value lua_get_field(struct lua_state *L, const struct lua_table *t, const char *name)
{
    return lua_get(t, lua_object(lua_intern(L, name)));
}

void lua_set_global(struct lua_state *L, const char *name, const void *object)
{
    lua_set_field(L, L->globals, name, lua_object(object));
}

void *lua_get_global(struct lua_state *L, const char *name)
{
    struct lua_value value = lua_get_field(L, L->globals, name);
    return value.tag == LUA_OBJECT ? value.as.object : NULL;
}

size_t lua_count(const struct lua_table *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->entries[i].key.tag != LUA_NIL;
    return n;
}

/* ---- metatables, finalizers ---- */

void lua_set_metatable(struct lua_state *L, void *object, struct lua_table *metatable)
{
    struct lua_object *o = object;
    o->metatable = metatable;
    besom_write(L->m, o);
    if (o->to_finalize || L->closing || !metatable ||
        lua_get_field(L, metatable, "__gc").tag == LUA_NIL)
        return;
    require_ok(besom_finalizer_add(L->m, o));
    o->to_finalize = true;
}

struct lua_table *lua_new_metatable(struct lua_state *L, const char *mode, lua_function gc)
{
    struct lua_table *t = lua_new_table(L);
    if (mode)
        lua_set_field(L, t, "__mode", lua_object(lua_intern(L, mode)));
    if (gc)
        lua_set_field(L, t, "__gc", lua_light(gc));
    return t;
}

void lua_call_finalizers(struct lua_state *L)
{
    BESOM_LOCALS(L->m, struct lua_object *o;);
    while ((my->o = besom_finalizer_next(L->m))) {
        my->o->to_finalize = false;
        struct lua_value gc = {LUA_NIL, {0}};
        if (my->o->metatable)
            gc = lua_get_field(L, my->o->metatable, "__gc");
        if (gc.tag == LUA_FUNCTION)
            gc.as.function(L, my->o);
    }
}

void lua_collect(struct lua_state *L)
{
    collect(L->m);
    lua_call_finalizers(L);
}

void lua_log(struct lua_state *L, struct lua_object *self)
{
    require(self->kind == LUA_USERDATA, "no userdata");
    require(L->n_log < LUA_LOG, "the log is full");
    L->log[L->n_log++] = ((struct lua_userdata *)self)->id;
}

/* ---- opening and closing ---- */

static const struct besom_type *type_of(const void *obj)
{
    switch (((const struct lua_object *)obj)->kind) {
    case LUA_STRING:
        return &lua_string_type;
    case LUA_TABLE:
        return &lua_table_type;
    default:
        return &lua_userdata_type;
    }
}

void lua_open(struct lua_state *L, const char *options, bool exact)
{
    memset(L, 0, sizeof *L);
    besom_config_init(&L->config);
    watch_init(&L->watch, &L->config);
    L->config.type_of = type_of;
    L->config.options_text = options;
    L->config.ignore_environment = exact;
    struct besom_report report = {{0}};
    if (besom_heap_new(&L->config, &L->heap, &report) != BESOM_OK)
        ck_abort_msg("%s", report.text);
    L->m = besom_attach(L->heap);
    require(L->m != NULL, "no mutator");
    require_ok(besom_root_range(L->heap, (void **)&L->globals, 1, "globals", NULL));
    L->globals = lua_new_table(L);
    /* The collector looks for this one while it traces. */
    lua_set_global(L, "mode", lua_intern(L, "__mode"));
}

void lua_close(struct lua_state *L)
{
    verify(L->m);
    L->closing = true;
    require_ok(besom_finalizer_queue_all(L->m));
    lua_call_finalizers(L);
    require_ok(besom_detach(L->m));
    require_ok(besom_heap_free(L->heap));
    require(L->n_strings == 0, "strings are left");
    watch_check(&L->watch);
}
