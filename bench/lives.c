/* lives.c - what is known of each object, found by its address.
 *
 * A slot whose record is dropped is filled by moving later ones of its run forward, so that searches
 * end at the first empty slot. */
#include "bench/lives.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM_MIN = 1024 };

static _Noreturn void out_of_memory(void)
{
    fputs("out of memory for the record of objects\n", stderr);
    abort();
}

struct lives *lives_new(void)
{
    struct lives *lives = calloc(1, sizeof *lives);
    if (!lives)
        out_of_memory();
    lives->room = ROOM_MIN;
    lives->slots = 2 * (size_t)ROOM_MIN;
    lives->at = calloc(lives->room, sizeof *lives->at);
    lives->numbers = calloc(lives->slots, sizeof *lives->numbers);
    if (!lives->at || !lives->numbers)
        out_of_memory();
    return lives;
}

void lives_free(struct lives *lives)
{
    free(lives->at);
    free(lives->numbers);
    free(lives);
}

static size_t slot_of(const struct lives *lives, const void *obj)
{
    return (size_t)(((uint64_t)(uintptr_t)obj >> 4) * 0x9E3779B97F4A7C15u >> 32) &
           (lives->slots - 1);
}

/* Where the object's number is, or would be. */
static size_t search(const struct lives *lives, const void *obj)
{
    size_t at = slot_of(lives, obj);
    while (lives->numbers[at] && lives->at[lives->numbers[at] - 1].obj != obj)
        at = (at + 1) & (lives->slots - 1);
    return at;
}

uint32_t lives_find(const struct lives *lives, const void *obj)
{
    const uint32_t number = lives->numbers[search(lives, obj)];
    return number ? number - 1 : LIVES_NONE;
}

static void grow(struct lives *lives)
{
    const uint32_t room = 2 * lives->room;
    struct life *at = realloc(lives->at, room * sizeof *at);
    uint32_t *numbers = calloc(2 * (size_t)room, sizeof *numbers);
    if (!at || !numbers)
        out_of_memory();
    free(lives->numbers);
    lives->at = at;
    lives->numbers = numbers;
    lives->room = room;
    lives->slots = 2 * (size_t)room;
    for (uint32_t i = 0; i < lives->n; i++) {
        if (at[i].obj)
            numbers[search(lives, at[i].obj)] = i + 1;
    }
}

uint32_t lives_add(struct lives *lives, void *obj)
{
    uint32_t number = lives->free - 1;
    if (lives->free) {
        lives->free = (uint32_t)lives->at[number].bytes;
    } else {
        if (lives->n == lives->room)
            grow(lives);
        number = lives->n++;
    }
    lives->numbers[search(lives, obj)] = number + 1;
    lives->at[number] = (struct life){.obj = obj};
    return number;
}

/* Is `home` cyclically in (hole, at]?  Then what is at `at` is found without the hole. */
static bool is_between(size_t hole, size_t home, size_t at)
{
    return hole <= at ? hole < home && home <= at : hole < home || home <= at;
}

void lives_drop(struct lives *lives, uint32_t number)
{
    struct life *life = &lives->at[number];
    size_t hole = search(lives, life->obj);
    lives->numbers[hole] = 0;
    for (size_t at = (hole + 1) & (lives->slots - 1); lives->numbers[at];
         at = (at + 1) & (lives->slots - 1)) {
        const size_t home = slot_of(lives, lives->at[lives->numbers[at] - 1].obj);
        if (is_between(hole, home, at))
            continue;
        lives->numbers[hole] = lives->numbers[at];
        lives->numbers[at] = 0;
        hole = at;
    }
    life->obj = NULL;
    life->bytes = lives->free;
    lives->free = number + 1;
}

uint64_t lives_own_bytes(const struct lives *lives)
{
    return lives->n * sizeof *lives->at + lives->slots * sizeof *lives->numbers;
}
