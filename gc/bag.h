/* bag.h - references that are put away for later: logs, and what marking defers.
 *
 * Parts of a few hundred words, in no order.  A bag has one user at a time. */
#ifndef GC_BAG_H
#define GC_BAG_H

#include <stdbool.h>
#include <stddef.h>

struct besom_heap;

enum { BAG_PART_ENTRIES = 510 };

struct besom__bag_part {
    struct besom__bag_part *next;
    size_t n;
    void *entries[BAG_PART_ENTRIES];
};

/* Parts but the first are full or were joined. */
struct besom__bag {
    struct besom__bag_part *first, *last;
};

/* False: no memory; nothing changed. */
bool besom__bag_add(struct besom_heap *heap, struct besom__bag *bag, void *entry);

/* Takes some entry; false: the bag is empty, and has given back its memory. */
bool besom__bag_take(struct besom_heap *heap, struct besom__bag *bag, void **entry);

/* Everything in `from` moves to `to`, in constant time. */
void besom__bag_join(struct besom__bag *to, struct besom__bag *from);

bool besom__bag_is_empty(const struct besom__bag *bag);

/* How many entries there are; looks at each part. */
size_t besom__bag_count(const struct besom__bag *bag);

/* Drops all entries; one part stays for those to come. */
void besom__bag_clear(struct besom_heap *heap, struct besom__bag *bag);

void besom__bag_fini(struct besom_heap *heap, struct besom__bag *bag);

#endif
