/* adapter-malloc.h - malloc and free, the C library's or that of a preloaded one. */
#ifndef BENCH_ADAPTER_MALLOC_H
#define BENCH_ADAPTER_MALLOC_H

#include "bench/locals.h"
#include "bench/mem.h"
#include "bench/worker.h"

#include <stdlib.h>

struct mem {
    char unused;
};

enum { MEM_FREES = 1 };

static inline void *mem_new_sized(struct mem m, const struct mem_type *type, size_t bytes)
{
    (void)m;
    void *obj = malloc(bytes);
    if (__builtin_expect(obj == NULL, 0))
        worker_fail("out of memory");
    if (!(type->layout.flags & BESOM_OWN_BLOCKS))
        *(const struct besom_type **)obj = &type->layout;
    return obj;
}

static inline void *mem_new(struct mem m, const struct mem_type *type)
{
    return mem_new_sized(m, type, type->layout.size_bytes);
}

static inline void mem_free(struct mem m, void *obj)
{
    (void)m;
    free(obj);
}

static inline void mem_poll(struct mem m)
{
    (void)m;
}

static inline void mem_store(struct mem m, void *obj, void *slot, void *value)
{
    (void)m;
    (void)obj;
    *(void **)slot = value;
}

#endif
