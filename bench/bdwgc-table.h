/* bdwgc-table.h - a hash table on bdwgc that holds its keys weakly, as a program writes one for
 * itself: hidden pointers, each with a disappearing link. */
#ifndef BENCH_BDWGC_TABLE_H
#define BENCH_BDWGC_TABLE_H

#include "bench/adapter.h"

/* A slot is one of: never used (hash 0), in use, cleared by the collector (hidden 0). */
struct bdwgc_slot {
    GC_hidden_pointer hidden; /* the key; the collector makes it 0 when the key dies */
    uint32_t hash;            /* not 0 in a slot that was ever used */
    void *value;
};

struct bdwgc_table {
    struct bdwgc_slot *slots;
    size_t room; /* a power of two */
    size_t used; /* slots that were ever used; at most 3/4 of them */
    bool has_values;
};

/* A table without values is kept where the collector does not look for pointers. */
struct bdwgc_table *bdwgc_table_new(bool has_values);

/* The slot of that key, by its address, or NULL. */
struct bdwgc_slot *bdwgc_table_find(struct bdwgc_table *table, const void *key);

/* The key that has this hash and satisfies `is`, or NULL. */
void *bdwgc_table_find_equal(struct bdwgc_table *table, uint32_t hash,
                             bool (*is)(const void *key, const void *sought), const void *sought);

/* Adds a key that is not there. */
void bdwgc_table_add(struct bdwgc_table *table, uint32_t hash, void *key, void *value);

size_t bdwgc_table_count(const struct bdwgc_table *table);

/* A hash of an address; not 0. */
static inline uint32_t bdwgc_hash(const void *obj)
{
    return (uint32_t)(((uintptr_t)obj >> 4) * 0x9E3779B97F4A7C15u >> 32) | 1u << 31;
}

#endif
