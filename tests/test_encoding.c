/* test_encoding.c - tagged words are references only when they say so; foreign ones are skipped;
 * the host's own headers tell the type. */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct cell { /* two tagged words */
    uint64_t header;
    uint64_t a, b;
};
static const struct besom_field cell_fields[] = {{"a", offsetof(struct cell, a)},
                                                 {"b", offsetof(struct cell, b)}};
static const struct besom_type cell_type = {
    .name = "cell", .size_bytes = sizeof(struct cell), .fields = cell_fields, .n_fields = 2};

static const struct besom_encoding low_bits = {7, 3, ~UINT64_C(7), 0};
static const struct besom_encoding nan_boxes = {
    UINT64_C(0xFFFF) << 48, UINT64_C(0xFFFA) << 48, (UINT64_C(1) << 48) - 1, 0};
static const struct besom_encoding two_tops = {
    UINT64_C(3) << 62, UINT64_C(2) << 62, (UINT64_C(1) << 62) - 1, 0};

static void start_encoded(struct rig *rig, struct besom_encoding encoding)
{
    rig_init(rig);
    rig->config.encoding = encoding;
    rig_open(rig);
}

static size_t live(struct besom_mutator *m)
{
    collect(m);
    return count_objects(m, NULL);
}

static uint64_t encode(struct besom_encoding e, const void *obj)
{
    return (uint64_t)(uintptr_t)obj | e.match;
}

static void check_fields(struct besom_encoding e)
{
    struct rig rig;
    start_encoded(&rig, e);
    {
        BESOM_LOCALS(rig.m, struct cell *cell;); /* frames hold plain pointers */
        my->cell = make(rig.m, &cell_type);
        my->cell->a = encode(e, make(rig.m, &cell_type));
        my->cell->b = (uint64_t)(uintptr_t)make(rig.m, &cell_type); /* untagged */
        besom_write(rig.m, my->cell);
        ck_assert_uint_eq(live(rig.m), 2);
        my->cell->a = e.match; /* NULL */
        besom_write(rig.m, my->cell);
        ck_assert_uint_eq(live(rig.m), 1);
        for (unsigned bit = 0; bit < 64; bit++) {
            if (!(e.mask >> bit & 1))
                continue;
            my->cell->b = encode(e, make(rig.m, &cell_type)) ^ UINT64_C(1) << bit;
            besom_write(rig.m, my->cell);
            ck_assert_uint_eq(live(rig.m), 1);
        }
        my->cell->b = ~UINT64_C(0) & ~e.mask;
        besom_write(rig.m, my->cell);
        ck_assert_uint_eq(live(rig.m), 1);
    }
    rig_close(&rig);
}

START_TEST(tagged_fields_are_followed_and_other_words_are_not)
{
    check_fields(low_bits);
    check_fields(nan_boxes);
    check_fields(two_tops);
}
END_TEST

static void visit_cells(struct besom_tracer *tracer, void *data)
{
    besom_visit_words(tracer, data, 4);
}

static void check_words(struct besom_encoding e, bool source)
{
    struct rig rig;
    start_encoded(&rig, e);
    static uint64_t words[4];
    enum besom_status status =
        source ? besom_root_source(rig.heap, visit_cells, words, "words", NULL)
               : besom_root_range(rig.heap, (void **)words, 4, "words", NULL);
    ck_assert_int_eq(status, BESOM_OK);
    words[0] = encode(e, make(rig.m, &cell_type));
    words[1] = (uint64_t)(uintptr_t)make(rig.m, &cell_type);
    words[2] = e.match;
    words[3] = encode(e, make(rig.m, &cell_type));
    ck_assert_uint_eq(live(rig.m), 2);
    memset(words, 0, sizeof words);
    ck_assert_uint_eq(live(rig.m), 0);
    rig_close(&rig);
}

START_TEST(ranges_and_visited_words_are_in_the_encoding)
{
    for (int source = 0; source < 2; source++) {
        check_words(low_bits, source);
        check_words(nan_boxes, source);
        check_words(two_tops, source);
    }
}
END_TEST

START_TEST(doubles_are_no_references_when_nan_boxed)
{
    struct rig rig;
    start_encoded(&rig, nan_boxes);
    {
        BESOM_LOCALS(rig.m, struct cell *cell;);
        my->cell = make(rig.m, &cell_type);
        const double numbers[] = {0.0, -0.0, 1.5, -1e308, 1e-310, -1.0 / 3};
        for (size_t i = 0; i < 6; i++) {
            memcpy(&my->cell->a, &numbers[i], sizeof my->cell->a);
            memcpy(&my->cell->b, &numbers[5 - i], sizeof my->cell->b);
            besom_write(rig.m, my->cell);
            ck_assert_uint_eq(live(rig.m), 1);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(array_of_tagged_words_is_followed)
{
    static const struct besom_field field[] = {{"item", 0}};
    static const struct besom_type type = {
        .name = "tagged array", .size_bytes = 8,
        .tail = {.offset_bytes = 8, .stride_bytes = 8, .fields = field, .n_fields = 1}};
    enum { N = 5000 };
    struct rig rig;
    start_encoded(&rig, low_bits);
    {
        BESOM_LOCALS(rig.m, uint64_t *array;);
        my->array = make_sized(rig.m, &type, 8 + N * 8);
        for (uint64_t i = 0; i < N; i++) {
            uint64_t word = (uint64_t)(uintptr_t)make(rig.m, &cell_type);
            my->array[1 + i] = word | i % 8;
        }
        besom_write(rig.m, my->array);
        ck_assert_uint_eq(live(rig.m), 1 + N / 8);
    }
    rig_close(&rig);
}
END_TEST

/* ---- foreign references ---- */

START_TEST(foreign_references_are_skipped)
{
    static struct node outside; /* in the program's data */
    struct rig rig, other;
    rig_start(&other);
    rig_init(&rig);
    rig.config.foreign_refs = true;
    rig_open(&rig);
    void *block = malloc(100);
    void *unmapped = mmap(NULL, 8 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct besom_handle *theirs =
        besom_handle_new(other.m, make(other.m, &node_type), "theirs");
    {
        BESOM_LOCALS(rig.m, struct vector *v; struct node *stranger;);
        void *const foreign[] = {&outside, block, (char *)block + 3, &rig, unmapped,
                                 (char *)unmapped + (5 << 20) + 16, besom_handle_get(theirs),
                                 (void *)8, (void *)(UINTPTR_MAX - 15),
                                 (void *)((uintptr_t)1 << 63)};
        enum { N = sizeof foreign / sizeof *foreign };
        my->v = make_vector(rig.m, 2 * N);
        for (size_t i = 0; i < N; i++) {
            my->v->items[2 * i] = foreign[i];
            my->v->items[2 * i + 1] = make(rig.m, &node_type);
        }
        besom_write(rig.m, my->v);
        my->stranger = &outside;
        for (int i = 0; i < 3; i++)
            ck_assert_uint_eq(live(rig.m), 1 + N);
    }
    munmap(unmapped, 8 << 20);
    free(block);
    rig_close(&rig);
    rig_close(&other);
}
END_TEST

static void visit_foreign(struct besom_tracer *tracer, void *data)
{
    void **slots = data;
    for (int i = 0; i < 4; i++)
        besom_visit(tracer, slots[i]);
}

START_TEST(foreign_references_in_roots_are_skipped)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.foreign_refs = true;
    rig_open(&rig);
    static uint64_t outside[4];
    void *slots[4] = {outside, make(rig.m, &node_type), &rig, NULL};
    ck_assert_int_eq(besom_root_range(rig.heap, slots, 4, "range", NULL), BESOM_OK);
    ck_assert_int_eq(besom_root_source(rig.heap, visit_foreign, slots, "source", NULL),
                     BESOM_OK);
    ck_assert_uint_eq(live(rig.m), 1);
    rig_close(&rig);
}
END_TEST

/* ---- the host's own headers ---- */

struct own { /* a header of the host's: the kind in its low byte */
    uint64_t header;
    struct own *next;
    uint64_t id;
};
static const struct besom_field own_fields[] = {{"next", offsetof(struct own, next)}};
static const struct besom_type own_types[2] = {
    {.name = "kind 0", .size_bytes = sizeof(struct own), .fields = own_fields, .n_fields = 1},
    {.name = "kind 1", .size_bytes = sizeof(struct own), .flags = BESOM_LEAF},
};

static const struct besom_type *type_by_header(const void *obj)
{
    return &own_types[*(const uint64_t *)obj & 1];
}

START_TEST(type_of_reads_the_hosts_header)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.type_of = type_by_header;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct own *list; struct own *leaf;);
        struct own *list = NULL;
        for (uint64_t i = 0; i < 1000; i++) {
            struct own *own = make(rig.m, &own_types[0]);
            ck_assert_uint_eq(own->header, 0); /* the library writes nothing there */
            own->header = i << 8;
            own->id = i;
            own->next = list;
            besom_write(rig.m, own);
            list = own;
        }
        my->list = list;
        my->leaf = make(rig.m, &own_types[1]);
        my->leaf->header = 0xABCD01;
        my->leaf->next = make(rig.m, &own_types[0]); /* a leaf is not looked into */
        ck_assert_uint_eq(live(rig.m), 1001);
        ck_assert_ptr_eq(besom_type_of(rig.heap, my->leaf), &own_types[1]);
        ck_assert_ptr_eq(besom_type_of(rig.heap, my->list), &own_types[0]);
        ck_assert_uint_eq(count_objects(rig.m, &own_types[1]), 1);
        for (uint64_t i = 1000; i-- > 0; my->list = my->list->next) {
            ck_assert_uint_eq(my->list->id, i);
            ck_assert_uint_eq(my->list->header, i << 8);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(headerless_types_live_beside_own_headers)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.type_of = type_by_header;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct pair *pair;);
        my->pair = make(rig.m, &pair_type);
        my->pair->head = make(rig.m, &own_types[0]);
        my->pair->tail = make(rig.m, &pair_type);
        besom_write(rig.m, my->pair);
        make(rig.m, &pair_type);
        ck_assert_uint_eq(live(rig.m), 3);
        ck_assert_ptr_eq(besom_type_of(rig.heap, my->pair->tail), &pair_type);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        tagged_fields_are_followed_and_other_words_are_not,
        ranges_and_visited_words_are_in_the_encoding,
        doubles_are_no_references_when_nan_boxed,
        array_of_tagged_words_is_followed,
        foreign_references_are_skipped,
        foreign_references_in_roots_are_skipped,
        type_of_reads_the_hosts_header,
        headerless_types_live_beside_own_headers,
    };
    return run_tests("encoding", tests, sizeof tests / sizeof *tests);
}
