/* test_charges.c - what is charged belongs to an object, and goes with it. */
#include "support.h"

static size_t external(const struct rig *rig)
{
    return stats_of(rig->heap).external_bytes;
}

/* ---- charges belong to objects ---- */

START_TEST(charge_of_each_object_can_be_asked_for)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *a; struct node *b;);
        my->a = make(rig.m, &node_type);
        my->b = make(rig.m, &node_type);
        ck_assert_uint_eq(besom_external_of(rig.heap, my->a), 0);
        require_ok(besom_external(rig.heap, my->a, 1000));
        require_ok(besom_external(rig.heap, my->b, 7));
        require_ok(besom_external(rig.heap, my->a, 24));
        ck_assert_uint_eq(besom_external_of(rig.heap, my->a), 1024);
        ck_assert_uint_eq(besom_external_of(rig.heap, my->b), 7);
        for (int i = 0; i < 3; i++)
            collect(rig.m);
        ck_assert_uint_eq(besom_external_of(rig.heap, my->a), 1024);
        require_ok(besom_external(rig.heap, my->a, -1000));
        ck_assert_uint_eq(besom_external_of(rig.heap, my->a), 24);
        uint64_t local[4] = {0};
        ck_assert_uint_eq(besom_external_of(rig.heap, local), 0);
        ck_assert_uint_eq(besom_external_of(rig.heap, NULL), 0);
        ck_assert_uint_eq(besom_external_of(NULL, my->a), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(charge_of_one_object_cannot_be_taken_back_from_another)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *a; struct node *b;);
        my->a = make(rig.m, &node_type);
        my->b = make(rig.m, &node_type);
        require_ok(besom_external(rig.heap, my->a, 1000));
        require_ok(besom_external(rig.heap, my->b, 10));
        ck_assert_int_eq(besom_external(rig.heap, my->b, -11), BESOM_E_ARGUMENT);
        ck_assert_uint_eq(besom_external_of(rig.heap, my->a), 1000);
        ck_assert_uint_eq(besom_external_of(rig.heap, my->b), 10);
        ck_assert_uint_eq(external(&rig), 1010);
        require_ok(besom_external(rig.heap, my->b, -10));
        ck_assert_int_eq(besom_external(rig.heap, my->b, -1), BESOM_E_ARGUMENT);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(absurd_sum_of_charges_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *a[3];);
        size_t sum = 0;
        unsigned refused = 0;
        for (int i = 0; i < 3; i++) {
            my->a[i] = make(rig.m, &node_type);
            enum besom_status status = besom_external(rig.heap, my->a[i], PTRDIFF_MAX);
            size_t charge = status == BESOM_OK ? PTRDIFF_MAX : 0;
            ck_assert(status == BESOM_OK || status == BESOM_E_ARGUMENT);
            ck_assert_uint_eq(besom_external_of(rig.heap, my->a[i]), charge);
            refused += status != BESOM_OK;
            sum += charge;
        }
        ck_assert_uint_ge(refused, 1); /* three of them do not fit into a size_t */
        ck_assert_uint_eq(external(&rig), sum);
        for (int i = 0; i < 3; i++)
            if (besom_external_of(rig.heap, my->a[i]))
                require_ok(besom_external(rig.heap, my->a[i], -PTRDIFF_MAX));
        ck_assert_uint_eq(external(&rig), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(what_is_left_of_a_charge_is_taken_back_when_its_object_is_gone)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node *kept; struct blob *leaf;);
        my->kept = make(rig.m, &node_type);
        my->leaf = make_sized(rig.m, &blob_type, 3 << 20);
        require_ok(besom_external(rig.heap, my->kept, 1));
        require_ok(besom_external(rig.heap, my->leaf, 10));
        for (int i = 0; i < 1000; i++) {
            require_ok(besom_external(rig.heap, make(rig.m, &node_type), 100));
            require_ok(besom_external(rig.heap, make(rig.m, &pair_type), 1000));
        }
        ck_assert_uint_eq(external(&rig), 1100011);
        collect(rig.m);
        ck_assert_uint_eq(external(&rig), 11);
        my->leaf = NULL;
        collect(rig.m);
        ck_assert_uint_eq(external(&rig), 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(memory_of_a_charged_object_is_born_again_without_a_charge)
{
    struct rig rig;
    rig_start(&rig);
    size_t n = scaled(20000);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < n; i++) {
            struct node *node = make(rig.m, &node_type);
            require(besom_external_of(rig.heap, node) == 0, "born with a charge");
            require_ok(besom_external(rig.heap, node, 100));
        }
        collect(rig.m);
        ck_assert_uint_eq(external(&rig), 0);
    }
    rig_close(&rig);
}
END_TEST

/* ---- hooks and finalizers ---- */

struct document {
    const struct besom_type *type;
    size_t *seen;      /* what the hook found charged */
    size_t taken_back; /* by the hook */
};

static void close_document(struct besom_heap *heap, void *obj)
{
    struct document *d = obj;
    *d->seen = besom_external_of(heap, d);
    if (besom_external(heap, d, -(ptrdiff_t)d->taken_back) != BESOM_OK)
        *d->seen = SIZE_MAX;
}

static const struct besom_type document_type = {.name = "document",
                                                .size_bytes = sizeof(struct document),
                                                .flags = BESOM_LEAF,
                                                .destroy = close_document};

START_TEST(hook_sees_the_charge_and_the_library_takes_back_what_it_leaves)
{
    struct rig rig;
    rig_start(&rig);
    const size_t taken[] = {0, 300, 1000};
    for (int i = 0; i < 3; i++) {
        size_t seen = 0;
        struct document *d = make(rig.m, &document_type);
        d->seen = &seen;
        d->taken_back = taken[i];
        require_ok(besom_external(rig.heap, d, 1000));
        collect(rig.m);
        ck_assert_uint_eq(seen, 1000);
        ck_assert_uint_eq(external(&rig), 0);
        ck_assert_uint_eq(stats_of(rig.heap).external_reclaimed_bytes, 1000 * (size_t)(i + 1));
    }
    ck_assert_uint_eq(stats_of(rig.heap).external_released_bytes, 0);
    rig_close(&rig);
}
END_TEST

START_TEST(object_that_a_finalizer_brings_back_keeps_its_charge)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, void *back;);
        struct node *node = make(rig.m, &node_type);
        node->next = make(rig.m, &node_type);
        require_ok(besom_external(rig.heap, node, 500));
        require_ok(besom_external(rig.heap, node->next, 30));
        require_ok(besom_finalizer_add(rig.m, node));
        collect(rig.m);
        collect(rig.m);
        ck_assert_uint_eq(external(&rig), 530);
        my->back = besom_finalizer_next(rig.m);
        ck_assert_ptr_nonnull(my->back);
        collect(rig.m);
        ck_assert_uint_eq(besom_external_of(rig.heap, my->back), 500);
    }
    collect(rig.m);
    ck_assert_uint_eq(external(&rig), 0);
    rig_close(&rig);
}
END_TEST

/* ---- against a model ---- */

enum { OWNERS = 300 };

START_TEST(charges_are_those_of_a_model)
{
    struct rig rig;
    rig_start(&rig);
    void *owners[OWNERS] = {0};
    size_t charges[OWNERS] = {0}, sum = 0;
    require_ok(besom_root_range(rig.heap, owners, OWNERS, "owners", NULL));
    struct rng rng = {test_seed()};
    for (size_t i = 0; i < scaled(200000); i++) {
        size_t k = rng_below(&rng, OWNERS), bytes = rng_below(&rng, 5000);
        switch (rng_below(&rng, 4)) {
        case 0: /* what the old one was charged with is taken back by some cycle */
            owners[k] = make(rig.m, rng_below(&rng, 2) ? &node_type : &pair_type);
            sum -= charges[k];
            charges[k] = 0;
            break;
        case 1:
            if (owners[k]) {
                bool possible = bytes <= charges[k];
                enum besom_status status = besom_external(rig.heap, owners[k], -(ptrdiff_t)bytes);
                require(status == (possible ? BESOM_OK : BESOM_E_ARGUMENT), "another status");
                charges[k] -= possible ? bytes : 0;
                sum -= possible ? bytes : 0;
            }
            break;
        default:
            if (owners[k]) {
                require_ok(besom_external(rig.heap, owners[k], (ptrdiff_t)bytes));
                charges[k] += bytes;
                sum += bytes;
            }
        }
        require(besom_external_of(rig.heap, owners[k]) == charges[k], "another charge");
        if (i % 1000 == 999) {
            collect(rig.m);
            struct besom_stats s = stats_of(rig.heap);
            ck_assert_uint_eq(s.external_bytes, sum);
            ck_assert_uint_eq(s.external_charged_bytes - s.external_released_bytes -
                                  s.external_reclaimed_bytes,
                              sum);
            for (size_t j = 0; j < OWNERS; j++)
                require(besom_external_of(rig.heap, owners[j]) == charges[j], "another charge");
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(charge_without_memory_to_note_it_changes_nothing)
{
    unsigned failures = 0;
    for (uint64_t n = 1; n <= 60; n++) {
        struct ledger_host host;
        struct rig rig;
        rig_init_exact(&rig, "mark_threads=1");
        ledger_init(&host, &rig.config);
        rig_open(&rig);
        {
            BESOM_LOCALS(rig.m, struct vector *all;);
            my->all = make_vector(rig.m, 3000);
            for (size_t i = 0; i < 3000; i++)
                my->all->items[i] = make(rig.m, &node_type);
            host.ledger.failing = host.ledger.calls + n;
            for (size_t i = 0; i < 3000; i++) {
                enum besom_status status = besom_external(rig.heap, my->all->items[i], 10);
                if (status != BESOM_OK) {
                    ck_assert_int_eq(status, BESOM_E_MEMORY);
                    ck_assert_uint_eq(besom_external_of(rig.heap, my->all->items[i]), 0);
                    ck_assert_uint_eq(external(&rig), 10 * i);
                    require_ok(besom_external(rig.heap, my->all->items[i], 10));
                    failures++;
                }
            }
            ck_assert_uint_eq(external(&rig), 30000);
        }
        collect(rig.m);
        ck_assert_uint_eq(external(&rig), 0);
        rig_close(&rig);
        watch_check(&host.watch);
    }
    ck_assert_uint_gt(failures, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        charge_of_each_object_can_be_asked_for,
        charge_of_one_object_cannot_be_taken_back_from_another,
        absurd_sum_of_charges_is_refused,
        what_is_left_of_a_charge_is_taken_back_when_its_object_is_gone,
        memory_of_a_charged_object_is_born_again_without_a_charge,
        hook_sees_the_charge_and_the_library_takes_back_what_it_leaves,
        object_that_a_finalizer_brings_back_keeps_its_charge,
        charges_are_those_of_a_model,
        charge_without_memory_to_note_it_changes_nothing,
    };
    test_seed();
    return run_tests("charges", tests, sizeof tests / sizeof *tests);
}
