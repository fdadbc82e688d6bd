/* pending.c - ephemerons whose keys are not marked yet. */
#include "weak/pending.h"

#include "gc/mark.h"
#include "weak/own.h"

enum { MIN_WAITING_SLOTS = 64 };

/* In place of the key in a slot whose values have been visited. */
#define KEY_RESOLVED ((void *)1)

/* A bit of a value, which is the address of an object. */
enum { WAITS_EARLY = 1 };

struct besom__waiting_more {
    uintptr_t value;
    struct besom__waiting_more *next;
};

/* The upper bits choose the shard, those below them the slot. */
static struct besom__pending_shard *shard_of(const struct besom__pending *pending, uint64_t hash)
{
    return (struct besom__pending_shard *)&pending->shards[hash >> 60];
}
_Static_assert(PENDING_SHARDS == 16, "four bits of hash");

static size_t first_waiting_slot(const struct besom__pending_shard *shard, uint64_t hash)
{
    return (hash >> 24) & (shard->n_slots - 1);
}

/* The key's slot, or the empty one where it would be. */
static struct besom__waiting *waiting_slot(const struct besom__pending_shard *shard,
                                           const void *key, uint64_t hash)
{
    size_t i = first_waiting_slot(shard, hash);
    while (shard->slots[i].key && shard->slots[i].key != key)
        i = (i + 1) & (shard->n_slots - 1);
    return &shard->slots[i];
}

int besom__pending_init(struct besom__pending *pending)
{
    for (int i = 0; i < PENDING_SHARDS; i++) {
        pending->shards[i].more.record_bytes = sizeof(struct besom__waiting_more);
        if (pthread_mutex_init(&pending->shards[i].lock, NULL) != 0) {
            while (i-- > 0)
                pthread_mutex_destroy(&pending->shards[i].lock);
            return -1;
        }
    }
    return 0;
}

void besom__pending_fini(struct besom_heap *heap, struct besom__pending *pending)
{
    size_t resolved;
    while (besom__pending_clear_some(heap, pending, &resolved))
        ;
    for (int i = 0; i < PENDING_SHARDS; i++)
        pthread_mutex_destroy(&pending->shards[i].lock);
}

/* Twice the slots.  False: no memory. */
static bool grow_shard(struct besom_heap *heap, struct besom__pending_shard *shard)
{
    struct besom__waiting *old = shard->slots;
    size_t n_old = shard->n_slots, n = n_old ? 2 * n_old : MIN_WAITING_SLOTS;
    struct besom__waiting *slots = besom__alloc(heap, n * sizeof *slots);
    if (!slots)
        return false;
    shard->slots = slots;
    shard->n_slots = n;
    shard->n_used = 0;
    for (size_t i = 0; i < n_old; i++) {
        void *key = old[i].key;
        if (!key || key == KEY_RESOLVED)
            continue;
        *waiting_slot(shard, key, besom__object_hash(key)) = old[i];
        shard->n_used++;
    }
    besom__release(heap, old);
    return true;
}

/* Sets KEYED on a key that is not marked; false: it is. */
static bool set_keyed(const struct besom__marker *marker, void *key)
{
    uint8_t *meta = besom__meta(key), byte;
    do {
        byte = besom__byte_load(meta);
        if ((byte & BESOM__COLOR) == marker->color)
            return false;
        if (byte & BESOM__KEYED)
            return true;
    } while (!besom__byte_cas(meta, byte, byte | BESOM__KEYED));
    return true;
}

/* Lock held: enters a value; false: no memory. */
static bool enter(struct besom_heap *heap, struct besom__pending_shard *shard, void *key,
                  uintptr_t value)
{
    if (4 * (shard->n_used + 1) > 3 * shard->n_slots && !grow_shard(heap, shard) &&
        shard->n_used + 1 >= shard->n_slots)
        return false; /* without memory it gets fuller, but one slot stays empty */
    struct besom__waiting *slot = waiting_slot(shard, key, besom__object_hash(key));
    if (!slot->key) {
        *slot = (struct besom__waiting){key, value, NULL};
        shard->n_used++;
        return true;
    }
    struct besom__waiting_more *more = besom__slab_new(heap, &shard->more);
    if (!more)
        return false;
    *more = (struct besom__waiting_more){value, slot->more};
    slot->more = more;
    return true;
}

enum besom__pended besom__pending_add(struct besom_tracer *tracer, struct besom__pending *pending,
                                      void *key, void *value, bool early)
{
    struct besom__pending_shard *shard = shard_of(pending, besom__object_hash(key));
    enum besom__pended pended = PENDED_NO_MEMORY;
    pthread_mutex_lock(&shard->lock);
    /* Whoever marks the key once it is KEYED takes the lock, and so finds the value.  One that is
     * entered in vain, because the key is marked, stays there and does no harm. */
    if (enter(tracer->heap, shard, key, (uintptr_t)value | (early ? WAITS_EARLY : 0)))
        pended =
            set_keyed((const struct besom__marker *)tracer, key) ? PENDED_WAITS : PENDED_MARKED;
    pthread_mutex_unlock(&shard->lock);
    return pended;
}

void besom__pending_prefetch(const struct besom__pending *pending, const void *key)
{
    uint64_t hash = besom__object_hash(key);
    const struct besom__pending_shard *shard = shard_of(pending, hash);
    if (shard->n_slots)
        __builtin_prefetch(&shard->slots[first_waiting_slot(shard, hash)], 1);
}

/* The value may be a key itself: its slot arrives with its metadata. */
static void visit_waiting(struct besom_tracer *tracer, const struct besom__pending *pending,
                          uintptr_t waiting)
{
    void *value = (void *)(waiting & ~(uintptr_t)WAITS_EARLY);
    if ((waiting & WAITS_EARLY) && tracer->heap->cycle.phase == BESOM_WEAK)
        return;
    besom__pending_prefetch(pending, value);
    besom_visit(tracer, value);
}

void besom__pending_resolve(struct besom_tracer *tracer, struct besom__pending *pending, void *key)
{
    uint64_t hash = besom__object_hash(key);
    struct besom__pending_shard *shard = shard_of(pending, hash);
    struct besom__waiting found = {NULL, 0, NULL};
    pthread_mutex_lock(&shard->lock);
    struct besom__waiting *slot = shard->slots ? waiting_slot(shard, key, hash) : &found;
    if (slot->key) {
        found = *slot;
        slot->key = KEY_RESOLVED;
        shard->n_resolved++;
        for (struct besom__waiting_more *more = found.more; more; more = more->next)
            shard->n_resolved++;
    }
    pthread_mutex_unlock(&shard->lock);
    if (!found.key)
        return;
    visit_waiting(tracer, pending, found.value);
    /* Records are not used again before the cycle ends: no lock is needed to read these. */
    for (struct besom__waiting_more *more = found.more; more; more = more->next)
        visit_waiting(tracer, pending, more->value);
}

bool besom__pending_clear_some(struct besom_heap *heap, struct besom__pending *pending,
                               size_t *resolved)
{
    struct besom__pending_shard *shard = pending->shards;
    *resolved = 0;
    while (shard < pending->shards + PENDING_SHARDS && !shard->slots)
        shard++;
    if (shard == pending->shards + PENDING_SHARDS)
        return false;
    *resolved = shard->n_resolved;
    besom__release(heap, shard->slots);
    besom__slab_fini(heap, &shard->more);
    shard->slots = NULL;
    shard->n_slots = shard->n_used = shard->n_resolved = 0;
    return true;
}
