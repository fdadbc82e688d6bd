/* test_ephemeron.c - the value of an ephemeron lives while its key and the ephemeron do. */
#include "support_items.h"

#include <stdlib.h>

static struct besom_ephemeron *make_ephemeron(struct besom_mutator *m, void *key, void *value)
{
    struct besom_ephemeron *e = besom_ephemeron_new(m, key, value);
    require(e != NULL, "no ephemeron");
    return e;
}

static void check_gone(struct besom_mutator *m, struct besom_ephemeron *e)
{
    require(!besom_ephemeron_key(m, e), "a key that is not gone");
    require(!besom_ephemeron_value(m, e), "a value that is not gone");
}

static void check_there(struct besom_mutator *m, struct besom_ephemeron *e, uint64_t key,
                        uint64_t value)
{
    struct item *k = besom_ephemeron_key(m, e), *v = besom_ephemeron_value(m, e);
    require(k && k->type == &item_type && k->id == key, "not the key");
    require(v && v->type == &item_type && v->id == value, "not the value");
}

START_TEST(value_dies_with_its_key)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *key;);
        my->key = make_item(rig.m, 1);
        my->e = make_ephemeron(rig.m, my->key, make_item(rig.m, 2));
        for (int i = 0; i < 3; i++) {
            collect(rig.m);
            check_there(rig.m, my->e, 1, 2);
            ck_assert_uint_eq(count_items(rig.m), 2);
        }
        my->key = NULL;
        collect(rig.m);
        check_gone(rig.m, my->e);
        ck_assert_uint_eq(count_items(rig.m), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(value_dies_with_its_ephemeron)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *key;);
        my->key = make_item(rig.m, 1);
        my->e = make_ephemeron(rig.m, my->key, make_item(rig.m, 2));
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 2);
        my->e = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 1);
        ck_assert(item_is_there(rig.m, 1));
        my->key = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(living_value_does_not_keep_a_key)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *value;);
        my->value = make_item(rig.m, 2);
        my->e = make_ephemeron(rig.m, make_item(rig.m, 1), my->value);
        collect(rig.m);
        check_gone(rig.m, my->e);
        ck_assert_uint_eq(count_items(rig.m), 1);
        ck_assert_uint_eq(my->value->id, 2);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(ephemeron_takes_32_bytes)
{
    struct rig rig;
    rig_start(&rig);
    struct item *item = make_item(rig.m, 1);
    ck_assert_uint_eq(besom_size(make_ephemeron(rig.m, item, item)), 32);
    ck_assert_uint_eq(besom_size(make_ephemeron(rig.m, item, NULL)), 32);
    rig_close(&rig);
}
END_TEST

/* ---- values and keys that reach each other ---- */

START_TEST(value_that_reaches_its_key_does_not_keep_it)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *key;);
        my->key = make_item(rig.m, 1);
        struct item *value = make_item(rig.m, 2);
        value->ref = make_item(rig.m, 3);
        ((struct item *)value->ref)->ref = my->key;
        my->e = make_ephemeron(rig.m, my->key, value);
        collect(rig.m);
        check_there(rig.m, my->e, 1, 2);
        ck_assert_uint_eq(count_items(rig.m), 3);
        my->key = NULL;
        collect(rig.m);
        check_gone(rig.m, my->e);
        ck_assert_uint_eq(count_items(rig.m), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(ephemeron_that_only_its_key_or_value_reaches_dies)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct item *key;);
        my->key = make_item(rig.m, 1);
        struct item *value = make_item(rig.m, 2);
        my->key->ref = value->ref = make_ephemeron(rig.m, my->key, value);
        besom_write(rig.m, my->key);
        besom_write(rig.m, value);
        collect(rig.m);
        check_there(rig.m, my->key->ref, 1, 2); /* the key keeps the ephemeron */
        my->key = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(key_may_be_its_own_value)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *key;);
        my->key = make_item(rig.m, 1);
        my->e = make_ephemeron(rig.m, my->key, my->key);
        collect(rig.m);
        check_there(rig.m, my->e, 1, 1);
        my->key = NULL;
        collect(rig.m);
        check_gone(rig.m, my->e);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(ephemeron_may_be_a_key_and_a_value_of_its_own_kind)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *outer; struct besom_ephemeron *inner;
                     struct item *key;);
        my->key = make_item(rig.m, 1);
        my->inner = make_ephemeron(rig.m, my->key, make_item(rig.m, 2));
        my->outer = make_ephemeron(rig.m, my->inner, make_item(rig.m, 3));
        require_ok(besom_ephemeron_set(rig.m, my->inner, my->inner)); /* its own value */
        collect(rig.m);
        ck_assert_ptr_eq(besom_ephemeron_key(rig.m, my->outer), my->inner);
        ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->inner), my->inner);
        ck_assert_uint_eq(count_items(rig.m), 2);
        my->inner = NULL;
        collect(rig.m);
        check_gone(rig.m, my->outer);
        ck_assert_uint_eq(count_items(rig.m), 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(two_ephemerons_of_each_others_values_keep_nothing)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *one; struct besom_ephemeron *two; struct item *a;);
        my->a = make_item(rig.m, 1);
        struct item *b = make_item(rig.m, 2);
        my->one = make_ephemeron(rig.m, my->a, b);
        my->two = make_ephemeron(rig.m, b, my->a);
        collect(rig.m);
        check_there(rig.m, my->one, 1, 2);
        check_there(rig.m, my->two, 2, 1);
        my->a = NULL;
        collect(rig.m);
        check_gone(rig.m, my->one);
        check_gone(rig.m, my->two);
        ck_assert_uint_eq(count_items(rig.m), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(value_of_several_keys_dies_with_the_last)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e[5]; struct item *keys[5];);
        struct item *value = make_item(rig.m, 99);
        for (uint64_t i = 0; i < 5; i++) {
            my->keys[i] = make_item(rig.m, i);
            my->e[i] = make_ephemeron(rig.m, my->keys[i], value);
        }
        for (int i = 0; i < 5; i++) {
            collect(rig.m);
            ck_assert(item_is_there(rig.m, 99));
            my->keys[i] = NULL;
            collect(rig.m);
            check_gone(rig.m, my->e[i]);
            ck_assert(item_is_there(rig.m, 99) == (i < 4));
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- chains ---- */

enum { CHAIN = 20000 }; /* and no divisor of its scaled value is one of the steps below */

/* n items, each the key of the next one's ephemeron; these lie in all, `step` apart, so that marking
 * meets them in another order.  The first item. */
static struct item *chain_items(struct rig *rig, struct vector *all, size_t n, size_t step)
{
    struct item *first = NULL, *last = NULL;
    for (uint64_t i = 0; i < n; i++) {
        struct item *item = make_item(rig->m, i);
        if (last) {
            void *e = make_ephemeron(rig->m, last, item);
            besom_set(rig->m, all, &all->items[(i - 1) * step % (n - 1)], e);
        }
        first = first ? first : item;
        last = item;
    }
    return first;
}

static void check_chain(const char *options, size_t step)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = options;
    rig_open(&rig);
    size_t n = scaled(CHAIN) + 1;
    step = step ? step : n - 2; /* backwards */
    {
        BESOM_LOCALS(rig.m, struct vector *all; struct item *first;);
        my->all = make_vector(rig.m, n - 1);
        my->first = chain_items(&rig, my->all, n, step);
        for (int i = 0; i < 2; i++) {
            struct besom_stats before = stats_of(rig.heap);
            collect(rig.m);
            struct besom_stats after = stats_of(rig.heap);
            ck_assert_uint_eq(count_items(rig.m), n);
            uint64_t cycles = after.cycles - before.cycles;
            ck_assert_uint_le(after.ephemerons_scanned - before.ephemerons_scanned,
                              cycles * (n - 1));
            ck_assert_uint_le(after.ephemerons_resolved - before.ephemerons_resolved,
                              cycles * (n - 1));
        }
        my->first = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 0);
        for (size_t i = 0; i + 1 < n; i++)
            check_gone(rig.m, my->all->items[i]);
    }
    rig_close(&rig);
}

static const char *const markings[] = {"mark_threads=1", "mark_threads=2", "mark_threads=4",
                                       "mark_threads=2,mark_stack=64"};

START_TEST(chain_in_order_lives_and_dies_at_once)
{
    for (size_t i = 0; i < sizeof markings / sizeof *markings; i++)
        check_chain(markings[i], 1);
}
END_TEST

START_TEST(chain_in_reverse_lives_and_dies_at_once)
{
    for (size_t i = 0; i < sizeof markings / sizeof *markings; i++)
        check_chain(markings[i], 0);
}
END_TEST

START_TEST(chain_in_disorder_lives_and_dies_at_once)
{
    for (size_t i = 0; i < sizeof markings / sizeof *markings; i++)
        check_chain(markings[i], 7919);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        value_dies_with_its_key,
        value_dies_with_its_ephemeron,
        living_value_does_not_keep_a_key,
        ephemeron_takes_32_bytes,
        value_that_reaches_its_key_does_not_keep_it,
        ephemeron_that_only_its_key_or_value_reaches_dies,
        key_may_be_its_own_value,
        ephemeron_may_be_a_key_and_a_value_of_its_own_kind,
        two_ephemerons_of_each_others_values_keep_nothing,
        value_of_several_keys_dies_with_the_last,
        chain_in_order_lives_and_dies_at_once,
        chain_in_reverse_lives_and_dies_at_once,
        chain_in_disorder_lives_and_dies_at_once,
    };
    return run_tests("ephemeron", tests, sizeof tests / sizeof *tests);
}
