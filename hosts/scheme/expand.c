/* expand.c - from forms to the tree: applications, references, macros and the core forms. */
#include "hosts/scheme/compile.h"

enum { DEEPEST = 6000 };

struct node *new_node(struct compilation *c, enum node_kind kind, int n)
{
    struct node *node = arena(c, sizeof *node);
    node->kind = kind;
    node->line = c->line;
    node->column = c->column;
    node->n = n;
    node->list = n ? arena(c, (size_t)n * sizeof *node->list) : NULL;
    return node;
}

struct node *constant(struct compilation *c, value v)
{
    struct node *node = new_node(c, N_CONST, 0);
    node->constant = v;
    return node;
}

value form_at(struct compilation *c, value form, int i)
{
    value x = form;
    for (; i > 0 && is_pair(x); i--)
        x = cdr(x);
    if (!is_pair(x))
        syntax_error(c, form, "too short:");
    return car(x);
}

void check_form(struct compilation *c, value form, int least, int most, const char *shape)
{
    int64_t n = scm_length(form);
    if (n < least || (most >= 0 && n > most))
        syntax_error(c, form, "bad syntax, should be %s:", shape);
}

struct node *local_ref(struct compilation *c, struct var *var)
{
    struct node *node = new_node(c, N_LOCAL, 0);
    node->var = var;
    var->refs++;
    return node;
}

static struct node *global_ref(struct compilation *c, value cell)
{
    struct node *node = new_node(c, N_GLOBAL, 0);
    node->constant = cell;
    return node;
}

struct node *core_ref(struct compilation *c, const char *name)
{
    return global_ref(c, scm_env_cell(c->vm, c->vm->world->core, scm_symbol(c->vm, name), false));
}

static struct node *expand_id(struct compilation *c, value id, struct scope *scope)
{
    struct meaning m = lookup(c, id, scope);
    if (m.var)
        return local_ref(c, m.var);
    if (!is(m.global, T_CELL))
        syntax_error(c, id, "a keyword is not an expression:");
    return global_ref(c, m.global);
}

static struct node *expand_call(struct compilation *c, value form, struct scope *scope)
{
    int64_t length = scm_length(form);
    if (length < 0)
        syntax_error(c, form, "an application must be a proper list:");
    struct node *call = new_node(c, N_CALL, (int)length - 1);
    call->a = expand(c, car(form), scope);
    value x = cdr(form);
    for (int i = 0; i < call->n; i++, x = cdr(x))
        call->list[i] = expand(c, car(x), scope);
    struct lambda *l = call->a->lambda;
    if (call->a->kind == N_LAMBDA && !l->rest && l->n_params == call->n) {
        call->kind = N_LET;
        call->vars = l->params;
        call->a = l->body;
    }
    return call;
}

struct node *expand(struct compilation *c, value form, struct scope *scope)
{
    if (++c->depth > DEEPEST)
        syntax_error(c, 0, "expressions are nested too deeply");
    unsigned line = c->line, column = c->column;
    struct node *node;
    for (;;) {
        if (is_pair(form))
            positions_get(c->positions, form, &c->line, &c->column);
        value syntax = head_syntax(c, form, scope);
        if (!is(syntax, T_MACRO))
            break;
        form = expand_rules(c, syntax, form, scope);
    }
    value special = head_syntax(c, form, scope);
    if (is_id(form))
        node = expand_id(c, form, scope);
    else if (special)
        node = expand_special(c, (int)AS(special, special)->form, form, scope);
    else if (is_pair(form))
        node = expand_call(c, form, scope);
    else if (form == NIL)
        syntax_error(c, form, "an empty application:");
    else
        node = constant(c, strip(c, form));
    c->line = line;
    c->column = column;
    c->depth--;
    return node;
}

struct node *expand_sequence(struct compilation *c, value forms, struct scope *scope)
{
    int64_t n = scm_length(forms);
    if (n < 0)
        syntax_error(c, forms, "not a list of expressions:");
    if (n == 0)
        return constant(c, UNSPECIFIED);
    if (n == 1)
        return expand(c, car(forms), scope);
    struct node *seq = new_node(c, N_SEQ, (int)n);
    for (int i = 0; i < n; i++, forms = cdr(forms))
        seq->list[i] = expand(c, car(forms), scope);
    return seq;
}

struct node *expand_lambda(struct compilation *c, value params, value body, struct scope *scope,
                           value name)
{
    struct node *node = new_node(c, N_LAMBDA, 0);
    struct lambda *l = node->lambda = arena(c, sizeof *l);
    struct scope *inner = new_scope(c, scope);
    l->name = strip_id(name);
    int n = 0;
    value p = params;
    for (; is_pair(p); p = cdr(p))
        n++;
    l->rest = p != NIL;
    l->n_params = n + l->rest;
    l->params = arena(c, (size_t)(l->n_params + 1) * sizeof *l->params);
    p = params;
    for (int i = 0; i < l->n_params; i++) {
        value id = is_pair(p) ? car(p) : p;
        for (struct binding *b = inner->bindings; b; b = b->next)
            if (b->id == id)
                syntax_error(c, params, "a parameter occurs twice:");
        l->params[i] = bind_var(c, inner, id);
        p = is_pair(p) ? cdr(p) : (value)NIL;
    }
    if (!is_pair(body))
        syntax_error(c, body, "a lambda without a body:");
    l->body = expand_body(c, body, inner);
    return node;
}
