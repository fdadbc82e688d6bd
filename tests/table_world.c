/* table_world.c - the life of a world: birth, roots, death by brute force, comparison.
 * See table_world.h; what happens between collections is in table_change.c. */
#include "table_world.h"
#include "table_change.h"

#include "gc/heap.h"

#include <stdlib.h>

/* ---- opening, closing ---- */

void world_open(struct world *world, const struct world_options *how, uint64_t seed)
{
    *world = (struct world){.how = *how, .rng = {seed}};
    rig_init(&world->rig);
    if (how->encoded)
        world->rig.config.encoding = tagged_encoding;
    world->rig.config.options_text = how->options;
    rig_open(&world->rig);
    world->things = calloc(how->n_things, sizeof *world->things);
    world->roots = malloc(how->n_roots * sizeof *world->roots);
    for (size_t i = 0; i < how->n_roots; i++)
        world->roots[i] = NOBODY;
    struct vector *root = make_vector(world->rig.m, how->n_roots);
    world->root = besom_handle_new(world->rig.m, root, "root");
    require(world->root != NULL, "no root");
}

void world_close(struct world *world)
{
    for (size_t i = 0; i < world->how.n_things; i++)
        free(world->things[i].entries);
    free(world->things);
    free(world->roots);
    require(strange_keys == 0, "a hash was asked about what is no key");
    rig_close(&world->rig);
}

void world_drop_roots(struct world *world)
{
    for (size_t i = 0; i < world->how.n_roots; i++)
        world_set_root(world, i, NOBODY);
}

/* ---- who is alive: by repetition until nothing changes ---- */

static bool mark(struct world *world, int i)
{
    if (i == NOBODY || world->things[i].marked)
        return false;
    return world->things[i].marked = true;
}

static bool is_marked(const struct world *world, int i)
{
    return i == NOBODY || world->things[i].marked;
}

static bool entry_is_alive(const struct world *world, const struct thing *table,
                           const struct thing_entry *entry)
{
    switch (table->table_kind) {
    case BESOM_STRONG: return true;
    case BESOM_WEAK_KEYS: return is_marked(world, entry->key);
    case BESOM_WEAK_VALUES: return is_marked(world, entry->value);
    default: return is_marked(world, entry->key) && is_marked(world, entry->value);
    }
}

static bool mark_from_table(struct world *world, const struct thing *table)
{
    bool changed = false;
    for (size_t i = 0; i < table->n && table->table_kind != BESOM_WEAK_BOTH; i++) {
        const struct thing_entry *entry = &table->entries[i];
        if (WEAK_VALUES_KEEP_KEYS && table->table_kind == BESOM_WEAK_VALUES)
            changed |= mark(world, entry->key);
        if (!entry_is_alive(world, table, entry))
            continue;
        changed |= mark(world, entry->key);
        changed |= mark(world, entry->value);
    }
    return changed;
}

static bool mark_from(struct world *world, const struct thing *thing)
{
    bool changed = false;
    switch (thing->kind) {
    case THING_ITEM:
        changed |= mark(world, thing->refs[0]);
        return mark(world, thing->refs[1]) || changed;
    case THING_TABLE: return mark_from_table(world, thing);
    case THING_EPHEMERON:
        return thing->refs[0] != NOBODY && is_marked(world, thing->refs[0]) &&
               mark(world, thing->refs[1]);
    default: return false;
    }
}

static void mark_all(struct world *world)
{
    for (size_t i = 0; i < world->how.n_things; i++)
        world->things[i].marked = false;
    for (size_t i = 0; i < world->how.n_roots; i++)
        mark(world, world->roots[i]);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < world->how.n_things; i++)
            if (world->things[i].marked)
                changed |= mark_from(world, &world->things[i]);
    }
}

static void clear_entries(struct world *world, struct thing *table)
{
    size_t n = 0;
    for (size_t i = 0; i < table->n; i++)
        if (entry_is_alive(world, table, &table->entries[i]))
            table->entries[n++] = table->entries[i];
    world->cleared += table->n - n;
    table->n = n;
}

/* What a collection does. */
static void sweep(struct world *world)
{
    mark_all(world);
    for (size_t i = 0; i < world->how.n_things; i++) {
        struct thing *thing = &world->things[i];
        if (thing->kind != THING_NONE && thing->marked && thing->kind == THING_TABLE)
            clear_entries(world, thing);
        if (thing->marked && thing->kind >= THING_EPHEMERON && !is_marked(world, thing->refs[0])) {
            thing->refs[0] = thing->refs[1] = NOBODY;
            thing->word = NULL;
        }
    }
    for (size_t i = 0; i < world->how.n_things; i++) {
        struct thing *thing = &world->things[i];
        if (thing->kind == THING_NONE || thing->marked)
            continue;
        free(thing->entries);
        *thing = (struct thing){.kind = THING_NONE};
        world->n_things--;
    }
}

/* ---- comparing ---- */

struct census {
    const struct world *world;
    size_t n;
};

static bool check_item(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    (void)bytes;
    struct census *census = data;
    const struct item *item = obj;
    require(type == &item_type && item->type == &item_type, "not an item");
    const struct thing *thing = &census->world->things[item->id % census->world->how.n_things];
    require(thing->kind == THING_ITEM && thing->id == item->id, "an item that should be dead");
    require(thing->obj == obj, "an item elsewhere");
    census->n++;
    return true;
}

static void check_items(struct world *world)
{
    struct census census = {world, 0};
    require_ok(besom_each(world->rig.m, &item_type, check_item, &census));
    size_t n = 0;
    for (size_t i = 0; i < world->how.n_things; i++)
        n += world->things[i].kind == THING_ITEM;
    require(census.n == n, "an item that should be alive");
}

static void check_everything(struct world *world)
{
    for (size_t i = 0; i < world->how.n_things; i++) {
        switch (world->things[i].kind) {
        case THING_ITEM: world_check_item(world, (int)i); break;
        case THING_TABLE: world_check_table(world, (int)i); break;
        case THING_EPHEMERON: world_check_ephemeron(world, (int)i); break;
        case THING_WEAK: world_check_weak(world, (int)i); break;
        case THING_NONE: break;
        }
    }
    world->collections++;
}

/* ---- collecting ---- */

void world_collect(struct world *world)
{
    collect(world->rig.m);
    sweep(world);
    check_everything(world);
    check_items(world);
}

void world_collect_in_steps(struct world *world)
{
    /* The dead are those of the moment when marking ends: in the first step, or, beside mutators,
     * in a later one.  But then what was let go of meanwhile may have been marked before, so after
     * changes during marking only the next cycle is exact; nor is a minor cycle that a thread of the
     * heap's own has begun. */
    bool beside = !in_stw(&world->rig), changes = beside && rng_below(&world->rng, 2);
    size_t work = 1 + rng_below(&world->rng, beside ? 500 : 5000);
    bool ended = false;
    uint64_t cycles = stats_of(world->rig.heap).cycles;
    uint64_t minors = stats_of(world->rig.heap).minor_cycles;
    while (!ended) {
        for (size_t i = changes ? rng_below(&world->rng, 10) : 0; i > 0; i--)
            world_change(world);
        require_ok(besom_step(world->rig.m, work, &ended));
        besom__collector_kick(world->rig.heap); /* in mode concurrent it marks meanwhile */
        uint64_t now = stats_of(world->rig.heap).cycles;
        if (now != cycles && beside && changes)
            break;
        if (stats_of(world->rig.heap).minor_cycles != minors)
            break;
        if (now != cycles && !ended)
            sweep(world);
        if (now != cycles)
            changes = world->within_cycle = true;
        cycles = now;
    }
    world->within_cycle = false;
    world_collect(world);
}
