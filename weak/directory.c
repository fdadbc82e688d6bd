/* directory.c - from hashes to the stores of a map. */
#include "weak/directory.h"

void besom__directory_set(struct besom_mutator *m, struct besom__map *map, uint32_t prefix,
                          unsigned depth, struct besom__store *s)
{
    struct besom__store **words = besom__directory_words(map);
    size_t first = besom__directory_index(map, prefix), n = (size_t)1 << (map->depth - depth);
    for (size_t i = first; i < first + n; i++) {
        besom__word_store(&words[i], (uintptr_t)s);
        if (m && map->depth)
            besom_write_at(m, map->root, &words[i]);
    }
}

void besom__directory_count(struct besom__map *map, const struct besom__store *s, size_t n)
{
    map->n_stores += n;
    if (s->depth == map->depth)
        map->n_deepest += n;
}

void besom__directory_double(struct besom_mutator *m, struct besom__map *map,
                             struct besom__directory *fresh)
{
    struct besom__store **from = besom__directory_words(map);
    struct besom__directory *to = fresh ? fresh : map->root;
    for (size_t i = (size_t)1 << map->depth; i-- > 0;) {
        struct besom__store *s = from[i]; /* it may be one of the two */
        besom__word_store(&to->stores[2 * i], (uintptr_t)s);
        besom__word_store(&to->stores[2 * i + 1], (uintptr_t)s);
    }
    besom__word_store(&map->root, (uintptr_t)to);
    map->depth++;
    map->n_deepest = 0;
    besom_write(m, to);
}

void besom__directory_halve(struct besom__map *map)
{
    while (map->depth && map->n_deepest == 0) {
        struct besom__store **words = besom__directory_words(map);
        size_t n = (size_t)1 << --map->depth;
        for (size_t i = 0; i < n; i++) {
            besom__word_store(&words[i], (uintptr_t)words[2 * i]);
            map->n_deepest += words[i] && words[i]->depth == map->depth;
        }
        for (size_t i = n; i < 2 * n; i++)
            besom__word_store(&words[i], 0);
        if (map->depth == 0)
            besom__word_store(&map->root, (uintptr_t)words[0]);
    }
}

unsigned besom__directory_unused_depth(struct besom__map *map, uint32_t hash)
{
    struct besom__store **words = besom__directory_words(map);
    unsigned depth = map->depth;
    for (size_t n = 1; depth > 0; n *= 2, depth--) {
        size_t buddy = (besom__directory_index(map, hash) & ~(n - 1)) ^ n;
        for (size_t i = buddy; i < buddy + n; i++)
            if (words[i])
                return depth;
    }
    return 0;
}

bool besom__directory_buddy(const struct besom__map *map, const struct besom__store *s,
                            struct besom__store **buddy)
{
    uint32_t prefix = s->prefix ^ (uint32_t)1 << (32 - s->depth);
    struct besom__store *const *words = besom__directory_words((struct besom__map *)map);
    size_t first = besom__directory_index(map, prefix), n = (size_t)1 << (map->depth - s->depth);
    *buddy = words[first];
    if (*buddy)
        return (*buddy)->depth == s->depth;
    for (size_t i = first; i < first + n; i++)
        if (words[i])
            return false;
    return true;
}
