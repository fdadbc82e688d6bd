/* trace.h - from an object to its references.
 *
 * One way to read reference maps, for the marker and for everyone else who follows references.
 * besom__trace_map is compiled into its callers, with what they do to a reference. */
#ifndef GC_TRACE_H
#define GC_TRACE_H

#include <besom/besom.h>

#include "gc/atomic.h"
#include "gc/chunk.h"
#include "gc/heap.h"
#include "gc/root.h"

/* Why references are followed: what weak structures show of themselves depends on it. */
enum besom__pass {
    PASS_VERIFY, /* each reference, weak ones too where the dead are known to be gone from them */
    PASS_STRONG, /* a search along what keeps alive */
    PASS_MARK,   /* the same, and the rest is deferred; the tracer is the head of a marker */
    PASS_ROOTS,  /* roots are gathered, to be marked */
    PASS_RECALL  /* what was deferred is asked for again */
};

/* Collects the references that trace and root callbacks name: the head of whoever follows them. */
struct besom_tracer {
    struct besom_heap *heap;
    void (*visit)(struct besom_tracer *tracer, void *ref); /* ref: an object of the heap */
    enum besom__pass pass;
    struct besom__root_name root; /* the root being visited */
};

static inline const struct besom_type *besom__type_of(const struct besom_heap *heap,
                                                      const void *obj)
{
    if (besom__u32_load(&heap->own_blocks)) {
        const struct besom_type *type = besom__chunk_of(obj)->types[besom__block_index(obj)];
        if (type)
            return type;
    }
    if (heap->config.type_of)
        return heap->config.type_of(obj);
    return *(const struct besom_type *const *)obj;
}

/* The object that a word in the heap's encoding refers to, or NULL. */
static inline void *besom__decode(const struct besom_heap *heap, uint64_t word)
{
    const struct besom_encoding *e = &heap->config.encoding;
    if ((word & e->mask) != e->match)
        return NULL;
    const uintptr_t address = (uintptr_t)(word & e->pointer_bits), offset = e->ref_offset_bytes;
    /* NULL, or too low to be a reference: verification finds no object there either. */
    if (address <= offset)
        return heap->config.foreign_refs ? NULL : (void *)address;
    void *ref = (void *)(address - offset);
    if (heap->config.foreign_refs && !besom__chunk_find(heap, ref))
        return NULL;
    return ref;
}

/* What to do with a word in a field; field is named for reports. */
typedef void (*besom__word_fn)(void *data, uint64_t word, const struct besom_field *field);

/* The elements of a tail, as its length says or as many as the object holds. */
static inline size_t besom__tail_length(const struct besom_type *type, const void *obj)
{
    const struct besom_tail *tail = &type->tail;
    const void *length = (const char *)obj + tail->length_offset_bytes;
    switch (tail->length_width_bytes) {
    case 1: return *(const volatile uint8_t *)length;
    case 2: return *(const volatile uint16_t *)length;
    case 4: return *(const volatile uint32_t *)length;
    case 8: return (size_t) * (const volatile uint64_t *)length;
    default: break;
    }
    size_t bytes = besom_size(obj);
    return bytes < tail->offset_bytes ? 0 : (bytes - tail->offset_bytes) / tail->stride_bytes;
}

/* From the last to the first: what a marker pushes last it takes first. */
__attribute__((always_inline)) static inline void besom__trace_fields(
    const char *base, const struct besom_field *fields, size_t n, besom__word_fn fn, void *data)
{
    for (size_t i = n; i-- > 0;)
        fn(data, besom__word_load(base + fields[i].offset_bytes), &fields[i]);
}

/* Elements [first, end) of the tail. */
__attribute__((always_inline)) static inline void besom__trace_tail(const struct besom_type *type,
                                                                    const void *obj, size_t first,
                                                                    size_t end, besom__word_fn fn,
                                                                    void *data)
{
    const struct besom_tail *tail = &type->tail;
    const char *base = (const char *)obj + tail->offset_bytes;
    for (size_t i = end; i-- > first;)
        besom__trace_fields(base + i * tail->stride_bytes, tail->fields, tail->n_fields, fn, data);
}

static inline bool besom__has_tail(const struct besom_type *type)
{
    return type->tail.stride_bytes && type->tail.n_fields;
}

/* "'pair' at 0x7f12 (label)", for reports.  Calls the type's label, if it has one. */
void besom__describe(const struct besom_heap *heap, const void *obj, char *buf, size_t n);

/* Everything a type says about obj: fn for each word of its map, or its trace callback with
 * tracer. */
void besom__trace_object(struct besom_tracer *tracer, void *obj, besom__word_fn fn, void *data);

#endif
