/* external.c - which objects keep how much memory outside the heap.
 *
 * A hash table from objects to their charges, in the host's memory.  What counts towards the trigger
 * is the sum alone.  All under block_lock, which threads without a mutator may take, and which a
 * fork holds. */
#include "weak/external.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/stop.h"
#include "gc/walk.h"
#include "weak/own.h"
#include "weak/weak.h"

enum { MIN_CHARGE_BUCKETS = 64, SCAN_BUCKETS = 512 };

struct besom__charge {
    const void *obj;
    size_t bytes;
    struct besom__charge *next; /* in its bucket */
};

void besom__externals_init(struct besom__externals *x)
{
    x->records.record_bytes = sizeof(struct besom__charge);
}

void besom__externals_fini(struct besom_heap *heap, struct besom__externals *x)
{
    besom__release(heap, x->buckets);
    besom__slab_fini(heap, &x->records);
}

/* ---- the table ---- */

static struct besom__charge **charge_bucket(const struct besom__externals *x, const void *obj)
{
    return &x->buckets[(besom__object_hash(obj) >> 32) & (x->n_buckets - 1)];
}

/* The link to obj's charge; to NULL if it has none. */
static struct besom__charge **find_charge(const struct besom__externals *x, const void *obj)
{
    struct besom__charge **link = charge_bucket(x, obj);
    while (*link && (*link)->obj != obj)
        link = &(*link)->next;
    return link;
}

/* Doubles the buckets; without memory the lists get longer.  False: there are none at all. */
static bool grow_charges(struct besom_heap *heap, struct besom__externals *x)
{
    size_t n_old = x->n_buckets, n = n_old ? 2 * n_old : MIN_CHARGE_BUCKETS;
    struct besom__charge **old = x->buckets, **buckets = besom__alloc(heap, n * sizeof *buckets);
    if (!buckets)
        return old != NULL;
    x->buckets = buckets;
    x->n_buckets = n;
    if (n_old && x->scan < n_old)
        x->scan = 0; /* what was looked at is among the others now */
    for (size_t i = 0; i < n_old; i++)
        while (old[i]) {
            struct besom__charge *charge = old[i];
            old[i] = charge->next;
            struct besom__charge **bucket = charge_bucket(x, charge->obj);
            charge->next = *bucket;
            *bucket = charge;
        }
    besom__release(heap, old);
    return true;
}

static void drop(struct besom__externals *x, struct besom__charge **link)
{
    struct besom__charge *charge = *link;
    *link = charge->next;
    besom__slab_free(&x->records, charge);
    x->n_charges--;
}

static enum besom_status add(struct besom_heap *heap, struct besom__externals *x, const void *obj,
                             size_t bytes)
{
    if (bytes > SIZE_MAX / 4 - besom__size_load(&heap->external_bytes))
        return BESOM_E_ARGUMENT;
    if (x->n_charges >= x->n_buckets && !grow_charges(heap, x))
        return BESOM_E_MEMORY;
    struct besom__charge **link = find_charge(x, obj);
    if (!*link) {
        struct besom__charge *charge = besom__slab_new(heap, &x->records);
        if (!charge)
            return BESOM_E_MEMORY;
        *charge = (struct besom__charge){obj, 0, NULL};
        *link = charge;
        x->n_charges++;
    }
    (*link)->bytes += bytes;
    x->charged_bytes += bytes;
    besom__size_add(&heap->external_bytes, bytes);
    return BESOM_OK;
}

static enum besom_status take_back(struct besom_heap *heap, struct besom__externals *x,
                                   const void *obj, size_t bytes)
{
    struct besom__charge **link = x->buckets ? find_charge(x, obj) : NULL;
    if (!link || !*link || (*link)->bytes < bytes)
        return BESOM_E_ARGUMENT;
    (*link)->bytes -= bytes;
    if ((*link)->bytes == 0)
        drop(x, link);
    if (besom__is_dead(heap, obj))
        x->reclaimed_bytes += bytes;
    else
        x->released_bytes += bytes;
    besom__size_add(&heap->external_bytes, -bytes);
    return BESOM_OK;
}

/* ---- the cycle ---- */

bool besom__externals_any(struct besom_heap *heap, struct besom__externals *x)
{
    besom__block_lock(heap);
    bool any = x->n_charges > 0;
    besom__block_unlock(heap);
    return any;
}

void besom__externals_begin(struct besom_heap *heap, struct besom__externals *x)
{
    besom__block_lock(heap);
    x->scan = 0;
    besom__block_unlock(heap);
}

bool besom__externals_some(struct besom_heap *heap, struct besom__externals *x)
{
    besom__block_lock(heap);
    for (int i = 0; x->scan < x->n_buckets && i < SCAN_BUCKETS; i++, x->scan++)
        for (struct besom__charge **link = &x->buckets[x->scan]; *link;) {
            size_t bytes = (*link)->bytes;
            if (!besom__is_dead(heap, (*link)->obj)) {
                link = &(*link)->next;
                continue;
            }
            drop(x, link);
            x->reclaimed_bytes += bytes;
            besom__size_add(&heap->external_bytes, -bytes);
        }
    bool more = x->scan < x->n_buckets;
    besom__block_unlock(heap);
    return more;
}

/* ---- public ---- */

/* Block lock held. */
static enum besom_status change(struct besom_heap *heap, const void *obj, ptrdiff_t bytes)
{
    struct besom__externals *x = &heap->weak->externals;
    if (!obj || !besom__is_allocated(heap, obj))
        return BESOM_E_FOREIGN;
    if (bytes > 0)
        return add(heap, x, obj, (size_t)bytes);
    return bytes < 0 ? take_back(heap, x, obj, -(size_t)bytes) : BESOM_OK;
}

enum besom_status besom_external(struct besom_heap *heap, const void *obj, ptrdiff_t bytes)
{
    if (!besom__heap_ok(heap))
        return BESOM_E_ARGUMENT;
    besom__block_lock(heap);
    enum besom_status status = change(heap, obj, bytes);
    besom__block_unlock(heap);
    if (status == BESOM_OK && bytes > 0 && besom__pace_is_due(heap) &&
        besom__size_load(&heap->disabled) == 0)
        besom__request_all(heap, REQUEST_COLLECT);
    return status;
}

size_t besom_external_of(const struct besom_heap *const_heap, const void *obj)
{
    struct besom_heap *heap = (struct besom_heap *)const_heap;
    if (!besom__heap_ok(heap) || !obj)
        return 0;
    struct besom__externals *x = &heap->weak->externals;
    besom__block_lock(heap);
    struct besom__charge *const *link = x->buckets ? find_charge(x, obj) : NULL;
    size_t bytes = link && *link ? (*link)->bytes : 0;
    besom__block_unlock(heap);
    return bytes;
}
