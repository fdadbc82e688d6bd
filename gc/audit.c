/* audit.c - objects about to die that a C stack still mentions.
 *
 * A stack holds stale words too, so a finding is a hint.  It names the object's type; one finding
 * for each word that is the address of a dead object's start, or a reference past it. */
#include "gc/audit.h"

#include "gc/ambiguous.h"
#include "gc/event.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/stack.h"
#include "gc/trace.h"
#include "gc/walk.h"

static void audit_object(struct besom_heap *heap, void *obj, const void *word)
{
    if (!obj || !besom__is_dead(heap, obj))
        return;
    char what[128];
    besom__describe(heap, obj, what, sizeof what);
    besom__finding(heap, BESOM_EVENT_STACK_MENTION, obj,
                   "audit_stack: the %s is dead, but the C stack mentions it at %p: is a root "
                   "missing?",
                   what, word);
}

static void audit_words(void *data, const void *words, unsigned long n)
{
    struct besom_heap *heap = data;
    const uintptr_t *word = words;
    for (unsigned long i = 0; i < n; i++) {
        uintptr_t value = besom__ambiguous_load(&word[i]);
        void *obj = besom__ambiguous_object(heap, value);
        if ((uintptr_t)obj == value)
            audit_object(heap, obj, &word[i]);
        audit_object(heap, besom__ambiguous_past(heap, value), &word[i]);
    }
}

void besom__audit_stacks(struct besom_heap *heap)
{
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        besom__stack_words(m, audit_words, heap);
}
