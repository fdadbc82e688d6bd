/* alloc.c - allocation behind the inline path.
 *
 * An object that the window has no room for is placed, in this order: in the rest of the hole,
 * after zeroing it a little ahead; in a further hole of the block; in a block taken from the
 * space.  Objects over OVERFLOW_MIN_BYTES do not skip holes of the main block: they have a block
 * of their own kind, the overflow block, so small objects fill small holes and large holes stay
 * whole.  Objects over MEDIUM_MAX_BYTES have blocks to themselves. */
#include "gc/alloc.h"

#include "gc/atomic.h"
#include "gc/check.h"
#include "gc/collect.h"
#include "gc/heap.h"
#include "gc/large.h"
#include "gc/mutator.h"
#include "gc/pause.h"
#include "gc/poison.h"
#include "gc/sanitize.h"
#include "gc/scan.h"
#include "gc/sweep.h"

#include <string.h>

/* Constant: it has no room and no type, so whoever finds it takes the slow path. */
struct besom_window besom__no_window;

void besom__bump_init(struct besom__bump *bump, struct besom_window *window,
                      struct besom__space *space)
{
    memset(bump, 0, sizeof *bump);
    bump->window = window;
    bump->space = space;
}

/* ---- windows ---- */

/* Makes at least `bytes` from the cursor usable; the hole has them. */
static void open_window(struct besom__mutator *m, struct besom__bump *bump, size_t bytes)
{
    struct besom_heap *heap = m->heap;
    struct besom_window *w = bump->window;
    size_t ahead = bump->zeroed ? BESOM__SMALL_MAX_BYTES : ZERO_AHEAD_BYTES;
    if (heap->exact_windows || m->arena.is_open || bytes > ahead)
        ahead = bytes;
    size_t room = (size_t)(bump->hole_end - w->cursor);
    char *limit = w->cursor + (ahead < room ? ahead : room);
    size_t fresh = (size_t)(limit - w->limit);
    besom__sanitize_use(w->limit, fresh);
    if (heap->config.options.poison)
        besom__poison_check(heap, w->limit, fresh);
    if (!bump->zeroed)
        memset(w->limit, 0, fresh);
    w->limit = limit;
}

/* Moves the window to the next hole of the block with room for n granules. */
static bool next_hole(struct besom__bump *bump, unsigned n)
{
    if (!bump->block)
        return false;
    unsigned start = bump->next_granule;
    unsigned end = besom__holes_next(bump->holes, &start, n);
    if (!end)
        return false;
    char *base = besom__block_start(bump->block);
    bump->window->cursor = bump->window->limit = base + start * (size_t)BESOM__GRANULE_BYTES;
    bump->hole_end = base + end * (size_t)BESOM__GRANULE_BYTES;
    bump->next_granule = end;
    return true;
}

/* The bytes of all holes from granule `from` on. */
static size_t hole_bytes(const besom__holes holes, unsigned from)
{
    size_t granules = 0;
    for (unsigned i = from / 64; i < BLOCK_WORDS; i++) {
        uint64_t word = i == from / 64 ? holes[i] & (~(uint64_t)0 << from % 64) : holes[i];
        granules += besom__count_bits(word);
    }
    return granules * BESOM__GRANULE_BYTES;
}

/* The trigger is counted in what is taken to allocate in, a block at a time. */
static void count(struct besom__mutator *m, size_t bytes)
{
    m->taken_bytes += bytes;
    if (besom__pace_allocate(m->heap, bytes))
        besom__u32_or(&m->pub.requests, REQUEST_COLLECT);
}

static void retire(struct besom_heap *heap, struct besom__bump *bump)
{
    struct besom_window *w = bump->window;
    if (bump->block) {
        size_t unused =
            (size_t)(bump->hole_end - w->cursor) + hole_bytes(bump->holes, bump->next_granule);
        besom__pace_settle(heap, bump->taken_bytes - unused, unused);
        besom__sanitize_free(w->cursor, (size_t)(w->limit - w->cursor));
        besom__space_put(heap, bump->block, (unsigned)(unused / BESOM__GRANULE_BYTES));
    }
    bump->block = NULL;
    w->cursor = w->limit = bump->hole_end = NULL;
}

static bool next_block(struct besom__mutator *m, struct besom__bump *bump, unsigned n)
{
    struct besom_heap *heap = m->heap;
    besom__holes holes;
    struct besom__taken taken;
    struct besom__block *block = besom__space_take(heap, bump->space, n, holes, &taken);
    if (!block)
        return false;
    retire(heap, bump);
    memcpy(bump->holes, holes, sizeof holes);
    bump->block = block;
    bump->zeroed = taken.zeroed;
    bump->next_granule = 0;
    bump->taken_bytes = taken.free_granules * (size_t)BESOM__GRANULE_BYTES;
    if (taken.was_empty && n * (size_t)BESOM__GRANULE_BYTES > OVERFLOW_MIN_BYTES)
        besom__pace_took_empty(heap);
    count(m, bump->taken_bytes);
    return next_hole(bump, n);
}

/* ---- placing an object ---- */

static void set_type(struct besom__mutator *m, void *obj, const struct besom_type *type)
{
    if (m->pub.type_words && !(type->flags & BESOM_OWN_BLOCKS))
        *(const struct besom_type **)obj = type;
}

static void set_meta(struct besom__mutator *m, void *obj, const struct besom_type *type,
                     size_t bytes, bool has_end)
{
    uint8_t *meta = besom__meta(obj);
    uint8_t first = (uint8_t)(m->pub.birth | (type->flags & BESOM__LEAF));
    size_t last = bytes / BESOM__GRANULE_BYTES - 1;
    if (bytes > BESOM__SMALL_MAX_BYTES)
        first |= BESOM__LARGE;
    if (last == 0)
        first |= BESOM__END;
    else if (has_end)
        besom__byte_store(&meta[last], BESOM__END);
    besom__byte_store(&meta[0], first);
}

/* The hole has room: opens the window as far as need be. */
static void *window_alloc(struct besom__mutator *m, struct besom__bump *bump,
                          const struct besom_type *type, size_t bytes)
{
    struct besom_window *w = bump->window;
    if ((size_t)(w->limit - w->cursor) < bytes)
        open_window(m, bump, bytes);
    char *obj = w->cursor;
    w->cursor += bytes;
    set_meta(m, obj, type, bytes, true);
    set_type(m, obj, type);
    return obj;
}

static void *overflow_alloc(struct besom__mutator *m, const struct besom_type *type, size_t bytes);

static void *bump_alloc(struct besom__mutator *m, struct besom__bump *bump,
                        const struct besom_type *type, size_t bytes)
{
    const unsigned n = (unsigned)(bytes / BESOM__GRANULE_BYTES);
    struct besom_window *w = bump->window;
    if ((size_t)(bump->hole_end - w->cursor) < bytes) {
        if (bump == &m->main && bump->block && bytes > OVERFLOW_MIN_BYTES)
            return overflow_alloc(m, type, bytes);
        if (!next_hole(bump, n) && !next_block(m, bump, n))
            return NULL;
    }
    return window_alloc(m, bump, type, bytes);
}

/* When the overflow block is full and there is no other, a hole of the main block will do. */
static void *overflow_alloc(struct besom__mutator *m, const struct besom_type *type, size_t bytes)
{
    void *obj = bump_alloc(m, &m->overflow, type, bytes);
    if (!obj && next_hole(&m->main, (unsigned)(bytes / BESOM__GRANULE_BYTES)))
        obj = window_alloc(m, &m->main, type, bytes);
    return obj;
}

static void *large_alloc(struct besom__mutator *m, const struct besom_type *type, size_t bytes)
{
    struct besom_heap *heap = m->heap;
    /* Makes the type's space known, so that the marker asks blocks for their types. */
    if (!besom__space_for(heap, type))
        return NULL;
    struct besom__block *block = besom__large_take(heap, type->destroy != NULL, type, bytes);
    if (!block)
        return NULL;
    char *obj = besom__block_start(block);
    set_type(m, obj, type);
    set_meta(m, obj, type, bytes, block->run_blocks != 0);
    besom__large_put(heap, block);
    besom__pace_settle(heap, bytes, 0);
    count(m, bytes);
    return obj;
}

/* The bump of an OWN_BLOCKS type, put where the inline path will find it. */
static struct besom__bump *typed_bump(struct besom__mutator *m, const struct besom_type *type)
{
    struct besom__typed *t = m->typed;
    while (t && t->window.type != type)
        t = t->next;
    if (!t) {
        struct besom__space *space = besom__space_for(m->heap, type);
        t = space ? besom__alloc(m->heap, sizeof *t) : NULL;
        if (!t)
            return NULL;
        besom__bump_init(&t->bump, &t->window, space);
        t->window.type = type;
        t->next = m->typed;
        m->typed = t;
    }
    m->pub.typed[besom__typed_index(type)] = &t->window;
    return &t->bump;
}

static struct besom__bump *bump_for(struct besom__mutator *m, const struct besom_type *type)
{
    if (type->flags & BESOM_OWN_BLOCKS)
        return typed_bump(m, type);
    return type->destroy ? &m->hooked : &m->main;
}

static void *place(struct besom__mutator *m, const struct besom_type *type, size_t bytes)
{
    if (bytes > MEDIUM_MAX_BYTES)
        return large_alloc(m, type, bytes);
    struct besom__bump *bump = bump_for(m, type);
    return bump ? bump_alloc(m, bump, type, bytes) : NULL;
}

/* Not a safepoint: if it takes long, what takes long is sweeping, zeroing, or the system. */
static void *try_alloc(struct besom__mutator *m, const struct besom_type *type, size_t bytes)
{
    const uint64_t begin_ns = besom__pause_watch(m);
    void *obj = NULL;
    if (!m->arena.is_open)
        obj = place(m, type, bytes);
    else if (besom__arena_reserve(m) && (obj = place(m, type, bytes)))
        besom__arena_add(m, obj);
    besom__pause_watched(m, BESOM_PAUSE_ALLOCATE, begin_ns);
    return obj;
}

/* ---- the slow path ---- */

static size_t round_up(size_t bytes)
{
    return (bytes + BESOM__GRANULE_BYTES - 1) & ~(size_t)(BESOM__GRANULE_BYTES - 1);
}

/* Small, of an ordinary type, and the main block still has a hole for it: most calls end here. */
static void *next_hole_alloc(struct besom__mutator *m, const struct besom_type *type, size_t bytes)
{
    struct besom__bump *bump = &m->main;
    struct besom_window *w = bump->window;
    if ((size_t)(bump->hole_end - w->cursor) < bytes &&
        !next_hole(bump, (unsigned)(bytes / BESOM__GRANULE_BYTES)))
        return NULL;
    return window_alloc(m, bump, type, bytes);
}

/* Everything else; may take blocks, call the host's handler, and, at alloc safepoints, collect. */
__attribute__((noinline)) static void *new_slower(struct besom_mutator *pub,
                                                  const struct besom_type *type, size_t bytes)
{
    if (besom__mutator_check_running(pub) != BESOM_OK)
        return NULL;
    struct besom__mutator *m = besom__mutator_of(pub);
    struct besom_heap *heap = m->heap;
    besom__note_entry(m);
    if (bytes == 0 || bytes > SIZE_MAX / 4)
        return NULL;
    besom__check(besom_type_check(type, pub->type_words, NULL) == BESOM_OK,
                 "a type that besom_type_check refuses");
    besom__check(bytes >= type->size_bytes, "an object smaller than its type");
    size_t rounded = round_up(bytes);
    if (m->allocs_are_safepoints)
        besom_poll(pub);
    void *obj = try_alloc(m, type, rounded);
    if (!obj && m->allocs_are_safepoints && besom__size_load(&heap->disabled) == 0) {
        besom__collect_at_limit(m);
        obj = try_alloc(m, type, rounded);
    }
    while (!obj && heap->config.on_out_of_memory &&
           heap->config.on_out_of_memory(heap->config.host, bytes))
        obj = try_alloc(m, type, rounded);
    if (!obj) {
        besom__pace_refuse(heap);
        besom__u32_or(&pub->requests, REQUEST_COLLECT);
    }
    return obj;
}

void *besom__new_slow(struct besom_mutator *pub, const struct besom_type *type, size_t bytes)
{
    struct besom__mutator *m = besom__mutator_of(pub);
    bool is_ordinary = bytes - 1 < OVERFLOW_MIN_BYTES && !(type->flags & BESOM_OWN_BLOCKS) &&
                       !type->destroy && !BESOM_DEBUG;
    if (is_ordinary && !m->allocs_are_safepoints && !m->arena.is_open) {
        void *obj = next_hole_alloc(m, type, round_up(bytes));
        if (obj)
            return obj;
    }
    return new_slower(pub, type, bytes);
}

/* ---- the end of a mutator's blocks ---- */

void besom__alloc_retire(struct besom__mutator *m)
{
    retire(m->heap, &m->main);
    retire(m->heap, &m->overflow);
    retire(m->heap, &m->hooked);
    for (struct besom__typed *t = m->typed; t; t = t->next)
        retire(m->heap, &t->bump);
}

void besom__alloc_fini(struct besom__mutator *m)
{
    while (m->typed) {
        struct besom__typed *t = m->typed;
        m->typed = t->next;
        besom__release(m->heap, t);
    }
}
