/* extent.h - how many granules an object has, from the metadata at its start. */
#ifndef GC_EXTENT_H
#define GC_EXTENT_H

#include <besom/meta.h>

#include "gc/atomic.h"

#include <string.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || \
    __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#define BESOM__EXTENT_BYTEWISE 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define BESOM__EXTENT_BYTEWISE 1
#endif
#endif

/* For an object that is not huge, nor large. */
#if defined(BESOM__EXTENT_BYTEWISE)
static inline size_t besom__extent_granules(const uint8_t *meta)
{
    size_t n = 0;
    while (!(besom__byte_load(&meta[n]) & BESOM__END))
        n++;
    return n + 1;
}
#else
/* Eight bytes at a time, while other markers change the colors among them: END does not change.
 * The last read may go up to 7 bytes beyond the END, into the next block's memory at worst. */
static inline size_t besom__extent_granules(const uint8_t *meta)
{
    const uint64_t ends = 0x0101010101010101u * BESOM__END;
    for (size_t n = 0;; n += 8) {
        uint64_t word;
        memcpy(&word, meta + n, sizeof word);
        if (BESOM_LIKELY((word &= ends) != 0))
            return n + (size_t)__builtin_ctzll(word) / 8 + 1;
    }
}
#endif

#endif
