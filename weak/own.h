/* own.h - the library's own objects in a host's heap.
 *
 * References, tables and their stores are objects like the host's, with a type in the first word.
 * In a heap that keeps types in first words they lie among the host's.  Where the host's type_of
 * reads headers of its own, they lie in blocks of one OWN_BLOCKS type, which looks into the first
 * word itself. */
#ifndef WEAK_OWN_H
#define WEAK_OWN_H

#include "gc/heap.h"
#include "gc/trace.h"
#include "gc/walk.h"

/* By which the library's own hash tables find objects; the upper bits are the better ones. */
static inline uint64_t besom__object_hash(const void *obj)
{
    return (uintptr_t)obj / BESOM__GRANULE_BYTES * 0x9E3779B97F4A7C15u;
}

/* The head of every such object. */
struct besom__own {
    const struct besom_type *type; /* it has a trace callback */
};

/* A new object, zeroed but for its type; NULL: no memory.  As besom_new_sized, so perhaps a
 * safepoint. */
void *besom__own_new(struct besom_mutator *m, const struct besom_type *type, size_t bytes);

/* Is p an object of this heap, and of that type of the library's? */
static inline bool besom__is_own(const struct besom_heap *heap, const void *p,
                                 const struct besom_type *type)
{
    return p && besom__is_object(heap, p) && ((const struct besom__own *)p)->type == type;
}

/* May m use this argument?  What a check of m says; BESOM_E_ARGUMENT: NULL; BESOM_E_FOREIGN: no such
 * object of m's heap. */
enum besom_status besom__own_check(struct besom_mutator *m, const void *obj,
                                   const struct besom_type *type);

/* The same for an object of the host's. */
enum besom_status besom__object_check(struct besom_mutator *m, const void *obj);

/* ---- looking at weak things ---- */

/* From here to besom__settle_leave nothing is cleared or brought back: in the phase WEAK by a lock,
 * otherwise since no other phase does, and none begins before the caller's next safepoint.  True:
 * in WEAK, so what is found may be dead. */
static inline bool besom__settle_enter(struct besom_heap *heap)
{
    /* Acquires what was cleared in WEAK, if it is over. */
    if (BESOM_LIKELY(besom__u32_load_acquire(&heap->cycle.phase) != BESOM_WEAK))
        return false;
    pthread_mutex_lock(&heap->settle_lock);
    return true;
}

static inline void besom__settle_leave(struct besom_heap *heap, bool entered)
{
    if (BESOM_UNLIKELY(entered))
        pthread_mutex_unlock(&heap->settle_lock);
}

/* Do weak things refer to live objects only, for verification? */
static inline bool besom__is_settled(const struct besom_heap *heap)
{
    uint32_t phase = besom__u32_load(&heap->cycle.phase);
    return phase == BESOM_IDLE || phase == BESOM_FINALIZE || phase == BESOM_SWEEP;
}

/* An argument is a word in the heap's encoding: no reference (*ref is NULL), or to an object of the
 * heap; false otherwise. */
static inline bool besom__is_value(const struct besom_heap *heap, const void *word, void **ref)
{
    *ref = besom__decode(heap, (uintptr_t)word);
    return !*ref || besom__is_object(heap, *ref);
}

#endif
