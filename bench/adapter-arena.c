/* adapter-arena.c - a bump allocator that never frees: the other half.
 *
 * Segments come from the system with huge pages, so that what is measured is the bump and the
 * traffic to memory that was never used before, with few page faults. */
#include "bench/adapter-arena.h"

#include "bench/adapter.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#define SEGMENT_BYTES   ((size_t)64 << 20)
#define ARENA_MAX_BYTES ((size_t)6 << 30)

static atomic_size_t taken_bytes;

const char *mem_about(const char *mode)
{
    (void)mode;
    return "arena 1";
}

void *arena_new_slow(struct arena *arena, size_t bytes)
{
    size_t segment = bytes > SEGMENT_BYTES ? bytes : SEGMENT_BYTES;
    if (atomic_fetch_add(&taken_bytes, segment) + segment > ARENA_MAX_BYTES)
        worker_fail("out of memory (6 GiB)");
    char *start = mmap(NULL, segment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        worker_fail("out of memory");
    madvise(start, segment, MADV_HUGEPAGE);
    arena->cursor = start + bytes;
    arena->limit = start + segment;
    return start;
}

static struct mem arena_new(void)
{
    struct mem m = {calloc(1, sizeof *m.arena)};
    if (!m.arena)
        worker_fail("out of memory");
    return m;
}

struct mem mem_open(const struct mem_config *config)
{
    (void)config;
    return arena_new();
}

void mem_close(struct mem m)
{
    free(m.arena);
}

struct mem mem_attach(struct mem first)
{
    (void)first;
    return arena_new();
}

void mem_detach(struct mem m)
{
    free(m.arena);
}

void mem_collect(struct mem m)
{
    (void)m;
}
