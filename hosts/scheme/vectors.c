/* vectors.c - vectors and bytevectors. */
#include "hosts/scheme/scheme.h"
#include <string.h>

#define P(name) static value name(struct vm *vm, int n, value *a)

static struct vector *need_vector(struct vm *vm, value v)
{
    return AS(vector, want(vm, v, T_VECTOR, "a vector"));
}

static struct bytes *need_bytes(struct vm *vm, value v)
{
    return AS(bytes, want(vm, v, T_BYTES, "a bytevector"));
}

static uint8_t need_byte(struct vm *vm, value v)
{
    if (!is_fix(v) || fix_of(v) < 0 || fix_of(v) > 255)
        scm_type_error(vm, "a byte", v);
    return (uint8_t)fix_of(v);
}

P(is_vector)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_VECTOR));
}
P(make_vector)
{
    return scm_vector(vm, (size_t)scm_index(vm, a[0], INT64_C(1) << 40),
                      n > 1 ? a[1] : (value)UNSPECIFIED);
}
P(vector)
{
    value v = scm_vector(vm, (size_t)n, FALSE);
    for (int i = 0; i < n; i++)
        AS(vector, v)->items[i] = a[i];
    return v;
}
P(vector_length)
{
    (void)n;
    return fix((int64_t)need_vector(vm, a[0])->length);
}
P(vector_ref)
{
    (void)n;
    struct vector *v = need_vector(vm, a[0]);
    return load(&v->items[scm_index(vm, a[1], (int64_t)v->length - 1)]);
}
P(vector_set)
{
    (void)n;
    struct vector *v = need_vector(vm, a[0]);
    set_field(vm->m, v, &v->items[scm_index(vm, a[1], (int64_t)v->length - 1)], a[2]);
    return UNSPECIFIED;
}
P(vector_to_list)
{
    struct vector *v = need_vector(vm, a[0]);
    size_t from, to;
    scm_span(vm, n, a, 1, v->length, &from, &to);
    value l = NIL;
    while (to > from)
        l = scm_cons(vm, load(&v->items[--to]), l);
    return l;
}
P(list_to_vector)
{
    (void)n;
    int64_t length = scm_length(a[0]);
    if (length < 0)
        scm_type_error(vm, "a list", a[0]);
    value v = scm_vector(vm, (size_t)length, FALSE);
    size_t i = 0;
    for (value l = a[0]; is_pair(l) && i < (size_t)length; l = cdr(l))
        AS(vector, v)->items[i++] = car(l);
    return v;
}
P(vector_fill)
{
    struct vector *v = need_vector(vm, a[0]);
    size_t from, to;
    scm_span(vm, n, a, 2, v->length, &from, &to);
    for (size_t i = from; i < to; i++)
        set_field(vm->m, v, &v->items[i], a[1]);
    return UNSPECIFIED;
}
P(vector_copy)
{
    struct vector *v = need_vector(vm, a[0]);
    size_t from, to;
    scm_span(vm, n, a, 1, v->length, &from, &to);
    value copy = scm_vector(vm, to - from, FALSE);
    for (size_t i = from; i < to; i++)
        AS(vector, copy)->items[i - from] = load(&v->items[i]);
    return copy;
}
P(vector_copy_to)
{
    struct vector *to = need_vector(vm, a[0]), *from = need_vector(vm, a[2]);
    size_t at = (size_t)scm_index(vm, a[1], (int64_t)to->length), first, last;
    scm_span(vm, n, a, 3, from->length, &first, &last);
    if (last - first > to->length - at)
        scm_error(vm, "range", NIL, "vector-copy!: %zu items do not fit", last - first);
    for (size_t k = 0; k < last - first; k++) {
        size_t i = to == from && at > first ? last - first - 1 - k : k;
        set_field(vm->m, to, &to->items[at + i], load(&from->items[first + i]));
    }
    return UNSPECIFIED;
}
P(vector_append)
{
    size_t length = 0, at = 0;
    for (int i = 0; i < n; i++)
        length += need_vector(vm, a[i])->length;
    value out = scm_vector(vm, length, FALSE);
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < AS(vector, a[i])->length; k++)
            AS(vector, out)->items[at++] = load(&AS(vector, a[i])->items[k]);
    return out;
}

/* ---- bytevectors ---- */

P(is_bytes)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_BYTES));
}
P(make_bytes)
{
    uint8_t fill = n > 1 ? need_byte(vm, a[1]) : 0;
    value b = scm_bytes(vm, (size_t)scm_index(vm, a[0], INT64_C(1) << 40));
    memset(AS(bytes, b)->data, fill, AS(bytes, b)->length);
    return b;
}
P(bytevector)
{
    value b = scm_bytes(vm, (size_t)n);
    for (int i = 0; i < n; i++)
        AS(bytes, b)->data[i] = need_byte(vm, a[i]);
    return b;
}
P(bytes_length)
{
    (void)n;
    return fix((int64_t)need_bytes(vm, a[0])->length);
}
P(bytes_ref)
{
    (void)n;
    struct bytes *b = need_bytes(vm, a[0]);
    return fix(b->data[scm_index(vm, a[1], (int64_t)b->length - 1)]);
}
P(bytes_set)
{
    (void)n;
    struct bytes *b = need_bytes(vm, a[0]);
    b->data[scm_index(vm, a[1], (int64_t)b->length - 1)] = need_byte(vm, a[2]);
    return UNSPECIFIED;
}
P(bytes_copy)
{
    struct bytes *b = need_bytes(vm, a[0]);
    size_t from, to;
    scm_span(vm, n, a, 1, b->length, &from, &to);
    value copy = scm_bytes(vm, to - from);
    memcpy(AS(bytes, copy)->data, b->data + from, to - from);
    return copy;
}
P(bytes_copy_to)
{
    struct bytes *to = need_bytes(vm, a[0]), *from = need_bytes(vm, a[2]);
    size_t at = (size_t)scm_index(vm, a[1], (int64_t)to->length), first, last;
    scm_span(vm, n, a, 3, from->length, &first, &last);
    if (last - first > to->length - at)
        scm_error(vm, "range", NIL, "bytevector-copy!: %zu bytes do not fit", last - first);
    memmove(to->data + at, from->data + first, last - first);
    return UNSPECIFIED;
}
P(bytes_append)
{
    size_t length = 0, at = 0;
    for (int i = 0; i < n; i++)
        length += need_bytes(vm, a[i])->length;
    value out = scm_bytes(vm, length);
    for (int i = 0; i < n; i++) {
        memcpy(AS(bytes, out)->data + at, AS(bytes, a[i])->data, AS(bytes, a[i])->length);
        at += AS(bytes, a[i])->length;
    }
    return out;
}

const struct primitive_row scm_vector_rows[] = {{"vector?", is_vector, 1, 1, 0, 0},
                                                {"make-vector", make_vector, 1, 2, 0, 0},
                                                {"vector", vector, 0, -1, 0, 0},
                                                {"vector-length", vector_length, 1, 1, 0, 0},
                                                {"vector-ref", vector_ref, 2, 2, 0, 0},
                                                {"vector-set!", vector_set, 3, 3, 0, 0},
                                                {"vector->list", vector_to_list, 1, 3, 0, 0},
                                                {"list->vector", list_to_vector, 1, 1, 0, 0},
                                                {"vector-fill!", vector_fill, 2, 4, 0, 0},
                                                {"vector-copy", vector_copy, 1, 3, 0, 0},
                                                {"vector-copy!", vector_copy_to, 3, 5, 0, 0},
                                                {"vector-append", vector_append, 0, -1, 0, 0},
                                                {"bytevector?", is_bytes, 1, 1, 0, 0},
                                                {"make-bytevector", make_bytes, 1, 2, 0, 0},
                                                {"bytevector", bytevector, 0, -1, 0, 0},
                                                {"bytevector-length", bytes_length, 1, 1, 0, 0},
                                                {"bytevector-u8-ref", bytes_ref, 2, 2, 0, 0},
                                                {"bytevector-u8-set!", bytes_set, 3, 3, 0, 0},
                                                {"bytevector-copy", bytes_copy, 1, 3, 0, 0},
                                                {"bytevector-copy!", bytes_copy_to, 3, 5, 0, 0},
                                                {"bytevector-append", bytes_append, 0, -1, 0, 0},
                                                {NULL, NULL, 0, 0, 0, 0}};
