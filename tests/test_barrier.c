/* test_barrier.c - the write barrier may be called anywhere and changes no outcome. */
#include "support.h"

static void start(struct rig *rig)
{
    rig_init(rig);
    rig->config.options.barrier = true;
    rig->config.options.verify = true;
    rig_open(rig);
}

START_TEST(writes_to_small_objects_are_logged_and_forgotten)
{
    struct rig rig;
    start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        for (int round = 0; round < 5; round++) {
            my->list = make_list(rig.m, 3000);
            for (struct node *n = my->list; n; n = n->next) {
                n->other = my->list;
                besom_write(rig.m, n);
                besom_write(rig.m, n);
                besom_write_at(rig.m, n, &n->other);
                besom_set(rig.m, n, &n->other, n);
            }
            collect(rig.m);
            verify(rig.m);
            for (struct node *n = my->list; n; n = n->next)
                besom_set(rig.m, n, &n->other, n->next);
            collect(rig.m);
            ck_assert_uint_eq(count_objects(rig.m, NULL), 3000);
            my->list = NULL;
            collect(rig.m);
            verify(rig.m);
        }
    }
    rig_close(&rig);
}
END_TEST

/* Writes every slot of an array of n, one at a time, and lets it die. */
static void write_array(struct rig *rig, size_t n, size_t step)
{
    BESOM_LOCALS(rig->m, struct vector *v;);
    my->v = make_vector(rig->m, n);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < n; i += step)
            besom_set(rig->m, my->v, &my->v->items[i], make(rig->m, &node_type));
        besom_write(rig->m, my->v);
        besom_write_at(rig->m, my->v, &my->v->items[n - 1]);
        collect(rig->m);
        ck_assert_uint_eq(count_objects(rig->m, NULL), 1 + (n + step - 1) / step);
    }
}

START_TEST(writes_to_large_objects_are_logged_and_forgotten)
{
    struct rig rig;
    start(&rig);
    const size_t lengths[] = {900, 1022, 1100, 3000, 20000, 100000, 400000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_array(&rig, lengths[i], 1 + lengths[i] / 2000);
        collect(rig.m);
        verify(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
        /* The memory is reused for something else. */
        make_list(rig.m, lengths[i]);
        verify(rig.m);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(log_of_many_writes_between_cycles_is_bounded_by_the_objects)
{
    struct rig rig;
    start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *list;);
        my->list = make_list(rig.m, 1000);
        collect(rig.m);
        struct besom_stats before = stats_of(rig.heap);
        for (size_t i = 0; i < scaled(3000); i++)
            for (struct node *n = my->list; n; n = n->next)
                besom_set(rig.m, n, &n->other, n);
        ck_assert_uint_eq(stats_of(rig.heap).committed_bytes, before.committed_bytes);
        collect(rig.m);
        check_list(my->list, 1000);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(barrier_is_off_unless_asked_for)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    ck_assert(!rig.m->barrier_on);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        writes_to_small_objects_are_logged_and_forgotten,
        writes_to_large_objects_are_logged_and_forgotten,
        log_of_many_writes_between_cycles_is_bounded_by_the_objects,
        barrier_is_off_unless_asked_for,
    };
    return run_tests("barrier", tests, sizeof tests / sizeof *tests);
}
