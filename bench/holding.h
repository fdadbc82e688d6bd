/* holding.h - asks the contestant for its pauses, and prints those of a stretch. */
#ifndef BENCH_HOLDING_H
#define BENCH_HOLDING_H

#include "bench/adapter.h"
#include "bench/held.h"

#include <stdlib.h>

/* `room` as in mem_config.pauses; 0: nothing is asked and nothing printed. */
static inline void holding_print(struct mem m, size_t room, struct interval stretch)
{
    if (room == 0)
        return;
    struct held *held = calloc(room, sizeof *held);
    if (!held)
        worker_fail("out of memory for the pauses");
    held_print(held, mem_held(m, held, room), stretch);
    free(held);
}

#endif
