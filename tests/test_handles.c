/* test_handles.c - a handle keeps its object until it is freed, and is freed once. */
#include "support.h"

#include <stdlib.h>

START_TEST(handle_keeps_its_object_until_it_is_freed)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_handle *handle = besom_handle_new(rig.m, make_list(rig.m, 10), "list");
    ck_assert_ptr_nonnull(handle);
    collect(rig.m);
    check_list(besom_handle_get(handle), 10);
    ck_assert_int_eq(besom_handle_free(handle), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(handle_may_be_null_and_set)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_handle *handle = besom_handle_new(rig.m, NULL, "nothing yet");
    ck_assert_ptr_nonnull(handle);
    ck_assert_ptr_null(besom_handle_get(handle));
    collect(rig.m);
    for (size_t n = 1; n < 10; n++) {
        ck_assert_int_eq(besom_handle_set(handle, make_list(rig.m, n)), BESOM_OK);
        collect(rig.m);
        check_list(besom_handle_get(handle), n);
        ck_assert_uint_eq(count_objects(rig.m, NULL), n);
    }
    ck_assert_int_eq(besom_handle_set(handle, NULL), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    ck_assert_int_eq(besom_handle_free(handle), BESOM_OK);
    rig_close(&rig);
}
END_TEST

START_TEST(handle_freed_twice_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_handle *one = besom_handle_new(rig.m, make(rig.m, &node_type), "one");
    struct besom_handle *two = besom_handle_new(rig.m, make(rig.m, &node_type), "two");
    ck_assert_int_eq(besom_handle_free(one), BESOM_OK);
    ck_assert_int_eq(besom_handle_free(one), BESOM_E_STATE);
    ck_assert_int_eq(besom_handle_set(one, NULL), BESOM_E_STATE);
    ck_assert_int_eq(besom_handle_free(one), BESOM_E_STATE);
    ck_assert_ptr_nonnull(besom_handle_get(two));
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 1);
    rig_close(&rig);
}
END_TEST

START_TEST(foreign_object_gets_no_handle)
{
    struct rig rig, other;
    rig_start(&rig);
    rig_start(&other);
    uint64_t local[8] = {0};
    void *block = malloc(64);
    struct node *stranger = make(other.m, &node_type);
    void *const foreign[] = {local, block, stranger, (void *)1, (void *)UINTPTR_MAX,
                             (void *)(UINTPTR_MAX / 2)};
    enum { N = sizeof foreign / sizeof *foreign };
    struct besom_handle *handle = besom_handle_new(rig.m, make(rig.m, &node_type), "handle");
    void *before = besom_handle_get(handle);
    for (size_t i = 0; i < N; i++) {
        ck_assert_ptr_null(besom_handle_new(rig.m, foreign[i], "stray"));
        ck_assert_int_eq(besom_handle_set(handle, foreign[i]), BESOM_E_FOREIGN);
        ck_assert_ptr_eq(besom_handle_get(handle), before);
    }
    ck_assert_ptr_null(besom_handle_new(rig.m, (char *)before + 8, "inside"));
    ck_assert_ptr_null(besom_handle_new(rig.m, (char *)before + 16, "inside"));
    free(block);
    rig_close(&rig);
    rig_close(&other);
}
END_TEST

enum { MANY = 20000 };

START_TEST(many_handles_come_and_go)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_handle **handles = calloc(MANY, sizeof *handles);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < MANY; i++) {
            struct node *node = make(rig.m, &node_type);
            node->id = i;
            handles[i] = besom_handle_new(rig.m, node, "many");
            ck_assert_ptr_nonnull(handles[i]);
        }
        for (size_t i = round; i < MANY; i += 2)
            ck_assert_int_eq(besom_handle_free(handles[i]), BESOM_OK);
        collect(rig.m);
        for (size_t i = round ^ 1; i < MANY && round < 2; i += 2) {
            ck_assert_uint_eq(((struct node *)besom_handle_get(handles[i]))->id, i);
            ck_assert_int_eq(besom_handle_free(handles[i]), BESOM_OK);
        }
    }
    free(handles);
    rig_close(&rig);
}
END_TEST

/* ---- threads ---- */

struct relay {
    struct besom_heap *heap;
    struct besom_handle *handle;
};

static void *change_and_free(void *data)
{
    struct relay *relay = data;
    struct besom_mutator *m = besom_attach(relay->heap);
    ck_assert_ptr_nonnull(m);
    check_list(besom_handle_get(relay->handle), 7);
    ck_assert_int_eq(besom_handle_set(relay->handle, make_list(m, 9)), BESOM_OK);
    collect(m);
    check_list(besom_handle_get(relay->handle), 9);
    ck_assert_int_eq(besom_handle_free(relay->handle), BESOM_OK);
    relay->handle = besom_handle_new(m, make_list(m, 11), "from the other thread");
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(handle_passes_between_threads_and_outlives_its_makers_mutator)
{
    struct rig rig;
    rig_start(&rig);
    struct relay relay = {rig.heap, besom_handle_new(rig.m, make_list(rig.m, 7), "relay")};
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    thread_join(thread_start(change_and_free, &relay));
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    collect(rig.m);
    check_list(besom_handle_get(relay.handle), 11);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 11);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        handle_keeps_its_object_until_it_is_freed,
        handle_may_be_null_and_set,
        handle_freed_twice_is_refused,
        foreign_object_gets_no_handle,
        many_handles_come_and_go,
        handle_passes_between_threads_and_outlives_its_makers_mutator,
    };
    return run_tests("handles", tests, sizeof tests / sizeof *tests);
}
