/* type.h - how a host describes its objects.
 *
 * A type says where an object keeps its references.  It is the host's, constant, and outlives
 * every heap that has seen it.  The library finds the type of an object in one of three ways:
 * the object's first word is a `const struct besom_type *` (the default; besom_new writes it),
 * or the host's `type_of` reads the host's own header, or the type owns its blocks
 * (BESOM_OWN_BLOCKS) and its objects have no header at all. */
#ifndef BESOM_TYPE_H
#define BESOM_TYPE_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One reference: its name, for retaining paths and reports, and its offset in bytes from the
 * start of the object (in a tail: of the element); a multiple of sizeof(void *). */
struct besom_field {
    const char *name;
    uint32_t offset_bytes;
};

/* An array at the end of an object.  Element i starts at offset_bytes + i * stride_bytes.  The
 * number of elements is an unsigned integer of length_width_bytes (1, 2, 4 or 8) in the head, at
 * length_offset_bytes; with a width of 0 the array fills the object to its end, as allocated.
 * In the modes that mark beside mutators a marker may see a new length before the elements: what
 * a length is about to take in must be clean (never used, or overwritten) before it grows.
 * No tail: stride_bytes 0.  fields are the references within one element. */
struct besom_tail {
    uint32_t offset_bytes;
    uint32_t stride_bytes;
    uint32_t length_offset_bytes;
    uint32_t length_width_bytes;
    const struct besom_field *fields;
    size_t n_fields;
};

/* Flags of a type. */
enum {
    BESOM_LEAF        = 0x04, /* holds no references: its objects are never looked into */
    BESOM_OWN_BLOCKS  = 0x100, /* objects lie in blocks of this type only and have no header */
    BESOM_UNBARRIERED = 0x200, /* written without besom_write (a coroutine's stack): traced again in
                                  each round of marking, in the stop, in each minor cycle */
    BESOM_RACY        = 0x400  /* its trace callback must not run beside its mutators: it runs in
                                  stops, or in a slice of the heap's only mutator */
};

struct besom_type {
    const char *name;                 /* for people; not NULL */
    size_t size_bytes;                /* of an object, or of its head if it has a tail */
    uint32_t flags;
    const struct besom_field *fields; /* the references in the head */
    size_t n_fields;
    struct besom_tail tail;

    /* Instead of fields and tail: calls besom_visit or besom_visit_words for every reference.
     * Runs while marking, perhaps on a thread of the library's; unless the type is RACY, perhaps
     * while mutators write to the object; for one object more than once in a cycle, for several at
     * the same time.  It must not allocate, poll, block, or call anything else of Besom. */
    void (*trace)(struct besom_tracer *tracer, void *obj);

    /* The object is dead; called before any memory that died in the same cycle is reused, so
     * other dead objects may still be read.  It may free host memory and call besom_external,
     * and must not allocate from the heap or store the object anywhere.  Runs on a thread with
     * a mutator, at a poll or a collection, or inside besom_heap_free. */
    void (*destroy)(struct besom_heap *heap, void *obj);

    /* Writes a short description of obj for people into buf (n bytes, terminated).  Called for
     * findings of the debug options and reports of besom_verify; may not call Besom. */
    void (*label)(const void *obj, char *buf, size_t n);
};

/* Is the type consistent?  Offsets within the size, aligned, a tail whose length lies in the
 * head, a name, no references in a LEAF, room for the type word unless OWN_BLOCKS or has_header
 * is false.  has_header: the heap keeps types in first words (it has no type_of).
 * O(number of fields).  report may be NULL.  BESOM_OK, BESOM_E_ARGUMENT or BESOM_E_TYPE.
 * Debug builds assert it whenever a mutator meets a type on its slow path. */
BESOM_API enum besom_status besom_type_check(const struct besom_type *type, bool has_header,
                                             struct besom_report *report);

/* ---- inside trace and root callbacks ---- */

/* Here is a reference: the address of an object's start, or NULL.  In a heap with foreign_refs
 * any address is allowed, and skipped if it is not in the heap. */
BESOM_API void besom_visit(struct besom_tracer *tracer, void *ref);

/* Here are n words in the heap's encoding; those that are references are visited. */
BESOM_API void besom_visit_words(struct besom_tracer *tracer, const uint64_t *words, size_t n);

/* Here are n words that may or may not be references, to the start or the inside of objects. */
BESOM_API void besom_visit_ambiguous(struct besom_tracer *tracer, const void *words, size_t n);

/* The `host` pointer of the heap's configuration. */
BESOM_API void *besom_tracer_host(const struct besom_tracer *tracer);

#ifdef __cplusplus
}
#endif
#endif
