/* pending.h - ephemerons whose keys are not marked yet.
 *
 * An entry waits here, by the address of its key, which is KEYED: whoever marks the key is told, and
 * visits the values that waited for it.  So each entry is looked at once, and resolved at most once,
 * whatever the graph; nothing is iterated.  (Whippet has such a table too.)  It is cut into shards,
 * with a lock each, for parallel markers. */
#ifndef WEAK_PENDING_H
#define WEAK_PENDING_H

#include "gc/trace.h"
#include "weak/slab.h"

#include <pthread.h>

enum { PENDING_SHARDS = 16 };

/* A slot: a key, and the first value that waits for it. */
struct besom__waiting {
    void *key;                        /* NULL: empty; KEY_RESOLVED: passed over */
    uintptr_t value;                  /* with WAITS_EARLY */
    struct besom__waiting_more *more; /* further values */
};

struct besom__pending_shard {
    pthread_mutex_t lock;
    struct besom__waiting *slots; /* NULL, or a power of two, at most 3/4 of them not empty */
    size_t n_slots, n_used;
    struct besom__slab more;
    size_t n_resolved; /* values, in this cycle */
} __attribute__((aligned(64)));

struct besom__pending {
    struct besom__pending_shard shards[PENDING_SHARDS];
};

int besom__pending_init(struct besom__pending *pending);
void besom__pending_fini(struct besom_heap *heap, struct besom__pending *pending);

enum besom__pended {
    PENDED_MARKED, /* the key is marked: nothing was entered */
    PENDED_WAITS,
    PENDED_NO_MEMORY
};

/* value, an object, is to be visited when key is marked; with `early`, not if that is in WEAK.  Any
 * marker. */
enum besom__pended besom__pending_add(struct besom_tracer *tracer, struct besom__pending *pending,
                                      void *key, void *value, bool early);

/* A key may be added, or resolved, soon: fetches its slot. */
void besom__pending_prefetch(const struct besom__pending *pending, const void *key);

/* key was marked: visits what waited for it.  Any marker. */
void besom__pending_resolve(struct besom_tracer *tracer, struct besom__pending *pending, void *key);

/* No marker is at work: nothing waits any more in one shard, in which *resolved entries were resolved.
 * False: nothing waits in any. */
bool besom__pending_clear_some(struct besom_heap *heap, struct besom__pending *pending,
                               size_t *resolved);

#endif
