/* log.c - the slow path of the write barrier.
 *
 * Whether an object is logged depends on its stamp and on this mutator's epoch alone.  Append
 * first, then stamp: whoever sees the stamp may rely on the entry. */
#include "gc/log.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mutator.h"

static void append(struct besom__mutator *m, void *entry)
{
    struct besom__log_segment *segment = m->log.first;
    if (!segment || segment->n == LOG_SEGMENT_ENTRIES) {
        segment = besom__alloc(m->heap, sizeof *segment);
        if (!segment) {
            m->log.incomplete = true;
            return;
        }
        segment->next = m->log.first;
        m->log.first = segment;
    }
    if (segment->n && segment->entries[segment->n - 1] == entry)
        return; /* as with cards that have no stamp */
    segment->entries[segment->n++] = entry;
}

/* The granule whose stamp stands for slot: the object's first, or its card's. */
static void *logged_granule(void *obj, void *slot)
{
    if (!(besom__byte_load(besom__meta(obj)) & BESOM__LARGE))
        return obj;
    char *card = (char *)((uintptr_t)slot & ~(uintptr_t)(CARD_BYTES - 1));
    return card < (char *)obj ? obj : card;
}

/* Beyond the first 4 MiB a huge object has no metadata: its cards are logged each time. */
static bool card_has_meta(const void *obj, const void *card)
{
    return besom__chunk_of(card) == besom__chunk_of(obj);
}

void besom__write_slow(struct besom_mutator *pub, void *obj, void *slot)
{
    struct besom__mutator *m = besom__mutator_of(pub);
    void *granule = logged_granule(obj, slot);
    bool has_meta = card_has_meta(obj, granule);
    uint8_t *meta = has_meta ? besom__meta(granule) : NULL;
    uint8_t old = has_meta ? besom__byte_load(meta) : 0;
    if (has_meta && (old & BESOM__STAMP) == pub->stamp)
        return;
    append(m, granule);
    while (has_meta && !besom__byte_cas(meta, old, (uint8_t)((old & ~BESOM__STAMP) | pub->stamp)))
        old = besom__byte_load(meta);
}

void besom__log_clear(struct besom__mutator *m)
{
    while (m->log.first && m->log.first->next) {
        struct besom__log_segment *segment = m->log.first;
        m->log.first = segment->next;
        besom__release(m->heap, segment);
    }
    if (m->log.first)
        m->log.first->n = 0;
    m->log.incomplete = false;
}

void besom__log_fini(struct besom__mutator *m)
{
    besom__log_clear(m);
    besom__release(m->heap, m->log.first);
    m->log.first = NULL;
}

void besom__log_clear_cards(void *obj, size_t bytes)
{
    char *end = (char *)obj + bytes;
    char *card = (char *)((uintptr_t)obj & ~(uintptr_t)(CARD_BYTES - 1)) + CARD_BYTES;
    for (; card < end && card_has_meta(obj, card); card += CARD_BYTES)
        besom__byte_store(besom__meta(card), besom__byte_load(besom__meta(card)) & BESOM__END);
}
