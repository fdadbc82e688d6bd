/* store.h - a small ordered hash table: what maps are made of.
 *
 * Open addressing with linear probing, in which the entries stand in the order of (hash, address of
 * the key) from the first slot to the last: Amble and Knuth, "Ordered hash tables", The Computer
 * Journal 17(2), 1974.  A search that meets a greater entry has failed, so searches that fail cost
 * what others do; and the order is a property of the keys, not of the history, so an iteration that
 * remembers the last key survives everything.  Probing does not wrap around: behind the slots that
 * are homes there are some more.
 *
 *     home of an entry <= its slot; no empty slot between the two; tombstones are passed over
 *     n_live <= n_used <= limit;  n_used counts tombstones
 *
 * A store is an object of the heap: a head, then the slots, of a key and (unless its map is a set) a
 * value, then an array of hashes (if the host computes them), so that probing stays in few cache
 * lines.  The hash of an empty slot is HASH_EMPTY, which is greater than all others; a tombstone
 * keeps its entry's; so a search looks at hashes alone until it meets its own.  Nothing in this file
 * allocates. */
#ifndef WEAK_STORE_H
#define WEAK_STORE_H

#include "weak/own.h"

enum besom__map_kind {
    MAP_STRONG,
    MAP_WEAK_KEYS,
    MAP_WEAK_VALUES,
    MAP_WEAK_BOTH,
    MAP_SET /* keys alone, weak */
};

struct besom__map;

struct besom__store {
    struct besom__own own;
    struct besom__map *map; /* inside its owner, which the store keeps alive */
    uint32_t prefix;        /* the first `depth` bits of every hash here */
    uint32_t n_slots, n_used, n_live;
    uint32_t scanned_in; /* the cycle; atomic */
    uint8_t depth;
    uint8_t log2_homes;
    bool has_values, has_hashes;
    uintptr_t words[]; /* n_slots keys, each with its value, then uint32_t hashes[n_slots + 1] */
};

enum {
    STORE_MIN_LOG2 = 3,
    STORE_SPLIT_LOG2 = 8, /* a store of so many homes is split when it is full */
    STORE_MAX_LOG2 = 27,  /* for hashes that cannot be split */
    KEY_EMPTY = 0,
    KEY_TOMBSTONE = 1
};

/* ---- its parts ---- */

static inline uintptr_t *besom__store_key(struct besom__store *s, uint32_t slot)
{
    return &s->words[(size_t)slot << s->has_values];
}

/* Not of a set. */
static inline uintptr_t *besom__store_value(struct besom__store *s, uint32_t slot)
{
    return &s->words[2 * (size_t)slot + 1];
}

/* One more than there are slots: the last is HASH_EMPTY. */
static inline uint32_t *besom__store_hashes(struct besom__store *s)
{
    return (uint32_t *)(s->words + ((size_t)s->n_slots << s->has_values));
}

#define HASH_EMPTY UINT32_MAX

/* The upper half of a product with the golden ratio's bits; never HASH_EMPTY. */
static inline uint32_t besom__hash_mix(uint64_t x)
{
    uint32_t hash = (uint32_t)((x * 0x9E3779B97F4A7C15u) >> 32);
    return hash - (hash == HASH_EMPTY);
}

static inline uint32_t besom__hash_address(const void *key)
{
    return besom__hash_mix((uintptr_t)key / BESOM__GRANULE_BYTES);
}

/* Of the entry in a slot that holds one. */
static inline uint32_t besom__store_hash_at(struct besom__store *s, uint32_t slot)
{
    if (s->has_hashes)
        return besom__store_hashes(s)[slot];
    return besom__hash_address((const void *)*besom__store_key(s, slot));
}

static inline bool besom__store_is_entry(struct besom__store *s, uint32_t slot)
{
    return *besom__store_key(s, slot) > KEY_TOMBSTONE;
}

/* Where the search for a hash begins. */
static inline uint32_t besom__store_home(const struct besom__store *s, uint32_t hash)
{
    return (uint32_t)(hash << s->depth) >> (32 - s->log2_homes);
}

/* The most slots that may be used. */
static inline uint32_t besom__store_limit(const struct besom__store *s)
{
    return (uint32_t)(((uint64_t)15 << s->log2_homes) / 16);
}

/* ---- shape ---- */

/* The bytes of a store with 1 << log2_homes homes. */
size_t besom__store_bytes(unsigned log2_homes, bool has_values, bool has_hashes);

/* Fills in the head of a zeroed store of that size. */
void besom__store_init(struct besom__store *s, struct besom__map *map, unsigned log2_homes,
                       uint32_t prefix, unsigned depth, bool has_values, bool has_hashes);

/* ---- entries ---- */

/* The first entry that is greater than (hash, key); n_slots if there is none. */
uint32_t besom__store_after(struct besom__store *s, uint32_t hash, const void *key);

/* Adds an entry that is not there.  False: there is no room, nothing changed. */
bool besom__store_insert(struct besom__store *s, uint32_t hash, void *key, uintptr_t value);

/* Empties the slot of an entry. */
void besom__store_remove(struct besom__store *s, uint32_t slot);

/* Removes the tombstones.  Only stores of at most 1 << STORE_SPLIT_LOG2 homes. */
void besom__store_rebuild(struct besom__store *s);

/* Adds to an empty store those entries of `from` whose hashes are in its range.  False: there was
 * no room, and what it holds is meaningless. */
bool besom__store_copy(struct besom__store *to, struct besom__store *from);

/* The upper half of the range, with its entries, goes to `high`, an empty store that has it; s, of
 * 1 << STORE_SPLIT_LOG2 homes at most, keeps the lower one.  False: there was no room, s is as before,
 * and what high holds is meaningless. */
bool besom__store_split(struct besom__store *s, struct besom__store *high);

/* The entries of its buddy, which has the other half of a range, are added, and the range becomes
 * that of both.  buddy may be NULL: no store has the other half.  Both have 1 << STORE_SPLIT_LOG2
 * homes at most.  False: there is no room, nothing changed. */
bool besom__store_merge(struct besom__store *s, struct besom__store *buddy);

#endif
