/* scan.h - looking at 64 bytes of metadata at a time.
 *
 * A block's metadata is 4096 bytes.  Sweeping turns it, 64 bytes at a time, into words with a bit
 * a granule, works on those, and turns the result back.  The instructions for both directions
 * differ by machine: SSE2, which every x86-64 has, or plain 64-bit arithmetic. */
#ifndef GC_SCAN_H
#define GC_SCAN_H

#include <besom/meta.h>

#include <stdint.h>

#if defined(__SANITIZE_THREAD__)
#define BESOM__SCAN_GENERIC 1 /* whose stores ThreadSanitizer sees as atomic */
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BESOM__SCAN_GENERIC 1
#endif
#endif

#if defined(__SSE2__) && !defined(BESOM__SCAN_GENERIC)
#include "gc/scan-sse2.h"
#else
#include "gc/scan-generic.h"
#endif

/* How many bits are set; not every machine that this is compiled for has an instruction for it. */
static inline unsigned besom__count_bits(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (unsigned)(word * 0x0101010101010101u >> 56);
}

/* The bits from each start to its end, given the starts (of the objects wanted) and the ends (of
 * all objects) among 64 granules.  Adding a start to the complement of the ends ripples a carry up
 * to the end; what changed is the object.  *carry is 1 if an object goes on into the next word. */
static inline uint64_t besom__scan_extents(uint64_t starts, uint64_t ends, uint64_t *carry)
{
    uint64_t open = ~ends, sum, with_carry;
    uint64_t out = __builtin_add_overflow(open, starts, &sum);
    out |= __builtin_add_overflow(sum, *carry, &with_carry);
    *carry = out;
    return with_carry ^ open;
}

#endif
