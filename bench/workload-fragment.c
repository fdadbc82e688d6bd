/* workload-fragment.c - what is lost between survivors of one size when another size comes.
 *
 * Grow with objects of 48 bytes; drop three in four, at random; collect; allocate objects of 112
 * bytes until as many bytes are live as before; collect.  Fragmentation is then 1 - live bytes /
 * bytes of blocks that hold anything.  The clock runs from the first drop to the last
 * collection. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/random.h"

struct object {
    const void *type;
    struct object *link;
    uint64_t words[];
};

static const struct besom_field object_fields[] = {{"link", offsetof(struct object, link)}};
static const struct mem_type object_48 = {
    .layout = {.name = "object", .size_bytes = 48, .fields = object_fields, .n_fields = 1},
    .index = 0,
};
static const struct mem_type object_112 = {
    .layout = {.name = "object", .size_bytes = 112, .fields = object_fields, .n_fields = 1},
    .index = 1,
};
static const struct mem_type *const types[] = {&object_48, &object_112};

/* Inlined, so that a compiler sees the type's size. */
static inline __attribute__((always_inline)) struct object *object_new(struct mem m,
                                                                       const struct mem_type *type,
                                                                       uint64_t number)
{
    mem_poll(m);
    struct object *obj = mem_new(m, type);
    obj->link = NULL;
    for (size_t i = 0; i < type->layout.size_bytes / sizeof(uint64_t) - 2; i++)
        obj->words[i] = number;
    return obj;
}

/* Drops three in four; the bytes dropped. */
static uint64_t drop(struct mem m, struct mem_roots objects)
{
    struct random random = {1};
    uint64_t dropped = 0;
    for (size_t i = 0; i < objects.n; i++) {
        if (random_below(&random, 4) == 0)
            continue;
        mem_free(m, objects.slot[i]);
        objects.slot[i] = NULL;
        dropped += object_48.layout.size_bytes;
    }
    return dropped;
}

/* Fills empty slots with larger objects, of as many bytes; the bytes allocated. */
static uint64_t refill(struct mem m, struct mem_roots objects, uint64_t bytes)
{
    uint64_t filled = 0;
    for (size_t i = 0; i < objects.n && filled + object_112.layout.size_bytes <= bytes; i++) {
        if (objects.slot[i])
            continue;
        objects.slot[i] = object_new(m, &object_112, i);
        filled += object_112.layout.size_bytes;
    }
    return filled;
}

static uint64_t sum_of(struct mem_roots objects)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < objects.n; i++) {
        const struct object *obj = objects.slot[i];
        sum += obj ? obj->words[3] : 0;
    }
    return sum;
}

void workload_fragment(const struct params *params)
{
    const size_t n = params_count(params, "entries");
    struct mem_config config = {.mode = params_text(params, "mode", ""),
                                .types = types,
                                .n_types = sizeof types / sizeof types[0]};
    struct mem m = mem_open(&config);
    struct mem_roots objects = mem_roots_new(m, n);
    for (size_t i = 0; i < n; i++)
        objects.slot[i] = NULL; /* touched: the pages of the table are not the contestant's */
    const uint64_t empty_bytes = mem_blocks_bytes(m);
    for (size_t i = 0; i < n; i++)
        objects.slot[i] = object_new(m, &object_48, i);

    uint64_t began = clock_ns();
    uint64_t live_bytes = n * object_48.layout.size_bytes;
    uint64_t dropped = drop(m, objects);
    mem_collect(m);
    live_bytes += refill(m, objects, dropped) - dropped;
    mem_collect(m);
    uint64_t took = clock_ns() - began;

    double blocks_bytes = (double)(mem_blocks_bytes(m) - empty_bytes);
    worker_value("fragmentation", 1 - (double)live_bytes / blocks_bytes);
    worker_value("wall_ms", (double)took / 1e6);
    worker_param("live_bytes", (double)live_bytes);
    worker_check(sum_of(objects));
    mem_roots_free(m, objects);
    mem_close(m);
}
