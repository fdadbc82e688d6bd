/* bdwgc-table.c - a hash table on bdwgc that holds its keys weakly.
 *
 * Open addressing with linear probing.  The collector clears the hidden pointer of a key that has
 * died; what is left is skipped by searches, used again by additions, and dropped when the table
 * is three quarters full and makes a new array, of at most half that load.  Links move with their
 * slots.
 *
 * A hidden pointer is turned into one that counts under the collector's lock, as its manual says:
 * another thread could have begun a collection that will not see it.  To look for a key that the
 * caller has, none need be. */
#include "bench/bdwgc-table.h"

#include <string.h>

enum { ROOM_MIN = 16 };

static struct bdwgc_slot *slots_new(size_t room, bool has_values)
{
    size_t bytes = room * sizeof(struct bdwgc_slot);
    struct bdwgc_slot *slots;
    if (has_values)
        slots = GC_MALLOC_IGNORE_OFF_PAGE(bytes);
    else
        slots = GC_MALLOC_ATOMIC_IGNORE_OFF_PAGE(bytes);
    if (!slots)
        worker_fail("out of memory");
    if (!has_values)
        memset(slots, 0, bytes);
    return slots;
}

struct bdwgc_table *bdwgc_table_new(bool has_values)
{
    struct bdwgc_table *table = GC_MALLOC(sizeof *table);
    if (!table)
        worker_fail("out of memory");
    table->has_values = has_values;
    table->room = ROOM_MIN;
    table->slots = slots_new(ROOM_MIN, has_values);
    return table;
}

struct bdwgc_slot *bdwgc_table_find(struct bdwgc_table *table, const void *key)
{
    for (size_t i = bdwgc_hash(key);; i++) {
        struct bdwgc_slot *slot = &table->slots[i & (table->room - 1)];
        if (slot->hidden == GC_HIDE_POINTER(key))
            return slot;
        if (slot->hash == 0)
            return NULL;
    }
}

struct search {
    struct bdwgc_table *table;
    uint32_t hash;
    bool (*is)(const void *key, const void *sought);
    const void *sought;
};

static void *find_locked(void *data)
{
    const struct search *search = data;
    const struct bdwgc_table *table = search->table;
    for (size_t i = search->hash;; i++) {
        const struct bdwgc_slot *slot = &table->slots[i & (table->room - 1)];
        if (slot->hash == 0)
            return NULL;
        if (slot->hash != search->hash || !slot->hidden)
            continue;
        void *key = GC_REVEAL_POINTER(slot->hidden);
        if (search->is(key, search->sought))
            return key;
    }
}

void *bdwgc_table_find_equal(struct bdwgc_table *table, uint32_t hash,
                             bool (*is)(const void *key, const void *sought), const void *sought)
{
    struct search search = {table, hash, is, sought};
    return GC_call_with_alloc_lock(find_locked, &search);
}

/* The first slot, in the order of a search, that is free to take a key. */
static struct bdwgc_slot *free_slot(struct bdwgc_slot *slots, size_t room, uint32_t hash)
{
    size_t i = hash & (room - 1);
    while (slots[i].hidden)
        i = (i + 1) & (room - 1);
    return &slots[i];
}

size_t bdwgc_table_count(const struct bdwgc_table *table)
{
    size_t n = 0;
    for (size_t i = 0; i < table->room; i++)
        n += table->slots[i].hidden != 0;
    return n;
}

/* A new array, at most half full, for the keys that are alive. */
static void rehash(struct bdwgc_table *table)
{
    size_t room = ROOM_MIN;
    while (room < 2 * (bdwgc_table_count(table) + 1))
        room *= 2;
    struct bdwgc_slot *slots = slots_new(room, table->has_values);
    size_t used = 0; /* what was counted may have died meanwhile */
    for (size_t i = 0; i < table->room; i++) {
        struct bdwgc_slot *old = &table->slots[i];
        if (!old->hidden)
            continue;
        struct bdwgc_slot *slot = free_slot(slots, room, old->hash);
        *slot = *old;
        if (GC_move_disappearing_link((void **)&old->hidden, (void **)&slot->hidden) != GC_SUCCESS)
            slot->hidden = 0; /* it has died meanwhile */
        used++;
    }
    GC_FREE(table->slots);
    table->slots = slots;
    table->room = room;
    table->used = used;
}

void bdwgc_table_add(struct bdwgc_table *table, uint32_t hash, void *key, void *value)
{
    if (table->used + 1 > table->room / 4 * 3)
        rehash(table);
    struct bdwgc_slot *slot = free_slot(table->slots, table->room, hash);
    table->used += slot->hash == 0;
    *slot = (struct bdwgc_slot){GC_HIDE_POINTER(key), hash, value};
    if (GC_general_register_disappearing_link((void **)&slot->hidden, key) != GC_SUCCESS)
        worker_fail("out of memory");
}
