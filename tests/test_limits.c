/* test_limits.c - at the hard limit allocation gives NULL, and the heap stays usable. */
#include "support.h"

#include <string.h>

enum { LIMIT = 16 << 20 };

static void start_limited(struct rig *rig)
{
    rig_init(rig);
    rig->config.options.heap_max_bytes = LIMIT;
    rig_open(rig);
}

/* Chains nodes of 1 KiB onto *list until one is refused; how many there were. */
static size_t fill_heap(struct besom_mutator *m, struct vector **list)
{
    size_t n = 0;
    for (;;) {
        struct vector *v =
            besom_new_sized(m, &vector_type, sizeof(struct vector) + 120 * sizeof(void *));
        if (!v)
            return n;
        v->length = 120;
        v->items[0] = *list;
        besom_write(m, v);
        *list = v;
        n++;
        ck_assert_msg(n < 1u << 20, "the limit does not hold");
    }
}

START_TEST(allocation_beyond_the_limit_is_null_and_the_heap_usable_afterwards)
{
    struct rig rig;
    start_limited(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *list;);
        size_t first = 0;
        for (int round = 0; round < 3; round++) {
            size_t n = fill_heap(rig.m, &my->list);
            ck_assert_uint_ge(n * 976, LIMIT * 8 / 10);
            ck_assert_uint_le(stats_of(rig.heap).committed_bytes, LIMIT);
            ck_assert_uint_ge(n, first * 8 / 10);
            first = n;
            collect(rig.m);
            ck_assert_uint_eq(count_objects(rig.m, &vector_type), n);
            my->list = NULL;
            collect(rig.m);
            ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(poll_after_a_refusal_collects_what_is_garbage)
{
    struct rig rig;
    start_limited(&rig);
    for (int round = 0; round < 8; round++) {
        struct vector *garbage = NULL;
        ck_assert_uint_gt(fill_heap(rig.m, &garbage), 1000);
        garbage = NULL;
        ck_assert(besom_poll(rig.m));
        ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 1000));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(refusal_below_the_trigger_makes_the_next_poll_collect)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=64m,pace=fixed"); /* no cycle is due below the limit */
    rig_open(&rig);
    make_sized(rig.m, &blob_type, 30 << 20);
    make_sized(rig.m, &blob_type, 20 << 20);
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 20 << 20));
    ck_assert(besom_poll(rig.m));
    ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 20 << 20));
    rig_close(&rig);
}
END_TEST

START_TEST(object_beyond_the_limit_is_refused_alone)
{
    struct rig rig;
    start_limited(&rig);
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, LIMIT + 1));
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 64 << 20));
    ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 4 << 20));
    ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 100));
    verify(rig.m);
    rig_close(&rig);
}
END_TEST

START_TEST(external_bytes_count_towards_the_limit)
{
    struct rig rig;
    start_limited(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *owner;);
        my->owner = make(rig.m, &node_type);
        ck_assert_int_eq(besom_external(rig.heap, my->owner, LIMIT - (2 << 20)), BESOM_OK);
        ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 3 << 20));
        ck_assert_int_eq(besom_external(rig.heap, my->owner, -(LIMIT - (2 << 20))), BESOM_OK);
        ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 3 << 20));
    }
    rig_close(&rig);
}
END_TEST

/* ---- the host's handler ---- */

struct relief { /* what the handlers below do; the heap's host */
    struct watch watch;
    unsigned calls;
    unsigned retries;         /* how often to say "try again" */
    size_t bytes;             /* it was called with */
    struct besom_heap *heap;
    void *owner;              /* discharged of `charge` at the first call */
    ptrdiff_t charge;
    struct besom_mutator *m;  /* collects at the first call */
};

static bool relieve(void *host, size_t bytes)
{
    struct relief *relief = host;
    relief->bytes = bytes;
    if (relief->calls++ == 0 && relief->charge)
        besom_external(relief->heap, relief->owner, -relief->charge);
    return relief->calls <= relief->retries;
}

static bool collect_once(void *host, size_t bytes)
{
    struct relief *relief = host;
    (void)bytes;
    if (relief->calls++)
        return false;
    collect(relief->m);
    return true;
}

static void start_relieved(struct rig *rig, struct relief *relief,
                           bool (*handler)(void *host, size_t bytes))
{
    rig_init(rig);
    rig->config.options.heap_max_bytes = LIMIT;
    memset(relief, 0, sizeof *relief);
    watch_init(&relief->watch, &rig->config);
    rig->config.on_out_of_memory = handler;
    rig_open(rig);
    relief->heap = rig->heap;
}

START_TEST(handler_that_gives_up_is_asked_once)
{
    struct rig rig;
    struct relief relief;
    start_relieved(&rig, &relief, relieve);
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 40 << 20));
    ck_assert_uint_eq(relief.calls, 1);
    ck_assert_uint_ge(relief.bytes, 40 << 20);
    rig_close(&rig);
    watch_check(&relief.watch);
}
END_TEST

START_TEST(handler_that_says_again_is_asked_until_it_gives_up)
{
    struct rig rig;
    struct relief relief;
    start_relieved(&rig, &relief, relieve);
    relief.retries = 5;
    ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 40 << 20));
    ck_assert_uint_eq(relief.calls, 6);
    rig_close(&rig);
    watch_check(&relief.watch);
}
END_TEST

START_TEST(handler_that_makes_room_saves_the_allocation)
{
    struct rig rig;
    struct relief relief;
    start_relieved(&rig, &relief, relieve);
    relief.retries = 1;
    {
        BESOM_LOCALS(rig.m, struct node *owner;);
        my->owner = make(rig.m, &node_type);
        relief.owner = my->owner;
        relief.charge = LIMIT - (2 << 20);
        ck_assert_int_eq(besom_external(rig.heap, my->owner, relief.charge), BESOM_OK);
        ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 5 << 20));
        ck_assert_uint_eq(relief.calls, 1);
        ck_assert_uint_eq(stats_of(rig.heap).external_bytes, 0);
    }
    rig_close(&rig);
    watch_check(&relief.watch);
}
END_TEST

START_TEST(handler_that_collects_saves_the_allocation)
{
    struct rig rig;
    struct relief relief;
    start_relieved(&rig, &relief, collect_once);
    relief.m = rig.m;
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 1000);
        for (int i = 0; i < 12; i++)
            make_sized(rig.m, &blob_type, 1 << 20);
        ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 8 << 20));
        ck_assert_uint_eq(relief.calls, 1);
        check_list(my->list, 1000);
        ck_assert_ptr_null(besom_new_sized(rig.m, &blob_type, 12 << 20));
        ck_assert_uint_eq(relief.calls, 2);
    }
    rig_close(&rig);
    watch_check(&relief.watch);
}
END_TEST

START_TEST(allocation_that_may_collect_meets_no_limit_over_garbage)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options.heap_max_bytes = LIMIT;
    rig.config.options.safepoints = BESOM_GC_AT_ALLOC;
    rig_open(&rig);
    size_t total = scaled(20) * (size_t)LIMIT;
    for (size_t bytes = 0; bytes < total; bytes += 2000)
        make_sized(rig.m, &blob_type, 2000);
    ck_assert_uint_le(stats_of(rig.heap).committed_bytes, LIMIT);
    rig_close(&rig);
}
END_TEST

START_TEST(full_heap_that_may_collect_gives_null_after_an_emergency)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=8m,safepoints=alloc");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *list;);
        size_t n = 0;
        for (struct vector *v;
             (v = besom_new_sized(rig.m, &vector_type, sizeof(struct vector) + 3840)); n++) {
            v->length = 480;
            v->items[0] = my->list;
            besom_write(rig.m, v);
            my->list = v;
        }
        ck_assert_uint_ge(n * 3856, (8 << 20) * 8 / 10);
        ck_assert_uint_gt(stats_of(rig.heap).emergencies, 0);
        ck_assert_uint_eq(count_objects(rig.m, &vector_type), n);
        my->list = NULL;
        ck_assert_ptr_nonnull(besom_new_sized(rig.m, &blob_type, 4 << 20));
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        allocation_beyond_the_limit_is_null_and_the_heap_usable_afterwards,
        poll_after_a_refusal_collects_what_is_garbage,
        refusal_below_the_trigger_makes_the_next_poll_collect,
        object_beyond_the_limit_is_refused_alone,
        external_bytes_count_towards_the_limit,
        handler_that_gives_up_is_asked_once,
        handler_that_says_again_is_asked_until_it_gives_up,
        handler_that_makes_room_saves_the_allocation,
        handler_that_collects_saves_the_allocation,
        allocation_that_may_collect_meets_no_limit_over_garbage,
        full_heap_that_may_collect_gives_null_after_an_emergency,
    };
    return run_tests("limits", tests, sizeof tests / sizeof *tests);
}
