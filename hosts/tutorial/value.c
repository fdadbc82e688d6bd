/* value.c - Twig's values, looked at: what neither allocates nor stores, and so has nothing to do with
 * a collector.  The same in all stages. */
#include "twig.h"

#include <stdio.h>
#include <string.h>

static const char *const names[KINDS] = {[STRING] = "a string",         [PAIR] = "a pair",
                                         [TABLE] = "a table",           [CODE] = "code",
                                         [ENVIRONMENT] = "variables",   [CLOSURE] = "a function",
                                         [WEAK_TABLE] = "a weak table", [COROUTINE] = "a coroutine",
                                         [THREAD] = "a thread"};

value integer(int64_t n)
{
    return (uint64_t)n << 1 | 1;
}

static void expected(const char *what)
{
    char text[64];
    snprintf(text, sizeof text, "%s is expected", what);
    die(text);
}

int64_t integer_of(value v)
{
    if (!(v & 1))
        expected("an integer");
    return (int64_t)v >> 1;
}

bool is(value v, enum kind kind)
{
    return v != NIL && !(v & 1) && ((struct object *)v)->kind == kind;
}

void *object_of(value v, enum kind kind)
{
    if (!is(v, kind))
        expected(names[kind]);
    return (void *)v;
}

bool equal(value a, value b)
{
    if (!is(a, STRING) || !is(b, STRING))
        return a == b;
    return strcmp(((struct string *)a)->bytes, ((struct string *)b)->bytes) == 0;
}

static uint64_t hash(value v)
{
    uint64_t h = v;
    if (is(v, STRING)) {
        h = 5381;
        for (const char *c = ((struct string *)v)->bytes; *c; c++)
            h = h * 33 + (unsigned char)*c;
    }
    return (h ^ h >> 29) * 0x9e3779b97f4a7c15u >> 32;
}

struct entry *table_find(const struct table *t, value key)
{
    uint64_t i = hash(key);
    while (t->entries[i % t->room].key != NIL && !equal(t->entries[i % t->room].key, key))
        i++;
    return &t->entries[i % t->room];
}

struct environment *outer(struct environment *e, int depth)
{
    while (depth-- > 0)
        e = e->outer;
    return e;
}

void show(value v)
{
    if (v == NIL) {
        printf("nil");
    } else if (v & 1) {
        printf("%lld", (long long)integer_of(v));
    } else if (is(v, STRING)) {
        printf("%s", ((struct string *)v)->bytes);
    } else if (is(v, PAIR)) {
        for (const char *before = "("; is(v, PAIR); v = ((struct pair *)v)->tail, before = " ") {
            printf("%s", before);
            show(((struct pair *)v)->head);
        }
        printf(")");
    } else {
        uint32_t kind = ((struct object *)v)->kind;
        printf("%s", kind < KINDS ? names[kind] : "not an object");
    }
}

/* ---- natives that only compute ---- */

value add(struct vm *vm, value *v)
{
    return integer(integer_of(v[0]) + integer_of(v[1]));
}

value subtract(struct vm *vm, value *v)
{
    return integer(integer_of(v[0]) - integer_of(v[1]));
}

value less(struct vm *vm, value *v)
{
    return integer_of(v[0]) < integer_of(v[1]) ? integer(1) : NIL;
}

value same(struct vm *vm, value *v)
{
    return equal(v[0], v[1]) ? integer(1) : NIL;
}

value head(struct vm *vm, value *v)
{
    return ((struct pair *)object_of(v[0], PAIR))->head;
}

value tail(struct vm *vm, value *v)
{
    return ((struct pair *)object_of(v[0], PAIR))->tail;
}

value print(struct vm *vm, value *v)
{
    show(v[0]);
    printf("\n");
    return v[0];
}
