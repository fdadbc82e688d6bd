/* test_compiled.c - code that a host's compiler emits: inline paths, a walked stack, a shadow stack. */
#include "machine_code.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

static const char *const modes[] = {
    "mode=stw",
    "mode=incremental,slow",
    "mode=concurrent,slow",
    "generational,nursery=64k,verify",
    "mode=incremental,generational,slow,verify",
    "mode=concurrent,generational,verify",
    "mode=concurrent,barrier",
    "stress=7,verify,poison",
};
enum { MODES = sizeof modes / sizeof modes[0] };

static struct machine_code code;

/* A heap in a mode, and the code; false where there is none. */
static bool start(struct rig *rig, const char *mode)
{
    if (!machine_code_init(&code, &node_type)) {
        puts("no machine code for this machine: offsets are checked by the library's build alone");
        return false;
    }
    char text[200];
    snprintf(text, sizeof text, "heap_min=1m,%s", mode);
    rig_init_exact(rig, text);
    rig_open(rig);
    return true;
}

static void finish(struct rig *rig)
{
    rig_close(rig);
    machine_code_fini(&code);
}

/* ---- inline paths ---- */

/* A ring of lists, whose nodes come and go through nothing but machine code. */
static void churn(struct rig *rig, size_t rounds)
{
    enum { LISTS = 64 };
    BESOM_LOCALS(rig->m, struct vector * ring;);
    my->ring = make_vector(rig->m, LISTS);
    for (size_t i = 0; i < rounds; i++) {
        void **slot = &my->ring->items[i % LISTS];
        struct node *node = code.new_object(rig->m);
        require(node->type == &node_type && !node->next && !node->other, "a newborn is not zeroed");
        node->id = i;
        code.set(rig->m, node, &node->next, i % 1000 < LISTS ? NULL : *slot);
        code.set_in_any(rig->m, my->ring, slot, node);
        struct node *older = my->ring->items[i * 7 % LISTS];
        if (older)
            code.set(rig->m, older, &older->other, node);
        code.poll(rig->m);
    }
    for (size_t i = 0; i < LISTS; i++)
        for (struct node *node = my->ring->items[i]; node; node = node->next) {
            require(besom_owns(rig->heap, node), "a node of a list is gone");
            require(node->type == &node_type && node->id % LISTS == i, "a node was overwritten");
            require(!node->other || besom_owns(rig->heap, node->other), "a neighbour is gone");
        }
}

START_TEST(code_by_hand_allocates_stores_and_polls)
{
    struct rig rig;
    if (!start(&rig, modes[_i]))
        return;
    churn(&rig, scaled(100000));
    verify(rig.m);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    ck_assert_uint_ge(stats_of(rig.heap).cycles, 1);
    finish(&rig);
}
END_TEST

START_TEST(large_objects_are_stored_into_by_card)
{
    struct rig rig;
    if (!start(&rig, modes[_i]))
        return;
    {
        enum { LENGTH = 20000 };
        BESOM_LOCALS(rig.m, struct vector * large;);
        my->large = make_vector(rig.m, LENGTH);
        collect(rig.m);
        const size_t rounds = scaled(20000);
        for (size_t i = 0; i < rounds; i++) {
            struct node *node = code.new_object(rig.m);
            node->id = i;
            code.set_in_any(rig.m, my->large, &my->large->items[i * 37 % LENGTH], node);
            code.poll(rig.m);
        }
        for (size_t i = 0; i < LENGTH; i++) {
            struct node *node = my->large->items[i];
            require(!node || (besom_owns(rig.heap, node) && node->id * 37 % LENGTH == i),
                    "an element is gone");
        }
    }
    finish(&rig);
}
END_TEST

/* ---- stack walkers ---- */

enum { DEPTH = 100 };

static void walk(struct besom_tracer *tracer, void *const *frame, void *walks)
{
    __atomic_fetch_add((unsigned long *)walks, 1, __ATOMIC_RELAXED);
    machine_code_walk(tracer, frame, &code);
}

/* What a walker without unwinding tables can follow: machine code that calls the library. */
static int (*collector(void))(struct besom_mutator *, uint64_t)
{
    enum besom_status (*from)(struct besom_mutator *, enum besom_collect_kind) = besom_collect;
    int (*to)(struct besom_mutator *, uint64_t);
    memcpy(&to, &from, sizeof to);
    return to;
}

/* Objects that frames keep live through a collection. */
static void collect_below_frames(struct rig *rig, struct besom_mutator *m)
{
    void *objects[DEPTH];
    for (size_t i = 0; i < DEPTH; i++)
        objects[i] = make(m, &node_type);
    require(code.descend(m, objects, DEPTH, collector(), BESOM_FULL) == objects[0],
            "a frame lost it");
    for (size_t i = 0; i < DEPTH; i++)
        require(besom_owns(rig->heap, objects[i]), "what a frame kept is gone");
}

START_TEST(walked_frames_hold_what_they_keep)
{
    struct rig rig;
    if (!start(&rig, modes[_i]))
        return;
    unsigned long walks = 0;
    struct besom_root *root;
    require_ok(besom_stack_walker(rig.m, walk, &walks, "frames of machine code", &root));
    const void *dropped = make(rig.m, &node_type);
    collect_below_frames(&rig, rig.m);
    ck_assert(!besom_owns(rig.heap, dropped));
    ck_assert_uint_ge(walks, 1);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &node_type), 0);
    require_ok(besom_root_free(root));
    const unsigned long before = walks;
    collect(rig.m);
    ck_assert_uint_eq(walks, before);
    finish(&rig);
}
END_TEST

static void *collect_beside_others(void *arg)
{
    struct rig *rig = arg;
    struct besom_mutator *m = besom_attach(rig->heap);
    unsigned long walks = 0;
    require_ok(besom_stack_walker(m, walk, &walks, "frames of machine code", NULL));
    const size_t rounds = scaled(40);
    for (size_t i = 0; i < rounds; i++)
        collect_below_frames(rig, m);
    require_ok(besom_detach(m));
    return NULL;
}

/* Each stands in its own call while another's collection walks its frames. */
START_TEST(frames_of_threads_that_stand_are_walked)
{
    struct rig rig;
    if (!start(&rig, modes[_i]))
        return;
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, collect_beside_others, &rig), 0);
    require_ok(besom_native_enter(rig.m));
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    require_ok(besom_native_leave(rig.m));
    finish(&rig);
}
END_TEST

static void note_frame(struct besom_tracer *tracer, void *const *frame, void *seen)
{
    (void)tracer;
    *(void *const **)seen = frame;
}

static void *collect_once(void *heap)
{
    struct besom_mutator *m = besom_attach(heap);
    collect(m);
    require_ok(besom_detach(m));
    return NULL;
}

START_TEST(a_walker_is_told_no_frame_in_a_native_region)
{
    struct rig rig;
    rig_start(&rig);
    void *const *seen = NULL;
    require_ok(besom_stack_walker(rig.m, note_frame, &seen, "frames", NULL));
    collect(rig.m);
    ck_assert_ptr_nonnull(seen);
    pthread_t thread;
    require_ok(besom_native_enter(rig.m));
    ck_assert_int_eq(pthread_create(&thread, NULL, collect_once, rig.heap), 0);
    pthread_join(thread, NULL);
    ck_assert_ptr_null(seen);
    require_ok(besom_native_leave(rig.m));
    collect(rig.m);
    ck_assert_ptr_nonnull(seen);
    rig_close(&rig);
}
END_TEST

/* ---- LLVM's shadow stack, laid out by hand ---- */

static const struct besom_llvm_map map_of_two = {.n_roots = 2};

struct shadow_frame {
    struct besom_llvm_frame head;
    void *roots[2];
};

START_TEST(roots_of_a_shadow_stack_live)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_llvm_frame *chain = NULL;
    struct besom_root *root;
    require_ok(besom_llvm_shadow_stack(rig.m, &chain, "compiled code", &root));
    collect(rig.m);
    struct shadow_frame outer = {.head = {NULL, &map_of_two},
                                 .roots = {make_list(rig.m, 10), NULL}};
    chain = &outer.head;
    struct shadow_frame inner = {.head = {chain, &map_of_two},
                                 .roots = {NULL, make_list(rig.m, 20)}};
    chain = &inner.head;
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 30);
    chain = chain->next;
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 10);
    check_list(outer.roots[0], 10);
    require_ok(besom_root_free(root));
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(bad_walkers_and_stacks_are_refused)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_llvm_frame *chain = NULL;
    struct besom_root *root = NULL;
    ck_assert_int_eq(besom_stack_walker(rig.m, NULL, NULL, "x", &root), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_stack_walker(NULL, note_frame, NULL, "x", &root), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_llvm_shadow_stack(rig.m, NULL, "x", &root), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_llvm_shadow_stack(NULL, &chain, "x", &root), BESOM_E_ARGUMENT);
    ck_assert_ptr_null(root);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compiled");
    TCase *tc = tcase_create("compiled");
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, code_by_hand_allocates_stores_and_polls, 0, MODES);
    tcase_add_loop_test(tc, large_objects_are_stored_into_by_card, 0, MODES);
    tcase_add_loop_test(tc, walked_frames_hold_what_they_keep, 0, MODES);
    tcase_add_loop_test(tc, frames_of_threads_that_stand_are_walked, 0, MODES);
    tcase_add_test(tc, a_walker_is_told_no_frame_in_a_native_region);
    tcase_add_test(tc, roots_of_a_shadow_stack_live);
    tcase_add_test(tc, bad_walkers_and_stacks_are_refused);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
