/* retention.h - an instrument that follows objects, and tells how much garbage is resident and whose
 * it is.
 *
 * A program tells of each object that it is born, used, and done with; a collector, which cycles have
 * ended and what they found dead.  At points of the program's choice a sample is taken: a shadow
 * trace visits what the program's own strong roots and edges reach, whatever the collector thinks,
 * and every byte that is resident falls into one class, the first that fits:
 *
 *     live      reached, and not done with
 *     logical   reached, though done with: the program could let go of it
 *     artefact  not reached when a full cycle began that has since ended, and yet not found dead:
 *               ambiguous roots, weak tables that are not ephemerons, finalizers, weak reads
 *     floating  not reached, and not judged by such a cycle yet
 *     unswept   found dead, and its memory not swept yet
 *
 * Live apart, that is the retained garbage RG.  What is told of as done need not be unreachable;
 * what is unreachable is garbage, done with or not.
 *
 * The life of an object has moments, each by two clocks, bytes allocated and nanoseconds: created,
 * used (the last time), done, unreachable, dead.  It becomes unreachable when it was done with, if
 * that was after the last sample that reached it, or else at the first sample that does not; so it
 * is exact where the program says done as it lets go, or takes a sample then, and at most a sample
 * too late or too early elsewhere.  Logical drag is unreachable - used, collector drag dead -
 * unreachable.
 *
 * An entry of a table with weak keys is an edge from the key to the value, if the table is reached:
 * that is what an ephemeron means.  Other weak references are no edges.
 *
 * One thread at a time.  The records are in memory of malloc, which no collector looks into.  Running
 * out of it ends the process. */
#ifndef BENCH_RETENTION_H
#define BENCH_RETENTION_H

#include "bench/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct moment {
    uint64_t bytes; /* allocated since the beginning */
    uint64_t ns;
};

struct retention;

/* What the program tells when it is asked.  data is handed to each. */
struct retention_program {
    void *data;
    /* Calls retention_visit for every strong root. */
    void (*roots)(struct retention *r, void *data);
    /* Calls retention_visit for everything to which obj, which was reached, refers strongly. */
    void (*edges)(struct retention *r, void *data, void *obj);
    /* Is the memory of obj, which was found dead, still to be swept?  It may be reused already, or
     * gone.  Asked at every sample until it is not; so samples should be closer together than cycles,
     * or what an address is used for next may die and be taken for obj.  NULL: what is found dead is
     * swept at once. */
    bool (*is_unswept)(void *data, const void *obj);
};

struct retention_sample {
    struct moment at;
    uint64_t live_bytes, logical_bytes, artefact_bytes, floating_bytes, unswept_bytes;
};

/* The last four of them. */
uint64_t retention_sample_rg(const struct retention_sample *sample);

/* Of objects that died; of others as far as retention_finish. */
struct retention_drag {
    struct histogram logical_bytes, logical_ns;
    struct histogram collector_bytes, collector_ns;
    /* Full cycles that ended while an object was unreachable, with the one that found it dead; 0: a
     * minor one did. */
    struct histogram cycles;
};

/* Integrals over one clock, by trapezoids between samples. */
struct retention_area {
    double live, logical, artefact, floating, unswept;
};

struct retention {
    /* The clock that the program sets, before it tells anything. */
    uint64_t now_ns;
    /* Mistakes, each of which should be 0: objects used after they were done with (they are then not
     * done), objects that were reached though found dead, and references to objects that were never
     * told of or are gone. */
    uint64_t used_after_done, reached_dead, unknown;
    uint64_t objects;     /* ever */
    uint64_t unreclaimed; /* unreachable, and not found dead before retention_finish */
    uint64_t samples;     /* taken */
    struct retention_sample last;
    uint64_t rg_peak_bytes, live_peak_bytes;
    struct retention_area by_bytes, by_ns;
    struct retention_drag *drag;

    /* The instrument's own. */
    const struct retention_program *program;
    struct moment first; /* of the first sample */
    uint64_t allocated_bytes;
    uint64_t full_cycles, full_began_ns; /* ended; the last of them to begin */
    struct lives *lives;
    uint32_t *reached; /* the shadow trace's stack */
    size_t n_reached, room_reached;
};

/* program outlives it. */
void retention_init(struct retention *r, const struct retention_program *program);
void retention_fini(struct retention *r);

/* ---- the program tells ---- */

/* A new object; the clock of bytes goes on by as many.  Whatever was at that address before is gone.
 * Not during a sample, like all that follows. */
void retention_born(struct retention *r, void *obj, uint64_t bytes);

/* The object has grown (which counts as allocated) or shrunk: pixels were attached, or freed early. */
void retention_resize(struct retention *r, void *obj, uint64_t bytes);

void retention_used(struct retention *r, void *obj);

/* It will not be used again.  Told twice, the first counts. */
void retention_done(struct retention *r, void *obj);

/* In the functions of retention_program alone: here is a reference, or NULL. */
void retention_visit(struct retention *r, void *obj);

/* ---- the collector tells ---- */

/* The object has been found dead: from its destroy hook, say.  The cycle that found it is told of when
 * it has ended. */
void retention_dead(struct retention *r, void *obj);

/* A cycle that began then has ended.  is_held, unless NULL, is asked of every object that is not
 * dead: false if the cycle found it dead.  A cycle that did not judge all objects is not full. */
void retention_cycle(struct retention *r, uint64_t began_ns, bool is_full,
                     bool (*is_held)(void *data, const void *obj));

/* ---- and asks ---- */

void retention_sample(struct retention *r);

/* Takes a last sample; what is unreachable and not dead, or done with and not unreachable, is counted
 * as if that ended now. */
void retention_finish(struct retention *r);

/* RGI: the integral of RG over that of live bytes, by either clock; 0 if nothing lived. */
double retention_rgi(const struct retention_area *area);

/* The greatest RG of any sample over the live bytes on an average; 0 if nothing lived. */
double retention_peak_fraction(const struct retention *r);

/* The memory of the instrument itself, to be taken off a resident size. */
uint64_t retention_own_bytes(const struct retention *r);

#endif
