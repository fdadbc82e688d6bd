/* scanned_stack.c - a host in Guile's shape: C stacks, and memory of unknown layout, are scanned for
 * what may be references. */
#include "tests/hosts/modes.h"

#include <stdlib.h>
#include <string.h>

/* An object that wraps a C library's structure, within itself, whose layout nobody told the host. */
struct wrapper {
    const struct besom_type *type;
    uint64_t n_words;
    void *words[];
};

static void trace_wrapper(struct besom_tracer *tracer, void *obj)
{
    const struct wrapper *w = obj;
    besom_visit_ambiguous(tracer, w->words, w->n_words);
}

static const struct besom_type wrapper_type = {.name = "wrapper",
                                               .size_bytes = sizeof(struct wrapper),
                                               .flags = BESOM_RACY,
                                               .trace = trace_wrapper};

static void start(struct rig *rig, const char *options)
{
    rig_init_exact(rig, options);
    rig_open(rig);
}

static void plain_locals_hold_in(const char *options)
{
    struct rig rig;
    start(&rig, options);
    struct node *volatile list = NULL;
    for (size_t i = 0; i < 100; i++) {
        struct node *volatile item = make(rig.m, &node_type);
        besom_poll(rig.m);
        item->id = i;
        besom_set(rig.m, item, &item->next, list);
        list = item;
    }
    collect(rig.m);
    check_list(list, 100);
    rig_close(&rig);
}

static void pointer_into_an_object_holds_it_in(const char *options)
{
    struct rig rig;
    start(&rig, options);
    char *volatile inside = (char *)make_sized(rig.m, &blob_type, 5000) + 3000;
    collect(rig.m);
    ck_assert(besom_owns(rig.heap, inside - 3000));
    rig_close(&rig);
}

static void foreign_memory_holds_until_it_is_unregistered_in(const char *options)
{
    struct rig rig;
    struct besom_root *root;
    start(&rig, options);
    void **memory = calloc(16, sizeof *memory);
    ck_assert_ptr_nonnull(memory);
    require_ok(besom_root_ambiguous(rig.heap, memory, 16, "a library's", &root));
    memory[7] = make_list(rig.m, 50);
    memory[9] = (void *)(uintptr_t)12345;
    collect(rig.m);
    check_list(memory[7], 50);
    require_ok(besom_root_free(root));
    free(memory);
    rig_close(&rig);
}

static void wrapper_of_unknown_layout_holds_what_it_mentions_in(const char *options)
{
    struct rig rig;
    start(&rig, options);
    struct wrapper *volatile w = make_sized(rig.m, &wrapper_type, sizeof *w + 8 * sizeof(void *));
    w->n_words = 8;
    collect(rig.m);
    w->words[3] = make_list(rig.m, 50);
    besom_write(rig.m, w);
    collect(rig.m);
    check_list(w->words[3], 50);
    rig_close(&rig);
}

TEST_IN_EVERY_MODE(plain_locals_hold, ",scan_stacks")
TEST_IN_EVERY_MODE(pointer_into_an_object_holds_it, ",scan_stacks")
TEST_IN_EVERY_MODE(foreign_memory_holds_until_it_is_unregistered, "")
TEST_IN_EVERY_MODE(wrapper_of_unknown_layout_holds_what_it_mentions, ",scan_stacks")

int main(void)
{
    const TTest *const tests[] = {
        plain_locals_hold,
        pointer_into_an_object_holds_it,
        foreign_memory_holds_until_it_is_unregistered,
        wrapper_of_unknown_layout_holds_what_it_mentions,
    };
    return run_tests("host: scanned stack", tests, sizeof tests / sizeof *tests);
}
