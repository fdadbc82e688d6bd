/* test_destroy.c - destroy hooks run once for each dead object, before its memory or that of any
 * other that died with it is reused. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

START_TEST(hook_runs_once_when_its_object_dies)
{
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0;
    make_hooked(rig.m, &calls);
    collect(rig.m);
    ck_assert_uint_eq(calls, 1);
    collect(rig.m);
    collect(rig.m);
    ck_assert_uint_eq(calls, 1);
    rig_close(&rig);
    ck_assert_uint_eq(calls, 1);
}
END_TEST

START_TEST(hook_does_not_run_while_its_object_is_reachable)
{
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0;
    {
        BESOM_LOCALS(rig.m, struct hooked *h;);
        my->h = make_hooked(rig.m, &calls);
        for (int i = 0; i < 5; i++)
            collect(rig.m);
        ck_assert_uint_eq(calls, 0);
    }
    collect(rig.m);
    ck_assert_uint_eq(calls, 1);
    rig_close(&rig);
}
END_TEST

START_TEST(hooks_of_what_is_left_run_when_the_heap_is_freed)
{
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0, others = 0;
    {
        BESOM_LOCALS(rig.m, struct hooked *list;);
        for (int i = 0; i < 3000; i++) {
            struct hooked *h = make_hooked(rig.m, &calls);
            h->next = my->list;
            besom_write(rig.m, h);
            my->list = h;
        }
        collect(rig.m);
    }
    ck_assert_uint_eq(calls, 0);
    for (int i = 0; i < 100; i++)
        make_hooked(rig.m, &others);
    rig_close(&rig);
    ck_assert_uint_eq(calls, 3000);
    ck_assert_uint_eq(others, 100);
}
END_TEST

START_TEST(destroyed_objects_are_counted)
{
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0;
    for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 1000; i++)
            make_hooked(rig.m, &calls);
        collect(rig.m);
        ck_assert_uint_eq(calls, 1000 * (unsigned long)round);
        ck_assert_uint_eq(stats_of(rig.heap).destroyed_objects, 1000 * (unsigned long)round);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(many_hooks_run_at_polls_in_time)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 1 << 20;
    rig_open(&rig);
    unsigned long calls = 0, made = 0;
    for (size_t i = 0; i < scaled(400000); i++) {
        make_hooked(rig.m, &calls);
        made++;
        if (i % 100 == 0)
            besom_poll(rig.m);
    }
    ck_assert_uint_le(calls, made);
    collect(rig.m);
    ck_assert_uint_eq(calls, made);
    rig_close(&rig);
    ck_assert_uint_eq(calls, made);
}
END_TEST

/* ---- what hooks may read ---- */

struct ring { /* dead objects that look at each other */
    const struct besom_type *type;
    struct ring *next;
    uint64_t id;
    uint64_t *wrong; /* sum of what hooks found amiss */
};

static void look_at_the_next(struct besom_heap *heap, void *obj)
{
    (void)heap;
    const struct ring *ring = obj, *next = ring->next;
    if (next->id != ring->id + 1 && next->id != 0)
        ++*ring->wrong;
    if (next->wrong != ring->wrong)
        ++*ring->wrong;
}

static const struct besom_field ring_fields[] = {{"next", offsetof(struct ring, next)}};
static const struct besom_type ring_type = {.name = "ring", .size_bytes = sizeof(struct ring),
                                            .fields = ring_fields, .n_fields = 1,
                                            .destroy = look_at_the_next};

static void make_ring(struct besom_mutator *m, uint64_t n, uint64_t *wrong)
{
    struct ring *first = NULL, *last = NULL;
    for (uint64_t i = 0; i < n; i++) {
        struct ring *ring = make(m, &ring_type);
        ring->id = i;
        ring->wrong = wrong;
        if (last)
            last->next = ring;
        else
            first = ring;
        last = ring;
    }
    last->next = first;
}

START_TEST(hook_may_read_other_dead_objects)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 1 << 20;
    rig_open(&rig);
    uint64_t wrong = 0;
    for (int i = 0; i < 300; i++) {
        make_ring(rig.m, 100 + (uint64_t)i, &wrong);
        make_sized(rig.m, &blob_type, 20000);
        besom_poll(rig.m);
        /* New objects would overwrite what pending hooks still read. */
        struct blob *blob = make_sized(rig.m, &blob_type, 3000);
        memset(blob->words, 0xEE, 2000);
    }
    collect(rig.m);
    ck_assert_uint_eq(wrong, 0);
    rig_close(&rig);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* ---- what hooks may do ---- */

struct image { /* host memory, charged to the heap */
    const struct besom_type *type;
    void *pixels;
    size_t bytes;
};

static void free_pixels(struct besom_heap *heap, void *obj)
{
    struct image *image = obj;
    free(image->pixels);
    if (besom_external(heap, image, -(ptrdiff_t)image->bytes) != BESOM_OK)
        abort();
}

static const struct besom_type image_type = {
    .name = "image", .size_bytes = sizeof(struct image), .flags = BESOM_LEAF,
    .destroy = free_pixels};

static struct image *make_image(struct rig *rig, size_t bytes)
{
    struct image *image = make(rig->m, &image_type);
    image->pixels = malloc(bytes);
    image->bytes = bytes;
    require(image->pixels && besom_external(rig->heap, image, (ptrdiff_t)bytes) == BESOM_OK,
            "no pixels");
    return image;
}

START_TEST(hook_frees_host_memory_and_takes_its_charge_back)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct image *kept;);
        my->kept = make_image(&rig, 5000);
        for (int i = 0; i < 1000; i++)
            make_image(&rig, 1000);
        ck_assert_uint_eq(stats_of(rig.heap).external_bytes, 1005000);
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).external_bytes, 5000);
    }
    rig_close(&rig);
}
END_TEST

/* ---- every kind of object may have a hook ---- */

struct tagged { /* a counter that the hook finds at the same place in each kind */
    const struct besom_type *type;
    unsigned long *calls;
};

static void count_tagged(struct besom_heap *heap, void *obj)
{
    (void)heap;
    ++*((struct tagged *)obj)->calls;
}

static void check_hooks(uint32_t flags, size_t bytes, unsigned long n)
{
    struct besom_type type = {.name = "tagged", .size_bytes = sizeof(struct tagged),
                              .flags = flags, .destroy = count_tagged};
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0;
    {
        BESOM_LOCALS(rig.m, struct vector *kept;);
        my->kept = make_vector(rig.m, n);
        for (unsigned long i = 0; i < n; i++) {
            struct tagged *t = make_sized(rig.m, &type, bytes);
            t->calls = &calls;
            struct tagged *keep = make_sized(rig.m, &type, bytes);
            keep->calls = &calls;
            besom_set(rig.m, my->kept, &my->kept->items[i], keep);
        }
        collect(rig.m);
        ck_assert_uint_eq(calls, n);
        for (unsigned long i = 0; i < n; i += 2)
            besom_set(rig.m, my->kept, &my->kept->items[i], NULL);
        collect(rig.m);
        ck_assert_uint_eq(calls, n + (n + 1) / 2);
    }
    rig_close(&rig);
    ck_assert_uint_eq(calls, 2 * n);
}

START_TEST(hooks_run_for_objects_of_every_size_and_kind)
{
    const size_t sizes[] = {16, 40, 300, 4000, 8192, 8208, 20000, 100000, 1 << 20, 3 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned long n = sizes[i] < 1000 ? 1000 : sizes[i] < 100000 ? 40 : 3;
        check_hooks(0, sizes[i], n);
        check_hooks(BESOM_LEAF, sizes[i], n);
        check_hooks(BESOM_OWN_BLOCKS, sizes[i], n);
    }
}
END_TEST

START_TEST(hooks_of_many_types_do_not_mix)
{
    enum { TYPES = 40, EACH = 50 };
    static struct besom_type types[TYPES];
    static unsigned long calls[TYPES];
    struct rig rig;
    rig_start(&rig);
    for (int i = 0; i < TYPES; i++)
        types[i] = (struct besom_type){.name = "one of many", .size_bytes = 16 + 8u * (i % 5),
                                       .flags = i % 2 ? BESOM_LEAF : 0, .destroy = count_tagged};
    for (int j = 0; j < EACH; j++)
        for (int i = 0; i < TYPES; i++)
            ((struct tagged *)make(rig.m, &types[i]))->calls = &calls[i];
    collect(rig.m);
    for (int i = 0; i < TYPES; i++)
        ck_assert_uint_eq(calls[i], EACH);
    rig_close(&rig);
}
END_TEST

/* ---- threads ---- */

struct maker {
    struct besom_heap *heap;
    unsigned long *calls;
    unsigned long n;
};

static void *make_many(void *data)
{
    struct maker *maker = data;
    struct besom_mutator *m = besom_attach(maker->heap);
    ck_assert_ptr_nonnull(m);
    for (unsigned long i = 0; i < maker->n; i++) {
        make_hooked(m, maker->calls);
        if (i % 50 == 0)
            besom_poll(m);
    }
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(hooks_run_once_whichever_thread_runs_them)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_min_bytes = 1 << 20;
    rig_open(&rig);
    unsigned long calls = 0;
    struct maker maker = {rig.heap, &calls, scaled(80000)};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = thread_start(make_many, &maker);
    ck_assert_int_eq(besom_native_enter(rig.m), BESOM_OK);
    for (int i = 0; i < 4; i++)
        thread_join(threads[i]);
    ck_assert_int_eq(besom_native_leave(rig.m), BESOM_OK);
    collect(rig.m);
    ck_assert_uint_eq(calls, 4 * maker.n);
    rig_close(&rig);
    ck_assert_uint_eq(calls, 4 * maker.n);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        hook_runs_once_when_its_object_dies,
        hook_does_not_run_while_its_object_is_reachable,
        hooks_of_what_is_left_run_when_the_heap_is_freed,
        destroyed_objects_are_counted,
        many_hooks_run_at_polls_in_time,
        hook_may_read_other_dead_objects,
        hook_frees_host_memory_and_takes_its_charge_back,
        hooks_run_for_objects_of_every_size_and_kind,
        hooks_of_many_types_do_not_mix,
        hooks_run_once_whichever_thread_runs_them,
    };
    return run_tests("destroy", tests, sizeof tests / sizeof *tests);
}
