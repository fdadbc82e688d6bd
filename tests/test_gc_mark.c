/* test_gc_mark.c - every reference is followed, every object is counted, whatever the stack holds. */
#include "support.h"

#include "gc/alloc.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "gc/walk.h"

#include <stdlib.h>

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

static bool is_alive(const struct rig *rig, uintptr_t hidden)
{
    return besom_owns(rig->heap, (void *)~hidden);
}

/* ---- every reference ---- */

enum { FIELDS = 40 };

START_TEST(every_field_alone_keeps_its_object)
{
    /* With all fields in the map, each in turn is the only one that is not NULL. */
    struct besom_field fields[FIELDS];
    struct besom_type type = {.name = "record",
                              .size_bytes = (FIELDS + 1) * sizeof(void *),
                              .fields = fields,
                              .n_fields = FIELDS};
    for (uint32_t i = 0; i < FIELDS; i++)
        fields[i] = (struct besom_field){"f", (i + 1) * (uint32_t)sizeof(void *)};
    struct rig rig;
    start(&rig, NULL);
    {
        BESOM_LOCALS(rig.m, void **record;);
        for (size_t n = 1; n <= FIELDS; n++) {
            type.n_fields = n;
            for (size_t i = 1; i <= n; i++) {
                my->record = make(rig.m, &type);
                my->record[i] = make(rig.m, &node_type);
                collect(rig.m);
                require(count_objects(rig.m, &node_type) == 1, "a field was not followed");
                my->record[i] = NULL;
            }
        }
    }
    rig_close(&rig);
}
END_TEST

/* Every element of arrays of n keeps its object, with a stack of so many entries. */
static void check_array(const char *options, size_t n)
{
    struct rig rig;
    start(&rig, options);
    {
        BESOM_LOCALS(rig.m, struct vector * v;);
        my->v = make_vector(rig.m, n);
        for (size_t i = 0; i < n; i++) {
            struct node *node = make(rig.m, &node_type);
            node->id = i;
            node->next = make(rig.m, &node_type);
            my->v->items[i] = node;
        }
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 2 * n);
        for (size_t i = 0; i < n; i++)
            require(((struct node *)my->v->items[i])->id == i, "an element was lost");
        ck_assert_uint_eq(stats_of(rig.heap).live_objects, 2 * n + 1);
    }
    rig_close(&rig);
}

START_TEST(every_element_keeps_its_object)
{
    static const size_t lengths[] = {1,   2,   15,  16,  255, 256,  257,  258,
                                     511, 512, 513, 767, 768, 1025, 5000, 100000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        check_array("mark_threads=1", lengths[i]);
        check_array("mark_threads=1,mark_stack=64", lengths[i]);
        check_array("mark_threads=1,slow", lengths[i]);
    }
}
END_TEST

START_TEST(leaves_are_not_looked_into)
{
    struct rig rig;
    start(&rig, NULL);
    {
        BESOM_LOCALS(rig.m, struct blob * leaf;);
        my->leaf = make_sized(rig.m, &blob_type, 64);
        my->leaf->words[0] = (uintptr_t)make(rig.m, &node_type);
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 1);
    }
    rig_close(&rig);
}
END_TEST

/* ---- colors and counts ---- */

START_TEST(marked_objects_bear_the_color_of_the_cycle)
{
    struct rig rig;
    start(&rig, NULL);
    {
        BESOM_LOCALS(rig.m, struct node * list; struct blob * leaf; struct vector * large;);
        my->list = make_list(rig.m, 100);
        my->leaf = make_sized(rig.m, &blob_type, 16);
        my->large = make_vector(rig.m, 50000);
        for (int i = 0; i < 4; i++) {
            uint8_t before = rig.heap->cycle.mark_color;
            collect(rig.m);
            uint8_t color = rig.heap->cycle.mark_color;
            ck_assert_uint_eq(color, 5 - before);
            for (struct node *n = my->list; n; n = n->next)
                require(*besom__meta(n) == color, "the color, and the stamp gone");
            ck_assert_uint_eq(*besom__meta(my->leaf), color | BESOM__LEAF | BESOM__END);
            ck_assert_uint_eq(*besom__meta(my->large), color | BESOM__LARGE);
            ck_assert(besom__is_marked(rig.heap, my->large));
            struct node *young = make(rig.m, &node_type);
            ck_assert(!besom__is_marked(rig.heap, young));
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(one_marker_counts_exactly)
{
    static const size_t sizes[] = {16, 32, 48, 128, 129, 1000, 8192, 8193, 30000, 70000, 5 << 20};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    struct rig rig;
    start(&rig, "mark_threads=1");
    {
        BESOM_LOCALS(rig.m, void *kept[SIZES];);
        size_t bytes = 0;
        for (size_t i = 0; i < SIZES; i++) {
            my->kept[i] = make_sized(rig.m, &blob_type, sizes[i]);
            make_sized(rig.m, &blob_type, sizes[i]);
            bytes += besom_size(my->kept[i]);
        }
        for (int i = 0; i < 3; i++) {
            collect(rig.m);
            ck_assert_uint_eq(stats_of(rig.heap).live_bytes, bytes);
            ck_assert_uint_eq(stats_of(rig.heap).live_objects, SIZES);
            ck_assert_uint_eq(rig.heap->pace.live_bytes, bytes);
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- quanta ---- */

static void visit_slot(struct besom_tracer *tracer, void *data)
{
    besom_visit(tracer, *(void **)data);
}

/* Marks by hand what a range of roots holds; the marks are as a cycle leaves them. */
static void begin_marking(struct rig *rig)
{
    besom__alloc_retire(besom__mutator_of(rig->m));
    besom__mark_begin(rig->heap, false);
}

static void end_marking(struct rig *rig)
{
    besom__spaces_begin_sweep(rig->heap);
}

static void check_quanta(size_t n, size_t first, size_t step)
{
    struct rig rig;
    start(&rig, "mark_threads=1");
    struct besom_heap *heap = rig.heap;
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, n);
        begin_marking(&rig);
        struct besom__marker *marker = besom__mark_self(heap);
        visit_slot(&marker->tracer, &my->list);
        for (size_t marked = 0, quantum = first; marked < n; quantum += step) {
            bool more = besom__mark_some(heap, quantum);
            size_t now = marker->live_objects;
            require(now <= marked + quantum, "more than was asked for");
            require(now > marked, "no progress");
            marked = now;
            require(more || marked == n, "an early end");
        }
        ck_assert(!besom__mark_some(heap, 10));
        end_marking(&rig);
    }
    collect(rig.m);
    rig_close(&rig);
}

START_TEST(quantum_of_marking_is_bounded)
{
    check_quanta(1000, 1, 1);
    check_quanta(1000, 1, 0);
    check_quanta(20000, 700, 100);
}
END_TEST

/* ---- overflow ---- */

/* A node of a wide, randomly wired graph. */
enum { EDGES = 30 };

static const struct besom_type *graph_type(void)
{
    static struct besom_field fields[EDGES];
    static struct besom_type type = {.name = "vertex",
                                     .size_bytes = (EDGES + 1) * sizeof(void *),
                                     .fields = fields,
                                     .n_fields = EDGES};
    for (uint32_t i = 0; i < EDGES; i++)
        fields[i] = (struct besom_field){"edge", (i + 1) * (uint32_t)sizeof(void *)};
    return &type;
}

/* n vertices reachable from the one returned, each with random edges; as many are garbage. */
static void **make_graph(struct besom_mutator *m, struct rng *rng, size_t n)
{
    void ***all = malloc(n * sizeof *all);
    ck_assert_ptr_nonnull(all);
    for (size_t i = 0; i < n; i++) {
        all[i] = make(m, graph_type());
        void **garbage = make(m, graph_type());
        garbage[1] = all[i];
        if (i > 0) /* a tree keeps it reachable */
            all[(i - 1) / (EDGES / 2)][1 + (i - 1) % (EDGES / 2)] = all[i];
    }
    for (size_t i = 0; i < n; i++)
        for (size_t e = EDGES / 2; e < EDGES; e++)
            all[i][1 + e] = all[rng_below(rng, n)];
    void **root = all[0];
    free(all);
    return root;
}

static void check_graph(const char *options, size_t n, int cycles, bool overflows)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    start(&rig, options);
    {
        BESOM_LOCALS(rig.m, void **root;);
        my->root = make_graph(rig.m, &rng, n);
        for (int i = 0; i < cycles; i++) {
            collect(rig.m);
            ck_assert_uint_eq(count_objects(rig.m, NULL), n);
            ck_assert_uint_ge(stats_of(rig.heap).live_objects, n);
            verify(rig.m);
        }
        ck_assert_int_eq(stats_of(rig.heap).mark_overflows > 0, overflows);
    }
    rig_close(&rig);
}

START_TEST(overflowing_stack_loses_nothing)
{
    check_graph("mark_threads=1,mark_stack=64", scaled(30000), 3, true);
    check_graph("mark_threads=1,mark_stack=64,slow", scaled(3000), 2, true);
    check_graph("mark_threads=1,mark_stack=1000", scaled(30000), 3, scaled(30000) > 1000);
}
END_TEST

START_TEST(segments_take_what_the_stack_cannot)
{
    check_graph("mark_threads=1,mark_stack=16000000", scaled(30000), 3, false);
}
END_TEST

/* Helpers are called for after 32 Ki objects. */
static size_t for_helpers(void)
{
    return 36000 + scaled(64000);
}

START_TEST(helpers_lose_nothing)
{
    check_graph("mark_threads=4", for_helpers(), 3, false);
}
END_TEST

START_TEST(helpers_lose_nothing_when_segments_run_out)
{
    int n = (int)scaled(6) + 1;
    /* Room for one segment, for two, for a few. */
    check_graph("mark_threads=4,mark_stack=1536", for_helpers(), n, true);
    check_graph("mark_threads=2,mark_stack=2048", for_helpers(), n, true);
    check_graph("mark_threads=4,mark_stack=4096", for_helpers(), n, true);
}
END_TEST

START_TEST(array_amid_an_overflow_is_traced_to_its_end)
{
    /* Elements fill the stack while the rest of their array waits on it. */
    struct rig rig;
    start(&rig, "mark_threads=1,mark_stack=64");
    enum { ARRAYS = 20, LENGTH = 1000 };
    {
        BESOM_LOCALS(rig.m, struct vector * v;);
        my->v = make_vector(rig.m, ARRAYS);
        for (size_t i = 0; i < ARRAYS; i++) {
            struct vector *inner = make_vector(rig.m, LENGTH);
            my->v->items[i] = inner;
            for (size_t j = 0; j < LENGTH; j++) {
                struct vector *leaf = make_vector(rig.m, 3);
                inner->items[j] = leaf;
                for (size_t k = 0; k < 3; k++)
                    leaf->items[k] = make(rig.m, &node_type);
            }
        }
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &vector_type), 1 + ARRAYS + ARRAYS * LENGTH);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 3 * ARRAYS * LENGTH);
        ck_assert_uint_gt(stats_of(rig.heap).mark_overflows, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(one_drain_marks_everything_however_often_the_stack_overflows)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    start(&rig, "mark_threads=1,mark_stack=64");
    const size_t n = 3000;
    {
        BESOM_LOCALS(rig.m, void **root;);
        my->root = make_graph(rig.m, &rng, n);
        begin_marking(&rig);
        struct besom__marker *marker = besom__mark_self(rig.heap);
        visit_slot(&marker->tracer, &my->root);
        besom__mark_drain(rig.heap);
        ck_assert_uint_gt(marker->overflows, 0);
        ck_assert_uint_eq(marker->live_objects, n);
        end_marking(&rig);
    }
    collect(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(every_overflow_while_rescanning_is_rescanned)
{
    /* Each array fills the stack before it names the next, which so is marked, but not looked into
     * before its block is; and that block lies before the array's, so it takes another round. */
    enum { LEVELS = 12, LENGTH = 200, FILL = 70 };
    struct rig rig;
    start(&rig, "mark_threads=1,mark_stack=64,heap_min=1g");
    {
        BESOM_LOCALS(rig.m, struct vector * first;);
        for (int level = 0; level < LEVELS; level++) {
            struct vector *v = make_vector(rig.m, LENGTH);
            for (size_t i = 0; i < LENGTH; i++)
                if (i < FILL || i >= LENGTH - FILL)
                    v->items[i] = make(rig.m, &node_type);
                else
                    v->items[i] = my->first;
            my->first = v;
            for (int i = 0; i < 2 * BLOCK_BYTES / 256; i++)
                make_sized(rig.m, &blob_type, 256);
        }
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).live_objects, LEVELS * (2 * FILL + 1));
        int levels = 0;
        for (struct vector *v = my->first; v; v = v->items[LENGTH / 2])
            levels++;
        ck_assert_int_eq(levels, LEVELS);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(rest_of_an_array_is_never_parted_from_its_index)
{
    /* The stack is full, with an array's two entries on both sides of its middle. */
    struct rig rig;
    start(&rig, "mark_threads=1,mark_stack=2048");
    enum { LENGTH = 600 };
    for (size_t at = STACK_ENTRIES / 2 - 3; at < STACK_ENTRIES / 2 + 3; at++) {
        BESOM_LOCALS(rig.m, struct vector * v; struct node * node; struct node * last;);
        my->v = make_vector(rig.m, LENGTH);
        for (size_t i = 0; i < LENGTH; i++)
            my->v->items[i] = make(rig.m, &node_type);
        my->node = make(rig.m, &node_type);
        my->last = make(rig.m, &node_type);
        begin_marking(&rig);
        struct besom__marker *marker = besom__mark_self(rig.heap);
        ck_assert_uint_eq(marker->capacity, STACK_ENTRIES);
        for (size_t i = 0; i < STACK_ENTRIES; i++)
            marker->stack[i] = (uintptr_t)my->node;
        marker->stack[at] = 256; /* elements from here on */
        marker->stack[at + 1] = (uintptr_t)my->v | 1;
        marker->sp = STACK_ENTRIES;
        visit_slot(&marker->tracer, &my->last);
        ck_assert_uint_lt(marker->sp, STACK_ENTRIES);
        ck_assert_ptr_nonnull(rig.heap->worklist.full);
        besom__mark_drain(rig.heap);
        ck_assert_uint_eq(marker->live_objects, 2 + LENGTH - 256);
        for (size_t i = 0; i < LENGTH; i++)
            ck_assert_int_eq(besom__is_marked(rig.heap, my->v->items[i]), i >= 256);
        end_marking(&rig);
        my->v = NULL;
        my->node = my->last = NULL;
        collect(rig.m);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(no_block_stays_flagged_after_an_overflow)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    start(&rig, "mark_threads=1,mark_stack=64");
    {
        BESOM_LOCALS(rig.m, void **root;);
        my->root = make_graph(rig.m, &rng, 2000);
        collect(rig.m);
        ck_assert_uint_eq(rig.heap->worklist.overflowed, 0);
        for (struct besom__chunk *c = rig.heap->blocks.chunks; c; c = c->next)
            for (unsigned i = 0; i < CHUNK_BLOCKS; i++)
                ck_assert_uint_eq(c->blocks[i].rescan, 0);
    }
    rig_close(&rig);
}
END_TEST

/* ---- cycles of references, and the like ---- */

START_TEST(references_to_oneself_and_twice_are_harmless)
{
    struct rig rig;
    start(&rig, "mark_threads=1");
    {
        BESOM_LOCALS(rig.m, struct node * a; struct node * b; struct node * again;);
        my->a = make(rig.m, &node_type);
        my->b = make(rig.m, &node_type);
        my->a->next = my->a;
        my->a->other = my->b;
        my->b->next = my->b->other = my->a;
        my->again = my->b;
        struct node *lost = make(rig.m, &node_type);
        lost->next = lost;
        lost->other = my->a;
        uintptr_t hidden = ~(uintptr_t)lost;
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).live_objects, 2);
        ck_assert(!is_alive(&rig, hidden));
    }
    rig_close(&rig);
}
END_TEST

/* In BESOM_EPHEMERONS objects become keys while others are marked: a plain store of a color by any
 * marker would undo that. */
static unsigned n_exact, n_inexact;

static void look_at_markers(struct besom_tracer *tracer, void *obj)
{
    (void)obj;
    const struct besom__worklist *w = &tracer->heap->worklist;
    if (tracer->pass != PASS_MARK)
        return; /* verification, in debug builds */
    for (size_t i = 0; i < w->n_markers; i++)
        if ((w->markers[i].by_cas & BESOM__COLOR) == BESOM__COLOR)
            n_exact++;
        else
            n_inexact++;
}

static void defer_look(struct besom_tracer *tracer, void *obj)
{
    besom_defer(tracer, BESOM_EPHEMERONS, look_at_markers, obj);
}

static const struct besom_type looker_type = {
    .name = "looker", .size_bytes = sizeof(struct pair), .trace = defer_look};

START_TEST(all_markers_compare_and_swap_while_objects_become_keys)
{
    struct rig rig;
    start(&rig, "mark_threads=4");
    {
        BESOM_LOCALS(rig.m, void *looker;);
        my->looker = make(rig.m, &looker_type);
        collect(rig.m);
        ck_assert_uint_ge(n_exact, 4);
        ck_assert_uint_eq(n_inexact, 0);
    }
    rig_close(&rig);
}
END_TEST

/* In the stop after marking beside mutators, since ephemerons may be left on the markers' stacks. */
static const struct besom_type racy_looker_type = {.name = "racy looker",
                                                   .size_bytes = sizeof(struct pair),
                                                   .flags = BESOM_RACY,
                                                   .trace = look_at_markers};

START_TEST(all_markers_compare_and_swap_in_the_stop_after_rounds)
{
    struct rig rig;
    start(&rig, "mode=concurrent,mark_threads=4");
    {
        BESOM_LOCALS(rig.m, void *looker;);
        my->looker = make(rig.m, &racy_looker_type);
        n_exact = n_inexact = 0;
        collect(rig.m);
        ck_assert_uint_ge(n_exact, 4);
        ck_assert_uint_eq(n_inexact, 0);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_field_alone_keeps_its_object,
        every_element_keeps_its_object,
        leaves_are_not_looked_into,
        marked_objects_bear_the_color_of_the_cycle,
        one_marker_counts_exactly,
        quantum_of_marking_is_bounded,
        overflowing_stack_loses_nothing,
        segments_take_what_the_stack_cannot,
        helpers_lose_nothing,
        helpers_lose_nothing_when_segments_run_out,
        array_amid_an_overflow_is_traced_to_its_end,
        one_drain_marks_everything_however_often_the_stack_overflows,
        every_overflow_while_rescanning_is_rescanned,
        rest_of_an_array_is_never_parted_from_its_index,
        no_block_stays_flagged_after_an_overflow,
        references_to_oneself_and_twice_are_harmless,
        all_markers_compare_and_swap_while_objects_become_keys,
        all_markers_compare_and_swap_in_the_stop_after_rounds,
    };
    return run_tests("gc mark", tests, sizeof tests / sizeof *tests);
}
