/* test_bench_retention.c - of a known history the instrument tells the known split, RGI and drag. */
#include "bench/lives.h"
#include "bench/retention.h"
#include "bench/retention.h"

#include "support.h"

#include <stdlib.h>

/* A program of a few objects, whose graph is told by hand. */
enum { THINGS = 8 };

struct thing {
    struct thing *first, *second;
    bool is_root, is_held, is_unswept;
};

static struct world {
    struct thing thing[THINGS];
    struct retention r;
} world;

static void visit_roots(struct retention *r, void *data)
{
    struct world *w = data;
    for (size_t i = 0; i < THINGS; i++)
        retention_visit(r, w->thing[i].is_root ? &w->thing[i] : NULL);
}

static void visit_edges(struct retention *r, void *data, void *obj)
{
    (void)data;
    const struct thing *thing = obj;
    retention_visit(r, thing->first);
    retention_visit(r, thing->second);
}

static bool is_unswept(void *data, const void *obj)
{
    (void)data;
    return ((const struct thing *)obj)->is_unswept;
}

static bool is_held(void *data, const void *obj)
{
    (void)data;
    return ((const struct thing *)obj)->is_held;
}

static const struct retention_program program = {&world, visit_roots, visit_edges, is_unswept};

static struct retention *begin(void)
{
    world = (struct world){0};
    retention_init(&world.r, &program);
    return &world.r;
}

/* Number i, of so many bytes, a root and held. */
static struct thing *born(size_t i, uint64_t bytes)
{
    struct thing *thing = &world.thing[i];
    *thing = (struct thing){.is_root = true, .is_held = true};
    retention_born(&world.r, thing, bytes);
    return thing;
}

static void expect(uint64_t live, uint64_t logical, uint64_t artefact, uint64_t floating,
                   uint64_t unswept)
{
    retention_sample(&world.r);
    const struct retention_sample *s = &world.r.last;
    ck_assert_uint_eq(s->live_bytes, live);
    ck_assert_uint_eq(s->logical_bytes, logical);
    ck_assert_uint_eq(s->artefact_bytes, artefact);
    ck_assert_uint_eq(s->floating_bytes, floating);
    ck_assert_uint_eq(s->unswept_bytes, unswept);
    ck_assert_uint_eq(retention_sample_rg(s), logical + artefact + floating + unswept);
}

static void full_cycle(uint64_t began_ns)
{
    retention_cycle(&world.r, began_ns, true, is_held);
}

static void minor_cycle(uint64_t began_ns)
{
    retention_cycle(&world.r, began_ns, false, is_held);
}

/* The only number that was counted. */
static void expect_only(const struct histogram *h, uint64_t value)
{
    ck_assert_uint_eq(h->count, 1);
    ck_assert_uint_eq(h->max, value);
}

/* ---- the split ---- */

START_TEST(of_nothing_nothing_is_retained)
{
    struct retention *r = begin();
    expect(0, 0, 0, 0, 0);
    r->now_ns = 5;
    expect(0, 0, 0, 0, 0);
    full_cycle(3);
    retention_finish(r);
    ck_assert_double_eq(retention_rgi(&r->by_bytes), 0);
    ck_assert_double_eq(retention_rgi(&r->by_ns), 0);
    ck_assert_double_eq(retention_peak_fraction(r), 0);
    ck_assert_uint_eq(r->drag->collector_bytes.count + r->drag->logical_bytes.count, 0);
    ck_assert_uint_eq(r->objects + r->unreclaimed + r->unknown + r->reached_dead, 0);
    retention_fini(r);
}
END_TEST

START_TEST(every_class_has_its_bytes)
{
    struct retention *r = begin();
    born(0, 1);
    retention_done(r, born(1, 10));
    struct thing *artefact = born(2, 100), *floating = born(3, 1000), *unswept = born(4, 10000);
    expect(11101, 10, 0, 0, 0);
    artefact->is_root = unswept->is_root = unswept->is_held = false;
    unswept->is_unswept = true;
    r->now_ns = 1;
    expect(1001, 10, 0, 10100, 0);
    r->now_ns = 2;
    full_cycle(2);
    floating->is_root = false;
    r->now_ns = 3;
    expect(1, 10, 100, 1000, 10000);
    unswept->is_unswept = false;
    expect(1, 10, 100, 1000, 0);
    retention_fini(r);
}
END_TEST

START_TEST(what_is_reached_is_logical_whatever_collectors_do)
{
    struct retention *r = begin();
    struct thing *root = born(0, 1), *kept = born(1, 10);
    kept->is_root = false;
    root->first = kept;
    retention_done(r, kept);
    expect(1, 10, 0, 0, 0);
    r->now_ns = 5;
    full_cycle(1);
    full_cycle(5);
    expect(1, 10, 0, 0, 0);
    root->first = NULL;
    r->now_ns = 6;
    expect(1, 0, 0, 10, 0); /* the cycles began before */
    retention_fini(r);
}
END_TEST

START_TEST(only_a_full_cycle_that_began_later_makes_an_artefact)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    expect(10, 0, 0, 0, 0);
    thing->is_root = false;
    r->now_ns = 10;
    expect(0, 0, 0, 10, 0);
    full_cycle(9); /* was under way: it may have marked it before */
    expect(0, 0, 0, 10, 0);
    minor_cycle(11); /* did not judge it */
    expect(0, 0, 0, 10, 0);
    full_cycle(10);
    expect(0, 0, 10, 0, 0);
    full_cycle(9); /* one that ends late changes nothing */
    expect(0, 0, 10, 0, 0);
    thing->is_held = false;
    thing->is_unswept = true;
    minor_cycle(12);
    expect(0, 0, 0, 0, 10);
    thing->is_unswept = false;
    expect(0, 0, 0, 0, 0);
    retention_fini(r);
}
END_TEST

START_TEST(garbage_need_not_be_done_with)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    thing->is_root = false;
    expect(0, 0, 0, 10, 0);
    retention_fini(r);
}
END_TEST

START_TEST(cycles_in_the_graph_are_traced_once_and_die_together)
{
    struct retention *r = begin();
    struct thing *a = born(0, 1), *b = born(1, 10), *c = born(2, 100);
    a->first = b;
    b->first = c;
    b->second = b;
    c->first = a;
    c->second = b;
    b->is_root = c->is_root = false;
    expect(111, 0, 0, 0, 0);
    a->is_root = false;
    expect(0, 0, 0, 111, 0);
    ck_assert_uint_eq(r->unknown, 0);
    retention_fini(r);
}
END_TEST

START_TEST(what_comes_back_is_no_garbage_until_it_goes_again)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    thing->is_root = false;
    r->now_ns = 1;
    expect(0, 0, 0, 10, 0);
    r->now_ns = 2;
    full_cycle(1); /* a finalizer held it */
    expect(0, 0, 10, 0, 0);
    thing->is_root = true; /* and stored it */
    r->now_ns = 3;
    expect(10, 0, 0, 0, 0);
    thing->is_root = false;
    r->now_ns = 4;
    expect(0, 0, 0, 10, 0); /* that cycle has not judged this */
    thing->is_held = false;
    r->now_ns = 9;
    full_cycle(4);
    expect(0, 0, 0, 0, 0);
    expect_only(&r->drag->collector_ns, 5);
    expect_only(&r->drag->cycles, 1);
    retention_fini(r);
}
END_TEST

START_TEST(what_is_used_after_it_was_done_with_lives)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    retention_done(r, thing);
    expect(0, 10, 0, 0, 0);
    r->now_ns = 7;
    retention_used(r, thing);
    ck_assert_uint_eq(r->used_after_done, 1);
    expect(10, 0, 0, 0, 0);
    r->now_ns = 9;
    retention_done(r, thing);
    retention_used(r, thing);
    ck_assert_uint_eq(r->used_after_done, 2);
    thing->is_root = thing->is_held = false;
    r->now_ns = 12;
    full_cycle(12);
    expect_only(&r->drag->logical_ns, 3);
    retention_fini(r);
}
END_TEST

START_TEST(what_grows_is_allocated_and_what_shrinks_is_not_retained)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 16);
    retention_resize(r, thing, 1016);
    expect(1016, 0, 0, 0, 0);
    ck_assert_uint_eq(r->last.at.bytes, 1016);
    retention_done(r, thing);
    retention_resize(r, thing, 16);
    expect(0, 16, 0, 0, 0);
    ck_assert_uint_eq(r->last.at.bytes, 1016);
    retention_fini(r);
}
END_TEST

START_TEST(mistakes_are_counted)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    thing->first = &world.thing[1]; /* of which nobody told */
    expect(10, 0, 0, 0, 0);
    ck_assert_uint_eq(r->unknown, 1);
    retention_used(r, &world.thing[2]);
    retention_done(r, &world.thing[2]);
    retention_dead(r, &world.thing[2]);
    retention_resize(r, &world.thing[2], 1);
    ck_assert_uint_eq(r->unknown, 5);
    thing->is_held = false; /* though it is a root */
    thing->is_unswept = true;
    full_cycle(0);
    expect(0, 0, 0, 0, 10);
    ck_assert_uint_eq(r->reached_dead, 1);
    retention_fini(r);
}
END_TEST

/* ---- integrals ---- */

START_TEST(rgi_is_the_ratio_of_areas_by_either_clock)
{
    struct retention *r = begin();
    struct thing *live = born(0, 100), *other = born(1, 100);
    expect(200, 0, 0, 0, 0); /* at 200 bytes, 0 ns */
    retention_done(r, other);
    r->now_ns = 10;
    retention_resize(r, live, 200);
    expect(200, 100, 0, 0, 0); /* at 300 bytes, 10 ns */
    other->is_root = false;
    r->now_ns = 40;
    retention_resize(r, live, 400);
    expect(400, 0, 0, 100, 0); /* at 500 bytes, 40 ns */
    /* by bytes: RG 100/2 x 100 + 100 x 200, live 200 x 100 + 300 x 200 */
    ck_assert_double_eq(r->by_bytes.logical, 5000 + 10000);
    ck_assert_double_eq(r->by_bytes.floating, 10000);
    ck_assert_double_eq(r->by_bytes.live, 80000);
    ck_assert_double_eq(retention_rgi(&r->by_bytes), 25000.0 / 80000);
    /* by ns: RG 50 x 10 + 100 x 30, live 200 x 10 + 300 x 30 */
    ck_assert_double_eq(retention_rgi(&r->by_ns), 3500.0 / 11000);
    /* a peak of 100 over a mean of 80000 / 300 */
    ck_assert_uint_eq(r->rg_peak_bytes, 100);
    ck_assert_double_eq_tol(retention_peak_fraction(r), 100 * 300 / 80000.0, 1e-12);
    retention_fini(r);
}
END_TEST

START_TEST(two_samples_at_one_moment_have_no_area)
{
    struct retention *r = begin();
    born(0, 100);
    expect(100, 0, 0, 0, 0);
    retention_done(r, &world.thing[0]);
    expect(0, 100, 0, 0, 0);
    ck_assert_double_eq(r->by_bytes.live + r->by_bytes.logical, 0);
    ck_assert_double_eq(retention_rgi(&r->by_bytes), 0);
    ck_assert_uint_eq(r->rg_peak_bytes, 100);
    retention_fini(r);
}
END_TEST

/* ---- drag ---- */

/* Created at 10 bytes, used at 1010, done at 2010, unreachable at 3010, dead at 5010; 100 ns to each
 * thousand bytes. */
START_TEST(drag_is_told_by_both_clocks)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    r->now_ns = 100;
    born(1, 1000);
    retention_used(r, thing);
    retention_sample(r);
    r->now_ns = 200;
    born(2, 1000);
    retention_done(r, thing);
    retention_sample(r);
    r->now_ns = 300;
    born(3, 1000);
    thing->is_root = false;
    retention_sample(r);
    r->now_ns = 500;
    born(4, 2000);
    full_cycle(250);
    thing->is_held = false;
    full_cycle(400);
    expect_only(&r->drag->logical_bytes, 2000);
    expect_only(&r->drag->logical_ns, 200);
    expect_only(&r->drag->collector_bytes, 2000);
    expect_only(&r->drag->collector_ns, 200);
    expect_only(&r->drag->cycles, 2);
    retention_fini(r);
}
END_TEST

START_TEST(done_since_the_last_sample_is_when_it_became_unreachable)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    retention_sample(r);
    born(1, 100);
    r->now_ns = 4;
    retention_done(r, thing);
    thing->is_root = false;
    full_cycle(4); /* ends after it was done with */
    born(2, 1000);
    r->now_ns = 7;
    retention_done(r, thing); /* told twice, the first counts */
    retention_sample(r);
    ck_assert_uint_eq(r->last.floating_bytes, 10);
    thing->is_held = false;
    r->now_ns = 9;
    full_cycle(8);
    expect_only(&r->drag->logical_bytes, 100);
    expect_only(&r->drag->collector_bytes, 1000);
    expect_only(&r->drag->collector_ns, 5);
    expect_only(&r->drag->cycles, 2);
    retention_fini(r);
}
END_TEST

START_TEST(what_no_sample_saw_die_was_unreachable_when_done_with_or_when_dead)
{
    struct retention *r = begin();
    struct thing *told = born(0, 10), *untold = born(1, 10);
    r->now_ns = 3;
    retention_done(r, told);
    born(2, 1000);
    r->now_ns = 8;
    told->is_held = untold->is_held = false;
    full_cycle(5);
    ck_assert_uint_eq(r->drag->collector_bytes.count, 2);
    ck_assert_uint_eq(r->drag->collector_bytes.max, 1000);
    ck_assert_uint_eq(histogram_percentile(&r->drag->collector_bytes, 500), 0);
    ck_assert_uint_eq(r->drag->collector_ns.max, 5);
    ck_assert_uint_eq(r->drag->cycles.max, 1);
    ck_assert_uint_eq(histogram_percentile(&r->drag->cycles, 0), 1);
    retention_fini(r);
}
END_TEST

START_TEST(minor_cycle_reclaims_in_no_full_cycle)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    thing->is_root = thing->is_held = false;
    retention_sample(r);
    minor_cycle(1);
    expect_only(&r->drag->cycles, 0);
    retention_fini(r);
}
END_TEST

START_TEST(destroy_hook_tells_before_the_cycle_does)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    thing->is_root = false;
    expect(0, 0, 0, 10, 0);
    r->now_ns = 4;
    retention_dead(r, thing);
    r->now_ns = 5;
    retention_dead(r, thing); /* told twice, the first counts */
    ck_assert_uint_eq(r->drag->cycles.count, 0);
    expect(0, 0, 0, 0, 10); /* its cycle has not ended: nothing is swept */
    r->now_ns = 6;
    retention_cycle(r, 2, true, NULL);
    expect_only(&r->drag->collector_ns, 4);
    expect_only(&r->drag->cycles, 1);
    expect(0, 0, 0, 0, 0);
    retention_fini(r);
}
END_TEST

START_TEST(address_that_is_used_again_is_another_object)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    retention_done(r, thing);
    thing->is_root = thing->is_held = false;
    thing->is_unswept = true;
    r->now_ns = 1;
    full_cycle(1);
    expect(0, 0, 0, 0, 10);
    born(0, 20);
    expect(20, 0, 0, 0, 0);
    r->now_ns = 5;
    born(0, 30); /* and again, before anybody told that it is dead */
    expect(30, 0, 0, 0, 0);
    ck_assert_uint_eq(r->objects, 3);
    ck_assert_uint_eq(r->drag->collector_ns.count, 2);
    ck_assert_uint_eq(r->last.at.bytes, 60);
    retention_fini(r);
}
END_TEST

START_TEST(address_of_what_its_hook_told_dead_may_be_used_before_the_cycle_is_told)
{
    struct retention *r = begin();
    struct thing *thing = born(0, 10);
    thing->is_root = false;
    expect(0, 0, 0, 10, 0);
    r->now_ns = 3;
    retention_dead(r, thing);
    r->now_ns = 8;
    born(0, 20);
    expect_only(&r->drag->collector_ns, 3);
    full_cycle(2);
    expect_only(&r->drag->collector_ns, 3);
    expect(20, 0, 0, 0, 0);
    retention_fini(r);
}
END_TEST

START_TEST(what_is_left_in_the_end_counts_to_the_end)
{
    struct retention *r = begin();
    born(0, 1);
    struct thing *logical = born(1, 10), *floating = born(2, 100);
    retention_done(r, logical);
    retention_sample(r);
    floating->is_root = false;
    r->now_ns = 10;
    retention_sample(r);
    r->now_ns = 30;
    full_cycle(10);
    retention_finish(r);
    ck_assert_uint_eq(r->last.logical_bytes, 10);
    ck_assert_uint_eq(r->last.artefact_bytes, 100);
    ck_assert_uint_eq(r->unreclaimed, 1);
    expect_only(&r->drag->collector_ns, 20);
    expect_only(&r->drag->cycles, 1);
    ck_assert_uint_eq(r->drag->logical_ns.count, 2);
    ck_assert_uint_eq(r->drag->logical_ns.max, 30);
    ck_assert_uint_eq(histogram_percentile(&r->drag->logical_ns, 500), 10);
    retention_fini(r);
}
END_TEST

/* ---- the records ---- */

/* Addresses close together, so that runs of slots are long and wrap around. */
START_TEST(record_is_found_until_it_is_dropped)
{
    enum { OBJECTS = 5000, STEPS = 200000 };
    static char memory[OBJECTS * 16];
    static uint32_t number[OBJECTS]; /* + 1; 0: not there */
    struct lives *lives = lives_new();
    uint32_t state = 1;
    for (int i = 0; i < STEPS; i++) {
        state = state * 1664525 + 1013904223;
        const uint32_t which = (state >> 8) % OBJECTS;
        void *obj = &memory[which * 16];
        const uint32_t found = lives_find(lives, obj);
        ck_assert_uint_eq(found, number[which] ? number[which] - 1 : LIVES_NONE);
        if (found == LIVES_NONE) {
            number[which] = lives_add(lives, obj) + 1;
            ck_assert_ptr_eq(lives->at[number[which] - 1].obj, obj);
        } else {
            lives_drop(lives, found);
            number[which] = 0;
        }
    }
    for (uint32_t i = 0; i < OBJECTS; i++)
        ck_assert_uint_eq(lives_find(lives, &memory[i * 16]),
                          number[i] ? number[i] - 1 : LIVES_NONE);
    ck_assert_uint_le(lives->n, OBJECTS); /* numbers are used again */
    lives_free(lives);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        of_nothing_nothing_is_retained,
        every_class_has_its_bytes,
        what_is_reached_is_logical_whatever_collectors_do,
        only_a_full_cycle_that_began_later_makes_an_artefact,
        garbage_need_not_be_done_with,
        cycles_in_the_graph_are_traced_once_and_die_together,
        what_comes_back_is_no_garbage_until_it_goes_again,
        what_is_used_after_it_was_done_with_lives,
        what_grows_is_allocated_and_what_shrinks_is_not_retained,
        mistakes_are_counted,
        rgi_is_the_ratio_of_areas_by_either_clock,
        two_samples_at_one_moment_have_no_area,
        drag_is_told_by_both_clocks,
        done_since_the_last_sample_is_when_it_became_unreachable,
        what_no_sample_saw_die_was_unreachable_when_done_with_or_when_dead,
        minor_cycle_reclaims_in_no_full_cycle,
        destroy_hook_tells_before_the_cycle_does,
        address_that_is_used_again_is_another_object,
        address_of_what_its_hook_told_dead_may_be_used_before_the_cycle_is_told,
        what_is_left_in_the_end_counts_to_the_end,
        record_is_found_until_it_is_dropped,
    };
    return run_tests("bench_retention", tests, sizeof tests / sizeof *tests);
}
