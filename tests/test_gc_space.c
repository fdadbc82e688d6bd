/* test_gc_space.c - which block is taken next: the cheapest that does, and no growth before all is
 * swept. */
#include "support.h"

#include "gc/alloc.h"
#include "gc/heap.h"
#include "gc/large.h"
#include "gc/mutator.h"
#include "gc/space.h"
#include "gc/sweep.h"

#include <string.h>

enum { NODES_PER_BLOCK = BLOCK_BYTES / sizeof(struct node), PLENTY = 100 };

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

static struct besom__block *take(struct rig *rig, struct besom__space *space, unsigned granules,
                                 struct besom__taken *taken)
{
    besom__holes holes;
    struct besom__taken ignored;
    struct besom__block *block =
        besom__space_take(rig->heap, space, granules, holes, taken ? taken : &ignored);
    if (block) {
        unsigned at = 0;
        ck_assert_uint_eq(block->state, BLOCK_HELD);
        ck_assert_ptr_eq(block->space, space);
        ck_assert_uint_eq(block->swept_in, rig->heap->cycle.sweep_epoch);
        ck_assert_uint_ne(besom__holes_next(holes, &at, granules), 0);
    }
    return block;
}

static size_t n_chunks(const struct rig *rig)
{
    size_t n = 0;
    for (struct besom__chunk *c = rig->heap->blocks.chunks; c; c = c->next)
        n++;
    return n;
}

/* Everything unswept, as after marking that found the survivors of the last cycle again. */
static void all_unswept(struct rig *rig)
{
    besom__alloc_retire(besom__mutator_of(rig->m));
    besom__spaces_begin_sweep(rig->heap);
}

/* ---- lists ---- */

START_TEST(list_is_a_stack)
{
    struct besom__block blocks[3];
    struct besom__block_list list = {NULL, NULL, 0};
    ck_assert_ptr_null(besom__list_pop(&list));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            besom__list_push(&list, &blocks[i]);
            ck_assert_uint_eq(list.n, (size_t)i + 1);
            ck_assert_ptr_eq(list.last, &blocks[0]);
        }
        for (int i = 3; i-- > 0;)
            ck_assert_ptr_eq(besom__list_pop(&list), &blocks[i]);
        ck_assert_ptr_null(list.first);
        ck_assert_ptr_null(list.last);
        ck_assert_uint_eq(list.n, 0);
    }
}
END_TEST

START_TEST(sweeping_begins_with_every_block_of_every_list)
{
    struct rig rig;
    start(&rig, NULL);
    {
        BESOM_LOCALS(rig.m, struct node * list; struct pair * pair; void *large;);
        my->list = make_list(rig.m, 5 * NODES_PER_BLOCK);
        my->pair = make(rig.m, &pair_type);
        my->large = make_sized(rig.m, &blob_type, 100000);
        for (int i = 0; i < 100; i++)
            my->list = my->list->next;
        collect(rig.m);
        ck_assert_uint_eq(rig.heap->spaces.n_unswept, 0);
        uint32_t epoch = rig.heap->cycle.sweep_epoch;
        for (int twice = 0; twice < 2; twice++) {
            all_unswept(&rig);
            size_t n = 0;
            for (struct besom__space *s = rig.heap->spaces.all; s; s = s->next) {
                ck_assert_uint_eq(s->partial.n + s->swept.n, 0);
                for (struct besom__block *b = s->unswept.first; b; b = b->next) {
                    ck_assert_uint_ne(b->swept_in, rig.heap->cycle.sweep_epoch);
                    n++;
                }
            }
            ck_assert_uint_eq(n, rig.heap->spaces.n_unswept);
            ck_assert_uint_eq(n, 7);
        }
        ck_assert_uint_eq(rig.heap->cycle.sweep_epoch, epoch + 2);
        check_list(my->list, 5 * NODES_PER_BLOCK - 100);
    }
    rig_close(&rig);
}
END_TEST

/* ---- the order ---- */

START_TEST(blocks_with_room_come_before_unswept_empty_and_new_ones)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__space *small = &rig.heap->spaces.small;
    {
        BESOM_LOCALS(rig.m, struct node * full; struct node * roomy;);
        my->full = make_list(rig.m, NODES_PER_BLOCK);
        my->roomy = make_list(rig.m, NODES_PER_BLOCK);
        struct besom__block *full = besom__block_of(my->full);
        struct besom__block *roomy = besom__block_of(my->roomy);
        for (int i = 0; i < 100; i++)
            my->roomy = my->roomy->next;
        make_list(rig.m, NODES_PER_BLOCK);
        collect(rig.m);
        struct besom__taken taken;
        struct besom__block *first = take(&rig, small, 1, &taken);
        ck_assert_ptr_eq(first, roomy);
        ck_assert_uint_eq(taken.free_granules, 200);
        ck_assert(!taken.zeroed);
        besom__space_put(rig.heap, first, 200);

        all_unswept(&rig);
        first = take(&rig, small, 1, &taken); /* swept on the way, with the full one perhaps */
        ck_assert_ptr_eq(first, roomy);
        struct besom__block *second = take(&rig, small, 1, &taken);
        ck_assert_ptr_ne(second, full);
        ck_assert_uint_eq(taken.free_granules, BLOCK_GRANULES); /* an empty one */
        ck_assert_uint_eq(small->unswept.n, 0);
        besom__space_put(rig.heap, first, 200);
        besom__space_put(rig.heap, second, BLOCK_GRANULES);
        ck_assert_uint_eq(n_chunks(&rig), 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(heap_grows_only_when_nothing_is_left_to_sweep)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__space *small = &rig.heap->spaces.small;
    /* A chunk full of garbage of another space. */
    for (size_t i = 0; i < CHUNK_USABLE_BLOCKS * (size_t)BLOCK_BYTES / sizeof(struct pair); i++)
        make(rig.m, &pair_type);
    ck_assert_uint_eq(n_chunks(&rig), 1);
    ck_assert_uint_eq(rig.heap->blocks.n_empty, 0);
    ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
    struct besom__block *blocks[CHUNK_USABLE_BLOCKS];
    for (int i = 0; i < CHUNK_USABLE_BLOCKS; i++) {
        blocks[i] = take(&rig, small, 1, NULL);
        ck_assert_ptr_nonnull(blocks[i]);
        ck_assert_uint_eq(n_chunks(&rig), 1);
    }
    ck_assert_uint_eq(rig.heap->spaces.n_unswept, 0);
    struct besom__block *another = take(&rig, small, 1, NULL);
    ck_assert_uint_eq(n_chunks(&rig), 2);
    for (int i = 0; i < CHUNK_USABLE_BLOCKS; i++)
        besom__space_put(rig.heap, blocks[i], BLOCK_GRANULES);
    besom__space_put(rig.heap, another, BLOCK_GRANULES);
    rig_close(&rig);
}
END_TEST

START_TEST(no_block_that_waits_for_hooks_is_swept)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__space *small = &rig.heap->spaces.small;
    make_list(rig.m, 10 * NODES_PER_BLOCK);
    all_unswept(&rig);
    rig.heap->spaces.may_sweep = false;
    size_t n = rig.heap->spaces.n_unswept;
    struct besom__block *blocks[PLENTY];
    for (int i = 0; i < PLENTY; i++) {
        blocks[i] = take(&rig, small, 1, NULL);
        ck_assert_ptr_nonnull(blocks[i]);
    }
    ck_assert_uint_eq(rig.heap->spaces.n_unswept, n);
    for (int i = 0; i < PLENTY; i++)
        besom__space_put(rig.heap, blocks[i], BLOCK_GRANULES);
    rig.heap->spaces.may_sweep = true;
    rig_close(&rig);
}
END_TEST

/* ---- large holes ---- */

/* Ten blocks with holes of `hole` granules after survivors of 4, but one with a hole of 500. */
static struct besom__block *make_holes(struct rig *rig, struct vector *kept, size_t hole)
{
    struct besom__block *best = NULL;
    size_t n = 0;
    for (int b = 0; b < 10; b++) {
        size_t left = BLOCK_GRANULES;
        if (b == 5) {
            best = besom__block_of(kept->items[n++] = make_sized(rig->m, &blob_type, 64));
            make_sized(rig->m, &blob_type, 500 * 16);
            left -= 504;
        }
        for (; left >= 4 + hole; left -= 4 + hole) {
            kept->items[n++] = make_sized(rig->m, &blob_type, 64);
            make_sized(rig->m, &blob_type, hole * 16);
        }
        if (left)
            kept->items[n++] = make_sized(rig->m, &blob_type, left * 16);
        besom_write(rig->m, kept);
    }
    return best;
}

START_TEST(at_the_limit_the_one_large_hole_is_found_and_small_ones_are_kept)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__space *small = &rig.heap->spaces.small;
    {
        BESOM_LOCALS(rig.m, struct vector * kept;);
        my->kept = make_vector(rig.m, 10000);
        struct besom__block *best = make_holes(&rig, my->kept, 12);
        collect(rig.m);
        size_t partial = small->partial.n;
        ck_assert_uint_ge(partial, 10);
        rig.heap->config.options.heap_max_bytes = rig.heap->blocks.committed_bytes;
        ck_assert_ptr_null(take(&rig, small, 501, NULL));
        ck_assert_uint_eq(small->partial.n, partial);
        struct besom__block *found = take(&rig, small, 500, NULL);
        ck_assert_ptr_eq(found, best);
        ck_assert_uint_eq(small->partial.n, partial - 1);
        ck_assert_ptr_null(take(&rig, small, 500, NULL));
        ck_assert_ptr_null(take(&rig, small, 500, NULL));
        besom__space_put(rig.heap, found, 500);
        found = take(&rig, small, 400, NULL); /* it is known to be back */
        ck_assert_ptr_eq(found, best);
        besom__space_put(rig.heap, found, 500);
        rig.heap->config.options.heap_max_bytes = 0;
    }
    rig_close(&rig);
}
END_TEST

START_TEST(not_every_block_is_swept_for_a_large_hole_while_there_are_empty_ones)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__space *small = &rig.heap->spaces.small;
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, 30 * NODES_PER_BLOCK);
        collect(rig.m);
        all_unswept(&rig);
        size_t n = small->unswept.n;
        struct besom__taken taken;
        struct besom__block *block = take(&rig, small, 1000, &taken);
        ck_assert_uint_eq(taken.free_granules, BLOCK_GRANULES);
        ck_assert_uint_ge(small->unswept.n, n / 2);
        besom__space_put(rig.heap, block, BLOCK_GRANULES);
        check_list(my->list, 30 * NODES_PER_BLOCK);
    }
    rig_close(&rig);
}
END_TEST

/* ---- putting back ---- */

START_TEST(blocks_are_put_back_by_their_room)
{
    for (int poison = 0; poison < 2; poison++) {
        struct rig rig;
        start(&rig, poison ? "poison" : "");
        struct besom__space *small = &rig.heap->spaces.small;
        static const unsigned room[] = {0, 15, 16, 17, BLOCK_GRANULES};
        for (int i = 0; i < 5; i++) {
            struct besom__block *block = take(&rig, small, BLOCK_GRANULES, NULL);
            besom__space_put(rig.heap, block, room[i]);
            ck_assert_uint_eq(block->state, BLOCK_SMALL);
        }
        ck_assert_uint_eq(small->young_partial.n, poison ? 0 : 3);
        ck_assert_uint_eq(small->young.n, poison ? 5 : 2);
        rig_close(&rig);
    }
}
END_TEST

/* ---- spaces of types ---- */

START_TEST(type_with_its_own_blocks_has_one_space)
{
    static struct besom_type hooked_own;
    struct rig rig;
    start(&rig, NULL);
    struct besom_heap *heap = rig.heap;
    hooked_own = pair_type;
    hooked_own.destroy = hooked_type.destroy;
    ck_assert(!heap->own_blocks);
    struct besom__space *pairs = besom__space_for(heap, &pair_type);
    ck_assert(heap->own_blocks);
    ck_assert_ptr_eq(pairs->type, &pair_type);
    ck_assert(!pairs->is_hooked && !pairs->is_large);
    struct besom__space *own = besom__space_for(heap, &hooked_own);
    ck_assert_ptr_ne(own, pairs);
    ck_assert(own->is_hooked);
    ck_assert_ptr_eq(besom__space_for(heap, &pair_type), pairs);
    ck_assert_ptr_eq(besom__space_for(heap, &hooked_own), own);
    ck_assert_ptr_eq(besom__space_for(heap, &node_type), &heap->spaces.small);
    ck_assert_ptr_eq(besom__space_for(heap, &hooked_type), &heap->spaces.hooked);
    size_t n = 0;
    for (struct besom__space *s = heap->spaces.all; s; s = s->next)
        n++;
    ck_assert_uint_eq(n, 6);
    struct besom__block *block = take(&rig, pairs, 1, NULL);
    ck_assert_ptr_eq(besom__chunk_of(block)->types[block - besom__chunk_of(block)->blocks],
                     &pair_type);
    besom__space_put(heap, block, BLOCK_GRANULES);
    rig_close(&rig);
}
END_TEST

/* ---- large objects ---- */

START_TEST(dead_large_objects_are_swept_before_others_are_placed)
{
    struct rig rig;
    start(&rig, "heap_max=16m,pace=fixed");
    for (int round = 0; round < 20; round++) {
        struct vector *v = NULL;
        for (int i = 0; i < 4; i++) {
            v = besom_new_sized(rig.m, &vector_type, 3900000);
            ck_assert_ptr_nonnull(v);
        }
        ck_assert_ptr_null(besom_new_sized(rig.m, &vector_type, 3900000));
        do /* to the end of the last cycle, which has nothing to sweep, and the next one's stop */
            ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
        while (rig.heap->cycle.number == (uint64_t)round);
        ck_assert_uint_eq(rig.heap->spaces.large.unswept.n, 4);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(run_for_a_large_object_is_made_of_swept_small_blocks)
{
    struct rig rig;
    start(&rig, NULL);
    make_list(rig.m, CHUNK_USABLE_BLOCKS * NODES_PER_BLOCK);
    ck_assert_uint_eq(rig.heap->blocks.n_empty, 0);
    ck_assert_int_eq(besom_step(rig.m, 1, NULL), BESOM_OK);
    make_sized(rig.m, &blob_type, CHUNK_USABLE_BLOCKS * (size_t)BLOCK_BYTES);
    ck_assert_uint_eq(n_chunks(&rig), 1);
    rig_close(&rig);
}
END_TEST

START_TEST(memory_of_large_objects_is_zeroed)
{
    struct rig rig;
    start(&rig, NULL);
    for (int round = 0; round < 3; round++) {
        struct blob *blob = make_sized(rig.m, &blob_type, 1 << 20);
        for (size_t i = 0; i < (1 << 17) - 1; i++)
            require(blob->words[i] == 0, "memory is not zero");
        memset(blob->words, 0xff, (1 << 20) - 8);
        collect(rig.m);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        list_is_a_stack,
        sweeping_begins_with_every_block_of_every_list,
        blocks_with_room_come_before_unswept_empty_and_new_ones,
        heap_grows_only_when_nothing_is_left_to_sweep,
        no_block_that_waits_for_hooks_is_swept,
        at_the_limit_the_one_large_hole_is_found_and_small_ones_are_kept,
        not_every_block_is_swept_for_a_large_hole_while_there_are_empty_ones,
        blocks_are_put_back_by_their_room,
        type_with_its_own_blocks_has_one_space,
        dead_large_objects_are_swept_before_others_are_placed,
        run_for_a_large_object_is_made_of_swept_small_blocks,
        memory_of_large_objects_is_zeroed,
    };
    return run_tests("gc space", tests, sizeof tests / sizeof *tests);
}
