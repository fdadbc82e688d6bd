/* weak_player.h - a program that uses every weak structure at any moment of a cycle, and checks
 * each answer.
 *
 * A player owns slots with things.  Of each thing it keeps a long and a short weak reference, an
 * ephemeron and entries in two tables, drops it, and asks for it again: what it gets is either
 * gone, and then for every structure, or whole.  Things have hooks that are counted, and finalizers
 * that may bring them to any player. */
#ifndef TESTS_WEAK_PLAYER_H
#define TESTS_WEAK_PLAYER_H

#include "support.h"

struct game;

struct thing {
    const struct besom_type *type;
    struct thing *child; /* whose id is one more; it has none */
    struct game *game;
    uint64_t id;
};
extern const struct besom_type thing_type;

/* The counts of all things, by id.  Atomic. */
struct game {
    struct watch watch; /* first: the heap's host */
    void (*note)(void *host, const struct besom_event *event); /* the watch's */
    int phase;          /* enum besom_phase */
    uint64_t weak_phases, ops, ops_in_weak_phase, brought_back;
    struct besom_config config;
    struct besom_heap *heap;
    uint64_t n, capacity; /* ids given out, and their bound */
    unsigned char *destroyed, *registered, *pulled;
};

void game_open(struct game *game, const char *options, size_t capacity);
/* Pulls and collects until nothing is left; checks every count; frees the heap. */
void game_close(struct game *game, struct besom_mutator *m);

/* A thing with a child, held by nobody; registered for finalization n times. */
struct thing *game_make(struct game *game, struct besom_mutator *m, unsigned n);
/* Takes one out of the queue and checks it; or NULL. */
struct thing *game_pull(struct game *game, struct besom_mutator *m);

enum { PLAYER_THINGS = 40, PLAYER_SLOTS = 4 * PLAYER_THINGS + 2 + 8 };

struct player {
    struct game *game;
    struct besom_mutator *m;
    struct rng rng;
    void *slots[PLAYER_SLOTS];
    struct besom_root *root;
    uint64_t ids[PLAYER_THINGS];
    bool always[PLAYER_THINGS]; /* held without a break, so that short references show it */
};

void player_open(struct player *player, struct game *game, struct besom_mutator *m, uint64_t seed);
/* One random operation.  Never a safepoint. */
void player_move(struct player *player);
void player_close(struct player *player);

#endif
