/* test_gc_root.c - every root is visited once, under its own name, until it ends. */
#include "support.h"

#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/root.h"
#include "gc/trace.h"

#include <stdio.h>
#include <string.h>

/* ---- a tracer that writes down what it is told ---- */

struct list {
    struct besom_tracer tracer;
    char text[2000];
};

static void note(struct besom_tracer *tracer, void *ref)
{
    struct list *list = (struct list *)tracer;
    size_t n = strlen(list->text);
    const struct node *node = ref;
    snprintf(list->text + n, sizeof list->text - n, "%s:%s:%d ", tracer->root.kind,
             tracer->root.name ? tracer->root.name : "-", (int)node->id);
}

static const char *roots_of(struct rig *rig)
{
    static struct list list;
    list = (struct list){.tracer = {.heap = rig->heap, .visit = note}};
    besom__roots_visit(rig->heap, &list.tracer);
    ck_assert_ptr_null(list.tracer.root.kind);
    ck_assert_ptr_null(list.tracer.root.name);
    return list.text;
}

static struct node *numbered(struct besom_mutator *m, int id)
{
    struct node *node = make(m, &node_type);
    node->id = (uint64_t)id;
    return node;
}

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

/* ---- each kind ---- */

START_TEST(heap_without_roots_visits_nothing)
{
    struct rig rig;
    start(&rig, NULL);
    numbered(rig.m, 1);
    ck_assert_str_eq(roots_of(&rig), "");
    rig_close(&rig);
}
END_TEST

START_TEST(handles_are_visited_until_they_are_freed)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom_handle *h[4];
    for (int i = 0; i < 4; i++)
        h[i] = besom_handle_new(rig.m, numbered(rig.m, i), i % 2 ? "odd" : "even");
    ck_assert_str_eq(roots_of(&rig), "handle:odd:3 handle:even:2 handle:odd:1 handle:even:0 ");
    ck_assert_int_eq(besom_handle_free(h[1]), BESOM_OK); /* from the middle */
    ck_assert_str_eq(roots_of(&rig), "handle:odd:3 handle:even:2 handle:even:0 ");
    ck_assert_int_eq(besom_handle_free(h[3]), BESOM_OK); /* the first */
    ck_assert_str_eq(roots_of(&rig), "handle:even:2 handle:even:0 ");
    ck_assert_int_eq(besom_handle_free(h[0]), BESOM_OK); /* the last */
    ck_assert_str_eq(roots_of(&rig), "handle:even:2 ");
    ck_assert_int_eq(besom_handle_set(h[2], NULL), BESOM_OK);
    ck_assert_str_eq(roots_of(&rig), "");
    ck_assert_int_eq(besom_handle_set(h[2], numbered(rig.m, 7)), BESOM_OK);
    struct besom_handle *again = besom_handle_new(rig.m, numbered(rig.m, 8), NULL);
    ck_assert(again == h[0] || again == h[1] || again == h[3]); /* a record used again */
    ck_assert_str_eq(roots_of(&rig), "handle:-:8 handle:even:7 ");
    ck_assert_int_eq(besom_handle_free(again), BESOM_OK);
    ck_assert_int_eq(besom_handle_free(h[2]), BESOM_OK);
    ck_assert_str_eq(roots_of(&rig), "");
    rig_close(&rig);
}
END_TEST

START_TEST(ranges_are_visited_slot_by_slot_until_they_are_freed)
{
    struct rig rig;
    start(&rig, NULL);
    void *slots[3] = {numbered(rig.m, 1), NULL, numbered(rig.m, 3)}, *more[1] = {NULL};
    struct besom_root *range, *other;
    ck_assert_int_eq(besom_root_range(rig.heap, slots, 3, "slots", &range), BESOM_OK);
    ck_assert_int_eq(besom_root_range(rig.heap, more, 1, "more", &other), BESOM_OK);
    ck_assert_str_eq(roots_of(&rig), "range:slots:1 range:slots:3 ");
    more[0] = numbered(rig.m, 4);
    ck_assert_str_eq(roots_of(&rig), "range:more:4 range:slots:1 range:slots:3 ");
    ck_assert_int_eq(besom_root_free(range), BESOM_OK);
    ck_assert_int_eq(besom_root_free(range), BESOM_E_STATE);
    ck_assert_str_eq(roots_of(&rig), "range:more:4 ");
    ck_assert_int_eq(besom_root_free(other), BESOM_OK);
    ck_assert_str_eq(roots_of(&rig), "");
    rig_close(&rig);
}
END_TEST

START_TEST(ambiguous_words_are_visited_as_the_objects_they_point_into)
{
    struct rig rig;
    start(&rig, NULL);
    uintptr_t words[4] = {(uintptr_t)numbered(rig.m, 1) + 17, 12345, (uintptr_t)numbered(rig.m, 2),
                          (uintptr_t)&rig};
    ck_assert_int_eq(besom_root_ambiguous(rig.heap, words, 4, "words", NULL), BESOM_OK);
    ck_assert_str_eq(roots_of(&rig), "ambiguous range:words:1 ambiguous range:words:2 ");
    rig_close(&rig);
}
END_TEST

static void visit_both(struct besom_tracer *tracer, void *data)
{
    void **nodes = data;
    besom_visit(tracer, nodes[0]);
    besom_visit(tracer, NULL);
    besom_visit_words(tracer, (const uint64_t *)&nodes[1], 1);
}

START_TEST(sources_visit_what_they_like)
{
    struct rig rig;
    start(&rig, NULL);
    void *a[2] = {numbered(rig.m, 1), numbered(rig.m, 2)};
    void *b[2] = {numbered(rig.m, 3), numbered(rig.m, 4)};
    struct besom_root *own;
    ck_assert_int_eq(besom_root_source(rig.heap, visit_both, a, "heap's", NULL), BESOM_OK);
    ck_assert_int_eq(besom_mutator_root_source(rig.m, visit_both, b, "mine", &own), BESOM_OK);
    ck_assert_str_eq(roots_of(&rig),
                     "source:heap's:1 source:heap's:2 source:mine:3 source:mine:4 ");
    ck_assert_int_eq(besom_root_free(own), BESOM_OK);
    ck_assert_str_eq(roots_of(&rig), "source:heap's:1 source:heap's:2 ");
    rig_close(&rig);
}
END_TEST

static void check_inner(struct rig *rig)
{
    BESOM_LOCALS(rig->m, struct node * one; struct node * none; struct node * array[2];);
    my->one = numbered(rig->m, 2);
    my->array[1] = numbered(rig->m, 3);
    ck_assert_str_eq(roots_of(rig),
                     "frame:check_inner:2 frame:check_inner:3 frame:check_frames:1 ");
}

static void check_frames(struct rig *rig)
{
    BESOM_LOCALS(rig->m, struct node * outer;);
    my->outer = numbered(rig->m, 1);
    check_inner(rig);
    ck_assert_str_eq(roots_of(rig), "frame:check_frames:1 ");
}

START_TEST(frames_are_visited_from_the_innermost_on)
{
    struct rig rig;
    start(&rig, NULL);
    check_frames(&rig);
    ck_assert_str_eq(roots_of(&rig), "");
    rig_close(&rig);
}
END_TEST

/* ---- several mutators ---- */

struct guest {
    struct rig *rig;
    struct gate ready, go;
    void *nodes[2];
    struct besom_root *root;
};

static void *run_guest(void *data)
{
    struct guest *g = data;
    struct besom_mutator *m = besom_attach(g->rig->heap);
    g->nodes[0] = numbered(m, 5);
    ck_assert_int_eq(besom_mutator_root_source(m, visit_both, g->nodes, "guest's", &g->root),
                     BESOM_OK);
    {
        BESOM_LOCALS(m, struct node * local;);
        my->local = numbered(m, 6);
        gate_raise(&g->ready);
        gate_wait_native(&g->go, 1, m);
    }
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(roots_of_a_mutator_end_when_it_is_detached)
{
    struct rig rig;
    struct guest g = {.rig = &rig};
    start(&rig, NULL);
    gate_init(&g.ready);
    gate_init(&g.go);
    pthread_t thread = thread_start(run_guest, &g);
    gate_wait_native(&g.ready, 1, rig.m);
    while (!(__atomic_load_n(&rig.heap->stop.mutators->pub.requests, __ATOMIC_SEQ_CST) &
             MUTATOR_NATIVE))
        sleep_ms(1);
    ck_assert_str_eq(roots_of(&rig), "frame:run_guest:6 source:guest's:5 ");
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 2);
    gate_raise(&g.go);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    thread_join(thread);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    ck_assert_str_eq(roots_of(&rig), "");
    ck_assert_int_eq(besom_root_free(g.root), BESOM_E_STATE);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        heap_without_roots_visits_nothing,
        handles_are_visited_until_they_are_freed,
        ranges_are_visited_slot_by_slot_until_they_are_freed,
        ambiguous_words_are_visited_as_the_objects_they_point_into,
        sources_visit_what_they_like,
        frames_are_visited_from_the_innermost_on,
        roots_of_a_mutator_end_when_it_is_detached,
    };
    return run_tests("gc root", tests, sizeof tests / sizeof *tests);
}
