/* test_ambiguous_roots.c - words that may be references pin objects from start to inside, and
 * nothing else. */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Does the heap keep an object of `bytes` bytes for a word `inside` bytes into it? */
static bool is_pinned(size_t bytes, size_t inside)
{
    struct rig rig;
    rig_start(&rig);
    uintptr_t word = (uintptr_t)make_sized(rig.m, &blob_type, bytes) + inside;
    struct besom_root *root = NULL;
    ck_assert_int_eq(besom_root_ambiguous(rig.heap, &word, 1, "word", &root), BESOM_OK);
    collect(rig.m);
    size_t n = count_objects(rig.m, &blob_type);
    if (n)
        ck_assert(besom_owns(rig.heap, (void *)(word - inside)));
    ck_assert_int_eq(besom_root_free(root), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &blob_type), 0);
    rig_close(&rig);
    return n == 1;
}

START_TEST(word_to_any_byte_of_an_object_pins_it)
{
    const size_t sizes[] = {16, 32, 48, 256, 264, 5000, 8192, 8200, 65536, 100000, 1 << 20,
                            2 << 20, 3 << 20, 9 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i];
        const size_t inside[] = {0, 1, 8, 15, n / 3, n / 2, n - 8, n - 1};
        for (size_t j = 0; j < sizeof inside / sizeof *inside; j++)
            ck_assert_msg(is_pinned(n, inside[j]), "byte %zu of %zu does not pin", inside[j], n);
    }
}
END_TEST

START_TEST(word_into_own_blocks_pins_one_object)
{
    struct rig rig;
    rig_start(&rig);
    char *pairs[100];
    for (size_t i = 0; i < 100; i++)
        pairs[i] = make(rig.m, &pair_type);
    uintptr_t word = (uintptr_t)pairs[50] + 9;
    ck_assert_int_eq(besom_root_ambiguous(rig.heap, &word, 1, "word", NULL), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 1);
    ck_assert(besom_owns(rig.heap, pairs[50]));
    rig_close(&rig);
}
END_TEST

START_TEST(what_a_pinned_object_refers_to_is_precise)
{
    struct rig rig;
    rig_start(&rig);
    struct node *list = make_list(rig.m, 10);
    /* A look-alike in a word that is no reference. */
    list->id = (uintptr_t)make(rig.m, &node_type);
    uintptr_t word = (uintptr_t)&list->other;
    ck_assert_int_eq(besom_root_ambiguous(rig.heap, &word, 1, "word", NULL), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 10);
    rig_close(&rig);
}
END_TEST

START_TEST(words_that_are_no_references_pin_nothing_and_do_no_harm)
{
    struct rig rig;
    rig_start(&rig);
    enum { WORDS = 4096 };
    uintptr_t *words = calloc(WORDS, sizeof *words);
    char *obj = make(rig.m, &node_type);
    void *unmapped = mmap(NULL, 1 << 16, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const uintptr_t junk[] = {
        0, 1, 7, 8, 16, 4095, 4096, UINTPTR_MAX, UINTPTR_MAX - 7, UINTPTR_MAX / 2,
        (uintptr_t)1 << 47, (uintptr_t)words, (uintptr_t)&rig, (uintptr_t)unmapped,
        (uintptr_t)unmapped + 4097, (uintptr_t)obj ^ (uintptr_t)1 << 46,
        (uintptr_t)obj & ~((uintptr_t)(4 << 20) - 1),         /* the chunk's own header */
        ((uintptr_t)obj & ~((uintptr_t)(4 << 20) - 1)) + 100, /* and its metadata */
        (uintptr_t)obj | ((4 << 20) - 1),                     /* the chunk's last byte */
    };
    size_t n = sizeof junk / sizeof *junk;
    memcpy(words, junk, sizeof junk);
    struct rng rng = {test_seed()};
    while (n < WORDS) /* addresses far from the heap's */
        words[n++] = rng_next(&rng) | (uintptr_t)1 << 63;
    ck_assert_int_eq(besom_root_ambiguous(rig.heap, words, WORDS, "junk", NULL), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    collect(rig.m);
    munmap(unmapped, 1 << 16);
    rig_close(&rig);
    free(words);
}
END_TEST

START_TEST(words_to_the_dead_revive_nothing)
{
    struct rig rig;
    rig_start(&rig);
    enum { N = 1000 };
    static uintptr_t words[N];
    for (size_t i = 0; i < N; i++)
        words[i] = (uintptr_t)make_sized(rig.m, &blob_type, 16 + i % 300) + i % 16;
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    ck_assert_int_eq(besom_root_ambiguous(rig.heap, words, N, "late", NULL), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    verify(rig.m);
    rig_close(&rig);
}
END_TEST

static void trace_ambiguously(struct besom_tracer *tracer, void *obj)
{
    struct vector *v = obj;
    besom_visit_ambiguous(tracer, v->items, 4);
}

static const struct besom_type murky_type = {
    .name = "murky", .size_bytes = sizeof(struct vector) + 4 * sizeof(void *),
    .trace = trace_ambiguously};

START_TEST(trace_callback_may_visit_ambiguously)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *murky;);
        my->murky = make(rig.m, &murky_type);
        my->murky->items[0] = (char *)make_list(rig.m, 3) + 5;
        my->murky->items[1] = (void *)12345;
        my->murky->items[2] = (char *)make_sized(rig.m, &blob_type, 6 << 20) + (5 << 20);
        my->murky->items[3] = my->murky;
        besom_write(rig.m, my->murky);
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 5);
    }
    rig_close(&rig);
}
END_TEST

/* ---- C stacks ---- */

__attribute__((noinline)) static uintptr_t make_hidden(struct besom_mutator *m)
{
    return ~(uintptr_t)make_list(m, 10);
}

START_TEST(scanned_stack_keeps_what_it_mentions)
{
    struct rig rig;
    rig_init_exact(&rig, "scan_stacks");
    rig_open(&rig);
    struct node *volatile list = make_list(rig.m, 1000);
    for (int i = 0; i < 3; i++) {
        collect(rig.m);
        check_list(list, 1000);
    }
    char *volatile inside = make_sized(rig.m, &blob_type, 5 << 20);
    inside += 3 << 20;
    collect(rig.m);
    ck_assert(besom_owns(rig.heap, inside - (3 << 20)));
    rig_close(&rig);
}
END_TEST

START_TEST(stack_that_is_not_scanned_keeps_nothing)
{
    struct rig rig;
    rig_init_exact(&rig, "scan_stacks=0");
    rig_open(&rig);
    struct node *volatile list = make_list(rig.m, 1000);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    ck_assert_ptr_nonnull(list);
    rig_close(&rig);
}
END_TEST

START_TEST(scanned_stack_does_not_keep_what_is_hidden_from_it)
{
    struct rig rig;
    rig_init_exact(&rig, "scan_stacks");
    rig_open(&rig);
    enum { N = 64 };
    static uintptr_t hidden[N];
    for (int i = 0; i < N; i++)
        hidden[i] = make_hidden(rig.m);
    collect(rig.m);
    /* A stray copy in a register or an old frame may hold one or two of them. */
    ck_assert_uint_le(count_objects(rig.m, &node_type), 30);
    ck_assert_uint_ne(hidden[0], hidden[1]);
    rig_close(&rig);
}
END_TEST

struct sleeper {
    struct rig *rig;
    struct gate asleep, awake;
};

static void *sleep_with_a_list(void *data)
{
    struct sleeper *sleeper = data;
    struct besom_mutator *m = besom_attach(sleeper->rig->heap);
    ck_assert_ptr_nonnull(m);
    struct node *volatile list = make_list(m, 100);
    ck_assert_int_eq(besom_native_enter(m), BESOM_OK);
    gate_raise(&sleeper->asleep);
    gate_wait(&sleeper->awake, 1);
    ck_assert_int_eq(besom_native_leave(m), BESOM_OK);
    check_list(list, 100);
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(stack_of_a_blocked_thread_is_scanned_too)
{
    struct rig rig;
    rig_init_exact(&rig, "scan_stacks");
    rig_open(&rig);
    struct sleeper sleeper = {.rig = &rig};
    gate_init(&sleeper.asleep);
    gate_init(&sleeper.awake);
    pthread_t thread = thread_start(sleep_with_a_list, &sleeper);
    gate_poll(&sleeper.asleep, 1, rig.m);
    collect(rig.m);
    ck_assert_uint_ge(count_objects(rig.m, &node_type), 100);
    gate_raise(&sleeper.awake);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    thread_join(thread);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        word_to_any_byte_of_an_object_pins_it,
        word_into_own_blocks_pins_one_object,
        what_a_pinned_object_refers_to_is_precise,
        words_that_are_no_references_pin_nothing_and_do_no_harm,
        words_to_the_dead_revive_nothing,
        trace_callback_may_visit_ambiguously,
        scanned_stack_keeps_what_it_mentions,
        stack_that_is_not_scanned_keeps_nothing,
        scanned_stack_does_not_keep_what_is_hidden_from_it,
        stack_of_a_blocked_thread_is_scanned_too,
    };
    return run_tests("ambiguous roots", tests, sizeof tests / sizeof *tests);
}
