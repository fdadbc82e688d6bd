/* lists.c - pairs, lists, symbols, equivalence. */
#include "hosts/scheme/scheme.h"
#include <string.h>

#define P(name) static value name(struct vm *vm, int n, value *a)

static value need_pair(struct vm *vm, value v)
{
    if (!is_pair(v))
        scm_type_error(vm, "a pair", v);
    return v;
}

static int64_t need_list(struct vm *vm, value v)
{
    int64_t n = scm_length(v);
    if (n < 0)
        scm_type_error(vm, "a list", v);
    return n;
}

P(cons)
{
    (void)n;
    return scm_cons(vm, a[0], a[1]);
}
P(car_of)
{
    (void)n;
    return car(need_pair(vm, a[0]));
}
P(cdr_of)
{
    (void)n;
    return cdr(need_pair(vm, a[0]));
}
P(set_car)
{
    (void)n;
    struct pair *p = pair_of(need_pair(vm, a[0]));
    set_field(vm->m, p, &p->car, a[1]);
    return UNSPECIFIED;
}
P(set_cdr)
{
    (void)n;
    struct pair *p = pair_of(need_pair(vm, a[0]));
    set_field(vm->m, p, &p->cdr, a[1]);
    return UNSPECIFIED;
}
P(is_pair_p)
{
    (void)n, (void)vm;
    return boolean(is_pair(a[0]));
}
P(is_null)
{
    (void)n, (void)vm;
    return boolean(a[0] == NIL);
}
P(is_list)
{
    (void)n, (void)vm;
    return boolean(scm_length(a[0]) >= 0);
}
P(not_of)
{
    (void)n, (void)vm;
    return boolean(a[0] == FALSE);
}
P(is_boolean)
{
    (void)n, (void)vm;
    return boolean(a[0] == FALSE || a[0] == TRUE);
}
P(is_symbol)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_SYMBOL));
}
P(eq)
{
    (void)n, (void)vm;
    return boolean(a[0] == a[1]);
}
P(eqv)
{
    (void)n, (void)vm;
    return boolean(scm_eqv(a[0], a[1]));
}
P(equal)
{
    (void)n, (void)vm;
    return boolean(scm_equal(a[0], a[1]));
}

P(list)
{
    value l = NIL;
    while (n > 0)
        l = scm_cons(vm, a[--n], l);
    return l;
}

P(make_list)
{
    value l = NIL;
    for (int64_t i = scm_index(vm, a[0], 1 << 30); i > 0; i--)
        l = scm_cons(vm, n > 1 ? a[1] : (value)FALSE, l);
    return l;
}

P(length)
{
    (void)n;
    return fix(need_list(vm, a[0]));
}

static value append_two(struct vm *vm, value x, value y)
{
    need_list(vm, x);
    value head = y, last = 0;
    for (; is_pair(x); x = cdr(x)) {
        value p = scm_cons(vm, car(x), y);
        if (last)
            pair_of(last)->cdr = p;
        else
            head = p;
        last = p;
    }
    return head;
}

P(append)
{
    value l = n ? a[n - 1] : (value)NIL;
    for (int i = n - 2; i >= 0; i--)
        l = append_two(vm, a[i], l);
    return l;
}

P(reverse)
{
    (void)n;
    need_list(vm, a[0]);
    return scm_reverse(vm, a[0]);
}

static value tail_of(struct vm *vm, value l, value k)
{
    for (int64_t i = scm_index(vm, k, INT64_C(1) << 60); i > 0; i--)
        l = cdr(need_pair(vm, l));
    return l;
}

P(list_tail)
{
    (void)n;
    return tail_of(vm, a[0], a[1]);
}
P(list_ref)
{
    (void)n;
    return car(need_pair(vm, tail_of(vm, a[0], a[1])));
}
P(list_set)
{
    (void)n;
    struct pair *p = pair_of(need_pair(vm, tail_of(vm, a[0], a[1])));
    set_field(vm->m, p, &p->car, a[2]);
    return UNSPECIFIED;
}

P(list_copy)
{
    (void)n;
    value head = a[0], last = 0;
    for (value x = a[0]; is_pair(x); x = cdr(x)) {
        value p = scm_cons(vm, car(x), cdr(x));
        if (last)
            pair_of(last)->cdr = p;
        else
            head = p;
        last = p;
    }
    return head;
}

typedef bool (*same_fn)(value, value);
static bool same(value x, value y)
{
    return x == y;
}

static value member_of(struct vm *vm, value x, value l, same_fn f)
{
    for (; is_pair(l); l = cdr(l))
        if (f(x, car(l)))
            return l;
    if (l != NIL)
        scm_type_error(vm, "a list", l);
    return FALSE;
}

static value assoc_of(struct vm *vm, value x, value l, same_fn f)
{
    for (; is_pair(l); l = cdr(l))
        if (f(x, car(need_pair(vm, car(l)))))
            return car(l);
    if (l != NIL)
        scm_type_error(vm, "a list", l);
    return FALSE;
}

#define SEARCHES(name, search, same)         \
    P(name)                                  \
    {                                        \
        (void)n;                             \
        return search(vm, a[0], a[1], same); \
    }
SEARCHES(memq, member_of, same)
SEARCHES(memv, member_of, scm_eqv)
SEARCHES(member, member_of, scm_equal)
SEARCHES(assq, assoc_of, same)
SEARCHES(assv, assoc_of, scm_eqv)
SEARCHES(assoc, assoc_of, scm_equal)

P(symbol_to_string)
{
    (void)n;
    struct symbol *s = AS(symbol, want(vm, a[0], T_SYMBOL, "a symbol"));
    value text = scm_string_of(vm, s->text, s->length);
    AS(string, text)->constant = true;
    return text;
}

P(string_to_symbol)
{
    (void)n;
    want(vm, a[0], T_STRING, "a string");
    return scm_symbol_of(vm, string_text(a[0]), AS(string, a[0])->n_bytes);
}

static value all_same(struct vm *vm, int n, value *a, bool symbols)
{
    for (int i = 0; i < n; i++) {
        if (symbols)
            want(vm, a[i], T_SYMBOL, "a symbol");
        else if (a[i] != TRUE && a[i] != FALSE)
            scm_type_error(vm, "a boolean", a[i]);
    }
    for (int i = 0; i + 1 < n; i++)
        if (a[i] != a[i + 1])
            return FALSE;
    return TRUE;
}
P(symbols_equal)
{
    return all_same(vm, n, a, true);
}
P(booleans_equal)
{
    return all_same(vm, n, a, false);
}

const struct primitive_row scm_list_rows[] = {{"cons", cons, 2, 2, 0, 0},
                                              {"car", car_of, 1, 1, 0, 0},
                                              {"cdr", cdr_of, 1, 1, 0, 0},
                                              {"set-car!", set_car, 2, 2, 0, 0},
                                              {"set-cdr!", set_cdr, 2, 2, 0, 0},
                                              {"pair?", is_pair_p, 1, 1, 0, 0},
                                              {"null?", is_null, 1, 1, 0, 0},
                                              {"list?", is_list, 1, 1, 0, 0},
                                              {"not", not_of, 1, 1, 0, 0},
                                              {"boolean?", is_boolean, 1, 1, 0, 0},
                                              {"symbol?", is_symbol, 1, 1, 0, 0},
                                              {"eq?", eq, 2, 2, 0, 0},
                                              {"eqv?", eqv, 2, 2, 0, 0},
                                              {"equal?", equal, 2, 2, 0, 0},
                                              {"list", list, 0, -1, 0, 0},
                                              {"make-list", make_list, 1, 2, 0, 0},
                                              {"length", length, 1, 1, 0, 0},
                                              {"append", append, 0, -1, 0, 0},
                                              {"reverse", reverse, 1, 1, 0, 0},
                                              {"list-tail", list_tail, 2, 2, 0, 0},
                                              {"list-ref", list_ref, 2, 2, 0, 0},
                                              {"list-set!", list_set, 3, 3, 0, 0},
                                              {"list-copy", list_copy, 1, 1, 0, 0},
                                              {"memq", memq, 2, 2, 0, 0},
                                              {"memv", memv, 2, 2, 0, 0},
                                              {"%member", member, 2, 2, 0, 0},
                                              {"assq", assq, 2, 2, 0, 0},
                                              {"assv", assv, 2, 2, 0, 0},
                                              {"%assoc", assoc, 2, 2, 0, 0},
                                              {"symbol->string", symbol_to_string, 1, 1, 0, 0},
                                              {"string->symbol", string_to_symbol, 1, 1, 0, 0},
                                              {"symbol=?", symbols_equal, 1, -1, 0, 0},
                                              {"boolean=?", booleans_equal, 1, -1, 0, 0},
                                              {NULL, NULL, 0, 0, 0, 0}};
