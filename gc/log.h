/* log.h - what a mutator's write barrier has logged.
 *
 * An object is logged once per epoch; a large one once per 512-byte card that besom_write_at names.
 * An entry is the start of an object, which stands for all of it, or an address inside a large one,
 * which stands for its card: the card's start, or, of the first card, the object's second granule.
 *
 * An entry whose stamp was another epoch's goes to the next log as well (`carry`): handshakes reach
 * mutators one after another, so the stamp may be one by which a mutator that is ahead has decided
 * not to log. */
#ifndef GC_LOG_H
#define GC_LOG_H

#include <besom/mutator.h>

#include "gc/bag.h"

enum { CARD_BYTES = 512 };

/* Its mutator's; looked at by others with the world stopped, or while it is borrowed. */
struct besom__log {
    struct besom__bag entries, carry;
    size_t n_bare; /* cards without metadata among them */
};

struct besom__mutator;

/* Forgets what was logged.  World stopped, or by its mutator. */
void besom__log_clear(struct besom__mutator *m);
void besom__log_fini(struct besom__mutator *m);

/* Moves the entries to `to`; what is carried over takes their place. */
void besom__log_hand_over(struct besom__mutator *m, struct besom__bag *to);

/* The object that an entry stands for, and the part of it: from *start to *end. */
void *besom__log_object(struct besom_heap *heap, void *entry, char **start, char **end);

/* The byte that bears an entry's stamp, or NULL: beyond the first 4 MiB of a huge object there is no
 * metadata. */
uint8_t *besom__log_meta(struct besom_heap *heap, void *entry);

/* A large object was marked, or is dead: the stamps of its cards go. */
void besom__log_clear_cards(void *obj, size_t bytes);

/* There is no memory to log obj: its block is noted instead, and the marked objects there are traced
 * again in the stop of the next cycle.  Any thread. */
void besom__log_lose(struct besom_heap *heap, const void *obj);

/* The same for what refers to an object that could not be noted: it may be anywhere. */
void besom__log_lose_all(struct besom_heap *heap);

#endif
