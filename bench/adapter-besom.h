/* adapter-besom.h - Besom, as a host would use it: the inline half. */
#ifndef BENCH_ADAPTER_BESOM_H
#define BENCH_ADAPTER_BESOM_H

#include "bench/mem.h"

#include <besom/besom.h>

struct mem {
    struct besom_mutator *mutator;
};

enum { MEM_FREES = 0 };

#define MEM_LOCALS(m, ...) BESOM_LOCALS((m).mutator, __VA_ARGS__)

/* An emergency collection and a second try, as a host does at the limit of its heap. */
void *mem__new_again(struct mem m, const struct mem_type *type, size_t bytes);

static inline void *mem_new_sized(struct mem m, const struct mem_type *type, size_t bytes)
{
    void *obj = besom_new_sized(m.mutator, &type->layout, bytes);
    return BESOM_LIKELY(obj != NULL) ? obj : mem__new_again(m, type, bytes);
}

static inline void *mem_new(struct mem m, const struct mem_type *type)
{
    return mem_new_sized(m, type, type->layout.size_bytes);
}

static inline void mem_free(struct mem m, void *obj)
{
    (void)m;
    (void)obj;
}

static inline void mem_poll(struct mem m)
{
    besom_poll(m.mutator);
}

static inline void mem_store(struct mem m, void *obj, void *slot, void *value)
{
    __atomic_store_n((void **)slot, value, __ATOMIC_RELAXED); /* a collector may read beside us */
    besom_write(m.mutator, obj);
}

#endif
