/* oracle_program.c - what a random program does: its operations, its calls, its life. */
#include "oracle_program.h"

#include <stdlib.h>
#include <string.h>

enum { LIVE_WANTED = 2500, COMPARE_EVERY = 1200 };

/* ---- operations on the program's own graph ---- */

/* An object of the program's own, and an empty slot of it, so that graphs grow; NULL: no luck. */
static struct model_object *pick_place(struct program *p, unsigned *slot)
{
    for (int tries = 0; tries < 6; tries++) {
        struct model_object *object = program_pick(p);
        if (!object || object->shared || !object->n_slots)
            continue;
        *slot = program_pick_slot(p, object);
        if (!object->targets[*slot])
            return object;
    }
    return NULL;
}

/* A newborn must be referred to before the next safepoint. */
static void do_allocate(struct program *p)
{
    struct model_object *object = program_allocate(p, false);
    if (!object)
        return;
    unsigned slot = 0;
    struct model_object *source = rng_below(&p->rng, 10) ? pick_place(p, &slot) : NULL;
    if (source)
        program_link(p, source, slot, object);
    else
        program_root(p, object);
}

static void do_link(struct program *p)
{
    unsigned slot = 0;
    struct model_object *source = pick_place(p, &slot);
    if (source)
        program_link(p, source, slot, program_pick(p));
}

/* Over whatever was there. */
static void do_relink(struct program *p, bool to_nothing)
{
    struct model_object *source = program_pick(p);
    struct model_object *target = to_nothing ? NULL : program_pick(p);
    if (source && !source->shared && source->n_slots)
        program_link(p, source, (unsigned)rng_below(&p->rng, source->n_slots), target);
}

static void do_charge(struct program *p)
{
    struct model_object *object = program_pick(p);
    if (object && !object->shared && oracle_shapes[object->shape].is_hooked)
        shape_charge(p->host, p->heap, object, (ptrdiff_t)rng_below(&p->rng, 100000) - 50000);
}

static void do_check(struct program *p)
{
    struct model_object *object = program_pick(p);
    if (object && !object->shared)
        oracle_check_object(p, object);
}

/* ---- operations on what threads share ---- */

static void change_shared(struct program *p)
{
    struct commons *commons = p->commons;
    size_t cell = rng_below(&p->rng, COMMON_CELLS);
    struct model_object *target = NULL, *source = commons_pick(p);
    bool into_slot = source && source->n_slots && rng_below(&p->rng, 2);
    switch (rng_below(&p->rng, 4)) {
    case 0: target = program_allocate(p, true); break;
    case 1: target = commons_pick(p); break;
    case 2: program_root(p, source); return;
    default: break;
    }
    if (into_slot) {
        program_link(p, source, program_pick_slot(p, source), target);
        return;
    }
    commons->cells[cell] = target;
    commons->words[cell] = target ? oracle_encode(p->host, target->address) : 0;
}

static void do_share(struct program *p)
{
    require_ok(besom_native_enter(p->m));
    pthread_mutex_lock(&p->commons->lock);
    require_ok(besom_native_leave(p->m));
    change_shared(p);
    if (rng_below(&p->rng, 8) == 0)
        besom_poll(p->m);
    pthread_mutex_unlock(&p->commons->lock);
}

/* All threads of a commons meet here after the same number of operations. */
static void meet_others(struct program *p)
{
    struct commons *commons = p->commons;
    require_ok(besom_native_enter(p->m));
    if (pthread_barrier_wait(&commons->barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
        require_ok(besom_native_leave(p->m));
        oracle_compare(p, rng_below(&p->rng, 5) ? BESOM_FULL : BESOM_EMERGENCY);
        commons->stop = now_ns() > p->deadline_ns;
        require_ok(besom_native_enter(p->m));
    }
    pthread_barrier_wait(&commons->barrier);
    require_ok(besom_native_leave(p->m));
    if (commons->stop)
        p->ops_end = p->ops;
}

/* ---- collection points ---- */

static void do_poll(struct program *p)
{
    unsigned long before = watch_count(&p->host->watch, BESOM_EVENT_CYCLE_BEGIN);
    uint64_t marked_before = stats_of(p->heap).cycles;
    bool looked = besom_poll(p->m);
    if (p->commons)
        return;
    unsigned long after = watch_count(&p->host->watch, BESOM_EVENT_CYCLE_BEGIN);
    require(stats_of(p->heap).cycles == marked_before || looked,
            "a cycle in a poll that says it looked at no root");
    require(after == before || !p->disabled, "a cycle began though disabled");
}

static void do_toggle(struct program *p)
{
    if (p->disabled && rng_below(&p->rng, 2)) {
        require_ok(besom_enable(p->heap));
        p->disabled--;
    } else if (p->disabled < 3 && rng_below(&p->rng, 8) == 0) {
        require_ok(besom_disable(p->heap));
        p->disabled++;
    }
}

static void do_native(struct program *p)
{
    require_ok(besom_native_enter(p->m));
    require_ok(besom_native_leave(p->m));
}

static void do_compare(struct program *p)
{
    if (p->commons)
        return;
    oracle_compare(p, rng_below(&p->rng, 6) ? BESOM_FULL : BESOM_EMERGENCY);
    if (now_ns() > p->deadline_ns)
        p->ops_end = p->ops;
}

static void do_seldom(struct program *p)
{
    size_t r = rng_below(&p->rng, COMPARE_EVERY);
    if (r < 10)
        do_compare(p);
    else if (r < 60)
        require_ok(besom_step(p->m, 1 + rng_below(&p->rng, 1 << 16), NULL));
    else if (r < 200)
        do_toggle(p);
    else if (r < 205)
        oracle_roots_toggle(&p->roots);
    else if (r < 400)
        do_native(p);
    else if (r < 600)
        do_charge(p);
    else if (r < 603 && p->commons)
        require_ok(besom_collect(p->m, r % 2 ? BESOM_FULL : BESOM_EMERGENCY));
    else if (r < 620 && p->other)
        program_run(p->other, rng_below(&p->rng, 400));
    else
        do_check(p);
}

static void do_something(struct program *p)
{
    p->ops++;
    if (p->commons && p->ops % (COMPARE_EVERY / 2) == 0)
        meet_others(p);
    /* More letting go when the graph has grown, less while it is small. */
    bool grown = p->model.n > 4 * LIVE_WANTED || p->live_objects > LIVE_WANTED;
    size_t r = rng_below(&p->rng, 100);
    if (r < 32)
        do_allocate(p);
    else if (r < 42)
        do_link(p);
    else if (r < (grown ? 54 : 44))
        do_relink(p, r % 2);
    else if (r < 60)
        program_root(p, program_pick(p));
    else if (r < (grown ? 75 : 61))
        program_root(p, NULL);
    else if (r < 85)
        do_poll(p);
    else if (r < 90 && p->commons)
        do_share(p);
    else
        do_seldom(p);
}

/* ---- calls ---- */

static void call(struct program *p);

static void run_frame(struct program *p)
{
    BESOM_LOCALS(p->m, void *slots[FRAME_SLOTS];);
    oracle_roots_enter(&p->roots, p->depth, my->slots);
    while (p->ops < p->ops_end) {
        size_t r = rng_below(&p->rng, 400);
        if (r < 2 && p->depth + 1 < DEPTH_MAX)
            call(p);
        else if (r == 2 && p->depth > 0)
            break;
        else if (r == 3 && p->depth > 0)
            longjmp(p->jumps[rng_below(&p->rng, (size_t)p->depth)], 1);
        else
            do_something(p);
    }
    oracle_roots_leave(&p->roots, p->depth);
}

/* Enters a frame that may be left by a longjmp from it or from deeper ones. */
static void call(struct program *p)
{
    const int depth = p->depth;
    p->saved[depth] = besom_frames_save(p->m);
    if (setjmp(p->jumps[depth]) == 0) {
        p->depth = depth + 1;
        run_frame(p);
    } else {
        require_ok(besom_frames_restore(p->m, p->saved[depth]));
        oracle_roots_leave(&p->roots, depth + 1);
    }
    p->depth = depth;
}

/* ---- life ---- */

static void attach(struct program *p)
{
    p->m = besom_attach(p->heap);
    ck_assert_ptr_nonnull(p->m);
    oracle_roots_attach(&p->roots, p->m);
}

static void detach(struct program *p)
{
    oracle_roots_detach(&p->roots);
    require_ok(besom_detach(p->m));
    p->m = NULL;
}

/* Memory that is not the heap's, and long enough to be mistaken for an object. */
static const uint64_t static_memory[16] = {1};

static void find_foreign(struct program *p)
{
    p->foreign[0] = (void *)static_memory;
    p->foreign[1] = (char *)static_memory + 3;
    p->foreign[2] = malloc(128);
    ck_assert_ptr_nonnull(p->foreign[2]);
    memset(p->foreign[2], 0x5A, 128);
    p->foreign[3] = p;
}

void program_open(struct program *p, const struct oracle_variant *variant, struct oracle_host *host,
                  struct besom_heap *heap, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    p->variant = variant;
    p->host = host;
    p->heap = heap;
    p->rng.state = seed;
    p->deadline_ns = UINT64_MAX;
    model_init(&p->model);
    find_foreign(p);
    oracle_roots_open(&p->roots, host, heap, &p->rng);
    attach(p);
}

void program_run(struct program *p, uint64_t n)
{
    if (!p->commons && rng_below(&p->rng, 4) == 0) {
        detach(p);
        attach(p);
    }
    p->ops_end = p->ops + n;
    p->depth = 0;
    run_frame(p);
}

void program_close_roots(struct program *p)
{
    for (; p->disabled; p->disabled--)
        require_ok(besom_enable(p->heap));
    oracle_roots_close(&p->roots);
    detach(p);
}

void program_close(struct program *p)
{
    model_fini(&p->model);
    free(p->foreign[2]);
}
