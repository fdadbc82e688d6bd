/* space.c - which block to allocate in next.
 *
 * The order, from the cheapest to the dearest: a block known to have room; an unswept block of the
 * same space, swept on the way; an empty block; sweeping other spaces until one of their blocks
 * comes out empty; a new chunk.  So a heap grows only when nothing is left to sweep, and blocks
 * used lately are used again first.
 *
 * In a heap that is full of what lives, sweeping until there is a hole may mean all of it.  Where
 * pauses are to be short a search ends after some blocks, and memory is taken instead, a block for
 * each some: the rest is swept by whoever sweeps beside. */
#include "gc/space.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/sanitize.h"
#include "gc/sweep.h"

#include <string.h>

enum {
    PARTIAL_MIN_GRANULES = 16, /* less room than this is not worth looking for */
    ANY_HOLE_GRANULES = 16,    /* up to this size, most blocks with room have a hole for it */
    TRIES = 8,                 /* blocks swept for a larger hole before an empty one is taken */
    PATIENCE = 64              /* blocks swept in a search where pauses are short: about 50 us */
};

/* ---- lists ---- */

void besom__list_push(struct besom__block_list *list, struct besom__block *block)
{
    block->next = list->first;
    if (!list->first)
        list->last = block;
    list->first = block;
    list->n++;
}

static void list_append(struct besom__block_list *list, struct besom__block *block)
{
    block->next = NULL;
    if (list->last)
        list->last->next = block;
    else
        list->first = block;
    list->last = block;
    list->n++;
}

struct besom__block *besom__list_pop(struct besom__block_list *list)
{
    struct besom__block *block = list->first;
    if (!block)
        return NULL;
    list->first = block->next;
    if (!list->first)
        list->last = NULL;
    list->n--;
    return block;
}

struct besom__block_list *besom__space_list(struct besom__space *space, unsigned i,
                                            const char **name)
{
    static const char *const names[] = {"unswept", "partial", "swept", "young partial", "young"};
    struct besom__block_list *const lists[] = {&space->unswept, &space->partial, &space->swept,
                                               &space->young_partial, &space->young};
    *name = names[i];
    return lists[i];
}

/* Moves all of `from` in front of `to`. */
static void list_join(struct besom__block_list *to, struct besom__block_list *from)
{
    if (!from->first)
        return;
    from->last->next = to->first;
    if (!to->first)
        to->last = from->last;
    to->first = from->first;
    to->n += from->n;
    memset(from, 0, sizeof *from);
}

/* ---- spaces ---- */

void besom__spaces_init(struct besom_heap *heap)
{
    struct besom__spaces *s = &heap->spaces;
    struct besom__space *order[] = {&s->large, &s->hooked_large, &s->small, &s->hooked, NULL};
    s->hooked.is_hooked = s->hooked_large.is_hooked = true;
    s->large.is_large = s->hooked_large.is_large = true;
    s->may_sweep = true;
    s->all = order[0];
    for (int i = 0; order[i]; i++)
        order[i]->next = order[i + 1];
}

static bool is_built_in(const struct besom_heap *heap, const struct besom__space *space)
{
    const struct besom__spaces *s = &heap->spaces;
    return space == &s->small || space == &s->hooked || space->is_large;
}

void besom__spaces_fini(struct besom_heap *heap)
{
    while (heap->spaces.all) {
        struct besom__space *space = heap->spaces.all;
        heap->spaces.all = space->next;
        if (!is_built_in(heap, space))
            besom__release(heap, space);
    }
}

static struct besom__space *own_space(struct besom_heap *heap, const struct besom_type *type)
{
    for (struct besom__space *s = heap->spaces.all; s; s = s->next)
        if (s->type == type)
            return s;
    struct besom__space *space = besom__alloc(heap, sizeof *space);
    if (!space)
        return NULL;
    space->type = type;
    space->is_hooked = type->destroy != NULL;
    space->next = heap->spaces.hooked.next;
    besom__ptr_store_release((void **)&heap->spaces.hooked.next, space);
    besom__u32_store_release(&heap->own_blocks, 1);
    return space;
}

struct besom__space *besom__space_for(struct besom_heap *heap, const struct besom_type *type)
{
    if (!(type->flags & BESOM_OWN_BLOCKS))
        return type->destroy ? &heap->spaces.hooked : &heap->spaces.small;
    besom__block_lock(heap);
    struct besom__space *space = own_space(heap, type);
    besom__block_unlock(heap);
    return space;
}

/* Blocks in which there may be room. */
static size_t n_roomy(const struct besom_heap *heap)
{
    size_t n = 0;
    for (const struct besom__space *s = heap->spaces.all; s; s = s->next)
        n += s->unswept.n + s->partial.n + s->young_partial.n;
    return n;
}

void besom__spaces_begin_sweep(struct besom_heap *heap)
{
    /* Threads without a mutator, which no stop holds, ask under this lock what is dead. */
    besom__block_lock(heap);
    const bool minor = heap->cycle.minor;
    size_t n = 0;
    if (!minor)
        heap->cycle.sweep_epoch++;
    for (struct besom__space *s = heap->spaces.all; s; s = s->next) {
        list_join(&s->unswept, &s->young_partial);
        list_join(&s->unswept, &s->young);
        if (!minor) {
            list_join(&s->unswept, &s->partial);
            list_join(&s->unswept, &s->swept);
        }
        for (struct besom__block *b = s->unswept.first; minor && b; b = b->next)
            besom__u32_store_release(&b->swept_in, heap->cycle.sweep_epoch - 1);
        n += s->unswept.n;
    }
    besom__size_store(&heap->spaces.n_unswept, n);
    besom__size_store(&heap->spaces.n_roomy, n_roomy(heap));
    besom__block_unlock(heap);
}

static void rejuvenate(struct besom_heap *heap, struct besom__block *block, size_t n_granules)
{
    uint8_t *meta = besom__meta(besom__block_start(block));
    for (size_t i = 0; i < n_granules; i++) {
        uint8_t color = meta[i] & BESOM__COLOR;
        if (color && color != heap->cycle.mark_color)
            meta[i] = (uint8_t)((meta[i] & ~BESOM__COLOR) | BESOM__YOUNG);
    }
    besom__u32_store_release(&block->swept_in, heap->cycle.sweep_epoch);
}

void besom__spaces_undo_sweep(struct besom_heap *heap)
{
    for (struct besom__space *s = heap->spaces.all; s; s = s->next) {
        for (struct besom__block *b = s->unswept.first; b; b = b->next) {
            rejuvenate(heap, b, s->is_large ? 1 : BLOCK_GRANULES);
            b->young = true;
        }
        list_join(&s->young, &s->unswept);
    }
    besom__size_store(&heap->spaces.n_unswept, 0);
    heap->spaces.may_sweep = true;
}

/* ---- one block ---- */

static struct besom__block *pop_unswept(struct besom_heap *heap, struct besom__space *space)
{
    struct besom__block *block = besom__list_pop(&space->unswept);
    if (block) {
        besom__size_store(&heap->spaces.n_unswept, heap->spaces.n_unswept - 1);
        heap->spaces.swept_blocks++;
    }
    return block;
}

/* Fuller blocks come first: they are filled, and the others may become empty. */
static void list_partial(struct besom__space *space, struct besom__block *block,
                         unsigned free_granules)
{
    struct besom__block_list *list = block->young ? &space->young_partial : &space->partial;
    besom__byte_store(&block->state, BLOCK_SMALL);
    space->partial_longest = BLOCK_GRANULES;
    if (free_granules < BLOCK_GRANULES / 2)
        besom__list_push(list, block);
    else
        list_append(list, block);
}

static void list_swept(struct besom__space *space, struct besom__block *block)
{
    besom__byte_store(&block->state, BLOCK_SMALL);
    besom__list_push(block->young ? &space->young : &space->swept, block);
}

/* Puts a swept small block where it belongs. */
static void file(struct besom_heap *heap, struct besom__space *space, struct besom__block *block,
                 const struct besom__swept *swept)
{
    if (swept->free_granules == BLOCK_GRANULES)
        besom__blocks_release(heap, block, 1);
    else if (swept->free_granules >= PARTIAL_MIN_GRANULES && !swept->quarantined_granules)
        list_partial(space, block, swept->free_granules);
    else
        list_swept(space, block);
}

/* Block lock held, and let go of while the metadata is read. */
static struct besom__swept sweep_unlocked(struct besom_heap *heap, struct besom__block *block,
                                          besom__holes holes)
{
    const bool was_unswept = block->swept_in != heap->cycle.sweep_epoch;
    besom__byte_store(&block->state, BLOCK_HELD);
    besom__block_unlock(heap);
    struct besom__swept swept = besom__sweep_small(heap, block, holes);
    besom__block_lock(heap);
    if (was_unswept)
        block->young = false;
    return swept;
}

bool besom__space_sweep_one(struct besom_heap *heap, struct besom__space *space)
{
    struct besom__block *block = pop_unswept(heap, space);
    if (!block)
        return false;
    if (!space->is_large) {
        besom__holes holes;
        struct besom__swept swept = sweep_unlocked(heap, block, holes);
        file(heap, space, block, &swept);
    } else if (!besom__sweep_large(heap, block)) {
        block->young = false;
        besom__list_push(&space->swept, block);
    } else if (block->run_blocks) {
        besom__blocks_release(heap, block, block->run_blocks);
    } else {
        besom__huge_release(heap, block);
    }
    return true;
}

/* ---- taking small blocks ---- */

static bool fits(const besom__holes holes, const struct besom__swept *swept, unsigned min_granules)
{
    unsigned start = 0;
    return swept->free_granules >= min_granules &&
           besom__holes_next(holes, &start, min_granules) != 0;
}

static struct besom__block *pop_partial(struct besom__space *space)
{
    struct besom__block *block = besom__list_pop(&space->partial);
    return block ? block : besom__list_pop(&space->young_partial);
}

/* The first block of a list that has a hole, of max_tries; the others are filed. */
static struct besom__block *take_listed(struct besom_heap *heap, struct besom__space *space,
                                        bool from_partial, size_t max_tries, unsigned min_granules,
                                        besom__holes holes, struct besom__taken *taken)
{
    for (size_t i = 0; i < max_tries; i++) {
        struct besom__block *block = from_partial ? pop_partial(space) : pop_unswept(heap, space);
        if (!block)
            break;
        struct besom__swept swept = sweep_unlocked(heap, block, holes);
        if (fits(holes, &swept, min_granules)) {
            *taken = (struct besom__taken){swept.free_granules, false, false};
            return block;
        }
        if (from_partial)
            list_swept(space, block);
        else
            file(heap, space, block, &swept);
    }
    return NULL;
}

/* The last resort for a large hole: looks through all blocks known to have room, and leaves those
 * that do not do where they are.  partial_longest remembers what was not found, so that this is
 * not done again and again. */
static struct besom__block *search_partial(struct besom_heap *heap, struct besom__space *space,
                                           unsigned min_granules, besom__holes holes,
                                           struct besom__taken *taken)
{
    struct besom__block_list kept = {0}, kept_young = {0};
    struct besom__block *block = NULL, *found = NULL;
    while (min_granules <= space->partial_longest && !found &&
           (block = pop_partial(space)) != NULL) {
        struct besom__swept swept = besom__sweep_small(heap, block, holes);
        if (fits(holes, &swept, min_granules)) {
            *taken = (struct besom__taken){swept.free_granules, false, false};
            found = block;
        } else {
            besom__list_push(block->young ? &kept_young : &kept, block);
        }
    }
    list_join(&space->partial, &kept);
    list_join(&space->young_partial, &kept_young);
    if (!found && min_granules <= space->partial_longest)
        space->partial_longest = min_granules - 1;
    return found;
}

static struct besom__block *take_empty(struct besom_heap *heap, struct besom__space *space,
                                       bool may_grow, besom__holes holes,
                                       struct besom__taken *taken)
{
    struct besom__block *block = besom__blocks_acquire(heap, 1, may_grow, &taken->zeroed);
    if (!block)
        return NULL;
    taken->free_granules = BLOCK_GRANULES;
    taken->was_empty = true;
    block->space = space;
    besom__u32_store_release(&block->swept_in, heap->cycle.sweep_epoch);
    besom__chunk_of(block)->types[block - besom__chunk_of(block)->blocks] = space->type;
    memset(holes, 0xff, sizeof(besom__holes));
    return block;
}

void besom__spaces_sweep_for_empty(struct besom_heap *heap, size_t n)
{
    size_t want = heap->blocks.n_empty + n;
    for (struct besom__space *s = heap->spaces.all; s; s = s->next)
        while (heap->blocks.n_empty < want && besom__space_sweep_one(heap, s))
            ;
}

/* A heap that nears its limit must not be fragmented: it fills its fullest blocks first, so it has
 * to know them all. */
static bool is_tight(const struct besom_heap *heap)
{
    size_t max = heap->config.options.heap_max_bytes;
    return max && heap->blocks.committed_bytes > max - max / 8;
}

static struct besom__block *take(struct besom_heap *heap, struct besom__space *space,
                                 unsigned min_granules, besom__holes holes,
                                 struct besom__taken *taken)
{
    const bool may_sweep = heap->spaces.may_sweep;
    const bool any_hole = min_granules <= ANY_HOLE_GRANULES;
    const size_t patience = heap->beside ? PATIENCE : SIZE_MAX;
    struct besom__block *block = NULL;
    if (may_sweep && is_tight(heap))
        while (besom__space_sweep_one(heap, space))
            ;
    if (any_hole)
        block = take_listed(heap, space, true, SIZE_MAX, min_granules, holes, taken);
    if (!block && may_sweep)
        block = take_listed(heap, space, false, any_hole ? patience : TRIES, min_granules, holes,
                            taken);
    if (!block)
        block = take_empty(heap, space, heap->beside, holes, taken);
    if (!block && may_sweep)
        block = take_listed(heap, space, false, SIZE_MAX, min_granules, holes, taken);
    if (!block && may_sweep) {
        besom__spaces_sweep_for_empty(heap, 1);
        block = take_empty(heap, space, false, holes, taken);
    }
    if (!block)
        block = take_empty(heap, space, true, holes, taken);
    if (!block)
        block = search_partial(heap, space, min_granules, holes, taken);
    if (block) {
        besom__byte_store(&block->state, BLOCK_HELD);
        block->young = true;
    }
    return block;
}

struct besom__block *besom__space_take(struct besom_heap *heap, struct besom__space *space,
                                       unsigned min_granules, besom__holes holes,
                                       struct besom__taken *taken)
{
    besom__block_lock(heap);
    struct besom__block *block = take(heap, space, min_granules, holes, taken);
    besom__size_store(&heap->spaces.n_roomy, n_roomy(heap));
    besom__block_unlock(heap);
    return block;
}

void besom__space_put(struct besom_heap *heap, struct besom__block *block, unsigned free_granules)
{
    besom__block_lock(heap);
    /* Under poison, looking at the block again would end the quarantine of its dead early. */
    if (free_granules >= PARTIAL_MIN_GRANULES && !heap->config.options.poison)
        list_partial(block->space, block, free_granules);
    else
        list_swept(block->space, block);
    besom__block_unlock(heap);
}
