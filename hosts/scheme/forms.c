/* forms.c - the special forms that are expressions. */
#include "hosts/scheme/compile.h"

const char *const scm_form_names[F_COUNT] = {"quote",
                                             "quasiquote",
                                             "lambda",
                                             "if",
                                             "set!",
                                             "define",
                                             "begin",
                                             "let",
                                             "letrec",
                                             "letrec*",
                                             "and",
                                             "or",
                                             "define-syntax",
                                             "let-syntax",
                                             "letrec-syntax",
                                             "define-record-type",
                                             "define-values",
                                             "case-lambda",
                                             "cond-expand",
                                             "include",
                                             "include-ci",
                                             "import",
                                             "define-library",
                                             "syntax-error",
                                             "syntax-rules",
                                             "else",
                                             "=>",
                                             "unquote",
                                             "unquote-splicing",
                                             "...",
                                             "_"};

static struct node *expand_if(struct compilation *c, value x, struct scope *scope)
{
    check_form(c, x, 3, 4, "(if test consequent [alternate])");
    struct node *node = new_node(c, N_IF, 2);
    node->a = expand(c, form_at(c, x, 1), scope);
    node->list[0] = expand(c, form_at(c, x, 2), scope);
    node->list[1] =
        scm_length(x) == 4 ? expand(c, form_at(c, x, 3), scope) : constant(c, UNSPECIFIED);
    return node;
}

static struct node *expand_set(struct compilation *c, value x, struct scope *scope)
{
    check_form(c, x, 3, 3, "(set! variable expression)");
    value id = form_at(c, x, 1);
    if (!is_id(id))
        syntax_error(c, x, "set! needs a variable:");
    struct meaning m = lookup(c, id, scope);
    struct node *node = new_node(c, m.var ? N_SETLOCAL : N_SETGLOBAL, 0);
    if (m.var) {
        m.var->assigned = true;
        node->var = m.var;
    } else {
        if (!is(m.global, T_CELL) || AS(cell, m.global)->op)
            syntax_error(c, x, "cannot be assigned:");
        node->constant = m.global;
    }
    node->a = expand(c, form_at(c, x, 2), scope);
    return node;
}

static void check_bindings(struct compilation *c, value x, value bindings, const char *shape)
{
    if (scm_length(bindings) < 0)
        syntax_error(c, x, "bad syntax, should be %s:", shape);
    for (value b = bindings; b != NIL; b = cdr(b))
        if (scm_length(car(b)) != 2 || !is_id(car(car(b))))
            syntax_error(c, car(b), "not a binding (variable expression):");
}

/* ((letrec ((name (lambda (v ...) body))) name) init ...), which the emitter makes a loop of if it is
 * one. */
static struct node *expand_named_let(struct compilation *c, value x, struct scope *scope)
{
    check_form(c, x, 4, -1, "(let name ((variable init) ...) body ...)");
    value name = form_at(c, x, 1), bindings = form_at(c, x, 2), params = NIL;
    check_bindings(c, x, bindings, "(let name ((variable init) ...) body ...)");
    int n = (int)scm_length(bindings);
    struct node *call = new_node(c, N_CALL, n), *fix = new_node(c, N_FIX, 1);
    value b = bindings;
    for (int i = 0; i < n; i++, b = cdr(b)) {
        params = scm_cons(c->vm, car(car(b)), params);
        call->list[i] = expand(c, car(cdr(car(b))), scope);
    }
    struct scope *inner = new_scope(c, scope);
    fix->vars = arena(c, sizeof *fix->vars);
    fix->vars[0] = bind_var(c, inner, name);
    fix->list[0] = expand_lambda(c, scm_reverse(c->vm, params), cdr(cdr(cdr(x))), inner, name);
    if (fix->vars[0]->assigned) { /* a loop that assigns its own name */
        struct node *let = new_node(c, N_LET, 1), *set = new_node(c, N_SETLOCAL, 0);
        let->vars = fix->vars;
        let->list[0] = constant(c, 0);
        set->var = fix->vars[0];
        set->a = fix->list[0];
        let->a = new_node(c, N_SEQ, 2);
        let->a->list[0] = set;
        let->a->list[1] = call;
        call->a = local_ref(c, fix->vars[0]);
        return let;
    }
    call->a = local_ref(c, fix->vars[0]);
    fix->a = call;
    return fix;
}

static struct node *expand_let(struct compilation *c, value x, struct scope *scope)
{
    check_form(c, x, 3, -1, "(let ((variable init) ...) body ...)");
    if (is_id(form_at(c, x, 1)))
        return expand_named_let(c, x, scope);
    value bindings = form_at(c, x, 1);
    check_bindings(c, x, bindings, "(let ((variable init) ...) body ...)");
    int n = (int)scm_length(bindings);
    struct node *let = new_node(c, N_LET, n);
    let->vars = arena(c, (size_t)(n + 1) * sizeof *let->vars);
    value b = bindings;
    for (int i = 0; i < n; i++, b = cdr(b))
        let->list[i] = expand(c, car(cdr(car(b))), scope);
    struct scope *inner = new_scope(c, scope);
    b = bindings;
    for (int i = 0; i < n; i++, b = cdr(b)) {
        for (struct binding *o = inner->bindings; o; o = o->next)
            if (o->id == car(car(b)))
                syntax_error(c, x, "a variable is bound twice:");
        let->vars[i] = bind_var(c, inner, car(car(b)));
        if (let->list[i]->kind == N_LAMBDA && let->list[i]->lambda->name == FALSE)
            let->list[i]->lambda->name = let->vars[i]->name;
    }
    let->a = expand_body(c, cdr(cdr(x)), inner);
    return let;
}

/* A body of definitions. */
static struct node *expand_letrec(struct compilation *c, value x, struct scope *scope)
{
    check_form(c, x, 3, -1, "(letrec ((variable init) ...) body ...)");
    value bindings = form_at(c, x, 1), forms = NIL;
    check_bindings(c, x, bindings, "(letrec ((variable init) ...) body ...)");
    value define = core_id(c, "define"), let = core_id(c, "let");
    for (; bindings != NIL; bindings = cdr(bindings))
        forms = scm_cons(c->vm, scm_cons(c->vm, define, car(bindings)), forms);
    value inner = scm_cons(c->vm, let, scm_cons(c->vm, NIL, cdr(cdr(x))));
    forms = scm_reverse(c->vm, scm_cons(c->vm, inner, forms));
    return expand_body(c, forms, new_scope(c, scope));
}

static struct node *expand_and(struct compilation *c, value x, struct scope *scope)
{
    if (x == NIL)
        return constant(c, TRUE);
    if (!is_pair(x))
        syntax_error(c, x, "and needs a list:");
    struct node *first = expand(c, car(x), scope);
    if (cdr(x) == NIL)
        return first;
    struct node *node = new_node(c, N_IF, 2);
    node->a = first;
    node->list[0] = expand_and(c, cdr(x), scope);
    node->list[1] = constant(c, FALSE);
    return node;
}

static struct node *expand_or(struct compilation *c, value x, struct scope *scope)
{
    int64_t n = scm_length(x);
    if (n < 0)
        syntax_error(c, x, "or needs a list:");
    if (n == 0)
        return constant(c, FALSE);
    if (n == 1)
        return expand(c, car(x), scope);
    struct node *node = new_node(c, N_OR, (int)n);
    for (int i = 0; i < n; i++, x = cdr(x))
        node->list[i] = expand(c, car(x), scope);
    return node;
}

static struct node *expand_case_lambda(struct compilation *c, value x, struct scope *scope)
{
    check_form(c, x, 1, -1, "(case-lambda (parameters body ...) ...)");
    struct node *node = new_node(c, N_CASES, (int)scm_length(x) - 1);
    for (int i = 0; i < node->n; i++) {
        value clause = form_at(c, x, i + 1);
        check_form(c, clause, 2, -1, "(parameters body ...)");
        node->list[i] = expand_lambda(c, car(clause), cdr(clause), scope, FALSE);
    }
    return node;
}

static struct node *expand_let_syntax(struct compilation *c, value x, struct scope *scope, bool rec)
{
    check_form(c, x, 3, -1, "(let-syntax ((keyword transformer) ...) body ...)");
    value bindings = form_at(c, x, 1);
    check_bindings(c, x, bindings, "(let-syntax ((keyword transformer) ...) body ...)");
    struct scope *inner = new_scope(c, scope);
    for (; bindings != NIL; bindings = cdr(bindings))
        bind_syntax(c, inner, car(car(bindings)),
                    eval_syntax(c, car(cdr(car(bindings))), rec ? inner : scope));
    return expand_body(c, cdr(cdr(x)), inner);
}

value eval_syntax(struct compilation *c, value spec, struct scope *scope)
{
    if (is_id(spec)) {
        struct meaning m = lookup(c, spec, scope);
        if (!m.var && (is(m.global, T_MACRO) || is(m.global, T_SPECIAL)))
            return m.global;
    }
    value head = head_syntax(c, spec, scope);
    if (is(head, T_MACRO))
        return eval_syntax(c, expand_rules(c, head, spec, scope), scope);
    if (!is(head, T_SPECIAL) || AS(special, head)->form != F_SYNTAX_RULES || scm_length(spec) < 2)
        syntax_error(c, spec, "a transformer must be (syntax-rules ...):");
    return make_rules(c, spec, scope);
}

static _Noreturn void expand_syntax_error(struct compilation *c, value x)
{
    value message = form_at(c, x, 1);
    if (!is(message, T_STRING))
        message = scm_string(c->vm, "syntax error");
    raise_syntax(c, message, strip(c, cdr(cdr(x))));
}

struct node *expand_special(struct compilation *c, int form, value x, struct scope *scope)
{
    switch ((enum form)form) {
    case F_QUOTE:
        check_form(c, x, 2, 2, "(quote datum)");
        return constant(c, strip(c, form_at(c, x, 1)));
    case F_QUASIQUOTE:
        check_form(c, x, 2, 2, "(quasiquote template)");
        return expand_quasi(c, form_at(c, x, 1), scope);
    case F_LAMBDA:
        check_form(c, x, 3, -1, "(lambda parameters body ...)");
        return expand_lambda(c, form_at(c, x, 1), cdr(cdr(x)), scope, FALSE);
    case F_IF: return expand_if(c, x, scope);
    case F_SET: return expand_set(c, x, scope);
    case F_BEGIN: return expand_sequence(c, cdr(x), scope);
    case F_LET: return expand_let(c, x, scope);
    case F_LETREC:
    case F_LETRECSTAR: return expand_letrec(c, x, scope);
    case F_AND: return expand_and(c, cdr(x), scope);
    case F_OR: return expand_or(c, cdr(x), scope);
    case F_LET_SYNTAX: return expand_let_syntax(c, x, scope, false);
    case F_LETREC_SYNTAX: return expand_let_syntax(c, x, scope, true);
    case F_CASE_LAMBDA: return expand_case_lambda(c, x, scope);
    case F_COND_EXPAND: return expand_sequence(c, cond_expand_forms(c, x, scope), scope);
    case F_INCLUDE: return expand_sequence(c, read_includes(c, x, false), scope);
    case F_INCLUDE_CI: return expand_sequence(c, read_includes(c, x, true), scope);
    case F_SYNTAX_ERROR: expand_syntax_error(c, x);
    case F_DEFINE:
    case F_DEFINE_SYNTAX:
    case F_DEFINE_VALUES:
    case F_RECORD:
    case F_IMPORT:
    case F_LIBRARY: syntax_error(c, x, "a definition where an expression should be:");
    default: syntax_error(c, x, "%s is out of place:", scm_form_names[form]);
    }
}
