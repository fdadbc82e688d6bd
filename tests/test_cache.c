/* test_cache.c - a cache keeps what was used last, as far as the budget goes, and finds the rest
 * while others have it. */
#include "support_items.h"

#include <stdlib.h>

/* The id of a value is its cost. */
static size_t cost_is_id(void *host, const void *key, const void *value)
{
    (void)host, (void)key;
    return ((const struct item *)value)->id;
}

static struct besom_cache *make_cache(struct besom_mutator *m, size_t budget)
{
    struct besom_cache *cache = besom_cache_new(m, budget, cost_is_id, NULL, NULL);
    require(cache != NULL, "no cache");
    return cache;
}

static struct besom_cache_stats stats_of_cache(const struct besom_cache *cache)
{
    struct besom_cache_stats stats;
    require_ok(besom_cache_get_stats(cache, &stats));
    return stats;
}

static void check_kept(const struct besom_cache *cache, size_t entries, size_t bytes)
{
    struct besom_cache_stats stats = stats_of_cache(cache);
    ck_assert_uint_eq(stats.kept_entries, entries);
    ck_assert_uint_eq(stats.kept_bytes, bytes);
}

/* n keys, kept by a vector, whose values cost `cost` each; the content of a value is its key's id. */
static struct vector *fill(struct besom_mutator *m, struct besom_cache *cache, size_t n,
                           uint64_t cost)
{
    struct vector *keys = make_vector(m, n);
    for (uint64_t i = 0; i < n; i++) {
        struct item *value = make_item(m, cost);
        value->content = i;
        keys->items[i] = make_item(m, 1000 + i);
        require_ok(besom_cache_put(m, cache, keys->items[i], value));
    }
    besom_write(m, keys);
    return keys;
}

/* The keys begin .. end-1, and no others, are found. */
static void check_found(struct besom_mutator *m, struct besom_cache *cache, struct vector *keys,
                        size_t begin, size_t end)
{
    for (size_t i = 0; i < keys->length; i++) {
        const struct item *value = besom_cache_get(m, cache, keys->items[i]);
        require(!value == !(i >= begin && i < end), value ? "still there" : "evicted too early");
        require(!value || value->content == i, "the value of another");
    }
}

START_TEST(what_fits_is_kept_alive)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys;);
        my->cache = make_cache(rig.m, 1000);
        my->keys = fill(rig.m, my->cache, 100, 10);
        for (int i = 0; i < 3; i++) {
            check_kept(my->cache, 100, 1000);
            collect(rig.m);
            check_found(rig.m, my->cache, my->keys, 0, 100);
        }
        struct besom_cache_stats stats = stats_of_cache(my->cache);
        ck_assert_uint_eq(stats.budget_bytes, 1000);
        ck_assert_uint_eq(stats.entries, 100);
        ck_assert_uint_eq(stats.hits, 300);
        ck_assert_uint_eq(stats.weak_hits, 0);
        ck_assert_uint_eq(stats.misses, 0);
        ck_assert_uint_eq(stats.evictions, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(keys_are_kept_as_long_as_their_values)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct item *value;);
        my->cache = make_cache(rig.m, 1000);
        fill(rig.m, my->cache, 100, 10); /* the vector dies, and the keys stay */
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 200);
        my->value = make_item(rig.m, 2000);
        require_ok(besom_cache_put(rig.m, my->cache, make_item(rig.m, 1), my->value));
        require_ok(besom_cache_trim(rig.m, my->cache, 0));
        collect(rig.m);
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 2); /* a value that others have, and its key */
        my->value = NULL;
        collect(rig.m);
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(least_recently_used_goes_first)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys;);
        my->cache = make_cache(rig.m, 100);
        my->keys = fill(rig.m, my->cache, 50, 10);
        check_kept(my->cache, 10, 100);
        ck_assert_uint_eq(stats_of_cache(my->cache).evictions, 40);
        collect(rig.m);
        check_found(rig.m, my->cache, my->keys, 40, 50);
        ck_assert_uint_eq(stats_of_cache(my->cache).misses, 40);
        ck_assert_uint_eq(stats_of_cache(my->cache).entries, 10);
        /* 40 was used before 41 .. 49: now it is used again, and 41 goes. */
        ck_assert_ptr_nonnull(besom_cache_get(rig.m, my->cache, my->keys->items[40]));
        require_ok(besom_cache_put(rig.m, my->cache, my->keys->items[0], make_item(rig.m, 10)));
        collect(rig.m);
        ck_assert_ptr_nonnull(besom_cache_get(rig.m, my->cache, my->keys->items[0]));
        ck_assert_ptr_nonnull(besom_cache_get(rig.m, my->cache, my->keys->items[40]));
        ck_assert_ptr_null(besom_cache_get(rig.m, my->cache, my->keys->items[41]));
        ck_assert_ptr_nonnull(besom_cache_get(rig.m, my->cache, my->keys->items[42]));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(several_go_for_one_that_costs_more)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys;);
        my->cache = make_cache(rig.m, 100);
        my->keys = fill(rig.m, my->cache, 10, 10);
        require_ok(besom_cache_put(rig.m, my->cache, make_item(rig.m, 1), make_item(rig.m, 35)));
        check_kept(my->cache, 7, 95);
        collect(rig.m);
        check_found(rig.m, my->cache, my->keys, 4, 10);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(put_replaces_value_and_cost)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct item *key;);
        my->cache = make_cache(rig.m, 100);
        my->key = make_item(rig.m, 1000);
        for (uint64_t cost = 0; cost <= 100; cost += 20) {
            struct item *value = make_item(rig.m, cost);
            require_ok(besom_cache_put(rig.m, my->cache, my->key, value));
            check_kept(my->cache, 1, cost);
            ck_assert_ptr_eq(besom_cache_get(rig.m, my->cache, my->key), value);
            collect(rig.m);
            ck_assert_uint_eq(count_items(rig.m), 2);
            ck_assert_uint_eq(stats_of_cache(my->cache).entries, 1);
        }
        ck_assert_uint_eq(stats_of_cache(my->cache).evictions, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(evicted_value_that_others_have_is_found_and_kept_again)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys; struct item *value;);
        my->cache = make_cache(rig.m, 100);
        my->keys = fill(rig.m, my->cache, 10, 10);
        my->value = besom_cache_get(rig.m, my->cache, my->keys->items[0]);
        require_ok(besom_cache_trim(rig.m, my->cache, 0));
        check_kept(my->cache, 0, 0);
        collect(rig.m);
        ck_assert_uint_eq(stats_of_cache(my->cache).entries, 1);
        ck_assert_ptr_eq(besom_cache_get(rig.m, my->cache, my->keys->items[0]), my->value);
        ck_assert_uint_eq(stats_of_cache(my->cache).weak_hits, 1);
        check_kept(my->cache, 1, 10);
        my->value = NULL;
        collect(rig.m);
        ck_assert_ptr_nonnull(besom_cache_get(rig.m, my->cache, my->keys->items[0]));
        ck_assert_uint_eq(stats_of_cache(my->cache).weak_hits, 1);
        ck_assert_uint_eq(stats_of_cache(my->cache).hits, 2);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(value_that_is_kept_again_evicts_others)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys; struct item *value;);
        my->cache = make_cache(rig.m, 100);
        my->keys = fill(rig.m, my->cache, 10, 10);
        my->value = besom_cache_get(rig.m, my->cache, my->keys->items[0]);
        require_ok(besom_cache_trim(rig.m, my->cache, 0));
        collect(rig.m);
        for (size_t i = 1; i < 10; i++)
            require_ok(besom_cache_put(rig.m, my->cache, my->keys->items[i], make_item(rig.m, 11)));
        check_kept(my->cache, 9, 99);
        ck_assert_ptr_eq(besom_cache_get(rig.m, my->cache, my->keys->items[0]), my->value);
        check_kept(my->cache, 9, 98);
        collect(rig.m);
        ck_assert_ptr_null(besom_cache_get(rig.m, my->cache, my->keys->items[1]));
        ck_assert_ptr_nonnull(besom_cache_get(rig.m, my->cache, my->keys->items[2]));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(value_beyond_the_budget_is_held_weakly_and_evicts_nothing)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys; struct item *key;
                     struct item *value;);
        my->cache = make_cache(rig.m, 100);
        my->keys = fill(rig.m, my->cache, 10, 10);
        my->key = make_item(rig.m, 1);
        my->value = make_item(rig.m, 101);
        require_ok(besom_cache_put(rig.m, my->cache, my->key, my->value));
        check_kept(my->cache, 10, 100);
        for (int i = 0; i < 3; i++) {
            collect(rig.m);
            ck_assert_ptr_eq(besom_cache_get(rig.m, my->cache, my->key), my->value);
            check_kept(my->cache, 10, 100);
        }
        ck_assert_uint_eq(stats_of_cache(my->cache).weak_hits, 3);
        ck_assert_uint_eq(stats_of_cache(my->cache).evictions, 0);
        my->value = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_cache_get(rig.m, my->cache, my->key));
        check_found(rig.m, my->cache, my->keys, 0, 10);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(what_costs_nothing_makes_way_for_nothing)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys; struct item *full;);
        my->cache = make_cache(rig.m, 100);
        my->keys = fill(rig.m, my->cache, 4, 0);
        my->full = make_item(rig.m, 1);
        require_ok(besom_cache_put(rig.m, my->cache, my->full, make_item(rig.m, 100)));
        check_kept(my->cache, 5, 100);
        ck_assert_uint_eq(stats_of_cache(my->cache).evictions, 0);
        collect(rig.m);
        check_found(rig.m, my->cache, my->keys, 0, 4);
        struct item *value = besom_cache_get(rig.m, my->cache, my->full);
        ck_assert_uint_eq(value->id, 100);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(removed_value_is_not_found_though_others_have_it)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys; struct vector *values;);
        my->cache = make_cache(rig.m, 100);
        my->keys = fill(rig.m, my->cache, 20, 5);
        my->values = make_vector(rig.m, 20);
        for (size_t i = 0; i < 20; i++)
            my->values->items[i] = besom_cache_get(rig.m, my->cache, my->keys->items[i]);
        besom_write(rig.m, my->values);
        require_ok(besom_cache_trim(rig.m, my->cache, 50)); /* 0 .. 9 are held weakly from here on */
        check_kept(my->cache, 10, 50);
        for (size_t i = 0; i < 20; i += 2) {
            require_ok(besom_cache_remove(rig.m, my->cache, my->keys->items[i]));
            ck_assert_int_eq(besom_cache_remove(rig.m, my->cache, my->keys->items[i]),
                             BESOM_E_ABSENT);
            ck_assert_ptr_null(besom_cache_get(rig.m, my->cache, my->keys->items[i]));
        }
        check_kept(my->cache, 5, 25);
        collect(rig.m);
        ck_assert_uint_eq(stats_of_cache(my->cache).entries, 10);
        for (size_t i = 0; i < 20; i++)
            ck_assert_ptr_eq(besom_cache_get(rig.m, my->cache, my->keys->items[i]),
                             i % 2 ? my->values->items[i] : NULL);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(trim_and_budget_evict_down_to_what_they_say)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys;);
        my->cache = make_cache(rig.m, 1000);
        my->keys = fill(rig.m, my->cache, 100, 10);
        require_ok(besom_cache_trim(rig.m, my->cache, 5000));
        check_kept(my->cache, 100, 1000);
        require_ok(besom_cache_trim(rig.m, my->cache, 909));
        check_kept(my->cache, 90, 900);
        ck_assert_uint_eq(stats_of_cache(my->cache).budget_bytes, 1000);
        require_ok(besom_cache_set_budget(rig.m, my->cache, 500));
        check_kept(my->cache, 50, 500);
        ck_assert_uint_eq(stats_of_cache(my->cache).budget_bytes, 500);
        collect(rig.m);
        check_found(rig.m, my->cache, my->keys, 50, 100);
        require_ok(besom_cache_set_budget(rig.m, my->cache, 1000000));
        my->keys = fill(rig.m, my->cache, 200, 10);
        check_kept(my->cache, 250, 2500);
        require_ok(besom_cache_set_budget(rig.m, my->cache, 0));
        check_kept(my->cache, 0, 0);
        ck_assert_uint_eq(stats_of_cache(my->cache).evictions, 300);
        collect(rig.m);
        ck_assert_uint_eq(stats_of_cache(my->cache).entries, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(cost_is_the_size_of_the_value_if_nobody_says)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys;);
        my->cache = besom_cache_new(rig.m, 1 << 20, NULL, NULL, NULL);
        my->keys = make_vector(rig.m, 100);
        size_t bytes = 0;
        for (size_t i = 0; i < 100; i++) {
            void *value = make_sized(rig.m, &blob_type, 8 + i * 97);
            bytes += besom_size(value);
            my->keys->items[i] = make_item(rig.m, i);
            require_ok(besom_cache_put(rig.m, my->cache, my->keys->items[i], value));
        }
        besom_write(rig.m, my->keys);
        check_kept(my->cache, 100, bytes);
        ck_assert_uint_lt(bytes, 1 << 20);
        require_ok(besom_cache_put(rig.m, my->cache, my->keys->items[0],
                                   make_sized(rig.m, &blob_type, 2 << 20)));
        collect(rig.m);
        ck_assert_ptr_null(besom_cache_get(rig.m, my->cache, my->keys->items[0]));
        ck_assert_uint_eq(stats_of_cache(my->cache).entries, 99);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(keys_may_be_equal_by_content)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct item *twin;);
        my->cache = besom_cache_new(rig.m, 500, cost_is_id, hash_well, equal_content);
        for (uint64_t i = 0; i < 100; i++)
            require_ok(besom_cache_put(rig.m, my->cache, make_item(rig.m, i), make_item(rig.m, 10)));
        collect(rig.m);
        my->twin = make_item(rig.m, 0);
        for (uint64_t i = 0; i < 100; i++) {
            my->twin->content = i;
            require(!besom_cache_get(rig.m, my->cache, my->twin) == (i < 50), "not the last 50");
        }
        my->twin->content = 99;
        require_ok(besom_cache_put(rig.m, my->cache, my->twin, make_item(rig.m, 20)));
        check_kept(my->cache, 49, 500);
        require_ok(besom_cache_remove(rig.m, my->cache, my->twin));
        check_kept(my->cache, 48, 480);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(cache_that_nobody_has_goes_with_what_it_kept)
{
    struct rig rig;
    rig_start(&rig);
    for (int i = 0; i < 3; i++) {
        fill(rig.m, make_cache(rig.m, 1000), 100, i * 10);
        struct besom_cache *cache = make_cache(rig.m, 1000);
        require_ok(besom_cache_put(rig.m, cache, cache, make_item(rig.m, 1)));
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_fits_is_kept_alive,
        keys_are_kept_as_long_as_their_values,
        least_recently_used_goes_first,
        several_go_for_one_that_costs_more,
        put_replaces_value_and_cost,
        evicted_value_that_others_have_is_found_and_kept_again,
        value_that_is_kept_again_evicts_others,
        value_beyond_the_budget_is_held_weakly_and_evicts_nothing,
        what_costs_nothing_makes_way_for_nothing,
        removed_value_is_not_found_though_others_have_it,
        trim_and_budget_evict_down_to_what_they_say,
        cost_is_the_size_of_the_value_if_nobody_says,
        keys_may_be_equal_by_content,
        cache_that_nobody_has_goes_with_what_it_kept,
    };
    return run_tests("cache", tests, sizeof tests / sizeof *tests);
}
