/* log.c - the slow path of the write barrier.
 *
 * Whether an object is logged depends on its stamp and on this mutator's epoch alone.  Append
 * first, then stamp: whoever sees the stamp may rely on the entry. */
#include "gc/log.h"

#include "gc/ambiguous.h"
#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/pause.h"

enum { MANY_BARE_CARDS = 4096 }; /* in a log: then it is the whole of a huge object */

static void add_entry(struct besom__mutator *m, struct besom__bag *bag, void *obj, void *entry)
{
    if (!besom__bag_add(m->heap, bag, entry))
        besom__log_lose(m->heap, obj);
}

/* Not twice in a row, as with cards that have no stamp.  What may take long is a further part. */
static void append(struct besom__mutator *m, struct besom__bag *bag, void *obj, void *entry)
{
    const struct besom__bag_part *part = bag->first;
    if (part && part->n && part->entries[part->n - 1] == entry)
        return;
    if (part && part->n != BAG_PART_ENTRIES) {
        add_entry(m, bag, obj, entry);
        return;
    }
    const uint64_t begin_ns = besom__pause_watch(m);
    add_entry(m, bag, obj, entry);
    besom__pause_watched(m, BESOM_PAUSE_BARRIER, begin_ns);
}

/* The granule whose stamp stands for slot: the object's first, or its card's. */
static void *logged_granule(void *obj, void *slot)
{
    if (!(besom__byte_load(besom__meta(obj)) & BESOM__LARGE) || slot == obj)
        return obj;
    char *card = (char *)((uintptr_t)slot & ~(uintptr_t)(CARD_BYTES - 1));
    char *second = (char *)obj + BESOM__GRANULE_BYTES;
    return card < second ? second : card;
}

static bool card_has_meta(const void *obj, const void *card)
{
    return besom__chunk_of(card) == besom__chunk_of(obj);
}

void besom__write_slow(struct besom_mutator *pub, void *obj, void *slot)
{
    struct besom__mutator *m = besom__mutator_of(pub);
    void *granule = logged_granule(obj, slot);
    if (granule != obj && (besom__byte_load(besom__meta(obj)) & BESOM__STAMP) == pub->stamp)
        return; /* all of it is logged, or newborn */
    if (!card_has_meta(obj, granule) && ++m->log.n_bare <= MANY_BARE_CARDS) {
        append(m, &m->log.entries, obj, granule);
        return;
    }
    if (!card_has_meta(obj, granule))
        granule = obj;
    uint8_t *meta = besom__meta(granule), old = besom__byte_load(meta);
    if ((old & BESOM__STAMP) == pub->stamp)
        return;
    append(m, &m->log.entries, obj, granule);
    while (!besom__byte_cas(meta, old, (uint8_t)((old & ~BESOM__STAMP) | pub->stamp)))
        old = besom__byte_load(meta);
    uint8_t replaced = old & BESOM__STAMP;
    if (replaced && replaced != pub->stamp && m->heap->beside)
        append(m, &m->log.carry, obj, granule);
}

void besom__log_lose(struct besom_heap *heap, const void *obj)
{
    besom__byte_store(&besom__block_of(obj)->dirty, 1);
    besom__u32_cas(&heap->round.dirty, 0, DIRTY_SOME);
}

void besom__log_lose_all(struct besom_heap *heap)
{
    besom__u32_store_release(&heap->round.dirty, DIRTY_ALL);
}

void besom__log_clear(struct besom__mutator *m)
{
    besom__bag_clear(m->heap, &m->log.entries);
    besom__bag_clear(m->heap, &m->log.carry);
    m->log.n_bare = 0;
}

void besom__log_fini(struct besom__mutator *m)
{
    besom__bag_fini(m->heap, &m->log.entries);
    besom__bag_fini(m->heap, &m->log.carry);
}

void besom__log_hand_over(struct besom__mutator *m, struct besom__bag *to)
{
    m->log.n_bare = 0;
    besom__bag_join(to, &m->log.entries);
    m->log.entries = m->log.carry;
    m->log.carry = (struct besom__bag){NULL, NULL};
}

/* ---- entries ---- */

/* Chunks of huge objects are in a list that mutators add to. */
static void *large_object_of(struct besom_heap *heap, void *entry)
{
    besom__block_lock(heap);
    void *obj = besom__ambiguous_object(heap, (uintptr_t)entry);
    besom__block_unlock(heap);
    return obj;
}

static bool is_start(const struct besom_heap *heap, const void *entry)
{
    return besom__chunk_find(heap, entry) &&
           (besom__byte_load(besom__meta(entry)) & BESOM__COLOR) != 0;
}

void *besom__log_object(struct besom_heap *heap, void *entry, char **start, char **end)
{
    if (is_start(heap, entry)) {
        *start = entry;
        *end = (char *)entry + besom_size(entry);
        return entry;
    }
    *start = (char *)((uintptr_t)entry & ~(uintptr_t)(CARD_BYTES - 1));
    *end = *start + CARD_BYTES;
    void *obj = large_object_of(heap, entry);
    if ((char *)entry == (char *)obj + BESOM__GRANULE_BYTES)
        *start = obj; /* the first card, and perhaps the second, which may begin here */
    return obj;
}

uint8_t *besom__log_meta(struct besom_heap *heap, void *entry)
{
    return besom__chunk_find(heap, entry) ? besom__meta(entry) : NULL;
}

void besom__log_clear_cards(void *obj, size_t bytes)
{
    char *end = (char *)obj + bytes;
    char *card = (char *)obj + BESOM__GRANULE_BYTES;
    while (card < end && card_has_meta(obj, card)) {
        uint8_t *meta = besom__meta(card), old = besom__byte_load(meta);
        if (old & BESOM__STAMP)
            besom__byte_cas(meta, old, old & BESOM__END); /* or it has just been stamped anew */
        card = (char *)((uintptr_t)card & ~(uintptr_t)(CARD_BYTES - 1)) + CARD_BYTES;
    }
}
