/* oracle_program.h - a seeded random program that changes a heap and its model alike.
 *
 * A program belongs to one mutator.  It allocates, links, roots, calls and leaves nested frames
 * (by return and by longjmp), polls, collects, steps, disables, charges; it picks objects by
 * walking from its roots only, so that it never touches an unreachable one. */
#ifndef TESTS_ORACLE_PROGRAM_H
#define TESTS_ORACLE_PROGRAM_H

#include "oracle_roots.h"

#include <setjmp.h>

struct oracle_variant {
    const char *name;
    struct besom_encoding encoding;
    bool own_headers; /* the heap has a type_of */
    bool foreign;     /* slots may refer to memory that is not the heap's */
    bool limited;     /* allocation may meet the hard limit */
    const char *options;
    bool delays;          /* threads yield and sleep at random where the heap tells of phases */
    unsigned alloc_fails; /* one in so many requests for a part of a log or a bag; 0: none */
};

enum { COMMON_CELLS = 24 };

/* What the threads of a heap share, guarded by a lock whose waiters are in native regions. */
struct commons {
    pthread_mutex_t lock;
    struct model model; /* of the shared objects */
    struct model_object *cells[COMMON_CELLS];
    uint64_t words[COMMON_CELLS]; /* a registered range */
    pthread_barrier_t barrier;
    struct program *programs; /* one to a thread */
    unsigned n_programs;
    bool stop; /* written between the barrier's rounds */
};

struct program {
    const struct oracle_variant *variant;
    struct oracle_host *host;
    struct besom_heap *heap;
    struct besom_mutator *m;
    struct rng rng;
    struct model model;
    struct oracle_roots roots;
    uint64_t ops;        /* done */
    uint64_t ops_end;    /* of this slice */
    size_t live_objects; /* at the last comparison */
    uint64_t comparisons;
    uint64_t compared; /* objects met in them */
    uint64_t refusals; /* allocations that met the hard limit */
    unsigned disabled;
    int depth;
    struct besom_frame *saved[DEPTH_MAX];
    jmp_buf jumps[DEPTH_MAX];
    void *foreign[4];
    struct commons *commons; /* NULL: alone in its heap */
    struct program *other;   /* with a heap of its own; NULL: none */
    uint64_t deadline_ns;
};

/* Attaches the calling thread, registers the roots. */
void program_open(struct program *p, const struct oracle_variant *variant, struct oracle_host *host,
                  struct besom_heap *heap, uint64_t seed);
/* The next n operations, or those until the deadline; detaches and attaches again at times. */
void program_run(struct program *p, uint64_t n);
/* Drops the roots and detaches. */
void program_close_roots(struct program *p);
/* Forgets the model, once the heap is freed. */
void program_close(struct program *p);

/* ---- oracle_compare.c ---- */

/* Collects and compares the heap with the models of the programs (one, or all of a commons),
 * whose threads, but the caller's, are in native regions. */
void oracle_compare(struct program *p, enum besom_collect_kind kind);
/* The object, reachable and not changed by others now, is as the model has it. */
void oracle_check_object(const struct program *p, const struct model_object *object);

/* ---- oracle_change.c ---- */

/* A random object that the program can reach; NULL: no luck. */
struct model_object *program_pick(struct program *p);
/* A slot of object, an empty one if there is any; object has slots and is not changed by others. */
unsigned program_pick_slot(struct program *p, const struct model_object *object);
/* The same as program_pick from the shared cells, under the commons' lock. */
struct model_object *commons_pick(struct program *p);
/* Makes slot i of object refer to target (NULL: to nothing). */
void program_link(struct program *p, struct model_object *object, unsigned i,
                  struct model_object *target);
/* Allocates an object of a random kind; NULL: the hard limit.  Nothing refers to it yet. */
struct model_object *program_allocate(struct program *p, bool shared);
/* Stores object (may be NULL) in a random root. */
void program_root(struct program *p, struct model_object *object);

#endif
