/* past_header.c - a host in Janet's shape: a reference is the address behind its object's header. */
#include "tests/hosts/modes.h"

#include <string.h>

enum kind { BUFFER, TUPLE };

struct header {
    uint32_t kind;
    uint32_t n;
    uint64_t hash;
};

/* What the VM has of a tuple is its items. */
typedef void **Tuple;

static void *start_of(const void *ref)
{
    return ref ? (char *)ref - sizeof(struct header) : NULL;
}

static struct header *header_of(const void *ref)
{
    return start_of(ref);
}

static void trace_tuple(struct besom_tracer *tracer, void *obj)
{
    const struct header *head = obj;
    void *const *items = (void *const *)(head + 1);
    for (uint32_t i = 0; i < head->n; i++)
        besom_visit(tracer, start_of(__atomic_load_n(&items[i], __ATOMIC_RELAXED)));
}

static const struct besom_type buffer_type = {
    .name = "buffer", .size_bytes = sizeof(struct header), .flags = BESOM_LEAF};
static const struct besom_type tuple_type = {
    .name = "tuple", .size_bytes = sizeof(struct header), .trace = trace_tuple};

static const struct besom_type *type_of(const void *obj)
{
    return ((const struct header *)obj)->kind == TUPLE ? &tuple_type : &buffer_type;
}

struct fiber {
    void *stack[64];
    size_t top;
};

static void visit_fiber(struct besom_tracer *tracer, void *data)
{
    const struct fiber *fiber = data;
    for (size_t i = 0; i < fiber->top; i++)
        besom_visit(tracer, start_of(fiber->stack[i]));
}

static void *new_object(struct besom_mutator *m, const struct besom_type *type, uint32_t n)
{
    struct header *head = make_sized(m, type, sizeof *head + n * sizeof(void *));
    head->kind = type == &tuple_type ? TUPLE : BUFFER;
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
TEST_IN_EVERY_MODE(handle_takes_the_start_of_an_object, "")

int main(void)
{
    const TTest *const tests[] = {
        references_behind_headers_keep_their_objects,
        reference_to_an_empty_object_keeps_it_and_not_its_neighbour,
        handle_takes_the_start_of_an_object,
    };
    return run_tests("host: past the header", tests, sizeof tests / sizeof *tests);
}
