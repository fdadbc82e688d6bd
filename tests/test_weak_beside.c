/* test_weak_beside.c - weak structures change while the collector's thread marks them.
 *
 * Each object says what it is, so that one that was freed too early is noticed; ThreadSanitizer
 * notices the rest. */
#include "support_items.h"

enum { MOVES = 20000, CYCLES = 6, THINGS = 64 };

static struct item *new_item(struct besom_mutator *m, struct rng *rng)
{
    return make_item(m, rng_below(rng, 500));
}

static void check_item(const struct item *item)
{
    require(!item || (item->type == &item_type && item->content < 500), "not an item");
}

static void change_cache(struct besom_mutator *m, struct besom_cache *cache, struct item **things,
                         struct rng *rng)
{
    BESOM_LOCALS(m, struct item * key; struct item * value;);
    my->key = new_item(m, rng);
    switch (rng_below(rng, 8)) {
    case 0: require_ok(besom_cache_trim(m, cache, rng_below(rng, 2) * 1000)); break;
    case 1: besom_cache_remove(m, cache, my->key); break;
    case 2:
    case 3:
        my->value = new_item(m, rng);
        require_ok(besom_cache_put(m, cache, my->key, my->value));
        break;
    default:
        my->value = besom_cache_get(m, cache, my->key);
        check_item(my->value);
        things[rng_below(rng, THINGS)] = my->value;
    }
}

static void change_table(struct besom_mutator *m, struct besom_table *table, struct item **things,
                         struct rng *rng)
{
    BESOM_LOCALS(m, struct item * key; struct item * value;);
    my->key = things[rng_below(rng, THINGS)];
    if (!my->key)
        my->key = new_item(m, rng);
    switch (rng_below(rng, 8)) {
    case 0:
        if (rng_below(rng, 50) == 0)
            require_ok(besom_table_clear(m, table));
        break;
    case 1: besom_table_remove(m, table, my->key); break;
    case 2:
        my->value = besom_table_get(m, table, my->key);
        check_item(my->value);
        break;
    default:
        my->value = new_item(m, rng);
        require_ok(besom_table_put(m, table, my->key, my->value));
    }
}

static void change_weak(struct besom_mutator *m, struct besom_weak **weak, struct item **things,
                        struct rng *rng)
{
    const size_t i = rng_below(rng, THINGS);
    BESOM_LOCALS(m, struct item * item;);
    if (weak[i]) {
        my->item = besom_weak_get(m, weak[i]);
        check_item(my->item);
        things[rng_below(rng, THINGS)] = my->item;
        if (rng_below(rng, 2))
            require_ok(besom_weak_clear(m, weak[i]));
    }
    if (!weak[i] || rng_below(rng, 2)) {
        my->item = new_item(m, rng);
        weak[i] = besom_weak_new(m, BESOM_WEAK_SHORT + rng_below(rng, 2), my->item);
    }
}

static void play(const char *options)
{
    static void *roots[2 * THINGS];
    struct rig rig;
    struct rng rng = {test_seed()};
    rig_init_exact(&rig, options);
    rig_open(&rig);
    require_ok(besom_root_range(rig.heap, roots, 2 * THINGS, "things", NULL));
    {
        BESOM_LOCALS(rig.m, struct besom_cache * cache; struct besom_table * tables[4];);
        my->cache = besom_cache_new(rig.m, 5000, NULL, hash_well, equal_content);
        for (int kind = BESOM_STRONG; kind <= BESOM_WEAK_BOTH; kind++)
            my->tables[kind] = make_table(rig.m, (enum besom_table_kind)kind);
        for (int i = 0; i % MOVES || stats_of(rig.heap).cycles < CYCLES; i++) {
            switch (rng_below(&rng, 3)) {
            case 0: change_cache(rig.m, my->cache, (struct item **)roots, &rng); break;
            case 1:
                change_table(rig.m, my->tables[rng_below(&rng, 4)], (struct item **)roots, &rng);
                break;
            default:
                change_weak(rig.m, (struct besom_weak **)roots + THINGS, (struct item **)roots,
                            &rng);
            }
            if (rng_below(&rng, 20) == 0)
                besom_poll(rig.m);
        }
        verify(rig.m);
    }
    for (int i = 0; i < 2 * THINGS; i++)
        roots[i] = NULL;
    rig_close(&rig);
}

START_TEST(weak_structures_change_beside_the_marker)
{
    play("mode=concurrent,heap_min=64k");
    play("mode=concurrent,heap_min=64k,slow");
    play("mode=concurrent,heap_min=256k,nursery=64k,generational");
    play("mode=incremental,heap_min=64k,slow");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {weak_structures_change_beside_the_marker};
    return run_tests("weak beside", tests, sizeof tests / sizeof *tests);
}
