/* oracle_roots.c - see oracle_roots.h. */
#include "oracle_roots.h"

#include <string.h>

static void visit_heap_source(struct besom_tracer *tracer, void *data)
{
    struct oracle_roots *roots = data;
    for (int i = 0; i < SOURCE_SLOTS; i++)
        besom_visit(tracer, roots->heap_source[i]);
}

static void visit_mutator_source(struct besom_tracer *tracer, void *data)
{
    struct oracle_roots *roots = data;
    besom_visit_words(tracer, roots->mutator_source, SOURCE_SLOTS);
}

static void register_range(struct oracle_roots *roots, int range)
{
    require_ok(besom_root_range(roots->heap, (void **)roots->ranges[range], RANGE_SLOTS, "range",
                                &roots->range_roots[range]));
}

void oracle_roots_open(struct oracle_roots *roots, struct oracle_host *host,
                       struct besom_heap *heap, struct rng *rng)
{
    memset(roots, 0, sizeof *roots);
    roots->host = host;
    roots->heap = heap;
    roots->rng = rng;
    for (int i = 0; i < RANGES; i++)
        register_range(roots, i);
    require_ok(besom_root_source(heap, visit_heap_source, roots, "heap source",
                                 &roots->heap_source_root));
    require_ok(besom_root_ambiguous(heap, roots->ambiguous, AMBIGUOUS_SLOTS, "ambiguous",
                                    &roots->ambiguous_root));
}

void oracle_roots_close(struct oracle_roots *roots)
{
    for (int i = 0; i < RANGES; i++)
        if (roots->range_roots[i])
            require_ok(besom_root_free(roots->range_roots[i]));
    require_ok(besom_root_free(roots->heap_source_root));
    require_ok(besom_root_free(roots->ambiguous_root));
    for (int i = 0; i < HANDLES; i++)
        if (roots->handles[i])
            require_ok(besom_handle_free(roots->handles[i]));
}

void oracle_roots_attach(struct oracle_roots *roots, struct besom_mutator *m)
{
    roots->m = m;
    require_ok(
        besom_mutator_root_source(m, visit_mutator_source, roots, "mutator source", NULL));
}

void oracle_roots_detach(struct oracle_roots *roots)
{
    memset(roots->mutator_source, 0, sizeof roots->mutator_source);
    memset(&roots->cells[CELL_MUTATOR_SOURCE], 0, SOURCE_SLOTS * sizeof *roots->cells);
    roots->m = NULL;
}

void oracle_roots_enter(struct oracle_roots *roots, int depth, void **locals)
{
    roots->frames[depth] = locals;
    for (int i = 0; i < FRAME_SLOTS; i++)
        require(!locals[i], "a local is not NULL");
}

void oracle_roots_leave(struct oracle_roots *roots, int depth)
{
    for (; depth < DEPTH_MAX; depth++) {
        roots->frames[depth] = NULL;
        memset(&roots->cells[CELL_FRAMES + depth * FRAME_SLOTS], 0,
               FRAME_SLOTS * sizeof *roots->cells);
    }
}

static bool store_handle(struct oracle_roots *roots, int i, void *obj)
{
    if (!roots->handles[i]) {
        roots->handles[i] = besom_handle_new(roots->m, obj, "handle");
        require(roots->handles[i] != NULL, "no handle");
    } else if (!obj && rng_below(roots->rng, 2)) {
        require_ok(besom_handle_free(roots->handles[i]));
        roots->handles[i] = NULL;
    } else {
        require_ok(besom_handle_set(roots->handles[i], obj));
    }
    return true;
}

static uint64_t word_for(struct oracle_roots *roots, void *obj)
{
    return obj ? oracle_encode(roots->host, obj)
               : oracle_immediate(roots->host, roots->rng, roots->ranges);
}

static bool store_real(struct oracle_roots *roots, int cell, const struct model_object *object)
{
    void *obj = object ? object->address : NULL;
    if (cell < CELL_HANDLES) {
        void **locals = roots->frames[cell / FRAME_SLOTS];
        if (locals)
            locals[cell % FRAME_SLOTS] = obj;
        return locals != NULL;
    }
    if (cell < CELL_RANGES)
        return store_handle(roots, cell - CELL_HANDLES, obj);
    if (cell < CELL_HEAP_SOURCE) {
        int range = (cell - CELL_RANGES) / RANGE_SLOTS;
        if (!roots->range_roots[range])
            return false;
        roots->ranges[range][(cell - CELL_RANGES) % RANGE_SLOTS] = word_for(roots, obj);
    } else if (cell < CELL_MUTATOR_SOURCE) {
        roots->heap_source[cell - CELL_HEAP_SOURCE] = obj;
    } else if (cell < CELL_AMBIGUOUS) {
        roots->mutator_source[cell - CELL_MUTATOR_SOURCE] = word_for(roots, obj);
    } else {
        /* Nearer to the start it may be a reference past the object before. */
        size_t least = roots->host->encoding.ref_offset_bytes;
        if (obj && object->bytes <= least)
            return false;
        size_t inside = obj ? least + rng_below(roots->rng, object->bytes - least) : 0;
        roots->ambiguous[cell - CELL_AMBIGUOUS] = (uintptr_t)obj + inside;
    }
    return true;
}

bool oracle_root_store(struct oracle_roots *roots, int cell, struct model_object *object)
{
    if (!store_real(roots, cell, object))
        return false;
    roots->cells[cell] = object;
    return true;
}

void oracle_roots_toggle(struct oracle_roots *roots)
{
    int range = (int)rng_below(roots->rng, RANGES);
    if (!roots->range_roots[range]) {
        register_range(roots, range);
        return;
    }
    require_ok(besom_root_free(roots->range_roots[range]));
    roots->range_roots[range] = NULL;
    memset(roots->ranges[range], 0, sizeof roots->ranges[range]);
    memset(&roots->cells[CELL_RANGES + range * RANGE_SLOTS], 0,
           RANGE_SLOTS * sizeof *roots->cells);
}

void oracle_root_check(const struct oracle_roots *roots, int cell)
{
    const struct model_object *object = roots->cells[cell];
    if (!object)
        return;
    if (cell < CELL_HANDLES) {
        require(roots->frames[cell / FRAME_SLOTS][cell % FRAME_SLOTS] == object->address,
                "a local was overwritten");
    } else if (cell < CELL_RANGES) {
        require(besom_handle_get(roots->handles[cell - CELL_HANDLES]) == object->address,
                "a handle was overwritten");
    }
}
