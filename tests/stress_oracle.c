/* stress_oracle.c - random programs, one thread: the survivors are the reachable objects.
 *
 * Each variant runs several programs, each in a heap with options of its own, and compares after
 * every full collection.  BESOM_TEST_SEED repeats a run, BESOM_TEST_OPS sets its length. */
#include "oracle_heap.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPERATIONS = 150000, PROGRAMS = 6 };

struct tally {
    uint64_t ops, comparisons, compared, refusals;
};

static void add(struct tally *tally, const struct program *p)
{
    tally->ops += p->ops;
    tally->comparisons += p->comparisons;
    tally->compared += p->compared;
    tally->refusals += p->refusals;
}

static void report(const struct oracle_variant *variant, const struct tally *tally,
                   uint64_t began_ns)
{
    ck_assert_uint_gt(tally->comparisons, 0);
    printf("oracle %s: %llu operations, %llu comparisons of %llu objects, %llu refusals, %.1f s\n",
           variant->name, (unsigned long long)tally->ops,
           (unsigned long long)tally->comparisons,
           (unsigned long long)(tally->compared / tally->comparisons),
           (unsigned long long)tally->refusals, (double)(now_ns() - began_ns) / 1e9);
    fflush(stdout);
}

/* One program, and perhaps a second one with a heap of its own that the first calls. */
struct duo {
    struct oracle_heap heaps[2];
    struct program programs[2];
};

static void run_one(const struct oracle_variant *variants, unsigned n, struct rng *rng,
                    uint64_t ops, uint64_t deadline_ns, struct tally *tally)
{
    struct duo *duo = calloc(1, sizeof *duo);
    ck_assert_ptr_nonnull(duo);
    for (unsigned i = 0; i < n; i++) {
        oracle_heap_open(&duo->heaps[i], &variants[i], rng, 8 * ops + 1000);
        program_open(&duo->programs[i], &variants[i], &duo->heaps[i].host, duo->heaps[i].heap,
                     rng_next(rng));
        duo->programs[i].deadline_ns = deadline_ns;
    }
    duo->programs[0].other = n > 1 ? &duo->programs[1] : NULL;
    program_run(&duo->programs[0], ops);
    for (unsigned i = 0; i < n; i++) {
        struct program *p = &duo->programs[i];
        oracle_compare(p, BESOM_FULL);
        add(tally, p);
        program_close_roots(p);
        const struct model *model = &p->model;
        oracle_heap_close(&duo->heaps[i], &model, 1);
        program_close(p);
    }
    free(duo);
}

/* The first variant's heap is the one that counts; the others live beside it. */
static void run_variants(const struct oracle_variant *variants, unsigned n)
{
    struct rng rng = {test_seed()};
    for (const char *c = variants[0].name; *c; c++)
        rng.state = rng.state * 31 + (unsigned char)*c;
    struct tally tally = {0};
    uint64_t began_ns = now_ns(), deadline_ns = oracle_deadline_ns();
    size_t ops = test_ops(OPERATIONS);
    for (int i = 0; i < PROGRAMS && now_ns() < deadline_ns; i++)
        run_one(variants, n, &rng, 1 + ops / PROGRAMS, deadline_ns, &tally);
    report(&variants[0], &tally, began_ns);
}

static void run_variant(struct oracle_variant variant)
{
    run_variants(&variant, 1);
}

static const struct besom_encoding low_bits = {7, 1, ~UINT64_C(7), 0};
static const struct besom_encoding odd_integers = {1, 0, ~UINT64_C(0), 0};
static const struct besom_encoding nan_boxes = {
    UINT64_C(0xFFFF) << 48, UINT64_C(0xFFFC) << 48, (UINT64_C(1) << 48) - 1, 0};
static const struct besom_encoding tagged_past_headers = {7, 1, ~UINT64_C(7), 24};
static const struct besom_encoding past_headers = {.ref_offset_bytes = 16};

START_TEST(survivors_are_the_reachable_objects)
{
    run_variant((struct oracle_variant){.name = "plain"});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_with_low_bit_tags)
{
    run_variant((struct oracle_variant){.name = "low-bit tags", .encoding = low_bits});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_with_odd_integers)
{
    run_variant((struct oracle_variant){.name = "odd integers", .encoding = odd_integers});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_with_nan_boxes)
{
    run_variant((struct oracle_variant){.name = "nan boxes", .encoding = nan_boxes});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_with_tagged_references_past_headers)
{
    run_variant((struct oracle_variant){.name = "tagged, past headers",
                                        .encoding = tagged_past_headers});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_with_references_past_headers)
{
    run_variant((struct oracle_variant){
        .name = "past headers", .encoding = past_headers, .foreign = true});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_with_the_hosts_headers)
{
    run_variant((struct oracle_variant){.name = "own headers", .own_headers = true});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_among_foreign_references)
{
    run_variant((struct oracle_variant){.name = "foreign", .foreign = true});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_when_allocation_collects)
{
    run_variant((struct oracle_variant){.name = "at alloc",
                                        .options = "safepoints=alloc,stress=97"});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_at_the_hard_limit)
{
    run_variant((struct oracle_variant){
        .name = "limited", .limited = true, .options = "heap_min=1m,heap_max=10m"});
}
END_TEST

START_TEST(survivors_are_the_reachable_objects_of_each_of_several_heaps)
{
    const struct oracle_variant variants[] = {
        {.name = "two heaps", .encoding = low_bits, .own_headers = true},
        {.name = "the other heap"},
    };
    run_variants(variants, 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        survivors_are_the_reachable_objects,
        survivors_are_the_reachable_objects_with_low_bit_tags,
        survivors_are_the_reachable_objects_with_odd_integers,
        survivors_are_the_reachable_objects_with_nan_boxes,
        survivors_are_the_reachable_objects_with_tagged_references_past_headers,
        survivors_are_the_reachable_objects_with_references_past_headers,
        survivors_are_the_reachable_objects_with_the_hosts_headers,
        survivors_are_the_reachable_objects_among_foreign_references,
        survivors_are_the_reachable_objects_when_allocation_collects,
        survivors_are_the_reachable_objects_at_the_hard_limit,
        survivors_are_the_reachable_objects_of_each_of_several_heaps,
    };
    test_seed();
    return run_tests("oracle", tests, sizeof tests / sizeof *tests);
}
