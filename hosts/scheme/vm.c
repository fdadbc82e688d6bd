/* vm.c - runs bytecode.
 *
 * Every value of the program is in the stack or in a register of struct vm at each safepoint, so that
 * the root source sees it and no local of the loop need be rooted: registers are saved where a poll
 * has something to do, and before a primitive is called.  Safepoints are the calls of closures and
 * the back-edges of loops.
 *
 * A primitive that finds no memory leaves by a jump.  The VM collects, and repeats it once. */
#include "hosts/scheme/vm.h"
#include <string.h>

#define SAVE()         (vm->sp = sp, vm->fp = fp, vm->closure = cl, vm->pc = pc)
#define NEXT()         goto *labels[*pc++]
#define CONSTANT_AT(k) (AS(vector, AS(code, AS(closure, cl)->code)->constants)->items[k])
#define FREE_AT(i)     (AS(closure, cl)->items[i])
#define POLL()                                                                 \
    do {                                                                       \
        if (BESOM_UNLIKELY(__atomic_load_n(&m->requests, __ATOMIC_RELAXED))) { \
            SAVE();                                                            \
            vm->acc = FALSE;                                                   \
            besom_poll(m);                                                     \
        }                                                                      \
    } while (0)
/* A call that may leave, and be repeated from the instruction of `words` words. */
#define SLOW(words, call)          \
    do {                           \
        SAVE();                    \
        vm->acc = acc;             \
        vm->repeat = pc - (words); \
        vm->once = false;          \
        acc = (call);              \
        vm->retrying = false;      \
    } while (0)

static int compare(struct vm *vm, value a, value b)
{
    int c = scm_compare(vm, a, b);
    if (c == 2) {
        if (!scm_is_number(a))
            scm_type_error(vm, "a number", a);
        if (!scm_is_number(b))
            scm_type_error(vm, "a number", b);
    }
    return c;
}

static value vector_ref(struct vm *vm, value v, value i)
{
    want(vm, v, T_VECTOR, "a vector");
    return load(&AS(vector, v)->items[scm_index(vm, i, (int64_t)AS(vector, v)->length - 1)]);
}

static value vector_set(struct vm *vm, value v, value i, value x)
{
    want(vm, v, T_VECTOR, "a vector");
    struct vector *a = AS(vector, v);
    set_field(vm->m, a, &a->items[scm_index(vm, i, (int64_t)a->length - 1)], x);
    return UNSPECIFIED;
}

static value pair_error(struct vm *vm, value got)
{
    scm_type_error(vm, "a pair", got);
}

static value rest_list(struct vm *vm, value *args, int n)
{
    value list = NIL;
    while (n > 0)
        list = scm_cons(vm, args[--n], list);
    return list;
}

static value record_error(struct vm *vm, value record, value rtd)
{
    value name = AS(rtd, rtd)->name;
    scm_type_error(vm, is(name, T_SYMBOL) ? AS(symbol, name)->text : "a record", record);
}

/* Spreads the list that ends the arguments of apply; the number of arguments then. */
static int spread(struct vm *vm, value *args, int n)
{
    value list = args[n - 1];
    int64_t more = scm_length(list);
    if (more < 0)
        scm_type_error(vm, "a list", list);
    if (args + n + more > vm->limit)
        vm_overflow(vm);
    memmove(args, args + 1, (size_t)(n - 2) * sizeof(value));
    n -= 2;
    for (; is_pair(list); list = cdr(list))
        args[n++] = car(list);
    return n;
}

#define ARITHMETIC(name, fast, slow)                  \
    name : {                                          \
        value a = sp[-1];                             \
        int64_t r;                                    \
        if (BESOM_LIKELY((a & acc & 1) && !(fast))) { \
            acc = (value)r;                           \
        } else {                                      \
            SLOW(1, slow(vm, a, vm->acc));            \
        }                                             \
        sp--;                                         \
        NEXT();                                       \
    }
#define COMPARISON(op, sign)                                                    \
    L_##op:                                                                     \
    {                                                                           \
        value a = sp[-1];                                                       \
        if (BESOM_LIKELY(a & acc & 1))                                          \
            acc = boolean((int64_t)a sign(int64_t) acc);                        \
        else                                                                    \
            SLOW(1, boolean(compare_true(compare(vm, a, vm->acc), CODE_##op))); \
        sp--;                                                                   \
        NEXT();                                                                 \
    }                                                                           \
    L_J##op:                                                                    \
    {                                                                           \
        value a = sp[-1];                                                       \
        bool holds;                                                             \
        if (BESOM_LIKELY(a & acc & 1)) {                                        \
            holds = (int64_t)a sign(int64_t) acc;                               \
        } else {                                                                \
            SLOW(1, boolean(compare_true(compare(vm, a, vm->acc), CODE_##op))); \
            holds = acc == TRUE;                                                \
        }                                                                       \
        sp--;                                                                   \
        pc = holds ? pc + 1 : AS(code, AS(closure, cl)->code)->start + *pc;     \
        NEXT();                                                                 \
    }
#define PREDICATE(op, test, pops)                                           \
    L_##op : acc = boolean(test);                                           \
    sp -= (pops);                                                           \
    NEXT();                                                                 \
    L_J##op:                                                                \
    {                                                                       \
        bool holds = (test);                                                \
        sp -= (pops);                                                       \
        pc = holds ? pc + 1 : AS(code, AS(closure, cl)->code)->start + *pc; \
        NEXT();                                                             \
    }
enum { CODE_LT = 1, CODE_NUMEQ = 2, CODE_GT = 4, CODE_LE = 3, CODE_GE = 6 };

static bool compare_true(int order, int code)
{
    return order != 2 && (code >> (order + 1) & 1);
}

value scm_run(struct vm *vm, value procedure)
{
#define X(name, operands) &&L_##name,
    static const void *const labels[] = {SCHEME_INSTRUCTIONS(X)};
#undef X
    static const int32_t halt[] = {OP_HALT};
    struct besom_mutator *const m = vm->m;
    value *sp, *fp, *nfp, acc, cl;
    const int32_t *pc;
    int n;

    vm->base[0] = 0; /* the frame that ends the run: without a closure */
    vm->base[1] = vm->base[2] = fix(0);
    vm->sp = vm->fp = vm->base + 3;
    vm->closure = 0;
    vm->pc = halt;
    vm->acc = procedure;
    vm->argc = 0;
    vm->repeat = NULL;
    vm->starved = vm->retrying = false;
    if (setjmp(vm->jump) != 0)
        goto jumped;
again:
    sp = vm->sp, fp = vm->fp, cl = vm->closure, pc = vm->pc, acc = vm->acc;
    if (vm->repeat) {
        pc = vm->repeat;
        NEXT();
    }
    n = vm->argc;
    nfp = sp - n;
    goto apply;

jumped:
    vm_clean_up(vm);
    if (vm->starved) {
        vm->starved = false;
        if (!vm->retrying && !vm->once) {
            besom_collect(m, BESOM_FULL);
            vm->retrying = true;
            goto again;
        }
        vm->retrying = false;
        vm_release_ballast(vm);
    }
    sp = vm->sp, fp = vm->fp, cl = vm->closure, pc = vm->pc;
    sp[0] = cl;
    sp[1] = fix(cl ? pc - AS(code, AS(closure, cl)->code)->start : 0);
    sp[2] = fix(fp - vm->base);
    if (!AS(cell, vm->world->raise)->content)
        return 0; /* the prelude is not that far */
    sp[3] = vm->raised;
    vm->raised = FALSE;
    nfp = sp + 3;
    sp += 4;
    n = 1;
    acc = AS(cell, vm->world->raise)->content;
    goto apply;

L_HALT:
    vm->result = acc;
    return acc;
L_CONST:
    acc = CONSTANT_AT(*pc++);
    NEXT();
L_FIX:
    acc = fix(*pc++);
    NEXT();
L_LOCAL:
    acc = fp[*pc++];
    NEXT();
L_BOXED:
    acc = load(&AS(box, fp[*pc++])->content);
    if (BESOM_UNLIKELY(!acc))
        SLOW(2, (vm_uninitialized(vm), acc));
    NEXT();
L_FREE:
    acc = FREE_AT(*pc++);
    NEXT();
L_FREEBOXED:
    acc = load(&AS(box, FREE_AT(*pc++))->content);
    if (BESOM_UNLIKELY(!acc))
        SLOW(2, (vm_uninitialized(vm), acc));
    NEXT();
L_GLOBAL : {
    value cell = CONSTANT_AT(*pc++);
    acc = load(&AS(cell, cell)->content);
    if (BESOM_UNLIKELY(!acc))
        SLOW(2, (vm_unbound(vm, cell), acc));
    NEXT();
}
L_PUSH:
    *sp++ = acc;
    NEXT();
L_PUSHLOCAL:
    *sp++ = fp[*pc++];
    NEXT();
L_PUSHFREE:
    *sp++ = FREE_AT(*pc++);
    NEXT();
L_PUSHCONST:
    *sp++ = CONSTANT_AT(*pc++);
    NEXT();
L_PUSHFIX:
    *sp++ = fix(*pc++);
    NEXT();
L_SETBOXED : {
    struct box *b = AS(box, fp[*pc++]);
    set_field(m, b, &b->content, acc);
    acc = UNSPECIFIED;
    NEXT();
}
L_SETFREEBOXED : {
    struct box *b = AS(box, FREE_AT(*pc++));
    set_field(m, b, &b->content, acc);
    acc = UNSPECIFIED;
    NEXT();
}
L_SETGLOBAL : {
    struct cell *c = AS(cell, CONSTANT_AT(*pc++));
    if (BESOM_UNLIKELY(!load(&c->content)))
        SLOW(2, (vm_unbound(vm, ref(c)), acc));
    set_field(m, c, &c->content, acc);
    acc = UNSPECIFIED;
    NEXT();
}
L_DEFINE : {
    struct cell *c = AS(cell, CONSTANT_AT(*pc++));
    set_field(m, c, &c->content, acc);
    acc = UNSPECIFIED;
    NEXT();
}
L_BOX : {
    SAVE();
    value box = vm_new_box(vm, fp[*pc]);
    fp[*pc++] = box;
    NEXT();
}
L_SETSLOT:
    fp[*pc++] = acc;
    NEXT();
L_DROP:
    sp -= *pc++;
    NEXT();
L_FRAME:
    sp[0] = cl;
    sp[1] = fix(*pc++);
    sp[2] = fix(fp - vm->base);
    sp += 3;
    NEXT();
L_CALL:
    n = *pc++;
    nfp = sp - n;
    goto apply;
L_TAILCALL:
    n = *pc++;
    nfp = fp;
    for (int i = 0; i < n; i++)
        fp[i] = sp[i - n];
    sp = fp + n;
    goto apply;
L_RETURN:
    sp = fp;
    goto leave;
L_JUMP:
    pc = AS(code, AS(closure, cl)->code)->start + *pc;
    NEXT();
L_JUMPF:
    pc = acc == FALSE ? AS(code, AS(closure, cl)->code)->start + *pc : pc + 1;
    NEXT();
L_CLOSURE : {
    int count = pc[1];
    struct closure *c =
        besom_new_sized(m, &scm_types[T_CLOSURE], sizeof *c + (size_t)count * sizeof(value));
    if (BESOM_UNLIKELY(!c)) {
        SAVE();
        c = vm_new_closure(vm, (size_t)count);
    }
    c->length = (size_t)count;
    c->code = CONSTANT_AT(pc[0]);
    sp -= count;
    for (int i = 0; i < count; i++)
        c->items[i] = sp[i];
    acc = ref(c);
    pc += 2;
    NEXT();
}
L_PATCH : {
    struct closure *c = AS(closure, fp[pc[0]]);
    set_field(m, c, &c->items[pc[1]], fp[pc[2]]);
    pc += 3;
    NEXT();
}
L_LOOP : {
    int count = pc[0];
    value *to = fp + pc[1];
    for (int i = 0; i < count; i++)
        to[i] = sp[i - count];
    sp = to + count;
    pc = AS(code, AS(closure, cl)->code)->start + pc[2];
    POLL();
    NEXT();
}
L_PRIM : {
    struct primitive *p = AS(primitive, CONSTANT_AT(pc[0]));
    n = pc[1];
    pc += 2;
    SAVE();
    vm->repeat = pc - 3;
    vm->once = !p->again;
    acc = p->fn(vm, n, sp - n);
    vm->retrying = false;
    sp -= n;
    NEXT();
}
L_ADDI : {
    int64_t r;
    if (BESOM_LIKELY(acc & 1) && !__builtin_add_overflow((int64_t)acc, (int64_t)*pc * 2, &r))
        acc = (value)r;
    else
        SLOW(1, scm_add(vm, vm->acc, fix(*pc)));
    pc++;
    NEXT();
}
    ARITHMETIC(L_ADD, __builtin_add_overflow((int64_t)a, (int64_t)(acc - 1), &r), scm_add)
    ARITHMETIC(L_SUB, __builtin_sub_overflow((int64_t)a, (int64_t)(acc - 1), &r), scm_sub)
    ARITHMETIC(L_MUL, __builtin_mul_overflow((int64_t)(a - 1), fix_of(acc), &r) || (r |= 1, false),
               scm_mul)
    COMPARISON(LT, <)
    COMPARISON(GT, >)
    COMPARISON(LE, <=)
    COMPARISON(GE, >=)
    COMPARISON(NUMEQ, ==)
    PREDICATE(EQ, sp[-1] == acc, 1)
    PREDICATE(NULLP, acc == NIL, 0)
    PREDICATE(PAIRP, is_pair(acc), 0)
    PREDICATE(NOT, acc == FALSE, 0)
L_CONS : {
    struct pair *p = besom_new(m, &scm_types[T_PAIR]);
    if (BESOM_UNLIKELY(!p)) {
        SAVE();
        vm->acc = acc;
        p = vm_new_or_collect(vm, T_PAIR, sizeof *p);
    }
    p->car = *--sp;
    p->cdr = acc;
    acc = ref(p) | TAG_PAIR;
    NEXT();
}
L_VECREF : {
    value v = sp[-1];
    if (BESOM_LIKELY(is(v, T_VECTOR) && is_fix(acc) &&
                     (uint64_t)fix_of(acc) < AS(vector, v)->length))
        acc = load(&AS(vector, v)->items[fix_of(acc)]);
    else
        SLOW(1, vector_ref(vm, v, vm->acc));
    sp--;
    NEXT();
}
L_VECSET : {
    value v = sp[-2], i = sp[-1];
    if (BESOM_LIKELY(is(v, T_VECTOR) && is_fix(i) && (uint64_t)fix_of(i) < AS(vector, v)->length)) {
        set_field(m, address(v), &AS(vector, v)->items[fix_of(i)], acc);
        acc = UNSPECIFIED;
    } else {
        SLOW(1, vector_set(vm, v, i, vm->acc));
    }
    sp -= 2;
    NEXT();
}
L_CAR:
    if (BESOM_LIKELY(is_pair(acc)))
        acc = car(acc);
    else
        SLOW(1, pair_error(vm, vm->acc));
    NEXT();
L_CDR:
    if (BESOM_LIKELY(is_pair(acc)))
        acc = cdr(acc);
    else
        SLOW(1, pair_error(vm, vm->acc));
    NEXT();
L_SETCAR:
    if (!is_pair(sp[-1]))
        SLOW(1, pair_error(vm, sp[-1]));
    set_field(m, pair_of(sp[-1]), &pair_of(sp[-1])->car, acc);
    acc = UNSPECIFIED;
    sp--;
    NEXT();
L_SETCDR:
    if (!is_pair(sp[-1]))
        SLOW(1, pair_error(vm, sp[-1]));
    set_field(m, pair_of(sp[-1]), &pair_of(sp[-1])->cdr, acc);
    acc = UNSPECIFIED;
    sp--;
    NEXT();
L_RECREF : { /* record, type, index */
    value r = sp[-2];
    if (BESOM_LIKELY(is(r, T_RECORD) && AS(record, r)->rtd == sp[-1]))
        acc = load(&AS(record, r)->items[fix_of(acc)]);
    else
        SLOW(1, record_error(vm, r, sp[-1]));
    sp -= 2;
    NEXT();
}

leave: /* sp: beyond the three words of the caller; acc: the result */
    sp -= 3;
    cl = sp[0];
    pc = cl ? AS(code, AS(closure, cl)->code)->start + fix_of(sp[1]) : halt;
    fp = vm->base + fix_of(sp[2]);
    NEXT();

apply: /* acc is called with the n arguments from nfp to sp */
    if (BESOM_LIKELY(is(acc, T_CLOSURE))) {
        struct code *code = AS(code, AS(closure, acc)->code);
        if (BESOM_UNLIKELY(n != code->required || code->rest || sp + code->need > vm->limit)) {
            SAVE();
            vm->acc = acc, vm->argc = n, vm->repeat = NULL, vm->once = false;
            if (code->rest ? n < code->required : n != code->required)
                vm_wrong_count(vm, acc, n);
            if (sp + code->need > vm->limit)
                vm_overflow(vm);
            if (code->rest) {
                value list = rest_list(vm, nfp + code->required, n - code->required);
                nfp[code->required] = list;
                sp = nfp + code->required + 1;
                vm->retrying = false;
            }
        }
        fp = nfp;
        cl = acc;
        pc = code->start;
        POLL();
        NEXT();
    }
    SAVE();
    vm->acc = acc, vm->argc = n, vm->repeat = NULL, vm->once = false;
    if (is(acc, T_PRIMITIVE)) {
        struct primitive *p = AS(primitive, acc);
        if (n < p->least || (p->most >= 0 && n > p->most))
            vm_wrong_count(vm, acc, n);
        vm->once = !p->again;
        switch ((enum special_call)p->special) {
        case CALL_PLAIN:
            acc = p->fn(vm, n, nfp);
            vm->retrying = false;
            sp = nfp;
            goto leave;
        case CALL_APPLY:
            acc = nfp[0];
            n = spread(vm, nfp, n);
            sp = nfp + n;
            goto apply;
        case CALL_CC:
        case CALL_EC:
            acc = nfp[0];
            nfp[0] = p->special == CALL_CC ? vm_capture(vm, nfp) : vm_escape_here(vm, nfp);
            goto apply;
        case CALL_THROW:
        case CALL_ESCAPE: /* continuation, value */
            acc = nfp[1];
            sp = vm_reinstate(vm, nfp[0]);
            vm_check_overflowed(vm, sp);
            goto leave;
        case CALL_ABORT:
            vm->raised = nfp[0];
            vm->sp = vm->base;
            vm_check_overflowed(vm, vm->base);
            vm->handlers = vm->params = vm->winds = NIL;
            return 0;
        case CALL_THUNK:
            acc = p->fn(vm, n, nfp);
            vm->retrying = false;
            sp = nfp;
            n = 0;
            goto apply;
        }
    }
    if (is(acc, T_PARAMETER)) {
        if (n != 0)
            scm_error(vm, "arity", NIL, "a parameter takes no arguments");
        value found = AS(parameter, acc)->content;
        for (value p = vm->params; is_pair(p); p = cdr(p))
            if (car(car(p)) == acc) {
                found = cdr(car(p));
                break;
            }
        acc = load(&AS(box, found)->content);
        sp = nfp;
        goto leave;
    }
    if (is(acc, T_CASES)) {
        value picked = vm_pick_case(acc, n);
        if (!picked)
            vm_wrong_count(vm, acc, n);
        acc = picked;
        goto apply;
    }
    scm_error(vm, "type", scm_cons(vm, acc, NIL), "not a procedure:");
}
