/* compiled.c - the roots of code that a host's compiler emits. */
#include <besom/compiled.h>

#include "gc/mutator.h"
#include "gc/root.h"

_Static_assert(offsetof(struct besom_mutator, requests) == BESOM_MUTATOR_REQUESTS, "requests");
_Static_assert(offsetof(struct besom_mutator, birth) == BESOM_MUTATOR_BIRTH, "birth");
_Static_assert(offsetof(struct besom_mutator, stamp) == BESOM_MUTATOR_STAMP, "stamp");
_Static_assert(offsetof(struct besom_mutator, barrier_on) == BESOM_MUTATOR_BARRIER_ON, "barrier");
_Static_assert(offsetof(struct besom_mutator, type_words) == BESOM_MUTATOR_TYPE_WORDS, "types");
_Static_assert(offsetof(struct besom_mutator, frames) == BESOM_MUTATOR_FRAMES, "frames");
_Static_assert(offsetof(struct besom_mutator, window.cursor) == BESOM_MUTATOR_CURSOR, "cursor");
_Static_assert(offsetof(struct besom_mutator, window.limit) == BESOM_MUTATOR_LIMIT, "limit");
_Static_assert(offsetof(struct besom_mutator, hooked.cursor) == BESOM_MUTATOR_HOOKED_CURSOR,
               "cursor");
_Static_assert(offsetof(struct besom_mutator, hooked.limit) == BESOM_MUTATOR_HOOKED_LIMIT, "limit");
_Static_assert(BESOM_META_MASK == BESOM__CHUNK_BYTES - 1, "chunks");
_Static_assert(1 << BESOM_META_SHIFT == BESOM__GRANULE_BYTES, "granules");
_Static_assert((int)BESOM_META_LEAF == BESOM__LEAF && (int)BESOM_META_END == BESOM__END &&
                   (int)BESOM_META_LARGE == BESOM__LARGE && (int)BESOM_META_STAMP == BESOM__STAMP,
               "the bits of the metadata byte");

/* ---- LLVM's shadow stack ---- */

static void visit_shadow_stack(struct besom_tracer *tracer, void *data)
{
    struct besom_llvm_frame *const *top = data;
    for (const struct besom_llvm_frame *frame = *top; frame; frame = frame->next)
        besom_visit_words(tracer, (const uint64_t *)(const void *)(frame + 1),
                          (size_t)frame->map->n_roots);
}

enum besom_status besom_llvm_shadow_stack(struct besom_mutator *m,
                                          struct besom_llvm_frame *const *top, const char *name,
                                          struct besom_root **out)
{
    return besom_mutator_root_source(m, top ? visit_shadow_stack : NULL, (void *)top, name, out);
}

/* ---- stack walkers ---- */

enum besom_status besom_stack_walker(struct besom_mutator *m, besom_walk_fn walk, void *data,
                                     const char *name, struct besom_root **out)
{
    struct besom_root root = {.kind = ROOT_WALKER, .name = name, .walk = walk, .data = data};
    enum besom_status status = besom__mutator_check(m);
    if (status == BESOM_OK && !walk)
        status = BESOM_E_ARGUMENT;
    return status == BESOM_OK ? besom__root_register(m, root, out) : status;
}

void *const *besom__mutator_frame(const struct besom__mutator *m)
{
    return m->in_native ? NULL : (void *const *)(const void *)m->entry;
}
