/* scratch.c - host memory of the primitive that runs: a jump out of it frees what it left. */
#include "hosts/scheme/scheme.h"
#include <stdlib.h>

struct scratch {
    struct scratch *next, **back;
    max_align_t data[];
};

void *scm_scratch(struct vm *vm, size_t bytes)
{
    return scm_scratch_grow(vm, NULL, bytes);
}

static void unlink_scratch(struct scratch *s)
{
    *s->back = s->next;
    if (s->next)
        s->next->back = s->back;
}

static void link_scratch(struct vm *vm, struct scratch *s)
{
    s->next = vm->scratch;
    s->back = &vm->scratch;
    if (s->next)
        s->next->back = &s->next;
    vm->scratch = s;
}

void *scm_scratch_grow(struct vm *vm, void *block, size_t bytes)
{
    struct scratch *old =
        block ? (struct scratch *)((char *)block - offsetof(struct scratch, data)) : NULL;
    if (old)
        unlink_scratch(old);
    struct scratch *s = realloc(old, sizeof *s + bytes);
    if (s || old)
        link_scratch(vm, s ? s : old);
    if (!s)
        scm_starve(vm);
    return s->data;
}

void scm_scratch_free(struct vm *vm, void *block)
{
    (void)vm;
    if (!block)
        return;
    struct scratch *s = (struct scratch *)((char *)block - offsetof(struct scratch, data));
    unlink_scratch(s);
    free(s);
}

void scm_scratch_clear(struct vm *vm)
{
    while (vm->scratch)
        scm_scratch_free(vm, vm->scratch->data);
}
