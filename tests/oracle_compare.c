/* oracle_compare.c - is the heap what the model says? */
#include "oracle_program.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3)))
static void complain(const struct program *p, const char *format, ...)
{
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ck_abort_msg("oracle %s, operation %llu: %s", p->variant->name, (unsigned long long)p->ops,
                 text);
}

/* ---- one object ---- */

void oracle_check_object(const struct program *p, const struct model_object *object)
{
    const struct oracle_shape *shape = &oracle_shapes[object->shape];
    const char *obj = object->address;
    unsigned long long id = object->id;
    if (!besom_owns(p->heap, obj))
        complain(p, "%s %llu at %p is not owned", shape->type.name, id, (const void *)obj);
    if (besom_owns(p->heap, obj + 8) || (object->bytes > 16 && besom_owns(p->heap, obj + 16)))
        complain(p, "%s %llu: its inside is owned", shape->type.name, id);
    if (besom_type_of(p->heap, obj) != &shape->type)
        complain(p, "%s %llu has another type", shape->type.name, id);
    size_t size = besom_size(obj), rounded = (object->bytes + 15) & ~(size_t)15;
    if (size != rounded)
        complain(p, "%s %llu of %zu bytes has size %zu", shape->type.name, id, object->bytes, size);
    if (!shape_is_intact(p->host, object))
        complain(p, "%s %llu of %zu bytes was overwritten", shape->type.name, id, object->bytes);
    for (unsigned i = 0; i < object->n_slots; i++)
        if (*shape_slot(object, i) != object->words[i])
            complain(p, "%s %llu: slot %u was overwritten", shape->type.name, id, i);
}

/* ---- all that a heap's programs know ---- */

struct survey {
    const struct program *p; /* the first of them */
    unsigned n;
    struct commons *commons;
    struct model *models[16];
    unsigned n_models;
    uint64_t may_round;      /* the objects reached in it or later may be there ... */
    uint64_t round;          /* ... and those reached in this one, the last, must */
    struct model_map map;
    size_t reached, seen;
    size_t reached_bytes;
    const void *last;        /* that the walk came by */
};

static void gather(struct survey *s, struct program *p)
{
    struct commons *commons = p->commons;
    s->commons = commons;
    s->p = commons ? commons->programs : p;
    s->n = commons ? commons->n_programs : 1;
    for (unsigned i = 0; i < s->n; i++)
        s->models[s->n_models++] = commons ? &commons->programs[i].model : &p->model;
    if (commons)
        s->models[s->n_models++] = &commons->model;
}

static void reach_from_roots(struct survey *s, uint64_t round)
{
    for (unsigned i = 0; i < s->n; i++)
        for (int cell = 0; cell < CELLS; cell++)
            model_reach(s->p[i].roots.cells[cell], round);
    for (int cell = 0; s->commons && cell < COMMON_CELLS; cell++)
        model_reach(s->commons->cells[cell], round);
}

typedef void (*object_fn)(struct survey *s, struct model_object *object);

static void for_each_object(struct survey *s, object_fn fn)
{
    for (unsigned i = 0; i < s->n_models; i++)
        for (size_t j = 0; j < s->models[i]->n; j++)
            fn(s, s->models[i]->objects[j]);
}

static void reach_from_hooked(struct survey *s, struct model_object *object)
{
    if (oracle_shapes[object->shape].is_hooked)
        model_reach(object, s->round);
}

static void reach_from_undestroyed(struct survey *s, struct model_object *object)
{
    if (oracle_shapes[object->shape].is_hooked && oracle_calls(s->p->host, object->id) == 0)
        model_reach(object, s->round);
}

/* Of two objects at one address the heap has the one that must be there, or the younger one. */
static void enter_another(struct survey *s, struct model_object *object)
{
    struct model_object *other = model_map_get(&s->map, object->address);
    bool must = object->round == s->round, other_must = other->round == s->round;
    if (must && other_must)
        complain(s->p, "two reachable objects at %p: %llu and %llu", object->address,
                 (unsigned long long)object->id, (unsigned long long)other->id);
    if (must || (!other_must && object->id > other->id))
        model_map_replace(&s->map, object);
}

static void enter(struct survey *s, struct model_object *object)
{
    object->seen = false;
    if (object->round < s->may_round)
        return;
    s->reached += object->round == s->round;
    if (!model_map_put(&s->map, object))
        enter_another(s, object);
}

/* ---- the walk through the heap ---- */

static bool meet(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    struct survey *s = data;
    struct model_object *object = model_map_get(&s->map, obj);
    if (!object)
        complain(s->p, "the unreachable %s at %p is still there", type ? type->name : "?", obj);
    if (object->seen)
        complain(s->p, "object %llu met twice", (unsigned long long)object->id);
    if (type != &oracle_shapes[object->shape].type)
        complain(s->p, "object %llu met with another type", (unsigned long long)object->id);
    if (bytes != besom_size(obj))
        complain(s->p, "object %llu met with %zu bytes", (unsigned long long)object->id, bytes);
    if (s->last && (uintptr_t)s->last / (4 << 20) == (uintptr_t)obj / (4 << 20) &&
        (uintptr_t)s->last >= (uintptr_t)obj)
        complain(s->p, "object %llu met out of order", (unsigned long long)object->id);
    s->last = obj;
    object->seen = true;
    s->seen++;
    s->reached_bytes += bytes;
    return true;
}

/* ---- what must hold of every object ---- */

static void check_seen(struct survey *s, struct model_object *object)
{
    if (object->round == s->round && !object->seen)
        complain(s->p, "the reachable %s %llu (%zu bytes, at %p) is gone",
             oracle_shapes[object->shape].type.name, (unsigned long long)object->id,
             object->bytes, object->address);
    if (object->round == s->round)
        oracle_check_object(s->p, object);
}

static void check_calls(struct survey *s, struct model_object *object)
{
    if (!oracle_shapes[object->shape].is_hooked)
        return;
    unsigned calls = oracle_calls(s->p->host, object->id);
    unsigned due = object->round != s->round;
    if (calls != due)
        complain(s->p, "the destroy hook of %s object %llu was called %u times",
             due ? "unreachable" : "reachable", (unsigned long long)object->id, calls);
}

static void check_host(struct survey *s)
{
    const struct oracle_host *host = s->p->host;
    if (host->broken_id)
        complain(s->p, "dead object %llu found another overwritten",
             (unsigned long long)host->broken_id);
    if (host->early_id)
        complain(s->p, "object %llu was destroyed in an emergency",
             (unsigned long long)host->early_id);
    struct besom_stats stats = stats_of(s->p->heap);
    if ((int64_t)stats.external_bytes != host->external_bytes)
        complain(s->p, "external bytes %zu, not %lld", stats.external_bytes,
             (long long)host->external_bytes);
    bool more = stats.live_objects > s->seen || stats.live_bytes > s->reached_bytes;
    if (stats.live_objects < s->seen || stats.live_bytes < s->reached_bytes ||
        (more && host->marks_alone))
        complain(s->p, "live %zu objects, %zu bytes, not %zu and %zu", stats.live_objects,
             stats.live_bytes, s->seen, s->reached_bytes);
}

static void walk_heap(struct survey *s, struct program *p)
{
    size_t n = 0;
    for (unsigned i = 0; i < s->n_models; i++)
        n += s->models[i]->n;
    model_map_init(&s->map, n);
    for_each_object(s, enter);
    ck_assert_int_eq(besom_each(p->m, NULL, meet, s), BESOM_OK);
}

static void finish(struct survey *s, struct program *p)
{
    model_map_fini(&s->map);
    for (unsigned i = 0; i < s->n_models; i++)
        model_forget(s->models[i], s->may_round);
    p->live_objects = s->reached;
    p->comparisons++;
    p->compared += s->seen;
}

static void compare_full(struct survey *s, struct program *p)
{
    collect(p->m);
    s->may_round = s->round = ++p->host->round;
    reach_from_roots(s, s->round);
    walk_heap(s, p);
    for_each_object(s, check_seen);
    for_each_object(s, check_calls);
    check_host(s);
    finish(s, p);
}

/* No hook may run, so objects that have one stay, with all that they reach.  Those whose hook has
 * run in an earlier cycle's batches may have stayed with the rest of them. */
static void compare_emergency(struct survey *s, struct program *p)
{
    __atomic_store_n(&p->host->in_emergency, true, __ATOMIC_RELAXED);
    ck_assert_int_eq(besom_collect(p->m, BESOM_EMERGENCY), BESOM_OK);
    __atomic_store_n(&p->host->in_emergency, false, __ATOMIC_RELAXED);
    uint64_t cycles = stats_of(p->heap).cycles;
    s->may_round = s->round = ++p->host->round;
    for_each_object(s, reach_from_hooked);
    s->round = ++p->host->round;
    reach_from_roots(s, s->round);
    for_each_object(s, reach_from_undestroyed);
    walk_heap(s, p);
    /* The walk is a safepoint, where the stress option collects, with hooks. */
    if (stats_of(p->heap).cycles != cycles) {
        s->round = ++p->host->round;
        reach_from_roots(s, s->round);
    }
    for_each_object(s, check_seen);
    finish(s, p);
}

void oracle_compare(struct program *p, enum besom_collect_kind kind)
{
    struct survey s = {0};
    gather(&s, p);
    if (kind == BESOM_FULL)
        compare_full(&s, p);
    else
        compare_emergency(&s, p);
}
