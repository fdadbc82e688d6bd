/* stack.c - the C stacks of mutators. */
#define _GNU_SOURCE
#include "gc/stack.h"

#include "gc/heap.h"
#include "gc/mutator.h"

void besom__stack_note(struct besom__mutator *m)
{
    m->stack_top = __builtin_frame_address(0);
    if (m->registers)
        getcontext(m->registers);
}

void besom__stack_words(struct besom__mutator *m,
                        void (*fn)(void *data, const void *words, unsigned long n), void *data)
{
    if (m->registers)
        fn(data, m->registers, sizeof *m->registers / sizeof(void *));
    if (!m->stack_base)
        return;
    char *top = (char *)((uintptr_t)m->stack_top & ~(uintptr_t)(sizeof(void *) - 1));
    fn(data, top, (unsigned long)(m->stack_base - top) / sizeof(void *));
}
