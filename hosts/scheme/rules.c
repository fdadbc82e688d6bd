/* rules.c - syntax-rules: matching a use against the patterns, and instantiating a template. */
#include "hosts/scheme/compile.h"

/* What pattern variables stand for.  rows: of a pattern before an ellipsis, what its variables stand
 * for in each item that it matched. */
struct bound {
    value name, datum;
    struct rows *rows;
    struct bound *next;
};
struct rows {
    int n, cap;
    struct bound **row;
};
struct layer {
    struct bound *bound;
    struct layer *next;
};

struct rewrite {
    struct compilation *c;
    struct macro *macro;
    struct scope *use;
    struct bound *renamed; /* symbol to alias */
};

static bool listed(value list, value id)
{
    for (; is_pair(list); list = cdr(list))
        if (car(list) == id)
            return true;
    return false;
}

static bool is_ellipsis(struct rewrite *r, value v)
{
    if (!is_id(v) || listed(r->macro->literals, v))
        return false;
    value e = r->macro->ellipsis;
    return v == e || (strip_id(e) == known(r->c->vm, K_DOT3) && strip_id(v) == strip_id(e));
}

static struct scope *macro_scope(struct macro *m)
{
    return is_fix(m->scope) ? (struct scope *)(uintptr_t)(m->scope - 1) : NULL;
}

/* Do two identifiers mean the same, the literal where the macro was defined, the other where it is
 * used? */
static bool same_meaning(struct rewrite *r, value literal, value id)
{
    struct compilation *c = r->c;
    value env = c->env;
    struct meaning there = lookup(c, id, r->use);
    if (!is_fix(r->macro->scope))
        c->env = r->macro->scope;
    struct meaning here = lookup(c, literal, macro_scope(r->macro));
    c->env = env;
    if (here.var || there.var)
        return here.var == there.var;
    if (here.global == there.global)
        return true;
    bool unbound = is(here.global, T_CELL) && !AS(cell, here.global)->content &&
                   is(there.global, T_CELL) && !AS(cell, there.global)->content;
    return unbound && strip_id(literal) == strip_id(id);
}

static bool match(struct rewrite *r, value pattern, value form, struct bound **out);

static void add(struct rewrite *r, struct bound **out, value name, value datum, struct rows *rows)
{
    struct bound *b = arena(r->c, sizeof *b);
    *b = (struct bound){name, datum, rows, *out};
    *out = b;
}

static void add_pattern_vars(struct rewrite *r, value pattern, struct rows *rows,
                             struct bound **out)
{
    for (; is_pair(pattern); pattern = cdr(pattern))
        add_pattern_vars(r, car(pattern), rows, out);
    if (is(pattern, T_VECTOR))
        for (size_t i = 0; i < AS(vector, pattern)->length; i++)
            add_pattern_vars(r, AS(vector, pattern)->items[i], rows, out);
    if (is_id(pattern) && !is_ellipsis(r, pattern) && !listed(r->macro->literals, pattern))
        add(r, out, pattern, 0, rows);
}

static void add_row(struct rewrite *r, struct rows *rows, struct bound *row)
{
    if (rows->n == rows->cap) {
        int cap = rows->cap ? 2 * rows->cap : 8;
        struct bound **grown = arena(r->c, (size_t)cap * sizeof *grown);
        for (int i = 0; i < rows->n; i++)
            grown[i] = rows->row[i];
        rows->row = grown;
        rows->cap = cap;
    }
    rows->row[rows->n++] = row;
}

static int pairs_in(value v)
{
    int n = 0;
    for (; is_pair(v) && n < 1 << 24; v = cdr(v))
        n++;
    return n;
}

/* pattern: (item ellipsis . rest) */
static bool match_ellipsis(struct rewrite *r, value pattern, value form, struct bound **out)
{
    value item = car(pattern), rest = cdr(cdr(pattern));
    int spare = pairs_in(form) - pairs_in(rest);
    if (spare < 0)
        return false;
    struct rows *rows = arena(r->c, sizeof *rows);
    for (; spare > 0; spare--, form = cdr(form)) {
        struct bound *row = NULL;
        if (!match(r, item, car(form), &row))
            return false;
        add_row(r, rows, row);
    }
    add_pattern_vars(r, item, rows, out);
    return match(r, rest, form, out);
}

static value vector_list(struct vm *vm, value v)
{
    value list = NIL;
    for (size_t i = AS(vector, v)->length; i > 0; i--)
        list = scm_cons(vm, AS(vector, v)->items[i - 1], list);
    return list;
}

static bool match(struct rewrite *r, value pattern, value form, struct bound **out)
{
    for (; is_pair(pattern); pattern = cdr(pattern), form = cdr(form)) {
        if (is_pair(cdr(pattern)) && is_ellipsis(r, car(cdr(pattern))))
            return match_ellipsis(r, pattern, form, out);
        if (!is_pair(form) || !match(r, car(pattern), car(form), out))
            return false;
    }
    if (is_id(pattern)) {
        if (listed(r->macro->literals, pattern))
            return is_id(form) && same_meaning(r, pattern, form);
        if (strip_id(pattern) != known(r->c->vm, K_UNDERSCORE))
            add(r, out, pattern, form, NULL);
        return true;
    }
    if (is(pattern, T_VECTOR))
        return is(form, T_VECTOR) &&
               match(r, vector_list(r->c->vm, pattern), vector_list(r->c->vm, form), out);
    return pattern == NIL ? form == NIL : scm_equal(pattern, strip(r->c, form));
}

/* ---- templates ---- */

static struct bound *find(struct layer *layers, value name)
{
    for (; layers; layers = layers->next)
        for (struct bound *b = layers->bound; b; b = b->next)
            if (b->name == name)
                return b;
    return NULL;
}

static value rename_id(struct rewrite *r, value id)
{
    for (struct bound *b = r->renamed; b; b = b->next)
        if (b->name == id)
            return b->datum;
    struct alias *a = scm_new(r->c->vm, T_ALIAS, sizeof *a);
    a->name = id;
    a->scope = r->macro->scope;
    add(r, &r->renamed, id, ref(a), NULL);
    return ref(a);
}

/* Collects the rows that the variables of a template range over. */
static int rows_of(value t, struct layer *layers, struct rows **found, int n, int max)
{
    for (; is_pair(t); t = cdr(t))
        n = rows_of(car(t), layers, found, n, max);
    if (is(t, T_VECTOR))
        for (size_t i = 0; i < AS(vector, t)->length; i++)
            n = rows_of(AS(vector, t)->items[i], layers, found, n, max);
    struct bound *b = is_id(t) ? find(layers, t) : NULL;
    if (!b || !b->rows)
        return n;
    for (int i = 0; i < n; i++)
        if (found[i] == b->rows)
            return n;
    if (n < max)
        found[n++] = b->rows;
    return n;
}

static value instantiate(struct rewrite *r, value t, struct layer *layers, bool escaped);

/* One item under `depth` ellipses; pushes what it makes onto *out, a list in reverse. */
static void repeat(struct rewrite *r, value item, int depth, struct layer *layers, value *out)
{
    if (depth == 0) {
        *out = scm_cons(r->c->vm, instantiate(r, item, layers, false), *out);
        return;
    }
    struct rows *found[16];
    int n = rows_of(item, layers, found, 0, 16);
    if (n == 0)
        syntax_error(r->c, item, "no variable before an ellipsis has one in the pattern:");
    int count = found[0]->n;
    for (int i = 1; i < n; i++)
        if (found[i]->n != count)
            syntax_error(r->c, item, "variables before an ellipsis matched different numbers:");
    for (int k = 0; k < count; k++) {
        struct layer *inner = layers;
        struct layer more[16];
        for (int i = 0; i < n; i++) {
            more[i] = (struct layer){found[i]->row[k], inner};
            inner = &more[i];
        }
        repeat(r, item, depth - 1, inner, out);
    }
}

static value instantiate_list(struct rewrite *r, value t, struct layer *layers, bool escaped)
{
    value out = NIL;
    while (is_pair(t)) {
        value item = car(t);
        if (!escaped && is_ellipsis(r, item) && is_pair(cdr(t)) && out == NIL)
            return instantiate(r, car(cdr(t)), layers, true);
        int depth = 0;
        for (t = cdr(t); !escaped && is_pair(t) && is_ellipsis(r, car(t)); t = cdr(t))
            depth++;
        if (depth > 0)
            repeat(r, item, depth, layers, &out);
        else
            out = scm_cons(r->c->vm, instantiate(r, item, layers, escaped), out);
    }
    value end = t == NIL ? (value)NIL : instantiate(r, t, layers, escaped);
    for (; is_pair(out); out = cdr(out))
        end = scm_cons(r->c->vm, car(out), end);
    return end;
}

static value instantiate(struct rewrite *r, value t, struct layer *layers, bool escaped)
{
    if (is_id(t)) {
        struct bound *b = find(layers, t);
        if (!b)
            return rename_id(r, t);
        if (b->rows)
            syntax_error(r->c, t, "an ellipsis is missing after the pattern variable");
        return b->datum;
    }
    if (is_pair(t))
        return instantiate_list(r, t, layers, escaped);
    if (is(t, T_VECTOR)) {
        struct vm *vm = r->c->vm;
        value list = instantiate_list(r, vector_list(vm, t), layers, escaped);
        value v = scm_vector(vm, (size_t)pairs_in(list), FALSE);
        for (size_t i = 0; is_pair(list); list = cdr(list))
            AS(vector, v)->items[i++] = car(list);
        return v;
    }
    return t;
}

value expand_rules(struct compilation *c, value macro, value form, struct scope *scope)
{
    struct rewrite r = {c, AS(macro, macro), scope, NULL};
    for (value rules = r.macro->rules; is_pair(rules); rules = cdr(rules)) {
        value rule = car(rules);
        struct bound *bound = NULL;
        if (!is_pair(car(rule)) || !match(&r, cdr(car(rule)), cdr(form), &bound))
            continue;
        struct layer layer = {bound, NULL};
        return instantiate(&r, car(cdr(rule)), &layer, false);
    }
    syntax_error(c, form, "no rule of the macro matches:");
}

/* form: (syntax-rules [ellipsis] (literal ...) (pattern template) ...) */
value make_rules(struct compilation *c, value form, struct scope *scope)
{
    value rest = cdr(form), ellipsis = known(c->vm, K_DOT3);
    if (is_pair(rest) && is_id(car(rest))) {
        ellipsis = car(rest);
        rest = cdr(rest);
    }
    if (!is_pair(rest) || scm_length(car(rest)) < 0)
        syntax_error(c, form, "syntax-rules needs a list of literals:");
    for (value rules = cdr(rest); rules != NIL; rules = cdr(rules))
        if (!is_pair(rules) || scm_length(car(rules)) != 2 || !is_pair(car(car(rules))))
            syntax_error(c, is_pair(rules) ? car(rules) : form, "not a rule (pattern template):");
    struct macro *m = scm_new(c->vm, T_MACRO, sizeof *m);
    m->ellipsis = ellipsis;
    m->literals = car(rest);
    m->rules = cdr(rest);
    m->scope = scope_value(c, scope);
    return ref(m);
}
