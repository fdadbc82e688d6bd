/* map.c - a hash table of stores: what tables, sets of interned objects and caches are made of. */
#include "weak/map.h"

#include "gc/cycle.h"
#include "gc/mutator.h"
#include "weak/directory.h"
#include "weak/weak.h"

void besom__map_init(struct besom__map *map, struct besom_heap *heap, void *owner,
                     enum besom__map_kind kind, besom_hash_fn hash, besom_equal_fn equal)
{
    map->heap = heap;
    map->owner = owner;
    map->version = 1;
    map->kind = (uint8_t)kind;
    map->hash = hash;
    map->equal = equal;
}

struct besom__probe besom__map_probe(struct besom__map *map, const void *key)
{
    if (!map->hash)
        return (struct besom__probe){key, besom__hash_address(key)};
    map->busy = true;
    uint64_t hash = map->hash(map->heap->config.host, key);
    map->busy = false;
    return (struct besom__probe){key, besom__hash_mix(hash ^ hash >> 32)};
}

bool besom__map_has(const struct besom__map *map, const struct besom__store *s)
{
    return besom__directory_find(map, s->prefix) == s;
}

/* ---- finding ---- */

static bool is_equal(struct besom__map *map, const void *wanted, const void *key)
{
    if (wanted == key)
        return true;
    bool was_busy = map->busy;
    map->busy = true;
    bool equal = map->equal(map->heap->config.host, wanted, key);
    map->busy = was_busy;
    return equal;
}

/* From *slot on; *slot is then where it is, or somewhere behind its place. */
static bool find_by_address(struct besom__store *s, struct besom__probe probe, uint32_t *slot)
{
    for (uint32_t i = *slot; i < s->n_slots; i++) {
        uintptr_t key = *besom__store_key(s, i);
        if (key == (uintptr_t)probe.key) {
            *slot = i;
            return true;
        }
        if (key == KEY_EMPTY ||
            (key != KEY_TOMBSTONE && besom__hash_address((const void *)key) > probe.hash))
            break;
    }
    return false;
}

static bool find_by_hash(struct besom__map *map, struct besom__store *s, struct besom__probe probe,
                         uint32_t *slot)
{
    const uint32_t *hashes = besom__store_hashes(s);
    uint32_t i = *slot;
    while (hashes[i] < probe.hash)
        i++;
    for (; hashes[i] == probe.hash; i++)
        if (besom__store_is_entry(s, i) &&
            is_equal(map, probe.key, (const void *)*besom__store_key(s, i))) {
            *slot = i;
            return true;
        }
    return false;
}

static bool find_in(struct besom__map *map, struct besom__store *s, struct besom__probe probe,
                    uint32_t *slot)
{
    return map->hash ? find_by_hash(map, s, probe, slot) : find_by_address(s, probe, slot);
}

/* Fetches the slots where an entry probably is while the head of its store arrives: most stores of a
 * large map are as deep as the directory. */
static void prefetch_slots(const struct besom__map *map, struct besom__store *s, uint32_t hash)
{
    const size_t n_slots = (size_t)1 << STORE_SPLIT_LOG2;
    size_t home = (uint32_t)(hash << map->depth) >> (32 - STORE_SPLIT_LOG2);
    if (map->hash) /* about */
        __builtin_prefetch(
            (uint32_t *)(s->words + (n_slots + n_slots / 16) * (map->kind == MAP_SET ? 1 : 2)) +
            home);
    else
        __builtin_prefetch(s->words + 2 * home);
}

static bool has_dead_value(const struct besom__map *map, struct besom__place place)
{
    if (!besom__map_has_weak_values(map))
        return false;
    void *ref = besom__map_ref(map, besom__map_value(place));
    return ref && besom__is_dead(map->heap, ref);
}

static bool has_dead_key(const struct besom__map *map, struct besom__place place)
{
    return besom__map_has_weak_keys(map) && besom__is_dead(map->heap, besom__map_key(place));
}

/* In WEAK: may the mutator see the entry?  A key found by content may be what a finalizer is bringing
 * back, or dead. */
static bool reveal(struct besom__map *map, struct besom__place *place)
{
    if (has_dead_value(map, *place)) {
        /* At once, lest the same key be put beside it. */
        besom__store_remove(place->store, place->slot);
        besom__size_store(&map->n_entries, map->n_entries - 1);
        map->version++;
        besom__weak_count_cleared(map->heap, 1);
        return false;
    }
    if (!besom__map_has_weak_keys(map) || !map->equal ||
        besom__cycle_reveal(map->heap, besom__map_key(*place)))
        return true;
    place->unknown |= map->heap->cycle.stage < STAGE_CLEAR_LATE;
    return false;
}

bool besom__map_find(struct besom__map *map, struct besom__probe probe, bool settling,
                     struct besom__place *place)
{
    struct besom__store *s = NULL;
    place->unknown = false;
    /* Bringing a key back may have cleared entries, and merged stores: again from the start. */
    for (bool again = true; again;) {
        s = place->store = besom__directory_find(map, probe.hash);
        if (!s)
            return false;
        if (map->depth)
            prefetch_slots(map, s, probe.hash);
        again = false;
        place->slot = besom__store_home(s, probe.hash);
        while (!again && find_in(map, s, probe, &place->slot)) {
            if (!settling)
                return true;
            bool was_dead = has_dead_key(map, *place);
            bool shows = reveal(map, place);
            if (shows && !was_dead)
                return true;
            again = shows;
            place->slot++;
        }
    }
    return false;
}

uintptr_t besom__map_show(const struct besom__map *map, struct besom__place place, bool settling)
{
    uintptr_t value = besom__map_value(place);
    void *ref = settling ? besom__map_ref(map, value) : NULL;
    /* Its key is alive, so it is dead only if memory was short as it was to be marked. */
    bool is_lost = ref && besom__is_dead(map->heap, ref) && !besom__cycle_reveal(map->heap, ref);
    return is_lost ? 0 : value;
}

/* ---- removing ---- */

/* With few entries, one store does for two: that one; NULL: they stay two. */
static struct besom__store *merge(struct besom_mutator *m, struct besom__map *map,
                                  struct besom__store *s)
{
    struct besom__store *buddy;
    if (s->depth == 0 || !besom__directory_buddy(map, s, &buddy))
        return NULL;
    if (buddy && buddy->log2_homes > s->log2_homes) {
        struct besom__store *larger = buddy;
        buddy = s;
        s = larger;
    }
    if (s->log2_homes > STORE_SPLIT_LOG2 ||
        (buddy && s->n_live + buddy->n_live > (1u << s->log2_homes) / 2))
        return NULL;
    besom__directory_count(map, s, (size_t)-1);
    if (!besom__store_merge(s, buddy)) {
        besom__directory_count(map, s, 1);
        return NULL;
    }
    if (buddy)
        besom__directory_count(map, buddy, (size_t)-1);
    besom__directory_set(m, map, s->prefix, s->depth, s);
    besom__directory_count(map, s, 1);
    if (m)
        besom_write(m, s);
    else
        besom__round_note(map->heap, s);
    if (besom__u32_load(&map->heap->cycle.phase) == BESOM_WEAK)
        besom__map_defer(map, s); /* the buddy's entries may not have been looked at */
    return s;
}

/* References in what the map's owner and its directory hold have moved. */
static void note_change(struct besom_mutator *m, struct besom__map *map)
{
    void *directory = map->depth ? map->root : NULL;
    if (!m) {
        besom__round_note(map->heap, map->owner);
        besom__round_note(map->heap, directory);
        return;
    }
    besom_write(m, map->owner);
    if (directory)
        besom_write(m, directory);
}

void besom__map_tidy(struct besom_mutator *m, struct besom__map *map, struct besom__store *s)
{
    if (s->n_live == 0 && (s->depth || s->log2_homes > STORE_MIN_LOG2)) {
        struct besom__store *buddy = NULL;
        if (s->depth)
            besom__directory_buddy(map, s, &buddy);
        besom__directory_count(map, s, (size_t)-1);
        besom__directory_set(m, map, s->prefix, s->depth, NULL);
        s = buddy && buddy->depth == s->depth ? buddy : NULL;
    }
    while (s)
        s = merge(m, map, s);
    besom__directory_halve(map);
    note_change(m, map);
}

void besom__map_remove(struct besom_mutator *m, struct besom__map *map, struct besom__place place)
{
    besom__store_remove(place.store, place.slot);
    besom__size_store(&map->n_entries, map->n_entries - 1);
    map->version++;
    if (place.store->n_live <= besom__store_limit(place.store) / 4)
        besom__map_tidy(m, map, place.store);
}

void besom__map_remove_key(struct besom__map *map, uint32_t hash, const void *key)
{
    struct besom__place place = {.store = besom__directory_find(map, hash)};
    if (!place.store)
        return;
    place.slot = besom__store_home(place.store, hash);
    while (place.slot < place.store->n_slots &&
           *besom__store_key(place.store, place.slot) != (uintptr_t)key)
        place.slot++;
    if (place.slot < place.store->n_slots)
        besom__map_remove(NULL, map, place);
}

void besom__map_clear(struct besom_mutator *m, struct besom__map *map)
{
    besom__word_store(&map->root, 0);
    map->depth = 0;
    map->n_stores = map->n_deepest = 0;
    besom__size_store(&map->n_entries, 0);
    map->version++;
    besom_write(m, map->owner);
}

/* ---- iterating ---- */

/* The hash after the last one of the range in which `hash` is. */
static uint64_t range_end(const struct besom__map *map, uint32_t hash)
{
    const struct besom__store *s = besom__directory_find(map, hash);
    unsigned depth = s ? s->depth : map->depth;
    uint64_t size = (uint64_t)1 << (32 - depth);
    return (hash / size + 1) * size;
}

bool besom__map_next(struct besom__map *map, struct besom_cursor *cursor, bool settling,
                     struct besom__place *place)
{
    if (settling && !besom__cycle_catch_up(map->heap))
        return false;
    while (cursor->hash <= UINT32_MAX) {
        uint32_t hash = (uint32_t)cursor->hash;
        struct besom__store *s = place->store = besom__directory_find(map, hash);
        place->slot = s ? besom__store_after(s, hash, cursor->key) : 0;
        if (s && place->slot < s->n_slots) {
            cursor->hash = besom__store_hash_at(s, place->slot);
            cursor->key = besom__map_key(*place);
            if (!settling || !(has_dead_value(map, *place) || has_dead_key(map, *place)))
                return true;
        } else {
            cursor->hash = range_end(map, hash);
            cursor->key = NULL;
        }
    }
    return false;
}
