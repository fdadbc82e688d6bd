/* linked.h - objects of 32 bytes that refer to two others: what large graphs are made of. */
#ifndef BENCH_LINKED_H
#define BENCH_LINKED_H

#include <besom/type.h>

#include <stddef.h>

struct object {
    const void *type;
    struct object *first, *second;
    uint64_t number;
};

static const struct besom_field object_fields[] = {
    {"first", offsetof(struct object, first)},
    {"second", offsetof(struct object, second)},
};

#endif
