/* test_debug_options.c - poison finds writes to the dead, audit_stack missed roots. */
#include "support.h"

#include <stdio.h>
#include <string.h>

static unsigned long findings(struct rig *rig, enum besom_event_kind kind)
{
    return watch_count(&rig->watch, kind);
}

/* ---- poison ---- */

static void write_to_the_dead(size_t bytes, size_t offset)
{
    struct rig rig;
    rig_init_exact(&rig, "poison");
    rig.watch.expected = 1u << BESOM_EVENT_DEAD_WRITE;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *neighbours;);
        my->neighbours = make_list(rig.m, 100);
        char *dead = make_sized(rig.m, &blob_type, bytes);
        my->neighbours->other = make(rig.m, &node_type);
        besom_write(rig.m, my->neighbours);
        collect(rig.m);
        ck_assert_uint_eq(findings(&rig, BESOM_EVENT_DEAD_WRITE), 0);
        dead[offset] = 77;
        for (int i = 0; i < 4; i++) {
            collect(rig.m);
            make_list(rig.m, 10000);
        }
        ck_assert_msg(findings(&rig, BESOM_EVENT_DEAD_WRITE) >= 1,
                      "byte %zu of a dead object of %zu", offset, bytes);
        ck_assert_uint_gt(strlen(rig.watch.text[BESOM_EVENT_DEAD_WRITE]), 0);
        ck_assert_uint_ge(stats_of(rig.heap).findings, 1);
    }
    rig_close(&rig);
}

START_TEST(write_to_a_dead_object_is_found)
{
    if (is_instrumented())
        return; /* AddressSanitizer and Valgrind stop at the write itself */
    write_to_the_dead(32, 8);
    write_to_the_dead(32, 31);
    write_to_the_dead(1000, 500);
    write_to_the_dead(5000, 4999);
    write_to_the_dead(100000, 60000);
}
END_TEST

START_TEST(poison_finds_nothing_in_a_correct_program)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.poison = true;
    rig.config.options.heap_min_bytes = 1 << 20;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        for (size_t i = 0; i < 300; i++) {
            my->list = make_list(rig.m, 500);
            for (struct node *n = my->list; n; n = n->next)
                besom_set(rig.m, n, &n->other, my->list);
            struct blob *blob = make_sized(rig.m, &blob_type, 100 + i * 100);
            memset(blob->words, 0xAB, 92);
            besom_poll(rig.m);
            check_list(my->list, 500);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(newborns_are_zeroed_under_poison_too)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.poison = true;
    rig_open(&rig);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 2000; i++) {
            size_t bytes = 24 + (size_t)i * 7 % 9000;
            struct blob *blob = make_sized(rig.m, &blob_type, bytes);
            for (size_t j = 0; j < (bytes - 8) / 8; j++)
                require(blob->words[j] == 0, "not zeroed");
            memset(blob->words, 0xCD, bytes - 8);
        }
        collect(rig.m);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(poison_keeps_the_dead_from_reuse_for_a_cycle)
{
    struct rig rig;
    rig_init_exact(&rig, "poison");
    rig_open(&rig);
    enum { N = 2000 };
    static void *dead[N];
    for (int i = 0; i < N; i++)
        dead[i] = make(rig.m, &node_type);
    collect(rig.m);
    for (int i = 0; i < 3 * N; i++) {
        const void *newborn = make(rig.m, &node_type);
        require(newborn < dead[0] || newborn > dead[N - 1], "reused at once");
    }
    rig_close(&rig);
}
END_TEST

/* ---- audit_stack ---- */

START_TEST(audit_finds_an_object_that_only_the_stack_mentions)
{
    struct rig rig;
    rig_init_exact(&rig, "audit_stack");
    rig.watch.expected = 1u << BESOM_EVENT_STACK_MENTION;
    rig_open(&rig);
    struct node *volatile forgotten = make(rig.m, &node_type);
    collect(rig.m);
    ck_assert_uint_ge(findings(&rig, BESOM_EVENT_STACK_MENTION), 1);
    ck_assert_ptr_eq(rig.watch.object[BESOM_EVENT_STACK_MENTION], forgotten);
    ck_assert_ptr_nonnull(strstr(rig.watch.text[BESOM_EVENT_STACK_MENTION], "node"));
    ck_assert_uint_ge(stats_of(rig.heap).findings, 1);
    ck_assert(!besom_owns(rig.heap, forgotten)); /* found, and not saved */
    rig_close(&rig);
}
END_TEST

static void label_node(const void *obj, char *buf, size_t n)
{
    snprintf(buf, n, "node number %llu", (unsigned long long)((const struct node *)obj)->id);
}

START_TEST(findings_call_objects_by_their_labels)
{
    struct besom_type labelled = node_type;
    labelled.label = label_node;
    struct rig rig;
    rig_init_exact(&rig, "audit_stack");
    rig.watch.expected = 1u << BESOM_EVENT_STACK_MENTION;
    rig_open(&rig);
    struct node *volatile forgotten = make(rig.m, &labelled);
    forgotten->id = 4711;
    collect(rig.m);
    ck_assert_ptr_nonnull(strstr(rig.watch.text[BESOM_EVENT_STACK_MENTION], "node number 4711"));
    rig_close(&rig);
}
END_TEST

START_TEST(audit_finds_nothing_when_everything_is_rooted)
{
    struct rig rig;
    rig_init_exact(&rig, "audit_stack");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 10);
        struct node *volatile mentioned = my->list;
        collect(rig.m);
        ck_assert_ptr_eq(mentioned, my->list);
        ck_assert_uint_eq(findings(&rig, BESOM_EVENT_STACK_MENTION), 0);
    }
    rig.watch.expected = 1u << BESOM_EVENT_STACK_MENTION; /* of what the frame's end leaves */
    rig_close(&rig);
}
END_TEST

/* ---- slow ---- */

START_TEST(slow_is_repeated_by_its_seed)
{
    uint64_t cycles[2] = {0};
    for (int i = 0; i < 2; i++) {
        struct rig rig;
        rig_init_exact(&rig, "slow,seed=42,heap_min=1m");
        rig_open(&rig);
        ck_assert_uint_eq(stats_of(rig.heap).seed, 42);
        {
            BESOM_LOCALS(rig.m, struct node *list;);
            for (int j = 0; j < 2000; j++) {
                my->list = make_list(rig.m, 100);
                besom_poll(rig.m);
                check_list(my->list, 100);
            }
            cycles[i] = stats_of(rig.heap).cycles;
        }
        rig_close(&rig);
    }
    ck_assert_uint_gt(cycles[0], 0);
}
END_TEST

START_TEST(all_debug_options_go_together)
{
    struct rig rig;
    rig_init_exact(&rig, "stress=3,slow,verify,poison,check_frames,barrier,heap_min=1m");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list; struct vector *v;);
        for (size_t i = 0; i < scaled(300); i++) {
            my->list = make_list(rig.m, 50);
            my->v = make_vector(rig.m, 1 + i * 3);
            besom_set(rig.m, my->v, &my->v->items[i], my->list);
            besom_poll(rig.m);
            check_list(my->v->items[i], 50);
        }
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        write_to_a_dead_object_is_found,
        poison_finds_nothing_in_a_correct_program,
        newborns_are_zeroed_under_poison_too,
        poison_keeps_the_dead_from_reuse_for_a_cycle,
        audit_finds_an_object_that_only_the_stack_mentions,
        findings_call_objects_by_their_labels,
        audit_finds_nothing_when_everything_is_rooted,
        slow_is_repeated_by_its_seed,
        all_debug_options_go_together,
    };
    return run_tests("debug options", tests, sizeof tests / sizeof *tests);
}
