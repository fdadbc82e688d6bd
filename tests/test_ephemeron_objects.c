/* test_ephemeron_objects.c - ephemerons of objects of every kind, in every kind of heap, with
 * finalizers, changed, without memory; and what they refuse. */
#include "support_items.h"

#include <stdlib.h>

static struct besom_ephemeron *make_ephemeron(struct besom_mutator *m, void *key, void *value)
{
    struct besom_ephemeron *e = besom_ephemeron_new(m, key, value);
    require(e != NULL, "no ephemeron");
    return e;
}

/* ---- set ---- */

START_TEST(set_replaces_the_value)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *key;);
        my->key = make_item(rig.m, 1);
        my->e = make_ephemeron(rig.m, my->key, NULL);
        for (uint64_t i = 2; i < 6; i++) {
            require_ok(besom_ephemeron_set(rig.m, my->e, make_item(rig.m, i)));
            collect(rig.m);
            ck_assert_uint_eq(((struct item *)besom_ephemeron_value(rig.m, my->e))->id, i);
            ck_assert_ptr_eq(besom_ephemeron_key(rig.m, my->e), my->key);
            ck_assert_uint_eq(count_items(rig.m), 2);
        }
        require_ok(besom_ephemeron_set(rig.m, my->e, NULL));
        ck_assert_ptr_null(besom_ephemeron_value(rig.m, my->e));
        ck_assert_ptr_eq(besom_ephemeron_key(rig.m, my->e), my->key);
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 1);
        ck_assert_ptr_eq(besom_ephemeron_key(rig.m, my->e), my->key);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(set_is_refused_once_the_key_is_gone)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *value;);
        my->value = make_item(rig.m, 2);
        my->e = make_ephemeron(rig.m, make_item(rig.m, 1), my->value);
        collect(rig.m);
        ck_assert_int_eq(besom_ephemeron_set(rig.m, my->e, my->value), BESOM_E_STATE);
        ck_assert_int_eq(besom_ephemeron_set(rig.m, my->e, NULL), BESOM_E_STATE);
        ck_assert_ptr_null(besom_ephemeron_value(rig.m, my->e));
        ck_assert_ptr_null(besom_ephemeron_key(rig.m, my->e));
    }
    rig_close(&rig);
}
END_TEST

/* ---- finalizers ---- */

START_TEST(key_that_a_finalizer_brings_back_still_has_its_value)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct besom_ephemeron *further;
                     struct item *back;);
        struct item *key = make_item(rig.m, 1);
        struct item *reached = make_item(rig.m, 2);
        key->ref = reached;
        require_ok(besom_finalizer_add(rig.m, key));
        my->further = make_ephemeron(rig.m, reached, make_item(rig.m, 4));
        my->e = make_ephemeron(rig.m, key, make_item(rig.m, 3));
        collect(rig.m);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(my->back);
        ck_assert_ptr_eq(besom_ephemeron_key(rig.m, my->e), my->back);
        ck_assert_uint_eq(((struct item *)besom_ephemeron_value(rig.m, my->e))->id, 3);
        ck_assert_uint_eq(((struct item *)besom_ephemeron_value(rig.m, my->further))->id, 4);
        my->back = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_ephemeron_key(rig.m, my->e));
        ck_assert_ptr_null(besom_ephemeron_value(rig.m, my->further));
        ck_assert_uint_eq(count_items(rig.m), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(ephemeron_that_a_finalizer_brings_back_loses_only_dead_keys)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct item *back; struct item *kept;);
        struct item *item = make_item(rig.m, 1);
        my->kept = make_item(rig.m, 2);
        item->ref = make_ephemeron(rig.m, my->kept, make_item(rig.m, 3));
        item->other = make_ephemeron(rig.m, make_item(rig.m, 4), make_item(rig.m, 5));
        besom_write(rig.m, item);
        require_ok(besom_finalizer_add(rig.m, item));
        collect(rig.m);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(my->back);
        ck_assert_ptr_eq(besom_ephemeron_key(rig.m, my->back->ref), my->kept);
        ck_assert_uint_eq(((struct item *)besom_ephemeron_value(rig.m, my->back->ref))->id, 3);
        ck_assert_ptr_null(besom_ephemeron_key(rig.m, my->back->other));
        ck_assert_ptr_null(besom_ephemeron_value(rig.m, my->back->other));
        ck_assert(!item_is_there(rig.m, 4) && !item_is_there(rig.m, 5));
        ck_assert(item_is_there(rig.m, 3));
    }
    rig_close(&rig);
}
END_TEST

/* ---- every kind of object ---- */

static void check_pair(struct rig *rig, void *key, void *value, unsigned long *calls)
{
    BESOM_LOCALS(rig->m, struct besom_ephemeron *e; void *key; void *value;);
    unsigned long before = *calls;
    my->key = key;
    my->e = make_ephemeron(rig->m, key, value);
    collect(rig->m);
    require(*calls == before, "destroyed too early");
    my->value = besom_ephemeron_value(rig->m, my->e);
    require(my->value == value, "lost");
    require(besom_ephemeron_key(rig->m, my->e) == my->key, "lost the key");
    my->value = my->key = NULL;
    collect(rig->m);
    require(!besom_ephemeron_key(rig->m, my->e), "not gone");
    require(!besom_ephemeron_value(rig->m, my->e), "a value not gone");
}

enum { SHAPES = 9 };

static void *make_shape(struct besom_mutator *m, size_t shape, unsigned long *calls)
{
    switch (shape) {
    case 0: return make_sized(m, &blob_type, 8);
    case 1: return make_sized(m, &blob_type, 8208);
    case 2: return make_sized(m, &blob_type, 3 << 20);
    case 3: return make(m, &pair_type);
    case 4: return make_vector(m, 3);
    case 5: return make_vector(m, 300000);
    case 6: return make_table(m, BESOM_WEAK_KEYS);
    case 7: return make_ephemeron(m, make_item(m, 1), NULL);
    default: return make_hooked(m, calls);
    }
}

START_TEST(keys_and_values_are_of_every_size_and_kind)
{
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0;
    for (size_t k = 0; k < SHAPES; k++)
        for (size_t v = 0; v < SHAPES; v++)
            check_pair(&rig, make_shape(rig.m, k, &calls), make_shape(rig.m, v, &calls), &calls);
    ck_assert_uint_eq(calls, 2 * SHAPES);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(values_that_are_no_references_are_kept_as_they_are)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.encoding = tagged_encoding;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *key;);
        my->key = make_item(rig.m, 1);
        struct item *stray = make_item(rig.m, 9);
        void *const words[] = {small_integer(5), (void *)UINTPTR_MAX, (void *)8, stray,
                               (char *)stray + 4, tagged(NULL)};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            my->e = make_ephemeron(rig.m, my->key, words[i]);
            ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->e), words[i]);
            collect(rig.m);
            ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->e), words[i]);
            ck_assert_uint_eq(count_items(rig.m), 1); /* an untagged address is no reference */
            require_ok(besom_ephemeron_set(rig.m, my->e, tagged(make_item(rig.m, 2))));
            collect(rig.m);
            ck_assert_uint_eq(count_items(rig.m), 2);
            require_ok(besom_ephemeron_set(rig.m, my->e, words[i]));
            ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->e), words[i]);
        }
        my->key = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_ephemeron_key(rig.m, my->e));
        ck_assert_ptr_null(besom_ephemeron_value(rig.m, my->e));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(key_and_value_are_safe_while_their_ephemeron_is_made)
{
    struct rig rig;
    rig_init_exact(&rig, "safepoints=alloc,stress=1");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *key;);
        for (uint64_t i = 0; i < scaled(2000); i++) {
            my->key = make_item(rig.m, i);
            struct item *value = make_item(rig.m, i + 1);
            my->e = make_ephemeron(rig.m, my->key, value);
            struct item *found = besom_ephemeron_value(rig.m, my->e);
            require(found == value && found->id == i + 1, "the value was lost");
            value = make_item(rig.m, i);
            struct item *key = my->key;
            my->key = NULL;
            my->e = make_ephemeron(rig.m, key, my->e);
            require(besom_ephemeron_key(rig.m, my->e) == key && key->id == i, "the key was lost");
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- without memory ---- */

static bool refuses;

static void *refuse_or_alloc(void *host, size_t bytes)
{
    (void)host;
    return refuses ? NULL : malloc(bytes);
}

static void give_back(void *host, void *block)
{
    (void)host;
    free(block);
}

/* item i is the key of item i + 1, in disorder. */
START_TEST(ephemerons_are_resolved_without_memory)
{
    static const char *const options[] = {"mark_threads=1", "mark_threads=4"};
    for (int o = 0; o < 2; o++) {
        struct rig rig;
        rig_init_exact(&rig, options[o]);
        rig.config.memory.alloc = refuse_or_alloc;
        rig.config.memory.release = give_back;
        rig_open(&rig);
        {
            BESOM_LOCALS(rig.m, struct vector *all; struct item *first;);
            size_t n = scaled(4000);
            my->all = make_vector(rig.m, n);
            struct item *last = my->first = make_item(rig.m, 0);
            for (uint64_t i = 0; i < n; i++) {
                struct item *item = make_item(rig.m, i + 1);
                void *e = make_ephemeron(rig.m, last, item);
                besom_set(rig.m, my->all, &my->all->items[i * 7919 % n], e);
                last = item;
            }
            refuses = true;
            for (int i = 0; i < 2; i++)
                collect(rig.m);
            refuses = false;
            ck_assert_uint_eq(count_items(rig.m), n + 1);
            my->first = NULL;
            refuses = true;
            collect(rig.m);
            refuses = false;
            ck_assert_uint_eq(count_items(rig.m), 0);
            for (size_t i = 0; i < n; i++)
                ck_assert_ptr_null(besom_ephemeron_key(rig.m, my->all->items[i]));
        }
        rig_close(&rig);
    }
}
END_TEST

/* ---- bad input ---- */

START_TEST(what_is_no_object_of_the_heap_is_no_key_or_value)
{
    struct rig rig, other;
    rig_start(&rig);
    rig_start(&other);
    uint64_t local[4] = {0};
    char *node = make(rig.m, &node_type);
    void *const bad[] = {local, make(other.m, &node_type), node + 8, node + 16, (void *)8,
                         (void *)(UINTPTR_MAX - 7), rig.heap, rig.m};
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; void *node; void *value;);
        my->node = node;
        my->value = make_item(rig.m, 2);
        my->e = make_ephemeron(rig.m, node, my->value);
        size_t before = stats_of(rig.heap).used_bytes;
        ck_assert_ptr_null(besom_ephemeron_new(rig.m, NULL, node));
        ck_assert_ptr_null(besom_ephemeron_new(rig.m, NULL, NULL));
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            ck_assert_ptr_null(besom_ephemeron_new(rig.m, bad[i], node));
            ck_assert_ptr_null(besom_ephemeron_new(rig.m, node, bad[i]));
            ck_assert_int_eq(besom_ephemeron_set(rig.m, my->e, bad[i]), BESOM_E_FOREIGN);
            ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->e), my->value);
        }
        ck_assert_uint_eq(stats_of(rig.heap).used_bytes, before);
        collect(rig.m);
        ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->e), my->value);
        ck_assert_ptr_eq(besom_ephemeron_key(rig.m, my->e), my->node);
    }
    rig_close(&rig);
    rig_close(&other);
}
END_TEST

START_TEST(null_ephemeron_or_mutator_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    struct item *item = make_item(rig.m, 1);
    struct besom_ephemeron *e = make_ephemeron(rig.m, item, item);
    ck_assert_ptr_null(besom_ephemeron_new(NULL, item, item));
    ck_assert_ptr_null(besom_ephemeron_key(rig.m, NULL));
    ck_assert_ptr_null(besom_ephemeron_value(rig.m, NULL));
    ck_assert_ptr_null(besom_ephemeron_key(NULL, e));
    ck_assert_ptr_null(besom_ephemeron_value(NULL, e));
    ck_assert_int_eq(besom_ephemeron_set(rig.m, NULL, item), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_ephemeron_set(NULL, e, NULL), BESOM_E_ARGUMENT);
    ck_assert_ptr_eq(besom_ephemeron_value(rig.m, e), item);
    rig_close(&rig);
}
END_TEST

START_TEST(mutator_in_a_native_region_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct item *item;);
        my->item = make_item(rig.m, 1);
        my->e = make_ephemeron(rig.m, my->item, my->item);
        require_ok(besom_native_enter(rig.m));
        ck_assert_ptr_null(besom_ephemeron_new(rig.m, my->item, my->item));
        ck_assert_ptr_null(besom_ephemeron_key(rig.m, my->e));
        ck_assert_ptr_null(besom_ephemeron_value(rig.m, my->e));
        ck_assert_int_eq(besom_ephemeron_set(rig.m, my->e, NULL), BESOM_E_STATE);
        require_ok(besom_native_leave(rig.m));
        ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->e), my->item);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        set_replaces_the_value,
        set_is_refused_once_the_key_is_gone,
        key_that_a_finalizer_brings_back_still_has_its_value,
        ephemeron_that_a_finalizer_brings_back_loses_only_dead_keys,
        keys_and_values_are_of_every_size_and_kind,
        values_that_are_no_references_are_kept_as_they_are,
        key_and_value_are_safe_while_their_ephemeron_is_made,
        ephemerons_are_resolved_without_memory,
        what_is_no_object_of_the_heap_is_no_key_or_value,
        null_ephemeron_or_mutator_is_refused,
        mutator_in_a_native_region_is_refused,
    };
    return run_tests("ephemeron objects", tests, sizeof tests / sizeof *tests);
}
