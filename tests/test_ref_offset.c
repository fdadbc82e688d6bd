/* test_ref_offset.c - references that point past the starts of their objects: what is in reference
 * maps, ranges and the values of weak structures does; what is told by itself is a start. */
#include "tests/hosts/modes.h"

#include <string.h>

enum { PAST = 16, ITEMS = 300 }; /* more items than are traced at once */

struct link {
    const struct besom_type *type;
    uint64_t unused;
    uint64_t next, other;
};
struct array {
    const struct besom_type *type;
    uint64_t length;
    struct {
        uint64_t number, item;
    } elements[];
};
static const struct besom_field link_fields[] = {{"next", offsetof(struct link, next)},
                                                 {"other", offsetof(struct link, other)}};
static const struct besom_field element_fields[] = {{"item", 8}};
static const struct besom_type link_type = {
    .name = "link", .size_bytes = sizeof(struct link), .fields = link_fields, .n_fields = 2};
static const struct besom_type array_type = {.name = "array",
                                             .size_bytes = sizeof(struct array),
                                             .tail = {.offset_bytes = sizeof(struct array),
                                                      .stride_bytes = 16,
                                                      .length_offset_bytes = 8,
                                                      .length_width_bytes = 8,
                                                      .fields = element_fields,
                                                      .n_fields = 1}};
/* All header: a reference to it is the address of what lies behind it. */
static const struct besom_type empty_type = {
    .name = "empty", .size_bytes = PAST, .flags = BESOM_LEAF};

static const struct besom_encoding encodings[] = {
    {.ref_offset_bytes = PAST},
    {.ref_offset_bytes = 4096},
    {.mask = 1, .match = 0, .pointer_bits = ~UINT64_C(0), .ref_offset_bytes = 24},
    {.mask = 7, .match = 1, .pointer_bits = ~UINT64_C(7), .ref_offset_bytes = 8},
    /* the tag is part of the offset */
    {.mask = 7, .match = 5, .pointer_bits = ~UINT64_C(0), .ref_offset_bytes = PAST + 5},
    {.mask = UINT64_C(0xffff) << 48,
     .match = UINT64_C(0xfffc) << 48,
     .pointer_bits = (UINT64_C(1) << 48) - 1,
     .ref_offset_bytes = PAST},
};
enum { ENCODINGS = sizeof encodings / sizeof *encodings };
static const struct besom_encoding plain_past = {.ref_offset_bytes = PAST};

static void open_rig(struct rig *rig, struct besom_encoding encoding, const char *options)
{
    rig_init_exact(rig, options);
    rig->config.encoding = encoding;
    rig_open(rig);
}

/* Some reference to obj, which is not NULL. */
static uint64_t ref(const struct rig *rig, const void *obj)
{
    const struct besom_encoding *e = &rig->config.encoding;
    return ((uint64_t)(uintptr_t)obj + e->ref_offset_bytes) | e->match;
}

/* What looks like ref, and is none; 0: every word is one. */
static uint64_t not_ref(const struct rig *rig, const void *obj)
{
    const struct besom_encoding *e = &rig->config.encoding;
    return e->mask ? ref(rig, obj) ^ (e->mask & -e->mask) : 0;
}

static void set(struct rig *rig, void *obj, uint64_t *slot, uint64_t word)
{
    __atomic_store_n(slot, word, __ATOMIC_RELAXED);
    besom_write_at(rig->m, obj, slot);
}

static struct array *make_array(struct rig *rig)
{
    size_t bytes = sizeof(struct array) + ITEMS * sizeof((struct array *)0)->elements[0];
    struct array *array = make_sized(rig->m, &array_type, bytes);
    array->length = ITEMS;
    return array;
}

/* ---- maps and ranges ---- */

static void check_graph(const char *options, struct besom_encoding encoding)
{
    struct rig rig;
    open_rig(&rig, encoding, options);
    uint64_t root = 0;
    require_ok(besom_root_range(rig.heap, (void **)&root, 1, "root", NULL));
    struct array *array = make_array(&rig);
    __atomic_store_n(&root, ref(&rig, array), __ATOMIC_RELAXED);
    for (size_t i = 0; i < ITEMS; i++) {
        struct link *link = make(rig.m, &link_type), *next = make(rig.m, &link_type);
        set(&rig, array, &array->elements[i].item, ref(&rig, link));
        set(&rig, link, &link->next, ref(&rig, next));
        set(&rig, link, &link->other, not_ref(&rig, make(rig.m, &empty_type)));
        set(&rig, next, &next->next, rig.config.encoding.match & ~encoding.pointer_bits);
        if (i % 50 == 0)
            besom_poll(rig.m);
    }
    collect(rig.m);
    verify(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &link_type), 2 * ITEMS);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 1 + 2 * ITEMS);
    for (size_t i = 0; i < ITEMS; i += 2)
        set(&rig, array, &array->elements[i].item, 0);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &link_type), ITEMS);
    __atomic_store_n(&root, 0, __ATOMIC_RELAXED);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}

static void maps_and_ranges_refer_past_starts_in(const char *options)
{
    for (size_t i = 0; i < ENCODINGS; i++)
        check_graph(options, encodings[i]);
}
TEST_IN_EVERY_MODE(maps_and_ranges_refer_past_starts, "")

START_TEST(marking_without_room_refers_past_starts)
{
    check_graph("mark_stack=64,mark_threads=1", plain_past);
    check_graph("mark_stack=64,mode=incremental,slow", encodings[3]);
}
END_TEST

static void visit_two(struct besom_tracer *tracer, void *data)
{
    uint64_t *words = data;
    besom_visit_words(tracer, words, 1);
    besom_visit(tracer, (void *)(uintptr_t)words[1]);
}

START_TEST(visited_words_refer_past_starts_and_visited_references_are_starts)
{
    for (size_t i = 0; i < ENCODINGS; i++) {
        struct rig rig;
        open_rig(&rig, encodings[i], "");
        uint64_t words[2] = {0, 0};
        require_ok(besom_root_source(rig.heap, visit_two, words, "words", NULL));
        struct link *a = make(rig.m, &link_type), *b = make(rig.m, &link_type);
        make(rig.m, &link_type);
        words[0] = ref(&rig, a);
        words[1] = (uintptr_t)b;
        collect(rig.m);
        verify(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 2);
        ck_assert(besom_owns(rig.heap, a) && besom_owns(rig.heap, b));
        words[0] = words[1] = 0;
        rig_close(&rig);
    }
}
END_TEST

/* ---- single objects, and values ---- */

START_TEST(handles_weak_references_and_keys_are_starts)
{
    struct rig rig;
    open_rig(&rig, plain_past, "");
    {
        BESOM_LOCALS(rig.m, struct link * link;);
        my->link = make(rig.m, &link_type);
        void *past = (char *)my->link + PAST;
        ck_assert_ptr_null(besom_handle_new(rig.m, past, "past"));
        ck_assert_ptr_null(besom_weak_new(rig.m, BESOM_WEAK_SHORT, past));
        ck_assert_ptr_null(besom_ephemeron_new(rig.m, past, NULL));
        ck_assert_int_eq(besom_finalizer_add(rig.m, past), BESOM_E_FOREIGN);
        struct besom_handle *handle = besom_handle_new(rig.m, my->link, "start");
        struct besom_weak *weak = besom_weak_new(rig.m, BESOM_WEAK_SHORT, my->link);
        ck_assert_ptr_eq(besom_handle_get(handle), my->link);
        ck_assert_ptr_eq(besom_weak_get(rig.m, weak), my->link);
        require_ok(besom_handle_free(handle));
    }
    rig_close(&rig);
}
END_TEST

static void values_of_weak_structures_refer_past_starts_in(const char *options)
{
    struct rig rig;
    open_rig(&rig, encodings[3], options);
    {
        BESOM_LOCALS(rig.m, struct link * key; struct besom_table * strong;
                     struct besom_table * weak; struct besom_ephemeron * ephemeron;);
        my->key = make(rig.m, &link_type);
        my->strong = besom_table_new(rig.m, BESOM_STRONG, NULL, NULL);
        my->weak = besom_table_new(rig.m, BESOM_WEAK_VALUES, NULL, NULL);
        void *values[3];
        for (int i = 0; i < 3; i++)
            values[i] = (void *)(uintptr_t)ref(&rig, make(rig.m, &empty_type));
        my->ephemeron = besom_ephemeron_new(rig.m, my->key, values[0]);
        require_ok(besom_table_put(rig.m, my->strong, my->key, values[1]));
        require_ok(besom_table_put(rig.m, my->weak, my->key, values[2]));
        ck_assert_int_eq(besom_table_put(rig.m, my->strong, my->key, (char *)values[1] + 64 * 16),
                         BESOM_E_FOREIGN);
        collect(rig.m);
        verify(rig.m);
        ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->ephemeron), values[0]);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->strong, my->key), values[1]);
        ck_assert_ptr_null(besom_table_get(rig.m, my->weak, my->key));
        ck_assert_uint_eq(count_objects(rig.m, &empty_type), 2);
    }
    rig_close(&rig);
}
TEST_IN_EVERY_MODE(values_of_weak_structures_refer_past_starts, "")

/* ---- what is wrong ---- */

static void plant(struct rig *rig, uint64_t *slot, uint64_t word, const char *what)
{
    struct besom_report report = {{0}};
    *slot = word;
    ck_assert_int_eq(besom_verify(rig->m, &report), BESOM_E_INVARIANT);
    ck_assert_msg(strstr(report.text, what), "no '%s' in: %s", what, report.text);
    *slot = 0;
    verify(rig->m);
}

static void check_planted(struct besom_encoding e)
{
    struct rig rig;
    open_rig(&rig, e, "");
    {
        BESOM_LOCALS(rig.m, struct link * link; struct link * to; struct array * array;);
        my->link = make(rig.m, &link_type);
        my->to = make(rig.m, &link_type);
        my->array = make_array(&rig);
        uint64_t right = ref(&rig, my->to), *item = &my->array->elements[ITEMS - 1].item;
        plant(&rig, &my->link->other, right + 16, "I1: field 'other' of the 'link'");
        plant(&rig, item, right + 16, "I1: field 'item' of the 'array'");
        plant(&rig, item, right - 16, "not the start");
        plant(&rig, item, (uint64_t)8 << 40 | e.match, "not in the heap");
        if (!e.match) /* the start, as in a heap without an offset */
            plant(&rig, &my->link->next, (uintptr_t)my->to, "I1: field 'next' of the 'link'");
        my->link->next = right;
        verify(rig.m);
    }
    rig_close(&rig);
}

START_TEST(verification_finds_references_that_are_not_so_far_past_a_start)
{
    for (size_t i = 0; i < ENCODINGS; i++)
        check_planted(encodings[i]);
}
END_TEST

START_TEST(verification_finds_what_is_too_low_to_be_a_reference)
{
    struct rig rig;
    open_rig(&rig, encodings[1], "");
    {
        BESOM_LOCALS(rig.m, struct link * link;);
        my->link = make(rig.m, &link_type);
        const uint64_t low[] = {1, 8, 16, 4095, 4096, 4097, 8192};
        for (size_t i = 0; i < sizeof low / sizeof *low; i++)
            plant(&rig, &my->link->next, low[i], "not in the heap");
    }
    rig_close(&rig);
}
END_TEST

START_TEST(foreign_references_past_headers_are_skipped)
{
    static uint64_t outside[4];
    struct rig rig;
    rig_init_exact(&rig, "verify");
    rig.config.encoding = plain_past;
    rig.config.foreign_refs = true;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct array * array;);
        my->array = make_array(&rig);
        const uint64_t foreign[] = {(uintptr_t)outside, (uintptr_t)outside + PAST, 1, 8, PAST,
                                    PAST + 1, UINT64_MAX, UINT64_MAX - PAST, UINT64_C(1) << 63};
        for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
            set(&rig, my->array, &my->array->elements[2 * i].item, foreign[i]);
            set(&rig, my->array, &my->array->elements[2 * i + 1].item,
                ref(&rig, make(rig.m, &empty_type)));
        }
        for (int i = 0; i < 2; i++)
            collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &empty_type), sizeof foreign / sizeof *foreign);
    }
    rig_close(&rig);
}
END_TEST

/* ---- words that may be references ---- */

START_TEST(ambiguous_word_holds_the_object_it_points_past)
{
    struct rig rig;
    open_rig(&rig, plain_past, "");
    uintptr_t words[3] = {0, 0, 0};
    require_ok(besom_root_ambiguous(rig.heap, words, 3, "words", NULL));
    void *empties[9], *kept[3];
    for (int i = 0; i < 9; i++)
        empties[i] = make(rig.m, &empty_type);
    for (int i = 0; i < 3; i++) {
        kept[i] = empties[3 * i];
        words[i] = (uintptr_t)kept[i] + PAST + (i == 1); /* one is tagged */
    }
    collect(rig.m);
    for (int i = 0; i < 3; i++)
        ck_assert_msg(besom_owns(rig.heap, kept[i]), "object %d is lost", i);
    ck_assert_uint_le(count_objects(rig.m, NULL), 6); /* and their neighbours, perhaps */
    rig_close(&rig);
}
END_TEST

START_TEST(ambiguous_word_into_an_object_does_not_hold_the_one_before)
{
    struct rig rig;
    open_rig(&rig, plain_past, "");
    uintptr_t word = 0;
    require_ok(besom_root_ambiguous(rig.heap, &word, 1, "word", NULL));
    struct link *links[5];
    for (int i = 0; i < 5; i++)
        links[i] = make(rig.m, &link_type);
    word = (uintptr_t)links[2];
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 1);
    ck_assert(besom_owns(rig.heap, links[2]));
    rig_close(&rig);
}
END_TEST

START_TEST(audit_finds_an_object_that_the_stack_mentions_past_its_start)
{
    struct rig rig;
    rig_init_exact(&rig, "audit_stack");
    rig.config.encoding = plain_past;
    rig.watch.expected = 1u << BESOM_EVENT_STACK_MENTION;
    rig_open(&rig);
    char *volatile forgotten = (char *)make(rig.m, &link_type) + PAST;
    collect(rig.m);
    ck_assert_uint_ge(watch_count(&rig.watch, BESOM_EVENT_STACK_MENTION), 1);
    ck_assert_ptr_eq(rig.watch.object[BESOM_EVENT_STACK_MENTION], forgotten - PAST);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        maps_and_ranges_refer_past_starts,
        marking_without_room_refers_past_starts,
        visited_words_refer_past_starts_and_visited_references_are_starts,
        handles_weak_references_and_keys_are_starts,
        values_of_weak_structures_refer_past_starts,
        verification_finds_references_that_are_not_so_far_past_a_start,
        verification_finds_what_is_too_low_to_be_a_reference,
        foreign_references_past_headers_are_skipped,
        ambiguous_word_holds_the_object_it_points_past,
        ambiguous_word_into_an_object_does_not_hold_the_one_before,
        audit_finds_an_object_that_the_stack_mentions_past_its_start,
    };
    return run_tests("references past starts", tests, sizeof tests / sizeof *tests);
}
