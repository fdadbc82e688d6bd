/* test_table.c - a table finds what was put, by address or by the host's hash, however bad. */
#include "support_items.h"

#include <stdlib.h>

/* Items 0 .. n-1, all of them kept by the vector. */
static struct vector *make_items(struct besom_mutator *m, size_t n)
{
    struct vector *v = make_vector(m, n);
    for (size_t i = 0; i < n; i++)
        v->items[i] = make_item(m, i);
    besom_write(m, v);
    return v;
}

START_TEST(what_was_put_is_found_until_it_is_removed)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys; struct vector *values;);
        enum { N = 5000 };
        my->keys = make_items(rig.m, N);
        my->values = make_items(rig.m, N);
        my->table = make_table(rig.m, BESOM_STRONG);
        for (size_t i = 0; i < N; i++) {
            require(!besom_table_get(rig.m, my->table, my->keys->items[i]), "not yet put");
            put(rig.m, my->table, my->keys->items[i], my->values->items[i]);
            require(besom_table_count(my->table) == i + 1, "another count");
            if (i % 1000 == 0)
                collect(rig.m);
        }
        for (size_t i = 0; i < N; i++)
            require(besom_table_get(rig.m, my->table, my->keys->items[i]) == my->values->items[i],
                    "lost");
        ck_assert_uint_eq(count_entries(rig.m, my->table), N);
        for (size_t i = 0; i < N; i++) {
            require_ok(besom_table_remove(rig.m, my->table, my->keys->items[i]));
            require(besom_table_remove(rig.m, my->table, my->keys->items[i]) == BESOM_E_ABSENT,
                    "removed twice");
            require(!besom_table_get(rig.m, my->table, my->keys->items[i]), "still there");
            require(besom_table_count(my->table) == N - 1 - i, "another count");
            if (i + 1 < N)
                require(besom_table_get(rig.m, my->table, my->keys->items[N - 1]) ==
                            my->values->items[N - 1],
                        "lost");
        }
        ck_assert_uint_eq(count_entries(rig.m, my->table), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(put_replaces_the_value_of_a_key)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct item *key;);
        my->table = make_table(rig.m, BESOM_STRONG);
        my->key = make_item(rig.m, 1);
        for (uint64_t i = 0; i < 5; i++) {
            put(rig.m, my->table, my->key, make_item(rig.m, 10 + i));
            ck_assert_uint_eq(((struct item *)besom_table_get(rig.m, my->table, my->key))->id, 10 + i);
            ck_assert_uint_eq(count_entries(rig.m, my->table), 1);
            collect(rig.m);
            ck_assert_uint_eq(count_items(rig.m), 2);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(keys_of_a_plain_table_are_the_same_only_by_address)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct item *one; struct item *two;);
        my->table = make_table(rig.m, BESOM_STRONG);
        my->one = make_item(rig.m, 1);
        my->two = make_item(rig.m, 1);
        put(rig.m, my->table, my->one, my->two);
        ck_assert_ptr_null(besom_table_get(rig.m, my->table, my->two));
        ck_assert_int_eq(besom_table_remove(rig.m, my->table, my->two), BESOM_E_ABSENT);
        put(rig.m, my->table, my->two, my->one);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->one), my->two);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->two), my->one);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(equal_key_stays_the_key_it_was)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct item *first; struct item *equal;);
        my->table = make_content_table(rig.m, BESOM_STRONG, hash_well);
        my->first = make_item(rig.m, 7);
        my->equal = make_item(rig.m, 7);
        my->equal->id = 8;
        put(rig.m, my->table, my->first, my->first);
        put(rig.m, my->table, my->equal, my->equal);
        ck_assert_uint_eq(count_entries(rig.m, my->table), 1);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->first), my->equal);
        struct besom_cursor cursor = {0};
        void *key = NULL, *value = NULL;
        ck_assert(besom_table_next(rig.m, my->table, &cursor, &key, &value));
        ck_assert_ptr_eq(key, my->first);
        ck_assert_ptr_eq(value, my->equal);
        ck_assert(!besom_table_next(rig.m, my->table, &cursor, &key, &value));
        require_ok(besom_table_remove(rig.m, my->table, my->equal));
        put(rig.m, my->table, my->equal, my->first); /* a new entry, and a new key */
        cursor = (struct besom_cursor){0};
        ck_assert(besom_table_next(rig.m, my->table, &cursor, &key, NULL));
        ck_assert_ptr_eq(key, my->equal);
    }
    rig_close(&rig);
}
END_TEST

/* ---- hashes ---- */

static void check_hash(besom_hash_fn hash, size_t n)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys; struct vector *twins;);
        my->keys = make_items(rig.m, n);
        my->twins = make_items(rig.m, n);
        my->table = hash ? make_content_table(rig.m, BESOM_STRONG, hash)
                         : make_table(rig.m, BESOM_STRONG);
        for (size_t i = 0; i < n; i++)
            put(rig.m, my->table, my->keys->items[i], my->twins->items[i]);
        struct vector *asked = hash ? my->twins : my->keys;
        for (size_t round = 0; round < 2; round++) {
            for (size_t i = 0; i < n; i++) {
                void *found = besom_table_get(rig.m, my->table, asked->items[i]);
                bool removed = round == 1 && i % 2 == 0;
                require(found == (removed ? NULL : my->twins->items[i]), "not what was put");
            }
            ck_assert_uint_eq(count_entries(rig.m, my->table), round ? n / 2 : n);
            for (size_t i = 0; i < n; i += 2)
                require(besom_table_remove(rig.m, my->table, asked->items[i]) ==
                            (round ? BESOM_E_ABSENT : BESOM_OK),
                        "not removed once");
            collect(rig.m);
        }
        require(strange_keys == 0, "the hash was asked about what is no key");
    }
    rig_close(&rig);
}

START_TEST(bad_hashes_make_tables_slow_not_wrong)
{
    check_hash(NULL, 20000);
    check_hash(hash_well, 20000);
    check_hash(hash_high, 20000);
    check_hash(hash_low, 20000);
    check_hash(hash_same, 600);
}
END_TEST

static bool collision;

static bool equal_of_equal_hash(void *host, const void *a, const void *b)
{
    collision |= hash_high(host, a) != hash_high(host, b);
    return equal_content(host, a, b);
}

START_TEST(equality_is_asked_only_about_keys_of_equal_hash)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys; struct vector *twins;);
        my->keys = make_items(rig.m, 3000);
        my->twins = make_items(rig.m, 3000);
        my->table = besom_table_new(rig.m, BESOM_STRONG, hash_high, equal_of_equal_hash);
        for (int round = 0; round < 3; round++)
            for (size_t i = 0; i < 3000; i++)
                put(rig.m, my->table, (round ? my->twins : my->keys)->items[i], my->table);
        ck_assert(!collision);
        ck_assert_uint_gt(equal_calls, 0);
        ck_assert_uint_eq(count_entries(rig.m, my->table), 3000);
    }
    rig_close(&rig);
}
END_TEST

static const struct item *sought; /* what the call was given */
static bool swapped;

static bool equal_in_order(void *host, const void *a, const void *b)
{
    swapped |= a != sought || b == sought;
    return equal_content(host, a, b);
}

START_TEST(equality_gets_the_callers_key_first)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys; struct item *twin;);
        my->keys = make_items(rig.m, 200);
        my->twin = make_item(rig.m, 0);
        my->table = besom_table_new(rig.m, BESOM_STRONG, hash_same, equal_in_order);
        for (size_t i = 0; i < 200; i++) {
            sought = my->keys->items[i];
            put(rig.m, my->table, my->keys->items[i], my->twin);
        }
        sought = my->twin;
        for (uint64_t i = 0; i < 200; i++) {
            my->twin->content = i;
            ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->twin), my->twin);
            require_ok(besom_table_remove(rig.m, my->table, my->twin));
        }
        ck_assert(!swapped);
        ck_assert_uint_gt(equal_calls, 200);
    }
    rig_close(&rig);
}
END_TEST

static void *hosts[2]; /* that the hash and the equality were given last */

static uint64_t note_host_and_hash(void *host, const void *key)
{
    hosts[0] = host;
    return hash_same(host, key);
}

static bool note_host_and_compare(void *host, const void *a, const void *b)
{
    hosts[1] = host;
    return equal_content(host, a, b);
}

START_TEST(callbacks_get_the_hosts_pointer)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_table *table =
        besom_table_new(rig.m, BESOM_STRONG, note_host_and_hash, note_host_and_compare);
    put(rig.m, table, make_item(rig.m, 1), make_item(rig.m, 2));
    put(rig.m, table, make_item(rig.m, 3), make_item(rig.m, 4));
    ck_assert_ptr_eq(hosts[0], &rig.watch);
    ck_assert_ptr_eq(hosts[1], &rig.watch);
    rig_close(&rig);
}
END_TEST

/* A table that moved everything at once would ask for all hashes, and show it as a pause. */
START_TEST(no_call_hashes_many_keys)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys;);
        size_t n = scaled(100000);
        my->keys = make_items(rig.m, n);
        my->table = make_content_table(rig.m, BESOM_STRONG, hash_well);
        unsigned long most = 0;
        for (size_t i = 0; i < 2 * n; i++) {
            unsigned long before = hash_calls;
            if (i < n)
                put(rig.m, my->table, my->keys->items[i], my->keys->items[i]);
            else
                require_ok(besom_table_remove(rig.m, my->table, my->keys->items[i - n]));
            if (hash_calls - before > most)
                most = hash_calls - before;
        }
        ck_assert_uint_le(most, 1000);
    }
    rig_close(&rig);
}
END_TEST

/* ---- clear ---- */

START_TEST(clear_removes_everything_and_the_table_is_as_new)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys;);
        my->keys = make_items(rig.m, 1000);
        for (int kind = BESOM_STRONG; kind <= BESOM_WEAK_BOTH; kind++) {
            my->table = make_table(rig.m, (enum besom_table_kind)kind);
            for (int round = 0; round < 3; round++) {
                require_ok(besom_table_clear(rig.m, my->table));
                ck_assert_uint_eq(count_entries(rig.m, my->table), 0);
                for (size_t i = 0; i < 1000; i++)
                    require(!besom_table_get(rig.m, my->table, my->keys->items[i]), "not cleared");
                for (size_t i = 0; i < 1000; i++)
                    put(rig.m, my->table, my->keys->items[i], my->keys->items[999 - i]);
                ck_assert_uint_eq(count_entries(rig.m, my->table), 1000);
                collect(rig.m);
                ck_assert_uint_eq(count_entries(rig.m, my->table), 1000);
            }
            put(rig.m, my->table, make_item(rig.m, 5000), make_item(rig.m, 5001));
            require_ok(besom_table_clear(rig.m, my->table));
            collect(rig.m);
            ck_assert_uint_eq(count_items(rig.m), 1000);
        }
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_was_put_is_found_until_it_is_removed,
        put_replaces_the_value_of_a_key,
        keys_of_a_plain_table_are_the_same_only_by_address,
        equal_key_stays_the_key_it_was,
        bad_hashes_make_tables_slow_not_wrong,
        equality_is_asked_only_about_keys_of_equal_hash,
        equality_gets_the_callers_key_first,
        callbacks_get_the_hosts_pointer,
        no_call_hashes_many_keys,
        clear_removes_everything_and_the_table_is_as_new,
    };
    return run_tests("table", tests, sizeof tests / sizeof *tests);
}
