/* adapter-bare.c - the limit of marking: a loop with a bit vector and a prefetch queue.
 *
 * A reference is tested and marked where it is found, in a bit vector small enough to stay in a
 * cache; what is marked first is pushed.  What is popped is prefetched, and waits in a queue of 16
 * for its line to arrive before it is looked at.  While the stack is empty the queue is drained at
 * once, so that a list does not wait for nothing. */
#include "bench/adapter-bare.h"

#include "bench/adapter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    QUEUE = 16,
    OBJECTS_MAX = 1 << 26 /* address space for so many, used as far as needed */
};

const char *mem_about(const char *mode)
{
    (void)mode;
    return "bare 1";
}

static void *map_bytes(size_t bytes)
{
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        worker_fail("out of memory");
    return start;
}

struct mem mem_open(const struct mem_config *config)
{
    const struct besom_type *type = &config->types[0]->layout;
    if (config->n_types != 1 || type->size_bytes != BARE_OBJECT_BYTES)
        worker_fail("bare marks objects of one type and 32 bytes");
    struct mem m = {calloc(1, sizeof *m.bare)};
    if (!m.bare)
        worker_fail("out of memory");
    m.bare->start = m.bare->cursor = map_bytes((size_t)OBJECTS_MAX * BARE_OBJECT_BYTES);
    m.bare->limit = m.bare->start + (size_t)OBJECTS_MAX * BARE_OBJECT_BYTES;
    m.bare->bits = map_bytes(OBJECTS_MAX / 8);
    m.bare->stack = map_bytes(OBJECTS_MAX * type->n_fields * sizeof(void *));
    m.bare->n_fields = type->n_fields;
    m.bare->first_field_bytes = type->fields[0].offset_bytes;
    return m;
}

void mem_close(struct mem m)
{
    free(m.bare);
}

struct mem_roots mem_roots_new(struct mem m, size_t n)
{
    void **slots = calloc(n, sizeof *slots);
    if (!slots)
        worker_fail("out of memory");
    if (!m.bare->root) {
        m.bare->root = slots;
        m.bare->n_roots = n;
    }
    return (struct mem_roots){slots, n, NULL};
}

void mem_roots_free(struct mem m, struct mem_roots roots)
{
    if (roots.slot == m.bare->root)
        m.bare->root = NULL;
    free(roots.slot);
}

/* Sets obj's bit; says whether it was the first to do so. */
static inline bool mark(const struct bare *bare, const void *obj)
{
    size_t index = (size_t)((const char *)obj - bare->start) / BARE_OBJECT_BYTES;
    uint64_t bit = (uint64_t)1 << (index & 63);
    uint64_t *word = &bare->bits[index >> 6];
    bool is_first = !(*word & bit);
    *word |= bit;
    return is_first;
}

/* Marks what is reachable from the stack's `depth` objects, which have their bits already. */
static void drain(const struct bare *bare, size_t depth)
{
    void **stack = bare->stack;
    void *queue[QUEUE];
    size_t head = 0, queued = 0;
    const size_t n_fields = bare->n_fields, first = bare->first_field_bytes;
    while (depth != 0 || queued != 0) {
        if (depth != 0) {
            void *incoming = stack[--depth];
            __builtin_prefetch(incoming);
            queue[(head + queued++) % QUEUE] = incoming;
            if (queued < QUEUE && depth != 0)
                continue;
        }
        void *const *fields = (void *const *)((const char *)queue[head] + first);
        head = (head + 1) % QUEUE;
        queued--;
        for (size_t i = 0; i < n_fields; i++) {
            if (fields[i] && mark(bare, fields[i]))
                stack[depth++] = fields[i];
        }
    }
}

void mem_collect(struct mem m)
{
    struct bare *bare = m.bare;
    size_t n = (size_t)(bare->cursor - bare->start) / BARE_OBJECT_BYTES;
    memset(bare->bits, 0, (n / 64 + 1) * sizeof(uint64_t));
    size_t depth = 0;
    for (size_t i = 0; i < bare->n_roots; i++) {
        if (bare->root[i] && mark(bare, bare->root[i]))
            bare->stack[depth++] = bare->root[i];
    }
    drain(bare, depth);
}
