/* test_cache_pressure.c - caches give way when memory is short; and what they refuse. */
#include "support_items.h"

#include <stdlib.h>

static size_t cost_is_id(void *host, const void *key, const void *value)
{
    (void)host, (void)key;
    return ((const struct item *)value)->id;
}

static struct besom_cache *make_cache(struct besom_mutator *m, size_t budget, besom_cost_fn cost)
{
    struct besom_cache *cache = besom_cache_new(m, budget, cost, NULL, NULL);
    require(cache != NULL, "no cache");
    return cache;
}

static struct besom_cache_stats stats_of_cache(const struct besom_cache *cache)
{
    struct besom_cache_stats stats;
    require_ok(besom_cache_get_stats(cache, &stats));
    return stats;
}

/* New keys, and values that cost 10 each. */
static void fill(struct besom_mutator *m, struct besom_cache *cache, struct vector *keys)
{
    for (size_t i = 0; i < keys->length; i++) {
        besom_set(m, keys, &keys->items[i], make_item(m, i));
        require_ok(besom_cache_put(m, cache, keys->items[i], make_item(m, 10)));
    }
}

/* ---- pressure ---- */

START_TEST(emergency_evicts_everything)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys; struct item *value;);
        my->cache = make_cache(rig.m, 1000, cost_is_id);
        my->keys = make_vector(rig.m, 100);
        for (size_t round = 1; round < 4; round++) {
            fill(rig.m, my->cache, my->keys);
            my->value = besom_cache_get(rig.m, my->cache, my->keys->items[3]);
            require_ok(besom_collect(rig.m, BESOM_EMERGENCY));
            struct besom_cache_stats stats = stats_of_cache(my->cache);
            ck_assert_uint_eq(stats.kept_bytes, 0);
            ck_assert_uint_eq(stats.kept_entries, 0);
            ck_assert_uint_eq(stats.evictions, 100 * round);
            ck_assert_uint_eq(stats.budget_bytes, 1000);
            collect(rig.m);
            ck_assert_uint_eq(stats_of_cache(my->cache).entries, 1);
            for (size_t i = 0; i < 100; i++)
                ck_assert_ptr_eq(besom_cache_get(rig.m, my->cache, my->keys->items[i]),
                                 i == 3 ? my->value : NULL);
            require_ok(besom_cache_remove(rig.m, my->cache, my->keys->items[3]));
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(emergency_frees_what_caches_kept)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *caches[3]; struct vector *keys;);
        my->keys = make_vector(rig.m, 100);
        for (int c = 0; c < 3; c++) {
            my->caches[c] = make_cache(rig.m, 1000, cost_is_id);
            fill(rig.m, my->caches[c], my->keys);
        }
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 600);
        require_ok(besom_collect(rig.m, BESOM_EMERGENCY));
        collect(rig.m); /* keys may go a cycle later */
        ck_assert_uint_eq(count_items(rig.m), 100);
    }
    rig_close(&rig);
}
END_TEST

enum { IMAGES = 100, IMAGE_BYTES = 100000 };

START_TEST(cycle_after_a_failed_allocation_halves_what_is_kept)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=40m,pace=fixed");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys; void *large;);
        my->cache = make_cache(rig.m, 64 << 20, NULL);
        my->keys = make_vector(rig.m, IMAGES);
        my->large = make_sized(rig.m, &blob_type, 24 << 20);
        for (size_t i = 0; i < IMAGES; i++) {
            besom_set(rig.m, my->keys, &my->keys->items[i], make_item(rig.m, i));
            require_ok(besom_cache_put(rig.m, my->cache, my->keys->items[i],
                                       make_sized(rig.m, &blob_type, IMAGE_BYTES)));
        }
        for (size_t before = IMAGES; before > 3;) {
            ck_assert_uint_eq(stats_of_cache(my->cache).kept_entries, before);
            ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 16 << 20));
            ck_assert(besom_poll(rig.m));
            collect(rig.m); /* and none evicts without such a cause */
            struct besom_cache_stats stats = stats_of_cache(my->cache);
            ck_assert_uint_le(stats.kept_entries, before / 2);
            ck_assert_uint_ge(stats.kept_entries, before / 2 - 1);
            ck_assert_uint_eq(stats.entries, stats.kept_entries);
            before = stats.kept_entries;
            for (size_t i = 0; i < IMAGES; i++)
                require(!besom_cache_get(rig.m, my->cache, my->keys->items[i]) ==
                            (i < IMAGES - before),
                        "not the least recently used");
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(cache_makes_room_for_an_allocation_that_failed)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=32m,pace=fixed");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; void *large;);
        my->cache = make_cache(rig.m, 64 << 20, NULL);
        for (uint64_t i = 0; i < 240; i++)
            require_ok(besom_cache_put(rig.m, my->cache, make_item(rig.m, i),
                                       make_sized(rig.m, &blob_type, IMAGE_BYTES)));
        for (int tries = 0; !my->large; tries++) {
            ck_assert_int_lt(tries, 5);
            my->large = besom_new_sized(rig.m, &blob_type, 24 << 20);
            besom_poll(rig.m);
        }
        ck_assert_uint_gt(stats_of_cache(my->cache).kept_entries, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(put_at_the_hard_limit_is_refused_and_changes_nothing)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=8m,pace=fixed");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_cache *cache; struct vector *keys; struct vector *filler;);
        enum { N = 30000 };
        my->cache = make_cache(rig.m, (size_t)1 << 40, cost_is_id);
        my->keys = make_vector(rig.m, N);
        for (size_t i = 0; i < N; i++)
            my->keys->items[i] = make_item(rig.m, i);
        besom_write(rig.m, my->keys);
        struct vector *v;
        for (size_t slots = 500; slots > 0; slots /= 500)
            while ((v = besom_new_sized(rig.m, &vector_type, 16 + slots * sizeof(void *)))) {
                v->length = slots;
                v->items[0] = my->filler;
                my->filler = v;
            }
        size_t n = 0, kept_bytes = 0;
        enum besom_status status = BESOM_OK;
        while (n < N && status == BESOM_OK) {
            status = besom_cache_put(rig.m, my->cache, my->keys->items[n], my->keys->items[n]);
            n += status == BESOM_OK;
            kept_bytes += status == BESOM_OK ? n - 1 : 0;
        }
        ck_assert_int_eq(status, BESOM_E_MEMORY);
        for (int i = 0; i < 3; i++) {
            struct besom_cache_stats stats = stats_of_cache(my->cache);
            ck_assert_uint_eq(stats.kept_entries, n);
            ck_assert_uint_eq(stats.kept_bytes, kept_bytes);
            ck_assert_uint_eq(stats.entries, n);
            ck_assert_int_eq(
                besom_cache_put(rig.m, my->cache, my->keys->items[n], my->keys->items[n]),
                BESOM_E_MEMORY);
            for (size_t j = 0; j < N; j++)
                require(besom_cache_get(rig.m, my->cache, my->keys->items[j]) ==
                            (j < n ? my->keys->items[j] : NULL),
                        "changed");
        }
        my->filler = NULL;
        collect(rig.m);
        for (; n < N; n++)
            require_ok(besom_cache_put(rig.m, my->cache, my->keys->items[n], my->keys->items[n]));
    }
    rig_close(&rig);
}
END_TEST

/* ---- bad input ---- */

START_TEST(cache_of_half_a_hash_is_not_made)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_ptr_null(besom_cache_new(rig.m, 100, NULL, hash_well, NULL));
    ck_assert_ptr_null(besom_cache_new(rig.m, 100, NULL, NULL, equal_content));
    ck_assert_ptr_null(besom_cache_new(NULL, 100, NULL, NULL, NULL));
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

/* A cache of one entry, by address or by content. */
struct scene {
    struct rig rig;
    struct besom_handle *cache, *key, *value;
    struct besom_cache_stats before;
};

static void scene_start(struct scene *s, bool by_content)
{
    rig_start(&s->rig);
    struct besom_mutator *m = s->rig.m;
    struct besom_cache *cache = besom_cache_new(m, 100, cost_is_id, by_content ? hash_well : NULL,
                                                by_content ? equal_content : NULL);
    struct item *key = make_item(m, 1), *value = make_item(m, 2);
    s->cache = besom_handle_new(m, cache, "cache");
    s->key = besom_handle_new(m, key, "key");
    s->value = besom_handle_new(m, value, "value");
    require_ok(besom_cache_put(m, cache, key, value));
    s->before = stats_of_cache(cache);
}

static void scene_end(struct scene *s)
{
    struct besom_cache *cache = besom_handle_get(s->cache);
    for (int i = 0; i < 2; i++) {
        struct besom_cache_stats now = stats_of_cache(cache);
        ck_assert_uint_eq(now.budget_bytes, s->before.budget_bytes);
        ck_assert_uint_eq(now.kept_bytes, s->before.kept_bytes);
        ck_assert_uint_eq(now.kept_entries, s->before.kept_entries);
        ck_assert_uint_eq(now.entries, s->before.entries);
        ck_assert_uint_eq(now.evictions, s->before.evictions);
        ck_assert_ptr_eq(besom_cache_get(s->rig.m, cache, besom_handle_get(s->key)),
                         besom_handle_get(s->value));
        collect(s->rig.m);
    }
    rig_close(&s->rig);
}

START_TEST(null_is_a_bad_argument)
{
    for (int by_content = 0; by_content < 2; by_content++) {
        struct scene s;
        scene_start(&s, by_content);
        struct besom_mutator *m = s.rig.m;
        struct besom_cache *cache = besom_handle_get(s.cache);
        void *key = besom_handle_get(s.key);
        struct besom_cache_stats stats;
        ck_assert_ptr_null(besom_cache_get(m, NULL, key));
        ck_assert_ptr_null(besom_cache_get(NULL, cache, key));
        ck_assert_ptr_null(besom_cache_get(m, cache, NULL));
        ck_assert_int_eq(besom_cache_put(m, NULL, key, key), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_put(NULL, cache, key, key), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_put(m, cache, NULL, key), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_put(m, cache, key, NULL), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_remove(m, NULL, key), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_remove(NULL, cache, key), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_remove(m, cache, NULL), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_trim(m, NULL, 0), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_trim(NULL, cache, 0), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_set_budget(m, NULL, 0), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_set_budget(NULL, cache, 0), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_get_stats(NULL, &stats), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_cache_get_stats(cache, NULL), BESOM_E_ARGUMENT);
        scene_end(&s);
    }
}
END_TEST

START_TEST(what_is_no_object_of_the_heap_is_refused)
{
    for (int by_content = 0; by_content < 2; by_content++) {
        struct scene s;
        struct rig other;
        scene_start(&s, by_content);
        rig_start(&other);
        struct besom_mutator *m = s.rig.m;
        struct besom_cache *cache = besom_handle_get(s.cache);
        char *key = besom_handle_get(s.key);
        struct item stranger = {&item_type, NULL, NULL, 1, 1};
        void *const bad[] = {&stranger, make_item(other.m, 1)};
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(besom_cache_put(m, cache, bad[i], key), BESOM_E_FOREIGN);
            ck_assert_int_eq(besom_cache_put(m, cache, key, bad[i]), BESOM_E_FOREIGN);
            ck_assert_int_eq(besom_cache_remove(m, cache, bad[i]), BESOM_E_FOREIGN);
            ck_assert_ptr_null(besom_cache_get(m, cache, bad[i]));
        }
        ck_assert_int_eq(besom_cache_put(other.m, cache, bad[1], bad[1]), BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_cache_remove(other.m, cache, key), BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_cache_trim(other.m, cache, 0), BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_cache_set_budget(other.m, cache, 0), BESOM_E_FOREIGN);
        ck_assert_ptr_null(besom_cache_get(other.m, cache, key));
        scene_end(&s);
        rig_close(&other);
    }
}
END_TEST

START_TEST(mutator_in_a_native_region_is_refused)
{
    struct scene s;
    scene_start(&s, false);
    struct besom_mutator *m = s.rig.m;
    struct besom_cache *cache = besom_handle_get(s.cache);
    void *key = besom_handle_get(s.key);
    require_ok(besom_native_enter(m));
    ck_assert_ptr_null(besom_cache_new(m, 100, NULL, NULL, NULL));
    ck_assert_ptr_null(besom_cache_get(m, cache, key));
    ck_assert_int_eq(besom_cache_put(m, cache, key, key), BESOM_E_STATE);
    ck_assert_int_eq(besom_cache_remove(m, cache, key), BESOM_E_STATE);
    ck_assert_int_eq(besom_cache_trim(m, cache, 0), BESOM_E_STATE);
    ck_assert_int_eq(besom_cache_set_budget(m, cache, 0), BESOM_E_STATE);
    require_ok(besom_native_leave(m));
    scene_end(&s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        emergency_evicts_everything,
        emergency_frees_what_caches_kept,
        cycle_after_a_failed_allocation_halves_what_is_kept,
        cache_makes_room_for_an_allocation_that_failed,
        put_at_the_hard_limit_is_refused_and_changes_nothing,
        cache_of_half_a_hash_is_not_made,
        null_is_a_bad_argument,
        what_is_no_object_of_the_heap_is_refused,
        mutator_in_a_native_region_is_refused,
    };
    return run_tests("cache pressure", tests, sizeof tests / sizeof *tests);
}
