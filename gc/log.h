/* log.h - what a mutator's write barrier has logged.
 *
 * In mode stw nobody reads the log: the barrier is off, or kept on by the option `barrier` to
 * measure it.  An object is logged once per epoch; a large one once per 512-byte card that
 * besom_write_at names, where the entry is the card's start, or the object's for its first card and
 * for besom_write. */
#ifndef GC_LOG_H
#define GC_LOG_H

#include <besom/mutator.h>

enum { LOG_SEGMENT_ENTRIES = 510, CARD_BYTES = 512 };

struct besom__log_segment {
    struct besom__log_segment *next;
    size_t n;
    void *entries[LOG_SEGMENT_ENTRIES]; /* starts of objects, or of cards of large ones */
};

/* Its mutator's; looked at by others with the world stopped. */
struct besom__log {
    struct besom__log_segment *first;
    bool incomplete; /* it could not grow; the next cycle must not rely on it */
};

struct besom__mutator;

/* Forgets what was logged; keeps one segment.  World stopped, or by its mutator. */
void besom__log_clear(struct besom__mutator *m);
void besom__log_fini(struct besom__mutator *m);

/* A large object was marked, or is dead: the stamps of its cards, but for the one at its start, go.
 * World stopped, or nobody else has it. */
void besom__log_clear_cards(void *obj, size_t bytes);

#endif
