/* table.h - hash tables whose entries may be weak.
 *
 * A table is an object of the heap, to be rooted like any other.  It maps keys, which are objects of
 * the same heap, to values, which are words in the heap's encoding (in a heap of plain pointers:
 * objects).  Keys are told apart by address, or by the host's hash and equality.
 *
 *     kind               an entry lives while                              its value is alive while
 *     BESOM_STRONG       the table does                                    the entry is there
 *     BESOM_WEAK_KEYS    the key does, otherwise than by its own value     the key and the table live
 *     BESOM_WEAK_VALUES  the value does, otherwise than by its own key     -
 *     BESOM_WEAK_BOTH    both do, otherwise than by the table              -
 *
 * (The key of an entry with a weak value is kept for as long as the entry is.)  Values that die go
 * before finalizers run; keys that die, and entries of tables that a finalizer brought back, after.
 * A value that is no reference by the heap's encoding never dies.  A key that marking has found dead
 * and that is looked up by its content before it is cleared is alive again.
 *
 * Threads that share a table must exclude each other, as with any other structure; against the
 * collector a table protects itself.  It grows and shrinks by a few hundred entries at a time, but
 * for a directory of a word for about 150 entries.  Operations that allocate (put, and new) are
 * safepoints only where allocation is one; their arguments are safe meanwhile.
 *
 * A table has no header of the host's, not even in a heap with type_of (which is not asked about it): a
 * host that reads a kind in each of its objects wraps a table in one of its own.
 */
#ifndef BESOM_TABLE_H
#define BESOM_TABLE_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct besom_table;

enum besom_table_kind { BESOM_STRONG, BESOM_WEAK_KEYS, BESOM_WEAK_VALUES, BESOM_WEAK_BOTH };

/* A hash of a key's content, and whether two keys are equal: constant as long as the key is in a
 * table.  a is the key that a call was given, b one in the table, of equal hash.  They only compute:
 * they must not call Besom (a call that would change the table is refused with BESOM_E_STATE), and
 * must not block.  Bad hashes make tables slow, not wrong. */
typedef uint64_t (*besom_hash_fn)(void *host, const void *key);
typedef bool (*besom_equal_fn)(void *host, const void *a, const void *b);

/* An empty table.  hash and equal both NULL: keys are equal if they are the same object.  NULL: no
 * memory, an unknown kind, or one of the functions without the other. */
BESOM_API struct besom_table *besom_table_new(struct besom_mutator *m, enum besom_table_kind kind,
                                              besom_hash_fn hash, besom_equal_fn equal);

/* The value of key; NULL if there is none, or if an argument is bad. */
BESOM_API void *besom_table_get(struct besom_mutator *m, struct besom_table *table,
                                const void *key);

/* Sets the value of key, which stays the key it was if an equal one is there.
 *   BESOM_E_ARGUMENT  table, key or value is NULL
 *   BESOM_E_FOREIGN   table, key or value is of another heap; key is no object; value is a
 *                     reference to no object
 *   BESOM_E_STATE     called from the table's own hash or equality
 *   BESOM_E_MEMORY    no memory; as before */
BESOM_API enum besom_status besom_table_put(struct besom_mutator *m, struct besom_table *table,
                                            void *key, void *value);

/* Removes the entry of key.  BESOM_E_ABSENT: there is none.  Otherwise as besom_table_put. */
BESOM_API enum besom_status besom_table_remove(struct besom_mutator *m, struct besom_table *table,
                                               const void *key);

/* Removes all entries. */
BESOM_API enum besom_status besom_table_clear(struct besom_mutator *m, struct besom_table *table);

/* The number of entries.  Between the end of marking and the end of clearing this may still count
 * entries that are not visible any more; after besom_collect it is exact.  0 for NULL. */
BESOM_API size_t besom_table_count(const struct besom_table *table);

/* Where an iteration is.  Set it to zero to begin. */
struct besom_cursor {
    uint64_t hash;
    const void *key; /* the last key seen; only compared, so it may be dead */
};

/* The next entry, or false after the last one.  key and value may be NULL.
 *
 * The order is that of the keys' hashes, and does not depend on how the table has grown.  So an
 * iteration survives collections and every change: an entry that is there from beginning to end is
 * seen exactly once; one that was put or removed meanwhile is seen at most once, and may be missed;
 * one whose key or value died is not seen.  (Removing a key and putting it again makes a new
 * entry.)  False too if an argument is bad. */
BESOM_API bool besom_table_next(struct besom_mutator *m, struct besom_table *table,
                                struct besom_cursor *cursor, void **key, void **value);

#ifdef __cplusplus
}
#endif
#endif
