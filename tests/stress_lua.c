/* stress_lua.c - random programs on the Lua host: after each collection its tables hold what the
 * brute-force model says, and exactly the model's objects are there.
 *
 * The model's kinds of tables are the four modes; what can never be removed (strings, numbers,
 * functions) are nodes that are roots. */
#include "ephemeron_model.h"
#include "lua_host.h"

#include <stdio.h>
#include <stdlib.h>

enum { CONSTANTS = 12, TABLES = 40, OBJECTS = CONSTANTS + TABLES, ROOTS = 4, PROGRAMS = 12000 };

struct script {
    struct lua_state L;
    struct graph g;
    struct rng rng;
    uint64_t seed;
    struct lua_table *metatables[4][2]; /* by mode, and with or without __gc */
    bool marked[OBJECTS];               /* for finalization */
    bool has_gc[OBJECTS];               /* its metatable has __gc now */
    size_t n_graphs, n_collections, n_finalized;
};

static void differ(const struct script *s, int i, const char *what)
{
    ck_abort_msg("program %llu, object %d: %s", (unsigned long long)s->seed, i, what);
}

/* ---- finalizers ---- */

static struct script *running; /* for the finalizer */

/* The model's next object whose finalizer is to be called, or NOTHING. */
static int pull(struct script *s)
{
    int i;
    while ((i = graph_pull(&s->g)) != NOTHING) {
        s->marked[i] = false;
        if (s->has_gc[i])
            break;
    }
    return i;
}

static void check_order(struct lua_state *L, struct lua_object *self)
{
    (void)L;
    int expected = pull(running);
    if (expected == NOTHING || running->g.objects[expected].address != self)
        differ(running, expected, "finalized out of order");
    running->n_finalized++;
}

/* ---- objects and values ---- */

static struct lua_value constant(struct script *s, int i)
{
    char text[24];
    switch (i % 3) {
    case 0:
        return lua_number(i);
    case 1:
        return i == 1 ? lua_light(check_order) : lua_number(-i);
    default:
        snprintf(text, sizeof text, "constant %d", i);
        return lua_object(lua_intern(&s->L, text));
    }
}

static struct lua_value value_of(struct script *s, int i)
{
    return i < CONSTANTS ? constant(s, i) : lua_object(s->g.objects[i].address);
}

static void set_metatable(struct script *s, int i, unsigned mode, bool gc)
{
    struct graph_object *o = &s->g.objects[i];
    o->kind = (enum graph_kind)(GRAPH_STRONG + mode);
    lua_set_metatable(&s->L, o->address, s->metatables[mode][gc]);
    s->has_gc[i] = gc;
    if (gc && !s->marked[i]) {
        graph_register(&s->g, i, 0);
        s->marked[i] = true;
    }
}

static bool is_alive(const struct script *s, int i)
{
    return i < CONSTANTS || !s->g.objects[i].dead;
}

static int draw(struct script *s)
{
    if (rng_below(&s->rng, 5) == 0)
        return (int)rng_below(&s->rng, CONSTANTS);
    return CONSTANTS + (int)rng_below(&s->rng, TABLES);
}

static void put(struct script *s, int t, int key, int value)
{
    struct graph_object *o = &s->g.objects[t];
    if (!is_alive(s, key) || !is_alive(s, value))
        return;
    lua_set(&s->L, o->address, value_of(s, key), value_of(s, value));
    graph_put(o, key, value);
}

static void set_root(struct script *s, size_t root, int i)
{
    s->g.roots[root] = i;
    lua_set(&s->L, s->L.globals, lua_number((double)root),
            i == NOTHING ? lua_object(NULL) : value_of(s, i));
}

static void change(struct script *s)
{
    int t = CONSTANTS + (int)rng_below(&s->rng, TABLES), key = draw(s);
    struct graph_object *o = &s->g.objects[t];
    if (o->dead)
        return;
    switch (rng_below(&s->rng, 10)) {
    case 0:
        set_metatable(s, t, (unsigned)rng_below(&s->rng, 4), rng_below(&s->rng, 4) == 0);
        break;
    case 1:
        set_root(s, rng_below(&s->rng, ROOTS), rng_below(&s->rng, 2) ? t : NOTHING);
        break;
    case 2:
        if (!is_alive(s, key))
            break;
        lua_set(&s->L, o->address, value_of(s, key), lua_object(NULL));
        graph_remove(o, key);
        break;
    default:
        put(s, t, key, draw(s));
    }
}

/* ---- comparing ---- */

static void compare_table(struct script *s, int i)
{
    const struct graph_object *o = &s->g.objects[i];
    const struct lua_table *t = o->address;
    if (lua_count(t) != o->n_entries)
        differ(s, i, lua_count(t) < o->n_entries ? "too few entries" : "too many entries");
    for (size_t j = 0; j < o->n_entries; j++)
        if (!lua_equal(lua_get(t, value_of(s, o->entries[j].key)),
                       value_of(s, o->entries[j].value)))
            differ(s, i, "another value of a key");
}

/* Before the finalizers are called; nothing was allocated since the cycle. */
static void compare(struct script *s)
{
    for (uint64_t cycles = stats_of(s->L.heap).cycles; s->g.cycles < cycles;)
        graph_cycle(&s->g);
    for (int i = CONSTANTS; i < OBJECTS; i++) {
        struct graph_object *o = &s->g.objects[i];
        if (o->buried)
            continue;
        bool alive = besom_type_of(s->L.heap, o->address) == &lua_table_type;
        if (alive == o->dead)
            differ(s, i, alive ? "alive, and should be dead" : "dead, and should be alive");
        o->buried = o->dead;
    }
    for (int i = CONSTANTS; i < OBJECTS; i++)
        if (!s->g.objects[i].dead)
            compare_table(s, i);
    s->n_collections++;
}

static void collect_and_compare(struct script *s)
{
    collect(s->L.m);
    compare(s);
    lua_call_finalizers(&s->L);
    require(pull(s) == NOTHING, "too few finalizers were called");
}

/* ---- programs ---- */

static void begin(struct script *s)
{
    s->seed = s->rng.state;
    graph_init(&s->g, OBJECTS, ROOTS + CONSTANTS);
    s->g.keys_are_strong = true;
    s->g.cycles = stats_of(s->L.heap).cycles;
    for (int i = 0; i < CONSTANTS; i++)
        s->g.roots[ROOTS + i] = i;
    size_t weak = rng_below(&s->rng, 5), gc = rng_below(&s->rng, 4);
    for (int i = CONSTANTS; i < OBJECTS; i++) {
        s->marked[i] = false;
        s->g.objects[i].address = lua_new_table(&s->L);
        unsigned mode = weak < 4 && rng_below(&s->rng, 2) ? (unsigned)weak
                                                          : (unsigned)rng_below(&s->rng, 4);
        set_metatable(s, i, mode, gc && rng_below(&s->rng, 8) < gc);
    }
    for (size_t n = rng_below(&s->rng, 4 * TABLES); n > 0; n--)
        put(s, CONSTANTS + (int)rng_below(&s->rng, TABLES), draw(s), draw(s));
    for (size_t root = 0; root < ROOTS; root++)
        set_root(s, root, CONSTANTS + (int)rng_below(&s->rng, TABLES));
}

static void end(struct script *s)
{
    for (size_t root = 0; root < ROOTS; root++)
        set_root(s, root, NOTHING);
    for (bool left = true; left;) {
        collect_and_compare(s);
        left = s->g.n_registered > 0;
        for (int i = CONSTANTS; i < OBJECTS; i++)
            left |= !s->g.objects[i].dead;
    }
    graph_fini(&s->g);
    s->n_graphs++;
}

static void open_script(struct script *s, const char *options)
{
    lua_open(&s->L, options, false);
    const char *modes[] = {NULL, "k", "v", "kv"};
    /* What the globals hold from here on the model need not know. */
    for (int mode = 0; mode < 4; mode++)
        for (int gc = 0; gc < 2; gc++) {
            struct lua_table *t = lua_new_metatable(&s->L, modes[mode], gc ? check_order : NULL);
            s->metatables[mode][gc] = t;
            lua_set(&s->L, s->L.globals, lua_number(100 + 2 * mode + gc), lua_object(t));
        }
    running = s;
}

static void run(const char *options, size_t programs)
{
    struct script *s = calloc(1, sizeof *s);
    require(s != NULL, "no memory");
    uint64_t began_ns = now_ns();
    s->rng.state = test_seed();
    for (const char *c = options ? options : ""; *c; c++)
        s->rng.state = s->rng.state * 31 + (unsigned char)*c;
    open_script(s, options);
    for (programs = test_ops(scaled(programs)); programs > 0; programs--) {
        begin(s);
        collect_and_compare(s);
        for (size_t rounds = rng_below(&s->rng, 4); rounds > 0; rounds--) {
            for (size_t n = rng_below(&s->rng, TABLES); n > 0; n--)
                change(s);
            collect_and_compare(s);
        }
        end(s);
    }
    printf("Lua, \"%s\": %zu programs, %zu collections, %zu finalized, %zu strings revived,"
           " %.1f s\n",
           options ? options : "", s->n_graphs, s->n_collections, s->n_finalized, s->L.revived,
           (double)(now_ns() - began_ns) / 1e9);
    fflush(stdout);
    ck_assert_uint_gt(s->n_finalized, 0);
    lua_close(&s->L);
    free(s);
}

START_TEST(tables_are_those_of_the_model)
{
    run(NULL, PROGRAMS);
}
END_TEST

START_TEST(tables_are_those_of_the_model_with_other_options)
{
    run("mark_threads=1", PROGRAMS / 4);
    run("mark_threads=4", PROGRAMS / 4);
    run("slow", PROGRAMS / 4);
    run("poison,verify", PROGRAMS / 4);
    run("stress=1", PROGRAMS / 4);
    run("mark_stack=64", PROGRAMS / 4);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        tables_are_those_of_the_model,
        tables_are_those_of_the_model_with_other_options,
    };
    test_seed();
    return run_tests("Lua", tests, sizeof tests / sizeof *tests);
}
