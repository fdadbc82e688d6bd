/* compare.c - equal?, and hashes that agree with it.
 *
 * Deep data needs no C stack: what is still to be compared waits in memory of the host's, and of
 * pairs of lists only the cars do.  Circular data is recognized by a count: beyond it, pairs that
 * are being compared are joined (union-find), so that each is compared once. */
#include "hosts/scheme/scheme.h"
#include <stdlib.h>
#include <string.h>

struct both {
    value a, b;
};
struct todo {
    struct both *items;
    size_t n, cap;
    bool failed;
};

static void later(struct todo *t, value a, value b)
{
    if (a == b)
        return;
    if (t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 64;
        struct both *more = realloc(t->items, cap * sizeof *more);
        if (!more) {
            t->failed = true;
            return;
        }
        t->items = more;
        t->cap = cap;
    }
    t->items[t->n++] = (struct both){a, b};
}

/* ---- classes of what is taken for equal ---- */

struct link {
    value v, parent;
};
struct classes {
    struct link *slots;
    size_t n, cap;
    bool failed;
};

static struct link *slot_of(struct classes *c, value v)
{
    size_t i = (size_t)(v * 0x9e3779b97f4a7c15 >> 20) & (c->cap - 1);
    while (c->slots[i].v && c->slots[i].v != v)
        i = (i + 1) & (c->cap - 1);
    return &c->slots[i];
}

static void widen(struct classes *c)
{
    struct classes more = {NULL, c->n, c->cap ? 2 * c->cap : 1024, false};
    more.slots = calloc(more.cap, sizeof *more.slots);
    if (!more.slots) {
        c->failed = true;
        return;
    }
    for (size_t i = 0; i < c->cap; i++)
        if (c->slots[i].v)
            *slot_of(&more, c->slots[i].v) = c->slots[i];
    free(c->slots);
    *c = more;
}

static value root_of(struct classes *c, value v)
{
    for (;;) {
        struct link *l = slot_of(c, v);
        if (!l->v) {
            *l = (struct link){v, v};
            c->n++;
        }
        if (l->parent == v)
            return v;
        v = l->parent;
    }
}

/* True if they were of one class already. */
static bool join(struct classes *c, value a, value b)
{
    if (2 * (c->n + 2) > c->cap)
        widen(c);
    if (c->failed)
        return true;
    value x = root_of(c, a), y = root_of(c, b);
    if (x == y)
        return true;
    slot_of(c, x)->parent = y;
    return false;
}

static bool same_bytes(const void *a, const void *b, size_t n)
{
    return n == 0 || memcmp(a, b, n) == 0;
}

/* Compares all but what it leaves for later. */
static bool compare_shallow(struct todo *t, value a, value b)
{
    if (is_pair(a)) {
        if (!is_pair(b))
            return false;
        later(t, cdr(a), cdr(b));
        later(t, car(a), car(b));
        return true;
    }
    if (!is_object(a) || !is_object(b) || type_of(a) != type_of(b))
        return false;
    if (is(a, T_STRING))
        return AS(string, a)->n_bytes == AS(string, b)->n_bytes &&
               same_bytes(string_text(a), string_text(b), AS(string, a)->n_bytes);
    if (is(a, T_BYTES))
        return AS(bytes, a)->length == AS(bytes, b)->length &&
               same_bytes(AS(bytes, a)->data, AS(bytes, b)->data, AS(bytes, a)->length);
    if (is(a, T_VECTOR)) {
        struct vector *x = AS(vector, a), *y = AS(vector, b);
        if (x->length != y->length)
            return false;
        for (size_t i = x->length; i > 0; i--)
            later(t, load(&x->items[i - 1]), load(&y->items[i - 1]));
        return true;
    }
    return scm_eqv(a, b);
}

bool scm_equal(value a, value b)
{
    if (a == b)
        return true;
    struct todo t = {0};
    struct classes c = {0};
    bool equal = compare_shallow(&t, a, b);
    for (size_t steps = 0; equal && t.n > 0 && !t.failed; steps++) {
        struct both next = t.items[--t.n];
        if (steps > 1000 && (is_pair(next.a) || is(next.a, T_VECTOR)) && is_ref(next.b) &&
            join(&c, next.a, next.b))
            continue;
        equal = compare_shallow(&t, next.a, next.b);
    }
    free(t.items);
    free(c.slots);
    return equal && !t.failed && !c.failed;
}

/* ---- hashes ---- */

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15;
    return h ^ h >> 32;
}

static uint64_t hash_bytes(const void *data, size_t n)
{
    const uint8_t *p = data;
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3;
    return mix(h, n);
}

static uint64_t hash_some(value v, int equivalence, int *budget)
{
    if (is(v, T_FLONUM))
        return hash_bytes(&AS(flonum, v)->number, sizeof(double));
    if (is(v, T_BIGNUM))
        return hash_bytes(AS(bignum, v)->limbs, (size_t)llabs(AS(bignum, v)->size) * 8);
    if (is(v, T_STRING) && (equivalence || !AS(string, v)->n_bytes))
        return hash_bytes(string_text(v), AS(string, v)->n_bytes);
    if (!equivalence)
        return mix(1, v);
    if (is(v, T_BYTES))
        return hash_bytes(AS(bytes, v)->data, AS(bytes, v)->length);
    uint64_t h = 7;
    if (is(v, T_VECTOR)) {
        for (size_t i = 0; i < AS(vector, v)->length && --*budget > 0; i++)
            h = mix(h, hash_some(load(&AS(vector, v)->items[i]), equivalence, budget));
        return h;
    }
    if (!is_pair(v))
        return mix(1, v);
    for (; is_pair(v) && --*budget > 0; v = cdr(v))
        h = mix(h, hash_some(car(v), equivalence, budget));
    return is_pair(v) || *budget <= 0 ? h : mix(h, hash_some(v, equivalence, budget));
}

uint64_t scm_hash(value v, int equivalence)
{
    int budget = 64;
    return hash_some(v, equivalence, &budget);
}
