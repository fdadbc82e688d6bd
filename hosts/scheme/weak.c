/* weak.c - ephemerons (SRFI 124), over besom_ephemeron, and guardians, over finalizers.
 *
 * A guardian is called with an object to register it, and without one for the next that is dead but
 * for the guardian.  Besom has one queue of such objects; the prelude hands each to its guardian. */
#include "hosts/scheme/scheme.h"

#define P(name) static value name(struct vm *vm, int n, value *a)

P(make_ephemeron)
{
    (void)n;
    if (!is_ref(a[0])) { /* never dies */
        struct eph *e = scm_new(vm, T_EPHEMERON, sizeof *e);
        e->tag = -1;
        value both = scm_cons(vm, a[0], a[1]);
        e->ephemeron = (struct besom_ephemeron *)(uintptr_t)both;
        return ref(e);
    }
    struct besom_ephemeron *inner =
        besom_ephemeron_new(vm->m, address(a[0]), (void *)(uintptr_t)a[1]);
    if (!inner)
        scm_starve(vm);
    struct eph *e = scm_new(vm, T_EPHEMERON, sizeof *e);
    e->ephemeron = inner;
    e->tag = (int64_t)(a[0] & 7);
    return ref(e);
}

static struct eph *need_ephemeron(struct vm *vm, value v)
{
    return AS(eph, want(vm, v, T_EPHEMERON, "an ephemeron"));
}

P(ephemeron_key)
{
    (void)n;
    struct eph *e = need_ephemeron(vm, a[0]);
    if (e->tag < 0)
        return car((value)(uintptr_t)e->ephemeron);
    void *key = besom_ephemeron_key(vm->m, e->ephemeron);
    return key ? ref(key) | (value)e->tag : (value)FALSE;
}

P(ephemeron_datum)
{
    (void)n;
    struct eph *e = need_ephemeron(vm, a[0]);
    if (e->tag < 0)
        return cdr((value)(uintptr_t)e->ephemeron);
    value datum = ref(besom_ephemeron_value(vm->m, e->ephemeron));
    return datum ? datum : (value)FALSE;
}

P(ephemeron_broken)
{
    (void)n;
    struct eph *e = need_ephemeron(vm, a[0]);
    return boolean(e->tag >= 0 && !besom_ephemeron_key(vm->m, e->ephemeron));
}

P(is_ephemeron)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_EPHEMERON));
}
P(barrier)
{
    (void)n, (void)a, (void)vm;
    return UNSPECIFIED;
}

/* ---- guardians ---- */

/* The prelude keeps a table with weak keys of the guardians that an object was registered with; here
 * only Besom hears of it. */
P(watch)
{
    (void)n;
    if (!is_ref(a[0]))
        return FALSE;
    enum besom_status status = besom_finalizer_add(vm->m, address(a[0]));
    if (status == BESOM_E_MEMORY)
        scm_starve(vm);
    return boolean(status == BESOM_OK);
}

P(next_dead)
{
    (void)n, (void)a;
    void *object = besom_finalizer_next(vm->m);
    if (!object)
        return FALSE;
    uintptr_t first = *(uintptr_t *)object;
    bool header = first - (uintptr_t)scm_types < sizeof scm_types;
    return header ? ref(object) : ref(object) | TAG_PAIR;
}

const struct primitive_row scm_weak_rows[] = {{"make-ephemeron", make_ephemeron, 2, 2, 0, 0},
                                              {"ephemeron?", is_ephemeron, 1, 1, 0, 0},
                                              {"ephemeron-key", ephemeron_key, 1, 1, 0, 0},
                                              {"ephemeron-datum", ephemeron_datum, 1, 1, 0, 0},
                                              {"ephemeron-broken?", ephemeron_broken, 1, 1, 0, 0},
                                              {"reference-barrier", barrier, 1, 1, 0, 0},
                                              {"%watch", watch, 1, 1, 0, 1},
                                              {"%next-dead", next_dead, 0, 0, 0, 1},
                                              {NULL, NULL, 0, 0, 0, 0}};
