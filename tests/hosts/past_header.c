/* past_header.c - a host in Janet's shape: a reference is the address behind its object's header. */
#include "tests/hosts/modes.h"

#include <string.h>

enum kind { BUFFER, TUPLE, CURSOR };

struct header {
    uint32_t kind;
    uint32_t n;
    uint64_t hash;
};

/* What the VM has of a tuple is its items. */
typedef void **Tuple;

/* Made by C code, which keeps what it goes through by the start. */
struct cursor {
    struct header *tuple;
    void *found; /* a reference */
};

static void *start_of(const void *ref)
{
    return ref ? (char *)ref - sizeof(struct header) : NULL;
}

static struct header *header_of(const void *ref)
{
    return start_of(ref);
}

static void trace_cursor(struct besom_tracer *tracer, void *obj)
{
    const struct cursor *cursor = (const void *)((const struct header *)obj + 1);
    besom_visit(tracer, __atomic_load_n(&cursor->tuple, __ATOMIC_RELAXED));
    besom_visit_words(tracer, (const uint64_t *)(const void *)&cursor->found, 1);
}

static const struct besom_field item_field = {"item", 0};
static const struct besom_type buffer_type = {
    .name = "buffer", .size_bytes = sizeof(struct header), .flags = BESOM_LEAF};
static const struct besom_type tuple_type = {
    .name = "tuple", .size_bytes = sizeof(struct header),
    .tail = {.offset_bytes = sizeof(struct header), .stride_bytes = sizeof(void *),
             .length_offset_bytes = offsetof(struct header, n), .length_width_bytes = 4,
             .fields = &item_field, .n_fields = 1}};
static const struct besom_type cursor_type = {
    .name = "cursor", .size_bytes = sizeof(struct header), .trace = trace_cursor};

static const struct besom_type *type_of(const void *obj)
{
    static const struct besom_type *const types[] = {&buffer_type, &tuple_type, &cursor_type};
    return types[((const struct header *)obj)->kind];
}

struct fiber {
    void *stack[64];
    size_t top;
};

static void visit_fiber(struct besom_tracer *tracer, void *data)
{
    const struct fiber *fiber = data;
    besom_visit_words(tracer, (const uint64_t *)(const void *)fiber->stack, fiber->top);
}

static void *new_object(struct besom_mutator *m, const struct besom_type *type, uint32_t n)
{
    struct header *head = make_sized(m, type, sizeof *head + n * sizeof(void *));
    head->kind = type == &tuple_type ? TUPLE : type == &cursor_type ? CURSOR : BUFFER;
    head->n = n;
    return head + 1;
}

static void set_item(struct besom_mutator *m, Tuple tuple, size_t i, void *ref)
{
    __atomic_store_n(&tuple[i], ref, __ATOMIC_RELAXED);
    besom_write(m, start_of(tuple));
}

static void start(struct rig *rig, struct fiber *fiber, const char *options)
{
    memset(fiber, 0, sizeof *fiber);
    rig_init_exact(rig, options);
    rig->config.type_of = type_of;
    rig->config.encoding.ref_offset_bytes = sizeof(struct header);
    rig_open(rig);
    require_ok(besom_mutator_root_source(rig->m, visit_fiber, fiber, "fiber", NULL));
}

static void references_behind_headers_keep_their_objects_in(const char *options)
{
    struct rig rig;
    struct fiber fiber;
    start(&rig, &fiber, options);
    fiber.stack[fiber.top++] = new_object(rig.m, &tuple_type, 100);
    collect(rig.m);
    for (size_t i = 0; i < 100; i++) {
        set_item(rig.m, fiber.stack[0], i, new_object(rig.m, &buffer_type, (uint32_t)i));
        besom_poll(rig.m);
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &buffer_type), 100);
    for (uint32_t i = 0; i < 100; i++)
        require(header_of(((Tuple)fiber.stack[0])[i])->n == i, "another object");
    fiber.top = 0;
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}

/* A buffer of no bytes ends where its reference points, which is where the next object starts. */
static void reference_to_an_empty_object_keeps_it_and_not_its_neighbour_in(const char *options)
{
    struct rig rig;
    struct fiber fiber;
    start(&rig, &fiber, options);
    for (int i = 0; i < 40; i++) {
        void *ref = new_object(rig.m, &buffer_type, 0);
        if (i % 2)
            fiber.stack[fiber.top++] = ref;
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &buffer_type), 20);
    for (size_t i = 0; i < fiber.top; i++)
        require(besom_owns(rig.heap, start_of(fiber.stack[i])), "an object is lost");
    rig_close(&rig);
}

static void globals_of_a_range_are_references_in(const char *options)
{
    struct rig rig;
    struct fiber fiber;
    static void *globals[4];
    start(&rig, &fiber, options);
    require_ok(besom_root_range(rig.heap, globals, 4, "globals", NULL));
    globals[1] = new_object(rig.m, &tuple_type, 2);
    set_item(rig.m, globals[1], 1, new_object(rig.m, &buffer_type, 0));
    globals[3] = new_object(rig.m, &buffer_type, 0);
    collect(rig.m);
    verify(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 3);
    memset(globals, 0, sizeof globals);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}

static void cursor_may_hold_a_start_in(const char *options)
{
    struct rig rig;
    struct fiber fiber;
    start(&rig, &fiber, options);
    struct cursor *cursor = new_object(rig.m, &cursor_type, 2);
    fiber.stack[fiber.top++] = cursor;
    collect(rig.m);
    Tuple tuple = new_object(rig.m, &tuple_type, 3);
    set_item(rig.m, tuple, 2, new_object(rig.m, &buffer_type, 7));
    besom_set(rig.m, start_of(cursor), &cursor->tuple, start_of(tuple));
    besom_set(rig.m, start_of(cursor), &cursor->found, new_object(rig.m, &buffer_type, 0));
    collect(rig.m);
    verify(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 4);
    require(besom_owns(rig.heap, start_of(cursor->found)), "what was found is lost");
    require(header_of(tuple[2])->n == 7, "another object");
    rig_close(&rig);
}

/* A start where a reference should be is, less the header, no object, unless one is all header. */
static void start_in_place_of_a_reference_is_found_in(const char *options)
{
    struct rig rig;
    struct fiber fiber;
    struct besom_report report = {{0}};
    start(&rig, &fiber, options);
    Tuple first = new_object(rig.m, &tuple_type, 4), tuple = new_object(rig.m, &tuple_type, 1);
    fiber.stack[fiber.top++] = first;
    fiber.stack[fiber.top++] = tuple;
    collect(rig.m); /* no cycle is under way that could mark it */
    tuple[0] = start_of(first);
    ck_assert_int_eq(besom_verify(rig.m, &report), BESOM_E_INVARIANT);
    ck_assert_ptr_nonnull(strstr(report.text, "field 'item' of the 'tuple'"));
    set_item(rig.m, tuple, 0, first);
    verify(rig.m);
    rig_close(&rig);
}

static void handle_takes_the_start_of_an_object_in(const char *options)
{
    struct rig rig;
    struct fiber fiber;
    start(&rig, &fiber, options);
    void *ref = new_object(rig.m, &tuple_type, 1);
    ck_assert_ptr_null(besom_handle_new(rig.m, ref, "behind the header"));
    struct besom_handle *handle = besom_handle_new(rig.m, start_of(ref), "a tuple");
    ck_assert_ptr_nonnull(handle);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &tuple_type), 1);
    require_ok(besom_handle_free(handle));
    rig_close(&rig);
}

TEST_IN_EVERY_MODE(references_behind_headers_keep_their_objects, "")
TEST_IN_EVERY_MODE(reference_to_an_empty_object_keeps_it_and_not_its_neighbour, "")
TEST_IN_EVERY_MODE(globals_of_a_range_are_references, "")
TEST_IN_EVERY_MODE(cursor_may_hold_a_start, "")
TEST_IN_EVERY_MODE(start_in_place_of_a_reference_is_found, "")
TEST_IN_EVERY_MODE(handle_takes_the_start_of_an_object, "")

int main(void)
{
    const TTest *const tests[] = {
        references_behind_headers_keep_their_objects,
        reference_to_an_empty_object_keeps_it_and_not_its_neighbour,
        globals_of_a_range_are_references,
        cursor_may_hold_a_start,
        start_in_place_of_a_reference_is_found,
        handle_takes_the_start_of_an_object,
    };
    return run_tests("host: past the header", tests, sizeof tests / sizeof *tests);
}
