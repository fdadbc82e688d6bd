/* workload-give-back.c - how much memory stays with the process when nothing is left of a heap.
 *
 * The resident size with an empty heap; then objects of many sizes, small, large and huge, all of
 * them dropped; then the resident size again.  The difference is the figure. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/random.h"

struct buffer {
    const void *type;
    uint64_t words[];
};

static const struct mem_type buffer_type = {
    .layout = {.name = "buffer", .size_bytes = sizeof(struct buffer), .flags = BESOM_LEAF},
};
static const struct mem_type *const types[] = {&buffer_type};

/* Mostly small; one in 500 up to 256 KiB, one in 20000 up to 8 MiB. */
static size_t size_draw(struct random *random)
{
    uint64_t which = random_below(random, 20000);
    if (which == 0)
        return (4 << 20) + random_below(random, 4 << 20);
    if (which % 500 == 1)
        return (16 << 10) + random_below(random, 240 << 10);
    return 32 + random_below(random, 480);
}

static struct buffer *buffer_new(struct mem m, size_t bytes)
{
    mem_poll(m);
    struct buffer *buffer = mem_new_sized(m, &buffer_type, bytes);
    for (size_t i = 0; i < (bytes - sizeof *buffer) / sizeof(uint64_t); i++)
        buffer->words[i] = i;
    return buffer;
}

/* Allocates until live_bytes are reached or the roots are used up; the number of objects. */
static size_t grow(struct mem m, struct mem_roots roots, uint64_t live_bytes)
{
    struct random random = {1};
    size_t n = 0;
    for (uint64_t bytes = 0; n < roots.n && bytes < live_bytes; n++) {
        size_t size = size_draw(&random);
        roots.slot[n] = buffer_new(m, size);
        bytes += size;
    }
    return n;
}

void workload_give_back(const struct params *params)
{
    const uint64_t live_bytes = params_count(params, "live_bytes");
    struct mem_config config = {
        .mode = params_text(params, "mode", ""), .types = types, .n_types = 1};
    struct mem m = mem_open(&config);
    struct mem_roots roots = mem_roots_new(m, live_bytes / 256);
    for (size_t i = 0; i < roots.n; i++)
        roots.slot[i] = NULL; /* touched: the pages of the table are not the contestant's */
    mem_free(m, buffer_new(m, 64));
    mem_give_back(m);
    const uint64_t empty_bytes = worker_rss_bytes();

    size_t n = grow(m, roots, live_bytes);
    const uint64_t full_bytes = worker_rss_bytes();
    for (size_t i = 0; i < n; i++) {
        mem_free(m, roots.slot[i]);
        roots.slot[i] = NULL;
    }
    mem_give_back(m);

    worker_value("rss_left_bytes", (double)worker_rss_bytes() - (double)empty_bytes);
    worker_value("rss_full_bytes", (double)full_bytes - (double)empty_bytes);
    worker_check(n);
    mem_roots_free(m, roots);
    mem_close(m);
}
