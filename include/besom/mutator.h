/* mutator.h - a thread's access to a heap: safepoints, allocation, the write barrier.
 *
 * A mutator belongs to the thread that attached it and is passed explicitly.  What is dead is found
 * out only while every mutator of the heap is at a safepoint: in besom_poll and the other calls that
 * say so, or in a native region.  (Marking may go on beside them: enum besom_mode.)  An object that
 * lives only in C locals across a safepoint must be rooted (besom/root.h).
 *
 * Calls that return a status check, in constant time, that the mutator is attached, is this
 * thread's, and is not in a native region (BESOM_E_STATE, BESOM_E_THREAD).  The inline functions
 * check nothing. */
#ifndef BESOM_MUTATOR_H
#define BESOM_MUTATOR_H

#include <besom/base.h>
#include <besom/meta.h>
#include <besom/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the next small objects go: zeroed, free memory [cursor, limit), never more than
 * BESOM__SMALL_MAX_BYTES, so that what fits is small. */
struct besom_window {
    char *cursor;
    char *limit;
    const struct besom_type *type; /* the only type that lies here, or NULL */
};

struct besom_frame;

enum { BESOM__TYPED_WINDOWS = 16 };

/* The part of a mutator that the inline functions read.  Its owner writes all of it but
 * `requests`, which other threads change atomically. */
struct besom_mutator {
    uint32_t requests;  /* state and requests: 0 while running with nothing asked of it */
    uint8_t birth;      /* metadata of a newborn: young, and the stamp of this mutator's epoch */
    uint8_t stamp;      /* the stamp alone */
    uint8_t barrier_on; /* is the write barrier in use? */
    uint8_t type_words; /* does besom_new write the type into the first word? */
    struct besom_frame *frames;
    struct besom_window window;
    struct besom_window hooked;                       /* for types with a destroy hook */
    struct besom_window *typed[BESOM__TYPED_WINDOWS]; /* OWN_BLOCKS: by hash; never NULL */
};

/* ---- attaching ---- */

/* Attaches the calling thread.  May block while a collection runs.  NULL: no memory, or heap is
 * NULL.  A thread may have one mutator in each of several heaps; a second one in the same heap
 * is refused with NULL. */
BESOM_API struct besom_mutator *besom_attach(struct besom_heap *heap);

/* Detaches: its root sources end, what it allocated stays the heap's.  BESOM_E_STATE while a frame
 * is open.  A thread must detach before it exits; debug builds assert it. */
BESOM_API enum besom_status besom_detach(struct besom_mutator *m);

/* The heap that m is attached to. */
BESOM_API struct besom_heap *besom_heap_of(const struct besom_mutator *m);

/* ---- safepoints ---- */

/* Around a blocking call: between the two this thread does not touch the heap, nor what its root
 * sources read, which other threads may be reading; and it never delays a collection.
 * besom_native_leave blocks while the world is stopped, or its roots are being read.  Not nested. */
BESOM_API enum besom_status besom_native_enter(struct besom_mutator *m);
BESOM_API enum besom_status besom_native_leave(struct besom_mutator *m);

/* Collects, a whole full cycle: when it returns what was unreachable is dead and the destroy hooks
 * have run.  In the modes that mark beside mutators the others go on meanwhile, but for the stop. */
enum besom_collect_kind {
    BESOM_FULL,
    BESOM_EMERGENCY /* the same, marked in a stop in every mode, and no callback of the host's but
                       trace and root callbacks: objects with destroy hooks, and what they reach,
                       stay for a later cycle */
};
BESOM_API enum besom_status besom_collect(struct besom_mutator *m, enum besom_collect_kind kind);

/* For hosts that pace the collector: begins a full cycle if none is under way, or does about
 * work_bytes of the one that is.  *cycle_ended (may be NULL) tells whether it came to its end.
 * In mode stw the first step of a cycle marks everything.  In the others a step marks, or makes the
 * stop that ends marking, or does a quantum of what comes after; it does nothing if other threads
 * must come to a safepoint first. */
BESOM_API enum besom_status besom_step(struct besom_mutator *m, size_t work_bytes,
                                       bool *cycle_ended);

/* While disabled, no collection starts but by besom_collect and besom_step, and mutators make no
 * slices; nests.  In mode concurrent a cycle that is under way goes on.  Disabling waits for an on_event
 * that is being told of a cycle's beginning. */
BESOM_API enum besom_status besom_disable(struct besom_heap *heap);
BESOM_API enum besom_status besom_enable(struct besom_heap *heap);

BESOM_API bool besom__poll_slow(struct besom_mutator *m);

/* A safepoint.  May collect, mark for a while, or wait for another thread's stop; true if a cycle has
 * found out meanwhile what is dead, so that anything unrooted may be gone. */
static inline bool besom_poll(struct besom_mutator *m)
{
    if (BESOM_LIKELY(__atomic_load_n(&m->requests, __ATOMIC_RELAXED) == 0))
        return false;
    return besom__poll_slow(m);
}

/* ---- allocation ---- */

BESOM_API void *besom__new_slow(struct besom_mutator *m, const struct besom_type *type,
                                size_t bytes);

static inline unsigned besom__typed_index(const struct besom_type *type)
{
    return (unsigned)(((uintptr_t)type >> 4) ^ ((uintptr_t)type >> 8)) % BESOM__TYPED_WINDOWS;
}

/* Allocates an object of `bytes` bytes (at least the type's size, any alignment up to 16 is met),
 * zeroed but for the type word, of the heap's youngest color.  With safepoints=poll it never
 * collects; with safepoints=alloc it is a safepoint.  NULL: the hard limit or the system's memory
 * is reached and the host's handler did not help; bytes is 0 or absurd. */
static inline void *besom_new_sized(struct besom_mutator *m, const struct besom_type *type,
                                    size_t bytes)
{
    struct besom_window *w = &m->window;
    if (type->flags & BESOM_OWN_BLOCKS) {
        w = m->typed[besom__typed_index(type)];
        if (BESOM_UNLIKELY(w->type != type))
            return besom__new_slow(m, type, bytes);
    } else if (type->destroy) {
        w = &m->hooked;
    }
    size_t rounded = (bytes + BESOM__GRANULE_BYTES - 1) & ~(size_t)(BESOM__GRANULE_BYTES - 1);
    /* An empty object, and one whose rounding overflows, are rounded to 0: refused inside. */
    if (BESOM_UNLIKELY(rounded - 1 >= (size_t)(w->limit - w->cursor)))
        return besom__new_slow(m, type, bytes);
    char *obj = w->cursor;
    w->cursor = obj + rounded;
    uint8_t *meta = besom__meta(obj);
    size_t last = rounded / BESOM__GRANULE_BYTES - 1;
    uint8_t first = (uint8_t)(m->birth | (type->flags & BESOM__LEAF));
    __atomic_store_n(&meta[last], (uint8_t)BESOM__END, __ATOMIC_RELAXED);
    __atomic_store_n(&meta[0], (uint8_t)(last == 0 ? first | BESOM__END : first),
                     __ATOMIC_RELAXED);
    if (m->type_words && !(type->flags & BESOM_OWN_BLOCKS))
        *(const struct besom_type **)(void *)obj = type;
    return obj;
}

/* The same for an object of the type's own size. */
static inline void *besom_new(struct besom_mutator *m, const struct besom_type *type)
{
    return besom_new_sized(m, type, type->size_bytes);
}

/* ---- the write barrier ---- */

BESOM_API void besom__write_slow(struct besom_mutator *m, void *obj, void *slot);

/* References in obj change: before or after the stores, with no safepoint between.  One call
 * covers any number of stores.  Needed for every store of a reference into an object that is not
 * UNBARRIERED, in all modes but stw without generations; a newborn needs none until the next
 * safepoint, whatever a poll returned.  An object over 8 KiB is looked at again as a whole. */
static inline void besom_write(struct besom_mutator *m, void *obj)
{
    if (BESOM_UNLIKELY(m->barrier_on) &&
        ((__atomic_load_n(besom__meta(obj), __ATOMIC_RELAXED) ^ m->stamp) & BESOM__STAMP))
        besom__write_slow(m, obj, obj);
}

/* The same when only `slot`, inside obj, changes: obj may be large, and only the 512 bytes around
 * slot are looked at again.  Works for objects of any size. */
static inline void besom_write_at(struct besom_mutator *m, void *obj, void *slot)
{
    if (BESOM_UNLIKELY(m->barrier_on)) {
        uint8_t meta = __atomic_load_n(besom__meta(obj), __ATOMIC_RELAXED);
        if ((meta & BESOM__LARGE) || ((meta ^ m->stamp) & BESOM__STAMP))
            besom__write_slow(m, obj, slot);
    }
}

/* Stores value, a plain pointer, into a slot of obj: a relaxed atomic store and the barrier.  Plain
 * stores of whole words do as well, but ThreadSanitizer reports them beside a marker's loads. */
static inline void besom_set(struct besom_mutator *m, void *obj, void *slot, void *value)
{
    __atomic_store_n((void **)slot, value, __ATOMIC_RELAXED);
    besom_write_at(m, obj, slot);
}

#ifdef __cplusplus
}
#endif
#endif
