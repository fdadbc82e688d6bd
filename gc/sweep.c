/* sweep.c - finding, in the metadata alone, what is free.
 *
 * A block is swept when a mutator wants to allocate in it, or when the next cycle is about to
 * begin.  Its 4096 bytes of metadata become 64 words with a bit for each granule where a survivor
 * starts and 64 where any object ends; an addition with carry turns these into the granules that
 * survivors occupy (besom__scan_extents).  What is left over is holes, and its metadata is set to
 * 0.  Dead objects themselves are not touched. */
#include "gc/sweep.h"

#include "gc/atomic.h"
#include "gc/event.h"
#include "gc/heap.h"
#include "gc/log.h"
#include "gc/poison.h"
#include "gc/sanitize.h"
#include "gc/scan.h"

/* ---- holes ---- */

unsigned besom__holes_search(const besom__holes holes, unsigned *start, unsigned min)
{
    unsigned at = *start;
    while (at < BLOCK_GRANULES) {
        uint64_t word = holes[at / 64] & (~(uint64_t)0 << at % 64);
        if (!word) {
            at = (at / 64 + 1) * 64;
            continue;
        }
        unsigned first = at / 64 * 64 + (unsigned)__builtin_ctzll(word);
        unsigned end = first;
        for (;;) {
            uint64_t rest = ~holes[end / 64] & (~(uint64_t)0 << end % 64);
            if (rest) {
                end = end / 64 * 64 + (unsigned)__builtin_ctzll(rest);
                break;
            }
            end = (end / 64 + 1) * 64;
            if (end == BLOCK_GRANULES)
                break;
        }
        if (end - first >= min) {
            *start = first;
            return end;
        }
        at = end;
    }
    return 0;
}

/* ---- small blocks ---- */

/* What the dead of 64 granules need under poison and the sanitizers; `base` is the first's. */
static void bury(struct besom_heap *heap, char *base, uint64_t dead)
{
    while (dead) {
        unsigned first = (unsigned)__builtin_ctzll(dead);
        uint64_t rest = ~(dead >> first);
        unsigned n = rest ? (unsigned)__builtin_ctzll(rest) : 64 - first;
        char *p = base + first * (size_t)BESOM__GRANULE_BYTES;
        if (heap->config.options.poison)
            besom__poison_fill(p, n * (size_t)BESOM__GRANULE_BYTES);
        besom__sanitize_free(p, n * (size_t)BESOM__GRANULE_BYTES);
        if (first + n == 64)
            break;
        dead &= ~(uint64_t)0 << (first + n);
    }
}

/* Byte by byte, and only those that change. */
static void clear_dead(uint8_t *meta, uint64_t kept)
{
    uint64_t dying = ~besom__scan_equal(meta, 0xff, 0) & ~kept;
    for (; dying; dying &= dying - 1)
        besom__byte_store(&meta[__builtin_ctzll(dying)], 0);
}

/* 64 granules whose survivors start at `live`: clears the metadata of all others, and returns the
 * granules that survivors occupy.  stamping: mutators may be changing the stamps of survivors. */
static inline uint64_t sweep_word(uint8_t *meta, uint64_t live, uint64_t *carry, bool stamping)
{
    if (!(live | *carry)) {
        besom__scan_clear(meta);
        return 0;
    }
    uint64_t ends = besom__scan_equal(meta, BESOM__END, BESOM__END);
    uint64_t kept = besom__scan_extents(live, ends, carry);
    if (stamping)
        clear_dead(meta, kept);
    else if (~kept)
        besom__scan_keep(meta, kept);
    return kept;
}

struct besom__swept besom__sweep_small(struct besom_heap *heap, struct besom__block *block,
                                       besom__holes holes)
{
    const bool poison = heap->config.options.poison, buries = poison || SANITIZED;
    const bool unswept = block->swept_in != heap->cycle.sweep_epoch;
    const uint8_t survivor = besom__byte_load(&heap->cycle.mark_color);
    char *start = besom__block_start(block);
    uint8_t *meta = besom__meta(start);
    uint64_t carry = 0, buried_carry = 0;
    unsigned n_live = 0, n_quarantined = 0;
    for (unsigned w = 0; w < BLOCK_WORDS; w++, meta += 64) {
        uint64_t dead = 0;
        if (buries) {
            uint64_t all = ~besom__scan_equal(meta, BESOM__COLOR, 0);
            uint64_t ends = besom__scan_equal(meta, BESOM__END, BESOM__END);
            dead = besom__scan_extents(all, ends, &buried_carry);
        }
        uint64_t live = unswept ? besom__scan_equal(meta, BESOM__COLOR, survivor)
                                : ~besom__scan_equal(meta, BESOM__COLOR, 0);
        uint64_t kept = sweep_word(meta, live, &carry, heap->barriers);
        holes[w] = ~kept;
        n_live += kept ? besom__count_bits(kept) : 0;
        if (buries) {
            dead &= ~kept;
            bury(heap, start + w * 64 * (size_t)BESOM__GRANULE_BYTES, dead);
            if (poison) {
                holes[w] &= ~dead;
                n_quarantined += besom__count_bits(dead);
            }
        }
    }
    besom__u32_store_release(&block->swept_in, heap->cycle.sweep_epoch);
    return (struct besom__swept){BLOCK_GRANULES - n_live - n_quarantined, n_quarantined};
}

/* ---- large objects ---- */

bool besom__sweep_large(struct besom_heap *heap, struct besom__block *block)
{
    char *obj = besom__block_start(block);
    uint8_t *meta = besom__meta(obj), color = besom__byte_load(meta) & BESOM__COLOR;
    besom__u32_store_release(&block->swept_in, heap->cycle.sweep_epoch);
    if (color == heap->cycle.mark_color)
        return false;
    size_t last = block->object_bytes / BESOM__GRANULE_BYTES - 1;
    bool was_dead = color == 0; /* in quarantine since the cycle before */
    meta[0] = 0;
    if (block->run_blocks)
        meta[last] = 0;
    if (heap->barriers)
        besom__log_clear_cards(obj, block->object_bytes);
    if (heap->config.options.poison && !was_dead) {
        besom__poison_fill(obj, block->object_bytes);
        besom__sanitize_free(obj, block->object_bytes);
        return false;
    }
    if (was_dead) {
        besom__sanitize_use(obj, block->object_bytes);
        besom__poison_check(heap, obj, block->object_bytes);
    }
    return true;
}

/* ---- all spaces ---- */

static struct besom__space *space_with_unswept(struct besom_heap *heap)
{
    struct besom__space *space = heap->spaces.all;
    while (space && !space->unswept.n)
        space = space->next;
    return space;
}

size_t besom__sweep_some(struct besom_heap *heap, size_t max_blocks)
{
    size_t n = 0;
    for (; n < max_blocks; n++) {
        besom__block_lock_behind(heap);
        struct besom__space *space = heap->spaces.may_sweep ? space_with_unswept(heap) : NULL;
        bool did = space && besom__space_sweep_one(heap, space);
        besom__block_unlock(heap);
        if (!did)
            break;
    }
    return n;
}
