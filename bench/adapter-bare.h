/* adapter-bare.h - the limit of marking: objects in one array, one bit for each, a prefetch queue.
 *
 * It knows that there is one type of object, of one size, and one thread: the inline half. */
#ifndef BENCH_ADAPTER_BARE_H
#define BENCH_ADAPTER_BARE_H

#include "bench/locals.h"
#include "bench/mem.h"
#include "bench/worker.h"

struct bare {
    char *start, *cursor, *limit;       /* the objects */
    uint64_t *bits;                     /* one for each object */
    void **stack;                       /* as long as there are objects */
    size_t n_fields, first_field_bytes; /* references stand side by side */
    void **root;                        /* there is one table of roots that matters, the first */
    size_t n_roots;
};

struct mem {
    struct bare *bare;
};

enum { MEM_FREES = 0, BARE_OBJECT_BYTES = 32 };

static inline void *mem_new(struct mem m, const struct mem_type *type)
{
    void *obj = m.bare->cursor;
    if (obj == m.bare->limit)
        worker_fail("out of memory");
    m.bare->cursor += BARE_OBJECT_BYTES;
    *(const struct besom_type **)obj = &type->layout;
    return obj;
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
