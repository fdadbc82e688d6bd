/* test_intern.c - one object for each content, for as long as somebody has it. */
#include "support_items.h"

static uint64_t hash_number_badly(void *host, const void *probe)
{
    (void)host, (void)probe;
    return 0;
}

START_TEST(equal_contents_are_one_object)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct vector *kept;);
        enum { N = 3000 };
        my->set = make_set(rig.m);
        my->kept = make_vector(rig.m, N);
        for (int round = 0; round < 3; round++) {
            for (uint64_t i = 0; i < N; i++) {
                struct item *item = intern(rig.m, my->set, i);
                require(round == 0 || item == my->kept->items[i], "another object");
                besom_set(rig.m, my->kept, &my->kept->items[i], item);
            }
            collect(rig.m);
            ck_assert_uint_eq(numbers_made, N);
            ck_assert_uint_eq(count_interned(rig.m, my->set), N);
            ck_assert_uint_eq(count_items(rig.m), N);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(object_that_nobody_has_goes_and_is_made_anew)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct item *kept;);
        my->set = make_set(rig.m);
        my->kept = intern(rig.m, my->set, 1);
        intern(rig.m, my->set, 2);
        collect(rig.m);
        ck_assert_uint_eq(count_interned(rig.m, my->set), 1);
        ck_assert_ptr_eq(look_up(rig.m, my->set, 1), my->kept);
        ck_assert_ptr_null(look_up(rig.m, my->set, 2));
        ck_assert_uint_eq(count_items(rig.m), 1);
        intern(rig.m, my->set, 2);
        ck_assert_uint_eq(numbers_made, 3);
        my->kept = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_interned(rig.m, my->set), 0);
        ck_assert_uint_eq(count_items(rig.m), 0);
        my->set = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(set_that_dies_leaves_its_objects_alone)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct item *kept;);
        my->kept = intern(rig.m, make_set(rig.m), 5);
        collect(rig.m);
        ck_assert_uint_eq(count_items(rig.m), 1);
        ck_assert_uint_eq(my->kept->content, 5);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(looking_up_without_make_makes_nothing)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_interns *set = make_set(rig.m);
    for (uint64_t i = 0; i < 100; i++)
        ck_assert_ptr_null(look_up(rig.m, set, i));
    ck_assert_uint_eq(count_interned(rig.m, set), 0);
    struct item *item = intern(rig.m, set, 7);
    ck_assert_ptr_eq(look_up(rig.m, set, 7), item);
    ck_assert_uint_eq(numbers_made, 1);
    rig_close(&rig);
}
END_TEST

START_TEST(removed_object_is_no_longer_the_one_of_its_content)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct item *first; struct item *second;);
        uint64_t number = 1;
        my->set = make_set(rig.m);
        ck_assert_int_eq(besom_intern_remove(rig.m, my->set, &number), BESOM_E_ABSENT);
        my->first = intern(rig.m, my->set, 1);
        require_ok(besom_intern_remove(rig.m, my->set, &number));
        ck_assert_int_eq(besom_intern_remove(rig.m, my->set, &number), BESOM_E_ABSENT);
        ck_assert_ptr_null(look_up(rig.m, my->set, 1));
        ck_assert_uint_eq(count_interned(rig.m, my->set), 0);
        my->second = intern(rig.m, my->set, 1);
        ck_assert_ptr_ne(my->second, my->first);
        collect(rig.m);
        ck_assert_ptr_eq(look_up(rig.m, my->set, 1), my->second);
        ck_assert_uint_eq(count_items(rig.m), 2);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(iteration_sees_each_object_once)
{
    struct rig rig;
    rig_start(&rig);
    enum { N = 2000 };
    static unsigned char seen[N];
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct vector *kept;);
        my->set = make_set(rig.m);
        my->kept = make_vector(rig.m, N);
        for (uint64_t i = 0; i < N; i++)
            besom_set(rig.m, my->kept, &my->kept->items[i], intern(rig.m, my->set, i));
        struct besom_cursor cursor = {0};
        void *obj;
        uint64_t more = N;
        while (besom_interns_next(rig.m, my->set, &cursor, &obj)) {
            const struct item *item = obj;
            if (item->content < N)
                seen[item->content]++;
            if (more < 4 * N) { /* grows meanwhile, and what is new dies at once */
                intern(rig.m, my->set, more++);
                if (more % 500 == 0)
                    collect(rig.m);
            }
        }
        for (int i = 0; i < N; i++)
            require(seen[i] == 1, "not seen once");
    }
    rig_close(&rig);
}
END_TEST

START_TEST(bad_hash_makes_a_set_slow_not_wrong)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_interns *set; struct vector *kept;);
        my->set = besom_interns_new(rig.m, hash_number_badly, number_is);
        my->kept = make_vector(rig.m, 500);
        for (int round = 0; round < 2; round++) {
            for (uint64_t i = 0; i < 500; i++) {
                struct item *item = intern(rig.m, my->set, i);
                require(round == 0 || i % 2 || item == my->kept->items[i], "another object");
                besom_set(rig.m, my->kept, &my->kept->items[i], i % 2 ? NULL : item);
            }
            collect(rig.m);
            ck_assert_uint_eq(count_interned(rig.m, my->set), 250);
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- make ---- */

static void *fail_to_make(struct besom_mutator *m, void *host, const void *probe)
{
    (void)m, (void)host, (void)probe;
    numbers_made++;
    return NULL;
}

START_TEST(make_that_fails_adds_nothing)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_interns *set = make_set(rig.m);
    for (uint64_t i = 0; i < 50; i++) {
        ck_assert_ptr_null(besom_intern(rig.m, set, &i, fail_to_make));
        ck_assert_uint_eq(numbers_made, i + 1);
        ck_assert_uint_eq(count_interned(rig.m, set), 0);
    }
    intern(rig.m, set, 3);
    uint64_t three = 3;
    ck_assert_ptr_nonnull(besom_intern(rig.m, set, &three, fail_to_make)); /* it is not asked */
    ck_assert_uint_eq(count_interned(rig.m, set), 1);
    rig_close(&rig);
}
END_TEST

static struct {
    struct besom_handle *set;
    bool collects;
} recursion;

/* Number n refers to numbers n - 1 and n / 2, and collects between their making. */
static void *make_recursively(struct besom_mutator *m, void *host, const void *probe)
{
    (void)host;
    uint64_t n = *(const uint64_t *)probe;
    BESOM_LOCALS(m, struct item *item;);
    my->item = make_item(m, n);
    for (uint64_t i = 0; i < 2 && n > 0; i++) {
        uint64_t smaller = i ? n / 2 : n - 1;
        void *part =
            besom_intern(m, besom_handle_get(recursion.set), &smaller, make_recursively);
        require(part != NULL, "a part that is not made");
        besom_set(m, my->item, i ? &my->item->other : &my->item->ref, part);
        if (recursion.collects && n % 16 == 0)
            collect(m);
    }
    return my->item;
}

START_TEST(make_may_intern_and_collect)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct item *top;);
        recursion.set = besom_handle_new(rig.m, make_set(rig.m), "set");
        for (int round = 0; round < 2; round++) {
            recursion.collects = round > 0;
            uint64_t n = 300;
            my->top = besom_intern(rig.m, besom_handle_get(recursion.set), &n, make_recursively);
            ck_assert_ptr_nonnull(my->top);
            collect(rig.m);
            ck_assert_uint_eq(count_interned(rig.m, besom_handle_get(recursion.set)), n + 1);
            ck_assert_uint_eq(count_items(rig.m), n + 1);
            for (struct item *item = my->top; n > 0; item = item->ref, n--) {
                struct item *half = item->other;
                require(item->content == n && half->content == n / 2, "another number");
                require(look_up(rig.m, besom_handle_get(recursion.set), n) == item, "not canonical");
            }
            my->top = NULL;
            collect(rig.m);
            ck_assert_uint_eq(count_items(rig.m), 0);
        }
    }
    rig_close(&rig);
}
END_TEST

static void *make_twice(struct besom_mutator *m, void *host, const void *probe)
{
    struct besom_interns *set = besom_handle_get(recursion.set);
    require(besom_intern(m, set, probe, make_number) != NULL, "not made within");
    return make_number(m, host, probe);
}

START_TEST(content_that_its_own_make_interned_is_one_object)
{
    struct rig rig;
    rig_start(&rig);
    struct besom_interns *set = make_set(rig.m);
    recursion.set = besom_handle_new(rig.m, set, "set");
    for (uint64_t i = 0; i < 100; i++) {
        void *obj = besom_intern(rig.m, set, &i, make_twice);
        ck_assert_ptr_nonnull(obj);
        ck_assert_ptr_eq(look_up(rig.m, set, i), obj);
        ck_assert_uint_eq(count_interned(rig.m, set), i + 1);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        equal_contents_are_one_object,
        object_that_nobody_has_goes_and_is_made_anew,
        set_that_dies_leaves_its_objects_alone,
        looking_up_without_make_makes_nothing,
        removed_object_is_no_longer_the_one_of_its_content,
        iteration_sees_each_object_once,
        bad_hash_makes_a_set_slow_not_wrong,
        make_that_fails_adds_nothing,
        make_may_intern_and_collect,
        content_that_its_own_make_interned_is_one_object,
    };
    return run_tests("intern", tests, sizeof tests / sizeof *tests);
}
