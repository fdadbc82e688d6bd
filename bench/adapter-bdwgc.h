/* adapter-bdwgc.h - the Boehm-Demers-Weiser collector, used as its manual advises: the inline half.
 *
 * Four modes, as hosts use it:
 *   plain        GC_MALLOC; GC_MALLOC_ATOMIC for objects without references
 *   inline       the same, but objects with references are taken from free lists of the thread's
 *                own that GC_malloc_many fills, without a call: as Guile does
 *   typed        GC_malloc_explicitly_typed: the layout is told, words are not guessed at
 *   incremental  plain, with GC_enable_incremental */
#ifndef BENCH_ADAPTER_BDWGC_H
#define BENCH_ADAPTER_BDWGC_H

#include "bench/locals.h"
#include "bench/mem.h"
#include "bench/worker.h"

#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include <gc/gc.h>
#include <gc/gc_typed.h>

enum bdwgc_mode { BDWGC_PLAIN, BDWGC_INLINE, BDWGC_TYPED };

enum {
    BDWGC_GRANULE = 16,
    BDWGC_LISTS = 17,          /* free lists for 1 .. 16 granules */
    BDWGC_OFF_PAGE = 100 << 10 /* from here on the collector is told that we keep the start */
};

/* A thread's free lists, by granules, in memory that the collector reads: it finds the whole of a
 * list, since the objects on it are of those that it traces. */
struct bdwgc_thread {
    void *list[BDWGC_LISTS];
};

struct mem {
    struct bdwgc_thread *thread;
};

enum { MEM_FREES = 0 };

extern enum bdwgc_mode bdwgc_mode;
extern GC_descr bdwgc_descriptors[MEM_TYPES];

/* The first object of a new list, the rest of which goes into *list. */
void *bdwgc_new_listed(void **list, size_t bytes);

/* Objects of which the collector need not find pointers to all pages. */
void *bdwgc_new_big(size_t bytes, bool is_leaf);

static inline void *bdwgc_take(struct mem m, size_t bytes)
{
    size_t granules = (bytes + BDWGC_GRANULE - 1) / BDWGC_GRANULE;
    if (granules >= BDWGC_LISTS)
        return GC_MALLOC(bytes);
    void **list = &m.thread->list[granules];
    void *obj = *list;
    if (__builtin_expect(obj == NULL, 0))
        return bdwgc_new_listed(list, granules * BDWGC_GRANULE);
    *list = GC_NEXT(obj);
    GC_NEXT(obj) = NULL;
    return obj;
}

static inline void *mem_new_sized(struct mem m, const struct mem_type *type, size_t bytes)
{
    bool is_leaf = (type->layout.flags & BESOM_LEAF) != 0;
    void *obj;
    if (bytes >= BDWGC_OFF_PAGE)
        obj = bdwgc_new_big(bytes, is_leaf);
    else if (is_leaf)
        obj = GC_MALLOC_ATOMIC(bytes);
    else if (bdwgc_mode == BDWGC_INLINE)
        obj = bdwgc_take(m, bytes);
    else if (bdwgc_mode == BDWGC_TYPED)
        obj = GC_MALLOC_EXPLICITLY_TYPED(bytes, bdwgc_descriptors[type->index]);
    else
        obj = GC_MALLOC(bytes);
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
