/* bag.c - references that are put away for later. */
#include "gc/bag.h"

#include "gc/heap.h"

#include <string.h>

bool besom__bag_add(struct besom_heap *heap, struct besom__bag *bag, void *entry)
{
    struct besom__bag_part *part = bag->first;
    if (!part || part->n == BAG_PART_ENTRIES) {
        part = besom__alloc(heap, sizeof *part);
        if (!part)
            return false;
        part->next = bag->first;
        if (!bag->first)
            bag->last = part;
        bag->first = part;
    }
    part->entries[part->n++] = entry;
    return true;
}

static void drop_first(struct besom_heap *heap, struct besom__bag *bag)
{
    struct besom__bag_part *part = bag->first;
    bag->first = part->next;
    if (!bag->first)
        bag->last = NULL;
    besom__release(heap, part);
}

bool besom__bag_take(struct besom_heap *heap, struct besom__bag *bag, void **entry)
{
    while (bag->first && bag->first->n == 0)
        drop_first(heap, bag);
    if (!bag->first)
        return false;
    *entry = bag->first->entries[--bag->first->n];
    return true;
}

void besom__bag_join(struct besom__bag *to, struct besom__bag *from)
{
    if (!from->first)
        return;
    from->last->next = to->first;
    if (!to->first)
        to->last = from->last;
    to->first = from->first;
    memset(from, 0, sizeof *from);
}

bool besom__bag_is_empty(const struct besom__bag *bag)
{
    const struct besom__bag_part *part = bag->first;
    while (part && part->n == 0)
        part = part->next;
    return !part;
}

size_t besom__bag_count(const struct besom__bag *bag)
{
    size_t n = 0;
    for (const struct besom__bag_part *part = bag->first; part; part = part->next)
        n += part->n;
    return n;
}

void besom__bag_clear(struct besom_heap *heap, struct besom__bag *bag)
{
    while (bag->first && bag->first->next)
        drop_first(heap, bag);
    if (bag->first)
        bag->first->n = 0;
}

void besom__bag_fini(struct besom_heap *heap, struct besom__bag *bag)
{
    while (bag->first)
        drop_first(heap, bag);
}
