/* test_reachability.c - each way of describing references keeps what is referred to, and no
 * other word does. */
#include "support.h"

#include <string.h>

static size_t live(struct besom_mutator *m)
{
    collect(m);
    return count_objects(m, NULL);
}

START_TEST(dead_object_is_freed_by_the_next_full_cycle)
{
    struct rig rig;
    rig_start(&rig);
    struct node *node = make(rig.m, &node_type);
    ck_assert(besom_owns(rig.heap, node));
    collect(rig.m);
    ck_assert(!besom_owns(rig.heap, node));
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(both_fields_are_followed)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *root;);
        my->root = make(rig.m, &node_type);
        my->root->next = make_list(rig.m, 10);
        my->root->other = make_list(rig.m, 20);
        besom_write(rig.m, my->root);
        ck_assert_uint_eq(live(rig.m), 31);
        besom_write(rig.m, my->root);
        my->root->other = NULL;
        ck_assert_uint_eq(live(rig.m), 11);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(unreachable_cycle_dies)
{
    struct rig rig;
    rig_start(&rig);
    for (int i = 0; i < 10; i++) {
        struct node *a = make(rig.m, &node_type), *b = make(rig.m, &node_type);
        a->next = b;
        b->next = a;
        a->other = a;
        besom_write(rig.m, a);
        besom_write(rig.m, b);
    }
    ck_assert_uint_eq(live(rig.m), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(object_that_survived_often_dies_when_dropped)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 100);
        for (int i = 0; i < 20; i++)
            ck_assert_uint_eq(live(rig.m), 100);
        my->list = NULL;
        ck_assert_uint_eq(live(rig.m), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(words_that_are_no_references_keep_nothing)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *node; struct blob *blob;);
        my->node = make(rig.m, &node_type);
        my->node->id = (uintptr_t)make(rig.m, &node_type);
        my->blob = make_sized(rig.m, &blob_type, 800);
        for (size_t i = 0; i < 99; i++)
            my->blob->words[i] = (uintptr_t)make(rig.m, &node_type);
        ck_assert_uint_eq(live(rig.m), 2);
    }
    rig_close(&rig);
}
END_TEST

/* ---- array tails ---- */

enum { ELEMENTS = 200 };

/* Lengths of each width, at offset 8; the elements follow at 16. */
static void check_tail(uint32_t width, uint64_t length)
{
    static const struct besom_field field[] = {{"item", 0}};
    struct besom_type type = {.name = "tail", .size_bytes = 16,
                              .tail = {.offset_bytes = 16, .stride_bytes = 8,
                                       .length_offset_bytes = 8, .length_width_bytes = width,
                                       .fields = field, .n_fields = 1}};
    ck_assert_int_eq(besom_type_check(&type, true, NULL), BESOM_OK);
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, char *array;);
        my->array = make_sized(rig.m, &type, 16 + ELEMENTS * 8);
        /* The bytes beside a narrow length are the host's. */
        memset(my->array + 8, 0xFF, 8);
        memcpy(my->array + 8, &length, width);
        for (size_t i = 0; i < ELEMENTS; i++)
            ((struct node **)(void *)(my->array + 16))[i] = make(rig.m, &node_type);
        besom_write(rig.m, my->array);
        ck_assert_uint_eq(live(rig.m), 1 + length);
    }
    rig_close(&rig);
}

START_TEST(tail_is_as_long_as_its_length_says)
{
    const uint32_t widths[] = {1, 2, 4, 8};
    for (int i = 0; i < 4; i++) {
        check_tail(widths[i], 0);
        check_tail(widths[i], 1);
        check_tail(widths[i], 77);
        check_tail(widths[i], ELEMENTS);
    }
}
END_TEST

START_TEST(tail_without_a_length_fills_the_object)
{
    static const struct besom_field field[] = {{"item", 0}};
    static const struct besom_type type = {
        .name = "filled", .size_bytes = 8,
        .tail = {.offset_bytes = 8, .stride_bytes = 8, .fields = field, .n_fields = 1}};
    for (size_t n = 0; n < 50; n++) {
        struct rig rig;
        rig_start(&rig);
        {
            BESOM_LOCALS(rig.m, void **array;);
            my->array = make_sized(rig.m, &type, 8 + n * 8);
            for (size_t i = 0; i < n; i++)
                my->array[1 + i] = make(rig.m, &node_type);
            besom_write(rig.m, my->array);
            ck_assert_uint_eq(live(rig.m), 1 + n);
        }
        rig_close(&rig);
    }
}
END_TEST

START_TEST(every_reference_of_an_element_is_followed_and_no_datum)
{
    struct row {
        uint64_t datum;
        struct node *a;
        uint64_t more;
        struct node *b;
        uint64_t rest;
    };
    struct rows {
        const struct besom_type *type;
        uint32_t unused, n;
        struct row rows[];
    };
    static const struct besom_field fields[] = {{"a", offsetof(struct row, a)},
                                                {"b", offsetof(struct row, b)}};
    static const struct besom_type type = {
        .name = "rows", .size_bytes = sizeof(struct rows),
        .tail = {.offset_bytes = offsetof(struct rows, rows), .stride_bytes = sizeof(struct row),
                 .length_offset_bytes = offsetof(struct rows, n), .length_width_bytes = 4,
                 .fields = fields, .n_fields = 2}};
    struct rig rig;
    rig_start(&rig);
    for (uint32_t n = 1; n < 20000; n *= 7) {
        BESOM_LOCALS(rig.m, struct rows *rows;);
        my->rows = make_sized(rig.m, &type, sizeof(struct rows) + n * sizeof(struct row));
        my->rows->n = n;
        for (uint32_t i = 0; i < n; i++) {
            my->rows->rows[i].a = make(rig.m, &node_type);
            my->rows->rows[i].b = make(rig.m, &node_type);
            my->rows->rows[i].datum = (uintptr_t)make(rig.m, &node_type);
            my->rows->rows[i].more = my->rows->rows[i].datum;
        }
        besom_write(rig.m, my->rows);
        ck_assert_uint_eq(live(rig.m), 1 + 2 * n);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(head_and_tail_are_both_followed)
{
    struct framed {
        const struct besom_type *type;
        struct node *parent;
        uint64_t n;
        struct node *children[];
    };
    static const struct besom_field head[] = {{"parent", offsetof(struct framed, parent)}};
    static const struct besom_field item[] = {{"child", 0}};
    static const struct besom_type type = {
        .name = "framed", .size_bytes = sizeof(struct framed), .fields = head, .n_fields = 1,
        .tail = {.offset_bytes = offsetof(struct framed, children), .stride_bytes = 8,
                 .length_offset_bytes = offsetof(struct framed, n), .length_width_bytes = 8,
                 .fields = item, .n_fields = 1}};
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct framed *framed;);
        my->framed = make_sized(rig.m, &type, sizeof(struct framed) + 10 * 8);
        my->framed->n = 10;
        my->framed->parent = make(rig.m, &node_type);
        for (int i = 0; i < 10; i++)
            my->framed->children[i] = make(rig.m, &node_type);
        besom_write(rig.m, my->framed);
        ck_assert_uint_eq(live(rig.m), 12);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(wide_arrays_keep_every_element)
{
    const size_t lengths[] = {1000, 1024, 8000, 30000, 300000, scaled(2000000)};
    struct rig rig;
    rig_start(&rig);
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        size_t n = lengths[k];
        BESOM_LOCALS(rig.m, struct vector *v;);
        my->v = make_vector(rig.m, n);
        for (size_t i = 0; i < n; i++) {
            struct node *node = make(rig.m, &node_type);
            node->id = i;
            my->v->items[i] = node;
            besom_write_at(rig.m, my->v, &my->v->items[i]);
        }
        ck_assert_uint_eq(live(rig.m), 1 + n);
        for (size_t i = 0; i < n; i++)
            require(((struct node *)my->v->items[i])->id == i, "an element was overwritten");
        /* Every third goes. */
        for (size_t i = 0; i < n; i += 3) {
            my->v->items[i] = NULL;
            besom_write_at(rig.m, my->v, &my->v->items[i]);
        }
        ck_assert_uint_eq(live(rig.m), 1 + n - (n + 2) / 3);
    }
    rig_close(&rig);
}
END_TEST

/* ---- trace callbacks ---- */

struct traced {
    const struct besom_type *type;
    uint64_t n;
    void *refs[6];
};

static void trace_refs(struct besom_tracer *tracer, void *obj)
{
    struct traced *t = obj;
    for (uint64_t i = 0; i < t->n; i++)
        besom_visit(tracer, t->refs[i]);
}

static void trace_words(struct besom_tracer *tracer, void *obj)
{
    struct traced *t = obj;
    besom_visit_words(tracer, (const uint64_t *)t->refs, t->n);
}

static void check_traced(void (*trace)(struct besom_tracer *, void *), uint32_t flags)
{
    struct besom_type type = {
        .name = "traced", .size_bytes = sizeof(struct traced), .flags = flags, .trace = trace};
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct traced *t;);
        my->t = make(rig.m, &type);
        my->t->n = 4;
        for (int i = 0; i < 6; i++)
            my->t->refs[i] = i == 1 ? NULL : make(rig.m, &node_type);
        besom_write(rig.m, my->t);
        ck_assert_uint_eq(live(rig.m), 4);
    }
    rig_close(&rig);
}

START_TEST(trace_callback_names_the_references)
{
    check_traced(trace_refs, 0);
    check_traced(trace_words, 0);
    check_traced(trace_refs, BESOM_RACY);
    check_traced(trace_refs, BESOM_UNBARRIERED);
    check_traced(trace_words, BESOM_RACY | BESOM_UNBARRIERED);
}
END_TEST

START_TEST(objects_of_every_size_are_followed)
{
    struct rig rig;
    rig_start(&rig);
    for (size_t n = 1; n < 600000; n = n * 5 / 2 + 1) {
        BESOM_LOCALS(rig.m, struct vector *v;);
        my->v = make_vector(rig.m, n);
        my->v->items[0] = make(rig.m, &node_type);
        my->v->items[n / 2] = make_list(rig.m, 3);
        my->v->items[n - 1] = make_list(rig.m, 5);
        besom_write(rig.m, my->v);
        size_t expected = n == 1 ? 6 : n / 2 == n - 1 ? 7 : 10;
        ck_assert_uint_eq(live(rig.m), expected);
        check_list(my->v->items[n - 1], 5);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        dead_object_is_freed_by_the_next_full_cycle,
        both_fields_are_followed,
        unreachable_cycle_dies,
        object_that_survived_often_dies_when_dropped,
        words_that_are_no_references_keep_nothing,
        tail_is_as_long_as_its_length_says,
        tail_without_a_length_fills_the_object,
        every_reference_of_an_element_is_followed_and_no_datum,
        head_and_tail_are_both_followed,
        wide_arrays_keep_every_element,
        trace_callback_names_the_references,
        objects_of_every_size_are_followed,
    };
    return run_tests("reachability", tests, sizeof tests / sizeof *tests);
}
