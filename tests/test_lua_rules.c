/* test_lua_rules.c - the rules of the Lua 5.4 reference manual, 2.5.4 (Weak Tables), each shown on
 * a host that has its own tables, and what its table of strings asks for. */
#include "lua_host.h"

#include <stdio.h>
#include <string.h>

static void open_plain(struct lua_state *L)
{
    lua_open(L, NULL, false);
}

static struct lua_table *new_weak(struct lua_state *L, const char *name, const char *mode)
{
    struct lua_table *t = lua_new_table(L);
    lua_set_global(L, name, t);
    lua_set_metatable(L, t, lua_new_metatable(L, mode, NULL));
    return t;
}

/* Is the table or userdata still there?  A new string may lie where it was. */
static bool is_there(struct lua_state *L, const void *object)
{
    const struct besom_type *type = besom_type_of(L->heap, object);
    return type && type != &lua_string_type;
}

static bool holds(const struct lua_table *t, const void *key, const void *value)
{
    return lua_equal(lua_get(t, lua_object(key)), lua_object(value));
}

static void put(struct lua_state *L, struct lua_table *t, const void *key, const void *value)
{
    lua_set(L, t, lua_object(key), lua_object(value));
}

START_TEST(weak_references_keep_nothing)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *k = new_weak(&L, "k", "k"), *v = new_weak(&L, "v", "v");
    struct lua_table *kv = new_weak(&L, "kv", "kv"), *strong = new_weak(&L, "strong", NULL);
    struct lua_table *key = lua_new_table(&L), *value = lua_new_table(&L);
    struct lua_table *held = lua_new_table(&L);
    lua_set_global(&L, "held", held);
    put(&L, k, key, held);
    put(&L, v, held, value);
    put(&L, kv, key, held);
    put(&L, kv, held, value);
    put(&L, strong, lua_new_table(&L), lua_new_table(&L));
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(k), 0);
    ck_assert_uint_eq(lua_count(v), 0);
    ck_assert_uint_eq(lua_count(kv), 0);
    ck_assert_uint_eq(lua_count(strong), 1);
    ck_assert(!is_there(&L, key));
    ck_assert(!is_there(&L, value));
    lua_close(&L);
}
END_TEST

START_TEST(strong_halves_of_weak_tables_are_kept)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *k = new_weak(&L, "k", "k"), *v = new_weak(&L, "v", "v");
    struct lua_table *a = lua_new_table(&L), *b = lua_new_table(&L), *held = lua_new_table(&L);
    lua_set_global(&L, "held", held);
    put(&L, k, held, a);
    put(&L, v, b, held);
    for (int i = 0; i < 3; i++)
        lua_collect(&L);
    ck_assert(holds(k, held, a));
    ck_assert(holds(v, b, held));
    ck_assert(is_there(&L, a) && is_there(&L, b));
    lua_close(&L);
}
END_TEST

START_TEST(entry_of_an_ephemeron_table_whose_key_only_its_value_reaches_goes)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *k = new_weak(&L, "k", "k");
    struct lua_table *key = lua_new_table(&L), *value = lua_new_table(&L);
    put(&L, value, key, key); /* the value reaches the key */
    put(&L, k, key, value);
    lua_set_global(&L, "key", key);
    lua_collect(&L);
    ck_assert(holds(k, key, value));
    lua_set_global(&L, "key", NULL);
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(k), 0);
    ck_assert(!is_there(&L, key) && !is_there(&L, value));
    lua_close(&L);
}
END_TEST

START_TEST(values_of_an_ephemeron_table_live_through_chains_of_keys)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *first = new_weak(&L, "1", "k"), *second = new_weak(&L, "2", "k");
    struct lua_table *keys[100];
    for (int i = 0; i < 100; i++)
        keys[i] = lua_new_table(&L);
    /* To and fro between two tables, one of them from the end to the beginning. */
    for (int i = 0; i < 99; i++)
        put(&L, i % 2 ? first : second, keys[i * 37 % 100], keys[(i + 1) * 37 % 100]);
    lua_set_global(&L, "head", keys[0]);
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(first) + lua_count(second), 99);
    lua_set_global(&L, "head", keys[40 * 37 % 100]);
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(first) + lua_count(second), 59);
    lua_set_global(&L, "head", NULL);
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(first) + lua_count(second), 0);
    lua_close(&L);
}
END_TEST

START_TEST(change_of_mode_takes_effect_in_the_next_cycle)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *t = new_weak(&L, "t", NULL);
    lua_set(&L, t, lua_number(1), lua_object(lua_new_table(&L)));
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(t), 1);
    lua_set_metatable(&L, t, lua_new_metatable(&L, "v", NULL));
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(t), 0);
    struct lua_table *key = lua_new_table(&L);
    lua_set(&L, t, lua_object(key), lua_number(1));
    lua_collect(&L); /* keys are strong */
    ck_assert_uint_eq(lua_count(t), 1);
    lua_set_field(&L, t->head.metatable, "__mode", lua_object(lua_intern(&L, "k")));
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(t), 0);
    lua_set_field(&L, t->head.metatable, "__mode", (struct lua_value){LUA_NIL, {0}});
    put(&L, t, lua_new_table(&L), lua_new_table(&L));
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(t), 1);
    lua_close(&L);
}
END_TEST

/* What a finalizer finds in the weak tables about its object. */
static void look_into_tables(struct lua_state *L, struct lua_object *self)
{
    const struct lua_table *k = lua_get_global(L, "k"), *v = lua_get_global(L, "v");
    const struct lua_table *kv = lua_get_global(L, "kv");
    struct lua_value me = lua_object(self), friend = ((struct lua_userdata *)self)->value;
    require(lua_get(k, me).as.number == 7, "a property of the object is lost");
    require(lua_get(kv, me).as.number == 8, "a property of the object is lost");
    require(lua_get(k, friend).as.number == 9, "a property of its friend is lost");
    require(lua_get(v, lua_number(1)).tag == LUA_NIL, "the object is still a value");
    require(lua_get(kv, lua_number(1)).tag == LUA_NIL, "the object is still a value");
    require(lua_get(v, lua_number(2)).tag == LUA_NIL, "its friend is still a value");
    lua_log(L, self);
}

START_TEST(numbers_functions_and_strings_are_not_removed)
{
    const char *modes[] = {"k", "v", "kv"};
    for (int i = 0; i < 3; i++) {
        struct lua_state L;
        open_plain(&L);
        struct lua_table *t = new_weak(&L, "t", modes[i]);
        lua_set(&L, t, lua_number(1), lua_number(10));
        lua_set(&L, t, lua_light(lua_log), lua_light(look_into_tables));
        lua_set(&L, t, lua_object(lua_intern(&L, "a key that nobody else has")),
                lua_object(lua_intern(&L, "a value that nobody else has")));
        lua_set(&L, t, lua_number(2), lua_object(lua_intern(&L, "another value")));
        lua_set(&L, t, lua_object(lua_intern(&L, "another key")), lua_number(3));
        for (int cycle = 0; cycle < 3; cycle++) {
            lua_collect(&L);
            ck_assert_uint_eq(lua_count(t), 5);
        }
        struct lua_value value = lua_get_field(&L, t, "a key that nobody else has");
        ck_assert_int_eq(value.tag, LUA_OBJECT);
        ck_assert_str_eq(((struct lua_string *)value.as.object)->text,
                         "a value that nobody else has");
        ck_assert_uint_eq(L.too_late, 0);
        lua_close(&L);
    }
}
END_TEST

START_TEST(strings_go_with_what_they_are_paired_with)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *k = new_weak(&L, "k", "k"), *v = new_weak(&L, "v", "v");
    lua_set(&L, k, lua_object(lua_new_table(&L)), lua_object(lua_intern(&L, "a value")));
    lua_set(&L, v, lua_object(lua_intern(&L, "a key")), lua_object(lua_new_table(&L)));
    lua_collect(&L);
    ck_assert_uint_eq(lua_count(k), 0);
    ck_assert_uint_eq(lua_count(v), 0);
    lua_collect(&L);
    size_t before = L.n_strings;
    lua_intern(&L, "a value"); /* they are gone, so these are new */
    lua_intern(&L, "a key");
    ck_assert_uint_eq(L.n_strings, before + 2);
    lua_close(&L);
}
END_TEST

START_TEST(resurrected_objects_leave_values_before_and_keys_after_their_finalizers)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *k = new_weak(&L, "k", "k"), *v = new_weak(&L, "v", "v");
    struct lua_table *kv = new_weak(&L, "kv", "kv");
    struct lua_userdata *u = lua_new_userdata(&L, 1);
    struct lua_table *friend = lua_new_table(&L); /* only reached from it */
    u->value = lua_object(friend);
    lua_set_metatable(&L, u, lua_new_metatable(&L, NULL, look_into_tables));
    lua_set(&L, k, lua_object(u), lua_number(7));
    lua_set(&L, kv, lua_object(u), lua_number(8));
    lua_set(&L, k, lua_object(friend), lua_number(9));
    lua_set(&L, v, lua_number(1), lua_object(u));
    lua_set(&L, kv, lua_number(1), lua_object(u));
    lua_set(&L, v, lua_number(2), lua_object(friend));
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 1);
    ck_assert_uint_eq(lua_count(k), 2);
    ck_assert_uint_eq(lua_count(kv), 1);
    ck_assert_uint_eq(lua_count(v), 0);
    lua_collect(&L); /* now they are freed */
    ck_assert_uint_eq(lua_count(k), 0);
    ck_assert_uint_eq(lua_count(kv), 0);
    ck_assert(!is_there(&L, u) && !is_there(&L, friend));
    lua_close(&L);
}
END_TEST

static void store_globally(struct lua_state *L, struct lua_object *self)
{
    lua_log(L, self);
    lua_set_global(L, "saved", self);
}

START_TEST(resurrected_weak_table_is_cleared_of_what_is_really_dead)
{
    const char *modes[] = {"k", "v", "kv"};
    for (int i = 0; i < 3; i++) {
        struct lua_state L;
        open_plain(&L);
        struct lua_userdata *u = lua_new_userdata(&L, 1);
        struct lua_userdata *beside = lua_new_userdata(&L, 2);
        lua_set_metatable(&L, beside, lua_new_metatable(&L, NULL, lua_log));
        struct lua_table *weak = lua_new_table(&L);
        lua_set_metatable(&L, weak, lua_new_metatable(&L, modes[i], NULL));
        u->value = lua_object(weak); /* the table comes back with it */
        lua_set_metatable(&L, u, lua_new_metatable(&L, NULL, store_globally));
        struct lua_table *dead = lua_new_table(&L);
        if (strchr(modes[i], 'k')) {
            lua_set(&L, weak, lua_object(dead), lua_number(1));
            lua_set(&L, weak, lua_object(beside), lua_number(2)); /* resurrected as well */
        }
        if (strchr(modes[i], 'v')) {
            lua_set(&L, weak, lua_number(1), lua_object(dead));
            lua_set(&L, weak, lua_number(2), lua_object(beside));
        }
        lua_collect(&L);
        ck_assert_uint_eq(L.n_log, 2);
        ck_assert_ptr_eq(lua_get_global(&L, "saved"), u);
        ck_assert(!is_there(&L, dead));
        ck_assert_uint_eq(lua_count(weak), strlen(modes[i]));
        lua_collect(&L);
        ck_assert_uint_eq(lua_count(weak), 0);
        ck_assert(!is_there(&L, beside));
        lua_close(&L);
    }
}
END_TEST

/* ---- strings that are found again ---- */

enum { STRINGS = 20000 };

static struct lua_string *intern_number(struct lua_state *L, size_t i)
{
    char text[32];
    snprintf(text, sizeof text, "string number %zu", i);
    return lua_intern(L, text);
}

START_TEST(dead_string_that_is_looked_up_in_time_is_alive_again)
{
    struct lua_state L;
    lua_open(&L, NULL, true);
    lua_collect(&L);
    size_t others = L.n_strings;
    for (size_t i = 0; i < STRINGS; i++)
        intern_number(&L, i);
    ck_assert_uint_eq(L.n_strings, others + STRINGS);
    require_ok(besom_step(L.m, 1, NULL)); /* marks everything */
    struct lua_table *saved = lua_new_table(&L);
    lua_set_global(&L, "saved strings", saved);
    for (size_t i = 0; i < 100; i++)
        lua_set(&L, saved, lua_number((double)i), lua_object(intern_number(&L, i * 191)));
    ck_assert_uint_gt(L.revived, 0);
    for (bool ended = false; !ended;)
        require_ok(besom_step(L.m, 100, &ended));
    for (int cycle = 0; cycle < 3; cycle++) {
        for (size_t i = 0; i < 100; i++) {
            const struct lua_string *s = lua_get(saved, lua_number((double)i)).as.object;
            char text[32];
            snprintf(text, sizeof text, "string number %zu", i * 191);
            ck_assert(besom_owns(L.heap, s));
            ck_assert_str_eq(s->text, text);
            ck_assert_ptr_eq(intern_number(&L, i * 191), s); /* still the one in the table */
        }
        lua_collect(&L);
    }
    ck_assert_uint_le(L.n_strings, others + 102);
    lua_set_global(&L, "saved strings", NULL);
    lua_collect(&L);
    lua_collect(&L);
    ck_assert_uint_le(L.n_strings, others + 2);
    lua_close(&L); /* checks that each one's hook was called */
}
END_TEST

START_TEST(strings_are_one_to_a_content_at_any_moment_of_a_cycle)
{
    const char *options[] = {NULL, "slow", "slow,poison", "mark_threads=4", "stress=3,verify"};
    for (int o = 0; o < 5; o++) {
        struct lua_state L;
        lua_open(&L, options[o], false);
        struct lua_table *held = lua_new_table(&L);
        lua_set_global(&L, "held", held);
        struct rng rng = {test_seed() + (uint64_t)o};
        for (size_t i = 0; i < scaled(100000); i++) {
            size_t k = rng_below(&rng, 60), number = rng_below(&rng, 300);
            struct lua_string *s = intern_number(&L, number);
            require(intern_number(&L, number) == s, "two strings of one content");
            struct lua_value old = lua_get(held, lua_number((double)k));
            if (old.tag == LUA_OBJECT) {
                const struct lua_string *there = old.as.object;
                require(lua_intern(&L, there->text) == there, "two strings of one content");
            }
            lua_set(&L, held, lua_number((double)k),
                    rng_below(&rng, 2) ? lua_object(s) : (struct lua_value){LUA_NIL, {0}});
            if (i % 4 == 0)
                require_ok(besom_step(L.m, 300, NULL));
            if (i % 1000 == 0)
                lua_collect(&L);
        }
        printf("strings, \"%s\": %zu revived, %zu too late\n", options[o] ? options[o] : "",
               L.revived, L.too_late);
        fflush(stdout);
        lua_close(&L);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        weak_references_keep_nothing,
        strong_halves_of_weak_tables_are_kept,
        entry_of_an_ephemeron_table_whose_key_only_its_value_reaches_goes,
        values_of_an_ephemeron_table_live_through_chains_of_keys,
        change_of_mode_takes_effect_in_the_next_cycle,
        numbers_functions_and_strings_are_not_removed,
        strings_go_with_what_they_are_paired_with,
        resurrected_objects_leave_values_before_and_keys_after_their_finalizers,
        resurrected_weak_table_is_cleared_of_what_is_really_dead,
        dead_string_that_is_looked_up_in_time_is_alive_again,
        strings_are_one_to_a_content_at_any_moment_of_a_cycle,
    };
    test_seed();
    return run_tests("Lua rules", tests, sizeof tests / sizeof *tests);
}
