/* directory.h - from hashes to the stores of a map.
 *
 * What the first bits of a hash lead to; map.h has the invariants.  Only the last two look at many
 * words, and those are neighbours. */
#ifndef WEAK_DIRECTORY_H
#define WEAK_DIRECTORY_H

#include "weak/map.h"

/* The words that lead to stores. */
static inline struct besom__store **besom__directory_words(struct besom__map *map)
{
    if (map->depth == 0)
        return (struct besom__store **)&map->root;
    return ((struct besom__directory *)map->root)->stores;
}

static inline size_t besom__directory_index(const struct besom__map *map, uint32_t hash)
{
    return map->depth ? hash >> (32 - map->depth) : 0;
}

/* The store that a hash belongs to, or NULL. */
static inline struct besom__store *besom__directory_find(const struct besom__map *map,
                                                         uint32_t hash)
{
    return besom__directory_words((struct besom__map *)map)[besom__directory_index(map, hash)];
}

/* Makes the words of a range lead to s, or, NULL, to none.  m, unless NULL, logs the words of a
 * directory; who calls logs the owner. */
void besom__directory_set(struct besom_mutator *m, struct besom__map *map, uint32_t prefix,
                          unsigned depth, struct besom__store *s);

/* n more stores like s; (size_t)-1: one less. */
void besom__directory_count(struct besom__map *map, const struct besom__store *s, size_t n);

/* Twice the words.  fresh: a directory with room for them, or NULL if the present one has. */
void besom__directory_double(struct besom_mutator *m, struct besom__map *map,
                             struct besom__directory *fresh);

/* Half the words, as long as no store needs them all. */
void besom__directory_halve(struct besom__map *map);

/* The depth of the widest range around a hash for which there is no store. */
unsigned besom__directory_unused_depth(struct besom__map *map, uint32_t hash);

/* The store of the other half of the range of which s, not of depth 0, has one; NULL: none has.  False:
 * several have. */
bool besom__directory_buddy(const struct besom__map *map, const struct besom__store *s,
                            struct besom__store **buddy);

#endif
