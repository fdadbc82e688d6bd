/* support_items.h - what the tests of weak structures share: items, their hashes, who is alive. */
#ifndef TESTS_SUPPORT_ITEMS_H
#define TESTS_SUPPORT_ITEMS_H

#include "support.h"

struct item { /* two words in the heap's encoding, an identity and a content */
    const struct besom_type *type;
    void *ref;
    void *other;
    uint64_t id;
    uint64_t content;
};
extern const struct besom_type item_type;

/* An item with that id, and the same content. */
struct item *make_item(struct besom_mutator *m, uint64_t id);

/* Hashes of an item's content, from good to useless; they count their calls, and what they are
 * shown that is no item. */
uint64_t hash_well(void *host, const void *key);
uint64_t hash_high(void *host, const void *key); /* differs in the upper bits only */
uint64_t hash_low(void *host, const void *key);  /* in the lower */
uint64_t hash_same(void *host, const void *key); /* not at all */
bool equal_content(void *host, const void *a, const void *b);
extern unsigned long hash_calls, equal_calls, strange_keys;

/* Is there an item with that id?  A safepoint. */
bool item_is_there(struct besom_mutator *m, uint64_t id);
/* All items.  A safepoint. */
size_t count_items(struct besom_mutator *m);

struct besom_table *make_table(struct besom_mutator *m, enum besom_table_kind kind);
/* By content. */
struct besom_table *make_content_table(struct besom_mutator *m, enum besom_table_kind kind,
                                       besom_hash_fn hash);
void put(struct besom_mutator *m, struct besom_table *table, void *key, void *value);
/* What an iteration sees; fails the test if it is not besom_table_count. */
size_t count_entries(struct besom_mutator *m, struct besom_table *table);

/* Sets of items: a probe is a pointer to a number, and the object an item of that content. */
uint64_t hash_number(void *host, const void *probe);
bool number_is(void *host, const void *probe, const void *obj);
void *make_number(struct besom_mutator *m, void *host, const void *probe);
extern unsigned long numbers_made;

struct besom_interns *make_set(struct besom_mutator *m);
struct item *intern(struct besom_mutator *m, struct besom_interns *set, uint64_t number);
/* NULL if there is none. */
struct item *look_up(struct besom_mutator *m, struct besom_interns *set, uint64_t number);
/* What an iteration sees; fails the test if it is not besom_interns_count. */
size_t count_interned(struct besom_mutator *m, struct besom_interns *set);

/* The low three bits of a reference are 1, those of an integer are not. */
extern const struct besom_encoding tagged_encoding;
void *tagged(const void *obj);
void *small_integer(uint64_t n);

#endif
