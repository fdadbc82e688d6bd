/* intern.h - one object for each content: symbols, interned strings, hash-consed nodes.
 *
 * A set is an object of the heap, to be rooted like any other; it keeps what it holds weakly, until
 * it is really gone: what a finalizer brought back is still the canonical object of its content.
 * Threads that share a set must exclude each other. */
#ifndef BESOM_INTERN_H
#define BESOM_INTERN_H

#include <besom/base.h>
#include <besom/table.h>

#ifdef __cplusplus
extern "C" {
#endif

struct besom_interns;

/* A probe is the content looked for, in whatever form the host likes.  Both functions only compute,
 * as with tables. */
typedef uint64_t (*besom_probe_hash_fn)(void *host, const void *probe);
typedef bool (*besom_probe_equal_fn)(void *host, const void *probe, const void *obj);

/* Makes the object of a probe's content.  May allocate, collect and intern; NULL: it cannot. */
typedef void *(*besom_make_fn)(struct besom_mutator *m, void *host, const void *probe);

/* An empty set.  NULL: no memory, or a function is NULL. */
BESOM_API struct besom_interns *besom_interns_new(struct besom_mutator *m,
                                                  besom_probe_hash_fn hash,
                                                  besom_probe_equal_fn equal);

/* The object equal to probe.  If there is none it is made; with make NULL, or if make or memory
 * fails, or an argument is bad, NULL.  An object that marking has found dead, and that is not gone
 * yet, is alive again if it is looked up, with all that it reaches.  A safepoint only if make is. */
BESOM_API void *besom_intern(struct besom_mutator *m, struct besom_interns *set, const void *probe,
                             besom_make_fn make);

/* Drops an object from the set.  BESOM_E_ABSENT: the object equal to probe is not there. */
BESOM_API enum besom_status besom_intern_remove(struct besom_mutator *m, struct besom_interns *set,
                                                const void *probe);

/* How many there are; as besom_table_count. */
BESOM_API size_t besom_interns_count(const struct besom_interns *set);

/* The next object; as besom_table_next. */
BESOM_API bool besom_interns_next(struct besom_mutator *m, struct besom_interns *set,
                                  struct besom_cursor *cursor, void **obj);

#ifdef __cplusplus
}
#endif
#endif
