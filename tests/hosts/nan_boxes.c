/* nan_boxes.c - a host in Wren's shape: NaN-boxed values, a stack of them, and a list of handles. */
#include "tests/hosts/modes.h"

#include <string.h>

enum { STACK_SLOTS = 64 };

#define OBJECT_BITS UINT64_C(0xfffc000000000000)

typedef uint64_t Value;

static const struct besom_encoding nan_boxes = {
    .mask = OBJECT_BITS, .match = OBJECT_BITS, .pointer_bits = UINT64_C(0x0000ffffffffffff)};

static const struct besom_field box_fields[] = {{"value", 8}, {"next", 16}};

struct box {
    const struct besom_type *type;
    Value value;
    Value next;
};

static const struct besom_type box_type = {
    .name = "box", .size_bytes = sizeof(struct box), .fields = box_fields, .n_fields = 2};

struct vm {
    Value stack[STACK_SLOTS];
    size_t top;
};

static Value of_object(void *obj)
{
    return OBJECT_BITS | (uint64_t)(uintptr_t)obj;
}

static Value of_double(double number)
{
    Value v;
    memcpy(&v, &number, sizeof v);
    return v;
}

static struct box *as_box(Value v)
{
    return (struct box *)(uintptr_t)(v & nan_boxes.pointer_bits);
}

static void visit_stack(struct besom_tracer *tracer, void *data)
{
    struct vm *vm = data;
    besom_visit_words(tracer, vm->stack, vm->top);
}

static void set_next(struct besom_mutator *m, struct box *box, Value next)
{
    __atomic_store_n(&box->next, next, __ATOMIC_RELAXED);
    besom_write(m, box);
}

/* A list of n boxes on top of the VM's stack. */
static void push_boxes(struct besom_mutator *m, struct vm *vm, size_t n)
{
    size_t list = vm->top++;
    vm->stack[list] = of_double(-1.5);
    for (size_t i = 0; i < n; i++) {
        struct box *box = make(m, &box_type);
        box->value = of_double((double)i);
        set_next(m, box, vm->stack[list]);
        vm->stack[list] = of_object(box);
        besom_poll(m);
    }
}

static void start_boxed(struct rig *rig, struct vm *vm, const char *options)
{
    rig_init_exact(rig, options);
    rig->config.encoding = nan_boxes;
    rig_open(rig);
    ck_assert_int_eq(besom_mutator_root_source(rig->m, visit_stack, vm, "VM stack", NULL),
                     BESOM_OK);
}

static void vm_stack_of_nan_boxes_keeps_what_is_below_its_top_in(const char *options)
{
    struct rig rig;
    struct vm vm = {.top = 0};
    start_boxed(&rig, &vm, options);
    push_boxes(rig.m, &vm, 100);
    push_boxes(rig.m, &vm, 50);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &box_type), 150);
    ck_assert(as_box(vm.stack[0])->value == of_double(99));
    vm.top = 1;
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &box_type), 100);
    rig_close(&rig);
}

static void store_into_an_old_box_keeps_the_new_one_in(const char *options)
{
    struct rig rig;
    struct vm vm = {.top = 0};
    start_boxed(&rig, &vm, options);
    push_boxes(rig.m, &vm, 1);
    collect(rig.m);
    struct box *young = make(rig.m, &box_type);
    young->value = young->next = of_double(1);
    set_next(rig.m, as_box(vm.stack[0]), of_object(young));
    besom_poll(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &box_type), 2);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &box_type), 2);
    rig_close(&rig);
}

static void handle_keeps_what_the_stack_has_dropped_in(const char *options)
{
    struct rig rig;
    struct vm vm = {.top = 0};
    start_boxed(&rig, &vm, options);
    push_boxes(rig.m, &vm, 10);
    struct besom_handle *handle = besom_handle_new(rig.m, as_box(vm.stack[0]), "embedder's");
    ck_assert_ptr_nonnull(handle);
    vm.top = 0;
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &box_type), 10);
    ck_assert_int_eq(besom_handle_free(handle), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &box_type), 0);
    rig_close(&rig);
}

TEST_IN_EVERY_MODE(vm_stack_of_nan_boxes_keeps_what_is_below_its_top, "")
TEST_IN_EVERY_MODE(store_into_an_old_box_keeps_the_new_one, "")
TEST_IN_EVERY_MODE(handle_keeps_what_the_stack_has_dropped, "")

int main(void)
{
    const TTest *const tests[] = {
        vm_stack_of_nan_boxes_keeps_what_is_below_its_top,
        store_into_an_old_box_keeps_the_new_one,
        handle_keeps_what_the_stack_has_dropped,
    };
    return run_tests("host: NaN boxes", tests, sizeof tests / sizeof *tests);
}
