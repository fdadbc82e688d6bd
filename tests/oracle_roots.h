/* oracle_roots.h - every kind of root that a program has, each beside its cell of the model.
 *
 * A cell is a number; oracle_root_store writes the real root and the model's.  Cells of frames
 * that are not entered, and of roots that are not registered, stay NULL. */
#ifndef TESTS_ORACLE_ROOTS_H
#define TESTS_ORACLE_ROOTS_H

#include "oracle_shapes.h"

enum {
    DEPTH_MAX = 6,
    FRAME_SLOTS = 6,
    HANDLES = 60,
    RANGES = 3,
    RANGE_SLOTS = 20,
    SOURCE_SLOTS = 24,
    AMBIGUOUS_SLOTS = 12,

    /* where the cells of each kind begin */
    CELL_FRAMES = 0,
    CELL_HANDLES = CELL_FRAMES + DEPTH_MAX * FRAME_SLOTS,
    CELL_RANGES = CELL_HANDLES + HANDLES,
    CELL_HEAP_SOURCE = CELL_RANGES + RANGES * RANGE_SLOTS,
    CELL_MUTATOR_SOURCE = CELL_HEAP_SOURCE + SOURCE_SLOTS,
    CELL_AMBIGUOUS = CELL_MUTATOR_SOURCE + SOURCE_SLOTS,
    CELLS = CELL_AMBIGUOUS + AMBIGUOUS_SLOTS
};

struct oracle_roots {
    struct oracle_host *host;
    struct besom_heap *heap;
    struct besom_mutator *m;
    struct rng *rng;
    struct model_object *cells[CELLS];
    void **frames[DEPTH_MAX]; /* the locals of entered frames */
    struct besom_handle *handles[HANDLES];
    uint64_t ranges[RANGES][RANGE_SLOTS];
    struct besom_root *range_roots[RANGES]; /* NULL: not registered now */
    void *heap_source[SOURCE_SLOTS];
    uint64_t mutator_source[SOURCE_SLOTS];
    uintptr_t ambiguous[AMBIGUOUS_SLOTS];
    struct besom_root *heap_source_root, *ambiguous_root;
};

/* Registers what does not belong to a mutator. */
void oracle_roots_open(struct oracle_roots *roots, struct oracle_host *host,
                       struct besom_heap *heap, struct rng *rng);
void oracle_roots_close(struct oracle_roots *roots);

/* After attaching, before detaching. */
void oracle_roots_attach(struct oracle_roots *roots, struct besom_mutator *m);
void oracle_roots_detach(struct oracle_roots *roots);

/* Entering a frame, whose locals are NULL, and leaving it with all that are deeper. */
void oracle_roots_enter(struct oracle_roots *roots, int depth, void **locals);
void oracle_roots_leave(struct oracle_roots *roots, int depth);

/* False, and nothing changed: the cell's root is not there now. */
bool oracle_root_store(struct oracle_roots *roots, int cell, struct model_object *object);

/* Unregisters a random range, or registers it again. */
void oracle_roots_toggle(struct oracle_roots *roots);

/* Fails the test unless the real root reads what the model says. */
void oracle_root_check(const struct oracle_roots *roots, int cell);

#endif
