/* scan-sse2.h - metadata bytes to bits and back with SSE2. */
#ifndef GC_SCAN_SSE2_H
#define GC_SCAN_SSE2_H

#include <besom/meta.h>

#include <emmintrin.h>
#include <stdint.h>

/* Sixteen bytes to sixteen bits. */
static inline uint64_t besom__scan_equal16(const uint8_t *meta, __m128i mask, __m128i value)
{
    __m128i x = _mm_load_si128((const __m128i *)(const void *)meta);
    return (uint16_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(x, mask), value));
}

/* Bit i: (meta[i] & mask) == value, for 64 bytes; meta is 16-byte aligned. */
static inline uint64_t besom__scan_equal(const uint8_t *meta, uint8_t mask, uint8_t value)
{
    const __m128i m = _mm_set1_epi8((char)mask), v = _mm_set1_epi8((char)value);
    return besom__scan_equal16(meta, m, v) | besom__scan_equal16(meta + 16, m, v) << 16 |
           besom__scan_equal16(meta + 32, m, v) << 32 | besom__scan_equal16(meta + 48, m, v) << 48;
}

static inline void besom__scan_keep16(uint8_t *meta, uint16_t keep)
{
    const __m128i select = _mm_set1_epi64x((long long)0x8040201008040201u);
    __m128i b = _mm_cvtsi32_si128(keep);
    b = _mm_unpacklo_epi8(b, b);      /* lo lo hi hi ... */
    b = _mm_shufflelo_epi16(b, 0x50); /* lo lo lo lo hi hi hi hi ... */
    b = _mm_unpacklo_epi32(b, b);     /* eight times lo, eight times hi */
    b = _mm_cmpeq_epi8(_mm_and_si128(b, select), select);
    __m128i *p = (__m128i *)(void *)meta;
    _mm_store_si128(p, _mm_and_si128(_mm_load_si128(p), b));
}

/* 64 bytes become 0. */
static inline void besom__scan_clear(uint8_t *meta)
{
    __m128i *p = (__m128i *)(void *)meta;
    _mm_store_si128(p, _mm_setzero_si128());
    _mm_store_si128(p + 1, _mm_setzero_si128());
    _mm_store_si128(p + 2, _mm_setzero_si128());
    _mm_store_si128(p + 3, _mm_setzero_si128());
}

/* Bytes whose bit in keep is 0 become 0. */
static inline void besom__scan_keep(uint8_t *meta, uint64_t keep)
{
    besom__scan_keep16(meta, (uint16_t)keep);
    besom__scan_keep16(meta + 16, (uint16_t)(keep >> 16));
    besom__scan_keep16(meta + 32, (uint16_t)(keep >> 32));
    besom__scan_keep16(meta + 48, (uint16_t)(keep >> 48));
}

#endif
