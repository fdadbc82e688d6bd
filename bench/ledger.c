/* ledger.c - what is known of each object, found by its address.
 *
 * A slot whose record is dropped is filled by moving later ones of its run forward, so that searches
 * end at the first empty slot. */
#include "bench/ledger.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM_MIN = 1024 };

static _Noreturn void out_of_memory(void)
{
    fputs("out of memory for the ledger of objects\n", stderr);
    abort();
}

struct ledger *ledger_new(void)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        out_of_memory();
    ledger->room = ROOM_MIN;
    ledger->slots = 2 * (size_t)ROOM_MIN;
    ledger->lives = calloc(ledger->room, sizeof *ledger->lives);
    ledger->numbers = calloc(ledger->slots, sizeof *ledger->numbers);
    if (!ledger->lives || !ledger->numbers)
        out_of_memory();
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    free(ledger->lives);
    free(ledger->numbers);
    free(ledger);
}

static size_t slot_of(const struct ledger *ledger, const void *obj)
{
    return (size_t)(((uint64_t)(uintptr_t)obj >> 4) * 0x9E3779B97F4A7C15u >> 32) &
           (ledger->slots - 1);
}

/* Where the object's number is, or would be. */
static size_t search(const struct ledger *ledger, const void *obj)
{
    size_t at = slot_of(ledger, obj);
    while (ledger->numbers[at] && ledger->lives[ledger->numbers[at] - 1].obj != obj)
        at = (at + 1) & (ledger->slots - 1);
    return at;
}

uint32_t ledger_find(const struct ledger *ledger, const void *obj)
{
    const uint32_t number = ledger->numbers[search(ledger, obj)];
    return number ? number - 1 : LEDGER_NONE;
}

static void grow(struct ledger *ledger)
{
    const uint32_t room = 2 * ledger->room;
    struct life *lives = realloc(ledger->lives, room * sizeof *lives);
    uint32_t *numbers = calloc(2 * (size_t)room, sizeof *numbers);
    if (!lives || !numbers)
        out_of_memory();
    free(ledger->numbers);
    ledger->lives = lives;
    ledger->numbers = numbers;
    ledger->room = room;
    ledger->slots = 2 * (size_t)room;
    for (uint32_t i = 0; i < ledger->n; i++) {
        if (lives[i].obj)
            numbers[search(ledger, lives[i].obj)] = i + 1;
    }
}

uint32_t ledger_add(struct ledger *ledger, void *obj)
{
    uint32_t number = ledger->free - 1;
    if (ledger->free) {
        ledger->free = (uint32_t)ledger->lives[number].bytes;
    } else {
        if (ledger->n == ledger->room)
            grow(ledger);
        number = ledger->n++;
    }
    ledger->numbers[search(ledger, obj)] = number + 1;
    ledger->lives[number] = (struct life){.obj = obj};
    return number;
}

/* Is `home` cyclically in (hole, at]?  Then what is at `at` is found without the hole. */
static bool is_between(size_t hole, size_t home, size_t at)
{
    return hole <= at ? hole < home && home <= at : hole < home || home <= at;
}

void ledger_drop(struct ledger *ledger, uint32_t number)
{
    struct life *life = &ledger->lives[number];
    size_t hole = search(ledger, life->obj);
    ledger->numbers[hole] = 0;
    for (size_t at = (hole + 1) & (ledger->slots - 1); ledger->numbers[at];
         at = (at + 1) & (ledger->slots - 1)) {
        const size_t home = slot_of(ledger, ledger->lives[ledger->numbers[at] - 1].obj);
        if (is_between(hole, home, at))
            continue;
        ledger->numbers[hole] = ledger->numbers[at];
        ledger->numbers[at] = 0;
        hole = at;
    }
    life->obj = NULL;
    life->bytes = ledger->free;
    ledger->free = number + 1;
}

uint64_t ledger_own_bytes(const struct ledger *ledger)
{
    return ledger->n * sizeof *ledger->lives + ledger->slots * sizeof *ledger->numbers;
}
