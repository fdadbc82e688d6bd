/* stack.c - the value stack, and what instructions do that is not done in line.
 *
 * Every value of the program is in the stack or in a register of struct vm at each safepoint, so that
 * the root source sees it and no local of the loop need be rooted: registers are saved where a poll
 * has something to do, and before a primitive is called.  Safepoints are the calls of closures and
 * the back-edges of loops.
 *
 * A primitive that finds no memory leaves by a jump.  The VM collects, and calls it again once. */
#include "hosts/scheme/scheme.h"
#include "hosts/scheme/vm.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void visit_vm(struct besom_tracer *tracer, void *data)
{
    struct vm *vm = data;
    besom_visit_words(tracer, vm->base, (size_t)(vm->sp - vm->base));
    const value registers[] = {vm->acc,  vm->closure, vm->handlers, vm->params, vm->winds,
                               vm->self, vm->key,     vm->raised,   vm->result};
    besom_visit_words(tracer, registers, sizeof registers / sizeof *registers);
}

struct vm *scm_vm_new(struct world *world)
{
    struct vm *vm = calloc(1, sizeof *vm);
    if (!vm)
        return NULL;
    vm->world = world;
    vm->base = mmap(NULL, (STACK_WORDS + 2 * STACK_SPARE) * sizeof(value), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (vm->base == MAP_FAILED)
        goto fail_stack;
    vm->sp = vm->fp = vm->base;
    vm->limit = vm->base + STACK_WORDS;
    vm->handlers = vm->params = vm->winds = NIL;
    vm->m = besom_attach(world->heap);
    if (!vm->m)
        goto fail_attach;
    if (besom_mutator_root_source(vm->m, visit_vm, vm, "value stack", &vm->root))
        goto fail_root;
    struct key *key = besom_new(vm->m, &scm_types[T_KEY]);
    if (!key)
        goto fail_root;
    vm->key = ref(key);
    return vm;
fail_root:
    besom_detach(vm->m);
fail_attach:
    munmap(vm->base, (STACK_WORDS + 2 * STACK_SPARE) * sizeof(value));
fail_stack:
    free(vm);
    return NULL;
}

void scm_vm_free(struct vm *vm)
{
    besom_detach(vm->m);
    munmap(vm->base, (STACK_WORDS + 2 * STACK_SPARE) * sizeof(value));
    free(vm);
}

/* ---- memory that ran out, and errors ---- */

/* Some room for those who handle the condition: it is charged again when there is plenty. */
void vm_release_ballast(struct vm *vm)
{
    struct world *w = vm->world;
    size_t bytes = __atomic_exchange_n(&w->ballast_bytes, 0, __ATOMIC_RELAXED);
    if (bytes)
        besom_external(w->heap, address(w->ballast), -(ptrdiff_t)bytes);
}

void vm_clean_up(struct vm *vm)
{
    scm_scratch_clear(vm);
    vm->compiling = NULL;
    vm->reading = false;
    if (vm->locked) {
        vm->locked = false;
        pthread_mutex_unlock(&vm->world->lock);
    }
}

/* An object for an instruction, whose registers are saved. */
void *vm_new_or_collect(struct vm *vm, enum kind kind, size_t bytes)
{
    besom_collect(vm->m, BESOM_FULL);
    void *object = besom_new_sized(vm->m, &scm_types[kind], bytes);
    if (!object) {
        vm_release_ballast(vm);
        scm_raise(vm, vm->world->exhausted);
    }
    return object;
}

static value make_overflow(struct vm *vm)
{
    value message = scm_string(vm, "recursion too deep");
    return scm_condition(vm, scm_symbol(vm, "recursion"), message, NIL, scm_where_now(vm));
}

_Noreturn void vm_overflow(struct vm *vm)
{
    if (!vm->overflowed) {
        vm->overflowed = true;
        vm->limit = vm->base + STACK_WORDS + STACK_SPARE;
    } else {
        vm->sp = vm->base; /* nobody handles it within what was spared for that */
        vm->handlers = NIL;
    }
    scm_raise(vm, make_overflow(vm));
}

void vm_check_overflowed(struct vm *vm, value *sp)
{
    if (vm->overflowed && sp < vm->base + STACK_WORDS - STACK_SPARE) {
        vm->overflowed = false;
        vm->limit = vm->base + STACK_WORDS;
    }
}

_Noreturn void vm_wrong_count(struct vm *vm, value f, int n)
{
    value name = FALSE;
    char wanted[64] = "";
    if (is(f, T_CLOSURE)) {
        struct code *c = AS(code, AS(closure, f)->code);
        name = c->name;
        snprintf(wanted, sizeof wanted, ", takes %s%d", c->rest ? "at least " : "", c->required);
    } else if (is(f, T_PRIMITIVE)) {
        struct primitive *p = AS(primitive, f);
        name = p->name;
        if (p->most == p->least)
            snprintf(wanted, sizeof wanted, ", takes %d", p->least);
        else if (p->most < 0)
            snprintf(wanted, sizeof wanted, ", takes at least %d", p->least);
        else
            snprintf(wanted, sizeof wanted, ", takes %d to %d", p->least, p->most);
    }
    scm_error(vm, "arity", NIL, "%.200s called with %d argument%s%s",
              is(name, T_SYMBOL) ? AS(symbol, name)->text : "procedure", n, n == 1 ? "" : "s",
              wanted);
}

/* ---- continuations ---- */

value vm_capture(struct vm *vm, value *end)
{
    size_t n = (size_t)(end - vm->base);
    size_t bytes = sizeof(struct continuation) + n * sizeof(value);
    struct continuation *k = besom_new_sized(vm->m, &scm_types[T_CONTINUATION], bytes);
    if (!k)
        k = vm_new_or_collect(vm, T_CONTINUATION, bytes);
    memcpy(k->items, vm->base, n * sizeof(value));
    k->length = n;
    k->handlers = vm->handlers;
    k->params = vm->params;
    k->winds = vm->winds;
    return ref(k);
}

value *vm_reinstate(struct vm *vm, value k)
{
    if (is(k, T_ESCAPE)) {
        struct escape *e = AS(escape, k);
        vm->handlers = e->handlers;
        vm->params = e->params;
        vm->winds = e->winds;
        return vm->base + e->height;
    }
    struct continuation *c = AS(continuation, want(vm, k, T_CONTINUATION, "a continuation"));
    memcpy(vm->base, c->items, c->length * sizeof(value));
    vm->handlers = c->handlers;
    vm->params = c->params;
    vm->winds = c->winds;
    return vm->base + c->length;
}

value vm_escape_here(struct vm *vm, value *end)
{
    struct escape *e = besom_new(vm->m, &scm_types[T_ESCAPE]);
    if (!e)
        e = vm_new_or_collect(vm, T_ESCAPE, sizeof *e);
    e->height = end - vm->base;
    e->handlers = vm->handlers;
    e->params = vm->params;
    e->winds = vm->winds;
    return ref(e);
}

/* The closure of a case-lambda that takes n arguments, or 0. */
value vm_pick_case(value cases, int n)
{
    struct vector *v = AS(vector, cases);
    for (size_t i = 0; i < v->length; i++) {
        struct code *c = AS(code, AS(closure, v->items[i])->code);
        if (c->rest ? n >= c->required : n == c->required)
            return v->items[i];
    }
    return 0;
}

value vm_new_box(struct vm *vm, value content)
{
    struct box *b = besom_new(vm->m, &scm_types[T_BOX]);
    if (!b)
        b = vm_new_or_collect(vm, T_BOX, sizeof *b);
    b->content = content;
    return ref(b);
}

struct closure *vm_new_closure(struct vm *vm, size_t n)
{
    size_t bytes = sizeof(struct closure) + n * sizeof(value);
    struct closure *c = besom_new_sized(vm->m, &scm_types[T_CLOSURE], bytes);
    if (!c)
        c = vm_new_or_collect(vm, T_CLOSURE, bytes);
    c->length = n;
    return c;
}

_Noreturn void vm_unbound(struct vm *vm, value cell)
{
    value name = AS(cell, cell)->name;
    scm_error(vm, "unbound", NIL, "unbound variable: %.200s",
              is(name, T_SYMBOL) ? AS(symbol, name)->text : "?");
}

_Noreturn void vm_uninitialized(struct vm *vm)
{
    scm_error(vm, "unbound", NIL, "a variable is used before its definition");
}
