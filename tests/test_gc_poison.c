/* test_gc_poison.c - what is written to the dead is found, what is not is not. */
#include "support.h"

#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/poison.h"

#include <string.h>

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig->watch.expected = 1u << BESOM_EVENT_DEAD_WRITE;
    rig_open(rig);
}

static unsigned long findings(struct rig *rig)
{
    return watch_count(&rig->watch, BESOM_EVENT_DEAD_WRITE);
}

START_TEST(pattern_and_zero_are_not_findings_and_anything_else_is)
{
    struct rig rig;
    start(&rig, NULL);
    uint64_t words[64];
    memset(words, 0, sizeof words);
    besom__poison_check(rig.heap, words, sizeof words);
    besom__poison_fill(words + 2, sizeof words - 16);
    ck_assert_uint_ne(words[2], 0);
    ck_assert_uint_eq(words[1], 0);
    besom__poison_check(rig.heap, words, sizeof words);
    ck_assert_uint_eq(findings(&rig), 0);
    for (size_t i = 0; i < 64; i++) {
        uint64_t word = words[i];
        words[i] ^= (uint64_t)1 << i;
        besom__poison_check(rig.heap, words, sizeof words);
        ck_assert_uint_eq(findings(&rig), i + 1);
        ck_assert_ptr_eq(rig.watch.object[BESOM_EVENT_DEAD_WRITE], &words[i]);
        words[i] = word;
    }
    words[0] = words[63] = 1; /* one finding, for the first */
    besom__poison_check(rig.heap, words, sizeof words);
    ck_assert_uint_eq(findings(&rig), 65);
    ck_assert_ptr_eq(rig.watch.object[BESOM_EVENT_DEAD_WRITE], &words[0]);
    ck_assert_uint_eq(rig.heap->findings, 65);
    rig_close(&rig);
}
END_TEST

/* Sanitizers stop a test that touches the dead, rightly. */
#if defined __SANITIZE_ADDRESS__
enum { MAY_TOUCH_THE_DEAD = 0 };
#else
enum { MAY_TOUCH_THE_DEAD = 1 };
#endif

static bool may_touch_the_dead(void)
{
    return MAY_TOUCH_THE_DEAD && !is_instrumented();
}

/* The address of an object that has died, hidden from whatever looks for references. */
static uintptr_t dead_object(struct rig *rig, size_t bytes)
{
    uintptr_t hidden = ~(uintptr_t)make_sized(rig->m, &blob_type, bytes);
    collect(rig->m);
    return hidden;
}

START_TEST(dead_are_overwritten_when_they_are_swept)
{
    if (!may_touch_the_dead())
        return;
    static const size_t sizes[] = {16, 1000, 20000, 100000, 8 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct rig rig;
        start(&rig, "poison");
        const uint64_t *words = (const uint64_t *)~dead_object(&rig, sizes[i]);
        for (size_t w = 0; w < sizes[i] / 8; w++)
            require(words[w] == 0xdbdbdbdbdbdbdbdbu, "the pattern");
        rig_close(&rig);
    }
}
END_TEST

START_TEST(quarantined_memory_is_not_allocated_before_the_next_cycle)
{
    struct rig rig;
    start(&rig, "poison");
    uintptr_t dead = dead_object(&rig, 48);
    for (size_t i = 0; i < 3 * BLOCK_BYTES / 48; i++)
        ck_assert_uint_ne((uintptr_t)make_sized(rig.m, &blob_type, 48), ~dead);
    collect(rig.m);
    collect(rig.m);
    bool again = false;
    for (size_t i = 0; i < 4 * BLOCK_BYTES / 48 && !again; i++)
        again = (uintptr_t)make_sized(rig.m, &blob_type, 48) == ~dead;
    ck_assert(again);
    ck_assert_uint_eq(findings(&rig), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(write_to_a_dead_object_is_found_when_its_memory_is_used_again)
{
    if (!may_touch_the_dead())
        return;
    static const size_t sizes[] = {48, 100000, 8 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct rig rig;
        start(&rig, "poison");
        uint64_t *words = (uint64_t *)~dead_object(&rig, sizes[i]);
        words[2] = 42;
        const void *where = &words[2];
        collect(rig.m); /* a large one is looked at now */
        for (size_t n = 0; n < 2 * BLOCK_BYTES / 48 && findings(&rig) == 0; n++)
            make_sized(rig.m, &blob_type, 48);
        ck_assert_uint_eq(findings(&rig), 1);
        ck_assert_ptr_eq(rig.watch.object[BESOM_EVENT_DEAD_WRITE], where);
        rig_close(&rig);
    }
}
END_TEST

START_TEST(poisoned_heap_still_hands_out_zeros)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    start(&rig, "poison,heap_min=1m");
    for (size_t n = scaled(50000); n > 0; n--) {
        size_t bytes = 16 + rng_below(&rng, rng_below(&rng, 50) ? 300 : 50000);
        struct blob *blob = make_sized(rig.m, &blob_type, bytes);
        for (size_t i = 0; i < bytes / 8 - 1; i++)
            require(blob->words[i] == 0, "memory is not zero");
        memset(blob->words, 0x5a, bytes - 8);
        besom_poll(rig.m);
    }
    ck_assert_uint_eq(findings(&rig), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        pattern_and_zero_are_not_findings_and_anything_else_is,
        dead_are_overwritten_when_they_are_swept,
        quarantined_memory_is_not_allocated_before_the_next_cycle,
        write_to_a_dead_object_is_found_when_its_memory_is_used_again,
        poisoned_heap_still_hands_out_zeros,
    };
    return run_tests("gc poison", tests, sizeof tests / sizeof *tests);
}
