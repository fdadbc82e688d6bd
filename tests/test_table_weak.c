/* test_table_weak.c - what lives and what goes in a table of each kind. */
#include "support_items.h"

#include <stdlib.h>

enum { TABLE_KINDS = 4 };

/* Two collections: what an entry kept may go a cycle after the entry. */
static void settle(struct besom_mutator *m)
{
    collect(m);
    collect(m);
}

/* ---- the table of kinds, cell by cell ---- */

enum { KEY_ID = 1, VALUE_ID = 2 };

struct cell {
    enum besom_table_kind kind;
    bool has_table, has_key, has_value; /* rooted otherwise */
};

static bool entry_lives(struct cell c)
{
    switch (c.kind) {
    case BESOM_STRONG: return c.has_table;
    case BESOM_WEAK_KEYS: return c.has_table && c.has_key;
    case BESOM_WEAK_VALUES: return c.has_table && c.has_value;
    default: return c.has_table && c.has_key && c.has_value;
    }
}

static void check_cell(struct rig *rig, struct cell c, besom_hash_fn hash)
{
    BESOM_LOCALS(rig->m, struct besom_table *table; struct item *key; struct item *value;);
    my->table = hash ? make_content_table(rig->m, c.kind, hash) : make_table(rig->m, c.kind);
    my->key = make_item(rig->m, KEY_ID);
    my->value = make_item(rig->m, VALUE_ID);
    put(rig->m, my->table, my->key, my->value);
    collect(rig->m);
    require(besom_table_get(rig->m, my->table, my->key) == my->value, "lost");
    require(count_entries(rig->m, my->table) == 1, "lost, or counted wrongly");
    my->key = c.has_key ? my->key : NULL;
    my->value = c.has_value ? my->value : NULL;
    my->table = c.has_table ? my->table : NULL;
    collect(rig->m);
    bool lives = entry_lives(c);
    if (my->table)
        require(besom_table_count(my->table) == lives, "the entry is there, or it is not");
    if (my->table)
        require(count_entries(rig->m, my->table) == lives, "the entry is seen, or it is not");
    if (my->table && my->key)
        require(!besom_table_get(rig->m, my->table, my->key) == !lives, "found, or not");
    settle(rig->m);
    require(item_is_there(rig->m, KEY_ID) == (c.has_key || lives), "the key");
    require(item_is_there(rig->m, VALUE_ID) == (c.has_value || lives), "the value");
}

START_TEST(entry_lives_while_its_kind_says)
{
    struct rig rig;
    rig_start(&rig);
    for (unsigned i = 0; i < 8 * TABLE_KINDS; i++) {
        struct cell cell = {(enum besom_table_kind)(i / 8), i & 1, i & 2, i & 4};
        check_cell(&rig, cell, NULL);
        check_cell(&rig, cell, hash_well);
        check_cell(&rig, cell, hash_same);
    }
    rig_close(&rig);
}
END_TEST

/* ---- keys, values and tables that reach each other ---- */

/* A table of one entry, of two new items. */
static struct besom_table *make_small(struct besom_mutator *m, enum besom_table_kind kind,
                                      struct item **key, struct item **value)
{
    struct besom_table *table = make_table(m, kind);
    *key = make_item(m, KEY_ID);
    *value = make_item(m, VALUE_ID);
    put(m, table, *key, *value);
    return table;
}

START_TEST(value_that_reaches_its_key_keeps_it_only_in_a_strong_table)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
        BESOM_LOCALS(rig.m, struct besom_table *table;);
        struct item *key, *value;
        my->table = make_small(rig.m, (enum besom_table_kind)kind, &key, &value);
        value->ref = key;
        besom_write(rig.m, value);
        collect(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), kind == BESOM_STRONG);
        settle(rig.m);
        ck_assert_uint_eq(count_items(rig.m), kind == BESOM_STRONG ? 2 : 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(key_that_reaches_its_value_keeps_it_only_in_a_strong_table)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
        BESOM_LOCALS(rig.m, struct besom_table *table;);
        struct item *key, *value;
        my->table = make_small(rig.m, (enum besom_table_kind)kind, &key, &value);
        key->ref = value;
        besom_write(rig.m, key);
        collect(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), kind == BESOM_STRONG);
        settle(rig.m);
        ck_assert_uint_eq(count_items(rig.m), kind == BESOM_STRONG ? 2 : 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(living_key_that_reaches_its_value_keeps_the_entry)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct item *key;);
        struct item *value;
        my->table = make_small(rig.m, (enum besom_table_kind)kind, &my->key, &value);
        my->key->ref = value;
        besom_write(rig.m, my->key);
        settle(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), 1);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->key), my->key->ref);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(table_that_only_its_own_key_or_value_reaches_dies)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
        struct item *key, *value;
        struct besom_table *table = make_small(rig.m, (enum besom_table_kind)kind, &key, &value);
        key->ref = value->ref = table;
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(table_that_its_living_key_reaches_keeps_what_its_kind_says)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
        BESOM_LOCALS(rig.m, struct item *key;);
        struct item *value;
        struct besom_table *table =
            make_small(rig.m, (enum besom_table_kind)kind, &my->key, &value);
        my->key->ref = table;
        besom_write(rig.m, my->key);
        settle(rig.m);
        bool lives = kind == BESOM_STRONG || kind == BESOM_WEAK_KEYS;
        ck_assert_uint_eq(count_entries(rig.m, my->key->ref), lives);
        ck_assert_uint_eq(count_items(rig.m), 1 + lives);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(table_may_be_its_own_key_and_value)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
        for (int use = 1; use < 4; use++) {
            BESOM_LOCALS(rig.m, struct besom_table *table; struct item *item;);
            my->table = make_table(rig.m, (enum besom_table_kind)kind);
            my->item = make_item(rig.m, 1);
            void *key = use & 1 ? (void *)my->table : (void *)my->item;
            void *value = use & 2 ? (void *)my->table : (void *)my->item;
            put(rig.m, my->table, key, value);
            for (int i = 0; i < 2; i++) {
                collect(rig.m);
                ck_assert_uint_eq(count_entries(rig.m, my->table), 1);
                ck_assert_ptr_eq(besom_table_get(rig.m, my->table, key), value);
            }
            my->table = NULL;
            my->item = NULL;
            collect(rig.m);
            ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(key_may_be_its_own_value)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct item *item;);
        my->table = make_table(rig.m, (enum besom_table_kind)kind);
        my->item = make_item(rig.m, 1);
        put(rig.m, my->table, my->item, my->item);
        collect(rig.m);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->item), my->item);
        my->item = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), kind == BESOM_STRONG);
        ck_assert_uint_eq(count_items(rig.m), kind == BESOM_STRONG);
    }
    rig_close(&rig);
}
END_TEST

/* ---- nested tables ---- */

/* outer maps item 0 to a table that maps item 1 to a table ... that maps item n-1 to item n. */
START_TEST(nested_tables_live_as_far_as_their_keys_do)
{
    enum { DEPTH = 20 };
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *outer; struct vector *keys;);
        my->keys = make_vector(rig.m, DEPTH);
        void *inner = make_item(rig.m, 1000);
        for (size_t i = DEPTH; i-- > 0;) {
            my->keys->items[i] = make_item(rig.m, i);
            struct besom_table *table = make_table(rig.m, BESOM_WEAK_KEYS);
            put(rig.m, table, my->keys->items[i], inner);
            inner = table;
        }
        besom_write(rig.m, my->keys);
        my->outer = inner;
        collect(rig.m);
        ck_assert(item_is_there(rig.m, 1000));
        for (size_t cut = DEPTH; cut-- > 0;) {
            besom_set(rig.m, my->keys, &my->keys->items[cut], NULL);
            collect(rig.m);
            ck_assert_uint_eq(count_items(rig.m), cut);
            struct besom_table *table = my->outer;
            for (size_t i = 0; i < cut; i++)
                table = besom_table_get(rig.m, table, my->keys->items[i]);
            ck_assert_ptr_nonnull(table);
            ck_assert_uint_eq(count_entries(rig.m, table), 0);
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- finalizers ---- */

START_TEST(values_go_before_finalizers_and_keys_after)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = BESOM_WEAK_KEYS; kind < TABLE_KINDS; kind++) {
        for (int finalizable = 0; finalizable < 2; finalizable++) {
            BESOM_LOCALS(rig.m, struct besom_table *table; struct item *item; struct item *back;);
            my->table = make_table(rig.m, (enum besom_table_kind)kind);
            my->item = make_item(rig.m, 1);
            struct item *dead = make_item(rig.m, 2);
            require_ok(besom_finalizer_add(rig.m, dead));
            if (finalizable == 0)
                put(rig.m, my->table, dead, my->item);
            else
                put(rig.m, my->table, my->item, dead);
            collect(rig.m);
            my->back = besom_finalizer_next(rig.m);
            bool kept = finalizable ? kind == BESOM_WEAK_KEYS : kind == BESOM_WEAK_VALUES;
            ck_assert(kept == !my->back); /* by the entry */
            ck_assert_uint_eq(count_entries(rig.m, my->table), !finalizable || kept);
            if (my->back && !finalizable)
                ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->back), my->item);
            my->back = NULL;
            my->item = NULL;
            my->table = NULL;
            settle(rig.m);
            while (besom_finalizer_next(rig.m))
                continue;
            settle(rig.m);
        }
    }
    ck_assert_uint_eq(count_items(rig.m), 0);
    rig_close(&rig);
}
END_TEST

/* The item, the table and what is in the table were dead together. */
START_TEST(table_that_a_finalizer_brings_back_has_what_came_back_with_it)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
        BESOM_LOCALS(rig.m, struct item *back;);
        struct item *item = make_item(rig.m, 1), *reached = make_item(rig.m, 2);
        struct besom_table *table = make_table(rig.m, (enum besom_table_kind)kind);
        put(rig.m, table, item, reached);
        put(rig.m, table, make_item(rig.m, 3), make_item(rig.m, 4));
        item->ref = table;
        item->other = reached;
        require_ok(besom_finalizer_add(rig.m, item));
        collect(rig.m);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(my->back);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->back->ref, my->back), my->back->other);
        size_t strong = kind == BESOM_STRONG;
        ck_assert_uint_eq(count_entries(rig.m, my->back->ref), 1 + strong);
        settle(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 2 + 2 * strong);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->back->ref, my->back), my->back->other);
    }
    settle(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        entry_lives_while_its_kind_says,
        value_that_reaches_its_key_keeps_it_only_in_a_strong_table,
        key_that_reaches_its_value_keeps_it_only_in_a_strong_table,
        living_key_that_reaches_its_value_keeps_the_entry,
        table_that_only_its_own_key_or_value_reaches_dies,
        table_that_its_living_key_reaches_keeps_what_its_kind_says,
        table_may_be_its_own_key_and_value,
        key_may_be_its_own_value,
        nested_tables_live_as_far_as_their_keys_do,
        values_go_before_finalizers_and_keys_after,
        table_that_a_finalizer_brings_back_has_what_came_back_with_it,
    };
    return run_tests("weak tables", tests, sizeof tests / sizeof *tests);
}
