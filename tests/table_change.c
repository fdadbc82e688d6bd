/* table_change.c - see table_change.h. */
#include "table_change.h"

#include <stdlib.h>

static size_t draw(struct world *world, size_t n)
{
    return rng_below(&world->rng, n);
}

static struct thing *thing_at(struct world *world, int i)
{
    return &world->things[i];
}

/* The word that refers to thing i. */
static void *word_of(const struct world *world, int i)
{
    if (i == NOBODY)
        return NULL;
    void *obj = world->things[i].obj;
    return world->how.encoded ? tagged(obj) : obj;
}

/* A thing of the kind (THING_NONE: of any) at random, or NOBODY. */
static int any_thing(struct world *world, enum thing_kind kind)
{
    size_t n = world->how.n_things, start = draw(world, n);
    for (size_t i = 0; i < n; i++) {
        size_t j = (start + i) % n;
        const struct thing *thing = &world->things[j];
        if (thing->kind != THING_NONE && (kind == THING_NONE || thing->kind == kind))
            return (int)j;
    }
    return NOBODY;
}

/* ---- roots and references ---- */

void world_set_root(struct world *world, size_t root, int i)
{
    struct vector *v = besom_handle_get(world->root);
    besom_set(world->rig.m, v, &v->items[root], word_of(world, i));
    world->roots[root] = i;
}

static void set_ref(struct world *world, int i, size_t field, int target)
{
    struct item *item = thing_at(world, i)->obj;
    besom_set(world->rig.m, item, field ? &item->other : &item->ref, word_of(world, target));
    thing_at(world, i)->refs[field] = target;
}

/* ---- birth ---- */

static int add_thing(struct world *world, enum thing_kind kind)
{
    size_t n = world->how.n_things, start = draw(world, n);
    for (size_t i = 0; i < n; i++) {
        struct thing *thing = &world->things[(start + i) % n];
        if (thing->kind == THING_NONE) {
            *thing = (struct thing){.kind = kind, .refs = {NOBODY, NOBODY}};
            world->n_things++;
            return (int)((start + i) % n);
        }
    }
    return NOBODY;
}

static void make_one_item(struct world *world, int i)
{
    struct thing *thing = thing_at(world, i);
    thing->id = ++world->last_id * world->how.n_things + (size_t)i;
    thing->content = draw(world, world->how.n_contents);
    struct item *item = make_item(world->rig.m, thing->id);
    item->content = thing->content;
    thing->obj = item;
}

static void make_one_table(struct world *world, int i)
{
    static const besom_hash_fn hashes[] = {hash_well, hash_high, hash_low, hash_same};
    struct thing *thing = thing_at(world, i);
    thing->table_kind = (enum besom_table_kind)draw(world, 4);
    thing->by_content = draw(world, 3) == 0;
    size_t h = draw(world, 4);
    thing->obj = thing->by_content
                     ? make_content_table(world->rig.m, thing->table_kind, hashes[h])
                     : make_table(world->rig.m, thing->table_kind);
}

/* A value: mostly a thing, sometimes a word that is no reference. */
static int draw_value(struct world *world, void **word)
{
    if (world->how.encoded && draw(world, 5) == 0) {
        *word = small_integer(1 + draw(world, 1000));
        return NOBODY;
    }
    int value = any_thing(world, THING_NONE);
    *word = word_of(world, value);
    return value;
}

static void make_one_ephemeron(struct world *world, int i, int key)
{
    struct thing *thing = thing_at(world, i);
    thing->refs[0] = key;
    thing->kind = THING_NONE; /* not yet */
    thing->refs[1] = draw_value(world, &thing->word);
    thing->kind = THING_EPHEMERON;
    thing->obj = besom_ephemeron_new(world->rig.m, thing_at(world, key)->obj, thing->word);
    require(thing->obj != NULL, "no ephemeron");
}

static void make_one_weak(struct world *world, int i, int target)
{
    struct thing *thing = thing_at(world, i);
    enum besom_weak_kind kind = draw(world, 2) ? BESOM_WEAK_LONG : BESOM_WEAK_SHORT;
    thing->refs[0] = target;
    thing->obj = besom_weak_new(world->rig.m, kind, thing_at(world, target)->obj);
    require(thing->obj != NULL, "no weak reference");
}

static void bear(struct world *world)
{
    if (world->n_things == world->how.n_things)
        return;
    int other = any_thing(world, THING_NONE);
    enum thing_kind kind = draw(world, 100) < world->how.table_percent ? THING_TABLE : THING_ITEM;
    if (kind == THING_TABLE && other != NOBODY && draw(world, 2))
        kind = draw(world, 3) ? THING_EPHEMERON : THING_WEAK;
    int i = add_thing(world, kind);
    switch (kind) {
    case THING_ITEM: make_one_item(world, i); break;
    case THING_TABLE: make_one_table(world, i); break;
    case THING_EPHEMERON: make_one_ephemeron(world, i, other); break;
    default: make_one_weak(world, i, other); break;
    }
    int item = any_thing(world, THING_ITEM);
    if (item == NOBODY || draw(world, 2))
        world_set_root(world, draw(world, world->how.n_roots), i);
    else
        set_ref(world, item, draw(world, 2), i);
}

/* ---- tables ---- */

static bool same_key(const struct world *world, const struct thing *table, int a, int b)
{
    return table->by_content ? world->things[a].content == world->things[b].content : a == b;
}

static struct thing_entry *find(const struct world *world, const struct thing *table, int key)
{
    for (size_t i = 0; i < table->n; i++)
        if (same_key(world, table, table->entries[i].key, key))
            return &table->entries[i];
    return NULL;
}

static void model_put(struct world *world, struct thing *table, int key, int value, void *word)
{
    struct thing_entry *entry = find(world, table, key);
    if (!entry) {
        if (table->n == table->room) {
            table->room = 2 * table->room + 4;
            table->entries = realloc(table->entries, table->room * sizeof *table->entries);
        }
        entry = &table->entries[table->n++];
        entry->key = key;
    }
    entry->value = value;
    entry->word = word;
}

static void put_one(struct world *world, struct thing *table, int key)
{
    void *word;
    int value = draw_value(world, &word);
    put(world->rig.m, table->obj, thing_at(world, key)->obj, word);
    model_put(world, table, key, value, word);
}

static void get_one(struct world *world, struct thing *table, int key)
{
    void *found = besom_table_get(world->rig.m, table->obj, thing_at(world, key)->obj);
    const struct thing_entry *entry = find(world, table, key);
    require(found == (entry ? entry->word : NULL), "not the value that was put");
}

static void remove_one(struct world *world, struct thing *table, int key)
{
    enum besom_status status =
        besom_table_remove(world->rig.m, table->obj, thing_at(world, key)->obj);
    struct thing_entry *entry = find(world, table, key);
    require(status == (entry ? BESOM_OK : BESOM_E_ABSENT), "removed, or absent");
    if (entry)
        *entry = table->entries[--table->n];
}

void world_check_table(struct world *world, int i)
{
    struct thing *table = thing_at(world, i);
    if (!world->within_cycle)
        require(besom_table_count(table->obj) == table->n, "another count");
    struct besom_cursor cursor = {0};
    void *key, *word;
    size_t n = 0;
    /* As many as there are, each once since addresses differ, and each in the model: all. */
    static bool *seen;
    seen = realloc(seen, table->n + 1);
    for (size_t j = 0; j < table->n; j++)
        seen[j] = false;
    while (besom_table_next(world->rig.m, table->obj, &cursor, &key, &word)) {
        size_t j = 0;
        while (j < table->n && world->things[table->entries[j].key].obj != key)
            j++;
        require(j < table->n, "an entry that is not there");
        require(!seen[j], "an entry seen twice");
        seen[j] = true;
        require(word == table->entries[j].word, "another value");
        n++;
    }
    require(n == table->n, "an entry that is missed");
    for (size_t j = 0; j < table->n && j < 50; j++)
        get_one(world, table, table->entries[j].key);
    world->entries_compared += n;
}

/* Within a cycle, an equal key may find an entry that is dead, and bring it back. */
static bool may_revive(const struct world *world, const struct thing *table)
{
    return world->within_cycle && table->by_content && table->table_kind != BESOM_STRONG;
}

static void change_table(struct world *world)
{
    int i = any_thing(world, THING_TABLE);
    if (i == NOBODY || may_revive(world, thing_at(world, i)))
        return;
    struct thing *table = thing_at(world, i);
    int key = any_thing(world, table->by_content ? THING_ITEM : THING_NONE);
    size_t what = draw(world, 100);
    if (what == 0 && draw(world, 4) == 0) {
        require_ok(besom_table_clear(world->rig.m, table->obj));
        table->n = 0;
    } else if (what < 3) {
        world_check_table(world, i);
    } else if (key == NOBODY) {
        return;
    } else if (what < 60) {
        put_one(world, table, key);
    } else if (what < 80) {
        get_one(world, table, key);
    } else {
        remove_one(world, table, key);
    }
}

/* ---- items, ephemerons, weak references ---- */

void world_check_item(struct world *world, int i)
{
    const struct thing *thing = thing_at(world, i);
    const struct item *item = thing->obj;
    require(item->id == thing->id && item->content == thing->content, "overwritten");
    require(item->ref == word_of(world, thing->refs[0]), "another reference");
    require(item->other == word_of(world, thing->refs[1]), "another reference");
}

void world_check_ephemeron(struct world *world, int i)
{
    const struct thing *thing = thing_at(world, i);
    bool gone = thing->refs[0] == NOBODY;
    if (gone && world->within_cycle)
        return;
    void *key = besom_ephemeron_key(world->rig.m, thing->obj);
    void *value = besom_ephemeron_value(world->rig.m, thing->obj);
    require(key == (gone ? NULL : thing_at(world, thing->refs[0])->obj), "another key");
    require(value == (gone ? NULL : thing->word), "another value");
}

void world_check_weak(struct world *world, int i)
{
    const struct thing *thing = thing_at(world, i);
    bool gone = thing->refs[0] == NOBODY;
    if (gone && world->within_cycle)
        return;
    void *found = besom_weak_get(world->rig.m, thing->obj);
    require(found == (gone ? NULL : thing_at(world, thing->refs[0])->obj), "another object");
}

static void change_ephemeron(struct world *world)
{
    int i = any_thing(world, THING_EPHEMERON);
    if (i == NOBODY)
        return;
    world_check_ephemeron(world, i);
    struct thing *thing = thing_at(world, i);
    if (thing->refs[0] == NOBODY)
        return;
    thing->refs[1] = draw_value(world, &thing->word);
    require_ok(besom_ephemeron_set(world->rig.m, thing->obj, thing->word));
}

static void change_weak(struct world *world)
{
    int i = any_thing(world, THING_WEAK);
    if (i == NOBODY)
        return;
    world_check_weak(world, i);
    if (draw(world, 10) == 0) {
        require_ok(besom_weak_clear(world->rig.m, thing_at(world, i)->obj));
        thing_at(world, i)->refs[0] = NOBODY;
    }
}

static void change_references(struct world *world)
{
    int target = draw(world, 3) ? any_thing(world, THING_NONE) : NOBODY;
    int item = any_thing(world, THING_ITEM);
    if (item != NOBODY && draw(world, 2))
        set_ref(world, item, draw(world, 2), target);
    else
        world_set_root(world, draw(world, world->how.n_roots), target);
}

void world_change(struct world *world)
{
    size_t what = draw(world, 100);
    if (what < 25)
        bear(world);
    else if (what < 80)
        change_table(world);
    else if (what < 88)
        change_ephemeron(world);
    else if (what < 90)
        change_weak(world);
    else
        change_references(world);
}
