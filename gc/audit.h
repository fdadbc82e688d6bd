/* audit.h - objects about to die that a C stack still mentions: perhaps a missing root. */
#ifndef GC_AUDIT_H
#define GC_AUDIT_H

struct besom_heap;

/* World stopped, marking done, everything unswept. */
void besom__audit_stacks(struct besom_heap *heap);

#endif
