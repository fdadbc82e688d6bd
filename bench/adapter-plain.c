/* adapter-plain.c - what is the same for all contestants that stop nobody and read no roots. */
#include "bench/adapter.h"

#include <stdlib.h>

void mem_wait_begin(struct mem m)
{
    (void)m;
}

void mem_wait_end(struct mem m)
{
    (void)m;
}

struct mem_roots mem_roots_new(struct mem m, size_t n)
{
    (void)m;
    void **slots = calloc(n, sizeof *slots);
    if (!slots)
        worker_fail("out of memory");
    return (struct mem_roots){slots, n, NULL};
}

void mem_roots_free(struct mem m, struct mem_roots roots)
{
    (void)m;
    free(roots.slot);
}

uint64_t mem_stopped_ns(struct mem m)
{
    (void)m;
    return 0;
}

uint64_t mem_stop_max_ns(struct mem m)
{
    (void)m;
    return 0;
}

uint64_t mem_collections(struct mem m)
{
    (void)m;
    return 0;
}

uint64_t mem_stops_cpu_ns(struct mem m)
{
    (void)m;
    return 0;
}

uint64_t mem_live_bytes(struct mem m)
{
    (void)m;
    return 0;
}

size_t mem_held(struct mem m, struct held *held, size_t room)
{
    (void)m;
    (void)held;
    (void)room;
    return 0;
}
