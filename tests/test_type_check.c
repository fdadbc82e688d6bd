/* test_type_check.c - besom_type_check finds every contradiction that a type can have. */
#include "support.h"

#include <string.h>

struct body { /* what the types below describe */
    const void *type;
    void *a;
    uint32_t small, length;
    void *items[];
};

static const struct besom_field a_field[] = {{"a", offsetof(struct body, a)}};
static const struct besom_field item_field[] = {{"item", 0}};

/* A type to spoil. */
static struct besom_type sound(void)
{
    return (struct besom_type){
        .name = "body",
        .size_bytes = sizeof(struct body),
        .fields = a_field,
        .n_fields = 1,
        .tail = {.offset_bytes = offsetof(struct body, items),
                 .stride_bytes = sizeof(void *),
                 .length_offset_bytes = offsetof(struct body, length),
                 .length_width_bytes = 4,
                 .fields = item_field,
                 .n_fields = 1}};
}

static void check_sound(const struct besom_type *type, bool has_header)
{
    struct besom_report report = {{0}};
    enum besom_status status = besom_type_check(type, has_header, &report);
    ck_assert_msg(status == BESOM_OK, "%s: %s", type->name, report.text);
    ck_assert_int_eq(besom_type_check(type, has_header, NULL), BESOM_OK);
}

static void check_unsound(const struct besom_type *type, bool has_header, const char *why)
{
    struct besom_report report = {{0}};
    ck_assert_msg(besom_type_check(type, has_header, &report) == BESOM_E_TYPE, "not found: %s",
                  why);
    ck_assert_uint_gt(strlen(report.text), 0);
    ck_assert_int_eq(besom_type_check(type, has_header, NULL), BESOM_E_TYPE);
}

START_TEST(sound_types_pass)
{
    check_sound(&node_type, true);
    check_sound(&pair_type, true);
    check_sound(&pair_type, false);
    check_sound(&blob_type, true);
    check_sound(&vector_type, true);
    check_sound(&hooked_type, true);
    struct besom_type type = sound();
    check_sound(&type, true);
    check_sound(&type, false);
}
END_TEST

START_TEST(no_type_is_a_bad_argument)
{
    struct besom_report report = {{0}};
    ck_assert_int_eq(besom_type_check(NULL, true, &report), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_type_check(NULL, true, NULL), BESOM_E_ARGUMENT);
}
END_TEST

START_TEST(type_needs_a_name)
{
    struct besom_type type = sound();
    type.name = NULL;
    check_unsound(&type, true, "no name");
}
END_TEST

START_TEST(header_needs_room)
{
    struct besom_type type = {.name = "tiny", .size_bytes = sizeof(void *) - 1,
                              .flags = BESOM_LEAF};
    check_unsound(&type, true, "no room for the type word");
    check_sound(&type, false);
    type.flags |= BESOM_OWN_BLOCKS;
    check_sound(&type, true);
    type = (struct besom_type){.name = "bare", .size_bytes = sizeof(void *),
                               .flags = BESOM_LEAF};
    check_sound(&type, true);
}
END_TEST

START_TEST(header_is_no_reference)
{
    static const struct besom_field first[] = {{"type", 0}};
    struct besom_type type = sound();
    type.fields = first;
    check_unsound(&type, true, "a field in the type word");
    check_sound(&type, false);
}
END_TEST

START_TEST(field_lies_within_the_size)
{
    const uint32_t offsets[] = {sizeof(struct body), sizeof(struct body) + 8, 1u << 20,
                                UINT32_MAX - 7};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        struct besom_field field = {"far", offsets[i]};
        struct besom_type type = sound();
        type.fields = &field;
        check_unsound(&type, true, "a field beyond the size");
    }
    struct besom_type type = sound();
    type.tail = (struct besom_tail){0};
    type.size_bytes = offsetof(struct body, a) + sizeof(void *) - 1;
    check_unsound(&type, true, "a field that crosses the size");
}
END_TEST

START_TEST(field_is_aligned)
{
    for (uint32_t offset = 9; offset < 16; offset++) {
        struct besom_field field = {"askew", offset};
        struct besom_type type = sound();
        type.fields = &field;
        check_unsound(&type, true, "an unaligned field");
    }
}
END_TEST

START_TEST(fields_are_where_their_number_says)
{
    struct besom_type type = sound();
    type.fields = NULL;
    check_unsound(&type, true, "a number of fields without fields");
    type = sound();
    type.tail.fields = NULL;
    check_unsound(&type, true, "a number of tail fields without fields");
}
END_TEST

START_TEST(leaf_has_no_references)
{
    struct besom_type type = sound();
    type.flags = BESOM_LEAF;
    type.tail = (struct besom_tail){0};
    check_unsound(&type, true, "a leaf with a field");
    type = sound();
    type.flags = BESOM_LEAF;
    type.n_fields = 0;
    check_unsound(&type, true, "a leaf with references in its tail");
}
END_TEST

static void trace_nothing(struct besom_tracer *tracer, void *obj)
{
    (void)tracer, (void)obj;
}

START_TEST(trace_callback_stands_instead_of_a_map)
{
    struct besom_type type = {.name = "traced", .size_bytes = 16, .trace = trace_nothing};
    check_sound(&type, true);
    type.flags = BESOM_LEAF;
    check_unsound(&type, true, "a leaf with a trace callback");
    type = sound();
    type.trace = trace_nothing;
    check_unsound(&type, true, "a trace callback beside a map");
}
END_TEST

START_TEST(tail_length_has_a_width_of_an_integer)
{
    const uint32_t widths[] = {3, 5, 6, 7, 9, 16, UINT32_MAX};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct besom_type type = sound();
        type.tail.length_width_bytes = widths[i];
        check_unsound(&type, true, "a length of an odd width");
    }
    const uint32_t good[] = {0, 1, 2, 4};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct besom_type type = sound();
        type.tail.length_width_bytes = good[i];
        check_sound(&type, true);
    }
}
END_TEST

START_TEST(tail_length_lies_in_the_head)
{
    const uint32_t offsets[] = {sizeof(struct body) - 3, sizeof(struct body),
                                sizeof(struct body) + 64, UINT32_MAX - 1};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        struct besom_type type = sound();
        type.tail.length_offset_bytes = offsets[i];
        check_unsound(&type, true, "a length outside the head");
    }
}
END_TEST

START_TEST(tail_field_lies_within_the_stride)
{
    struct besom_field field = {"far", 8};
    struct besom_type type = sound();
    type.tail.fields = &field;
    check_unsound(&type, true, "a tail field beyond the stride");
    type.tail.stride_bytes = 16;
    check_sound(&type, true);
    field.offset_bytes = UINT32_MAX - 7;
    check_unsound(&type, true, "a tail field far beyond the stride");
}
END_TEST

START_TEST(tail_references_are_aligned)
{
    struct besom_field field = {"askew", 4};
    struct besom_type type = sound();
    type.tail.stride_bytes = 16;
    type.tail.fields = &field;
    check_unsound(&type, true, "an unaligned tail field");
    type = sound();
    type.tail.stride_bytes = 12;
    check_unsound(&type, true, "a stride that unaligns references");
    type = sound();
    type.tail.offset_bytes += 4;
    check_unsound(&type, true, "an unaligned tail");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sound_types_pass,
        no_type_is_a_bad_argument,
        type_needs_a_name,
        header_needs_room,
        header_is_no_reference,
        field_lies_within_the_size,
        field_is_aligned,
        fields_are_where_their_number_says,
        leaf_has_no_references,
        trace_callback_stands_instead_of_a_map,
        tail_length_has_a_width_of_an_integer,
        tail_length_lies_in_the_head,
        tail_field_lies_within_the_stride,
        tail_references_are_aligned,
    };
    return run_tests("type check", tests, sizeof tests / sizeof *tests);
}
