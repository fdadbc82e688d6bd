/* test_lua_finalizers.c - the rules of the Lua 5.4 reference manual, 2.5.3 (Garbage-Collection
 * Metamethods), each shown on the host. */
#include "lua_host.h"

static void open_plain(struct lua_state *L)
{
    lua_open(L, NULL, false);
}

/* A userdata with a metatable of its own. */
static struct lua_userdata *new_finalized(struct lua_state *L, uint64_t id)
{
    struct lua_userdata *u = lua_new_userdata(L, id);
    lua_set_metatable(L, u, lua_new_metatable(L, NULL, lua_log));
    return u;
}

/* Is the table or userdata still there?  A new string may lie where it was. */
static bool is_there(struct lua_state *L, const void *object)
{
    const struct besom_type *type = besom_type_of(L->heap, object);
    return type && type != &lua_string_type;
}

START_TEST(object_is_finalized_when_it_is_dead_and_freed_in_the_next_cycle)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_userdata *u = new_finalized(&L, 1);
    lua_set_global(&L, "u", u);
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 0);
    lua_set_global(&L, "u", NULL);
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 1);
    ck_assert_uint_eq(L.log[0], 1);
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 1);
    ck_assert(!is_there(&L, u));
    lua_close(&L);
}
END_TEST

START_TEST(object_without_gc_in_its_metatable_at_the_time_is_not_marked)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *metatable = lua_new_metatable(&L, NULL, NULL);
    struct lua_userdata *u = lua_new_userdata(&L, 1);
    lua_set_metatable(&L, u, metatable);
    lua_set_field(&L, metatable, "__gc", lua_light(lua_log)); /* too late */
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 0);
    ck_assert(!is_there(&L, u));
    lua_close(&L);
}
END_TEST

static void log_twice(struct lua_state *L, struct lua_object *self)
{
    lua_log(L, self);
    lua_log(L, self);
}

START_TEST(metamethod_is_looked_up_when_it_is_called)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_table *metatable = lua_new_metatable(&L, NULL, lua_log);
    lua_set_global(&L, "metatable", metatable);
    struct lua_userdata *u = lua_new_userdata(&L, 1);
    lua_set_metatable(&L, u, metatable);
    lua_set_field(&L, metatable, "__gc", lua_light(log_twice));
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 2);
    /* What is no function is ignored, and marks all the same. */
    lua_set_field(&L, metatable, "__gc", lua_number(1));
    u = lua_new_userdata(&L, 2);
    lua_set_metatable(&L, u, metatable);
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 2);
    lua_collect(&L);
    ck_assert(!is_there(&L, u));
    lua_close(&L);
}
END_TEST

START_TEST(finalizers_are_called_in_the_reverse_order_of_marking)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_userdata *all[60];
    for (uint64_t i = 0; i < 60; i++)
        all[i] = lua_new_userdata(&L, i);
    struct lua_table *metatable = lua_new_metatable(&L, NULL, lua_log);
    for (uint64_t i = 0; i < 60; i++)
        lua_set_metatable(&L, all[i * 7 % 60], metatable);
    for (uint64_t i = 0; i < 60; i++) /* does not count again */
        lua_set_metatable(&L, all[i], metatable);
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 60);
    for (uint64_t i = 0; i < 60; i++)
        ck_assert_uint_eq(L.log[i], (59 - i) * 7 % 60);
    lua_close(&L);
}
END_TEST

static void check_friend(struct lua_state *L, struct lua_object *self)
{
    const struct lua_userdata *u = (const struct lua_userdata *)self;
    require(u->value.tag == LUA_OBJECT && is_there(L, u->value.as.object), "not brought back");
    const struct lua_table *friend = u->value.as.object;
    require(lua_get(friend, lua_number(1)).as.number == 42, "not whole");
    lua_log(L, self);
}

START_TEST(object_and_what_only_it_reaches_are_resurrected)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_userdata *u = lua_new_userdata(&L, 1);
    struct lua_table *friend = lua_new_table(&L);
    lua_set(&L, friend, lua_number(1), lua_number(42));
    u->value = lua_object(friend);
    lua_set_metatable(&L, u, lua_new_metatable(&L, NULL, check_friend));
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 1);
    lua_collect(&L);
    ck_assert(!is_there(&L, u));
    ck_assert(!is_there(&L, friend));
    lua_close(&L);
}
END_TEST

static void store_globally(struct lua_state *L, struct lua_object *self)
{
    lua_log(L, self);
    lua_set_global(L, "saved", self);
}

START_TEST(resurrection_is_permanent_if_the_finalizer_stores_the_object)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_userdata *u = lua_new_userdata(&L, 1);
    lua_set_metatable(&L, u, lua_new_metatable(&L, NULL, store_globally));
    for (int i = 0; i < 4; i++)
        lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 1);
    ck_assert_ptr_eq(lua_get_global(&L, "saved"), u);
    lua_set_global(&L, "saved", NULL);
    lua_collect(&L);
    ck_assert_uint_eq(L.n_log, 1); /* not marked any more */
    ck_assert(!is_there(&L, u));
    lua_close(&L);
    ck_assert_uint_eq(L.n_log, 1);
}
END_TEST

static void mark_again(struct lua_state *L, struct lua_object *self)
{
    lua_log(L, self);
    lua_set_metatable(L, self, self->metatable);
}

START_TEST(object_marked_again_is_finalized_again_in_the_next_cycle)
{
    struct lua_state L;
    open_plain(&L);
    struct lua_userdata *u = lua_new_userdata(&L, 1);
    lua_set_metatable(&L, u, lua_new_metatable(&L, NULL, mark_again));
    for (size_t i = 1; i <= 5; i++) {
        lua_collect(&L);
        ck_assert_uint_eq(L.n_log, i);
        ck_assert(is_there(&L, u)); /* dead, and marked: not freed */
    }
    lua_close(&L);
    ck_assert_uint_eq(L.n_log, 6); /* the mark of the last call has no effect */
}
END_TEST

START_TEST(closing_calls_all_finalizers_in_the_reverse_order_of_marking)
{
    struct lua_state L;
    lua_open(&L, NULL, true); /* one cycle would, and none before */
    for (uint64_t i = 0; i < 20; i++) {
        struct lua_userdata *u = new_finalized(&L, i);
        if (i % 2)
            lua_set(&L, L.globals, lua_number((double)i), lua_object(u));
    }
    lua_close(&L);
    ck_assert_uint_eq(L.n_log, 20);
    for (uint64_t i = 0; i < 20; i++)
        ck_assert_uint_eq(L.log[i], 19 - i);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        object_is_finalized_when_it_is_dead_and_freed_in_the_next_cycle,
        object_without_gc_in_its_metatable_at_the_time_is_not_marked,
        metamethod_is_looked_up_when_it_is_called,
        finalizers_are_called_in_the_reverse_order_of_marking,
        object_and_what_only_it_reaches_are_resurrected,
        resurrection_is_permanent_if_the_finalizer_stores_the_object,
        object_marked_again_is_finalized_again_in_the_next_cycle,
        closing_calls_all_finalizers_in_the_reverse_order_of_marking,
    };
    return run_tests("Lua finalizers", tests, sizeof tests / sizeof *tests);
}
