/* test_gc_scan.c - both ways to turn metadata into bits, against each other and against bytes. */
#include "support.h"

#include "gc/scan.h"

/* The way that was not chosen, under names of its own, beside the one that was. */
#define besom__scan_clear   other_clear
#define besom__scan_equal   other_equal
#define besom__scan_equal16 other_equal16
#define besom__scan_keep    other_keep
#define besom__scan_keep16  other_keep16
#define besom__scan_load    other_load
#define besom__scan_order   other_order
#define besom__scan_spread  other_spread
#define besom__scan_store   other_store
#if !defined(GC_SCAN_GENERIC_H)
#include "gc/scan-generic.h"
#elif defined(__SSE2__)
#include "gc/scan-sse2.h"
#else
#define other_clear besom__scan_clear
#define other_equal besom__scan_equal
#define other_keep  besom__scan_keep
#endif
#undef besom__scan_clear
#undef besom__scan_equal
#undef besom__scan_keep

#include <stdalign.h>
#include <string.h>

enum { GRANULES = 64, WORDS = 16 };

static uint64_t equal_bytes(const uint8_t *meta, uint8_t mask, uint8_t value)
{
    uint64_t bits = 0;
    for (int i = 0; i < GRANULES; i++)
        bits |= (uint64_t)((meta[i] & mask) == value) << i;
    return bits;
}

static void fill(struct rng *rng, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)rng_next(rng);
}

START_TEST(every_byte_compares_as_a_byte_does)
{
    static const uint8_t masks[] = {BESOM__COLOR, BESOM__END,   BESOM__KEYED,
                                    BESOM__LARGE, BESOM__STAMP, BESOM__COLOR | BESOM__END,
                                    0xff,         0x00};
    alignas(64) uint8_t meta[GRANULES];
    for (unsigned first = 0; first < 256; first++)
        for (size_t m = 0; m < sizeof masks; m++)
            for (unsigned value = 0; value < 256; value++) {
                if (value & ~masks[m])
                    continue;
                for (unsigned i = 0; i < GRANULES; i++)
                    meta[i] = (uint8_t)(first + i);
                uint64_t want = equal_bytes(meta, masks[m], (uint8_t)value);
                require(besom__scan_equal(meta, masks[m], (uint8_t)value) == want, "scan_equal");
                require(other_equal(meta, masks[m], (uint8_t)value) == want, "the other equal");
            }
}
END_TEST

START_TEST(random_bytes_compare_as_bytes_do)
{
    struct rng rng = {test_seed()};
    alignas(64) uint8_t meta[GRANULES];
    for (size_t n = scaled(100000); n > 0; n--) {
        fill(&rng, meta, sizeof meta);
        uint8_t mask = (uint8_t)rng_next(&rng), value = (uint8_t)(meta[n % GRANULES] & mask);
        uint64_t want = equal_bytes(meta, mask, value);
        require(want >> n % GRANULES & 1, "the model");
        require(besom__scan_equal(meta, mask, value) == want, "scan_equal");
        require(other_equal(meta, mask, value) == want, "the other equal");
    }
}
END_TEST

START_TEST(value_outside_the_mask_is_never_equal)
{
    alignas(64) uint8_t meta[GRANULES];
    memset(meta, 0xff, sizeof meta);
    ck_assert_uint_eq(besom__scan_equal(meta, 0x0f, 0x1f), 0);
    ck_assert_uint_eq(other_equal(meta, 0x0f, 0x1f), 0);
}
END_TEST

START_TEST(bytes_without_a_bit_become_zero_and_others_stay)
{
    struct rng rng = {test_seed()};
    /* The guards on both sides must stay as they are. */
    alignas(64) uint8_t meta[3 * GRANULES], other[3 * GRANULES], before[3 * GRANULES];
    for (size_t n = scaled(50000); n > 0; n--) {
        fill(&rng, before, sizeof before);
        uint64_t keep = rng_next(&rng);
        if (n < 4) /* all, none, and the two ends */
            keep = n == 3 ? ~(uint64_t)0 : n == 2 ? 0 : (uint64_t)1 << 63 | 1;
        memcpy(meta, before, sizeof meta);
        memcpy(other, before, sizeof other);
        besom__scan_keep(meta + GRANULES, keep);
        other_keep(other + GRANULES, keep);
        for (int i = 0; i < GRANULES; i++)
            if (!(keep >> i & 1))
                before[GRANULES + i] = 0;
        require(memcmp(meta, before, sizeof meta) == 0, "scan_keep");
        require(memcmp(other, before, sizeof other) == 0, "the other keep");
    }
}
END_TEST

START_TEST(clearing_clears_64_bytes_and_no_more)
{
    alignas(64) uint8_t meta[3 * GRANULES], other[3 * GRANULES], want[3 * GRANULES];
    memset(meta, 0xff, sizeof meta);
    memset(other, 0xff, sizeof other);
    memset(want, 0xff, sizeof want);
    memset(want + GRANULES, 0, GRANULES);
    besom__scan_clear(meta + GRANULES);
    other_clear(other + GRANULES);
    ck_assert_mem_eq(meta, want, sizeof want);
    ck_assert_mem_eq(other, want, sizeof want);
}
END_TEST

START_TEST(bits_are_counted)
{
    struct rng rng = {test_seed()};
    ck_assert_uint_eq(besom__count_bits(0), 0);
    ck_assert_uint_eq(besom__count_bits(~(uint64_t)0), 64);
    for (int n = 0; n < 10000; n++) {
        uint64_t word = rng_next(&rng) & rng_next(&rng);
        unsigned count = 0;
        for (int i = 0; i < 64; i++)
            count += word >> i & 1;
        require(besom__count_bits(word) == count, "count_bits");
    }
}
END_TEST

/* ---- extents ---- */

/* Objects of random sizes, some wanted, with free granules between, over WORDS words. */
struct layout {
    uint64_t starts[WORDS], ends[WORDS], wanted[WORDS];
};

static void set_bit(uint64_t *words, unsigned i)
{
    words[i / 64] |= (uint64_t)1 << i % 64;
}

static void lay_out(struct rng *rng, struct layout *l, size_t longest)
{
    memset(l, 0, sizeof *l);
    unsigned at = (unsigned)rng_below(rng, 3);
    for (;;) {
        unsigned n = 1 + (unsigned)rng_below(rng, longest);
        if (at + n > 64 * WORDS)
            return;
        set_bit(l->ends, at + n - 1);
        if (rng_below(rng, 2)) {
            set_bit(l->starts, at);
            for (unsigned i = at; i < at + n; i++)
                set_bit(l->wanted, i);
        }
        at += n + (rng_below(rng, 4) ? 0 : (unsigned)rng_below(rng, longest));
    }
}

START_TEST(extents_are_the_granules_from_start_to_end)
{
    struct rng rng = {test_seed()};
    static const size_t longest[] = {1, 2, 3, 8, 63, 64, 65, 130, 400};
    for (size_t n = scaled(20000); n > 0; n--) {
        struct layout l;
        lay_out(&rng, &l, longest[n % (sizeof longest / sizeof *longest)]);
        uint64_t carry = 0;
        for (int w = 0; w < WORDS; w++)
            require(besom__scan_extents(l.starts[w], l.ends[w], &carry) == l.wanted[w], "extents");
        require(carry == 0, "an object goes on beyond the last word");
    }
}
END_TEST

static void check_extent(uint64_t starts, uint64_t ends, uint64_t carry_in, uint64_t want,
                         uint64_t carry_out)
{
    ck_assert_uint_eq(besom__scan_extents(starts, ends, &carry_in), want);
    ck_assert_uint_eq(carry_in, carry_out);
}

START_TEST(extents_cross_words_by_carry)
{
    const uint64_t top = (uint64_t)1 << 63, all = ~(uint64_t)0;
    check_extent(top, top, 0, top, 0); /* one granule, the last */
    check_extent(1, 1, 0, 1, 0);       /* one granule, the first */
    check_extent(1, top, 0, all, 0);   /* the whole word */
    check_extent(top, 0, 0, top, 1);   /* begins in the last granule, goes on */
    check_extent(0, 0, 1, all, 1);     /* goes through */
    check_extent(0, 1, 1, 1, 0);       /* ends in the first granule */
    check_extent(0, top, 1, all, 0);   /* ends in the last granule */
    check_extent(2, 1 | top, 1, all, 0);
    check_extent(top, 1, 1, top | 1, 1);
    check_extent(0, 1 | 4, 0, 0, 0); /* the unwanted are not there */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_byte_compares_as_a_byte_does,         random_bytes_compare_as_bytes_do,
        value_outside_the_mask_is_never_equal,      bytes_without_a_bit_become_zero_and_others_stay,
        clearing_clears_64_bytes_and_no_more,       bits_are_counted,
        extents_are_the_granules_from_start_to_end, extents_cross_words_by_carry,
    };
    return run_tests("gc scan", tests, sizeof tests / sizeof *tests);
}
