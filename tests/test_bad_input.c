/* test_bad_input.c - bad arguments get a status or NULL, and leave the heap as it was. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* A heap with a list, and what it looked like before the misuse. */
struct scene {
    struct rig rig;
    struct besom_handle *list;
    struct besom_stats before;
    size_t objects;
};

static void scene_start(struct scene *scene)
{
    rig_start(&scene->rig);
    scene->list = besom_handle_new(scene->rig.m, make_list(scene->rig.m, 1000), "list");
    ck_assert_ptr_nonnull(scene->list);
    collect(scene->rig.m);
    scene->objects = count_objects(scene->rig.m, NULL);
    scene->before = stats_of(scene->rig.heap);
}

static void scene_end(struct scene *scene)
{
    struct besom_stats now = stats_of(scene->rig.heap);
    ck_assert_uint_eq(now.committed_bytes, scene->before.committed_bytes);
    ck_assert_uint_eq(now.reserved_bytes, scene->before.reserved_bytes);
    ck_assert_uint_eq(now.external_bytes, scene->before.external_bytes);
    ck_assert_uint_eq(now.used_bytes, scene->before.used_bytes);
    ck_assert_uint_eq(now.trigger_bytes, scene->before.trigger_bytes);
    ck_assert_uint_eq(now.mutators, scene->before.mutators);
    ck_assert_uint_eq(now.live_objects, scene->before.live_objects);
    ck_assert_uint_eq(now.cycles, scene->before.cycles);
    verify(scene->rig.m);
    ck_assert_uint_eq(count_objects(scene->rig.m, NULL), scene->objects);
    check_list(besom_handle_get(scene->list), 1000);
    rig_close(&scene->rig);
}

/* ---- NULL ---- */

START_TEST(null_heap_is_a_bad_argument)
{
    struct besom_stats stats;
    void *slot = NULL;
    ck_assert_int_eq(besom_heap_free(NULL), BESOM_E_ARGUMENT);
    ck_assert_ptr_null(besom_attach(NULL));
    ck_assert_int_eq(besom_disable(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_enable(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_stats(NULL, &stats), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_external(NULL, &slot, 1), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_root_range(NULL, &slot, 1, "x", NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_root_ambiguous(NULL, &slot, 1, "x", NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_root_source(NULL, NULL, NULL, "x", NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_fork_prepare(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_fork_parent(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_fork_child(NULL), BESOM_E_ARGUMENT);
    ck_assert(!besom_owns(NULL, &slot));
    ck_assert(!besom_is_unswept(NULL, &slot));
    ck_assert_ptr_null(besom_type_of(NULL, &slot));
    ck_assert_ptr_null(besom_heap_host(NULL));
    ck_assert_ptr_null(besom_pauses(NULL));
    ck_assert_uint_eq(besom_give_back(NULL), 0);
    ck_assert_uint_eq(besom_histogram_count(NULL), 0);
    ck_assert_uint_eq(besom_histogram_max_ns(NULL), 0);
    ck_assert_uint_eq(besom_histogram_sum_ns(NULL), 0);
    ck_assert_uint_eq(besom_histogram_quantile_ns(NULL, 500), 0);
}
END_TEST

static bool visit(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    (void)data, (void)obj, (void)type, (void)bytes;
    return true;
}

static void no_roots(struct besom_tracer *tracer, void *data)
{
    (void)tracer, (void)data;
}

START_TEST(null_mutator_is_a_bad_argument)
{
    ck_assert_int_eq(besom_detach(NULL), BESOM_E_ARGUMENT);
    ck_assert_ptr_null(besom_heap_of(NULL));
    ck_assert_int_eq(besom_native_enter(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_native_leave(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_collect(NULL, BESOM_FULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_collect(NULL, BESOM_EMERGENCY), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_step(NULL, 1, NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_each(NULL, NULL, visit, NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_verify(NULL, NULL), BESOM_E_ARGUMENT);
    ck_assert_ptr_null(besom_frames_save(NULL));
    ck_assert_int_eq(besom_frames_restore(NULL, NULL), BESOM_E_ARGUMENT);
    ck_assert_ptr_null(besom_handle_new(NULL, NULL, "x"));
    ck_assert_int_eq(besom_mutator_root_source(NULL, no_roots, NULL, "x", NULL),
                     BESOM_E_ARGUMENT);
}
END_TEST

START_TEST(null_handle_or_root_is_a_bad_argument)
{
    ck_assert_ptr_null(besom_handle_get(NULL));
    ck_assert_int_eq(besom_handle_set(NULL, NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_handle_free(NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_root_free(NULL), BESOM_E_ARGUMENT);
}
END_TEST

START_TEST(null_where_a_result_or_callback_is_due_is_a_bad_argument)
{
    struct scene scene;
    scene_start(&scene);
    struct besom_heap *heap = scene.rig.heap;
    struct besom_mutator *m = scene.rig.m;
    struct besom_config config;
    besom_config_init(&config);
    ck_assert_int_eq(besom_heap_new(NULL, &heap, NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_heap_new(&config, NULL, NULL), BESOM_E_ARGUMENT);
    ck_assert_ptr_eq(heap, scene.rig.heap);
    ck_assert_int_eq(besom_stats(heap, NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_root_source(heap, NULL, NULL, "x", NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_mutator_root_source(m, NULL, NULL, "x", NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_options_parse(NULL, "verify", NULL), BESOM_E_ARGUMENT);
    scene_end(&scene);
}
END_TEST

START_TEST(walk_without_a_visitor_is_a_bad_argument)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_int_eq(besom_each(rig.m, NULL, NULL, NULL), BESOM_E_ARGUMENT);
    rig_close(&rig);
}
END_TEST

/* ---- ranges ---- */

START_TEST(ranges_of_no_or_absurd_length_are_bad_arguments)
{
    struct scene scene;
    scene_start(&scene);
    struct besom_heap *heap = scene.rig.heap;
    void *slots[2] = {0};
    struct besom_root *const untouched = (struct besom_root *)&scene;
    struct besom_root *root = untouched;
    ck_assert_int_eq(besom_root_range(heap, NULL, 2, "x", &root), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_root_range(heap, slots, 0, "x", &root), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_root_ambiguous(heap, NULL, 2, "x", &root), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_root_ambiguous(heap, slots, 0, "x", &root), BESOM_E_ARGUMENT);
    const size_t absurd[] = {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 8 + 1, SIZE_MAX / 8};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(besom_root_range(heap, slots, absurd[i], "x", &root), BESOM_E_ARGUMENT);
        ck_assert_int_eq(besom_root_ambiguous(heap, slots, absurd[i], "x", &root),
                         BESOM_E_ARGUMENT);
    }
    ck_assert_ptr_eq(root, untouched);
    scene_end(&scene);
}
END_TEST

START_TEST(misaligned_slots_are_bad_arguments)
{
    struct scene scene;
    scene_start(&scene);
    void *slots[3] = {0};
    for (size_t i = 1; i < sizeof(void *); i++) {
        void **askew = (void **)((char *)slots + i);
        ck_assert_int_eq(besom_root_range(scene.rig.heap, askew, 1, "x", NULL),
                         BESOM_E_ARGUMENT);
    }
    scene_end(&scene);
}
END_TEST

/* ---- numbers ---- */

START_TEST(unknown_kind_of_collection_is_a_bad_argument)
{
    struct scene scene;
    scene_start(&scene);
    ck_assert_int_eq(besom_collect(scene.rig.m, (enum besom_collect_kind)7), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_collect(scene.rig.m, (enum besom_collect_kind)-1), BESOM_E_ARGUMENT);
    scene_end(&scene);
}
END_TEST

START_TEST(absurd_sizes_are_refused_and_change_nothing)
{
    struct scene scene;
    scene_start(&scene);
    const size_t sizes[] = {0, SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - (4 << 20), SIZE_MAX / 2,
                            (size_t)1 << 56};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ck_assert_ptr_null(besom_new_sized(scene.rig.m, &blob_type, sizes[i]));
    scene_end(&scene);
}
END_TEST

START_TEST(absurd_charges_are_refused_and_change_nothing)
{
    struct scene scene;
    scene_start(&scene);
    void *list = besom_handle_get(scene.list);
    ck_assert_int_eq(besom_external(scene.rig.heap, list, -1), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_external(scene.rig.heap, list, PTRDIFF_MIN), BESOM_E_ARGUMENT);
    scene_end(&scene);
}
END_TEST

START_TEST(quantiles_out_of_range_are_harmless)
{
    struct rig rig;
    rig_start(&rig);
    collect(rig.m);
    collect(rig.m);
    const struct besom_histogram *h = besom_pauses(rig.heap);
    ck_assert_uint_le(besom_histogram_quantile_ns(h, -5), besom_histogram_quantile_ns(h, 0));
    ck_assert_uint_eq(besom_histogram_quantile_ns(h, 1e300),
                      besom_histogram_quantile_ns(h, 1000));
    rig_close(&rig);
}
END_TEST

/* ---- foreign ---- */

START_TEST(foreign_objects_are_refused_and_change_nothing)
{
    struct scene scene;
    struct rig other;
    scene_start(&scene);
    rig_start(&other);
    uint64_t local[4] = {0};
    void *block = calloc(4, 64);
    char *list = besom_handle_get(scene.list);
    void *const foreign[] = {local, block, make(other.m, &node_type), list + 8, list + 16,
                             (void *)8, (void *)(UINTPTR_MAX - 7), scene.rig.heap, scene.rig.m,
                             (void *)((uintptr_t)list & ~(uintptr_t)((4 << 20) - 1))};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        void *p = foreign[i];
        ck_assert(!besom_owns(scene.rig.heap, p));
        ck_assert(!besom_is_unswept(scene.rig.heap, p));
        ck_assert_ptr_null(besom_type_of(scene.rig.heap, p));
        ck_assert_ptr_null(besom_handle_new(scene.rig.m, p, "x"));
        ck_assert_int_eq(besom_handle_set(scene.list, p), BESOM_E_FOREIGN);
        ck_assert_int_eq(besom_external(scene.rig.heap, p, 100), BESOM_E_FOREIGN);
    }
    free(block);
    rig_close(&other);
    scene_end(&scene);
}
END_TEST

START_TEST(frame_that_is_none_is_refused)
{
    struct scene scene;
    scene_start(&scene);
    struct besom_frame stray = {0};
    ck_assert_int_eq(besom_frames_restore(scene.rig.m, &stray), BESOM_E_STATE);
    scene_end(&scene);
}
END_TEST

/* ---- twice ---- */

START_TEST(what_is_freed_twice_is_refused_and_changes_nothing)
{
    struct scene scene;
    scene_start(&scene);
    void *slot = NULL;
    struct besom_handle *handle = besom_handle_new(scene.rig.m, NULL, "x");
    struct besom_root *range = NULL, *source = NULL, *own = NULL, *ambiguous = NULL;
    struct besom_heap *heap = scene.rig.heap;
    ck_assert_ptr_nonnull(handle);
    ck_assert_int_eq(besom_root_range(heap, &slot, 1, "x", &range), BESOM_OK);
    ck_assert_int_eq(besom_root_ambiguous(heap, &slot, 1, "x", &ambiguous), BESOM_OK);
    ck_assert_int_eq(besom_root_source(heap, no_roots, NULL, "x", &source), BESOM_OK);
    ck_assert_int_eq(besom_mutator_root_source(scene.rig.m, no_roots, NULL, "x", &own),
                     BESOM_OK);
    ck_assert_int_eq(besom_handle_free(handle), BESOM_OK);
    struct besom_root *roots[] = {range, source, own, ambiguous};
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(besom_root_free(roots[i]), BESOM_OK);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(besom_handle_free(handle), BESOM_E_STATE);
        for (int i = 0; i < 4; i++)
            ck_assert_int_eq(besom_root_free(roots[i]), BESOM_E_STATE);
    }
    scene_end(&scene);
}
END_TEST

START_TEST(enabling_too_often_is_refused_and_changes_nothing)
{
    struct scene scene;
    scene_start(&scene);
    ck_assert_int_eq(besom_enable(scene.rig.heap), BESOM_E_STATE);
    scene_end(&scene);
}
END_TEST

/* ---- configurations ---- */

static void check_refused(struct besom_encoding encoding, const char *what)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.encoding = encoding;
    struct besom_report report = {{0}};
    ck_assert_int_eq(besom_heap_new(&rig.config, &rig.heap, &report), BESOM_E_ARGUMENT);
    ck_assert_ptr_null(rig.heap);
    ck_assert_msg(strstr(report.text, what), "no '%s' in: %s", what, report.text);
}

START_TEST(encoding_that_contradicts_itself_is_refused)
{
    const uint64_t all = ~UINT64_C(0);
    /* No word can match bits outside the mask; no pointer fits into no bits. */
    check_refused((struct besom_encoding){1, 2, all, 0}, "bits outside mask");
    check_refused((struct besom_encoding){0, 1, all, 0}, "bits outside mask");
    check_refused((struct besom_encoding){7, 1, 0, 0}, "no pointer_bits");
    check_refused((struct besom_encoding){7, 1, 0, 16}, "no pointer_bits");
    /* A tag that is part of the address: no object lies there. */
    check_refused((struct besom_encoding){7, 1, all, 0}, "match has 0x1, and an address 0 bytes");
}
END_TEST

START_TEST(offset_that_no_reference_can_have_is_refused)
{
    const uint64_t all = ~UINT64_C(0);
    check_refused((struct besom_encoding){.ref_offset_bytes = 4097}, "is 4097: it may be at most");
    check_refused((struct besom_encoding){.ref_offset_bytes = UINT32_MAX}, "at most 4096");
    check_refused((struct besom_encoding){7, 1, ~UINT64_C(7), 12}, "is 12, but pointer_bits lack");
    check_refused((struct besom_encoding){7, 1, ~UINT64_C(7), 17}, "bits 0x1");
    check_refused((struct besom_encoding){1, 0, all, 5}, "match has 0, and an address 5 bytes");
    check_refused((struct besom_encoding){7, 1, all, 18}, "past a start has 0x2");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        null_heap_is_a_bad_argument,
        null_mutator_is_a_bad_argument,
        null_handle_or_root_is_a_bad_argument,
        null_where_a_result_or_callback_is_due_is_a_bad_argument,
        walk_without_a_visitor_is_a_bad_argument,
        ranges_of_no_or_absurd_length_are_bad_arguments,
        misaligned_slots_are_bad_arguments,
        unknown_kind_of_collection_is_a_bad_argument,
        absurd_sizes_are_refused_and_change_nothing,
        absurd_charges_are_refused_and_change_nothing,
        quantiles_out_of_range_are_harmless,
        foreign_objects_are_refused_and_change_nothing,
        frame_that_is_none_is_refused,
        what_is_freed_twice_is_refused_and_changes_nothing,
        enabling_too_often_is_refused_and_changes_nothing,
        encoding_that_contradicts_itself_is_refused,
        offset_that_no_reference_can_have_is_refused,
    };
    return run_tests("bad input", tests, sizeof tests / sizeof *tests);
}
