/* checked.h - references in C structs that cannot be stored into without the barrier.
 *
 *     struct node {
 *         const struct besom_type *type;
 *         BESOM_REF(struct node) next;
 *     };
 *     BESOM_SET(m, node, next, other);
 *     struct node *n = BESOM_GET(node, next);
 *
 * A BESOM_REF is as large as a pointer and lies in memory as one, so reference maps name its offset
 * as before.  `node->next = other` and `*node = *another` do not compile: what is inside is const.
 * For C; C++ has besom/besom.hpp. */
#ifndef BESOM_CHECKED_H
#define BESOM_CHECKED_H

#include <besom/mutator.h>

/* A member that refers to an object of type T, or is NULL. */
#define BESOM_REF(T)          \
    struct {                  \
        T *const besom__only; \
    }

/* obj->member, as a T *: one atomic load of a word. */
#define BESOM_GET(obj, member) __atomic_load_n(&(obj)->member.besom__only, __ATOMIC_RELAXED)

/* obj->member = value, a T *, with the barrier: what besom_set does, at its cost.  obj is looked at
 * once; the store comes first.  Also for newborn objects, whose barrier does nothing. */
#define BESOM_SET(m, obj, member, value)                                                          \
    __extension__({                                                                               \
        __typeof__(obj) besom__obj = (obj);                                                       \
        __typeof__(besom__obj->member.besom__only) besom__value = (value);                        \
        besom_set((m), besom__obj, (void *)&besom__obj->member, (void *)(uintptr_t)besom__value); \
    })

#endif
