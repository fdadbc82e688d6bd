/* scan-generic.h - metadata bytes to bits and back, eight at a time, with 64-bit arithmetic.
 *
 * Loads and stores are atomic ones of eight bytes, for the sake of threads that look at a byte
 * while its block is swept. */
#ifndef GC_SCAN_GENERIC_H
#define GC_SCAN_GENERIC_H

#include <besom/meta.h>

#include "gc/atomic.h"

#include <stdint.h>

_Static_assert(sizeof(size_t) == 8, "eight bytes of metadata are one word");

/* The byte at the lowest address in the lowest bits, and back. */
static inline uint64_t besom__scan_order(uint64_t word)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

static inline uint64_t besom__scan_load(const uint8_t *meta)
{
    return besom__scan_order(besom__size_load((const size_t *)(const void *)meta));
}

static inline void besom__scan_store(uint8_t *meta, uint64_t word)
{
    besom__size_store((size_t *)(void *)meta, besom__scan_order(word));
}

/* Bit i: (meta[i] & mask) == value, for 64 bytes; meta is 8-byte aligned. */
static inline uint64_t besom__scan_equal(const uint8_t *meta, uint8_t mask, uint8_t value)
{
    const uint64_t ones = 0x0101010101010101u, low7 = ones * 0x7f;
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t x = (besom__scan_load(meta + 8 * i) & (ones * mask)) ^ (ones * value);
        uint64_t zero = ~(((x & low7) + low7) | x | low7) >> 7; /* 1 in each byte that is 0 */
        bits |= ((zero * 0x0102040810204080u) >> 56) << (8 * i);
    }
    return bits;
}

/* 64 bytes become 0. */
static inline void besom__scan_clear(uint8_t *meta)
{
    for (int i = 0; i < 8; i++)
        besom__scan_store(meta + 8 * i, 0);
}

/* Eight bits to eight bytes of 0 or 0xff. */
static inline uint64_t besom__scan_spread(uint64_t bits)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t each = (bits & 0xff) * ones & 0x8040201008040201u; /* bit i alone in byte i */
    return ((each + ones * 0x7f) >> 7 & ones) * 0xff;
}

/* Bytes whose bit in keep is 0 become 0. */
static inline void besom__scan_keep(uint8_t *meta, uint64_t keep)
{
    for (int i = 0; i < 8; i++) {
        uint64_t word = besom__scan_load(meta + 8 * i);
        besom__scan_store(meta + 8 * i, word & besom__scan_spread(keep >> (8 * i)));
    }
}

#endif
