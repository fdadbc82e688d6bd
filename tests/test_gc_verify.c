/* test_gc_verify.c - each invariant's check finds what breaks that invariant, and names it.
 *
 * Every test takes a sound heap, breaks one thing by hand, asks the check whose invariant that is,
 * and puts it right again; the heap must then be sound as before. */
#include "support.h"

#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/verify.h"

#include <string.h>

typedef enum besom_status check_fn(struct besom_heap *heap, struct besom_report *report);

/* A heap with something in every kind of block, and no block held. */
struct subject {
    struct rig rig;
    struct besom_handle *handles[6];
    struct node *node;   /* the first of a list of 3 */
    struct node *pinned; /* 3 nodes further on in memory */
    struct pair *pair;
    struct hooked *hooked;
    struct vector *medium, *large, *huge;
    unsigned long calls;
};

static void open_subject(struct subject *s, const char *text)
{
    memset(s, 0, sizeof *s);
    rig_init_exact(&s->rig, text);
    rig_open(&s->rig);
    struct besom_mutator *m = s->rig.m;
    s->node = make_list(m, 3);
    s->pair = make(m, &pair_type);
    s->hooked = make_hooked(m, &s->calls);
    s->medium = make_vector(m, 2000);
    s->large = make_vector(m, 20000);
    s->huge = make_vector(m, 1 << 20);
    void *objects[] = {s->node, s->pair, s->hooked, s->medium, s->large, s->huge};
    for (size_t i = 0; i < 6; i++) {
        s->handles[i] = besom_handle_new(m, objects[i], "kept");
        ck_assert_ptr_nonnull(s->handles[i]);
    }
    s->large->items[0] = s->node;
    besom_write(m, s->large);
    make_list(m, 1000); /* some free memory, too */
    make_sized(m, &blob_type, 100000);
    collect(m);
}

static void check_sound(struct subject *s, const char *when)
{
    struct besom_report report = {{0}};
    ck_assert_msg(besom__verify(s->rig.heap, &report) == BESOM_OK, "%s: %s", when, report.text);
}

static void close_subject(struct subject *s)
{
    check_sound(s, "put right");
    rig_close(&s->rig);
}

/* The check, and the sum of all checks, report the invariant of that name. */
static void check_reports(struct subject *s, check_fn *check, const char *name, const char *what)
{
    struct besom_report report = {{0}};
    ck_assert_int_eq(check(s->rig.heap, &report), BESOM_E_INVARIANT);
    ck_assert_msg(strncmp(report.text, name, strlen(name)) == 0, "not %s: %s", name, report.text);
    ck_assert_msg(strstr(report.text, what), "no '%s' in: %s", what, report.text);
    ck_assert_int_eq(check(s->rig.heap, NULL), BESOM_E_INVARIANT);
    ck_assert_int_eq(besom__verify(s->rig.heap, NULL), BESOM_E_INVARIANT);
}

START_TEST(sound_heaps_are_found_sound)
{
    static const char *const options[] = {"", "poison", "barrier", "mark_stack=64", "heap_min=1m"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct subject s;
        open_subject(&s, options[i]);
        check_sound(&s, options[i]);
        ck_assert_int_eq(besom_step(s.rig.m, 1, NULL), BESOM_OK);
        verify(s.rig.m); /* with unswept blocks */
        make_list(s.rig.m, 1000);
        make_sized(s.rig.m, &blob_type, 100000);
        verify(s.rig.m);
        close_subject(&s);
    }
}
END_TEST

/* ---- I1 ---- */

static void breaks_edge(struct subject *s, void *slot, void *to, const char *what)
{
    void *before;
    memcpy(&before, slot, sizeof before);
    memcpy(slot, &to, sizeof to);
    check_reports(s, besom__verify_edges, "I1: ", what);
    memcpy(slot, &before, sizeof before);
}

START_TEST(edge_to_nothing_is_reported_with_its_field_and_type)
{
    struct subject s;
    open_subject(&s, NULL);
    char *free_memory = besom__block_start(besom__block_of(s.node)) + BLOCK_BYTES - 64;
    breaks_edge(&s, &s.node->other, free_memory, "field 'other' of the 'node'");
    breaks_edge(&s, &s.node->next->next, free_memory, "field 'next' of the 'node'");
    breaks_edge(&s, &s.pair->head, free_memory, "field 'head' of the 'pair'");
    breaks_edge(&s, &s.hooked->next, free_memory, "field 'next' of the 'hooked'");
    breaks_edge(&s, &s.node->other, (char *)s.node->next + 16, "not the start");
    breaks_edge(&s, &s.node->other, (char *)s.node->next + 1, "not the start");
    breaks_edge(&s, &s.node->other, (char *)s.large + 65536, "not the start");
    breaks_edge(&s, &s.node->other, besom__chunk_of(s.node), "not the start");
    breaks_edge(&s, &s.node->other, &s, "not in the heap");
    s.large->length = s.medium->length = s.huge->length = 1000;
    breaks_edge(&s, &s.medium->items[999], free_memory, "field 'item' of the 'vector'");
    breaks_edge(&s, &s.large->items[999], free_memory, "field 'item' of the 'vector'");
    breaks_edge(&s, &s.huge->items[0], free_memory, "field 'item' of the 'vector'");
    close_subject(&s);
}
END_TEST

START_TEST(edge_to_the_unswept_dead_is_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    uintptr_t hidden = ~(uintptr_t)make(s.rig.m, &node_type);
    ck_assert_int_eq(besom_step(s.rig.m, 1, NULL), BESOM_OK);
    ck_assert_uint_gt(s.rig.heap->spaces.n_unswept, 0);
    breaks_edge(&s, &s.node->other, (void *)~hidden, "dead");
    close_subject(&s);
}
END_TEST

static void visit_one(struct besom_tracer *tracer, void *data)
{
    besom_visit(tracer, *(void **)data);
}

START_TEST(roots_that_refer_to_nothing_are_reported_by_name)
{
    struct subject s;
    open_subject(&s, NULL);
    void *slots[2] = {NULL, NULL}, *visited = NULL;
    struct besom_root *range, *source, *own;
    ck_assert_int_eq(besom_root_range(s.rig.heap, slots, 2, "my range", &range), BESOM_OK);
    ck_assert_int_eq(besom_root_source(s.rig.heap, visit_one, &visited, "my source", &source),
                     BESOM_OK);
    ck_assert_int_eq(besom_mutator_root_source(s.rig.m, visit_one, &slots[0], "my own", &own),
                     BESOM_OK);
    {
        BESOM_LOCALS(s.rig.m, void *local;);
        void *nothing = (char *)s.node + 16;
        breaks_edge(&s, &my->local, nothing, "the frame '");
        breaks_edge(&s, &slots[1], nothing, "the range 'my range'");
        breaks_edge(&s, &visited, nothing, "the source 'my source'");
        breaks_edge(&s, &s.handles[0]->object, nothing, "the handle 'kept'");
        ck_assert_int_eq(besom_root_free(range), BESOM_OK);
        breaks_edge(&s, &slots[0], nothing, "the source 'my own'");
    }
    ck_assert_int_eq(besom_root_free(source), BESOM_OK);
    ck_assert_int_eq(besom_root_free(own), BESOM_OK);
    close_subject(&s);
}
END_TEST

START_TEST(references_of_leaves_and_free_memory_are_nobodys)
{
    struct subject s;
    open_subject(&s, NULL);
    struct blob *blob = make_sized(s.rig.m, &blob_type, 64);
    struct besom_handle *handle = besom_handle_new(s.rig.m, blob, "leaf");
    blob->words[0] = 0x1234;
    verify(s.rig.m);
    ck_assert_int_eq(besom_handle_free(handle), BESOM_OK);
    close_subject(&s);
}
END_TEST

/* ---- I2 ---- */

static void breaks_byte(struct subject *s, const void *granule, uint8_t value, const char *what)
{
    uint8_t *meta = besom__meta(granule), before = *meta;
    *meta = value;
    check_reports(s, besom__verify_granules, "I2: ", what);
    *meta = before;
}

START_TEST(metadata_that_describes_no_objects_is_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    const uint8_t marked = s.rig.heap->cycle.mark_color;
    char *block = besom__block_start(besom__block_of(s.node));
    breaks_byte(&s, (char *)s.node + 16, marked, "begins inside another");
    breaks_byte(&s, (char *)s.node + 16, 0, "begins inside another"); /* no end: the next begins */
    breaks_byte(&s, s.node, 0, "did not begin");
    breaks_byte(&s, (char *)s.medium + 4096, BESOM__LARGE, "has bits set");
    breaks_byte(&s, (char *)s.medium + 4096, BESOM__KEYED, "has bits set");
    breaks_byte(&s, block + BLOCK_BYTES - 16, BESOM__END, "did not begin");
    breaks_byte(&s, block + BLOCK_BYTES - 16, BESOM__LEAF, "has bits set");
    breaks_byte(&s, block + BLOCK_BYTES - 16, BESOM__STAMP, "has bits set");
    breaks_byte(&s, block + BLOCK_BYTES - 16, BESOM__YOUNG, "has no end");
    close_subject(&s);
}
END_TEST

START_TEST(objects_in_empty_blocks_are_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    struct besom__chunk *chunk = besom__chunk_of(s.node);
    unsigned i = (unsigned)__builtin_ctzll(chunk->empty);
    char *start = besom__block_start(&chunk->blocks[i]);
    breaks_byte(&s, start, BESOM__YOUNG | BESOM__END, "the empty block");
    breaks_byte(&s, start + BLOCK_BYTES - 16, BESOM__STAMP, "the empty block");
    close_subject(&s);
}
END_TEST

START_TEST(block_records_that_contradict_the_chunk_are_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    struct besom__chunk *chunk = besom__chunk_of(s.node);
    struct besom__block *block = besom__block_of(s.node);
    unsigned i = (unsigned)(block - chunk->blocks);
    chunk->empty ^= (uint64_t)1 << i;
    check_reports(&s, besom__verify_granules, "I2: ", "says it is empty");
    chunk->empty ^= (uint64_t)1 << i;
    unsigned e = (unsigned)__builtin_ctzll(chunk->empty);
    chunk->blocks[e].state = BLOCK_SMALL;
    check_reports(&s, besom__verify_granules, "I2: ", "says it is empty");
    chunk->blocks[e].state = BLOCK_EMPTY;
    block->state = BLOCK_EMPTY;
    check_reports(&s, besom__verify_granules, "I2: ", "says it is in use");
    block->state = BLOCK_SMALL;
    close_subject(&s);
}
END_TEST

START_TEST(large_objects_of_impossible_size_are_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    struct besom__block *blocks[] = {besom__block_of(s.large), besom__block_of(s.huge)};
    for (int i = 0; i < 2; i++) {
        size_t bytes = blocks[i]->object_bytes;
        blocks[i]->object_bytes = 0;
        check_reports(&s, besom__verify_granules, "I2: ", "the large object");
        blocks[i]->object_bytes = bytes;
    }
    size_t bytes = blocks[0]->object_bytes;
    blocks[0]->object_bytes = blocks[0]->run_blocks * (size_t)BLOCK_BYTES + 16;
    check_reports(&s, besom__verify_granules, "I2: ", "the large object");
    blocks[0]->object_bytes = bytes;
    close_subject(&s);
}
END_TEST

/* ---- I3 ---- */

static void breaks_stamp(struct subject *s, const void *obj, unsigned stamp)
{
    uint8_t *meta = besom__meta(obj), before = *meta;
    *meta = (uint8_t)((before & ~BESOM__STAMP) | stamp << 6);
    check_reports(s, besom__verify_stamps, "I3: ", "bears stamp");
    *meta = before;
}

START_TEST(stamps_of_no_epoch_are_reported)
{
    struct subject s;
    open_subject(&s, "barrier");
    unsigned past = 3u - s.rig.heap->cycle.epoch;
    breaks_stamp(&s, s.node, 3);
    breaks_stamp(&s, s.node, past);
    breaks_stamp(&s, s.pair, past);
    breaks_stamp(&s, s.large, 3);
    breaks_stamp(&s, s.huge, past);
    breaks_stamp(&s, s.hooked, past);
    /* The present epoch's is right for whatever was written, 3 for what was destroyed. */
    besom_write(s.rig.m, s.node);
    *besom__meta(s.hooked) |= BESOM__DESTROYED;
    check_sound(&s, "right stamps");
    *besom__meta(s.hooked) &= (uint8_t)~BESOM__STAMP;
    close_subject(&s);
}
END_TEST

/* ---- I6 ---- */

START_TEST(swept_block_among_the_unswept_is_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    make_list(s.rig.m, 10000);
    ck_assert_int_eq(besom_step(s.rig.m, 1, NULL), BESOM_OK);
    besom_poll(s.rig.m);
    struct besom_heap *heap = s.rig.heap;
    struct besom__space *spaces[] = {&heap->spaces.small, &heap->spaces.large,
                                     &heap->spaces.hooked};
    for (int i = 0; i < 3; i++) {
        struct besom__block *block = spaces[i]->unswept.last;
        ck_assert_ptr_nonnull(block);
        uint32_t before = block->swept_in;
        block->swept_in = heap->cycle.sweep_epoch;
        check_reports(&s, besom__verify_nothing_reused, "I6: ", "in a list of unswept");
        block->swept_in = before;
    }
    close_subject(&s);
}
END_TEST

START_TEST(sweeping_while_hooks_wait_is_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    make_hooked(s.rig.m, &s.calls);
    ck_assert_int_eq(besom_step(s.rig.m, 1, NULL), BESOM_OK);
    struct besom_heap *heap = s.rig.heap;
    ck_assert_uint_eq(heap->cycle.phase, BESOM_FINALIZE);
    ck_assert(!heap->spaces.may_sweep);
    check_sound(&s, "hooks wait");
    heap->spaces.may_sweep = true;
    check_reports(&s, besom__verify_nothing_reused, "I6: ", "hooks wait");
    heap->spaces.may_sweep = false;
    close_subject(&s);
}
END_TEST

/* ---- I8 ---- */

static void breaks_count(struct subject *s, size_t *count)
{
    static const size_t deltas[] = {1, (size_t)-1, BLOCK_BYTES};
    for (int i = 0; i < 3; i++) {
        *count += deltas[i];
        check_reports(s, besom__verify_blocks, "I8: ", "");
        *count -= deltas[i];
    }
}

START_TEST(wrong_counts_are_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    struct besom_heap *heap = s.rig.heap;
    breaks_count(&s, &heap->blocks.committed_bytes);
    breaks_count(&s, &heap->blocks.n_empty);
    breaks_count(&s, &heap->blocks.n_empty_resident);
    breaks_count(&s, &heap->spaces.n_unswept);
    for (struct besom__space *space = heap->spaces.all; space; space = space->next) {
        breaks_count(&s, &space->unswept.n);
        breaks_count(&s, &space->partial.n);
        breaks_count(&s, &space->swept.n);
    }
    close_subject(&s);
}
END_TEST

START_TEST(lost_and_misplaced_blocks_are_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    struct besom_heap *heap = s.rig.heap;
    struct besom__space *small = &heap->spaces.small, *hooked = &heap->spaces.hooked;
    struct besom__block_list *list = small->partial.first ? &small->partial : &small->swept;
    struct besom__block *block = besom__list_pop(list);
    check_reports(&s, besom__verify_blocks, "I8: ", "committed");
    besom__list_push(&hooked->partial, block);
    check_reports(&s, besom__verify_blocks, "I8: ", "not its own");
    besom__list_pop(&hooked->partial);
    besom__list_push(list, block);
    block->state = BLOCK_HELD;
    check_reports(&s, besom__verify_blocks, "I8: ", "in state");
    block->state = BLOCK_SMALL;
    struct besom__block *last = list->last;
    list->last = NULL;
    check_reports(&s, besom__verify_blocks, "I8: ", "list has");
    list->last = last;
    close_subject(&s);
}
END_TEST

START_TEST(wrong_residence_is_reported)
{
    struct subject s;
    open_subject(&s, NULL);
    struct besom__chunk *chunk = besom__chunk_of(s.node);
    struct besom__block *empty = &chunk->blocks[__builtin_ctzll(chunk->empty)];
    empty->resident = !empty->resident;
    check_reports(&s, besom__verify_blocks, "I8: ", "resident");
    empty->resident = !empty->resident;
    close_subject(&s);
}
END_TEST

/* ---- the option, and the public call ---- */

START_TEST(broken_invariant_is_an_event_around_cycles_and_a_status_of_verify)
{
    struct subject s;
    open_subject(&s, "verify");
    struct besom_report report;
    s.rig.watch.expected = 1u << BESOM_EVENT_INVARIANT;
    unsigned long before = watch_count(&s.rig.watch, BESOM_EVENT_INVARIANT);
    ck_assert_uint_eq(before, 0);
    s.rig.heap->blocks.n_empty++;
    ck_assert_int_eq(besom_verify(s.rig.m, &report), BESOM_E_INVARIANT);
    ck_assert_int_eq(strncmp(report.text, "I8: ", 4), 0);
    ck_assert_int_eq(besom_verify(s.rig.m, NULL), BESOM_E_INVARIANT);
    ck_assert_uint_eq(watch_count(&s.rig.watch, BESOM_EVENT_INVARIANT), 0);
    collect(s.rig.m);
    ck_assert_uint_eq(watch_count(&s.rig.watch, BESOM_EVENT_INVARIANT), 2);
    ck_assert_ptr_nonnull(strstr(s.rig.watch.text[BESOM_EVENT_INVARIANT], "after a cycle: I8"));
    s.rig.heap->blocks.n_empty--;
    ck_assert_uint_eq(s.rig.heap->findings, 2);
    close_subject(&s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sound_heaps_are_found_sound,
        edge_to_nothing_is_reported_with_its_field_and_type,
        edge_to_the_unswept_dead_is_reported,
        roots_that_refer_to_nothing_are_reported_by_name,
        references_of_leaves_and_free_memory_are_nobodys,
        metadata_that_describes_no_objects_is_reported,
        objects_in_empty_blocks_are_reported,
        block_records_that_contradict_the_chunk_are_reported,
        large_objects_of_impossible_size_are_reported,
        stamps_of_no_epoch_are_reported,
        swept_block_among_the_unswept_is_reported,
        sweeping_while_hooks_wait_is_reported,
        wrong_counts_are_reported,
        lost_and_misplaced_blocks_are_reported,
        wrong_residence_is_reported,
        broken_invariant_is_an_event_around_cycles_and_a_status_of_verify,
    };
    return run_tests("gc verify", tests, sizeof tests / sizeof *tests);
}
