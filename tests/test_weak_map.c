/* test_weak_map.c - maps: the directory says where every hash belongs, whatever is put and removed. */
#include "support.h"

#include "gc/mutator.h"
#include "weak/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a map in an owner of the test's own ---- */

struct owner {
    struct besom__own own;
    struct besom__map map;
};

static void trace_owner(struct besom_tracer *tracer, void *obj)
{
    besom_visit(tracer, ((struct owner *)obj)->map.root);
}

static const struct besom_type owner_type = {
    .name = "owner", .size_bytes = sizeof(struct owner), .trace = trace_owner};

/* The hash that a key was given: its id.  The map mixes it. */
static uint64_t hash_id(void *host, const void *key)
{
    (void)host;
    return ((const struct node *)key)->id;
}

static bool equal_id(void *host, const void *a, const void *b)
{
    (void)host;
    return ((const struct node *)a)->id == ((const struct node *)b)->id;
}

static uint64_t hash_nothing(void *host, const void *key)
{
    (void)host, (void)key;
    return 42;
}

static size_t range_words(const struct besom__map *map, const struct besom__store *s)
{
    return (size_t)1 << (map->depth - s->depth);
}

/* What the header promises. */
static void check_map(struct besom__map *map)
{
    struct besom__store *one = map->root;
    struct besom__store **words =
        map->depth ? ((struct besom__directory *)map->root)->stores : &one;
    size_t n_words = (size_t)1 << map->depth, n_stores = 0, n_deepest = 0, n_entries = 0;
    for (size_t i = 0; i < n_words;) {
        struct besom__store *s = words[i];
        if (!s) {
            i++;
            continue;
        }
        require(s->depth <= map->depth && s->map == map, "a store of this map");
        require(map->depth == 0 || s->prefix >> (32 - map->depth) == i, "where its prefix says");
        for (size_t j = 0; j < range_words(map, s); j++)
            require(words[i + j] == s, "in all of its range");
        n_stores++;
        n_deepest += s->depth == map->depth;
        n_entries += s->n_live;
        i += range_words(map, s);
    }
    require(n_stores == map->n_stores, "stores are counted");
    require(n_deepest == map->n_deepest, "the deepest stores are counted");
    require(n_entries == map->n_entries, "entries are counted");
    require(!map->depth || n_deepest, "no deeper than needed");
    if (map->depth) {
        const struct besom__directory *directory = map->root;
        require(directory->n >= n_words, "the directory has room");
        for (size_t i = n_words; i < directory->n; i++)
            require(!directory->stores[i], "and nothing behind its words");
    }
}

/* ---- random programs against an array ---- */

enum { KEYS = 20000 };

struct play {
    struct besom_mutator *m;
    struct owner *owner;
    struct vector *keys;
    bool *in;
    size_t n;
};

static void put(struct play *p, size_t k)
{
    struct besom__map *map = &p->owner->map;
    struct node *key = p->keys->items[k];
    struct besom__probe probe = besom__map_probe(map, key);
    require_ok(besom__map_put(p->m, map, probe, key, (uintptr_t)key, key));
    p->n += !p->in[k];
    p->in[k] = true;
}

static void drop(struct play *p, size_t k)
{
    struct besom__map *map = &p->owner->map;
    struct besom__place place;
    bool found = besom__map_find(map, besom__map_probe(map, p->keys->items[k]), false, &place);
    require(found == p->in[k], "found if it is there");
    if (!found)
        return;
    besom__map_remove(p->m, map, place);
    p->in[k] = false;
    p->n--;
}

/* Every key by looking it up, and all of them by iterating. */
static void check_play(struct play *p)
{
    struct besom__map *map = &p->owner->map;
    struct besom__place place;
    check_map(map);
    require(map->n_entries == p->n, "as many as in the model");
    for (size_t k = 0; k < KEYS; k++)
        require(besom__map_find(map, besom__map_probe(map, p->keys->items[k]), false, &place) ==
                    p->in[k],
                "found if it is there");
    struct besom_cursor cursor = {0, NULL};
    size_t n = 0;
    while (besom__map_next(map, &cursor, false, &place)) {
        const struct node *key = (const void *)*besom__store_key(place.store, place.slot);
        require(p->in[key->id], "what is iterated is there");
        n++;
    }
    require(n == p->n, "and all that is there is iterated");
}

/* Grows and shrinks by turns, in random order and in order. */
static void play(besom_hash_fn hash, besom_equal_fn equal, size_t n_keys)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct owner * owner; struct vector * keys;);
        struct play p = {.m = rig.m, .in = calloc(KEYS, sizeof(bool))};
        p.owner = my->owner = besom__own_new(rig.m, &owner_type, sizeof *my->owner);
        besom__map_init(&my->owner->map, rig.heap, my->owner, MAP_STRONG, hash, equal);
        p.keys = my->keys = make_vector(rig.m, KEYS);
        for (size_t k = 0; k < KEYS; k++) {
            struct node *key = make(rig.m, &node_type);
            key->id = k;
            my->keys->items[k] = key;
        }
        for (int round = 0; round < 6; round++) {
            for (size_t i = 0; i < n_keys; i++) {
                put(&p, round == 0 ? i : rng_below(&rng, n_keys));
                if (i % 997 == 0) {
                    check_map(&my->owner->map);
                    besom_poll(rig.m);
                }
            }
            check_play(&p);
            for (size_t i = 0; i < 3 * n_keys; i++) {
                drop(&p, round == 1 ? i % n_keys : rng_below(&rng, n_keys));
                if (i % 997 == 0)
                    check_map(&my->owner->map);
            }
            check_play(&p);
            collect(rig.m);
        }
        for (size_t k = 0; k < KEYS; k++)
            if (p.in[k])
                drop(&p, k);
        check_play(&p);
        ck_assert_uint_eq(my->owner->map.depth, 0);
        free(p.in);
    }
    rig_close(&rig);
}

START_TEST(maps_by_address_follow_a_model)
{
    play(NULL, NULL, scaled(KEYS));
}
END_TEST

START_TEST(maps_by_hash_follow_a_model)
{
    play(hash_id, equal_id, scaled(KEYS));
}
END_TEST

START_TEST(maps_of_one_hash_follow_a_model)
{
    play(hash_nothing, equal_id, 600);
}
END_TEST

/* Hashes whose upper 24 bits, as the map mixes them, are few: the directory must not follow. */
static uint64_t hash_few(void *host, const void *key)
{
    (void)host;
    return ((const struct node *)key)->id % 3;
}

START_TEST(directory_does_not_outgrow_the_entries)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct owner * owner; struct node * key;);
        my->owner = besom__own_new(rig.m, &owner_type, sizeof *my->owner);
        besom__map_init(&my->owner->map, rig.heap, my->owner, MAP_STRONG, hash_few, equal_id);
        struct besom__map *map = &my->owner->map;
        for (size_t i = 0; i < 3000; i++) {
            my->key = make(rig.m, &node_type);
            my->key->id = i;
            require_ok(besom__map_put(rig.m, map, besom__map_probe(map, my->key), my->key,
                                      (uintptr_t)my->key, my->key));
        }
        check_map(map);
        ck_assert_uint_eq(map->n_entries, 3000);
        ck_assert_uint_le((size_t)1 << map->depth, 8 * map->n_stores);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(entry_takes_at_most_40_bytes_at_any_size)
{
    struct rig rig;
    rig_init_exact(&rig, "");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct owner * owner; struct node * key;);
        my->owner = besom__own_new(rig.m, &owner_type, sizeof *my->owner);
        besom__map_init(&my->owner->map, rig.heap, my->owner, MAP_STRONG, NULL, NULL);
        struct besom__map *map = &my->owner->map;
        double worst = 0, sum = 0;
        size_t n_sizes = 0;
        for (size_t i = 1; i <= scaled(300000); i++) {
            my->key = make(rig.m, &node_type);
            require_ok(besom__map_put(rig.m, map, besom__map_probe(map, my->key), my->key,
                                      (uintptr_t)my->key, my->key));
            if (i < 10000 || i % 1000 != 0)
                continue;
            size_t bytes = (size_t)8 << map->depth;
            bytes += map->n_stores * besom__store_bytes(STORE_SPLIT_LOG2, true, false);
            double per_entry = (double)bytes / (double)i;
            worst = per_entry > worst ? per_entry : worst;
            sum += per_entry;
            n_sizes++;
        }
        printf("%.1f bytes an entry, %.1f at worst\n", sum / (double)n_sizes, worst);
        ck_assert(worst <= 40);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        maps_by_address_follow_a_model,           maps_by_hash_follow_a_model,
        maps_of_one_hash_follow_a_model,          directory_does_not_outgrow_the_entries,
        entry_takes_at_most_40_bytes_at_any_size,
    };
    return run_tests("weak map", tests, sizeof tests / sizeof *tests);
}
