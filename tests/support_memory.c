/* support_memory.c - the ledger of support.h: the system's memory, counted and made to fail. */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static bool fails(struct ledger *ledger)
{
    uint64_t call = __atomic_add_fetch(&ledger->calls, 1, __ATOMIC_RELAXED);
    if (call != ledger->failing)
        return false;
    __atomic_store_n(&ledger->failed, true, __ATOMIC_RELAXED);
    return true;
}

static struct ledger *ledger_of(void *host)
{
    return &((struct ledger_host *)host)->ledger;
}

static void *map(void *host, size_t bytes, size_t align_bytes)
{
    struct ledger *ledger = ledger_of(host);
    if (fails(ledger) || __atomic_load_n(&ledger->refuse_maps, __ATOMIC_RELAXED))
        return NULL;
    size_t room = bytes + align_bytes;
    char *start = mmap(NULL, room, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        return NULL;
    size_t before = -(uintptr_t)start & (align_bytes - 1);
    if (before)
        munmap(start, before);
    munmap(start + before + bytes, room - before - bytes);
    __atomic_fetch_add(&ledger->maps, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&ledger->mapped_bytes, (int64_t)bytes, __ATOMIC_RELAXED);
    return start + before;
}

static void unmap(void *host, void *start, size_t bytes)
{
    struct ledger *ledger = ledger_of(host);
    munmap(start, bytes);
    __atomic_fetch_sub(&ledger->maps, 1, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&ledger->mapped_bytes, (int64_t)bytes, __ATOMIC_RELAXED);
}

static void *alloc(void *host, size_t bytes)
{
    struct ledger *ledger = ledger_of(host);
    void *block = fails(ledger) ? NULL : malloc(bytes);
    if (block) {
        memset(block, 0xA5, bytes); /* like malloc: not zeroed */
        __atomic_fetch_add(&ledger->allocs, 1, __ATOMIC_RELAXED);
    }
    return block;
}

static void release(void *host, void *block)
{
    if (block)
        __atomic_fetch_sub(&ledger_of(host)->allocs, 1, __ATOMIC_RELAXED);
    free(block);
}

void ledger_init(struct ledger_host *host, struct besom_config *config)
{
    memset(&host->ledger, 0, sizeof host->ledger);
    watch_init(&host->watch, config);
    config->memory = (struct besom_memory){map, unmap, alloc, release};
}
