/* test_checked.c - references that are stored into with the barrier or not at all. */
#include "support.h"

#include <besom/checked.h>

struct leaf {
    const struct besom_type *type;
    uint64_t id;
};

struct twig {
    const struct besom_type *type;
    BESOM_REF(struct twig) next;
    BESOM_REF(struct leaf) leaf;
};

static const struct besom_type leaf_type = {
    .name = "leaf", .size_bytes = sizeof(struct leaf), .flags = BESOM_LEAF};
static const struct besom_field twig_fields[] = {
    {"next", offsetof(struct twig, next)},
    {"leaf", offsetof(struct twig, leaf)},
};
static const struct besom_type twig_type = {
    .name = "twig", .size_bytes = sizeof(struct twig), .fields = twig_fields, .n_fields = 2};

_Static_assert(sizeof(struct twig) == 3 * sizeof(void *), "as large as pointers");

static struct twig *make_twig(struct besom_mutator *m, uint64_t id, struct twig *next)
{
    struct twig *twig = make(m, &twig_type);
    struct leaf *leaf = make(m, &leaf_type);
    leaf->id = id;
    BESOM_SET(m, twig, leaf, leaf);
    BESOM_SET(m, twig, next, next);
    return twig;
}

static void churn(struct rig *rig, size_t rounds)
{
    BESOM_LOCALS(rig->m, struct twig * root;);
    my->root = make_twig(rig->m, 0, NULL);
    collect(rig->m);
    for (uint64_t i = 1; i < rounds; i++) {
        struct twig *next = i % 500 ? BESOM_GET(my->root, next) : NULL;
        BESOM_SET(rig->m, my->root, next, make_twig(rig->m, i, next));
        besom_poll(rig->m);
    }
    uint64_t expected = rounds - 1;
    for (struct twig *t = BESOM_GET(my->root, next); t; t = BESOM_GET(t, next), expected--)
        require(besom_owns(rig->heap, t) && BESOM_GET(t, leaf)->id == expected, "a twig is gone");
    require(expected == (rounds - 1) / 500 * 500 - 1, "a list is incomplete");
}

static void churn_in(const char *options)
{
    struct rig rig;
    rig_init_exact(&rig, options);
    rig_open(&rig);
    churn(&rig, scaled(20000));
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}

START_TEST(checked_stores_are_seen_by_a_marker_beside)
{
    churn_in("heap_min=256k,mode=concurrent,slow");
    churn_in("heap_min=256k,mode=incremental,slow");
}
END_TEST

START_TEST(checked_stores_are_seen_by_minor_cycles)
{
    churn_in("heap_min=256k,generational,nursery=64k,verify");
    churn_in("heap_min=256k,mode=concurrent,generational,nursery=64k,verify");
}
END_TEST

START_TEST(the_object_is_evaluated_once)
{
    struct rig rig;
    rig_start(&rig);
    struct twig *twigs[2] = {make(rig.m, &twig_type), make(rig.m, &twig_type)};
    struct twig **at = twigs;
    BESOM_SET(rig.m, *at++, next, twigs[1]);
    ck_assert_ptr_eq(at, twigs + 1);
    ck_assert_ptr_eq(BESOM_GET(twigs[0], next), twigs[1]);
    ck_assert_ptr_null(BESOM_GET(twigs[1], next));
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        checked_stores_are_seen_by_a_marker_beside,
        checked_stores_are_seen_by_minor_cycles,
        the_object_is_evaluated_once,
    };
    return run_tests("checked", tests, sizeof tests / sizeof *tests);
}
