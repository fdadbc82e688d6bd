/* adapter-arena.h - a bump allocator that never frees: the inline half. */
#ifndef BENCH_ADAPTER_ARENA_H
#define BENCH_ADAPTER_ARENA_H

#include "bench/locals.h"
#include "bench/mem.h"
#include "bench/worker.h"

struct arena {
    char *cursor, *limit; /* the rest of the current segment */
};

struct mem {
    struct arena *arena;
};

enum { MEM_FREES = 0 };

/* Takes a new segment that has room for bytes, and the first bytes of it. */
void *arena_new_slow(struct arena *arena, size_t bytes);

static inline void *mem_new_sized(struct mem m, const struct mem_type *type, size_t bytes)
{
    size_t rounded = (bytes + 15) & ~(size_t)15;
    void *obj = m.arena->cursor;
    if (__builtin_expect(rounded <= (size_t)(m.arena->limit - m.arena->cursor), 1))
        m.arena->cursor += rounded;
    else
        obj = arena_new_slow(m.arena, rounded);
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
    (void)obj;
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
