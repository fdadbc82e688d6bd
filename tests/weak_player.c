/* weak_player.c - see weak_player.h. */
#include "weak_player.h"

#include <stdlib.h>
#include <string.h>

/* ---- things ---- */

static void count_destroyed(struct besom_heap *heap, void *obj)
{
    (void)heap;
    const struct thing *thing = obj;
    __atomic_fetch_add(&thing->game->destroyed[thing->id], 1, __ATOMIC_RELAXED);
}

static const struct besom_field thing_fields[] = {{"child", offsetof(struct thing, child)}};
const struct besom_type thing_type = {.name = "thing",
                                      .size_bytes = sizeof(struct thing),
                                      .fields = thing_fields,
                                      .n_fields = 1,
                                      .destroy = count_destroyed};

static void check_thing(const struct thing *thing)
{
    require(thing->type == &thing_type, "no thing");
    const struct game *game = thing->game;
    require(!__atomic_load_n(&game->destroyed[thing->id], __ATOMIC_RELAXED), "it was destroyed");
    const struct thing *child = thing->child;
    require(child && child->type == &thing_type && child->id == thing->id + 1,
            "its child was not kept");
    require(!__atomic_load_n(&game->destroyed[child->id], __ATOMIC_RELAXED),
            "its child was destroyed");
}

static void enroll(struct game *game, struct besom_mutator *m, struct thing *thing)
{
    require_ok(besom_finalizer_add_group(m, thing, (unsigned)(thing->id / 2 % 3)));
    __atomic_fetch_add(&game->registered[thing->id], 1, __ATOMIC_RELAXED);
}

struct thing *game_make(struct game *game, struct besom_mutator *m, unsigned n)
{
    uint64_t id = __atomic_fetch_add(&game->n, 2, __ATOMIC_RELAXED);
    require(id + 2 <= game->capacity, "too many things");
    struct thing *thing = make(m, &thing_type), *child = make(m, &thing_type);
    thing->game = child->game = game;
    thing->id = id;
    child->id = id + 1;
    thing->child = child;
    besom_write(m, thing);
    while (n-- > 0)
        enroll(game, m, thing);
    return thing;
}

struct thing *game_pull(struct game *game, struct besom_mutator *m)
{
    struct thing *thing = besom_finalizer_next(m);
    if (!thing)
        return NULL;
    check_thing(thing);
    unsigned times = __atomic_add_fetch(&game->pulled[thing->id], 1, __ATOMIC_RELAXED);
    require(times <= __atomic_load_n(&game->registered[thing->id], __ATOMIC_RELAXED),
            "it came more often than it was registered");
    return thing;
}

/* ---- the game ---- */

static void note_phase(void *host, const struct besom_event *event)
{
    struct game *game = host;
    if (event->kind == BESOM_EVENT_PHASE_BEGIN) {
        __atomic_store_n(&game->phase, (int)event->phase, __ATOMIC_RELAXED);
        if (event->phase == BESOM_WEAK)
            __atomic_fetch_add(&game->weak_phases, 1, __ATOMIC_RELAXED);
    }
    game->note(host, event);
}

void game_open(struct game *game, const char *options, size_t capacity)
{
    memset(game, 0, sizeof *game);
    besom_config_init(&game->config);
    watch_init(&game->watch, &game->config);
    game->note = game->config.on_event;
    game->config.on_event = note_phase;
    game->config.options_text = options;
    game->capacity = capacity;
    game->destroyed = calloc(3, capacity);
    require(game->destroyed != NULL, "no memory");
    game->registered = game->destroyed + capacity;
    game->pulled = game->registered + capacity;
    struct besom_report report = {{0}};
    if (besom_heap_new(&game->config, &game->heap, &report) != BESOM_OK)
        ck_abort_msg("%s", report.text);
}

void game_close(struct game *game, struct besom_mutator *m)
{
    for (int i = 0; i < 3; i++) {
        collect(m);
        while (game_pull(game, m))
            ;
    }
    collect(m);
    require(count_objects(m, &thing_type) == 0, "things are left");
    verify(m);
    for (uint64_t id = 0; id < game->n; id++) {
        require(game->destroyed[id] == 1, "a hook was not called once");
        require(game->pulled[id] == game->registered[id], "a registration was lost");
    }
    struct besom_stats s = stats_of(game->heap);
    ck_assert_uint_eq(s.finalizers + s.finalizers_ready, 0);
    require_ok(besom_detach(m));
    require_ok(besom_heap_free(game->heap));
    watch_check(&game->watch);
    free(game->destroyed);
}

/* ---- a player ---- */

enum {
    LONGS = PLAYER_THINGS,
    SHORTS = 2 * PLAYER_THINGS,
    EPHEMERONS = 3 * PLAYER_THINGS,
    KEYS = 4 * PLAYER_THINGS, /* the tables */
    VALUES,
    SPARE /* things of anybody's that a finalizer brought back */
};

void player_open(struct player *player, struct game *game, struct besom_mutator *m, uint64_t seed)
{
    memset(player, 0, sizeof *player);
    player->game = game;
    player->m = m;
    player->rng.state = seed;
    require_ok(besom_root_range(game->heap, player->slots, PLAYER_SLOTS, "player",
                                &player->root));
    player->slots[KEYS] = besom_table_new(m, BESOM_WEAK_KEYS, NULL, NULL);
    player->slots[VALUES] = besom_table_new(m, BESOM_WEAK_VALUES, NULL, NULL);
    require(player->slots[KEYS] && player->slots[VALUES], "no tables");
}

void player_close(struct player *player)
{
    memset(player->slots, 0, sizeof player->slots);
    require_ok(besom_root_free(player->root));
}

static void fill_slot(struct player *p, size_t k)
{
    void **slots = p->slots;
    unsigned registrations = rng_below(&p->rng, 2) ? 0 : (unsigned)rng_below(&p->rng, 3);
    struct thing *thing = game_make(p->game, p->m, registrations);
    slots[k] = thing;
    slots[LONGS + k] = besom_weak_new(p->m, BESOM_WEAK_LONG, thing);
    slots[SHORTS + k] = besom_weak_new(p->m, BESOM_WEAK_SHORT, thing);
    slots[EPHEMERONS + k] = besom_ephemeron_new(p->m, thing, thing->child);
    require(slots[LONGS + k] && slots[SHORTS + k] && slots[EPHEMERONS + k], "no memory");
    require_ok(besom_table_put(p->m, slots[KEYS], thing, thing->child));
    require_ok(besom_table_put(p->m, slots[VALUES], slots[LONGS + k], thing));
    p->ids[k] = thing->id;
    p->always[k] = true;
}

/* The thing is gone, for everyone. */
static void check_gone(struct player *p, size_t k)
{
    void **slots = p->slots;
    require(!slots[k], "a rooted thing is gone");
    require(!besom_ephemeron_key(p->m, slots[EPHEMERONS + k]), "the ephemeron has the key");
    require(!besom_ephemeron_value(p->m, slots[EPHEMERONS + k]), "the ephemeron has the value");
    require(!besom_weak_get(p->m, slots[SHORTS + k]), "the short reference has it");
    require(!besom_table_get(p->m, slots[VALUES], slots[LONGS + k]), "the table has the value");
    require(!besom_weak_get(p->m, slots[LONGS + k]), "it came back");
}

static void check_there(struct player *p, size_t k, struct thing *thing)
{
    void **slots = p->slots;
    check_thing(thing);
    require(thing->id == p->ids[k], "another thing");
    require(!slots[k] || slots[k] == thing, "another thing than the rooted one");
    require(besom_weak_get(p->m, slots[LONGS + k]) == thing, "the long reference lost it");
    require(besom_ephemeron_key(p->m, slots[EPHEMERONS + k]) == thing, "the key is lost");
    require(besom_ephemeron_value(p->m, slots[EPHEMERONS + k]) == thing->child,
            "the value is lost");
    require(besom_table_get(p->m, slots[KEYS], thing) == thing->child, "the entry is lost");
    if (p->always[k]) {
        require(besom_weak_get(p->m, slots[SHORTS + k]) == thing, "the short one lost it");
        require(besom_table_get(p->m, slots[VALUES], slots[LONGS + k]) == thing,
                "the weak value is lost");
    }
}

/* Asks for what may be dead, in one way or another, and holds it again, perhaps. */
static void look_at(struct player *p, size_t k)
{
    void **slots = p->slots;
    if (!slots[LONGS + k])
        return;
    struct thing *thing = NULL;
    switch (rng_below(&p->rng, 4)) {
    case 0:
        thing = besom_weak_get(p->m, slots[SHORTS + k]);
        break;
    case 1:
        thing = besom_ephemeron_key(p->m, slots[EPHEMERONS + k]);
        break;
    case 2:
        thing = besom_table_get(p->m, slots[VALUES], slots[LONGS + k]);
        break;
    }
    if (!thing)
        thing = besom_weak_get(p->m, slots[LONGS + k]);
    if (!thing) {
        check_gone(p, k);
        return;
    }
    check_there(p, k, thing);
    if (!slots[k] && rng_below(&p->rng, 2)) {
        slots[k] = thing;
        __atomic_fetch_add(&p->game->brought_back, 1, __ATOMIC_RELAXED);
    }
}

/* Sees each entry of the table of weak keys once, all of them whole. */
static void walk_table(struct player *p)
{
    struct besom_cursor cursor = {0};
    void *key, *value;
    while (besom_table_next(p->m, p->slots[KEYS], &cursor, &key, &value)) {
        check_thing(key);
        require(((struct thing *)key)->child == value, "another value");
    }
    for (cursor = (struct besom_cursor){0};
         besom_table_next(p->m, p->slots[VALUES], &cursor, &key, &value);)
        check_thing(value);
}

static void pull_some(struct player *p)
{
    struct thing *thing;
    for (size_t n = rng_below(&p->rng, 30); n > 0 && (thing = game_pull(p->game, p->m)); n--) {
        if (rng_below(&p->rng, 8) == 0)
            p->slots[SPARE + rng_below(&p->rng, 8)] = thing;
        else if (rng_below(&p->rng, 8) == 0)
            enroll(p->game, p->m, thing);
    }
}

void player_move(struct player *p)
{
    size_t k = rng_below(&p->rng, PLAYER_THINGS);
    __atomic_fetch_add(&p->game->ops, 1, __ATOMIC_RELAXED);
    if (__atomic_load_n(&p->game->phase, __ATOMIC_RELAXED) == BESOM_WEAK)
        __atomic_fetch_add(&p->game->ops_in_weak_phase, 1, __ATOMIC_RELAXED);
    switch (rng_below(&p->rng, 12)) {
    case 0:
        fill_slot(p, k);
        break;
    case 1:
    case 2:
    case 3:
        p->slots[k] = NULL;
        p->always[k] = false;
        break;
    case 4:
        pull_some(p);
        break;
    case 5:
        if (p->slots[k])
            enroll(p->game, p->m, p->slots[k]);
        break;
    case 6:
        if (rng_below(&p->rng, 8) == 0)
            walk_table(p);
        if (rng_below(&p->rng, 8) == 0)
            p->slots[SPARE + rng_below(&p->rng, 8)] = NULL;
        break;
    default:
        look_at(p, k);
    }
}
