/* stress_ephemeron_chains.c - long chains through ephemerons: all of a chain lives that its head
 * reaches, none of the rest, each entry is asked once, and without memory it is only slower. */
#include "ephemeron_heap.h"

#include <stdio.h>
#include <stdlib.h>

enum { STARVING = 3000 }; /* the slower way is quadratic */

/* Keys key[0 .. n), in random order in memory; root holds the first. */
struct chain {
    struct world w;
    void **keys; /* addresses, to be compared only */
    size_t n;
    void *slots[2]; /* the head, and the table or the vector of ephemerons */
};

static struct chain *open_chain(const char *options, size_t n, bool starving)
{
    struct chain *c = calloc(1, sizeof *c);
    require(c != NULL, "no memory");
    world_open(&c->w, options);
    c->w.starving = starving;
    c->n = n;
    c->keys = malloc(n * sizeof *c->keys);
    require(c->keys != NULL, "no memory");
    for (size_t i = 0; i < n; i++)
        c->keys[i] = make(c->w.m, &node_type);
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(&c->w.rng, i);
        void *swap = c->keys[i - 1];
        c->keys[i - 1] = c->keys[j];
        c->keys[j] = swap;
    }
    for (size_t i = 0; i < n; i++)
        ((struct node *)c->keys[i])->id = i;
    c->slots[0] = c->keys[0];
    require_ok(besom_root_range(c->w.heap, c->slots, 2, "chain", NULL));
    return c;
}

/* Key i has value i + 1, in one table. */
static void link_in_table(struct chain *c)
{
    struct besom_table *table = besom_table_new(c->w.m, BESOM_WEAK_KEYS, NULL, NULL);
    require(table != NULL, "no table");
    c->slots[1] = table;
    for (size_t i = 0; i + 1 < c->n; i++)
        require_ok(besom_table_put(c->w.m, table, c->keys[i], c->keys[i + 1]));
}

/* The same with an ephemeron to each link, and either order in memory. */
static void link_by_ephemerons(struct chain *c, bool backwards)
{
    struct vector *all = make_vector(c->w.m, c->n);
    c->slots[1] = all;
    for (size_t j = 0; j + 1 < c->n; j++) {
        size_t i = backwards ? c->n - 2 - j : j;
        all->items[i] = besom_ephemeron_new(c->w.m, c->keys[i], c->keys[i + 1]);
        require(all->items[i] != NULL, "no ephemeron");
        besom_write_at(c->w.m, all, &all->items[i]);
    }
}

static bool is_alive(const struct chain *c, size_t i)
{
    return besom_type_of(c->w.heap, c->keys[i]) == &node_type;
}

/* Exactly the keys [from, to) are alive. */
static void check_range(const struct chain *c, size_t from, size_t to)
{
    for (size_t i = 0; i < c->n; i++) {
        bool expected = i >= from && i < to;
        if (is_alive(c, i) != expected)
            ck_abort_msg("key %zu of %zu is %s", i, c->n, expected ? "dead" : "alive");
    }
}

static void close_chain(struct chain *c, const char *name)
{
    struct besom_stats s = stats_of(c->w.heap);
    printf("chain %s of %zu: %llu scanned, %llu resolved, %llu overflows, marking %.1f ms\n",
           name, c->n, (unsigned long long)s.ephemerons_scanned,
           (unsigned long long)s.ephemerons_resolved, (unsigned long long)s.weak_overflows,
           (double)s.mark_ns_sum / 1e6);
    fflush(stdout);
    c->slots[0] = NULL;
    world_collect(&c->w);
    check_range(c, 0, 0);
    c->slots[1] = NULL;
    world_collect(&c->w);
    ck_assert_uint_eq(count_objects(c->w.m, NULL), 0);
    world_close(&c->w);
    free(c->keys);
    free(c);
}

/* Collects, and checks that each entry was scanned and resolved at most once in a cycle. */
static void collect_once(struct chain *c, size_t entries)
{
    struct besom_stats before = stats_of(c->w.heap);
    world_collect(&c->w);
    struct besom_stats after = stats_of(c->w.heap);
    uint64_t most = entries * (after.cycles - before.cycles);
    ck_assert_uint_ge(after.ephemerons_scanned - before.ephemerons_scanned, 1);
    if (after.weak_overflows == before.weak_overflows &&
        after.mark_overflows == before.mark_overflows) {
        ck_assert_uint_le(after.ephemerons_scanned - before.ephemerons_scanned, most);
        ck_assert_uint_le(after.ephemerons_resolved - before.ephemerons_resolved, most);
    }
}

static void run_table(const char *options, size_t n, bool starving)
{
    struct chain *c = open_chain(options, n, starving);
    link_in_table(c);
    for (int i = 0; i < 2; i++) {
        collect_once(c, n - 1);
        check_range(c, 0, n);
        ck_assert_uint_eq(besom_table_count(c->slots[1]), n - 1);
    }
    /* Cut it in the middle: the second half dies.  Move the head: so does what was before it. */
    require_ok(besom_table_remove(c->w.m, c->slots[1], c->keys[n / 2]));
    c->slots[0] = c->keys[n / 4];
    collect_once(c, n - 1);
    check_range(c, n / 4, n / 2 + 1);
    ck_assert_uint_eq(besom_table_count(c->slots[1]), n / 2 - n / 4);
    if (starving)
        ck_assert_uint_gt(stats_of(c->w.heap).weak_overflows, 0);
    close_chain(c, options);
}

static void run_ephemerons(const char *options, size_t n, bool backwards, bool starving)
{
    struct chain *c = open_chain(options, n, starving);
    link_by_ephemerons(c, backwards);
    for (int i = 0; i < 2; i++) {
        collect_once(c, n - 1);
        check_range(c, 0, n);
    }
    c->slots[0] = c->keys[n / 3];
    collect_once(c, n - 1);
    check_range(c, n / 3, n);
    struct vector *all = c->slots[1];
    for (size_t i = 0; i + 1 < n; i++) {
        void *key = besom_ephemeron_key(c->w.m, all->items[i]);
        void *value = besom_ephemeron_value(c->w.m, all->items[i]);
        require(key == (i < n / 3 ? NULL : c->keys[i]), "another key");
        require(value == (i < n / 3 ? NULL : c->keys[i + 1]), "another value");
    }
    if (starving)
        ck_assert_uint_gt(stats_of(c->w.heap).weak_overflows, 0);
    close_chain(c, options);
}

START_TEST(chain_in_one_table_lives_from_its_head_on)
{
    run_table("mark_threads=1", scaled(200000) + 10, false);
    run_table("mark_threads=4", scaled(200000) + 10, false);
    run_table("mark_threads=2,mark_stack=64", scaled(100000) + 10, false);
    run_table("slow,poison", scaled(20000) + 10, false);
}
END_TEST

START_TEST(chain_of_ephemerons_lives_from_its_head_on)
{
    for (int backwards = 0; backwards < 2; backwards++) {
        run_ephemerons("mark_threads=1", scaled(200000) + 10, backwards, false);
        run_ephemerons("mark_threads=4", scaled(200000) + 10, backwards, false);
        run_ephemerons("slow,poison", scaled(20000) + 10, backwards, false);
    }
}
END_TEST

START_TEST(chains_without_memory_are_only_slower)
{
    run_table("mark_threads=1", STARVING, true);
    run_table("mark_threads=4", STARVING, true);
    for (int backwards = 0; backwards < 2; backwards++) {
        run_ephemerons("mark_threads=1", STARVING, backwards, true);
        run_ephemerons("mark_threads=4", STARVING, backwards, true);
    }
}
END_TEST

/* ---- tables within tables ---- */

/* Table i holds table i + 1, as the value of a key that only table i - 1's value reaches. */
static void run_nest(const char *options, size_t n, bool starving)
{
    struct chain *c = open_chain(options, n, starving);
    struct besom_table *outer = besom_table_new(c->w.m, BESOM_WEAK_KEYS, NULL, NULL);
    c->slots[1] = outer;
    struct besom_table *at = outer;
    for (size_t i = 0; i + 1 < n; i++) {
        struct besom_table *inner = besom_table_new(c->w.m, BESOM_WEAK_KEYS, NULL, NULL);
        require(inner != NULL, "no table");
        struct pair *pair = make(c->w.m, &pair_type);
        pair->head = inner;
        pair->tail = c->keys[i + 1];
        besom_write(c->w.m, pair);
        require_ok(besom_table_put(c->w.m, at, c->keys[i], pair));
        require_ok(besom_table_put(c->w.m, inner, inner, pair)); /* a key of itself */
        at = inner;
    }
    collect_once(c, 2 * (n - 1));
    check_range(c, 0, n);
    ck_assert_uint_eq(count_objects(c->w.m, &pair_type), n - 1);
    struct pair *pair = besom_table_get(c->w.m, outer, c->keys[0]);
    ck_assert_ptr_eq(pair->tail, c->keys[1]);
    ck_assert_ptr_eq(besom_table_get(c->w.m, pair->head, pair->head), pair);
    if (starving)
        ck_assert_uint_gt(stats_of(c->w.heap).weak_overflows, 0);
    c->slots[0] = c->keys[1]; /* the first key dies, and everything through its value */
    world_collect(&c->w);
    check_range(c, 1, 2);
    ck_assert_uint_eq(besom_table_count(outer), 0);
    ck_assert_uint_eq(count_objects(c->w.m, &pair_type), 0);
    close_chain(c, options);
}

START_TEST(nested_tables_live_from_their_head_on)
{
    run_nest("mark_threads=1", scaled(20000) + 10, false);
    run_nest("mark_threads=4", scaled(20000) + 10, false);
    run_nest("mark_threads=2,mark_stack=64", scaled(20000) + 10, false);
}
END_TEST

/* n ephemerons of one key, which is found at the end of a chain of others, in this order in memory;
 * how many were resolved. */
static uint64_t run_one_key(size_t n, bool backwards, bool found_first)
{
    enum { LINKS = 20 };
    struct chain *c = open_chain("mark_threads=4", LINKS + 1, false);
    struct vector *all = make_vector(c->w.m, n), *links = make_vector(c->w.m, LINKS + 2);
    c->slots[1] = links;
    links->items[found_first ? LINKS + 1 : 0] = all;
    for (size_t i = 0; i < LINKS; i++) {
        size_t k = backwards ? LINKS - 1 - i : i;
        links->items[1 + i] = besom_ephemeron_new(c->w.m, c->keys[k], c->keys[k + 1]);
        require(links->items[1 + i] != NULL, "no ephemeron");
    }
    besom_write(c->w.m, links);
    for (size_t i = 0; i < n; i++) {
        struct pair *pair = make(c->w.m, &pair_type);
        all->items[i] = besom_ephemeron_new(c->w.m, c->keys[LINKS], pair);
        require(all->items[i] != NULL, "no ephemeron");
        besom_write_at(c->w.m, all, &all->items[i]);
    }
    world_collect(&c->w);
    ck_assert_uint_eq(count_objects(c->w.m, &pair_type), n);
    uint64_t resolved = stats_of(c->w.heap).ephemerons_resolved;
    c->slots[0] = NULL;
    world_collect(&c->w);
    ck_assert_uint_eq(count_objects(c->w.m, &pair_type), 0);
    for (size_t i = 0; i < n; i++)
        require(!besom_ephemeron_value(c->w.m, all->items[i]), "a value is there");
    close_chain(c, "of one key");
    return resolved;
}

START_TEST(one_key_may_have_very_many_ephemerons)
{
    size_t n = scaled(100000) + 10;
    uint64_t resolved = 0;
    for (int order = 0; order < 4; order++)
        resolved += run_one_key(n, order & 1, order & 2);
    ck_assert_uint_ge(resolved, n); /* in one of them the key is found after the ephemerons */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        chain_in_one_table_lives_from_its_head_on,
        chain_of_ephemerons_lives_from_its_head_on,
        chains_without_memory_are_only_slower,
        nested_tables_live_from_their_head_on,
        one_key_may_have_very_many_ephemerons,
    };
    test_seed();
    return run_tests("ephemeron chains", tests, sizeof tests / sizeof *tests);
}
