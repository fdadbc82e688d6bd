/* workload-false-retention.c - dropped lists that data which looks like addresses keeps alive.
 *
 * 1000 lists of cells; each cell has a reference to the next and a word of data.  Of those words
 * a fraction are the addresses of cells, chosen at random, as integers, hashes and floating-point
 * numbers happen to be.  Every second list is dropped.  Then all cells of dropped lists that are
 * still there after a full collection are counted, one by one.  A collector that knows which
 * words are references keeps none. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/random.h"
#include "bench/stack.h"

#include <stdlib.h>
#include <string.h>

enum { LISTS = 1000 };

struct cell {
    const void *type;
    struct cell *next;
    uint64_t data;
    uint32_t list, place;
};

static const struct besom_field cell_fields[] = {{"next", offsetof(struct cell, next)}};
static const struct mem_type cell_type = {
    .layout = {.name = "cell",
               .size_bytes = sizeof(struct cell),
               .fields = cell_fields,
               .n_fields = 1},
};
static const struct mem_type *const types[] = {&cell_type};

/* Pushes a cell in front of each list in turn, `length` times, so that lists lie interleaved. */
static void lists_new(struct mem m, struct mem_roots lists, size_t length)
{
    for (uint32_t place = 0; place < length; place++) {
        for (uint32_t list = 0; list < LISTS; list++) {
            mem_poll(m);
            struct cell *cell = mem_new(m, &cell_type);
            cell->next = lists.slot[list];
            cell->data = place;
            cell->list = list;
            cell->place = place;
            lists.slot[list] = cell;
        }
    }
}

/* The addresses of all cells, in memory that no collector looks at, by list and place. */
static struct cell **cells_of(struct mem_roots lists, size_t length)
{
    struct cell **cells = calloc(LISTS * length, sizeof *cells);
    if (!cells)
        worker_fail("out of memory");
    for (size_t list = 0; list < LISTS; list++) {
        for (struct cell *cell = lists.slot[list]; cell; cell = cell->next)
            cells[list * length + cell->place] = cell;
    }
    return cells;
}

/* Makes `fraction` of the words of data look like addresses; how many. */
static uint64_t disguise(struct cell **cells, size_t n, double fraction)
{
    struct random random = {1};
    uint64_t disguised = 0;
    for (size_t i = 0; i < n; i++) {
        if (random_unit(&random) < fraction) {
            cells[i]->data = (uint64_t)(uintptr_t)cells[random_below(&random, n)];
            disguised++;
        }
    }
    return disguised;
}

/* In a function of its own, whose frame is gone before anything is collected. */
static __attribute__((noinline)) uint64_t prepare(struct mem m, struct mem_roots lists,
                                                  size_t length, double fraction)
{
    lists_new(m, lists, length);
    struct cell **cells = cells_of(lists, length);
    uint64_t disguised = disguise(cells, LISTS * length, fraction);
    memset(cells, 0, LISTS * length * sizeof *cells);
    free(cells);
    for (size_t list = 1; list < LISTS; list += 2)
        lists.slot[list] = NULL;
    return disguised;
}

static bool is_dropped(const void *obj)
{
    return ((const struct cell *)obj)->list % 2 == 1;
}

void workload_false_retention(const struct params *params)
{
    const size_t length = params_count(params, "length");
    struct mem_config config = {
        .mode = params_text(params, "mode", ""), .types = types, .n_types = 1};
    struct mem m = mem_open(&config);
    struct mem_roots lists = mem_roots_new(m, LISTS);
    worker_check(prepare(m, lists, length, params_real(params, "address_fraction")));
    stack_clear();
    uint64_t retained = mem_count(m, &cell_type, is_dropped);
    worker_value("retained_fraction", (double)retained / (double)(LISTS / 2 * length));
    mem_roots_free(m, lists);
    mem_close(m);
}
