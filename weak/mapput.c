/* mapput.c - putting entries into maps, and making room for them.
 *
 * What an insertion wants is allocated before the map is looked at again: nothing is half done when
 * an allocation collects, fails, or calls the host. */
#include "gc/cycle.h"
#include "gc/mutator.h"
#include "weak/directory.h"

enum { MAX_DEPTH = 24 };

/* ---- making room ---- */

/* What an insertion wants, and what it has been given: objects with nothing in them. */
struct spares {
    struct besom__store *store;
    struct besom__directory *directory;
    unsigned log2_homes; /* wanted in the store */
    size_t n_words;      /* wanted in the directory; 0: none */
    unsigned boost;      /* more homes than the rule says: the last copy did not fit */
};

static struct besom__store *use_store(struct besom__map *map, struct spares *spares,
                                      uint32_t prefix, unsigned depth)
{
    struct besom__store *s = spares->store;
    spares->store = NULL;
    besom__store_init(s, map, spares->log2_homes, prefix, depth, map->kind != MAP_SET,
                      map->hash != NULL);
    return s;
}

static bool has_store(struct spares *spares, unsigned log2_homes)
{
    bool has = spares->log2_homes == log2_homes && spares->store;
    spares->log2_homes = log2_homes;
    return has;
}

static bool add_store(struct besom_mutator *m, struct besom__map *map, uint32_t hash,
                      struct spares *spares)
{
    if (!has_store(spares, STORE_MIN_LOG2))
        return false;
    unsigned depth = besom__directory_unused_depth(map, hash);
    uint32_t prefix = depth ? hash & ~(uint32_t)0 << (32 - depth) : 0;
    struct besom__store *s = use_store(map, spares, prefix, depth);
    besom__directory_set(m, map, prefix, depth, s);
    besom__directory_count(map, s, 1);
    return true;
}

/* In place of s, with more homes, or without tombstones. */
static bool replace_store(struct besom_mutator *m, struct besom__map *map, struct besom__store *s,
                          struct spares *spares)
{
    bool has_many_tombstones = s->n_live < s->n_used && s->n_live <= besom__store_limit(s) / 2;
    unsigned more = has_many_tombstones ? 0 : 1;
    if (!has_store(spares, s->log2_homes + more + spares->boost))
        return false;
    struct besom__store *larger = use_store(map, spares, s->prefix, s->depth);
    if (besom__store_copy(larger, s))
        besom__directory_set(m, map, s->prefix, s->depth, larger);
    else
        spares->boost++;
    return true;
}

static bool split_store(struct besom_mutator *m, struct besom__map *map, struct besom__store *s,
                        struct spares *spares)
{
    size_t words_needed = (size_t)2 << s->depth;
    struct besom__directory *old = map->depth ? map->root : NULL;
    bool doubles = s->depth == map->depth;
    spares->n_words = doubles && (!old || old->n < words_needed) ? words_needed : 0;
    if (!has_store(spares, STORE_SPLIT_LOG2) ||
        (spares->n_words && (!spares->directory || spares->directory->n < words_needed)))
        return false;
    unsigned depth = s->depth + 1u;
    uint32_t upper = s->prefix | (uint32_t)1 << (32 - depth);
    struct besom__store *high = use_store(map, spares, upper, depth);
    besom__directory_count(map, s, (size_t)-1);
    bool fits = besom__store_split(s, high);
    if (!fits)
        spares->boost++;
    else if (doubles) {
        besom__directory_double(m, map, spares->n_words ? spares->directory : NULL);
        spares->directory = NULL;
    }
    besom__directory_count(map, s, 1);
    besom_write(m, s);
    besom_write(m, high); /* it may have been traced while it was a spare */
    if (fits) {
        besom__directory_set(m, map, upper, depth, high);
        besom__directory_count(map, high, 1);
    }
    return true;
}

/* The directory may have a few words for each store. */
static bool may_split(const struct besom__map *map, const struct besom__store *s,
                      const struct spares *spares)
{
    return s->log2_homes == STORE_SPLIT_LOG2 && s->depth < MAX_DEPTH && !spares->boost &&
           (s->depth < map->depth || (size_t)1 << map->depth <= 4 * map->n_stores);
}

/* There was no room for a hash.  True: there may be now.  False: spares says what is wanted. */
static bool make_room(struct besom_mutator *m, struct besom__map *map, uint32_t hash,
                      struct spares *spares)
{
    struct besom__store *s = besom__directory_find(map, hash);
    if (!s)
        return add_store(m, map, hash, spares);
    if (s->n_live < s->n_used && s->n_live <= besom__store_limit(s) / 4 * 3 &&
        s->log2_homes <= STORE_SPLIT_LOG2) {
        besom__store_rebuild(s);
        besom_write(m, s);
        return true;
    }
    if (may_split(map, s, spares))
        return split_store(m, map, s, spares);
    return replace_store(m, map, s, spares);
}

/* In WEAK: the store that a hash leads to, or its buddy, from which it was split, is new. */
static void defer_new(struct besom__map *map, uint32_t hash)
{
    struct besom__store *s = besom__directory_find(map, hash), *buddy;
    besom__map_defer(map, s);
    if (s->depth && besom__directory_buddy(map, s, &buddy) && buddy)
        besom__map_defer(map, buddy);
}

/* ---- putting ---- */

/* What is to be put. */
struct entry {
    struct besom__probe probe;
    void *key;
    uintptr_t value;
    void *ref; /* what value refers to, or NULL */
    bool replaces;
    void *there;        /* out: the key that is there */
    bool is_new;        /* out: it was not before */
    uint64_t absent_at; /* the version at which it was not there; 0: it may be */
};

/* Adds an entry that is not there; false: spares says what is wanted. */
static bool insert(struct besom_mutator *m, struct besom__map *map, const struct entry *entry,
                   bool settling, struct spares *spares)
{
    const uint32_t hash = entry->probe.hash;
    struct besom__store *s = besom__directory_find(map, hash);
    while (!s || !besom__store_insert(s, hash, entry->key, entry->value)) {
        if (!make_room(m, map, hash, spares))
            return false;
        besom_write(m, map->owner);
        s = besom__directory_find(map, hash);
        if (settling)
            defer_new(map, hash);
    }
    besom_write(m, s);
    besom__size_store(&map->n_entries, map->n_entries + 1);
    map->version++;
    return true;
}

enum attempt {
    PUT,
    WANTS_SPARES, /* which say what */
    FAILED        /* for want of memory */
};

static enum attempt try_put(struct besom_mutator *m, struct besom__map *map, struct entry *entry,
                            struct spares *spares)
{
    const struct besom__probe probe = entry->probe;
    bool settling = besom__settle_enter(map->heap);
    enum attempt attempt = PUT;
    struct besom__place place = {.unknown = false};
    if (entry->absent_at != map->version && besom__map_find(map, probe, settling, &place)) {
        entry->there = besom__map_key(place);
        entry->is_new = false;
        if (entry->replaces) {
            besom__word_store(besom__store_value(place.store, place.slot), entry->value);
            besom_write(m, place.store);
        }
    } else if (place.unknown) {
        attempt = FAILED;
    } else if (!insert(m, map, entry, settling, spares)) {
        attempt = WANTS_SPARES;
    }
    besom__settle_leave(map->heap, settling);
    return attempt;
}

/* Allocates what is wanted; false: no memory. */
static bool get_spares(struct besom_mutator *m, struct besom__map *map, struct spares *spares)
{
    BESOM_LOCALS(m, struct besom__store * store; struct besom__directory * directory;);
    if (spares->log2_homes > STORE_MAX_LOG2)
        return false;
    size_t bytes = besom__store_bytes(spares->log2_homes, map->kind != MAP_SET, map->hash != NULL);
    my->store = besom__own_new(m, &besom__store_type, bytes);
    if (!my->store)
        return false;
    my->store->map = map;
    if (spares->n_words) {
        my->directory =
            besom__own_new(m, &besom__directory_type,
                           sizeof *my->directory + spares->n_words * sizeof(struct besom__store *));
        if (!my->directory)
            return false;
        my->directory->n = spares->n_words;
    }
    spares->store = my->store;
    spares->directory = my->directory;
    return true;
}

static enum besom_status put_entry(struct besom_mutator *m, struct besom__map *map,
                                   struct entry *entry)
{
    struct spares spares = {.store = NULL};
    enum attempt attempt;
    BESOM_LOCALS(m, void *owner; void *key; void *ref;);
    my->owner = map->owner;
    my->key = entry->key;
    my->ref = entry->ref;
    entry->there = entry->key;
    entry->is_new = true;
    while ((attempt = try_put(m, map, entry, &spares)) == WANTS_SPARES)
        if (!get_spares(m, map, &spares))
            return BESOM_E_MEMORY;
    return attempt == PUT ? BESOM_OK : BESOM_E_MEMORY;
}

enum besom_status besom__map_put(struct besom_mutator *m, struct besom__map *map,
                                 struct besom__probe probe, void *key, uintptr_t value, void *ref)
{
    struct entry entry = {.probe = probe, .key = key, .value = value, .ref = ref, .replaces = true};
    return put_entry(m, map, &entry);
}

enum besom_status besom__map_add(struct besom_mutator *m, struct besom__map *map,
                                 struct besom__probe probe, uint64_t absent_at, void *key,
                                 uintptr_t value, void *ref, void **there, bool *is_new)
{
    struct entry entry = {
        .probe = probe, .key = key, .value = value, .ref = ref, .absent_at = absent_at};
    enum besom_status status = put_entry(m, map, &entry);
    *there = entry.there;
    *is_new = entry.is_new;
    return status;
}
