/* test_finalizer_weak.c - what weak structures and hooks see of an object that a finalizer brings
 * back: values and short references go before, keys and long ones when it is really gone. */
#include "support.h"

/* Registered, and held by nobody. */
static struct node *make_dying(struct besom_mutator *m, uint64_t id)
{
    struct node *node = make(m, &node_type);
    node->id = id;
    require_ok(besom_finalizer_add(m, node));
    return node;
}

static struct node *make_id(struct besom_mutator *m, uint64_t id)
{
    struct node *node = make(m, &node_type);
    node->id = id;
    return node;
}

START_TEST(short_references_are_cleared_before_and_long_ones_when_it_is_gone)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_weak *brief; struct besom_weak *lasting;
                     struct node *back;);
        struct node *node = make_dying(rig.m, 1);
        my->brief = besom_weak_new(rig.m, BESOM_WEAK_SHORT, node);
        my->lasting = besom_weak_new(rig.m, BESOM_WEAK_LONG, node);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->brief));
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->lasting), node);
        collect(rig.m); /* it is in the queue */
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->lasting), node);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_eq(my->back, node);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->brief));
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->lasting), node);
        my->back = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->lasting));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(short_references_never_show_what_only_a_finalizer_reaches)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_weak *brief; struct besom_weak *lasting;);
        struct node *node = make_dying(rig.m, 1);
        node->next = make_list(rig.m, 10);
        besom_write(rig.m, node);
        my->brief = besom_weak_new(rig.m, BESOM_WEAK_SHORT, node->next->next);
        my->lasting = besom_weak_new(rig.m, BESOM_WEAK_LONG, node->next->next);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->brief));
        ck_assert_ptr_eq(besom_weak_get(rig.m, my->lasting), node->next->next);
        ck_assert_ptr_eq(besom_finalizer_next(rig.m), node);
        collect(rig.m);
        ck_assert_ptr_null(besom_weak_get(rig.m, my->lasting));
    }
    rig_close(&rig);
}
END_TEST

START_TEST(short_reference_that_is_itself_brought_back_shows_what_came_with_it)
{
    struct rig rig;
    rig_start(&rig);
    struct pair *pair = make(rig.m, &pair_type); /* reaches the reference and its object */
    struct besom_weak *brief = besom_weak_new(rig.m, BESOM_WEAK_SHORT, pair);
    pair->head = brief;
    besom_write(rig.m, pair);
    require_ok(besom_finalizer_add(rig.m, pair));
    collect(rig.m);
    ck_assert_ptr_eq(besom_finalizer_next(rig.m), pair);
    ck_assert_ptr_eq(pair->head, brief);
    ck_assert_ptr_eq(besom_weak_get(rig.m, brief), pair);
    rig_close(&rig);
}
END_TEST

START_TEST(entry_whose_key_is_brought_back_stays_until_the_key_is_gone)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct node *back;);
        my->table = besom_table_new(rig.m, BESOM_WEAK_KEYS, NULL, NULL);
        struct node *key = make_dying(rig.m, 1);
        struct node *list = make_list(rig.m, 20);
        require_ok(besom_table_put(rig.m, my->table, key, list));
        collect(rig.m);
        ck_assert_uint_eq(besom_table_count(my->table), 1);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_eq(my->back, key);
        /* Here a finalizer would look for what belongs to the object. */
        ck_assert_ptr_eq(besom_table_get(rig.m, my->table, my->back), list);
        collect(rig.m);
        check_list(besom_table_get(rig.m, my->table, my->back), 20);
        my->back = NULL;
        collect(rig.m);
        ck_assert_uint_eq(besom_table_count(my->table), 0);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(ephemeron_whose_key_is_brought_back_stays_until_the_key_is_gone)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_ephemeron *e; struct node *back;);
        struct node *key = make_dying(rig.m, 1), *list = make_list(rig.m, 20);
        my->e = besom_ephemeron_new(rig.m, key, list);
        list->next->next->other = key; /* the value reaches the key */
        besom_write(rig.m, list->next->next);
        for (int i = 0; i < 2; i++) {
            collect(rig.m);
            ck_assert_ptr_eq(besom_ephemeron_key(rig.m, my->e), key);
            ck_assert_ptr_eq(besom_ephemeron_value(rig.m, my->e), list);
        }
        my->back = besom_finalizer_next(rig.m);
        collect(rig.m);
        check_list(besom_ephemeron_value(rig.m, my->e), 20);
        my->back = NULL;
        collect(rig.m);
        ck_assert_ptr_null(besom_ephemeron_key(rig.m, my->e));
        ck_assert_ptr_null(besom_ephemeron_value(rig.m, my->e));
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(dead_values_are_gone_before_and_do_not_come_back)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *values; struct besom_table *both;
                     struct node *key; struct node *back;);
        my->values = besom_table_new(rig.m, BESOM_WEAK_VALUES, NULL, NULL);
        my->both = besom_table_new(rig.m, BESOM_WEAK_BOTH, NULL, NULL);
        my->key = make_id(rig.m, 1);
        struct node *value = make_dying(rig.m, 2);
        value->next = make_id(rig.m, 3);
        besom_write(rig.m, value);
        struct node *key_of_next = make_id(rig.m, 4);
        require_ok(besom_table_put(rig.m, my->values, my->key, value));
        require_ok(besom_table_put(rig.m, my->both, my->key, value));
        require_ok(besom_table_put(rig.m, my->values, key_of_next, value->next));
        collect(rig.m);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_eq(my->back, value);
        ck_assert_uint_eq(my->back->next->id, 3);
        for (int i = 0; i < 2; i++) {
            ck_assert_uint_eq(besom_table_count(my->values), 0);
            ck_assert_uint_eq(besom_table_count(my->both), 0);
            ck_assert_ptr_null(besom_table_get(rig.m, my->values, my->key));
            ck_assert_ptr_null(besom_table_get(rig.m, my->both, my->key));
            collect(rig.m);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(dead_keys_of_a_table_of_both_kinds_go_when_they_are_gone)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *both; struct node *value; struct node *back;);
        my->both = besom_table_new(rig.m, BESOM_WEAK_BOTH, NULL, NULL);
        my->value = make_id(rig.m, 2);
        struct node *key = make_dying(rig.m, 1);
        require_ok(besom_table_put(rig.m, my->both, key, my->value));
        collect(rig.m);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_eq(besom_table_get(rig.m, my->both, my->back), my->value);
        my->back = NULL;
        collect(rig.m);
        ck_assert_uint_eq(besom_table_count(my->both), 0);
        ck_assert_ptr_nonnull(my->value);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(entries_of_a_table_that_is_brought_back_go_after)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *key; struct node *back;);
        my->key = make_id(rig.m, 1);
        struct besom_table *values = besom_table_new(rig.m, BESOM_WEAK_VALUES, NULL, NULL);
        struct besom_table *both = besom_table_new(rig.m, BESOM_WEAK_BOTH, NULL, NULL);
        struct besom_table *keys = besom_table_new(rig.m, BESOM_WEAK_KEYS, NULL, NULL);
        struct node *owner = make_dying(rig.m, 2);
        struct node *beside = make_dying(rig.m, 3), *dead = make_id(rig.m, 4);
        struct vector *tables = make_vector(rig.m, 3);
        tables->items[0] = values;
        tables->items[1] = both;
        tables->items[2] = keys;
        besom_write(rig.m, tables);
        owner->next = (void *)tables;
        besom_write(rig.m, owner);
        require_ok(besom_table_put(rig.m, values, my->key, beside)); /* brought back too */
        require_ok(besom_table_put(rig.m, values, owner, dead));
        require_ok(besom_table_put(rig.m, both, my->key, beside));
        require_ok(besom_table_put(rig.m, both, owner, dead));
        require_ok(besom_table_put(rig.m, both, dead, owner));
        require_ok(besom_table_put(rig.m, keys, dead, owner));
        require_ok(besom_table_put(rig.m, keys, beside, my->key));
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 3);
        ck_assert_ptr_eq(besom_table_get(rig.m, values, my->key), beside);
        ck_assert_ptr_eq(besom_table_get(rig.m, both, my->key), beside);
        ck_assert_ptr_eq(besom_table_get(rig.m, keys, beside), my->key);
        ck_assert_uint_eq(besom_table_count(values), 1);
        ck_assert_uint_eq(besom_table_count(both), 1);
        ck_assert_uint_eq(besom_table_count(keys), 1);
        ck_assert_ptr_eq(besom_finalizer_next(rig.m), beside);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_eq(my->back, owner);
        collect(rig.m); /* `beside` is dead now, and has no finalizer any more */
        ck_assert_uint_eq(besom_table_count(values), 0);
        ck_assert_uint_eq(besom_table_count(both), 0);
        ck_assert_uint_eq(besom_table_count(keys), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(value_that_only_a_dead_key_keeps_is_brought_back_with_it)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table;);
        my->table = besom_table_new(rig.m, BESOM_WEAK_KEYS, NULL, NULL);
        /* A chain through the table, all of whose members have finalizers: dead together. */
        struct node *chain[50];
        for (uint64_t i = 0; i < 50; i++)
            chain[i] = make_dying(rig.m, i);
        for (int i = 0; i < 49; i++)
            require_ok(besom_table_put(rig.m, my->table, chain[i], chain[i + 1]));
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).finalizers_ready, 50);
        ck_assert_uint_eq(besom_table_count(my->table), 49);
        for (uint64_t i = 50; i-- > 0;) {
            const struct node *node = besom_finalizer_next(rig.m);
            ck_assert_ptr_nonnull(node);
            ck_assert_uint_eq(node->id, i);
            collect(rig.m); /* what is in the queue still, and its values, stay */
            ck_assert_uint_eq(besom_table_count(my->table), i ? 49 : 0);
        }
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(hook_runs_once_when_the_object_is_gone_after_all)
{
    struct rig rig;
    rig_start(&rig);
    unsigned long calls = 0, below = 0;
    {
        BESOM_LOCALS(rig.m, struct hooked *back;);
        struct hooked *h = make_hooked(rig.m, &calls);
        h->next = make_hooked(rig.m, &below);
        besom_write(rig.m, h);
        require_ok(besom_finalizer_add(rig.m, h));
        for (int i = 0; i < 3; i++) {
            collect(rig.m);
            ck_assert_uint_eq(calls + below, 0);
        }
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_eq(my->back, h);
        collect(rig.m);
        require_ok(besom_finalizer_add(rig.m, my->back));
        my->back = NULL;
        collect(rig.m); /* in the queue again */
        ck_assert_uint_eq(calls + below, 0);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_eq(my->back, h);
        my->back = NULL;
        collect(rig.m);
        ck_assert_uint_eq(calls, 1);
        ck_assert_uint_eq(below, 1);
    }
    rig_close(&rig);
    ck_assert_uint_eq(calls, 1);
    ck_assert_uint_eq(below, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        short_references_are_cleared_before_and_long_ones_when_it_is_gone,
        short_references_never_show_what_only_a_finalizer_reaches,
        short_reference_that_is_itself_brought_back_shows_what_came_with_it,
        entry_whose_key_is_brought_back_stays_until_the_key_is_gone,
        ephemeron_whose_key_is_brought_back_stays_until_the_key_is_gone,
        dead_values_are_gone_before_and_do_not_come_back,
        dead_keys_of_a_table_of_both_kinds_go_when_they_are_gone,
        entries_of_a_table_that_is_brought_back_go_after,
        value_that_only_a_dead_key_keeps_is_brought_back_with_it,
        hook_runs_once_when_the_object_is_gone_after_all,
    };
    return run_tests("finalizer weak", tests, sizeof tests / sizeof *tests);
}
