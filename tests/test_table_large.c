/* test_table_large.c - large tables: marked in parallel, each entry once; given back when dead. */
#include "support_items.h"

#include <stdlib.h>

/* ---- marking ---- */

static void check_parallel(const char *options, enum besom_table_kind kind)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = options;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *kept;);
        size_t n = scaled(60000);
        my->table = make_table(rig.m, kind);
        my->kept = make_vector(rig.m, n);
        for (uint64_t i = 0; i < n; i++) { /* even keys are kept, and every third of them its value */
            struct item *key = make_item(rig.m, 2 * i), *value = make_item(rig.m, 2 * i + 1);
            put(rig.m, my->table, key, value);
            if (i % 2 == 0)
                besom_set(rig.m, my->kept, &my->kept->items[i], key);
            if (i % 6 == 0)
                key->ref = value;
        }
        size_t expected = kind == BESOM_WEAK_KEYS ? (n + 1) / 2 : (n + 5) / 6;
        collect(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), expected);
        for (uint64_t i = 0; i < n; i += 2) {
            struct item *value = besom_table_get(rig.m, my->table, my->kept->items[i]);
            require(!value == (kind != BESOM_WEAK_KEYS && i % 3 != 0), "not what lives");
            require(!value || value->id == 2 * i + 1, "the value of another");
        }
    }
    rig_close(&rig);
}

static const char *const markings[] = {"mark_threads=1", "mark_threads=2", "mark_threads=4",
                                       "mark_threads=4,mark_stack=64", "mark_threads=3,poison"};
enum { MARKINGS = sizeof markings / sizeof *markings };

START_TEST(weak_tables_are_cleared_exactly_however_many_mark)
{
    for (int i = 0; i < MARKINGS; i++) {
        check_parallel(markings[i], BESOM_WEAK_KEYS);
        check_parallel(markings[i], BESOM_WEAK_VALUES);
        check_parallel(markings[i], BESOM_WEAK_BOTH);
    }
}
END_TEST

/* One table in which item i is the key of item i + 1.  *first is the first of them. */
static void chain(struct rig *rig, struct besom_table *table, size_t n, struct item **first)
{
    struct item *last = *first = make_item(rig->m, 0);
    for (uint64_t i = 1; i <= n; i++) {
        struct item *item = make_item(rig->m, i);
        put(rig->m, table, last, item);
        last = item;
    }
}

static void check_chain(const char *options, besom_hash_fn hash)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = options;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct item *first;);
        size_t n = scaled(60000);
        my->table = hash ? make_content_table(rig.m, BESOM_WEAK_KEYS, hash)
                         : make_table(rig.m, BESOM_WEAK_KEYS);
        chain(&rig, my->table, n, &my->first);
        for (int i = 0; i < 2; i++) {
            struct besom_stats before = stats_of(rig.heap);
            collect(rig.m);
            struct besom_stats after = stats_of(rig.heap);
            uint64_t cycles = after.cycles - before.cycles;
            ck_assert_uint_eq(besom_table_count(my->table), n);
            if (after.mark_overflows > before.mark_overflows)
                continue; /* what overflowed is looked at again */
            ck_assert_uint_le(after.ephemerons_scanned - before.ephemerons_scanned, n * cycles);
            ck_assert_uint_le(after.ephemerons_resolved - before.ephemerons_resolved, n * cycles);
        }
        ck_assert_uint_eq(count_items(rig.m), n + 1);
        my->first = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), 0);
        ck_assert_uint_eq(count_items(rig.m), 0);
    }
    rig_close(&rig);
}

START_TEST(chain_through_a_table_is_scanned_once_an_entry)
{
    for (int i = 0; i < MARKINGS; i++) {
        check_chain(markings[i], NULL);
        check_chain(markings[i], hash_well);
    }
}
END_TEST

START_TEST(chain_through_many_tables_lives_and_dies_at_once)
{
    enum { TABLES = 500 };
    for (int i = 0; i < MARKINGS; i++) {
        struct rig rig;
        rig_init(&rig);
        rig.config.options_text = markings[i];
        rig_open(&rig);
        {
            BESOM_LOCALS(rig.m, struct vector *tables; struct item *first;);
            my->tables = make_vector(rig.m, TABLES);
            for (size_t t = 0; t < TABLES; t++)
                my->tables->items[t] = make_table(rig.m, BESOM_WEAK_KEYS);
            besom_write(rig.m, my->tables);
            size_t n = scaled(40000);
            struct rng rng = {i};
            struct item *last = my->first = make_item(rig.m, 0);
            for (uint64_t j = 1; j <= n; j++) {
                struct item *item = make_item(rig.m, j);
                put(rig.m, my->tables->items[rng_below(&rng, TABLES)], last, item);
                last = item;
            }
            collect(rig.m);
            ck_assert_uint_eq(count_items(rig.m), n + 1);
            my->first = NULL;
            collect(rig.m);
            ck_assert_uint_eq(count_items(rig.m), 0);
            for (size_t t = 0; t < TABLES; t++)
                require(besom_table_count(my->tables->items[t]) == 0, "not cleared");
        }
        rig_close(&rig);
    }
}
END_TEST

START_TEST(entries_that_the_collector_cleared_are_counted)
{
    struct rig rig;
    rig_start(&rig);
    for (int kind = BESOM_WEAK_KEYS; kind <= BESOM_WEAK_BOTH; kind++) {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct item *item;);
        my->table = make_table(rig.m, (enum besom_table_kind)kind);
        my->item = make_item(rig.m, 1);
        put(rig.m, my->table, my->item, my->item);
        for (uint64_t i = 0; i < 100; i++)
            put(rig.m, my->table, make_item(rig.m, 2), make_item(rig.m, 3));
        uint64_t before = stats_of(rig.heap).weak_cleared;
        collect(rig.m);
        ck_assert_uint_eq(stats_of(rig.heap).weak_cleared - before, 100);
    }
    rig_close(&rig);
}
END_TEST

/* ---- memory ---- */

static size_t live_bytes(struct rig *rig)
{
    collect(rig->m);
    return stats_of(rig->heap).live_bytes;
}

/* Entry i of a large table: it goes with node i of `going`, which is its value in a table of weak
 * values, and its key in all others. */
struct large {
    struct rig *rig;
    enum besom_table_kind kind;
    struct besom_table *table;
    struct vector *going, *keys;
};

static void *key_at(const struct large *large, size_t i)
{
    return (large->kind == BESOM_WEAK_VALUES ? large->keys : large->going)->items[i];
}

static void *value_at(const struct large *large, size_t i)
{
    return large->kind == BESOM_WEAK_VALUES ? large->going->items[i] : (void *)large->table;
}

static void put_all(const struct large *large, size_t n)
{
    struct besom_mutator *m = large->rig->m;
    for (size_t i = 0; i < n; i++)
        besom_set(m, large->keys, &large->keys->items[i], make(m, &node_type));
    for (size_t i = 0; i < n; i++)
        besom_set(m, large->going, &large->going->items[i], make(m, &node_type));
    for (size_t i = 0; i < n; i++)
        put(m, large->table, key_at(large, i), value_at(large, i));
}

static void let_go(const struct large *large, size_t begin, size_t end, bool by_hand)
{
    for (size_t i = begin; i < end; i++) {
        if (by_hand)
            require_ok(besom_table_remove(large->rig->m, large->table, key_at(large, i)));
        besom_set(large->rig->m, large->going, &large->going->items[i], NULL);
    }
}

/* n operations on the first `few` entries, and a collection now and then. */
static void go_on(const struct large *large, size_t n, size_t few)
{
    struct besom_mutator *m = large->rig->m;
    for (size_t i = 0; i < n; i++) {
        void *key = key_at(large, i % few), *value = value_at(large, i % few);
        require(besom_table_get(m, large->table, key) == value, "lost");
        require_ok(besom_table_remove(m, large->table, key));
        put(m, large->table, key, value);
        if (i % (n / 20) == 0)
            collect(m);
    }
}

/* A million entries, of which all but a few go: by death, or by hand. */
static void check_shrinking(enum besom_table_kind kind, bool by_hand)
{
    struct rig rig;
    rig_init(&rig);
    rig.config.options_text = "give_back_ms=0";
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *going; struct vector *keys;);
        size_t n = scaled(1000000), few = n / 1000;
        my->table = make_table(rig.m, kind);
        my->going = make_vector(rig.m, n);
        my->keys = make_vector(rig.m, n);
        struct large large = {&rig, kind, my->table, my->going, my->keys};
        size_t vectors = live_bytes(&rig), nodes = n * sizeof(struct node);
        put_all(&large, n);
        size_t full = live_bytes(&rig), committed = stats_of(rig.heap).committed_bytes;
        ck_assert_uint_gt(full, vectors + 2 * nodes + n * 16); /* a key and a value at least */
        let_go(&large, few, n, by_hand);
        collect(rig.m);
        ck_assert_uint_eq(besom_table_count(my->table), few);
        go_on(&large, n, few);
        ck_assert_uint_eq(count_entries(rig.m, my->table), few);
        size_t store = full - vectors - 2 * nodes;
        ck_assert_uint_lt(live_bytes(&rig) - vectors - nodes, store / 8);
        if (n == 1000000) /* else it is lost among the blocks in use */
            ck_assert_uint_lt(stats_of(rig.heap).committed_bytes, committed - (nodes + store) / 2);
    }
    rig_close(&rig);
}

START_TEST(memory_of_a_table_shrinks_when_most_entries_have_died)
{
    check_shrinking(BESOM_WEAK_KEYS, false);
    check_shrinking(BESOM_WEAK_VALUES, false);
    check_shrinking(BESOM_WEAK_BOTH, false);
}
END_TEST

START_TEST(memory_of_a_table_shrinks_when_most_entries_are_removed)
{
    check_shrinking(BESOM_STRONG, true);
    check_shrinking(BESOM_WEAK_KEYS, true);
}
END_TEST

START_TEST(memory_of_a_cleared_table_is_free)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table;);
        my->table = make_table(rig.m, BESOM_STRONG);
        size_t before = live_bytes(&rig), n = scaled(100000);
        for (size_t i = 0; i < n; i++) {
            void *item = make(rig.m, &node_type);
            put(rig.m, my->table, item, item);
        }
        ck_assert_uint_gt(live_bytes(&rig), before + n * 48);
        require_ok(besom_table_clear(rig.m, my->table));
        ck_assert_uint_lt(live_bytes(&rig), before + 4096);
    }
    rig_close(&rig);
}
END_TEST

/* Most of what is put dies: the table is used like a cache that nobody trims. */
START_TEST(table_whose_entries_come_and_go_stays_small)
{
    struct rig rig;
    rig_start(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *recent;);
        enum { RECENT = 1000 };
        my->table = make_table(rig.m, BESOM_WEAK_KEYS);
        my->recent = make_vector(rig.m, RECENT);
        size_t most = 0;
        for (size_t i = 0; i < scaled(2000000); i++) {
            void *key = make(rig.m, &node_type);
            besom_set(rig.m, my->recent, &my->recent->items[i % RECENT], key);
            put(rig.m, my->table, key, key);
            if (i % 5000 == 0) {
                size_t live = live_bytes(&rig);
                ck_assert_uint_le(besom_table_count(my->table), RECENT);
                most = live > most ? live : most;
            }
        }
        /* 6000 entries at most at any time, and twice that while it grows */
        ck_assert_uint_lt(most, 2000000);
    }
    rig_close(&rig);
}
END_TEST

static uint64_t the_hash;

static uint64_t hash_constant(void *host, const void *key)
{
    (void)host, (void)key;
    return the_hash;
}

/* What an entry costs when all hashes are `hash`. */
static size_t bytes_an_entry(enum besom_table_kind kind, uint64_t hash, size_t n)
{
    struct rig rig;
    rig_init_exact(&rig, "mark_threads=1");
    rig_open(&rig);
    size_t bytes;
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys;);
        my->keys = make_vector(rig.m, n);
        for (uint64_t i = 0; i < n; i++)
            besom_set(rig.m, my->keys, &my->keys->items[i], make_item(rig.m, i));
        size_t before = live_bytes(&rig);
        the_hash = hash;
        my->table = make_content_table(rig.m, kind, hash_constant);
        for (size_t i = 0; i < n; i++)
            put(rig.m, my->table, my->keys->items[i], my->keys->items[i]);
        bytes = live_bytes(&rig) - before;
        ck_assert_uint_eq(besom_table_count(my->table), n);
    }
    rig_close(&rig);
    return bytes / n;
}

START_TEST(table_whose_hashes_are_all_the_same_is_slow_not_large)
{
    struct rng rng = {test_seed()};
    size_t n = 1500;
    for (unsigned i = 0; i < 30; i++) {
        /* Powers of two, all ones, and any. */
        uint64_t hash = i < 10 ? (uint64_t)1 << 6 * i : i < 20 ? ~(uint64_t)0 >> 6 * (i - 10)
                                                               : rng_next(&rng);
        size_t bytes = bytes_an_entry(i % 2 ? BESOM_STRONG : BESOM_WEAK_KEYS, hash, n);
        ck_assert_msg(bytes <= 100, "%zu bytes an entry for %#llx", bytes,
                      (unsigned long long)hash);
    }
}
END_TEST

START_TEST(table_of_hashes_that_fall_on_the_last_places_stays_small)
{
    /* The upper half of the product is what places an entry: these are at its end. */
    uint64_t hash = 1;
    for (unsigned found = 0; found < 5; hash++)
        if (hash * 0x9E3779B97F4A7C15u >> 48 == 0xFFFF) {
            size_t bytes = bytes_an_entry(BESOM_STRONG, hash, 1500);
            ck_assert_msg(bytes <= 100, "%zu bytes an entry for %#llx", bytes,
                          (unsigned long long)hash);
            found++;
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        weak_tables_are_cleared_exactly_however_many_mark,
        chain_through_a_table_is_scanned_once_an_entry,
        chain_through_many_tables_lives_and_dies_at_once,
        entries_that_the_collector_cleared_are_counted,
        memory_of_a_table_shrinks_when_most_entries_have_died,
        memory_of_a_table_shrinks_when_most_entries_are_removed,
        memory_of_a_cleared_table_is_free,
        table_whose_entries_come_and_go_stays_small,
        table_whose_hashes_are_all_the_same_is_slow_not_large,
        table_of_hashes_that_fall_on_the_last_places_stays_small,
    };
    return run_tests("large tables", tests, sizeof tests / sizeof *tests);
}
