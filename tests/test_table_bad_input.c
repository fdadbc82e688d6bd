/* test_table_bad_input.c - what a table refuses, and that nothing has changed then. */
#include "support_items.h"

#include <stdlib.h>

enum { N = 100, KINDS = 4 };

/* A table of each kind by address and by content, item i under item i, and item N in none. */
struct scene {
    struct rig rig;
    struct besom_handle *tables[2 * KINDS], *items;
};

static struct besom_table *table_of(struct scene *s, size_t i)
{
    return besom_handle_get(s->tables[i]);
}

static void *item_of(struct scene *s, size_t i)
{
    return ((struct vector *)besom_handle_get(s->items))->items[i];
}

static void scene_start(struct scene *s)
{
    rig_start(&s->rig);
    struct besom_mutator *m = s->rig.m;
    struct vector *items = make_vector(m, N + 1);
    s->items = besom_handle_new(m, items, "items");
    for (size_t i = 0; i <= N; i++)
        items->items[i] = make_item(m, i);
    besom_write(m, items);
    for (size_t t = 0; t < 2 * KINDS; t++) {
        enum besom_table_kind kind = (enum besom_table_kind)(t / 2);
        struct besom_table *table =
            t % 2 ? make_content_table(m, kind, hash_well) : make_table(m, kind);
        s->tables[t] = besom_handle_new(m, table, "table");
        for (size_t i = 0; i < N; i++)
            put(m, table, items->items[i], items->items[i]);
    }
    collect(m);
}

/* The tables hold what they held. */
static void scene_check(struct scene *s)
{
    struct besom_mutator *m = s->rig.m;
    for (size_t t = 0; t < 2 * KINDS; t++) {
        require(count_entries(m, table_of(s, t)) == N, "another number of entries");
        for (size_t i = 0; i < N; i++)
            require(besom_table_get(m, table_of(s, t), item_of(s, i)) == item_of(s, i), "changed");
        require(!besom_table_get(m, table_of(s, t), item_of(s, N)), "put");
    }
}

static void scene_end(struct scene *s)
{
    scene_check(s);
    collect(s->rig.m);
    scene_check(s);
    rig_close(&s->rig);
}

START_TEST(table_of_no_kind_or_half_a_hash_is_not_made)
{
    struct scene s;
    scene_start(&s);
    struct besom_mutator *m = s.rig.m;
    size_t before = stats_of(s.rig.heap).used_bytes;
    ck_assert_ptr_null(besom_table_new(m, (enum besom_table_kind)4, NULL, NULL));
    ck_assert_ptr_null(besom_table_new(m, (enum besom_table_kind)-1, NULL, NULL));
    for (int kind = 0; kind < KINDS; kind++) {
        ck_assert_ptr_null(besom_table_new(m, (enum besom_table_kind)kind, hash_well, NULL));
        ck_assert_ptr_null(besom_table_new(m, (enum besom_table_kind)kind, NULL, equal_content));
        ck_assert_ptr_null(besom_table_new(NULL, (enum besom_table_kind)kind, NULL, NULL));
    }
    ck_assert_uint_eq(stats_of(s.rig.heap).used_bytes, before);
    scene_end(&s);
}
END_TEST

START_TEST(null_is_no_table_key_or_value)
{
    struct scene s;
    scene_start(&s);
    struct besom_mutator *m = s.rig.m;
    void *item = item_of(&s, N);
    struct besom_cursor cursor = {0};
    void *key = &s;
    ck_assert_int_eq(besom_table_put(m, NULL, item, item), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_table_remove(m, NULL, item), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_table_clear(m, NULL), BESOM_E_ARGUMENT);
    ck_assert_ptr_null(besom_table_get(m, NULL, item));
    ck_assert_uint_eq(besom_table_count(NULL), 0);
    ck_assert(!besom_table_next(m, NULL, &cursor, &key, NULL));
    for (size_t t = 0; t < 2 * KINDS; t++) {
        struct besom_table *table = table_of(&s, t);
        ck_assert_int_eq(besom_table_put(m, table, NULL, item), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_table_put(m, table, item, NULL), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_table_put(m, table, item_of(&s, 1), NULL), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_table_remove(m, table, NULL), BESOM_E_ARGUMENT);
        ck_assert_ptr_null(besom_table_get(m, table, NULL));
        ck_assert(!besom_table_next(m, table, NULL, &key, NULL));
        ck_assert(!besom_table_next(NULL, table, &cursor, &key, NULL));
        ck_assert_int_eq(besom_table_put(NULL, table, item, item), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_table_remove(NULL, table, item_of(&s, 1)), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_table_clear(NULL, table), BESOM_E_ARGUMENT);
        ck_assert_ptr_null(besom_table_get(NULL, table, item_of(&s, 1)));
    }
    ck_assert_ptr_eq(key, &s);
    ck_assert_ptr_null(cursor.key);
    scene_end(&s);
}
END_TEST

START_TEST(what_is_no_object_of_the_heap_is_no_key_or_value)
{
    struct scene s;
    struct rig other;
    scene_start(&s);
    rig_start(&other);
    uint64_t local[8] = {0};
    char *item = item_of(&s, N);
    /* Those that a hash may be asked about look like items. */
    struct item stranger = {&item_type, NULL, NULL, 1, 1};
    void *const bad[] = {&stranger, make_item(other.m, 1), local, item + 8, item + 16};
    for (size_t t = 0; t < 2 * KINDS; t++) {
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            struct besom_table *table = table_of(&s, t);
            ck_assert_int_eq(besom_table_put(s.rig.m, table, item, bad[i]), BESOM_E_FOREIGN);
            ck_assert_int_eq(besom_table_put(s.rig.m, table, item_of(&s, 1), bad[i]),
                             BESOM_E_FOREIGN);
            if (t % 2 && i > 1)
                continue;
            ck_assert_int_eq(besom_table_put(s.rig.m, table, bad[i], item), BESOM_E_FOREIGN);
            ck_assert_int_eq(besom_table_remove(s.rig.m, table, bad[i]), BESOM_E_FOREIGN);
            ck_assert_ptr_null(besom_table_get(s.rig.m, table, bad[i]));
        }
    }
    scene_end(&s);
    rig_close(&other);
}
END_TEST

START_TEST(table_of_another_heap_is_refused)
{
    struct scene s;
    struct rig other;
    scene_start(&s);
    rig_start(&other);
    {
        BESOM_LOCALS(other.m, struct item *item;);
        my->item = make_item(other.m, N);
        for (size_t t = 0; t < 2 * KINDS; t++) {
            struct besom_table *table = table_of(&s, t);
            struct besom_cursor cursor = {0};
            void *one = item_of(&s, 1);
            ck_assert_int_eq(besom_table_put(other.m, table, my->item, my->item),
                             BESOM_E_FOREIGN);
            ck_assert_int_eq(besom_table_put(other.m, table, one, my->item), BESOM_E_FOREIGN);
            ck_assert_int_eq(besom_table_remove(other.m, table, one), BESOM_E_FOREIGN);
            ck_assert_int_eq(besom_table_clear(other.m, table), BESOM_E_FOREIGN);
            ck_assert_ptr_null(besom_table_get(other.m, table, one));
            ck_assert(!besom_table_next(other.m, table, &cursor, NULL, NULL));
        }
    }
    scene_end(&s);
    rig_close(&other);
}
END_TEST

START_TEST(mutator_in_a_native_region_is_refused)
{
    struct scene s;
    scene_start(&s);
    struct besom_mutator *m = s.rig.m;
    void *item = item_of(&s, N), *one = item_of(&s, 1);
    struct besom_table *tables[2 * KINDS];
    for (size_t t = 0; t < 2 * KINDS; t++)
        tables[t] = table_of(&s, t);
    require_ok(besom_native_enter(m));
    for (size_t t = 0; t < 2 * KINDS; t++) {
        struct besom_cursor cursor = {0};
        ck_assert_int_eq(besom_table_put(m, tables[t], item, item), BESOM_E_STATE);
        ck_assert_int_eq(besom_table_remove(m, tables[t], one), BESOM_E_STATE);
        ck_assert_int_eq(besom_table_clear(m, tables[t]), BESOM_E_STATE);
        ck_assert_ptr_null(besom_table_get(m, tables[t], one));
        ck_assert(!besom_table_next(m, tables[t], &cursor, NULL, NULL));
        ck_assert_ptr_null(besom_table_new(m, (enum besom_table_kind)(t / 2), NULL, NULL));
    }
    require_ok(besom_native_leave(m));
    scene_end(&s);
}
END_TEST

struct stranger {
    struct besom_mutator *m;
    struct besom_table *table;
    void *one, *other;
};

static void *use_anothers(void *data)
{
    struct stranger *s = data;
    ck_assert_int_eq(besom_table_put(s->m, s->table, s->other, s->one), BESOM_E_THREAD);
    ck_assert_int_eq(besom_table_remove(s->m, s->table, s->one), BESOM_E_THREAD);
    ck_assert_int_eq(besom_table_clear(s->m, s->table), BESOM_E_THREAD);
    return NULL;
}

START_TEST(mutator_of_another_thread_is_refused)
{
    struct scene s;
    scene_start(&s);
    for (size_t t = 0; t < 2 * KINDS; t++) {
        struct stranger stranger = {s.rig.m, table_of(&s, t), item_of(&s, 1), item_of(&s, N)};
        thread_join(thread_start(use_anothers, &stranger));
    }
    scene_end(&s);
}
END_TEST

/* ---- callbacks that call back ---- */

static struct {
    struct besom_mutator *m;
    struct besom_table *table;
    struct item *key;
    unsigned calls, refused;
} inner;

static void change_the_table(void)
{
    if (!inner.table)
        return;
    inner.calls += 3;
    inner.refused +=
        besom_table_put(inner.m, inner.table, inner.key, inner.key) == BESOM_E_STATE;
    inner.refused += besom_table_remove(inner.m, inner.table, inner.key) == BESOM_E_STATE;
    inner.refused += besom_table_clear(inner.m, inner.table) == BESOM_E_STATE;
}

static uint64_t hash_and_change(void *host, const void *key)
{
    change_the_table();
    return hash_same(host, key);
}

static bool compare_and_change(void *host, const void *a, const void *b)
{
    change_the_table();
    return equal_content(host, a, b);
}

static void check_callbacks(besom_hash_fn hash, besom_equal_fn equal)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < KINDS; kind++) {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys;);
        my->keys = make_vector(rig.m, 20);
        my->table = besom_table_new(rig.m, (enum besom_table_kind)kind, hash, equal);
        ck_assert_ptr_nonnull(my->table);
        for (size_t i = 0; i < 20; i++)
            besom_set(rig.m, my->keys, &my->keys->items[i], make_item(rig.m, i));
        for (size_t i = 0; i < 9; i++)
            put(rig.m, my->table, my->keys->items[i], my->keys->items[i]);
        inner.m = rig.m;
        inner.key = my->keys->items[19];
        inner.table = my->table;
        for (size_t i = 9; i < 18; i++)
            put(rig.m, my->table, my->keys->items[i], my->keys->items[i]);
        require_ok(besom_table_remove(rig.m, my->table, my->keys->items[3]));
        for (size_t i = 0; i < 18; i++)
            ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->keys->items[i]),
                             i == 3 ? NULL : my->keys->items[i]);
        ck_assert_int_eq(besom_table_remove(rig.m, my->table, my->keys->items[3]),
                         BESOM_E_ABSENT);
        inner.table = NULL;
        ck_assert_uint_gt(inner.calls, 0);
        ck_assert_uint_eq(inner.calls, inner.refused);
        ck_assert_uint_eq(count_entries(rig.m, my->table), 17);
        require_ok(besom_table_clear(rig.m, my->table)); /* it is not refused for ever */
    }
    rig_close(&rig);
}

START_TEST(changes_from_the_tables_own_hash_are_refused)
{
    check_callbacks(hash_and_change, equal_content);
}
END_TEST

START_TEST(changes_from_the_tables_own_equality_are_refused)
{
    check_callbacks(hash_same, compare_and_change);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        table_of_no_kind_or_half_a_hash_is_not_made,
        null_is_no_table_key_or_value,
        what_is_no_object_of_the_heap_is_no_key_or_value,
        table_of_another_heap_is_refused,
        mutator_in_a_native_region_is_refused,
        mutator_of_another_thread_is_refused,
        changes_from_the_tables_own_hash_are_refused,
        changes_from_the_tables_own_equality_are_refused,
    };
    return run_tests("bad input to tables", tests, sizeof tests / sizeof *tests);
}
