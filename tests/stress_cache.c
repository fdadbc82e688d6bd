/* stress_cache.c - caches under random operations against a model: a list in order of use.
 *
 * BESOM_TEST_SEED repeats a run, BESOM_TEST_OPS sets the number of operations. */
#include "support_items.h"

#include <stdio.h>
#include <string.h>

enum { KEYS = 60, VALUES = 40, OPERATIONS = 400000 };

/* What the model says of a key's entry. */
struct model_entry {
    bool is_there, is_kept;
    struct item *value; /* the address, which keeps nothing */
    size_t cost;
    uint64_t used; /* the clock, when last */
};

/* Keys and some values are held; others are held by the cache alone. */
struct play {
    struct rig rig;
    struct rng rng;
    struct besom_handle *cache, *keys, *twins, *values;
    struct model_entry model[KEYS];
    struct besom_cache_stats expected;
    uint64_t clock;
    bool by_content;
};

static size_t cost_is_id(void *host, const void *key, const void *value)
{
    (void)host, (void)key;
    return ((const struct item *)value)->id % 1000;
}

static struct besom_cache *cache_of(struct play *play)
{
    return besom_handle_get(play->cache);
}

static struct vector *vector_of(struct besom_handle *handle)
{
    return besom_handle_get(handle);
}

/* The key to use in a call: by content, another one serves as well. */
static void *key_of(struct play *play, size_t k)
{
    bool twin = play->by_content && rng_below(&play->rng, 2);
    return vector_of(twin ? play->twins : play->keys)->items[k];
}

/* ---- the model ---- */

static void unkeep(struct play *play, struct model_entry *entry)
{
    if (entry->is_kept) {
        play->expected.kept_bytes -= entry->cost;
        play->expected.kept_entries--;
    }
    entry->is_kept = false;
}

static void evict_to(struct play *play, size_t bytes)
{
    while (play->expected.kept_bytes > bytes) {
        struct model_entry *oldest = NULL;
        for (size_t k = 0; k < KEYS; k++) {
            struct model_entry *entry = &play->model[k];
            if (entry->is_kept && (!oldest || entry->used < oldest->used))
                oldest = entry;
        }
        unkeep(play, oldest);
        play->expected.evictions++;
    }
}

static void keep(struct play *play, struct model_entry *entry)
{
    unkeep(play, entry);
    if (entry->cost > play->expected.budget_bytes)
        return;
    entry->used = ++play->clock;
    entry->is_kept = true;
    play->expected.kept_bytes += entry->cost;
    play->expected.kept_entries++;
    evict_to(play, play->expected.budget_bytes);
}

static bool is_held(struct play *play, const struct item *value)
{
    const struct vector *values = vector_of(play->values);
    for (size_t v = 0; v < VALUES; v++)
        if (values->items[v] == value)
            return true;
    for (size_t k = 0; k < KEYS; k++)
        if (play->model[k].is_kept && play->model[k].value == value)
            return true;
    return false;
}

static void model_collect(struct play *play)
{
    for (size_t k = 0; k < KEYS; k++) {
        struct model_entry *entry = &play->model[k];
        if (entry->is_there && !is_held(play, entry->value))
            *entry = (struct model_entry){0};
    }
}

/* ---- operations ---- */

static void put_one(struct play *play, size_t k)
{
    struct vector *values = vector_of(play->values);
    size_t v = rng_below(&play->rng, VALUES);
    struct item *value = values->items[v];
    if (!value || rng_below(&play->rng, 2)) {
        value = make_item(play->rig.m, 1000 * ++play->clock + 1 + rng_below(&play->rng, 99));
        if (rng_below(&play->rng, 2))
            besom_set(play->rig.m, values, &values->items[v], value);
    }
    require_ok(besom_cache_put(play->rig.m, cache_of(play), key_of(play, k), value));
    struct model_entry *entry = &play->model[k];
    unkeep(play, entry);
    *entry = (struct model_entry){.is_there = true, .value = value, .cost = value->id % 1000};
    keep(play, entry);
}

static void get_one(struct play *play, size_t k)
{
    void *value = besom_cache_get(play->rig.m, cache_of(play), key_of(play, k));
    struct model_entry *entry = &play->model[k];
    require(value == (entry->is_there ? entry->value : NULL), "not the value");
    if (!value) {
        play->expected.misses++;
        return;
    }
    play->expected.hits += entry->is_kept;
    play->expected.weak_hits += !entry->is_kept;
    keep(play, entry);
}

static void remove_one(struct play *play, size_t k)
{
    struct model_entry *entry = &play->model[k];
    enum besom_status status =
        besom_cache_remove(play->rig.m, cache_of(play), key_of(play, k));
    require(status == (entry->is_there ? BESOM_OK : BESOM_E_ABSENT), "removed, or absent");
    unkeep(play, entry);
    *entry = (struct model_entry){0};
}

static void check_stats(struct play *play)
{
    struct besom_cache_stats now;
    play->expected.entries = 0;
    for (size_t k = 0; k < KEYS; k++)
        play->expected.entries += play->model[k].is_there;
    require_ok(besom_cache_get_stats(cache_of(play), &now));
    require(now.budget_bytes == play->expected.budget_bytes, "another budget");
    require(now.kept_bytes == play->expected.kept_bytes, "another number of bytes kept");
    require(now.kept_entries == play->expected.kept_entries, "another number of entries kept");
    require(now.entries == play->expected.entries, "another number of entries");
    require(now.hits == play->expected.hits, "another number of hits");
    require(now.weak_hits == play->expected.weak_hits, "another number of weak hits");
    require(now.misses == play->expected.misses, "another number of misses");
    require(now.evictions == play->expected.evictions, "another number of evictions");
}

static void collect_and_check(struct play *play)
{
    check_stats(play);
    bool emergency = rng_below(&play->rng, 10) == 0;
    require_ok(besom_collect(play->rig.m, emergency ? BESOM_EMERGENCY : BESOM_FULL));
    for (size_t k = 0; emergency && k < KEYS; k++) {
        play->expected.evictions += play->model[k].is_kept;
        unkeep(play, &play->model[k]);
    }
    model_collect(play);
    check_stats(play);
}

static void operate(struct play *play)
{
    size_t what = rng_below(&play->rng, 1000), k = rng_below(&play->rng, KEYS);
    struct vector *values = vector_of(play->values);
    if (what < 300) {
        put_one(play, k);
    } else if (what < 850) {
        get_one(play, k);
    } else if (what < 900) {
        remove_one(play, k);
    } else if (what < 980) {
        size_t v = rng_below(&play->rng, VALUES);
        besom_set(play->rig.m, values, &values->items[v], NULL);
    } else if (what < 985) {
        size_t bytes = rng_below(&play->rng, 1500);
        require_ok(besom_cache_trim(play->rig.m, cache_of(play), bytes));
        evict_to(play, bytes);
    } else if (what < 990) {
        size_t bytes = rng_below(&play->rng, 20) ? rng_below(&play->rng, 3000) : 50;
        require_ok(besom_cache_set_budget(play->rig.m, cache_of(play), bytes));
        play->expected.budget_bytes = bytes;
        evict_to(play, bytes);
    } else {
        collect_and_check(play);
    }
}

/* ---- running ---- */

static struct besom_handle *hold(struct play *play, void *obj)
{
    struct besom_handle *handle = besom_handle_new(play->rig.m, obj, "held");
    require(handle != NULL, "no handle");
    return handle;
}

static void run(const char *options, bool by_content, size_t ops)
{
    static struct play play;
    memset(&play, 0, sizeof play);
    play.rng.state = test_seed();
    play.by_content = by_content;
    rig_init(&play.rig);
    play.rig.config.options_text = options;
    rig_open(&play.rig);
    struct besom_mutator *m = play.rig.m;
    play.expected.budget_bytes = 1000;
    play.cache = hold(&play, by_content
                                 ? besom_cache_new(m, 1000, cost_is_id, hash_well, equal_content)
                                 : besom_cache_new(m, 1000, cost_is_id, NULL, NULL));
    play.keys = hold(&play, make_vector(m, KEYS));
    play.twins = hold(&play, make_vector(m, KEYS));
    play.values = hold(&play, make_vector(m, VALUES));
    for (size_t k = 0; k < KEYS; k++) {
        struct vector *keys = vector_of(play.keys), *twins = vector_of(play.twins);
        besom_set(m, keys, &keys->items[k], make_item(m, k));
        besom_set(m, twins, &twins->items[k], make_item(m, k));
    }
    for (size_t i = 0; i < ops; i++)
        operate(&play);
    collect_and_check(&play);
    printf("cache %s: %zu operations, %llu hits, %llu weak hits, %llu misses, %llu evictions\n",
           options, ops, (unsigned long long)play.expected.hits,
           (unsigned long long)play.expected.weak_hits,
           (unsigned long long)play.expected.misses,
           (unsigned long long)play.expected.evictions);
    fflush(stdout);
    ck_assert_uint_gt(play.expected.weak_hits, 0);
    rig_close(&play.rig);
}

START_TEST(cache_by_address_keeps_what_the_model_says)
{
    run("mark_threads=1", false, test_ops(scaled(OPERATIONS)));
    run("mark_threads=3,poison", false, test_ops(scaled(OPERATIONS / 4)));
    run("stress=1,verify", false, test_ops(scaled(OPERATIONS / 8)));
}
END_TEST

START_TEST(cache_by_content_keeps_what_the_model_says)
{
    run("mark_threads=1", true, test_ops(scaled(OPERATIONS)));
    run("slow,poison", true, test_ops(scaled(OPERATIONS / 8)));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        cache_by_address_keeps_what_the_model_says,
        cache_by_content_keeps_what_the_model_says,
    };
    test_seed();
    return run_tests("cache stress", tests, sizeof tests / sizeof *tests);
}
