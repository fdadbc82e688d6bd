/* test_weak_phase.c - between the stop and the end of the weak phase mutators may call everything,
 * and never see anything half dead. */
#include "weak_player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOVES = 60000, BURST = 300 };

static uint64_t seed_of(const char *options)
{
    uint64_t seed = test_seed();
    for (const char *c = options ? options : ""; *c; c++)
        seed = seed * 31 + (unsigned char)*c;
    return seed;
}

static void report(const struct game *game, const char *options, int players)
{
    printf("weak phase, \"%s\", %d players: %llu moves, %llu of them in %llu weak phases,"
           " %llu things, %llu brought back\n",
           options ? options : "", players, (unsigned long long)game->ops,
           (unsigned long long)game->ops_in_weak_phase, (unsigned long long)game->weak_phases,
           (unsigned long long)game->n / 2, (unsigned long long)game->brought_back);
    fflush(stdout);
}

static size_t capacity_for(size_t moves, int players)
{
    return ((size_t)players * moves + 1000) * 4 + (size_t)(1 << 23);
}

/* The ids given out so far, by whichever thread. */
static uint64_t ids_of(const struct game *game)
{
    return __atomic_load_n(&game->n, __ATOMIC_RELAXED);
}

/* Garbage that keeps the weak phase long. */
static void make_burst(struct game *game, struct besom_mutator *m)
{
    if (ids_of(game) + 4 * BURST < game->capacity / 2)
        for (unsigned i = 0; i < BURST; i++)
            game_make(game, m, i % 2);
}

/* ---- one thread, stepping ---- */

static void step_and_play(const char *options, size_t work_bytes)
{
    struct game *game = calloc(1, sizeof *game);
    struct player *player = calloc(1, sizeof *player);
    require(game && player, "no memory");
    size_t moves = test_ops(scaled(MOVES));
    game_open(game, options, capacity_for(moves, 1));
    struct besom_mutator *m = besom_attach(game->heap);
    require(m != NULL, "no mutator");
    player_open(player, game, m, seed_of(options));
    for (size_t i = 0; i < moves; i++) {
        bool ended = false;
        player_move(player);
        if (i % 3 == 0)
            require_ok(besom_step(m, work_bytes, &ended));
        if (ended)
            make_burst(game, m);
        if (i % 5000 == 0)
            collect(m);
        if (i % 3001 == 0)
            require_ok(besom_collect(m, BESOM_EMERGENCY));
    }
    player_close(player);
    report(game, options, 1);
    ck_assert_uint_gt(game->weak_phases, 0);
    game_close(game, m);
    free(player);
    free(game);
}

START_TEST(stepped_weak_phase_shows_nothing_half_dead)
{
    step_and_play(NULL, 1);
    step_and_play("slow", 1);
    step_and_play("slow,poison,verify", 1000);
    step_and_play("mark_threads=4", 200);
}
END_TEST

/* What an iteration shows is whole, and what get says. */
static void check_entries(struct besom_mutator *m, struct besom_table *table)
{
    struct besom_cursor cursor = {0};
    void *key, *value;
    size_t n = 0;
    while (besom_table_next(m, table, &cursor, &key, &value)) {
        const struct node *k = key, *v = value;
        require(k->type == &node_type && v->type == &node_type, "a dead entry is shown");
        require(v->id == k->id + 1, "an entry was mixed up");
        require(besom_table_get(m, table, key) == value, "the iteration shows another value");
        n++;
    }
    require(n <= besom_table_count(table), "more is shown than counted");
}

/* Changes a table between steps, perhaps in a heap that verifies itself. */
static void change_and_step(enum besom_table_kind kind, const char *options, uint64_t seed)
{
    enum { N = 40 };
    struct rig rig;
    rig_init_exact(&rig, options);
    rig_open(&rig);
    struct rng rng = {seed};
    {
        BESOM_LOCALS(rig.m, void *keys[N]; void *values[N]; struct besom_table * table;);
        my->table = besom_table_new(rig.m, kind, NULL, NULL);
        for (int i = 0; i < 1000 && !rig.watch.unexpected[0]; i++) {
            size_t k = rng_below(&rng, N);
            switch (rng_below(&rng, 4)) {
            case 0:
                my->keys[k] = make(rig.m, &node_type);
                my->values[k] = make(rig.m, &node_type);
                ((struct node *)my->keys[k])->id = 2 * (uint64_t)i;
                ((struct node *)my->values[k])->id = 2 * (uint64_t)i + 1;
                require_ok(besom_table_put(rig.m, my->table, my->keys[k], my->values[k]));
                break;
            case 1: my->keys[k] = NULL; break;
            case 2: my->values[k] = NULL; break;
            default: require_ok(besom_step(rig.m, 1000, NULL));
            }
            check_entries(rig.m, my->table);
            /* Both halves have been held without a break if they are still a pair. */
            const struct node *key = my->keys[k], *value = my->values[k];
            if (key && value)
                require(besom_table_get(rig.m, my->table, key) == value, "an entry was lost");
        }
        if (rig.watch.unexpected[0])
            ck_abort_msg("kind %d, options %s, seed %llu: %s", (int)kind, options,
                         (unsigned long long)seed, rig.watch.unexpected);
    }
    rig_close(&rig);
}

START_TEST(tables_that_change_amid_a_cycle_show_what_lives)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        for (int kind = BESOM_STRONG; kind <= BESOM_WEAK_BOTH; kind++) {
            change_and_step((enum besom_table_kind)kind, "poison", seed);
            change_and_step((enum besom_table_kind)kind, "slow,poison", seed);
        }
}
END_TEST

START_TEST(tables_that_change_amid_a_cycle_verify)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        for (int kind = BESOM_STRONG; kind <= BESOM_WEAK_BOTH; kind++) {
            change_and_step((enum besom_table_kind)kind, "verify", seed);
            change_and_step((enum besom_table_kind)kind, "verify,slow,poison", seed);
        }
}
END_TEST

/* ---- several threads ---- */

struct seat {
    struct game *game;
    struct gate *done;
    uint64_t seed;
    size_t moves;
};

static void *play(void *data)
{
    const struct seat *seat = data;
    struct besom_mutator *m = besom_attach(seat->game->heap);
    struct player *player = calloc(1, sizeof *player);
    require(m && player, "no memory");
    player_open(player, seat->game, m, seat->seed);
    for (size_t i = 0; i < seat->moves; i++) {
        player_move(player);
        if (rng_below(&player->rng, 4) == 0)
            besom_poll(m);
        if (rng_below(&player->rng, 2000) == 0)
            require_ok(besom_step(m, 1, NULL));
        if (rng_below(&player->rng, 20000) == 0)
            collect(m);
    }
    player_close(player);
    require_ok(besom_detach(m));
    free(player);
    gate_raise(seat->done);
    return NULL;
}

static bool all_done(struct gate *done, int n)
{
    pthread_mutex_lock(&done->lock);
    bool all = done->value >= n;
    pthread_mutex_unlock(&done->lock);
    return all;
}

/* Do polls collect, and verify, by the test's options or the environment's? */
static bool is_stressed(const char *options)
{
    const char *environment = getenv("BESOM_OPTIONS");
    return (options && strstr(options, "stress")) || (environment && strstr(environment, "stress"));
}

/* Steps through cycle after cycle while `players` threads play. */
static void play_together(const char *options, int players)
{
    struct game *game = calloc(1, sizeof *game);
    require(game != NULL, "no memory");
    size_t moves = test_ops(scaled(MOVES) / (is_stressed(options) ? 16 : 1));
    game_open(game, options, capacity_for(moves, players));
    struct besom_mutator *m = besom_attach(game->heap);
    require(m != NULL, "no mutator");
    struct gate done;
    gate_init(&done);
    struct seat seats[4];
    pthread_t threads[4];
    for (int i = 0; i < players; i++) {
        seats[i] = (struct seat){game, &done, seed_of(options) + (uint64_t)i, moves};
        threads[i] = thread_start(play, &seats[i]);
    }
    /* Beside players that are quick marking may take longer than they do. */
    while (!all_done(&done, players) || __atomic_load_n(&game->weak_phases, __ATOMIC_RELAXED) == 0) {
        bool ended = false;
        require_ok(besom_step(m, 100, &ended));
        if (ended)
            make_burst(game, m);
        if (ids_of(game) > game->capacity / 2)
            while (game_pull(game, m))
                ;
    }
    require_ok(besom_native_enter(m));
    for (int i = 0; i < players; i++)
        thread_join(threads[i]);
    require_ok(besom_native_leave(m));
    report(game, options, players);
    ck_assert_uint_gt(game->weak_phases, 0);
    game_close(game, m);
    free(game);
}

START_TEST(weak_phase_beside_mutators_shows_nothing_half_dead)
{
    for (int players = 1; players <= 4; players++) {
        play_together(NULL, players);
        play_together("slow", players);
    }
    play_together("mark_threads=4,poison", 3);
    play_together("stress=7,verify", 2);
    play_together("slow,poison,mark_stack=64", 4);
    play_together("mode=incremental", 3);
    play_together("mode=concurrent,generational,nursery=64k", 3);
    play_together("mode=concurrent,slow,poison", 2);
    play_together("mode=incremental,generational,nursery=64k,stress=7,verify", 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        stepped_weak_phase_shows_nothing_half_dead,
        tables_that_change_amid_a_cycle_show_what_lives,
        tables_that_change_amid_a_cycle_verify,
        weak_phase_beside_mutators_shows_nothing_half_dead,
    };
    test_seed();
    return run_tests("weak phase", tests, sizeof tests / sizeof *tests);
}
