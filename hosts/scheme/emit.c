/* emit.c - from the tree to bytecode. */
#include "hosts/scheme/compile.h"
#include <string.h>

/* Where a loop begins, for the calls of its name in tail positions: those are jumps. */
struct loop {
    int base, n, start;
};

/* Where an expression stands: in tail position of the procedure, and the stack's height. */
struct place {
    int depth;
    bool tail;
};

static void emit(struct compilation *c, struct lambda *l, struct node *node, struct place p);

static void *grow(struct compilation *c, void *block, int n, int *cap, size_t size)
{
    if (n < *cap)
        return block;
    int more = *cap ? 2 * *cap : 16;
    void *grown = arena(c, (size_t)more * size);
    if (*cap)
        memcpy(grown, block, (size_t)*cap * size);
    *cap = more;
    return grown;
}

static int word(struct compilation *c, struct lambda *l, int64_t w)
{
    l->words = grow(c, l->words, l->n_words, &l->cap_words, sizeof *l->words);
    l->words[l->n_words] = (int32_t)w;
    return l->n_words++;
}

static int constant_index(struct compilation *c, struct lambda *l, value v)
{
    for (int i = l->n_constants - 1; i >= 0 && i > l->n_constants - 16; i--)
        if (l->constants[i] == v)
            return i;
    l->constants = grow(c, l->constants, l->n_constants, &l->cap_constants, sizeof *l->constants);
    l->constants[l->n_constants] = v;
    return l->n_constants++;
}

static void deep(struct lambda *l, int depth)
{
    if (depth > l->max_depth)
        l->max_depth = depth;
}

static void push(struct compilation *c, struct lambda *l, int depth)
{
    word(c, l, OP_PUSH);
    deep(l, depth + 1);
}

static void line(struct compilation *c, struct lambda *l, struct node *node)
{
    if (!node->line)
        return;
    l->lines = grow(c, l->lines, 3 * l->n_lines + 2, &l->cap_lines, sizeof *l->lines);
    uint32_t *row = l->lines + 3 * l->n_lines++;
    row[0] = (uint32_t)l->n_words;
    row[1] = node->line;
    row[2] = node->column;
}

static int free_index(struct compilation *c, struct lambda *l, struct var *v)
{
    for (int i = 0; i < l->n_free; i++)
        if (l->free[i] == v)
            return i;
    l->free = grow(c, l->free, l->n_free, &l->cap_free, sizeof *l->free);
    l->free[l->n_free] = v;
    return l->n_free++;
}

static void emit_var(struct compilation *c, struct lambda *l, struct var *v, int local, int free)
{
    if (v->home == l) {
        word(c, l, local);
        word(c, l, v->slot);
    } else {
        word(c, l, free);
        word(c, l, free_index(c, l, v));
    }
}

static void emit_leave(struct compilation *c, struct lambda *l, struct place p)
{
    if (p.tail)
        word(c, l, OP_RETURN);
}

static void emit_constant(struct compilation *c, struct lambda *l, value v)
{
    if (is_fix(v) && fix_of(v) >= INT32_MIN && fix_of(v) <= INT32_MAX) {
        word(c, l, OP_FIX);
        word(c, l, fix_of(v));
    } else {
        word(c, l, OP_CONST);
        word(c, l, constant_index(c, l, v));
    }
}

/* An expression whose value goes onto the stack. */
static void emit_push(struct compilation *c, struct lambda *l, struct node *node, int depth)
{
    deep(l, depth + 1);
    if (node->kind == N_LOCAL && !node->var->assigned) {
        emit_var(c, l, node->var, OP_PUSHLOCAL, OP_PUSHFREE);
        return;
    }
    int at = l->n_words;
    emit(c, l, node, (struct place){depth, false});
    if (node->kind == N_CONST)
        l->words[at] = l->words[at] == OP_FIX ? OP_PUSHFIX : OP_PUSHCONST;
    else
        push(c, l, depth);
}

static void emit_args(struct compilation *c, struct lambda *l, struct node *call, int depth)
{
    for (int i = 0; i < call->n; i++)
        emit_push(c, l, call->list[i], depth + i);
}

/* ---- calls in line ---- */

static const struct {
    int op, n;
} inlined[] = {{OP_ADD, 2},    {OP_SUB, 2},    {OP_MUL, 2},    {OP_LT, 2},     {OP_GT, 2},
               {OP_LE, 2},     {OP_GE, 2},     {OP_NUMEQ, 2},  {OP_EQ, 2},     {OP_CONS, 2},
               {OP_VECREF, 2}, {OP_VECSET, 3}, {OP_CAR, 1},    {OP_CDR, 1},    {OP_NULLP, 1},
               {OP_PAIRP, 1},  {OP_NOT, 1},    {OP_SETCAR, 2}, {OP_SETCDR, 2}, {OP_RECREF, 3}};

static int64_t op_of(struct node *call)
{
    return call->kind == N_CALL && call->a->kind == N_GLOBAL ? AS(cell, call->a->constant)->op : 0;
}

/* The instruction for the call, or -1. */
static int inline_op(struct node *call)
{
    int64_t op = op_of(call);
    if (op <= 0 || inlined[op - 1].n != call->n)
        return -1;
    return inlined[op - 1].op;
}

static bool small(struct node *node)
{
    return node->kind == N_CONST && is_fix(node->constant) && fix_of(node->constant) < 1 << 29 &&
           fix_of(node->constant) > -(1 << 29);
}

static void emit_operands(struct compilation *c, struct lambda *l, struct node *call, int depth)
{
    for (int i = 0; i < call->n - 1; i++)
        emit_push(c, l, call->list[i], depth + i);
    emit(c, l, call->list[call->n - 1], (struct place){depth + call->n - 1, false});
}

static void emit_inline(struct compilation *c, struct lambda *l, struct node *call, int op,
                        int depth)
{
    if ((op == OP_ADD || op == OP_SUB) && small(call->list[1])) {
        emit(c, l, call->list[0], (struct place){depth, false});
        int64_t k = fix_of(call->list[1]->constant);
        line(c, l, call);
        word(c, l, OP_ADDI);
        word(c, l, op == OP_ADD ? k : -k);
        return;
    }
    emit_operands(c, l, call, depth);
    line(c, l, call);
    word(c, l, op);
}

static bool is_plain_primitive(struct node *call)
{
    if (!op_of(call))
        return false;
    value f = AS(cell, call->a->constant)->content;
    if (!is(f, T_PRIMITIVE) || AS(primitive, f)->special != CALL_PLAIN)
        return false;
    struct primitive *p = AS(primitive, f);
    return call->n >= p->least && (p->most < 0 || call->n <= p->most);
}

static void emit_call(struct compilation *c, struct lambda *l, struct node *call, struct place p)
{
    int op = inline_op(call);
    if (op >= 0) {
        emit_inline(c, l, call, op, p.depth);
        emit_leave(c, l, p);
        return;
    }
    if (is_plain_primitive(call)) {
        emit_args(c, l, call, p.depth);
        line(c, l, call);
        word(c, l, OP_PRIM);
        word(c, l, constant_index(c, l, AS(cell, call->a->constant)->content));
        word(c, l, call->n);
        emit_leave(c, l, p);
        return;
    }
    struct loop *loop = call->a->kind == N_LOCAL ? call->a->var->loop : NULL;
    if (loop) {
        emit_args(c, l, call, p.depth);
        word(c, l, OP_LOOP);
        word(c, l, call->n);
        word(c, l, loop->base);
        word(c, l, loop->start);
        return;
    }
    int back = -1, depth = p.depth;
    if (!p.tail) {
        word(c, l, OP_FRAME);
        back = word(c, l, 0);
        depth += 3;
    }
    deep(l, depth + 3);
    emit_args(c, l, call, depth);
    emit(c, l, call->a, (struct place){depth + call->n, false});
    line(c, l, call);
    word(c, l, p.tail ? OP_TAILCALL : OP_CALL);
    word(c, l, call->n);
    if (back >= 0)
        l->words[back] = l->n_words;
}

/* ---- branches ---- */

struct holes {
    int *at;
    int n, cap;
};

static void hole(struct compilation *c, struct lambda *l, struct holes *h)
{
    h->at = grow(c, h->at, h->n, &h->cap, sizeof *h->at);
    h->at[h->n++] = word(c, l, 0);
}

static void fill(struct lambda *l, struct holes *h)
{
    for (int i = 0; i < h->n; i++)
        l->words[h->at[i]] = l->n_words;
}

/* Goes on if the test holds, and jumps, to where `no` will be filled, if not. */
static void emit_test(struct compilation *c, struct lambda *l, struct node *test, int depth,
                      struct holes *no)
{
    int op = inline_op(test);
    if (op == OP_NOT) {
        struct holes yes = {0};
        emit_test(c, l, test->list[0], depth, &yes);
        word(c, l, OP_JUMP);
        hole(c, l, no);
        fill(l, &yes);
    } else if ((op >= OP_LT && op <= OP_EQ) || op == OP_NULLP || op == OP_PAIRP) {
        emit_operands(c, l, test, depth);
        line(c, l, test);
        word(c, l, op <= OP_EQ ? OP_JLT + op - OP_LT : OP_JNULLP + op - OP_NULLP);
        hole(c, l, no);
    } else if (test->kind == N_IF && test->list[1]->kind == N_CONST &&
               test->list[1]->constant == FALSE) {
        emit_test(c, l, test->a, depth, no);
        emit_test(c, l, test->list[0], depth, no);
    } else if (test->kind == N_OR) {
        struct holes yes = {0};
        for (int i = 0; i < test->n - 1; i++) {
            struct holes next = {0};
            emit_test(c, l, test->list[i], depth, &next);
            word(c, l, OP_JUMP);
            hole(c, l, &yes);
            fill(l, &next);
        }
        emit_test(c, l, test->list[test->n - 1], depth, no);
        fill(l, &yes);
    } else {
        emit(c, l, test, (struct place){depth, false});
        word(c, l, OP_JUMPF);
        hole(c, l, no);
    }
}

static void emit_if(struct compilation *c, struct lambda *l, struct node *node, struct place p)
{
    struct holes no = {0}, end = {0};
    emit_test(c, l, node->a, p.depth, &no);
    emit(c, l, node->list[0], p);
    if (!p.tail) {
        word(c, l, OP_JUMP);
        hole(c, l, &end);
    }
    fill(l, &no);
    emit(c, l, node->list[1], p);
    fill(l, &end);
}

static void emit_or(struct compilation *c, struct lambda *l, struct node *node, struct place p)
{
    struct holes end = {0};
    for (int i = 0; i < node->n - 1; i++) {
        struct holes next = {0};
        emit(c, l, node->list[i], (struct place){p.depth, false});
        word(c, l, OP_JUMPF);
        hole(c, l, &next);
        word(c, l, p.tail ? OP_RETURN : OP_JUMP);
        if (!p.tail)
            hole(c, l, &end);
        fill(l, &next);
    }
    emit(c, l, node->list[node->n - 1], p);
    fill(l, &end);
}

/* ---- bindings ---- */

static void place_var(struct compilation *c, struct lambda *l, struct var *v, int slot, bool box)
{
    v->home = l;
    v->slot = slot;
    if (v->assigned && box) {
        word(c, l, OP_BOX);
        word(c, l, slot);
    }
}

static void emit_drop(struct compilation *c, struct lambda *l, int n, struct place p)
{
    if (!p.tail && n) {
        word(c, l, OP_DROP);
        word(c, l, n);
    }
}

static void emit_let(struct compilation *c, struct lambda *l, struct node *let, struct place p)
{
    emit_args(c, l, let, p.depth);
    for (int i = 0; i < let->n; i++)
        place_var(c, l, let->vars[i], p.depth + i, true);
    emit(c, l, let->a, (struct place){p.depth + let->n, p.tail});
    emit_drop(c, l, let->n, p);
}

static bool is_loop(struct node *fix);

/* How many calls of `v` stand where a jump would do: in tail position of the loop's body. */
static int jumps(struct node *node, struct var *v, int n)
{
    int count = 0;
    switch (node->kind) {
    case N_IF: return jumps(node->list[0], v, n) + jumps(node->list[1], v, n);
    case N_OR:
    case N_SEQ: return node->n ? jumps(node->list[node->n - 1], v, n) : 0;
    case N_CALL: return node->a->kind == N_LOCAL && node->a->var == v && node->n == n;
    case N_LET: return jumps(node->a, v, n);
    case N_FIX:
        if (is_loop(node))
            count += jumps(node->list[0]->lambda->body, v, n);
        return count + jumps(node->a, v, n);
    default: return 0;
    }
}

/* Is it a named let all of whose calls are jumps? */
static bool is_loop(struct node *fix)
{
    if (fix->n != 1 || fix->list[0]->kind != N_LAMBDA)
        return false;
    struct var *v = fix->vars[0];
    struct lambda *body = fix->list[0]->lambda;
    struct node *call = fix->a;
    if (v->decided)
        return v->decided > 0;
    bool yes = call->kind == N_CALL && call->a->kind == N_LOCAL && call->a->var == v &&
               !body->rest && call->n == body->n_params && !v->assigned &&
               v->refs == 1 + jumps(body->body, v, call->n);
    v->decided = yes ? 1 : -1;
    return yes;
}

/* The variables of the loop are slots of the frame that it is in. */
static void emit_loop(struct compilation *c, struct lambda *l, struct node *fix, struct place p)
{
    struct lambda *body = fix->list[0]->lambda;
    struct node *call = fix->a;
    emit_args(c, l, call, p.depth);
    struct loop loop = {p.depth, call->n, l->n_words};
    for (int i = 0; i < body->n_params; i++)
        place_var(c, l, body->params[i], p.depth + i, true);
    fix->vars[0]->loop = &loop;
    emit(c, l, body->body, (struct place){p.depth + call->n, p.tail});
    emit_drop(c, l, call->n, p);
}

static void emit_lambda(struct compilation *c, struct lambda *l, struct node *node, int depth);

/* Procedures that refer to one another: made in order, and what was not there yet is filled in. */
static void emit_fix(struct compilation *c, struct lambda *l, struct node *fix, struct place p)
{
    if (is_loop(fix)) {
        emit_loop(c, l, fix, p);
        return;
    }
    int n = fix->n;
    for (int i = 0; i < n; i++) {
        place_var(c, l, fix->vars[i], p.depth + i, false);
        word(c, l, OP_PUSHFIX);
        word(c, l, 0);
    }
    deep(l, p.depth + n);
    for (int i = 0; i < n; i++) {
        emit_lambda(c, l, fix->list[i], p.depth + n);
        word(c, l, OP_SETSLOT);
        word(c, l, p.depth + i);
    }
    for (int i = 0; i < n; i++) {
        struct lambda *made = fix->list[i]->lambda;
        for (int j = 0; j < made->n_free; j++)
            for (int k = i; k < n; k++)
                if (made->free[j] == fix->vars[k]) {
                    word(c, l, OP_PATCH);
                    word(c, l, p.depth + i);
                    word(c, l, j);
                    word(c, l, p.depth + k);
                }
    }
    emit(c, l, fix->a, (struct place){p.depth + n, p.tail});
    emit_drop(c, l, n, p);
}

/* ---- procedures ---- */

static value make_code(struct compilation *c, struct lambda *l)
{
    struct vm *vm = c->vm;
    value constants = scm_vector(vm, (size_t)l->n_constants, FALSE);
    for (int i = 0; i < l->n_constants; i++)
        AS(vector, constants)->items[i] = l->constants[i];
    size_t bytes = (size_t)l->n_words * sizeof *l->words;
    value words = scm_bytes(vm, bytes), lines = scm_bytes(vm, (size_t)l->n_lines * 12);
    memcpy(AS(bytes, words)->data, l->words, bytes);
    if (l->n_lines)
        memcpy(AS(bytes, lines)->data, l->lines, (size_t)l->n_lines * 12);
    value file = c->file ? scm_string(vm, c->file) : (value)FALSE;
    struct code *code = scm_new(vm, T_CODE, sizeof *code);
    code->constants = constants;
    code->words = words;
    code->lines = lines;
    code->name = l->name ? l->name : (value)FALSE;
    code->file = file;
    code->start = (const int32_t *)(const void *)AS(bytes, words)->data;
    code->n_words = l->n_words;
    code->required = l->n_params - l->rest;
    code->rest = l->rest;
    code->need = l->max_depth + 16;
    return ref(code);
}

static value emit_code(struct compilation *c, struct lambda *l)
{
    for (int i = 0; i < l->n_params; i++)
        place_var(c, l, l->params[i], i, true);
    emit(c, l, l->body, (struct place){l->n_params, true});
    return make_code(c, l);
}

static void emit_lambda(struct compilation *c, struct lambda *l, struct node *node, int depth)
{
    struct lambda *inner = node->lambda;
    value code = emit_code(c, inner);
    if (inner->n_free == 0) { /* it is always the same */
        struct closure *closure = scm_new(c->vm, T_CLOSURE, sizeof *closure);
        closure->code = code;
        word(c, l, OP_CONST);
        word(c, l, constant_index(c, l, ref(closure)));
        return;
    }
    deep(l, depth + inner->n_free);
    for (int i = 0; i < inner->n_free; i++)
        emit_var(c, l, inner->free[i], OP_PUSHLOCAL, OP_PUSHFREE);
    word(c, l, OP_CLOSURE);
    word(c, l, constant_index(c, l, code));
    word(c, l, inner->n_free);
}

static void emit_cases(struct compilation *c, struct lambda *l, struct node *node, int depth)
{
    for (int i = 0; i < node->n; i++) {
        emit_lambda(c, l, node->list[i], depth + i);
        push(c, l, depth + i);
    }
    value cell = scm_env_cell(c->vm, c->vm->world->core, scm_symbol(c->vm, "%cases"), false);
    word(c, l, OP_PRIM);
    word(c, l, constant_index(c, l, AS(cell, cell)->content));
    word(c, l, node->n);
}

static void emit_global(struct compilation *c, struct lambda *l, struct node *node, int op)
{
    line(c, l, node);
    word(c, l, op);
    word(c, l, constant_index(c, l, node->constant));
}

static void emit(struct compilation *c, struct lambda *l, struct node *node, struct place p)
{
    deep(l, p.depth);
    switch (node->kind) {
    case N_IF: emit_if(c, l, node, p); return;
    case N_OR: emit_or(c, l, node, p); return;
    case N_CALL: emit_call(c, l, node, p); return;
    case N_LET: emit_let(c, l, node, p); return;
    case N_FIX: emit_fix(c, l, node, p); return;
    case N_SEQ:
        for (int i = 0; i < node->n; i++)
            emit(c, l, node->list[i], (struct place){p.depth, i == node->n - 1 && p.tail});
        return;
    case N_CONST: emit_constant(c, l, node->constant); break;
    case N_LOCAL:
        line(c, l, node);
        if (node->var->assigned)
            emit_var(c, l, node->var, OP_BOXED, OP_FREEBOXED);
        else
            emit_var(c, l, node->var, OP_LOCAL, OP_FREE);
        break;
    case N_SETLOCAL:
        emit(c, l, node->a, (struct place){p.depth, false});
        emit_var(c, l, node->var, OP_SETBOXED, OP_SETFREEBOXED);
        break;
    case N_GLOBAL: emit_global(c, l, node, OP_GLOBAL); break;
    case N_SETGLOBAL:
    case N_DEFINE:
        emit(c, l, node->a, (struct place){p.depth, false});
        emit_global(c, l, node, node->kind == N_DEFINE ? OP_DEFINE : OP_SETGLOBAL);
        break;
    case N_LAMBDA: emit_lambda(c, l, node, p.depth); break;
    case N_CASES: emit_cases(c, l, node, p.depth); break;
    }
    emit_leave(c, l, p);
}

value emit_thunk(struct compilation *c, struct node *node)
{
    struct lambda *l = arena(c, sizeof *l);
    l->body = node;
    l->name = FALSE;
    value code = emit_code(c, l);
    struct closure *closure = scm_new(c->vm, T_CLOSURE, sizeof *closure);
    closure->code = code;
    return ref(closure);
}
