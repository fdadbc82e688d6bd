/* scope.c - what identifiers mean.
 *
 * An identifier is a symbol, or an alias: the name that an expansion of a macro introduced, with the
 * scope of the macro's definition.  It is looked up as itself first, in case it has been bound since
 * it was introduced, and then as its name where the macro was defined.  That is hygiene. */
#include "hosts/scheme/compile.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void *arena(struct compilation *c, size_t bytes)
{
    void *block = scm_scratch(c->vm, bytes);
    memset(block, 0, bytes);
    return block;
}

_Noreturn void raise_syntax(struct compilation *c, value message, value irritants)
{
    value where = FALSE;
    if (c->line)
        where = scm_place(c->vm, c->file ? c->file : "?", c->line, c->column);
    scm_raise(c->vm, scm_condition(c->vm, scm_symbol(c->vm, "syntax"), message, irritants, where));
}

_Noreturn void syntax_error(struct compilation *c, value form, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    value message = scm_format(c->vm, format, ap);
    va_end(ap);
    raise_syntax(c, message, form ? scm_cons(c->vm, strip(c, form), NIL) : (value)NIL);
}

bool is_id(value v)
{
    return is(v, T_SYMBOL) || is(v, T_ALIAS);
}

value strip_id(value id)
{
    while (is(id, T_ALIAS))
        id = AS(alias, id)->name;
    return id;
}

static bool has_alias(value v, int depth)
{
    for (int n = 0; is_pair(v) && n < 100000; v = cdr(v), n++)
        if (is(car(v), T_ALIAS) || depth > 200 ||
            ((is_pair(car(v)) || is(car(v), T_VECTOR)) && has_alias(car(v), depth + 1)))
            return true;
    if (is(v, T_VECTOR))
        for (size_t i = 0; i < AS(vector, v)->length; i++)
            if (depth > 200 || has_alias(AS(vector, v)->items[i], depth + 1))
                return true;
    return is(v, T_ALIAS);
}

static value strip_deep(struct compilation *c, value v, int depth)
{
    if (is(v, T_ALIAS))
        return strip_id(v);
    if (depth > 200)
        return v;
    if (is(v, T_VECTOR)) {
        struct vector *from = AS(vector, v);
        value to = scm_vector(c->vm, from->length, FALSE);
        for (size_t i = 0; i < from->length; i++)
            AS(vector, to)->items[i] = strip_deep(c, from->items[i], depth + 1);
        return to;
    }
    if (!is_pair(v) || !has_alias(v, depth))
        return v;
    value out = NIL;
    for (; is_pair(v); v = cdr(v))
        out = scm_cons(c->vm, strip_deep(c, car(v), depth + 1), out);
    value end = strip_deep(c, v, depth + 1);
    for (; is_pair(out); out = cdr(out))
        end = scm_cons(c->vm, car(out), end);
    return end;
}

value strip(struct compilation *c, value datum)
{
    return has_alias(datum, 0) ? strip_deep(c, datum, 0) : datum;
}

struct scope *new_scope(struct compilation *c, struct scope *parent)
{
    struct scope *s = arena(c, sizeof *s);
    s->parent = parent;
    return s;
}

/* How a macro remembers its scope: an environment, or the address of a scope, which is no reference.
 * A macro of an inner scope does not outlive the compilation. */
value scope_value(struct compilation *c, struct scope *scope)
{
    return scope ? (value)(uintptr_t)scope | 1 : c->env;
}

struct meaning lookup(struct compilation *c, value id, struct scope *scope)
{
    value env = c->env;
    for (;;) {
        for (; scope; scope = scope->parent)
            for (struct binding *b = scope->bindings; b; b = b->next)
                if (b->id == id)
                    return (struct meaning){b->var, b->syntax, id};
        value global = scm_env_lookup(c->vm, env, id);
        if (!global && is(id, T_ALIAS) && env != c->env)
            global = scm_env_lookup(c->vm, c->env, id);
        if (global || !is(id, T_ALIAS)) {
            if (!global)
                global = scm_env_cell(c->vm, env, id, false);
            return (struct meaning){NULL, global, id};
        }
        value next = AS(alias, id)->scope;
        id = AS(alias, id)->name;
        scope = is_fix(next) ? (struct scope *)(uintptr_t)(next - 1) : NULL;
        env = is_fix(next) ? c->env : next;
    }
}

static struct binding *bind(struct compilation *c, struct scope *scope, value id)
{
    struct binding *b = arena(c, sizeof *b);
    b->id = id;
    b->next = scope->bindings;
    return b;
}

struct var *bind_var(struct compilation *c, struct scope *scope, value id)
{
    if (!is_id(id))
        syntax_error(c, id, "not an identifier:");
    struct binding *b = bind(c, scope, id);
    b->var = arena(c, sizeof *b->var);
    b->var->name = strip_id(id);
    scope->bindings = b;
    return b->var;
}

void bind_syntax(struct compilation *c, struct scope *scope, value id, value syntax)
{
    if (!is_id(id))
        syntax_error(c, id, "not an identifier:");
    struct binding *b = bind(c, scope, id);
    b->syntax = syntax;
    scope->bindings = b;
}

value core_id(struct compilation *c, const char *name)
{
    struct alias *a = scm_new(c->vm, T_ALIAS, sizeof *a);
    a->name = scm_symbol(c->vm, name);
    a->scope = c->vm->world->core;
    return ref(a);
}

bool means(struct compilation *c, value id, struct scope *scope, const char *core_name)
{
    if (!is_id(id))
        return false;
    struct meaning m = lookup(c, id, scope);
    return !m.var &&
           m.global == scm_env_lookup(c->vm, c->vm->world->core, scm_symbol(c->vm, core_name));
}

value head_syntax(struct compilation *c, value form, struct scope *scope)
{
    if (!is_pair(form) || !is_id(car(form)))
        return 0;
    struct meaning m = lookup(c, car(form), scope);
    return !m.var && (is(m.global, T_MACRO) || is(m.global, T_SPECIAL)) ? m.global : 0;
}
