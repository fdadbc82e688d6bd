/* control.c - procedures, values, records, conditions, promises and parameters: what the prelude in
 * boot.scm builds on. */
#include "hosts/scheme/vm.h"
#include <string.h>

#define P(name) static value name(struct vm *vm, int n, value *a)

P(is_procedure)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_CLOSURE) || is(a[0], T_PRIMITIVE) || is(a[0], T_CASES) ||
                   is(a[0], T_PARAMETER));
}

P(values)
{
    if (n == 1)
        return a[0];
    struct vector *v = scm_new(vm, T_VALUES, sizeof *v + (size_t)n * sizeof(value));
    v->length = (size_t)n;
    for (int i = 0; i < n; i++)
        v->items[i] = a[i];
    return ref(v);
}
P(is_values)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_VALUES));
}
P(values_to_list)
{
    (void)n;
    if (!is(a[0], T_VALUES))
        return scm_cons(vm, a[0], NIL);
    value l = NIL;
    for (size_t i = AS(vector, a[0])->length; i > 0; i--)
        l = scm_cons(vm, AS(vector, a[0])->items[i - 1], l);
    return l;
}
P(cases)
{
    struct vector *v = scm_new(vm, T_CASES, sizeof *v + (size_t)n * sizeof(value));
    v->length = (size_t)n;
    for (int i = 0; i < n; i++)
        v->items[i] = a[i];
    return ref(v);
}

/* ---- the dynamic state ---- */

P(handlers)
{
    (void)n, (void)a;
    return vm->handlers;
}
P(set_handlers)
{
    (void)n;
    vm->handlers = a[0];
    return UNSPECIFIED;
}
P(params)
{
    (void)n, (void)a;
    return vm->params;
}
P(set_params)
{
    (void)n;
    vm->params = a[0];
    return UNSPECIFIED;
}
P(winds)
{
    (void)n, (void)a;
    return vm->winds;
}
P(set_winds)
{
    (void)n;
    vm->winds = a[0];
    return UNSPECIFIED;
}

P(make_param)
{
    (void)n;
    value box = scm_box(vm, a[0]);
    struct parameter *p = scm_new(vm, T_PARAMETER, sizeof *p);
    p->content = box;
    p->converter = a[1];
    return ref(p);
}
P(param_converter)
{
    (void)n;
    return AS(parameter, want(vm, a[0], T_PARAMETER, "a parameter"))->converter;
}
P(bind_param)
{
    (void)n;
    return scm_cons(vm, want(vm, a[0], T_PARAMETER, "a parameter"), scm_box(vm, a[1]));
}

/* ---- records ---- */

P(make_rtd)
{
    (void)n;
    struct rtd *r = scm_new(vm, T_RTD, sizeof *r);
    r->name = a[0];
    r->fields = a[1];
    return ref(r);
}
P(record)
{
    want(vm, a[0], T_RTD, "a record type");
    struct record *r = scm_new(vm, T_RECORD, sizeof *r + (size_t)(n - 1) * sizeof(value));
    r->rtd = a[0];
    r->length = (size_t)(n - 1);
    for (int i = 1; i < n; i++)
        r->items[i - 1] = a[i];
    return ref(r);
}
P(is_record)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_RECORD) && AS(record, a[0])->rtd == a[1]);
}

static value *field_of(struct vm *vm, value *a)
{
    if (!is(a[0], T_RECORD) || AS(record, a[0])->rtd != a[1]) {
        value name = is(a[1], T_RTD) ? AS(rtd, a[1])->name : (value)FALSE;
        scm_type_error(vm, is(name, T_SYMBOL) ? AS(symbol, name)->text : "a record", a[0]);
    }
    return &AS(record, a[0])->items[scm_index(vm, a[2], (int64_t)AS(record, a[0])->length - 1)];
}
P(record_ref)
{
    (void)n;
    return load(field_of(vm, a));
}
P(record_set)
{
    (void)n;
    set_field(vm->m, address(a[0]), field_of(vm, a), a[3]);
    return UNSPECIFIED;
}

/* ---- conditions ---- */

P(make_condition)
{
    (void)n;
    return scm_condition(vm, a[0], a[1], a[2], FALSE);
}
static bool is_of_file(value code, value file)
{
    value own = AS(code, code)->file;
    return is(own, T_STRING) && is(file, T_STRING) &&
           strcmp(string_text(own), string_text(file)) == 0;
}

/* Of the procedure that called, or the first outside it that is none of the prelude's: after a tail
 * call nothing else is left.  None: the condition has no place. */
P(condition_here)
{
    (void)n;
    if (!is(a[0], T_CONDITION) || AS(condition, a[0])->where != FALSE ||
        !is(vm->closure, T_CLOSURE))
        return a[0];
    value prelude = AS(code, AS(closure, vm->closure)->code)->file;
    value *frame = vm->fp - 3;
    for (; frame > vm->base && is(frame[0], T_CLOSURE); frame = vm->base + fix_of(frame[2]) - 3) {
        value code = AS(closure, frame[0])->code;
        if (is_of_file(code, prelude))
            continue;
        value where = scm_where(vm, code, AS(code, code)->start + fix_of(frame[1]) - 1);
        set_field(vm->m, address(a[0]), &AS(condition, a[0])->where, where);
        break;
    }
    return a[0];
}
P(is_condition)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_CONDITION));
}
static struct condition *need_condition(struct vm *vm, value v)
{
    return AS(condition, want(vm, v, T_CONDITION, "an error object"));
}
P(condition_kind)
{
    (void)n;
    return need_condition(vm, a[0])->kind;
}
P(condition_message)
{
    (void)n;
    return need_condition(vm, a[0])->message;
}
P(condition_irritants)
{
    (void)n;
    return need_condition(vm, a[0])->irritants;
}
P(condition_where)
{
    (void)n;
    return need_condition(vm, a[0])->where;
}

/* ---- promises: a promise holds a box of (done? . value), which promises may share ---- */

P(make_promise)
{
    (void)n;
    value state = scm_box(vm, scm_cons(vm, a[0], a[1]));
    struct promise *p = scm_new(vm, T_PROMISE, sizeof *p);
    p->state = state;
    return ref(p);
}
P(is_promise)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_PROMISE));
}
static value *promise_state(struct vm *vm, value v)
{
    struct promise *p = AS(promise, want(vm, v, T_PROMISE, "a promise"));
    return &AS(box, load(&p->state))->content;
}
P(promise_done)
{
    (void)n;
    return car(load(promise_state(vm, a[0])));
}
P(promise_value)
{
    (void)n;
    return cdr(load(promise_state(vm, a[0])));
}
P(promise_set)
{
    (void)n;
    value *state = promise_state(vm, a[0]);
    value pair = scm_cons(vm, a[1], a[2]);
    set_field(vm->m, address(AS(promise, a[0])->state), state, pair);
    return UNSPECIFIED;
}
P(promise_share) /* the second goes on as the first */
{
    (void)n;
    value *state = promise_state(vm, a[0]);
    set_field(vm->m, address(AS(promise, a[0])->state), state, load(promise_state(vm, a[1])));
    struct promise *p = AS(promise, a[1]);
    set_field(vm->m, p, &p->state, load(&AS(promise, a[0])->state));
    return UNSPECIFIED;
}

P(library_body)
{
    (void)n;
    struct env *e = AS(env, want(vm, a[0], T_ENV, "a library"));
    value body = load(&e->body), cell;
    cell = scm_env_cell(vm, vm->world->core, scm_symbol(vm, "%void"), false);
    set_field(vm->m, e, &e->body, AS(cell, cell)->content);
    return body == FALSE ? AS(cell, cell)->content : body;
}
P(void_of)
{
    (void)n, (void)a, (void)vm;
    return UNSPECIFIED;
}

P(eval)
{
    value env = n > 1 ? want(vm, a[1], T_ENV, "an environment") : vm->world->user;
    return scm_compile(vm, a[0], env, NULL, NULL);
}

/* The next form of a port as a thunk, or the end of file. */
P(read_thunk)
{
    (void)n;
    struct positions *p = positions_new(vm);
    value x = scm_read(vm, want(vm, a[0], T_PORT, "a port"), p);
    if (x == END_OF_FILE)
        return x;
    return scm_compile(vm, x, want(vm, a[1], T_ENV, "an environment"), p,
                       string_text(AS(port, a[0])->name));
}

const struct primitive_row scm_control_rows[] = {
    {"procedure?", is_procedure, 1, 1, 0, 0},
    {"values", values, 0, -1, 0, 0},
    {"%values?", is_values, 1, 1, 0, 0},
    {"%values->list", values_to_list, 1, 1, 0, 0},
    {"%cases", cases, 0, -1, 0, 0},
    {"apply", values, 2, -1, CALL_APPLY, 0},
    {"%call/cc", values, 1, 1, CALL_CC, 0},
    {"%throw", values, 2, 2, CALL_THROW, 0},
    {"%call/ec", values, 1, 1, CALL_EC, 0},
    {"%escape", values, 2, 2, CALL_ESCAPE, 0},
    {"%abort", values, 1, 1, CALL_ABORT, 0},
    {"%handlers", handlers, 0, 0, 0, 0},
    {"%set-handlers!", set_handlers, 1, 1, 0, 0},
    {"%params", params, 0, 0, 0, 0},
    {"%set-params!", set_params, 1, 1, 0, 0},
    {"%winds", winds, 0, 0, 0, 0},
    {"%set-winds!", set_winds, 1, 1, 0, 0},
    {"%make-param", make_param, 2, 2, 0, 0},
    {"%param-converter", param_converter, 1, 1, 0, 0},
    {"%bind-param", bind_param, 2, 2, 0, 0},
    {"%make-rtd", make_rtd, 2, 2, 0, 0},
    {"%record", record, 1, -1, 0, 0},
    {"%record?", is_record, 2, 2, 0, 0},
    {"%record-ref", record_ref, 3, 3, 0, 0},
    {"%record-set!", record_set, 4, 4, 0, 0},
    {"%make-condition", make_condition, 3, 3, 0, 0},
    {"%condition-here", condition_here, 1, 1, 0, 0},
    {"%condition?", is_condition, 1, 1, 0, 0},
    {"%condition-kind", condition_kind, 1, 1, 0, 0},
    {"%condition-message", condition_message, 1, 1, 0, 0},
    {"%condition-irritants", condition_irritants, 1, 1, 0, 0},
    {"condition-where", condition_where, 1, 1, 0, 0},
    {"%make-promise", make_promise, 2, 2, 0, 0},
    {"promise?", is_promise, 1, 1, 0, 0},
    {"%promise-done?", promise_done, 1, 1, 0, 0},
    {"%promise-value", promise_value, 1, 1, 0, 0},
    {"%promise-set!", promise_set, 3, 3, 0, 0},
    {"%promise-share!", promise_share, 2, 2, 0, 0},
    {"%library-body", library_body, 1, 1, CALL_THUNK, 0},
    {"%void", void_of, 0, 0, 0, 0},
    {"eval", eval, 1, 2, CALL_THUNK, 0},
    {"%read-thunk", read_thunk, 2, 2, 0, 1},
    {NULL, NULL, 0, 0, 0, 0}};
