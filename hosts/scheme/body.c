/* body.c - definitions: in bodies, where they become let and letrec, and at the top level. */
#include "hosts/scheme/compile.h"

/* A definition of a body, or (var NULL) an expression among the definitions. */
struct step {
    struct var *var;
    value form;
    bool is_lambda, early;
    struct node *init;
};
struct steps {
    struct step *step;
    int n, cap;
};

static struct step *add_step(struct compilation *c, struct steps *s, struct var *var, value form)
{
    if (s->n == s->cap) {
        int cap = s->cap ? 2 * s->cap : 8;
        struct step *grown = arena(c, (size_t)cap * sizeof *grown);
        for (int i = 0; i < s->n; i++)
            grown[i] = s->step[i];
        s->step = grown;
        s->cap = cap;
    }
    s->step[s->n] = (struct step){.var = var, .form = form};
    return &s->step[s->n++];
}

/* (define (name . params) body ...), also curried, as (define name (lambda params body ...)). */
static value plain_define(struct compilation *c, value x)
{
    check_form(c, x, 2, -1, "(define variable expression)");
    value target = form_at(c, x, 1), body = cdr(cdr(x));
    if (!is_pair(target)) {
        check_form(c, x, 2, 3, "(define variable expression)");
        return x;
    }
    while (is_pair(target)) {
        value lambda = scm_cons(c->vm, core_id(c, "lambda"), scm_cons(c->vm, cdr(target), body));
        body = scm_cons(c->vm, lambda, NIL);
        target = car(target);
    }
    return scm_cons(c->vm, car(x), scm_cons(c->vm, target, body));
}

static value define_init(value x)
{
    return cdr(cdr(x)) == NIL ? (value)UNSPECIFIED : car(cdr(cdr(x)));
}

static value append(struct vm *vm, value a, value b)
{
    value reversed = scm_reverse(vm, a);
    for (; is_pair(reversed); reversed = cdr(reversed))
        b = scm_cons(vm, car(reversed), b);
    return b;
}

/* The variables of (define-values formals expression). */
static void declare_values(struct compilation *c, struct steps *s, value x, struct scope *scope)
{
    check_form(c, x, 3, 3, "(define-values formals expression)");
    value formals = form_at(c, x, 1);
    for (; formals != NIL; formals = is_pair(formals) ? cdr(formals) : (value)NIL) {
        struct var *v = bind_var(c, scope, is_pair(formals) ? car(formals) : formals);
        v->assigned = true;
        add_step(c, s, v, 0)->early = true;
    }
    add_step(c, s, NULL, x);
}

/* Takes definitions from the front of body, expanding macros; returns the forms that are left. */
static value collect(struct compilation *c, value body, struct scope *scope, struct steps *s)
{
    while (is_pair(body)) {
        value x = car(body);
        if (is_pair(x))
            positions_get(c->positions, x, &c->line, &c->column);
        value syntax = head_syntax(c, x, scope);
        if (is(syntax, T_MACRO)) {
            body = scm_cons(c->vm, expand_rules(c, syntax, x, scope), cdr(body));
            continue;
        }
        switch (syntax ? (int)AS(special, syntax)->form : -1) {
        case F_BEGIN:
            if (scm_length(x) < 0)
                syntax_error(c, x, "not a list:");
            body = append(c->vm, cdr(x), cdr(body));
            continue;
        case F_COND_EXPAND:
            body = append(c->vm, cond_expand_forms(c, x, scope), cdr(body));
            continue;
        case F_INCLUDE: body = append(c->vm, read_includes(c, x, false), cdr(body)); continue;
        case F_INCLUDE_CI: body = append(c->vm, read_includes(c, x, true), cdr(body)); continue;
        case F_RECORD: body = append(c->vm, record_definitions(c, x), cdr(body)); continue;
        case F_DEFINE_SYNTAX:
            check_form(c, x, 3, 3, "(define-syntax keyword transformer)");
            bind_syntax(c, scope, form_at(c, x, 1), eval_syntax(c, form_at(c, x, 2), scope));
            break;
        case F_DEFINE_VALUES: declare_values(c, s, x, scope); break;
        case F_DEFINE:
            x = plain_define(c, x);
            add_step(c, s, bind_var(c, scope, car(cdr(x))), x);
            break;
        default: return body;
        }
        body = cdr(body);
    }
    return body;
}

static void expand_steps(struct compilation *c, struct steps *s, struct scope *scope)
{
    for (int i = 0; i < s->n; i++) {
        struct step *t = &s->step[i];
        if (!t->var) {
            value x = t->form;
            t->init = expand_define_values(c, x, scope);
            continue;
        }
        if (!t->form)
            continue;
        positions_get(c->positions, t->form, &c->line, &c->column);
        t->init = expand(c, define_init(t->form), scope);
        t->is_lambda = t->init->kind == N_LAMBDA;
        if (t->is_lambda && t->init->lambda->name == FALSE)
            t->init->lambda->name = t->var->name;
        if (!t->is_lambda && t->var->refs > 0)
            t->early = true; /* something that runs before may want it */
        for (int j = i + 1; j < s->n; j++)
            if (s->step[j].var && s->step[j].var->refs > 0 && !t->is_lambda)
                s->step[j].early = true;
    }
}

/* What is assigned, or may be wanted before it is there, lives in a box. */
static void mark_early(struct steps *s)
{
    for (int i = 0; i < s->n; i++) {
        struct step *t = &s->step[i];
        if (t->var && t->is_lambda && t->var->assigned)
            t->early = true;
        if (t->early)
            t->var->assigned = true;
    }
}

static struct node *set_node(struct compilation *c, struct var *var, struct node *init)
{
    struct node *set = new_node(c, N_SETLOCAL, 0);
    set->var = var;
    set->a = init;
    return set;
}

static struct node *then(struct compilation *c, struct node *first, struct node *rest)
{
    struct node *seq = new_node(c, N_SEQ, 2);
    seq->list[0] = first;
    seq->list[1] = rest;
    return seq;
}

static struct node *nest(struct compilation *c, struct steps *s, int i, struct node *body);

/* A run of procedures: those that live in boxes are made when the others are there. */
static struct node *nest_lambdas(struct compilation *c, struct steps *s, int i, struct node *body)
{
    int end = i, n = 0;
    for (; end < s->n && s->step[end].is_lambda; end++)
        n += !s->step[end].early;
    struct node *inner = nest(c, s, end, body);
    for (int j = end - 1; j >= i; j--)
        if (s->step[j].early)
            inner = then(c, set_node(c, s->step[j].var, s->step[j].init), inner);
    if (n == 0)
        return inner;
    struct node *node = new_node(c, N_FIX, n);
    node->vars = arena(c, (size_t)n * sizeof *node->vars);
    for (int j = i, k = 0; j < end; j++)
        if (!s->step[j].early) {
            node->vars[k] = s->step[j].var;
            node->list[k++] = s->step[j].init;
        }
    node->a = inner;
    return node;
}

static struct node *nest(struct compilation *c, struct steps *s, int i, struct node *body)
{
    if (i == s->n)
        return body;
    struct step *t = &s->step[i];
    if (!t->var)
        return then(c, t->init, nest(c, s, i + 1, body));
    if (t->is_lambda)
        return nest_lambdas(c, s, i, body);
    if (t->early)
        return t->init ? then(c, set_node(c, t->var, t->init), nest(c, s, i + 1, body))
                       : nest(c, s, i + 1, body);
    struct node *node = new_node(c, N_LET, 1);
    node->vars = arena(c, sizeof *node->vars);
    node->vars[0] = t->var;
    node->list[0] = t->init;
    node->a = nest(c, s, i + 1, body);
    return node;
}

struct node *expand_body(struct compilation *c, value body, struct scope *outer)
{
    struct scope *scope = new_scope(c, outer);
    struct steps s = {0};
    unsigned line = c->line, column = c->column;
    value rest = collect(c, body, scope, &s);
    if (s.n == 0)
        return expand_sequence(c, rest, scope);
    if (++c->depth > 5000)
        syntax_error(c, 0, "expressions are nested too deeply");
    expand_steps(c, &s, scope);
    mark_early(&s);
    struct node *inner = rest == NIL ? constant(c, UNSPECIFIED) : expand_sequence(c, rest, scope);
    mark_early(&s);
    struct node *node = nest(c, &s, 0, inner);
    int early = 0;
    for (int i = 0; i < s.n; i++)
        early += s.step[i].early;
    if (early) {
        struct node *let = new_node(c, N_LET, early);
        let->vars = arena(c, (size_t)early * sizeof *let->vars);
        for (int i = 0, k = 0; i < s.n; i++)
            if (s.step[i].early) {
                let->vars[k] = s.step[i].var;
                let->list[k++] = constant(c, 0);
            }
        let->a = node;
        node = let;
    }
    c->line = line;
    c->column = column;
    c->depth--;
    return node;
}

/* ---- the top level ---- */

static struct node *define_top(struct compilation *c, value id, struct node *init)
{
    if (!is_id(id))
        syntax_error(c, id, "not an identifier:");
    struct node *node = new_node(c, N_DEFINE, 0);
    node->constant = scm_env_cell(c->vm, c->env, id, true);
    node->a = init;
    if (init->kind == N_LAMBDA && init->lambda->name == FALSE)
        init->lambda->name = strip_id(id);
    return node;
}

static struct node *top_sequence(struct compilation *c, value forms)
{
    int64_t n = scm_length(forms);
    if (n < 0)
        syntax_error(c, forms, "not a list:");
    struct node *seq = new_node(c, N_SEQ, (int)n);
    for (int i = 0; i < n; i++, forms = cdr(forms))
        seq->list[i] = expand_top(c, car(forms));
    return n ? seq : constant(c, UNSPECIFIED);
}

/* (call-with-values (lambda () expression) (lambda temporaries assignments ...)) */
struct node *expand_define_values(struct compilation *c, value x, struct scope *scope)
{
    check_form(c, x, 3, 3, "(define-values formals expression)");
    struct vm *vm = c->vm;
    value formals = form_at(c, x, 1), params = NIL, tail = NIL;
    struct node *call = new_node(c, N_CALL, 2);
    call->a = core_ref(c, "call-with-values");
    value thunk = scm_cons(vm, form_at(c, x, 2), NIL);
    call->list[0] = expand_lambda(c, NIL, thunk, scope, FALSE);
    int n = 0;
    for (value f = formals; f != NIL; f = is_pair(f) ? cdr(f) : (value)NIL, n++) {
        value t = core_id(c, "t");
        if (is_pair(f))
            params = scm_cons(vm, t, params);
        else
            tail = t;
    }
    for (; params != NIL; params = cdr(params))
        tail = scm_cons(vm, car(params), tail);
    struct node *l = expand_lambda(c, tail, scm_cons(vm, UNSPECIFIED, NIL), scope, FALSE);
    struct node *body = new_node(c, N_SEQ, n + 1);
    for (int i = 0; i < n; i++) {
        value id = is_pair(formals) ? car(formals) : formals;
        struct node *from = local_ref(c, l->lambda->params[i]);
        body->list[i] =
            scope ? set_node(c, lookup(c, id, scope).var, from) : define_top(c, id, from);
        formals = is_pair(formals) ? cdr(formals) : (value)NIL;
    }
    body->list[n] = constant(c, UNSPECIFIED);
    l->lambda->body = body;
    call->list[1] = l;
    return call;
}

struct node *expand_top(struct compilation *c, value x)
{
    unsigned line = c->line, column = c->column;
    value syntax;
    for (;;) {
        if (is_pair(x))
            positions_get(c->positions, x, &c->line, &c->column);
        syntax = head_syntax(c, x, NULL);
        if (!is(syntax, T_MACRO))
            break;
        x = expand_rules(c, syntax, x, NULL);
    }
    struct node *node;
    switch (syntax ? (int)AS(special, syntax)->form : -1) {
    case F_BEGIN: node = top_sequence(c, cdr(x)); break;
    case F_COND_EXPAND: node = top_sequence(c, cond_expand_forms(c, x, NULL)); break;
    case F_INCLUDE: node = top_sequence(c, read_includes(c, x, false)); break;
    case F_INCLUDE_CI: node = top_sequence(c, read_includes(c, x, true)); break;
    case F_RECORD: node = top_sequence(c, record_definitions(c, x)); break;
    case F_DEFINE_VALUES: node = expand_define_values(c, x, NULL); break;
    case F_IMPORT: node = expand_import(c, x); break;
    case F_LIBRARY: node = expand_library(c, x); break;
    case F_DEFINE:
        x = plain_define(c, x);
        scm_env_cell(c->vm, c->env, car(cdr(x)), true); /* so that the body means this one */
        node = define_top(c, car(cdr(x)), expand(c, define_init(x), NULL));
        break;
    case F_DEFINE_SYNTAX:
        check_form(c, x, 3, 3, "(define-syntax keyword transformer)");
        if (!is_id(form_at(c, x, 1)))
            syntax_error(c, x, "not an identifier:");
        scm_env_set(c->vm, c->env, form_at(c, x, 1), eval_syntax(c, form_at(c, x, 2), NULL));
        node = constant(c, UNSPECIFIED);
        break;
    default: node = expand(c, x, NULL);
    }
    c->line = line;
    c->column = column;
    return node;
}
