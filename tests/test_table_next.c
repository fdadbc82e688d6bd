/* test_table_next.c - an iteration sees what stays exactly once, whatever happens meanwhile. */
#include "support_items.h"

#include <stdlib.h>
#include <string.h>

/* How often each id was seen.  Ids of entries that stay from beginning to end are even. */
struct sight {
    unsigned char *seen;
    size_t n;
};

static void look(struct sight *sight, const struct item *key)
{
    require(key->type == &item_type && key->id < sight->n, "a key that is none");
    sight->seen[key->id]++;
}

static void check_sight(const struct sight *sight, size_t n_staying)
{
    for (size_t i = 0; i < sight->n; i++) {
        require(sight->seen[i] <= 1, "seen twice");
        require(sight->seen[i] == 1 || i % 2 == 1 || i >= n_staying, "missed");
    }
}

/* A table of the even ids below n, each its own value, and the odd ones that nobody has put. */
struct setting {
    struct rig rig;
    struct besom_handle *table, *items;
    struct sight sight;
    size_t n;
};

static struct besom_table *table_of(struct setting *s)
{
    return besom_handle_get(s->table);
}

static struct item *item_of(struct setting *s, size_t i)
{
    return ((struct vector *)besom_handle_get(s->items))->items[i];
}

static void setting_start(struct setting *s, besom_hash_fn hash, size_t n)
{
    memset(s, 0, sizeof *s);
    rig_start(&s->rig);
    s->n = n;
    s->sight = (struct sight){calloc(n, 1), n};
    struct besom_mutator *m = s->rig.m;
    struct besom_table *table =
        hash ? make_content_table(m, BESOM_WEAK_KEYS, hash) : make_table(m, BESOM_WEAK_KEYS);
    struct vector *items = make_vector(m, n);
    s->table = besom_handle_new(m, table, "table");
    s->items = besom_handle_new(m, items, "items");
    for (size_t i = 0; i < n; i++) {
        items->items[i] = make_item(m, i);
        if (i % 2 == 0)
            put(m, table, items->items[i], items->items[i]);
    }
    besom_write(m, items);
}

static void setting_end(struct setting *s)
{
    check_sight(&s->sight, s->n);
    free(s->sight.seen);
    rig_close(&s->rig);
}

/* The next entry; looks at it. */
static bool step(struct setting *s, struct besom_cursor *cursor)
{
    void *key, *value;
    if (!besom_table_next(s->rig.m, table_of(s), cursor, &key, &value))
        return false;
    require(key == value, "the value of another");
    look(&s->sight, key);
    return true;
}

static const struct {
    besom_hash_fn hash;
    size_t n;
} hashes[] = {{NULL, 8000}, {hash_well, 8000}, {hash_high, 2000}, {hash_low, 8000},
              {hash_same, 400}};
enum { HASHES = sizeof hashes / sizeof *hashes };

START_TEST(iteration_of_a_resting_table_sees_everything_once)
{
    for (int h = 0; h < HASHES; h++) {
        struct setting s;
        setting_start(&s, hashes[h].hash, hashes[h].n);
        for (int round = 0; round < 2; round++) {
            struct besom_cursor cursor = {0};
            while (step(&s, &cursor))
                continue;
            for (size_t i = 1; i < s.n; i += 2)
                require(!s.sight.seen[i], "never put");
            require(!besom_table_next(s.rig.m, table_of(&s), &cursor, NULL, NULL), "more");
            check_sight(&s.sight, s.n);
            if (round == 0)
                memset(s.sight.seen, 0, s.n);
        }
        setting_end(&s);
    }
}
END_TEST

START_TEST(iteration_survives_growth)
{
    for (int h = 0; h < HASHES; h++) {
        for (size_t begin = 0; begin < 3; begin++) {
            struct setting s;
            setting_start(&s, hashes[h].hash, hashes[h].n);
            struct besom_cursor cursor = {0};
            for (size_t i = 0; i < begin * s.n / 8; i++)
                require(step(&s, &cursor), "ended too early");
            for (size_t i = 1; i < s.n; i += 2) { /* the odd ones come */
                put(s.rig.m, table_of(&s), item_of(&s, i), item_of(&s, i));
                if (i % 4 == 1)
                    step(&s, &cursor);
            }
            while (step(&s, &cursor))
                continue;
            setting_end(&s);
        }
    }
}
END_TEST

START_TEST(iteration_survives_removal_and_shrinking)
{
    for (int h = 0; h < HASHES; h++) {
        struct setting s;
        setting_start(&s, hashes[h].hash, hashes[h].n);
        for (size_t i = 1; i < s.n; i += 2)
            put(s.rig.m, table_of(&s), item_of(&s, i), item_of(&s, i));
        struct besom_cursor cursor = {0};
        /* What stays is the first eighth. */
        for (size_t i = s.n; i-- > s.n / 8;) {
            require_ok(besom_table_remove(s.rig.m, table_of(&s), item_of(&s, i)));
            if (i % 16 == 0)
                step(&s, &cursor);
            if (i % 500 == 0)
                collect(s.rig.m);
        }
        while (step(&s, &cursor))
            continue;
        check_sight(&s.sight, s.n / 8);
        for (size_t i = 0; i < s.n; i += 2)
            s.sight.seen[i] = 1;
        setting_end(&s);
    }
}
END_TEST

START_TEST(iteration_sees_nothing_that_died)
{
    for (int h = 0; h < HASHES; h++) {
        struct setting s;
        setting_start(&s, hashes[h].hash, hashes[h].n);
        struct vector *items = besom_handle_get(s.items);
        for (size_t i = 1; i < s.n; i += 2)
            put(s.rig.m, table_of(&s), items->items[i], items->items[i]);
        struct besom_cursor cursor = {0};
        for (size_t i = 0; i < s.n / 8; i++)
            require(step(&s, &cursor), "ended too early");
        unsigned char *before = malloc(s.n);
        memcpy(before, s.sight.seen, s.n);
        for (size_t i = 1; i < s.n; i += 2)
            besom_set(s.rig.m, items, &items->items[i], NULL);
        collect(s.rig.m);
        while (step(&s, &cursor))
            continue;
        for (size_t i = 1; i < s.n; i += 2)
            require(s.sight.seen[i] == before[i], "a dead entry was seen");
        free(before);
        setting_end(&s);
    }
}
END_TEST

START_TEST(iteration_survives_the_death_of_the_last_key_seen)
{
    for (int h = 0; h < HASHES; h++) {
        struct setting s;
        setting_start(&s, hashes[h].hash, hashes[h].n / 8);
        struct vector *items = besom_handle_get(s.items);
        size_t seen = 0;
        struct besom_cursor cursor = {0};
        void *key;
        while (besom_table_next(s.rig.m, table_of(&s), &cursor, &key, NULL)) {
            look(&s.sight, key);
            seen++;
            besom_set(s.rig.m, items, &items->items[((struct item *)key)->id], NULL);
            if (seen % 3 == 0)
                require_ok(besom_table_remove(s.rig.m, table_of(&s), key));
            if (seen % 8 == 0)
                collect(s.rig.m);
            make_item(s.rig.m, 0); /* perhaps where the dead one was */
        }
        ck_assert_uint_eq(seen, (s.n + 1) / 2);
        collect(s.rig.m);
        ck_assert_uint_eq(count_entries(s.rig.m, table_of(&s)), 0);
        setting_end(&s);
    }
}
END_TEST

/* Removed and put again: a new entry, so it may be seen twice in all, and no more. */
START_TEST(iteration_ends_though_entries_are_put_again)
{
    for (int h = 0; h < HASHES; h++) {
        struct setting s;
        setting_start(&s, hashes[h].hash, hashes[h].n / 4);
        size_t steps = 0;
        struct besom_cursor cursor = {0};
        void *key;
        while (besom_table_next(s.rig.m, table_of(&s), &cursor, &key, NULL)) {
            require_ok(besom_table_remove(s.rig.m, table_of(&s), key));
            put(s.rig.m, table_of(&s), key, key);
            require(++steps <= s.n, "no end");
        }
        ck_assert_uint_ge(steps, s.n / 2);
        ck_assert_uint_eq(count_entries(s.rig.m, table_of(&s)), s.n / 2);
        for (size_t i = 0; i < s.n; i += 2)
            s.sight.seen[i] = 1;
        setting_end(&s);
    }
}
END_TEST

/* ---- order ---- */

/* The ids of the even entries, in the order of the iteration. */
static uint64_t *order_of(struct setting *s)
{
    uint64_t *order = calloc(s->n, sizeof *order);
    struct besom_cursor cursor = {0};
    void *key;
    size_t i = 0;
    while (besom_table_next(s->rig.m, table_of(s), &cursor, &key, NULL))
        if (((struct item *)key)->id % 2 == 0)
            order[i++] = ((struct item *)key)->id;
    require(i == s->n / 2, "another number");
    return order;
}

START_TEST(order_does_not_depend_on_how_the_table_has_grown)
{
    for (int h = 0; h < HASHES; h++) {
        struct setting s;
        setting_start(&s, hashes[h].hash, hashes[h].n);
        uint64_t *first = order_of(&s);
        for (size_t i = 1; i < s.n; i += 2)
            put(s.rig.m, table_of(&s), item_of(&s, i), item_of(&s, i));
        uint64_t *second = order_of(&s);
        for (size_t i = 0; i < s.n / 2; i++)
            require(first[i] == second[i], "another order");
        for (size_t i = 0; i < s.n; i += 2)
            s.sight.seen[i] = 1;
        free(first);
        free(second);
        setting_end(&s);
    }
}
END_TEST

/* ---- at random ---- */

START_TEST(iterations_survive_random_changes)
{
    struct rng rng = {test_seed()};
    for (int round = 0; round < 40; round++) {
        int h = round % HASHES;
        struct setting s;
        setting_start(&s, hashes[h].hash, 20 + rng_below(&rng, hashes[h].n / 4));
        struct besom_cursor cursor = {0};
        bool *was_put = calloc(s.n, sizeof *was_put);
        do {
            for (size_t i = 0; i < rng_below(&rng, 40); i++) {
                size_t odd = rng_below(&rng, s.n / 2) * 2 + 1;
                if (rng_below(&rng, 3) == 0)
                    besom_table_remove(s.rig.m, table_of(&s), item_of(&s, odd));
                else if (!was_put[odd])
                    put(s.rig.m, table_of(&s), item_of(&s, odd), item_of(&s, odd));
                was_put[odd] = true; /* once, so it is seen once */
            }
            if (rng_below(&rng, 50) == 0)
                collect(s.rig.m);
        } while (step(&s, &cursor));
        free(was_put);
        setting_end(&s);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        iteration_of_a_resting_table_sees_everything_once,
        iteration_survives_growth,
        iteration_survives_removal_and_shrinking,
        iteration_sees_nothing_that_died,
        iteration_survives_the_death_of_the_last_key_seen,
        iteration_ends_though_entries_are_put_again,
        order_does_not_depend_on_how_the_table_has_grown,
        iterations_survive_random_changes,
    };
    return run_tests("table iteration", tests, sizeof tests / sizeof *tests);
}
