/* atomic.h - typed atomic operations, named by their ordering.
 *
 * The only file that knows libatomic_ops.  No bare fences: ThreadSanitizer does not see them; an
 * acquire is paired with a release, or a read-modify-write orders both ways. */
#ifndef GC_ATOMIC_H
#define GC_ATOMIC_H

#include <atomic_ops.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Static_assert(sizeof(AO_t) == sizeof(size_t), "AO_t is the machine word");
_Static_assert(sizeof(unsigned) == sizeof(uint32_t), "AO_int_* are 32 bits wide");

/* ---- bytes of metadata ---- */

static inline uint8_t besom__byte_load(const uint8_t *p)
{
    return AO_char_load(p);
}

static inline void besom__byte_store(uint8_t *p, uint8_t value)
{
    AO_char_store(p, value);
}

/* True if *p was `old` and is now `desired`; a full barrier. */
static inline bool besom__byte_cas(uint8_t *p, uint8_t old, uint8_t desired)
{
    return AO_char_compare_and_swap_full(p, old, desired) != 0;
}

/* ---- state words, 32 bits ---- */

static inline uint32_t besom__u32_load(const uint32_t *p)
{
    return AO_int_load(p);
}

static inline uint32_t besom__u32_load_acquire(const uint32_t *p)
{
    return AO_int_load_acquire(p);
}

static inline void besom__u32_store_release(uint32_t *p, uint32_t value)
{
    AO_int_store_release(p, value);
}

static inline bool besom__u32_cas(uint32_t *p, uint32_t old, uint32_t desired)
{
    return AO_int_compare_and_swap_full(p, old, desired) != 0;
}

static inline void besom__u32_or(uint32_t *p, uint32_t bits)
{
    AO_int_or_full(p, bits);
}

static inline void besom__u32_and(uint32_t *p, uint32_t bits)
{
    AO_int_and_full(p, bits);
}

/* ---- counters and sizes ---- */

static inline size_t besom__size_load(const size_t *p)
{
    return AO_load((const volatile AO_t *)p);
}

static inline void besom__size_store(size_t *p, size_t value)
{
    AO_store((volatile AO_t *)p, value);
}

/* Adds (subtracts, by two's complement) and returns the sum; a full barrier. */
static inline size_t besom__size_add(size_t *p, size_t delta)
{
    return AO_fetch_and_add_full((volatile AO_t *)p, delta) + delta;
}

static inline bool besom__size_cas(size_t *p, size_t old, size_t desired)
{
    return AO_compare_and_swap_full((volatile AO_t *)p, old, desired) != 0;
}

/* ---- words of objects and pointers ---- */

/* A slot that its mutator may be writing. */
static inline uintptr_t besom__word_load(const void *slot)
{
    return AO_load((const volatile AO_t *)slot);
}

/* A slot that a marker may be reading. */
static inline void besom__word_store(void *slot, uintptr_t value)
{
    AO_store((volatile AO_t *)slot, value);
}

static inline void *besom__ptr_load_acquire(void *const *p)
{
    return (void *)AO_load_acquire((const volatile AO_t *)p);
}

static inline void besom__ptr_store_release(void **p, void *value)
{
    AO_store_release((volatile AO_t *)p, (AO_t)value);
}

#endif
