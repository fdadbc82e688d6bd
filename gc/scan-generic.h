/* scan-generic.h - metadata bytes to bits and back, eight at a time, with 64-bit arithmetic. */
#ifndef GC_SCAN_GENERIC_H
#define GC_SCAN_GENERIC_H

#include <besom/meta.h>

#include <stdint.h>
#include <string.h>

static inline uint64_t besom__scan_word(const uint8_t *meta)
{
    uint64_t x;
    memcpy(&x, meta, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

/* Bit i: (meta[i] & mask) == value, for 64 bytes. */
static inline uint64_t besom__scan_equal(const uint8_t *meta, uint8_t mask, uint8_t value)
{
    const uint64_t ones = 0x0101010101010101u, low7 = ones * 0x7f;
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t x = (besom__scan_word(meta + 8 * i) & (ones * mask)) ^ (ones * value);
        uint64_t zero = ~(((x & low7) + low7) | x | low7) >> 7; /* 1 in each byte that is 0 */
        bits |= ((zero * 0x0102040810204080u) >> 56) << (8 * i);
    }
    return bits;
}

/* Bytes whose bit in keep is 0 become 0. */
static inline void besom__scan_keep(uint8_t *meta, uint64_t keep)
{
    for (int i = 0; i < 64; i++)
        meta[i] &= (uint8_t) - (int)(keep >> i & 1);
}

#endif
