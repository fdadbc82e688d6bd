/* weak.h - weak references and ephemerons: objects that refer without keeping alive.
 *
 * Both are objects of the heap, to be rooted like any other; they go when nothing refers to them.
 * Reading them never collects, from any thread with a running mutator of the heap.  It takes no lock
 * but between the end of marking and the end of clearing, when it may wait for a quantum of that
 * (about 50 microseconds), or mark what a finalizer, or the read itself, brings back.
 *
 * The order at the end of a cycle, of which doc/manual.md has the whole: what short references
 * refer to is decided first; then dead objects with finalizers are brought back, with all that
 * they reach; then long references and ephemerons go whose objects are dead all the same. */
#ifndef BESOM_WEAK_H
#define BESOM_WEAK_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct besom_weak;
struct besom_ephemeron;

enum besom_weak_kind {
    BESOM_WEAK_SHORT, /* cleared before finalizers: it does not show what only a finalizer brought
                         back, unless it was brought back itself */
    BESOM_WEAK_LONG   /* cleared when the object is really gone */
};

/* A weak reference to obj.  16 bytes.  NULL: no memory, obj is not an object of this heap, or the
 * kind is unknown.  Allocates; a safepoint where allocation is one (obj is safe meanwhile). */
BESOM_API struct besom_weak *besom_weak_new(struct besom_mutator *m, enum besom_weak_kind kind,
                                            void *obj);

/* The object, or NULL once it is gone.  A long reference may be asked after marking has found the
 * object dead and before it is cleared: the object is then alive again, with all that it reaches.
 * NULL too if weak is NULL or m is not running, or there is no memory to bring it back. */
BESOM_API void *besom_weak_get(struct besom_mutator *m, struct besom_weak *weak);

/* Forgets the object.  BESOM_E_ARGUMENT for NULL, or what a check of m says. */
BESOM_API enum besom_status besom_weak_clear(struct besom_mutator *m, struct besom_weak *weak);

/* An ephemeron: the value is alive while the key and the ephemeron are, and the ephemeron keeps
 * neither alive, not even if the value reaches the key.  32 bytes.  value is a word in the heap's
 * encoding, so not necessarily a reference; NULL is allowed.  NULL: no memory, or key or value is
 * no object of this heap (a value that is no reference by the encoding is not looked at).
 * (Hayes, "Ephemerons: a new finalization mechanism", OOPSLA 1997.) */
BESOM_API struct besom_ephemeron *besom_ephemeron_new(struct besom_mutator *m, void *key,
                                                      void *value);

/* The key and the value, or NULL when the key is gone.  Treated like long references. */
BESOM_API void *besom_ephemeron_key(struct besom_mutator *m, struct besom_ephemeron *e);
BESOM_API void *besom_ephemeron_value(struct besom_mutator *m, struct besom_ephemeron *e);

/* Replaces the value.  BESOM_E_STATE: the key is gone.  BESOM_E_FOREIGN: value is a reference to no
 * object of this heap.  BESOM_E_ARGUMENT for a NULL ephemeron, or what a check of m says. */
BESOM_API enum besom_status besom_ephemeron_set(struct besom_mutator *m, struct besom_ephemeron *e,
                                                void *value);

#ifdef __cplusplus
}
#endif
#endif
