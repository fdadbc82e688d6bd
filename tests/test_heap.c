/* test_heap.c - heaps are created whole or not at all, stand beside each other, and go. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

START_TEST(config_init_sets_version_and_defaults_and_nothing_else)
{
    struct besom_config config;
    memset(&config, 0xFF, sizeof config);
    besom_config_init(&config);
    ck_assert_uint_eq(config.version, BESOM_CONFIG_VERSION);
    ck_assert_ptr_null(config.host);
    ck_assert(!config.type_of && !config.on_event && !config.on_out_of_memory);
    ck_assert(!config.memory.map && !config.memory.unmap);
    ck_assert(!config.memory.alloc && !config.memory.release);
    ck_assert(!config.foreign_refs && !config.ignore_environment);
    ck_assert_ptr_null(config.options_text);
    ck_assert_uint_eq(config.encoding.mask | config.encoding.match, 0);
    ck_assert_int_eq(config.options.mode, BESOM_STW);
    ck_assert_int_eq(config.options.safepoints, BESOM_GC_AT_POLL);
    ck_assert(!config.options.scan_stacks && !config.options.stress && !config.options.slow);
    ck_assert(!config.options.verify && !config.options.poison && !config.options.audit_stack);
}
END_TEST

START_TEST(heap_is_created_and_freed)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_ptr_eq(besom_heap_host(rig.heap), &rig.watch);
    ck_assert_ptr_eq(besom_heap_of(rig.m), rig.heap);
    rig_close(&rig);
}
END_TEST

START_TEST(another_config_version_is_refused)
{
    const uint32_t versions[] = {0, BESOM_CONFIG_VERSION + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct besom_config config;
        besom_config_init(&config);
        config.version = versions[i];
        struct besom_heap *const untouched = (struct besom_heap *)&config;
        struct besom_heap *heap = untouched;
        struct besom_report report = {{0}};
        ck_assert_int_eq(besom_heap_new(&config, &heap, &report), BESOM_E_ARGUMENT);
        ck_assert_ptr_eq(heap, untouched);
        ck_assert_uint_gt(strlen(report.text), 0);
    }
}
END_TEST

START_TEST(refused_heap_leaves_nothing_behind)
{
    static struct ledger_host host;
    struct besom_config config;
    besom_config_init(&config);
    ledger_init(&host, &config);
    config.options_text = "heap_min=nonsense";
    struct besom_heap *heap = NULL;
    struct besom_report report = {{0}};
    ck_assert_int_eq(besom_heap_new(&config, &heap, &report), BESOM_E_OPTION);
    ck_assert_ptr_null(heap);
    ck_assert_ptr_nonnull(strstr(report.text, "heap_min"));
    ck_assert_int_eq(host.ledger.maps, 0);
    ck_assert_int_eq(host.ledger.allocs, 0);
}
END_TEST

START_TEST(heap_with_an_attached_mutator_is_not_freed)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 100);
        ck_assert_int_eq(besom_heap_free(rig.heap), BESOM_E_STATE);
        collect(rig.m);
        check_list(my->list, 100);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(freed_heap_returns_every_map_and_block)
{
    static struct ledger_host host;
    struct besom_config config;
    besom_config_init(&config);
    ledger_init(&host, &config);
    for (size_t round = 0; round < 20; round++) {
        struct besom_heap *heap = NULL;
        ck_assert_int_eq(besom_heap_new(&config, &heap, NULL), BESOM_OK);
        struct besom_mutator *m = besom_attach(heap);
        ck_assert_ptr_nonnull(m);
        struct besom_handle *list = besom_handle_new(m, make_list(m, 1000), "list");
        ck_assert_ptr_nonnull(list);
        struct besom_handle *huge =
            besom_handle_new(m, make_sized(m, &blob_type, 5 << 20), "huge");
        ck_assert_ptr_nonnull(huge);
        collect(m);
        ck_assert_int_eq(besom_detach(m), BESOM_OK);
        ck_assert_int_eq(besom_heap_free(heap), BESOM_OK);
        ck_assert_int_eq(host.ledger.maps, 0);
        ck_assert_int_eq(host.ledger.mapped_bytes, 0);
        ck_assert_int_eq(host.ledger.allocs, 0);
    }
    ck_assert_uint_gt(host.ledger.calls, 0);
    watch_check(&host.watch);
}
END_TEST

enum { MANY = 24 };

START_TEST(many_heaps_live_at_once_and_collect_on_their_own)
{
    struct rig *rigs = calloc(MANY, sizeof *rigs);
    struct besom_handle *lists[MANY];
    for (size_t i = 0; i < MANY; i++) {
        rig_start(&rigs[i]);
        lists[i] = besom_handle_new(rigs[i].m, make_list(rigs[i].m, 50 + i), "list");
    }
    for (size_t i = 0; i < MANY; i += 2) {
        besom_handle_set(lists[i], NULL);
        collect(rigs[i].m);
        ck_assert_uint_eq(count_objects(rigs[i].m, NULL), 0);
    }
    for (size_t i = 1; i < MANY; i += 2)
        check_list(besom_handle_get(lists[i]), 50 + i);
    /* Freed in an order of its own. */
    for (size_t i = 0; i < MANY; i++)
        rig_close(&rigs[(i * 7 + 3) % MANY]);
    free(rigs);
}
END_TEST

START_TEST(object_of_one_heap_is_foreign_to_another)
{
    struct rig one, two;
    rig_start(&one);
    rig_start(&two);
    {
        BESOM_LOCALS(one.m, struct node *node;);
        my->node = make(one.m, &node_type);
        ck_assert(besom_owns(one.heap, my->node));
        ck_assert(!besom_owns(two.heap, my->node));
        ck_assert_ptr_null(besom_type_of(two.heap, my->node));
        ck_assert_ptr_null(besom_handle_new(two.m, my->node, "stray"));
        ck_assert_int_eq(besom_external(two.heap, my->node, 100), BESOM_E_FOREIGN);
    }
    rig_close(&one);
    rig_close(&two);
}
END_TEST

START_TEST(every_status_has_words_of_its_own)
{
    for (int i = BESOM_OK; i <= BESOM_E_INVARIANT; i++) {
        const char *text = besom_status_text((enum besom_status)i);
        ck_assert_ptr_nonnull(text);
        ck_assert_uint_gt(strlen(text), 0);
        for (int j = BESOM_OK; j < i; j++)
            ck_assert_str_ne(text, besom_status_text((enum besom_status)j));
    }
    ck_assert_ptr_nonnull(besom_status_text((enum besom_status)1000));
}
END_TEST

START_TEST(version_has_three_numbers)
{
    int major = -1, minor = -1, patch = -1;
    char *end;
    major = (int)strtol(besom_version(), &end, 10);
    ck_assert_int_eq(*end, '.');
    minor = (int)strtol(end + 1, &end, 10);
    ck_assert_int_eq(*end, '.');
    patch = (int)strtol(end + 1, &end, 10);
    ck_assert_int_eq(*end, 0);
    ck_assert_int_eq(major, BESOM_VERSION_MAJOR);
    ck_assert_int_eq(minor, BESOM_VERSION_MINOR);
    ck_assert_int_ge(patch, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        config_init_sets_version_and_defaults_and_nothing_else,
        heap_is_created_and_freed,
        another_config_version_is_refused,
        refused_heap_leaves_nothing_behind,
        heap_with_an_attached_mutator_is_not_freed,
        freed_heap_returns_every_map_and_block,
        many_heaps_live_at_once_and_collect_on_their_own,
        object_of_one_heap_is_foreign_to_another,
        every_status_has_words_of_its_own,
        version_has_three_numbers,
    };
    return run_tests("heap", tests, sizeof tests / sizeof *tests);
}
