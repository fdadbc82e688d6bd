/* arena.h - new objects stay alive until a mark is restored, for hosts whose C code roots nothing.
 *
 * While a mutator's arena is open, every object that it allocates is a root, in the order of
 * allocation, until besom_arena_restore goes back to a point before it:
 *
 *     size_t mark = besom_arena_save(m);
 *     ... C code that allocates and polls, and holds what it made in plain locals ...
 *     besom_arena_restore(m, mark);
 *
 * A mark is a number, so it may be kept beside a jmp_buf; restored where the longjmp arrives, it drops
 * what came since. */
#ifndef BESOM_ARENA_H
#define BESOM_ARENA_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From here on new objects of m are in its arena, those that the library makes for itself (a table's
 * parts) too.  Every allocation takes the slow path while it is open; while it is not, none pays
 * anything.  BESOM_E_STATE: it is open, or m is in a native region. */
BESOM_API enum besom_status besom_arena_open(struct besom_mutator *m);

/* Drops all that is in the arena, and its memory; besom_detach does so too.  BESOM_E_STATE: it is not
 * open. */
BESOM_API enum besom_status besom_arena_close(struct besom_mutator *m);

/* How many objects are in the arena: the mark to go back to.  0 if m has none open. */
BESOM_API size_t besom_arena_save(const struct besom_mutator *m);

/* Drops what came after the mark.  BESOM_E_STATE: no arena is open.  BESOM_E_ARGUMENT: fewer objects are
 * in it than when that mark was saved; nothing changed. */
BESOM_API enum besom_status besom_arena_restore(struct besom_mutator *m, size_t mark);

/* Puts an object that is not new into the arena: one that was taken out of its container, interned, or
 * is to outlive a restore.  NULL does nothing.
 * BESOM_E_STATE (no arena is open), BESOM_E_FOREIGN, or BESOM_E_MEMORY. */
BESOM_API enum besom_status besom_arena_protect(struct besom_mutator *m, void *obj);

#ifdef __cplusplus
}
#endif
#endif
