/* test_weak_objects.c - weak references to objects of every kind, to those with finalizers and
 * destroy hooks, in every kind of heap; and what they refuse. */
#include "support_items.h"

#include <stdlib.h>

enum { KINDS = 2 };
static const enum besom_weak_kind kinds[KINDS] = {BESOM_WEAK_SHORT, BESOM_WEAK_LONG};

static struct besom_weak *make_weak(struct besom_mutator *m, enum besom_weak_kind kind, void *obj)
{
    struct besom_weak *weak = besom_weak_new(m, kind, obj);
    require(weak != NULL, "no weak reference");
    return weak;
}

/* ---- finalizers ---- */

/* An item with a finalizer, and one that only it reaches. */
static struct item *make_finalizable(struct besom_mutator *m)
{
    struct item *item = make_item(m, 1);
    item->ref = make_item(m, 2);
    besom_write(m, item);
    require_ok(besom_finalizer_add(m, item));
    return item;
}

START_TEST(short_reference_is_cleared_before_finalizers_and_a_long_one_after)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_weak * weak_short; struct besom_weak * weak_long;
                     struct item * back;);
        struct item *item = make_finalizable(rig.m);
        my->weak_short = make_weak(rig.m, BESOM_WEAK_SHORT, item);
        my->weak_long = make_weak(rig.m, BESOM_WEAK_LONG, item);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak_short));
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(my->back);
        ck_assert_uint_eq(my->back->id, 1);
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->weak_long), my->back);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak_short));
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->weak_long), my->back);
        my->back = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak_long));
        ck_assert_uint_eq(count_items(rig.m), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(references_to_what_a_finalizable_object_reaches_are_treated_alike)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_weak * weak_short; struct besom_weak * weak_long;
                     struct item * back;);
        struct item *item = make_finalizable(rig.m);
        my->weak_short = make_weak(rig.m, BESOM_WEAK_SHORT, item->ref);
        my->weak_long = make_weak(rig.m, BESOM_WEAK_LONG, item->ref);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak_short));
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(my->back);
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->weak_long), my->back->ref);
        my->back->ref = NULL;
        besom_write(rig.m, my->back);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak_long));
        ck_assert_uint_eq(count_items(rig.m), 1);
        my->back = NULL;
    }
    rig_close(&rig);
}
END_TEST

START_TEST(object_in_the_queue_is_alive_for_long_references)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_weak * weak;);
        struct item *item = make_finalizable(rig.m);
        my->weak = make_weak(rig.m, BESOM_WEAK_LONG, item);
        for (int i = 0; i < 4; i++) {
            collect(rig.m);
            struct item *found = besom_weak_get(rig.m, my->weak);
            ck_assert_ptr_nonnull(found);
            ck_assert_uint_eq(found->id, 1);
            ck_assert_uint_eq(((struct item *)found->ref)->id, 2);
        }
        ck_assert_ptr_nonnull(besom_finalizer_next(rig.m));
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
    }
    rig_close(&rig);
}
END_TEST

/* The references themselves are dead, and come back with the object. */
START_TEST(short_reference_that_a_finalizer_brings_back_shows_what_came_with_it)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct item * back; struct item * kept;);
        struct item *item = make_finalizable(rig.m);
        struct item *middle = item->ref;
        my->kept = make_item(rig.m, 3);
        middle->ref = make_weak(rig.m, BESOM_WEAK_SHORT, item);
        middle->other = make_weak(rig.m, BESOM_WEAK_LONG, item);
        item->other = make_weak(rig.m, BESOM_WEAK_SHORT, my->kept);
        besom_write(rig.m, item);
        besom_write(rig.m, middle);
        collect(rig.m);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(my->back);
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->back->other), my->kept);
        middle = my->back->ref;
        ck_assert_ptr_eq(besom_weak_get(rig.m, middle->ref), my->back);
        ck_assert_ptr_eq(besom_weak_get(rig.m, middle->other), my->back);
    }
    rig_close(&rig);
}
END_TEST

/* ---- destroy hooks ---- */

START_TEST(object_with_a_destroy_hook_is_not_found_once_the_hook_has_run)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        BESOM_LOCALS(rig.m, struct besom_weak * weak; struct hooked * hooked;);
        unsigned long calls = 0;
        my->hooked = make_hooked(rig.m, &calls);
        my->weak = make_weak(rig.m, kinds[k], my->hooked);
        collect(rig.m);
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->weak), my->hooked);
        ck_assert_uint_eq(calls, 0);
        my->hooked = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
        ck_assert_uint_eq(calls, 1);
        collect(rig.m);
        ck_assert_uint_eq(calls, 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(object_that_an_emergency_spared_is_whole_if_it_is_found)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        BESOM_LOCALS(rig.m, struct besom_weak * weak; struct hooked * found;);
        unsigned long calls = 0;
        struct hooked *hooked = make_hooked(rig.m, &calls);
        hooked->id = 77;
        hooked->next = make_hooked(rig.m, &calls);
        my->weak = make_weak(rig.m, kinds[k], hooked);
        require_ok(besom_collect(rig.m, BESOM_EMERGENCY));
        my->found = besom_weak_get(rig.m, my->weak);
        bool found = my->found != NULL;
        collect(rig.m);
        ck_assert_uint_eq(calls, found ? 0 : 2);
        if (found) {
            ck_assert_uint_eq(my->found->id, 77);
            ck_assert_ptr_eq(my->found->next->calls, &calls);
            ck_assert_ptr_eq(besom_weak_get(rig.m, my->weak), my->found);
        }
        my->found = NULL;
        collect(rig.m);
        ck_assert_uint_eq(calls, 2);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
    }
    rig_close(&rig);
}
END_TEST

/* ---- every kind of object ---- */

static void check_object(struct rig *rig, void *obj)
{
    BESOM_LOCALS(rig->m, void *obj; struct besom_weak * weaks[4];);
    my->obj = obj;
    for (int i = 0; i < 4; i++)
        my->weaks[i] = make_weak(rig->m, kinds[i % KINDS], my->obj);
    collect(rig->m);
    for (int i = 0; i < 4; i++)
        require(besom_weak_get(rig->m, my->weaks[i]) == my->obj, "lost");
    my->obj = NULL;
    collect(rig->m);
    for (int i = 0; i < 4; i++)
        require(!besom_weak_get(rig->m, my->weaks[i]), "not gone");
}

START_TEST(references_are_to_objects_of_every_size_and_kind)
{
    struct rig rig;
    rig_start(&rig);
    const size_t sizes[] = {8,    16,    24,     48,      300,     4000,   8192,
                            8208, 20000, 100000, 1 << 20, 3 << 20, 9 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_object(&rig, make_sized(rig.m, &blob_type, sizes[i]));
    check_object(&rig, make(rig.m, &pair_type));
    check_object(&rig, make_vector(rig.m, 5));
    check_object(&rig, make_vector(rig.m, 500000));
    unsigned long calls = 0;
    check_object(&rig, make_hooked(rig.m, &calls));
    check_object(&rig, make_table(rig.m, BESOM_STRONG));
    check_object(&rig, besom_ephemeron_new(rig.m, make(rig.m, &node_type), NULL));
    ck_assert_uint_eq(calls, 1);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

/* ---- every kind of heap ---- */

static const struct besom_type header_types[2] = {
    {.name = "even", .size_bytes = 32},
    {.name = "odd", .size_bytes = 48, .flags = BESOM_LEAF},
};

/* Asks nothing but what its own objects say: the library's have to be told apart before. */
static const struct besom_type *type_by_header(const void *obj)
{
    uint64_t header = *(const uint64_t *)obj;
    require(header >> 8 == 0xFEED, "type_of was asked about an object that is not the host's");
    return &header_types[header & 1];
}

START_TEST(references_work_where_the_host_keeps_its_own_headers)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.type_of = type_by_header;
    rig_open(&rig);
    for (uint64_t i = 0; i < 200; i++) {
        uint64_t *obj = make(rig.m, &header_types[i & 1]);
        *obj = 0xFEED00 | (i & 1);
        check_object(&rig, obj);
    }
    check_object(&rig, make(rig.m, &pair_type));
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(references_are_to_plain_addresses_in_an_encoded_heap)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.encoding = tagged_encoding;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct item * holder;);
        my->holder = make_item(rig.m, 1);
        my->holder->ref = tagged(make_weak(rig.m, BESOM_WEAK_SHORT, my->holder));
        my->holder->other = tagged(make_weak(rig.m, BESOM_WEAK_LONG, make_item(rig.m, 2)));
        besom_write(rig.m, my->holder);
        collect(rig.m);
        struct besom_weak *one = (void *)((char *)my->holder->ref - 1);
        struct besom_weak *two = (void *)((char *)my->holder->other - 1);
        ck_assert_ptr_eq(besom_weak_get(rig.m, one), my->holder);
        ck_assert_ptr_null(besom_weak_get(rig.m, two));
    }
    check_object(&rig, make(rig.m, &node_type));
    rig_close(&rig);
}
END_TEST

START_TEST(object_is_safe_while_its_reference_is_made)
{
    static const char *const options[] = {"safepoints=alloc,stress=1", "safepoints=alloc"};
    for (int o = 0; o < 2; o++) {
        struct rig rig;
        rig_init_exact(&rig, options[o]);
        rig_open(&rig);
        {
            BESOM_LOCALS(rig.m, struct besom_weak * weak; struct item * item;);
            for (uint64_t i = 0; i < scaled(2000); i++) {
                my->weak = make_weak(rig.m, kinds[i % KINDS], make_item(rig.m, i));
                my->item = besom_weak_get(rig.m, my->weak);
                require(my->item && my->item->id == i, "lost while the reference was made");
                my->item = NULL;
            }
            collect(rig.m);
            ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
        }
        rig_close(&rig);
    }
}
END_TEST

/* ---- bad input ---- */

START_TEST(what_is_no_object_of_the_heap_gets_no_reference)
{
    struct rig rig, other;
    rig_start(&rig);
    rig_start(&other);
    uint64_t local[4] = {0};
    void *block = calloc(4, 64);
    char *node = make(rig.m, &node_type);
    void *const bad[] = {NULL,
                         local,
                         block,
                         make(other.m, &node_type),
                         node + 8,
                         node + 16,
                         (void *)8,
                         (void *)(UINTPTR_MAX - 7),
                         rig.heap,
                         rig.m,
                         (void *)((uintptr_t)node & ~(uintptr_t)((4 << 20) - 1))};
    size_t before = stats_of(rig.heap).used_bytes;
    for (int k = 0; k < KINDS; k++)
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
            ck_assert_ptr_null(besom_weak_new(rig.m, kinds[k], bad[i]));
    ck_assert_ptr_null(besom_weak_new(rig.m, (enum besom_weak_kind)2, node));
    ck_assert_ptr_null(besom_weak_new(rig.m, (enum besom_weak_kind) - 1, node));
    ck_assert_ptr_null(besom_weak_new(NULL, BESOM_WEAK_SHORT, node));
    ck_assert_uint_eq(stats_of(rig.heap).used_bytes, before);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    free(block);
    rig_close(&rig);
    rig_close(&other);
}
END_TEST

START_TEST(null_reference_or_mutator_finds_nothing)
{
    struct rig rig;
    rig_start(&rig);
    struct node *node = make(rig.m, &node_type);
    struct besom_weak *weak = make_weak(rig.m, BESOM_WEAK_SHORT, node);
    ck_assert_ptr_null(besom_weak_get(rig.m, NULL));
    ck_assert_ptr_null(besom_weak_get(NULL, weak));
    ck_assert_ptr_null(besom_weak_get(NULL, NULL));
    ck_assert_int_eq(besom_weak_clear(rig.m, NULL), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_weak_clear(NULL, weak), BESOM_E_ARGUMENT);
    ck_assert_ptr_eq(besom_weak_get(rig.m, weak), node);
    rig_close(&rig);
}
END_TEST

START_TEST(mutator_in_a_native_region_finds_and_changes_nothing)
{
    struct rig rig;
    rig_start(&rig);
    for (int k = 0; k < KINDS; k++) {
        BESOM_LOCALS(rig.m, struct besom_weak * weak; void *obj;);
        my->obj = make(rig.m, &node_type);
        my->weak = make_weak(rig.m, kinds[k], my->obj);
        require_ok(besom_native_enter(rig.m));
        ck_assert_ptr_null(besom_weak_get(rig.m, my->weak));
        ck_assert_int_eq(besom_weak_clear(rig.m, my->weak), BESOM_E_STATE);
        ck_assert_ptr_null(besom_weak_new(rig.m, kinds[k], my->obj));
        require_ok(besom_native_leave(rig.m));
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->weak), my->obj);
    }
    rig_close(&rig);
}
END_TEST

struct stranger {
    struct besom_mutator *m;
    struct besom_weak *weak;
};

static void *use_anothers(void *data)
{
    struct stranger *s = data;
    ck_assert_int_eq(besom_weak_clear(s->m, s->weak), BESOM_E_THREAD);
    return NULL;
}

START_TEST(mutator_of_another_thread_changes_nothing)
{
    struct rig rig;
    rig_start(&rig);
    struct node *node = make(rig.m, &node_type);
    struct stranger s = {rig.m, make_weak(rig.m, BESOM_WEAK_LONG, node)};
    thread_join(thread_start(use_anothers, &s));
    ck_assert_ptr_eq(besom_weak_get(rig.m, s.weak), node);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        short_reference_is_cleared_before_finalizers_and_a_long_one_after,
        references_to_what_a_finalizable_object_reaches_are_treated_alike,
        object_in_the_queue_is_alive_for_long_references,
        short_reference_that_a_finalizer_brings_back_shows_what_came_with_it,
        object_with_a_destroy_hook_is_not_found_once_the_hook_has_run,
        object_that_an_emergency_spared_is_whole_if_it_is_found,
        references_are_to_objects_of_every_size_and_kind,
        references_work_where_the_host_keeps_its_own_headers,
        references_are_to_plain_addresses_in_an_encoded_heap,
        object_is_safe_while_its_reference_is_made,
        what_is_no_object_of_the_heap_gets_no_reference,
        null_reference_or_mutator_finds_nothing,
        mutator_in_a_native_region_finds_and_changes_nothing,
        mutator_of_another_thread_changes_nothing,
    };
    return run_tests("weak objects", tests, sizeof tests / sizeof *tests);
}
