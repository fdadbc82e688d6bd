/* store.c - a small ordered hash table: what maps are made of. */
#include "weak/store.h"

#include <string.h>

enum { SPLIT_SLOTS = (1 << STORE_SPLIT_LOG2) + (1 << STORE_SPLIT_LOG2) / 16 };

/* Homes, and room behind them for what the last ones cannot hold. */
static uint32_t slots_for(unsigned log2_homes)
{
    uint32_t homes = 1u << log2_homes, more = homes / 16;
    if (log2_homes > STORE_SPLIT_LOG2)
        more = homes; /* its hashes are bad: all may have the last home */
    return homes + (more < 4 ? 4 : more);
}

static void clear_hashes(struct besom__store *s)
{
    if (s->has_hashes)
        memset(besom__store_hashes(s), 0xff, (s->n_slots + 1) * sizeof(uint32_t));
}

size_t besom__store_bytes(unsigned log2_homes, bool has_values, bool has_hashes)
{
    size_t n = slots_for(log2_homes);
    size_t bytes = sizeof(struct besom__store) + (n << has_values) * sizeof(uintptr_t);
    return bytes + (has_hashes ? (n + 1) * sizeof(uint32_t) : 0);
}

void besom__store_init(struct besom__store *s, struct besom__map *map, unsigned log2_homes,
                       uint32_t prefix, unsigned depth, bool has_values, bool has_hashes)
{
    s->map = map;
    s->prefix = prefix;
    s->n_slots = slots_for(log2_homes);
    s->depth = (uint8_t)depth;
    s->log2_homes = (uint8_t)log2_homes;
    s->has_values = has_values;
    s->has_hashes = has_hashes;
    clear_hashes(s);
}

/* ---- slots ---- */

static bool is_greater(struct besom__store *s, uint32_t slot, uint32_t hash, const void *key)
{
    uint32_t here = besom__store_hash_at(s, slot);
    return here > hash || (here == hash && *besom__store_key(s, slot) > (uintptr_t)key);
}

static void put(struct besom__store *s, uint32_t slot, uint32_t hash, uintptr_t key,
                uintptr_t value)
{
    besom__word_store(besom__store_key(s, slot), key);
    if (s->has_values)
        besom__word_store(besom__store_value(s, slot), value);
    if (s->has_hashes)
        besom__store_hashes(s)[slot] = hash;
}

/* Moves the entries of [first, last) up by one slot. */
static void move_up(struct besom__store *s, uint32_t first, uint32_t last)
{
    const size_t n = last - first, step = (size_t)1 << s->has_values;
    uintptr_t *words = besom__store_key(s, first);
    for (size_t i = n << s->has_values; i-- > 0;) /* whole words: a marker may be reading them */
        besom__word_store(&words[i + step], words[i]);
    uint32_t *hashes = besom__store_hashes(s);
    if (s->has_hashes)
        memmove(&hashes[first + 1], &hashes[first], n * sizeof *hashes);
}

/* ---- entries ---- */

uint32_t besom__store_after(struct besom__store *s, uint32_t hash, const void *key)
{
    uint32_t i = besom__store_home(s, hash);
    while (i < s->n_slots && (!besom__store_is_entry(s, i) || !is_greater(s, i, hash, key)))
        i++;
    return i;
}

/* Where an entry that is not there belongs: the first slot, from its home on, that is empty or has a
 * greater entry. */
static uint32_t place_for(struct besom__store *s, uint32_t hash, const void *key)
{
    uint32_t i = besom__store_home(s, hash);
    if (s->has_hashes) {
        const uint32_t *hashes = besom__store_hashes(s);
        while (hashes[i] < hash)
            i++;
        while (hashes[i] == hash && *besom__store_key(s, i) <= (uintptr_t)key)
            i++;
        return i;
    }
    for (; i < s->n_slots; i++) {
        uintptr_t here = *besom__store_key(s, i);
        if (here == KEY_EMPTY || (here != KEY_TOMBSTONE && is_greater(s, i, hash, key)))
            break;
    }
    return i;
}

bool besom__store_insert(struct besom__store *s, uint32_t hash, void *key, uintptr_t value)
{
    const uint32_t i = place_for(s, hash, key);
    if (i > besom__store_home(s, hash) && *besom__store_key(s, i - 1) == KEY_TOMBSTONE) {
        put(s, i - 1, hash, (uintptr_t)key, value);
        s->n_live++;
        return true;
    }
    uint32_t unused = i;
    while (unused < s->n_slots && besom__store_is_entry(s, unused))
        unused++;
    if (unused == s->n_slots)
        return false;
    bool was_empty = *besom__store_key(s, unused) == KEY_EMPTY;
    if (was_empty && s->n_used == besom__store_limit(s))
        return false;
    move_up(s, i, unused);
    put(s, i, hash, (uintptr_t)key, value);
    s->n_used += was_empty;
    s->n_live++;
    return true;
}

void besom__store_remove(struct besom__store *s, uint32_t slot)
{
    put(s, slot, s->has_hashes ? besom__store_hashes(s)[slot] : 0, KEY_TOMBSTONE, 0);
    s->n_live--;
    /* A tombstone before an empty slot leads nowhere. */
    if (slot + 1 < s->n_slots && *besom__store_key(s, slot + 1) != KEY_EMPTY)
        return;
    for (uint32_t i = slot + 1; i-- > 0 && *besom__store_key(s, i) == KEY_TOMBSTONE; s->n_used--)
        put(s, i, HASH_EMPTY, KEY_EMPTY, 0);
}

/* ---- rebuilding ---- */

/* Entries on the way from one layout to another. */
struct copy {
    uint32_t n;
    uint32_t hashes[SPLIT_SLOTS];
    uintptr_t keys[SPLIT_SLOTS], values[SPLIT_SLOTS];
};

static void copy_out(struct copy *copy, struct besom__store *s)
{
    for (uint32_t i = 0; i < s->n_slots; i++)
        if (besom__store_is_entry(s, i)) {
            copy->keys[copy->n] = *besom__store_key(s, i);
            copy->values[copy->n] = s->has_values ? *besom__store_value(s, i) : 0;
            copy->hashes[copy->n++] = besom__store_hash_at(s, i);
        }
}

/* Sets the entries, which are in order, from slot *next on; false: no room. */
static bool append_entry(struct besom__store *s, uint32_t *next, uint32_t hash, uintptr_t key,
                         uintptr_t value)
{
    uint32_t home = besom__store_home(s, hash), slot = home > *next ? home : *next;
    if (slot == s->n_slots || s->n_used == besom__store_limit(s))
        return false;
    put(s, slot, hash, key, value);
    *next = slot + 1;
    s->n_used++;
    s->n_live++;
    return true;
}

/* Replaces everything; false: no room, the store is broken. */
static bool copy_in(struct besom__store *s, const struct copy *copy)
{
    for (size_t i = 0; i < (size_t)s->n_slots << s->has_values; i++)
        besom__word_store(&s->words[i], 0);
    clear_hashes(s);
    s->n_used = s->n_live = 0;
    uint32_t next = 0;
    for (uint32_t i = 0; i < copy->n; i++)
        if (!append_entry(s, &next, copy->hashes[i], copy->keys[i], copy->values[i]))
            return false;
    return true;
}

void besom__store_rebuild(struct besom__store *s)
{
    struct copy copy = {.n = 0};
    copy_out(&copy, s);
    copy_in(s, &copy); /* without its tombstones nothing stands further up than before */
}

bool besom__store_copy(struct besom__store *to, struct besom__store *from)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < from->n_slots; i++) {
        if (!besom__store_is_entry(from, i))
            continue;
        uint32_t hash = besom__store_hash_at(from, i);
        if (to->depth && (hash ^ to->prefix) >> (32 - to->depth))
            continue;
        uintptr_t value = from->has_values ? *besom__store_value(from, i) : 0;
        if (!append_entry(to, &next, hash, *besom__store_key(from, i), value))
            return false;
    }
    return true;
}

bool besom__store_split(struct besom__store *s, struct besom__store *high)
{
    struct copy all = {.n = 0}, low;
    copy_out(&all, s);
    low = all;
    while (low.n > 0 && low.hashes[low.n - 1] >= high->prefix)
        low.n--;
    if (!besom__store_copy(high, s))
        return false;
    s->depth++;
    if (copy_in(s, &low))
        return true;
    s->depth--;
    copy_in(s, &all);
    return false;
}

bool besom__store_merge(struct besom__store *s, struct besom__store *buddy)
{
    struct copy before = {.n = 0}, both = {.n = 0};
    const uint8_t depth = s->depth;
    const uint32_t prefix = s->prefix;
    if (s->n_live + (buddy ? buddy->n_live : 0) > besom__store_limit(s))
        return false;
    copy_out(&before, s);
    if (buddy && buddy->prefix < prefix)
        copy_out(&both, buddy);
    copy_out(&both, s);
    if (buddy && buddy->prefix > prefix)
        copy_out(&both, buddy);
    s->depth--;
    s->prefix &= s->depth ? ~(uint32_t)0 << (32 - s->depth) : 0;
    if (copy_in(s, &both))
        return true;
    s->depth = depth;
    s->prefix = prefix;
    copy_in(s, &before);
    return false;
}
