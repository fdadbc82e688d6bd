/* item.h - the smallest object of the weak workloads: a number. */
#ifndef BENCH_ITEM_H
#define BENCH_ITEM_H

#include "bench/adapter.h"

struct item {
    const void *type;
    uint64_t number;
};

static const struct mem_type item_type = {
    .layout = {.name = "item", .size_bytes = sizeof(struct item), .flags = BESOM_LEAF},
};

static inline struct item *item_new(struct mem m, uint64_t number)
{
    struct item *item = mem_new(m, &item_type);
    item->number = number;
    return item;
}

#endif
