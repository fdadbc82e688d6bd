/* lua_host.h - a host with tables of its own: as much of Lua 5.4 as its rules of garbage need.
 *
 * Values, interned strings, tables with metatables, userdata.  Objects have the host's own header;
 * a table's entries are in the host's memory.  Weakness is decided by the metatable's __mode when a
 * table is traced, and done with besom/defer.h; finalization by __gc when a metatable is set, and
 * done with besom/finalize.h.  Strings are in a table of the host's, out of which their destroy
 * hook takes them.  One thread. */
#ifndef TESTS_LUA_HOST_H
#define TESTS_LUA_HOST_H

#include "support.h"

enum lua_kind { LUA_STRING, LUA_TABLE, LUA_USERDATA };

struct lua_object { /* the header */
    uint8_t kind;   /* enum lua_kind */
    bool to_finalize; /* marked for finalization, and not yet finalized */
    struct lua_table *metatable;
};

struct lua_string {
    struct lua_object head;
    struct lua_string *chain;
    char text[];
};

struct lua_state;
typedef void (*lua_function)(struct lua_state *L, struct lua_object *self);

enum lua_tag { LUA_NIL, LUA_NUMBER, LUA_FUNCTION, LUA_OBJECT };

struct lua_value {
    enum lua_tag tag;
    union {
        double number;
        lua_function function; /* a light one: no object */
        void *object;          /* starts with struct lua_object */
    } as;
};

struct lua_entry {
    struct lua_value key, value;
};

struct lua_table {
    struct lua_object head;
    struct lua_entry *entries; /* holes have a key of nil */
    size_t n;
};

struct lua_userdata {
    struct lua_object head;
    uint64_t id;
    struct lua_value value;
};

enum { LUA_BUCKETS = 512, LUA_LOG = 256 };

struct lua_state {
    struct watch watch; /* first: the heap's host */
    struct besom_config config;
    struct besom_heap *heap;
    struct besom_mutator *m;
    struct lua_string *strings[LUA_BUCKETS];
    size_t n_strings;
    size_t revived, too_late; /* dead strings that were looked up */
    struct lua_table *globals;
    bool closing;
    uint64_t log[LUA_LOG]; /* ids of finalized userdata, in order */
    size_t n_log;
};

extern const struct besom_type lua_string_type, lua_table_type, lua_userdata_type;

/* options over the defaults, the environment's over them; exact: those only. */
void lua_open(struct lua_state *L, const char *options, bool exact);
/* Calls the finalizers of all that is marked for finalization, and frees everything. */
void lua_close(struct lua_state *L);

/* Nothing here is a safepoint but lua_collect.  New objects are held by nobody. */
struct lua_string *lua_intern(struct lua_state *L, const char *text);
struct lua_table *lua_new_table(struct lua_state *L);
struct lua_userdata *lua_new_userdata(struct lua_state *L, uint64_t id);
struct lua_value lua_number(double number);
struct lua_value lua_light(lua_function function);
struct lua_value lua_object(const void *object); /* nil for NULL */

/* Raw accesses.  A nil value removes. */
void lua_set(struct lua_state *L, struct lua_table *t, struct lua_value key,
             struct lua_value value);
struct lua_value lua_get(const struct lua_table *t, struct lua_value key);
/* With a string as the key. */
void lua_set_field(struct lua_state *L, struct lua_table *t, const char *name,
                   struct lua_value value);
struct lua_value lua_get_field(struct lua_state *L, const struct lua_table *t, const char *name);
/* A global variable. */
void lua_set_global(struct lua_state *L, const char *name, const void *object);
void *lua_get_global(struct lua_state *L, const char *name);
size_t lua_count(const struct lua_table *t);
bool lua_equal(struct lua_value a, struct lua_value b);

/* Sets the metatable (may be NULL) of a table or userdata, and marks it for finalization if the
 * metatable has a field __gc now. */
void lua_set_metatable(struct lua_state *L, void *object, struct lua_table *metatable);
/* A new metatable with these, each of which may be NULL. */
struct lua_table *lua_new_metatable(struct lua_state *L, const char *mode, lua_function gc);

/* collectgarbage(): a full cycle, and then the finalizers. */
void lua_collect(struct lua_state *L);
void lua_call_finalizers(struct lua_state *L);
/* Notes the id of a userdata: a finalizer. */
void lua_log(struct lua_state *L, struct lua_object *self);

#endif
