/* poison.c - making use of the dead visible. */
#include "gc/poison.h"

#include "gc/event.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

static const uint64_t pattern = 0xdbdbdbdbdbdbdbdbu;

void besom__poison_fill(void *start, size_t bytes)
{
    memset(start, (int)(pattern & 0xff), bytes);
}

void besom__poison_check(struct besom_heap *heap, const void *start, size_t bytes)
{
    const uint64_t *words = start;
    for (size_t i = 0; i < bytes / sizeof *words; i++)
        if (words[i] != 0 && words[i] != pattern) {
            besom__finding(heap, BESOM_EVENT_DEAD_WRITE, &words[i],
                           "poison: the free word at %p was overwritten with %#" PRIx64
                           " after the object it belonged to had died",
                           (const void *)&words[i], words[i]);
            return;
        }
}
