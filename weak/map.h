/* map.h - a hash table of stores: what tables, sets of interned objects and caches are made of.
 *
 * The first bits of a hash choose a store, through a directory that is doubled when a store that is
 * full has as many bits of its own as the directory has: Fagin, Nievergelt, Pippenger and Strong,
 * "Extendible hashing", ACM TODS 4(3), 1979.  So a table grows and shrinks by a few hundred entries
 * at a time, whatever its size (but for the directory, a word for about 150 entries), and the
 * collector traces and clears it in pieces, in parallel.
 *
 *     depth == 0: root is the one store, or NULL
 *     depth > 0:  root is a directory of 1 << depth words; a store of depth d is in 1 << (depth - d)
 *                 neighbouring ones; NULL where there are no entries
 *
 * Hashes that are equal in too many bits are not split: the directory would outgrow the entries.
 * Their store grows instead.
 *
 * Who calls holds settle_lock in the phase WEAK; settling says so (besom__settle_enter). */
#ifndef WEAK_MAP_H
#define WEAK_MAP_H

#include <besom/table.h>

#include "weak/store.h"

/* Part of its owner, an object of the heap. */
struct besom__map {
    struct besom_heap *heap;
    void *owner;          /* whatever refers to a part of it keeps it alive */
    void *root;           /* a marker may be reading it */
    besom_hash_fn hash;   /* NULL: by address */
    besom_equal_fn equal; /* its first argument is what the caller looks for */
    size_t n_entries;     /* atomic: the collector changes it in WEAK */
    size_t n_stores;
    uint64_t version; /* counts up with every change; from 1 */
    size_t n_deepest; /* stores whose depth is the map's */
    uint8_t depth;
    uint8_t kind;      /* enum besom__map_kind */
    bool plain_values; /* addresses, whatever the heap's encoding */
    bool busy;         /* a function of the host's is looking at a key */
};

struct besom__directory {
    struct besom__own own;
    size_t n; /* words that there is room for; those beyond 1 << depth are NULL */
    struct besom__store *stores[];
};

/* What is looked for. */
struct besom__probe {
    const void *key;
    uint32_t hash;
};

/* Where it is. */
struct besom__place {
    struct besom__store *store;
    uint32_t slot;
    bool unknown; /* not found, but only for want of memory to bring it back */
};

extern const struct besom_type besom__store_type, besom__directory_type;

void besom__map_init(struct besom__map *map, struct besom_heap *heap, void *owner,
                     enum besom__map_kind kind, besom_hash_fn hash, besom_equal_fn equal);

/* Calls the host's hash.  Before besom__settle_enter. */
struct besom__probe besom__map_probe(struct besom__map *map, const void *key);

/* Finds the entry equal to probe, unless its value is dead.  A key that marking has found dead is
 * brought back, or, when it is too late for that, not found. */
bool besom__map_find(struct besom__map *map, struct besom__probe probe, bool settling,
                     struct besom__place *place);

/* The value there, for the mutator; 0 if it cannot be had. */
uintptr_t besom__map_show(const struct besom__map *map, struct besom__place place, bool settling);

/* Adds or replaces.  key and ref (what value refers to, or NULL) are rooted while memory is
 * allocated.  Not between besom__settle_enter and _leave.  BESOM_OK or
 * BESOM_E_MEMORY. */
enum besom_status besom__map_put(struct besom_mutator *m, struct besom__map *map,
                                 struct besom__probe probe, void *key, uintptr_t value, void *ref);

/* Adds, unless an equal key is there; *there is the key that is there then, *is_new whether it is this
 * one.  absent_at: the version at which none was, or 0. */
enum besom_status besom__map_add(struct besom_mutator *m, struct besom__map *map,
                                 struct besom__probe probe, uint64_t absent_at, void *key,
                                 uintptr_t value, void *ref, void **there, bool *is_new);

/* Removes an entry, and what memory it may.  m NULL: the collector. */
void besom__map_remove(struct besom_mutator *m, struct besom__map *map, struct besom__place place);

/* The collector removes the entry of this very key, which is there.  No function of the host's is
 * called. */
void besom__map_remove_key(struct besom__map *map, uint32_t hash, const void *key);

void besom__map_clear(struct besom_mutator *m, struct besom__map *map);

/* The first entry after cursor that is visible; false: there is none. */
bool besom__map_next(struct besom__map *map, struct besom_cursor *cursor, bool settling,
                     struct besom__place *place);

/* Is s in the map still? */
bool besom__map_has(const struct besom__map *map, const struct besom__store *s);

/* Entries of s were removed: merges it with its neighbours, or drops it.  m as above. */
void besom__map_tidy(struct besom_mutator *m, struct besom__map *map, struct besom__store *s);

static inline void *besom__map_key(struct besom__place place)
{
    return (void *)*besom__store_key(place.store, place.slot);
}

static inline uintptr_t besom__map_value(struct besom__place place)
{
    return besom__word_load(besom__store_value(place.store, place.slot));
}

/* ---- in mapmark.c ---- */

/* In WEAK: s holds entries that have not been looked at in this cycle. */
void besom__map_defer(struct besom__map *map, struct besom__store *s);

/* What a value refers to, or NULL. */
static inline void *besom__map_ref(const struct besom__map *map, uintptr_t value)
{
    return map->plain_values ? (void *)value : besom__decode(map->heap, value);
}

static inline bool besom__map_has_weak_keys(const struct besom__map *map)
{
    return map->kind == MAP_WEAK_KEYS || map->kind == MAP_WEAK_BOTH || map->kind == MAP_SET;
}

static inline bool besom__map_has_weak_values(const struct besom__map *map)
{
    return map->kind == MAP_WEAK_VALUES || map->kind == MAP_WEAK_BOTH;
}

#endif
