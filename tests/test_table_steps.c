/* test_table_steps.c - tables between the end of marking and the end of clearing: what is dead is
 * not seen, what is found is alive, and nothing dead is left behind. */
#include "support_items.h"

#include <string.h>

enum { WEAK_KINDS = 3 };
static const enum besom_table_kind kinds[WEAK_KINDS] = {BESOM_WEAK_KEYS, BESOM_WEAK_VALUES,
                                                        BESOM_WEAK_BOTH};

/* A table by content of which the first `kept` entries live: key i has value i + 1000. */
struct scene {
    struct rig rig;
    struct besom_handle *table, *kept;
    size_t n, n_kept;
};

static struct besom_table *table_of(struct scene *s)
{
    return besom_handle_get(s->table);
}

static struct item *kept_at(struct scene *s, size_t i)
{
    return ((struct vector *)besom_handle_get(s->kept))->items[i];
}

static void scene_start(struct scene *s, enum besom_table_kind kind, bool by_content, size_t n,
                        size_t n_kept)
{
    rig_start(&s->rig);
    struct besom_mutator *m = s->rig.m;
    s->n = n;
    s->n_kept = n_kept;
    struct besom_table *table = by_content ? make_content_table(m, kind, hash_well)
                                           : make_table(m, kind);
    struct vector *kept = make_vector(m, 2 * n_kept + 1);
    s->table = besom_handle_new(m, table, "table");
    s->kept = besom_handle_new(m, kept, "kept");
    for (size_t i = 0; i < n; i++) {
        struct item *key = make_item(m, i), *value = make_item(m, 1000 + i);
        put(m, table, key, value);
        if (i < n_kept) {
            kept->items[i] = key;
            kept->items[n_kept + i] = value;
        }
    }
    besom_write(m, kept);
}

/* The cycle is over: the table holds what is kept, and `more`. */
static void scene_end(struct scene *s, size_t more)
{
    struct besom_mutator *m = s->rig.m;
    verify(m);
    for (int i = 0; i < 2; i++) {
        require(count_entries(m, table_of(s)) == s->n_kept + more, "not what is kept");
        for (size_t j = 0; j < s->n_kept; j++)
            require(besom_table_get(m, table_of(s), kept_at(s, j)) == kept_at(s, s->n_kept + j),
                    "lost");
        collect(m);
    }
    rig_close(&s->rig);
}

START_TEST(dead_entries_are_not_seen_between_the_steps_of_a_cycle)
{
    for (int k = 0; k < WEAK_KINDS; k++) {
        for (size_t n = 10; n < 3000; n = n * 3) {
            struct scene s;
            scene_start(&s, kinds[k], false, n, n / 3);
            uint64_t cycles = stats_of(s.rig.heap).cycles;
            for (bool ended = false; !ended;) {
                require_ok(besom_step(s.rig.m, 100, &ended));
                if (stats_of(s.rig.heap).cycles == cycles)
                    continue; /* still marking: nothing is dead yet */
                struct besom_cursor cursor = {0};
                void *key, *value;
                size_t seen = 0;
                while (besom_table_next(s.rig.m, table_of(&s), &cursor, &key, &value)) {
                    require(((struct item *)key)->id < s.n_kept, "a dead entry");
                    require(((struct item *)value)->id == ((struct item *)key)->id + 1000, "mixed");
                    seen++;
                }
                require(seen == s.n_kept, "a living entry was missed");
                for (size_t i = 0; i < s.n_kept; i++)
                    require(besom_table_get(s.rig.m, table_of(&s), kept_at(&s, i)) ==
                                kept_at(&s, s.n_kept + i),
                            "lost");
            }
            scene_end(&s, 0);
        }
    }
}
END_TEST

static void change_within_a_cycle(struct scene *s, struct rng *rng)
{
    BESOM_LOCALS(s->rig.m, struct vector *more;);
    my->more = make_vector(s->rig.m, 400); /* keys, and their values */
    size_t n = 0;
    for (bool ended = false; !ended;) {
        require_ok(besom_step(s->rig.m, 1 + rng_below(rng, 300), &ended));
        for (size_t i = rng_below(rng, 6); i > 0 && n < 200; i--, n++) {
            struct item *key = make_item(s->rig.m, 5000 + n);
            struct item *value = make_item(s->rig.m, 6000 + n);
            besom_set(s->rig.m, my->more, &my->more->items[n], key);
            besom_set(s->rig.m, my->more, &my->more->items[200 + n], value);
            put(s->rig.m, table_of(s), key, value);
            if (n % 3 == 2)
                require_ok(besom_table_remove(s->rig.m, table_of(s), my->more->items[n - 1]));
        }
    }
    verify(s->rig.m);
    size_t left = n - n / 3;
    require(count_entries(s->rig.m, table_of(s)) == s->n_kept + left, "another number");
    for (size_t i = 0; i < n; i++)
        require(besom_table_get(s->rig.m, table_of(s), my->more->items[i]) ==
                    (i % 3 == 1 && i + 1 < n ? NULL : my->more->items[200 + i]),
                "not what was put");
}

START_TEST(table_changed_between_the_steps_of_a_cycle_refers_to_nothing_dead)
{
    struct rng rng = {test_seed()};
    for (size_t round = 0; round < scaled(600); round++) {
        struct scene s;
        size_t n = 1 + rng_below(&rng, round % 10 ? 30 : 3000);
        scene_start(&s, kinds[round % WEAK_KINDS], round % 2, n, rng_below(&rng, n));
        change_within_a_cycle(&s, &rng);
        collect(s.rig.m);
        scene_end(&s, 0);
    }
}
END_TEST

START_TEST(table_that_was_cleared_refers_to_nothing_dead)
{
    for (int k = 0; k < WEAK_KINDS; k++) {
        for (size_t n = 1000; n < scaled(200000); n = n * 6 / 5) {
            struct rig rig;
            rig_start(&rig);
            {
                BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *kept;);
                my->table = make_table(rig.m, kinds[k]);
                my->kept = make_vector(rig.m, n);
                for (size_t i = 0; i < n; i++) {
                    struct item *key = make_item(rig.m, i), *value = make_item(rig.m, i);
                    put(rig.m, my->table, key, value);
                    my->kept->items[i] = i % 2 ? NULL : key;
                    key->ref = i % 6 ? NULL : value;
                }
                besom_write(rig.m, my->kept);
                collect(rig.m);
                verify(rig.m);
            }
            rig_close(&rig);
        }
    }
}
END_TEST

/* What an equal key finds of a dead one is alive from then on, or it is not found at all. */
START_TEST(value_that_an_equal_key_finds_between_the_steps_of_a_cycle_is_alive)
{
    for (size_t work = 1; work < 10000; work *= 10) {
        for (int k = 0; k < WEAK_KINDS; k++) {
            struct scene s;
            scene_start(&s, kinds[k], true, 60, 20);
            {
                BESOM_LOCALS(s.rig.m, struct item *twin; struct item *found[60];);
                my->twin = make_item(s.rig.m, 0);
                bool ended = false;
                for (size_t i = 0; !ended || i < 60; i++) {
                    if (!ended)
                        require_ok(besom_step(s.rig.m, work, &ended));
                    my->twin->content = i;
                    if (i < 60)
                        my->found[i] = besom_table_get(s.rig.m, table_of(&s), my->twin);
                }
                collect(s.rig.m);
                verify(s.rig.m);
                for (size_t i = 0; i < 60; i++) {
                    require(my->found[i] || i >= 20, "a living entry was not found");
                    require(!my->found[i] || my->found[i]->id == 1000 + i, "not the value");
                }
            }
            collect(s.rig.m);
            scene_end(&s, 0);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        dead_entries_are_not_seen_between_the_steps_of_a_cycle,
        table_changed_between_the_steps_of_a_cycle_refers_to_nothing_dead,
        table_that_was_cleared_refers_to_nothing_dead,
        value_that_an_equal_key_finds_between_the_steps_of_a_cycle_is_alive,
    };
    return run_tests("tables within a cycle", tests, sizeof tests / sizeof *tests);
}
