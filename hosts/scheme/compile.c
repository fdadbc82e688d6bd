/* compile.c - a form in, a thunk out; and where the pairs of a form stand in its file. */
#include "hosts/scheme/compile.h"

struct place {
    value pair;
    unsigned line, column;
};
struct positions {
    struct place *slots;
    size_t n, cap;
};

struct positions *positions_new(struct vm *vm)
{
    struct positions *p = scm_scratch(vm, sizeof *p);
    *p = (struct positions){NULL, 0, 0};
    return p;
}

static struct place *find(const struct positions *p, value pair)
{
    size_t i = (size_t)(pair * 0x9e3779b97f4a7c15 >> 20) & (p->cap - 1);
    while (p->slots[i].pair && p->slots[i].pair != pair)
        i = (i + 1) & (p->cap - 1);
    return &p->slots[i];
}

void positions_put(struct vm *vm, struct positions *p, value pair, unsigned line, unsigned column)
{
    if (2 * (p->n + 1) > p->cap) {
        struct positions more = {NULL, p->n, p->cap ? 2 * p->cap : 64};
        more.slots = scm_scratch(vm, more.cap * sizeof *more.slots);
        for (size_t i = 0; i < more.cap; i++)
            more.slots[i].pair = 0;
        for (size_t i = 0; i < p->cap; i++)
            if (p->slots[i].pair)
                *find(&more, p->slots[i].pair) = p->slots[i];
        scm_scratch_free(vm, p->slots);
        *p = more;
    }
    *find(p, pair) = (struct place){pair, line, column};
    p->n++;
}

bool positions_get(const struct positions *p, value pair, unsigned *line, unsigned *column)
{
    if (!p || !p->cap)
        return false;
    struct place *found = find(p, pair);
    if (!found->pair)
        return false;
    *line = found->line;
    *column = found->column;
    return true;
}

value scm_compile(struct vm *vm, value form, value env, struct positions *positions,
                  const char *file)
{
    if (!positions)
        positions = positions_new(vm);
    if (!vm->locked) {
        pthread_mutex_lock(&vm->world->lock);
        vm->locked = true;
    }
    struct compilation c = {.vm = vm, .env = env, .positions = positions, .file = file};
    value thunk = emit_thunk(&c, expand_top(&c, form));
    vm->locked = false;
    pthread_mutex_unlock(&vm->world->lock);
    scm_scratch_clear(vm);
    return thunk;
}
