/* arena.c - a host in mruby's shape: its C functions root nothing, and an arena holds what they make. */
#include "tests/hosts/modes.h"

#include <setjmp.h>

struct vm {
    struct besom_mutator *m;
    jmp_buf *error;
    struct node *exception;
};

/* A C function of the host's: its list is in plain locals, and each item has scratch of its own. */
static struct node *make_items(struct vm *vm, size_t n)
{
    struct node *list = make(vm->m, &node_type);
    size_t mark = besom_arena_save(vm->m);
    for (size_t i = 0; i < n; i++) {
        struct node *item = make(vm->m, &node_type);
        make_list(vm->m, 3);
        besom_poll(vm->m);
        besom_set(vm->m, item, &item->next, list->next);
        besom_set(vm->m, list, &list->next, item);
        besom_arena_restore(vm->m, mark);
        besom_poll(vm->m);
    }
    return list;
}

static void raise_error(struct vm *vm, uint64_t id)
{
    vm->exception = make(vm->m, &node_type);
    vm->exception->id = id;
    longjmp(*vm->error, 1);
}

static void raise_deep(struct vm *vm)
{
    make_items(vm, 5);
    raise_error(vm, 42);
}

/* The exception that fn raised, in the arena; or NULL. */
static struct node *call_protected(struct vm *vm, void (*fn)(struct vm *vm))
{
    jmp_buf here;
    const size_t mark = besom_arena_save(vm->m);
    vm->error = &here;
    if (setjmp(here) == 0) {
        fn(vm);
        return NULL;
    }
    besom_arena_restore(vm->m, mark);
    require_ok(besom_arena_protect(vm->m, vm->exception));
    return vm->exception;
}

static void start(struct rig *rig, struct vm *vm, const char *options)
{
    rig_init_exact(rig, options);
    rig_open(rig);
    *vm = (struct vm){.m = rig->m};
    require_ok(besom_arena_open(vm->m));
}

static void plain_locals_hold_between_save_and_restore_in(const char *options)
{
    struct rig rig;
    struct vm vm;
    start(&rig, &vm, options);
    struct node *list = make_items(&vm, 200);
    ck_assert_uint_eq(besom_arena_save(vm.m), 1);
    collect(vm.m);
    ck_assert_uint_eq(count_objects(vm.m, &node_type), 201);
    size_t n = 0;
    for (struct node *item = list->next; item; item = item->next)
        n++;
    ck_assert_uint_eq(n, 200);
    ck_assert_int_eq(besom_arena_restore(vm.m, 0), BESOM_OK);
    collect(vm.m);
    ck_assert_uint_eq(count_objects(vm.m, &node_type), 0);
    rig_close(&rig);
}

static void error_drops_all_but_its_exception_in(const char *options)
{
    struct rig rig;
    struct vm vm;
    start(&rig, &vm, options);
    make(vm.m, &node_type);
    struct node *exception = call_protected(&vm, raise_deep);
    besom_poll(vm.m);
    collect(vm.m);
    ck_assert_uint_eq(exception->id, 42);
    ck_assert_uint_eq(count_objects(vm.m, &node_type), 2);
    rig_close(&rig);
}

TEST_IN_EVERY_MODE(plain_locals_hold_between_save_and_restore, "")
TEST_IN_EVERY_MODE(error_drops_all_but_its_exception, "")

int main(void)
{
    const TTest *const tests[] = {
        plain_locals_hold_between_save_and_restore,
        error_drops_all_but_its_exception,
    };
    return run_tests("host: arena", tests, sizeof tests / sizeof *tests);
}
