/* test_gc_trace.c - reading reference maps: fields, tails of any length, encodings. */
#include "support.h"

#include "gc/heap.h"
#include "gc/trace.h"

#include <stdio.h>
#include <string.h>

static void start(struct rig *rig)
{
    rig_init_exact(rig, NULL);
    rig_open(rig);
}

/* ---- the length of a tail ---- */

struct any {
    const struct besom_type *type;
    union {
        uint64_t length;
        uint32_t four;
        uint16_t two;
        uint8_t one;
    };
    uint64_t words[];
};

static const struct besom_field word_field[] = {{"word", 0}};

static struct besom_type tail_type(uint32_t width, uint32_t stride)
{
    return (struct besom_type){.name = "tail",
                               .size_bytes = sizeof(struct any),
                               .tail = {.offset_bytes = sizeof(struct any),
                                        .stride_bytes = stride,
                                        .length_offset_bytes = offsetof(struct any, length),
                                        .length_width_bytes = width,
                                        .fields = word_field,
                                        .n_fields = 1}};
}

START_TEST(length_is_read_with_its_width)
{
    const uint64_t bits = 0x123456789abcdef0u;
    struct any any = {.length = bits};
    struct besom_type type = tail_type(8, 8);
    ck_assert_uint_eq(besom__tail_length(&type, &any), bits);
    type = tail_type(4, 8);
    ck_assert_uint_eq(besom__tail_length(&type, &any), any.four);
    type = tail_type(2, 8);
    ck_assert_uint_eq(besom__tail_length(&type, &any), any.two);
    type = tail_type(1, 8);
    ck_assert_uint_eq(besom__tail_length(&type, &any), any.one);
}
END_TEST

START_TEST(tail_without_a_length_fills_its_object)
{
    struct rig rig;
    start(&rig);
    static struct besom_type type;
    static const size_t strides[] = {8, 16, 24, 40};
    for (size_t s = 0; s < 4; s++) {
        type = tail_type(0, (uint32_t)strides[s]);
        for (size_t bytes = 16; bytes < 600; bytes += 8) {
            const void *obj = make_sized(rig.m, &type, bytes);
            ck_assert_uint_eq(besom__tail_length(&type, obj),
                              ((bytes + 15) / 16 * 16 - 16) / strides[s]);
        }
        const void *large = make_sized(rig.m, &type, 100000),
                   *huge = make_sized(rig.m, &type, 8 << 20);
        ck_assert_uint_eq(besom__tail_length(&type, large), (100000 - 16) / strides[s]);
        ck_assert_uint_eq(besom__tail_length(&type, huge), ((8 << 20) - 16) / strides[s]);
        collect(rig.m);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(tail_that_would_begin_beyond_its_object_is_empty)
{
    struct rig rig;
    start(&rig);
    static struct besom_type type;
    type = tail_type(0, 8);
    type.tail.offset_bytes = 64;
    const void *obj = make_sized(rig.m, &type, 16);
    ck_assert_uint_eq(besom__tail_length(&type, obj), 0);
    ck_assert_uint_eq(besom__tail_length(&type, make_sized(rig.m, &type, 64)), 0);
    ck_assert_uint_eq(besom__tail_length(&type, make_sized(rig.m, &type, 80)), 2);
    rig_close(&rig);
}
END_TEST

/* ---- words ---- */

START_TEST(words_are_decoded_by_mask_match_and_pointer_bits)
{
    struct besom_heap heap = {
        .config = {.encoding = {.mask = 7, .match = 1, .pointer_bits = ~UINT64_C(7)}}};
    ck_assert_ptr_eq(besom__decode(&heap, 0x1001), (void *)0x1000);
    ck_assert_ptr_null(besom__decode(&heap, 0x1000));
    ck_assert_ptr_null(besom__decode(&heap, 0x1003));
    ck_assert_ptr_null(besom__decode(&heap, 1));
    ck_assert_ptr_null(besom__decode(&heap, 0));
    const uint64_t tag = UINT64_C(0xfffc) << 48;
    heap.config.encoding =
        (struct besom_encoding){UINT64_C(0xffff) << 48, tag, ~(UINT64_C(0xffff) << 48), 0};
    ck_assert_ptr_eq(besom__decode(&heap, tag | 0x7f0012345670), (void *)0x7f0012345670);
    ck_assert_ptr_null(besom__decode(&heap, 0x7f0012345670));
    ck_assert_ptr_null(besom__decode(&heap, tag));
}
END_TEST

START_TEST(offset_is_subtracted_from_what_is_higher)
{
    struct besom_heap heap = {
        .config = {.encoding = {
                       .mask = 7, .match = 1, .pointer_bits = ~UINT64_C(7), .ref_offset_bytes = 24}}};
    ck_assert_ptr_eq(besom__decode(&heap, 0x1019), (void *)0x1000);
    ck_assert_ptr_null(besom__decode(&heap, 0x1018));
    ck_assert_ptr_null(besom__decode(&heap, 0));
    ck_assert_ptr_null(besom__decode(&heap, 1));
    ck_assert_ptr_eq(besom__decode(&heap, 9), (void *)8);
    ck_assert_ptr_eq(besom__decode(&heap, 25), (void *)24);
    ck_assert_ptr_eq(besom__decode(&heap, 33), (void *)8);
}
END_TEST

/* ---- the order and the extent of a walk over an object ---- */

struct walk {
    char text[500];
};

static void write_down(void *data, uint64_t word, const struct besom_field *field)
{
    struct walk *walk = data;
    size_t n = strlen(walk->text);
    snprintf(walk->text + n, sizeof walk->text - n, "%s=%d ", field->name, (int)word);
}

struct pairs {
    const struct besom_type *type;
    uint64_t first, unused, second;
    uint8_t length;
    struct {
        uint64_t number, key, value;
    } items[];
};

static const struct besom_field pairs_fields[] = {{"first", offsetof(struct pairs, first)},
                                                  {"second", offsetof(struct pairs, second)}};
static const struct besom_field item_fields[] = {{"key", 8}, {"value", 16}};
static const struct besom_type pairs_type = {
    .name = "pairs",
    .size_bytes = sizeof(struct pairs),
    .fields = pairs_fields,
    .n_fields = 2,
    .tail = {.offset_bytes = offsetof(struct pairs, items),
             .stride_bytes = 24,
             .length_offset_bytes = offsetof(struct pairs, length),
             .length_width_bytes = 1,
             .fields = item_fields,
             .n_fields = 2}};

static bool contains(const struct walk *walk, const char *what)
{
    return strstr(walk->text, what) != NULL;
}

START_TEST(every_reference_of_the_map_is_named_and_nothing_else)
{
    struct rig rig;
    start(&rig);
    struct pairs *p = make_sized(rig.m, &pairs_type, sizeof(struct pairs) + 3 * 24);
    p->length = 2; /* the third is not in use */
    p->first = 1;
    p->unused = 99;
    p->second = 2;
    for (uint64_t i = 0; i < 3; i++) {
        p->items[i].number = 99;
        p->items[i].key = 10 + i;
        p->items[i].value = 20 + i;
    }
    struct walk walk = {{0}};
    struct besom_tracer tracer = {.heap = rig.heap};
    besom__trace_object(&tracer, p, write_down, &walk);
    static const char *const want[] = {"first=1 ",  "second=2 ", "key=10 ",
                                       "value=20 ", "key=11 ",   "value=21 "};
    size_t bytes = 0;
    for (size_t i = 0; i < 6; i++) {
        ck_assert_msg(contains(&walk, want[i]), "no %s in %s", want[i], walk.text);
        bytes += strlen(want[i]);
    }
    ck_assert_uint_eq(strlen(walk.text), bytes);
    memset((char *)p + sizeof(void *), 0, sizeof *p - sizeof(void *) + 3 * 24);
    rig_close(&rig);
}
END_TEST

static void call_visit(struct besom_tracer *tracer, void *obj)
{
    besom_visit(tracer, obj);
}

struct counter {
    struct besom_tracer tracer;
    void *last;
    int n;
};

static void count_visit(struct besom_tracer *tracer, void *ref)
{
    struct counter *counter = (struct counter *)tracer;
    counter->last = ref;
    counter->n++;
}

START_TEST(trace_callback_stands_in_for_the_map)
{
    struct rig rig;
    start(&rig);
    static const struct besom_type type = {.name = "traced", .size_bytes = 16, .trace = call_visit};
    void *obj = make(rig.m, &type);
    struct walk walk = {{0}};
    struct counter counter = {.tracer = {.heap = rig.heap, .visit = count_visit}};
    besom__trace_object(&counter.tracer, obj, write_down, &walk);
    ck_assert_ptr_eq(counter.last, obj);
    ck_assert_int_eq(counter.n, 1);
    ck_assert_str_eq(walk.text, "");
    rig_close(&rig);
}
END_TEST

/* ---- types ---- */

static const struct besom_type *type_in_second_word(const void *obj)
{
    return ((const struct besom_type *const *)obj)[1];
}

START_TEST(types_come_from_blocks_the_host_or_the_first_word)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig.config.type_of = type_in_second_word;
    rig_open(&rig);
    static const struct besom_type type = {.name = "hosted", .size_bytes = 32};
    const struct besom_type **obj = make(rig.m, &type);
    ck_assert_ptr_null(obj[0]); /* the host's headers are the host's */
    obj[1] = &type;
    ck_assert_ptr_eq(besom__type_of(rig.heap, obj), &type);
    struct pair *pair = make(rig.m, &pair_type);
    ck_assert_ptr_eq(besom__type_of(rig.heap, pair), &pair_type);
    ck_assert_ptr_eq(besom__type_of(rig.heap, obj), &type);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        length_is_read_with_its_width,
        tail_without_a_length_fills_its_object,
        tail_that_would_begin_beyond_its_object_is_empty,
        words_are_decoded_by_mask_match_and_pointer_bits,
        offset_is_subtracted_from_what_is_higher,
        every_reference_of_the_map_is_named_and_nothing_else,
        trace_callback_stands_in_for_the_map,
        types_come_from_blocks_the_host_or_the_first_word,
    };
    return run_tests("gc trace", tests, sizeof tests / sizeof *tests);
}
