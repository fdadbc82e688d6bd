/* error.c - conditions, and leaving a primitive with one. */
#include "hosts/scheme/scheme.h"
#include <string.h>

_Noreturn void scm_raise(struct vm *vm, value condition)
{
    vm->raised = condition;
    longjmp(vm->jump, 1);
}

/* There is no memory for a condition: the VM collects, calls the primitive again if that is harmless,
 * and otherwise raises the condition that was made in advance. */
_Noreturn void scm_starve(struct vm *vm)
{
    vm->starved = true;
    scm_raise(vm, vm->world->exhausted);
}

value scm_condition(struct vm *vm, value kind, value message, value irritants, value where)
{
    struct condition *c = scm_new(vm, T_CONDITION, sizeof *c);
    c->kind = kind;
    c->message = message;
    c->irritants = irritants;
    c->where = where;
    return ref(c);
}

/* What is too long is cut, between characters. */
value scm_format(struct vm *vm, const char *format, va_list ap)
{
    char text[512];
    vsnprintf(text, sizeof text, format, ap);
    size_t chars, n = strlen(text);
    while (n > 0 && !utf8_count(text, n, &chars))
        n--;
    return scm_string_of(vm, text, n);
}

value scm_place(struct vm *vm, const char *file, unsigned line, unsigned column)
{
    char text[256];
    snprintf(text, sizeof text, "%.200s:%u:%u", file, line, column);
    size_t chars;
    return scm_string(vm, utf8_count(text, strlen(text), &chars) ? text : "?");
}

value scm_where(struct vm *vm, value code, const int32_t *pc)
{
    struct code *c = AS(code, code);
    if (!is(c->lines, T_BYTES))
        return FALSE;
    const uint32_t *rows = (const uint32_t *)(const void *)AS(bytes, c->lines)->data;
    size_t n = AS(bytes, c->lines)->length / 12, at = n;
    for (size_t i = 0; i < n && rows[3 * i] <= pc - c->start; i++)
        at = i;
    if (at == n)
        return FALSE;
    return scm_place(vm, is(c->file, T_STRING) ? string_text(c->file) : "?", rows[3 * at + 1],
                     rows[3 * at + 2]);
}

value scm_where_now(struct vm *vm)
{
    return is(vm->closure, T_CLOSURE) ? scm_where(vm, AS(closure, vm->closure)->code, vm->pc - 1)
                                      : (value)FALSE;
}

_Noreturn void scm_error(struct vm *vm, const char *kind, value irritants, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    value message = scm_format(vm, format, ap);
    va_end(ap);
    scm_raise(vm, scm_condition(vm, scm_symbol(vm, kind), message, irritants, scm_where_now(vm)));
}

_Noreturn void scm_type_error(struct vm *vm, const char *wanted, value got)
{
    scm_error(vm, "type", scm_cons(vm, got, NIL), "expected %s, got", wanted);
}

int64_t scm_index(struct vm *vm, value v, int64_t limit)
{
    if (!is_fix(v))
        scm_type_error(vm, "an index", v);
    if (fix_of(v) < 0 || fix_of(v) > limit)
        scm_error(vm, "range", scm_cons(vm, v, NIL), "index not in 0 to %lld:", (long long)limit);
    return fix_of(v);
}

void scm_span(struct vm *vm, int n, value *args, int first, size_t length, size_t *from, size_t *to)
{
    *to = n > first + 1 ? (size_t)scm_index(vm, args[first + 1], (int64_t)length) : length;
    *from = n > first ? (size_t)scm_index(vm, args[first], (int64_t)*to) : 0;
}
