/* quasi.c - quasiquote, records, includes and cond-expand: forms made of simpler ones. */
#include "hosts/scheme/compile.h"
#include <string.h>

static struct node *call_core(struct compilation *c, const char *name, struct node *a,
                              struct node *b)
{
    struct node *call = new_node(c, N_CALL, b ? 2 : 1);
    call->a = core_ref(c, name);
    call->list[0] = a;
    if (b)
        call->list[1] = b;
    return call;
}

static bool is_form(struct compilation *c, value x, struct scope *scope, const char *name)
{
    return is_pair(x) && is_pair(cdr(x)) && cdr(cdr(x)) == NIL && means(c, car(x), scope, name);
}

static struct node *quasi(struct compilation *c, value x, struct scope *scope, int level);

static struct node *quasi_tagged(struct compilation *c, value x, struct scope *scope, int level)
{
    struct node *rest = call_core(c, "cons", quasi(c, car(cdr(x)), scope, level), constant(c, NIL));
    return call_core(c, "cons", constant(c, strip_id(car(x))), rest);
}

/* The items of a list from its end: cells holds the pairs, so that long lists need no deep calls. */
static struct node *quasi_list(struct compilation *c, value x, struct scope *scope, int level)
{
    struct vm *vm = c->vm;
    value cells = NIL;
    for (; is_pair(x); x = cdr(x)) {
        if (cells != NIL && (is_form(c, x, scope, "unquote") || is_form(c, x, scope, "quasiquote")))
            break;
        cells = scm_cons(vm, x, cells);
    }
    struct node *tail = x == NIL ? constant(c, NIL) : quasi(c, x, scope, level);
    for (; cells != NIL; cells = cdr(cells)) {
        value item = car(car(cells));
        if (is_form(c, item, scope, "unquote-splicing") && level == 1) {
            struct node *spliced = expand(c, car(cdr(item)), scope);
            bool last = tail->kind == N_CONST && tail->constant == NIL;
            tail = last ? spliced : call_core(c, "append", spliced, tail);
            continue;
        }
        struct node *head = quasi(c, item, scope, level);
        if (head->kind == N_CONST && tail->kind == N_CONST)
            tail = constant(c, scm_cons(vm, head->constant, tail->constant));
        else
            tail = call_core(c, "cons", head, tail);
    }
    return tail;
}

static struct node *quasi(struct compilation *c, value x, struct scope *scope, int level)
{
    if (++c->depth > 5000)
        syntax_error(c, 0, "quasiquote is nested too deeply");
    struct node *node;
    if (is_form(c, x, scope, "unquote"))
        node = level == 1 ? expand(c, car(cdr(x)), scope) : quasi_tagged(c, x, scope, level - 1);
    else if (is_form(c, x, scope, "unquote-splicing"))
        node = quasi_tagged(c, x, scope, level - 1);
    else if (is_form(c, x, scope, "quasiquote"))
        node = quasi_tagged(c, x, scope, level + 1);
    else if (is_pair(x))
        node = quasi_list(c, x, scope, level);
    else if (is(x, T_VECTOR)) {
        value list = NIL;
        for (size_t i = AS(vector, x)->length; i > 0; i--)
            list = scm_cons(c->vm, AS(vector, x)->items[i - 1], list);
        node = quasi_list(c, list, scope, level);
        node = node->kind == N_CONST ? constant(c, strip(c, x))
                                     : call_core(c, "list->vector", node, NULL);
    } else
        node = constant(c, strip(c, x));
    c->depth--;
    return node;
}

struct node *expand_quasi(struct compilation *c, value x, struct scope *scope)
{
    return quasi(c, x, scope, 1);
}

/* ---- define-record-type ---- */

static value define(struct compilation *c, value name, value expression)
{
    return scm_list(c->vm, 3, core_id(c, "define"), name, expression);
}

static int field_index(struct compilation *c, value fields, value name)
{
    int i = 0;
    for (; is_pair(fields); fields = cdr(fields), i++)
        if ((is_pair(car(fields)) ? car(car(fields)) : car(fields)) == name)
            return i;
    syntax_error(c, name, "not a field of the record:");
}

static value constructor(struct compilation *c, value type, value spec, value fields)
{
    struct vm *vm = c->vm;
    value params = is_pair(spec) ? cdr(spec) : (value)NIL, args = NIL;
    if (!is_pair(spec))
        for (value f = fields; is_pair(f); f = cdr(f))
            params = scm_cons(vm, is_pair(car(f)) ? car(car(f)) : car(f), params);
    if (!is_pair(spec))
        params = scm_reverse(vm, params);
    for (value p = params; is_pair(p); p = cdr(p))
        field_index(c, fields, car(p));
    for (value f = fields; is_pair(f); f = cdr(f)) {
        value name = is_pair(car(f)) ? car(car(f)) : car(f), given = FALSE;
        for (value p = params; is_pair(p); p = cdr(p))
            if (car(p) == name)
                given = name;
        args = scm_cons(vm, given, args);
    }
    value body = scm_cons(vm, core_id(c, "%record"), scm_cons(vm, type, scm_reverse(vm, args)));
    return scm_list(vm, 3, core_id(c, "lambda"), params, body);
}

static value accessors(struct compilation *c, value type, value field, int i, value out)
{
    struct vm *vm = c->vm;
    value r = core_id(c, "r"), v = core_id(c, "v"), lambda = core_id(c, "lambda");
    if (is_pair(field) && is_pair(cdr(field))) {
        value get = scm_list(vm, 4, core_id(c, "%record-ref"), r, type, fix(i));
        value f = scm_list(vm, 3, lambda, scm_list(vm, 1, r), get);
        out = scm_cons(vm, define(c, car(cdr(field)), f), out);
        if (is_pair(cdr(cdr(field)))) {
            value set = scm_list(vm, 5, core_id(c, "%record-set!"), r, type, fix(i), v);
            f = scm_list(vm, 3, lambda, scm_list(vm, 2, r, v), set);
            out = scm_cons(vm, define(c, car(cdr(cdr(field))), f), out);
        }
    }
    return out;
}

/* (define-record-type name (constructor field ...) predicate (field accessor [modifier]) ...) */
value record_definitions(struct compilation *c, value x)
{
    struct vm *vm = c->vm;
    check_form(c, x, 4, -1, "(define-record-type name constructor predicate field ...)");
    value name = form_at(c, x, 1), spec = form_at(c, x, 2), predicate = form_at(c, x, 3);
    value fields = cdr(cdr(cdr(cdr(x)))), names = NIL, out = NIL;
    if (is_pair(name))
        name = car(name);
    for (value f = fields; is_pair(f); f = cdr(f))
        names = scm_cons(vm, strip_id(is_pair(car(f)) ? car(car(f)) : car(f)), names);
    value quote = core_id(c, "quote");
    value make = scm_list(vm, 3, core_id(c, "%make-rtd"), scm_list(vm, 2, quote, name),
                          scm_list(vm, 2, quote, scm_reverse(vm, names)));
    out = scm_cons(vm, define(c, name, make), out);
    value maker = is_pair(spec) ? car(spec) : spec;
    if (is_id(maker))
        out = scm_cons(vm, define(c, maker, constructor(c, name, spec, fields)), out);
    if (is_id(predicate)) {
        value r = core_id(c, "r");
        value test = scm_list(vm, 3, core_id(c, "%record?"), r, name);
        test = scm_list(vm, 3, core_id(c, "lambda"), scm_list(vm, 1, r), test);
        out = scm_cons(vm, define(c, predicate, test), out);
    }
    int i = 0;
    for (value f = fields; is_pair(f); f = cdr(f))
        out = accessors(c, name, car(f), i++, out);
    return scm_reverse(vm, out);
}

/* ---- include, cond-expand ---- */

value read_includes(struct compilation *c, value x, bool fold)
{
    struct vm *vm = c->vm;
    value out = NIL;
    for (value names = cdr(x); is_pair(names); names = cdr(names)) {
        if (!is(car(names), T_STRING))
            syntax_error(c, x, "include needs strings:");
        const char *name = string_text(car(names));
        const char *slash = c->file && name[0] != '/' ? strrchr(c->file, '/') : NULL;
        char path[1024];
        snprintf(path, sizeof path, "%.*s%.*s", slash ? (int)(slash - c->file + 1) : 0,
                 slash ? c->file : "", (int)AS(string, car(names))->n_bytes, name);
        value port = scm_open_file(vm, path, true, false);
        port_fold_case(port, fold);
        for (value form; (form = scm_read(vm, port, c->positions)) != END_OF_FILE;)
            out = scm_cons(vm, form, out);
    }
    return scm_reverse(vm, out);
}

static const char *const features[] = {
    "r7rs",     "exact-closed", "full-unicode", "besom", "besom-scheme", "srfi-18", "srfi-69",
    "srfi-124", "else",         "x86-64",       "linux", "posix",        NULL};

bool feature_holds(struct compilation *c, value x)
{
    struct vm *vm = c->vm;
    x = strip(c, x);
    if (is(x, T_SYMBOL)) {
        for (const char *const *f = features; *f; f++)
            if (strcmp(*f, AS(symbol, x)->text) == 0)
                return true;
        return false;
    }
    if (!is_pair(x) || scm_length(x) < 0)
        syntax_error(c, x, "not a feature requirement:");
    if (car(x) == known(vm, K_NOT))
        return !feature_holds(c, form_at(c, x, 1));
    if (car(x) == known(vm, K_LIBRARY_NAME))
        return find_library(vm, form_at(c, x, 1)) != 0;
    bool all = car(x) == known(vm, K_AND);
    if (!all && car(x) != known(vm, K_OR))
        syntax_error(c, x, "not a feature requirement:");
    for (x = cdr(x); is_pair(x); x = cdr(x))
        if (feature_holds(c, car(x)) != all)
            return !all;
    return all;
}

value cond_expand_forms(struct compilation *c, value x, struct scope *scope)
{
    (void)scope;
    for (value clauses = cdr(x); is_pair(clauses); clauses = cdr(clauses)) {
        if (!is_pair(car(clauses)))
            syntax_error(c, x, "not a clause:");
        if (feature_holds(c, car(car(clauses))))
            return cdr(car(clauses));
    }
    return NIL;
}
