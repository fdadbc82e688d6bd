/* test_intern_cycles.c - interned objects and the collector: finalizers, steps, churn, the end of
 * memory; and what a set refuses. */
#include "support_items.h"

#include <string.h>

/* ---- finalizers, cycles ---- */

START_TEST(object_that_a_finalizer_brings_back_is_still_canonical)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct item *back;);
        my->set = make_set(rig.m);
        struct item *holder = make_item(rig.m, 1000);
        holder->ref = intern(rig.m, my->set, 2); /* which comes back with the holder */
        require_ok(besom_finalizer_add(rig.m, holder));
        require_ok(besom_finalizer_add(rig.m, intern(rig.m, my->set, 1)));
        for (int i = 0; i < 2; i++) {
            collect(rig.m);
            ck_assert_uint_eq(count_interned(rig.m, my->set), 2);
        }
        for (int i = 0; i < 2; i++) {
            my->back = besom_finalizer_next(rig.m);
            ck_assert_ptr_nonnull(my->back);
            if (my->back->content == 1000)
                my->back = my->back->ref;
            collect(rig.m);
            uint64_t number = my->back->content;
            ck_assert_ptr_eq(look_up(rig.m, my->set, number), my->back);
            ck_assert_ptr_eq(intern(rig.m, my->set, number), my->back);
        }
        ck_assert_uint_eq(numbers_made, 2);
        my->back = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_interned(rig.m, my->set), 0);
    }
    rig_close(&rig);
}
END_TEST

/* What a lookup finds between the steps of a cycle is alive after it, and still the only one. */
START_TEST(object_found_within_a_cycle_stays)
{
    struct rig rig;
    rig_start(&rig);
    enum { N = 200 };
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct item *found[N];);
        my->set = make_set(rig.m);
        for (size_t work = 1; work < 100000; work *= 5) {
            for (uint64_t i = 0; i < N; i++) {
                struct item *item = intern(rig.m, my->set, i);
                item->ref = make_item(rig.m, 10000 + i);
                besom_write(rig.m, item);
            }
            bool ended = false;
            for (uint64_t i = 0; !ended || i < N; i++) {
                if (!ended)
                    require_ok(besom_step(rig.m, work, &ended));
                if (i < N)
                    my->found[i] = i % 2 ? look_up(rig.m, my->set, i) : intern(rig.m, my->set, i);
            }
            collect(rig.m);
            size_t n = 0;
            for (uint64_t i = 0; i < N; i++) {
                if (!my->found[i])
                    continue;
                n++;
                require(my->found[i]->content == i, "overwritten");
                struct item *part = my->found[i]->ref; /* NULL: it was made anew */
                require(!part || part->content == 10000 + i, "what it reaches was lost");
                require(look_up(rig.m, my->set, i) == my->found[i], "not canonical any more");
            }
            ck_assert_uint_ge(n, N / 2);
            ck_assert_uint_eq(count_interned(rig.m, my->set), n);
            memset(my->found, 0, sizeof my->found);
            collect(rig.m);
            ck_assert_uint_eq(count_interned(rig.m, my->set), 0);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(many_symbols_come_and_go)
{
    struct rng rng = {test_seed()};
    struct rig rig;
    rig_start(&rig);
    enum { RECENT = 2000 };
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct vector *recent;);
        my->set = make_set(rig.m);
        my->recent = make_vector(rig.m, RECENT);
        size_t most = 0;
        for (size_t i = 0; i < scaled(1000000); i++) {
            struct item *item = intern(rig.m, my->set, rng_below(&rng, 50000));
            size_t slot = item->content % RECENT; /* for each content always the same */
            struct item *old = my->recent->items[slot];
            require(!old || old->content != item->content || old == item, "two of one content");
            besom_set(rig.m, my->recent, &my->recent->items[slot], item);
            if (i % 20000 == 0) {
                collect(rig.m);
                require(count_interned(rig.m, my->set) <= RECENT, "kept too many");
                most = stats_of(rig.heap).live_bytes > most ? stats_of(rig.heap).live_bytes : most;
            }
        }
        ck_assert_uint_lt(most, 8 << 20); /* 50000 at a time, while they are not collected */
    }
    rig_close(&rig);
}
END_TEST

/* ---- memory ---- */

static void *numbers_or_null(struct besom_mutator *m, void *host, const void *probe)
{
    (void)host;
    struct item *item = besom_new(m, &item_type);
    if (item)
        item->content = *(const uint64_t *)probe;
    return item;
}

START_TEST(intern_at_the_hard_limit_is_null_and_changes_nothing)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=8m");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct vector *kept;);
        enum { N = 200000 };
        my->set = make_set(rig.m);
        my->kept = make_vector(rig.m, N);
        uint64_t n = 0;
        struct item *item;
        while (n < N && (item = besom_intern(rig.m, my->set, &n, numbers_or_null)))
            besom_set(rig.m, my->kept, &my->kept->items[n++], item);
        ck_assert_uint_lt(n, N);
        for (int i = 0; i < 2; i++) {
            ck_assert_ptr_null(look_up(rig.m, my->set, n));
            ck_assert_ptr_null(besom_intern(rig.m, my->set, &n, numbers_or_null));
            ck_assert_uint_eq(count_interned(rig.m, my->set), n);
            for (uint64_t j = 0; j < n; j++)
                require(look_up(rig.m, my->set, j) == my->kept->items[j], "lost");
        }
        for (uint64_t j = 0; j < n; j += 2)
            my->kept->items[j] = NULL;
        besom_write(rig.m, my->kept);
        collect(rig.m);
        ck_assert_uint_eq(count_interned(rig.m, my->set), n / 2);
        intern(rig.m, my->set, n);
    }
    rig_close(&rig);
}
END_TEST

/* ---- bad input ---- */

START_TEST(set_without_a_function_is_not_made)
{
    struct rig rig;
    rig_start(&rig);
    ck_assert_ptr_null(besom_interns_new(rig.m, NULL, number_is));
    ck_assert_ptr_null(besom_interns_new(rig.m, hash_number, NULL));
    ck_assert_ptr_null(besom_interns_new(rig.m, NULL, NULL));
    ck_assert_ptr_null(besom_interns_new(NULL, hash_number, number_is));
    rig_close(&rig);
}
END_TEST

START_TEST(null_set_or_mutator_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_interns *set = make_set(rig.m);
    struct item *item = intern(rig.m, set, 1);
    uint64_t one = 1;
    struct besom_cursor cursor = {0};
    void *obj = &rig;
    ck_assert_ptr_null(besom_intern(rig.m, NULL, &one, make_number));
    ck_assert_ptr_null(besom_intern(NULL, set, &one, make_number));
    ck_assert_int_eq(besom_intern_remove(rig.m, NULL, &one), BESOM_E_ARGUMENT);
    ck_assert_int_eq(besom_intern_remove(NULL, set, &one), BESOM_E_ARGUMENT);
    ck_assert_uint_eq(besom_interns_count(NULL), 0);
    ck_assert(!besom_interns_next(rig.m, NULL, &cursor, &obj));
    ck_assert(!besom_interns_next(rig.m, set, NULL, &obj));
    ck_assert(!besom_interns_next(NULL, set, &cursor, &obj));
    ck_assert_ptr_eq(obj, &rig);
    ck_assert(besom_interns_next(rig.m, set, &cursor, NULL));
    ck_assert(!besom_interns_next(rig.m, set, &cursor, NULL));
    ck_assert_uint_eq(numbers_made, 1);
    ck_assert_ptr_eq(look_up(rig.m, set, 1), item);
    rig_close(&rig);
}
END_TEST

START_TEST(set_of_another_heap_or_in_a_native_region_is_refused)
{
    struct rig rig, other;
    rig_start(&rig);
    rig_start(&other);
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct item *item;);
        uint64_t one = 1, two = 2;
        my->set = make_set(rig.m);
        my->item = intern(rig.m, my->set, 1);
        ck_assert_ptr_null(besom_intern(other.m, my->set, &one, make_number));
        ck_assert_ptr_null(besom_intern(other.m, my->set, &two, make_number));
        ck_assert_int_eq(besom_intern_remove(other.m, my->set, &one), BESOM_E_FOREIGN);
        require_ok(besom_native_enter(rig.m));
        ck_assert_ptr_null(besom_intern(rig.m, my->set, &one, make_number));
        ck_assert_ptr_null(besom_intern(rig.m, my->set, &two, make_number));
        ck_assert_int_eq(besom_intern_remove(rig.m, my->set, &one), BESOM_E_STATE);
        require_ok(besom_native_leave(rig.m));
        ck_assert_ptr_eq(look_up(rig.m, my->set, 1), my->item);
        ck_assert_uint_eq(count_interned(rig.m, my->set), 1);
        ck_assert_uint_eq(numbers_made, 1);
        rig_close(&other);
    }
    rig_close(&rig);
}
END_TEST

static void *make_nothing_of_the_heap(struct besom_mutator *m, void *host, const void *probe)
{
    static struct item outside;
    (void)m, (void)host;
    outside = (struct item){&item_type, NULL, NULL, 0, *(const uint64_t *)probe};
    return &outside;
}

START_TEST(what_make_made_outside_of_the_heap_is_not_interned)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_interns *set = make_set(rig.m);
    uint64_t one = 1;
    ck_assert_ptr_null(besom_intern(rig.m, set, &one, make_nothing_of_the_heap));
    ck_assert_uint_eq(count_interned(rig.m, set), 0);
    ck_assert_ptr_null(look_up(rig.m, set, 1));
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        object_that_a_finalizer_brings_back_is_still_canonical,
        object_found_within_a_cycle_stays,
        many_symbols_come_and_go,
        intern_at_the_hard_limit_is_null_and_changes_nothing,
        set_without_a_function_is_not_made,
        null_set_or_mutator_is_refused,
        set_of_another_heap_or_in_a_native_region_is_refused,
        what_make_made_outside_of_the_heap_is_not_interned,
    };
    return run_tests("intern cycles", tests, sizeof tests / sizeof *tests);
}
