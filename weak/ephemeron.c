/* ephemeron.c - ephemerons as objects of their own. */
#include <besom/weak.h>

#include "gc/atomic.h"
#include "gc/cycle.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "weak/own.h"
#include "weak/weak.h"

struct besom_ephemeron {
    struct besom__own own;
    void *key;           /* or NULL, and then value too */
    void *value;         /* in the heap's encoding */
    uint32_t scanned_in; /* the cycle; atomic */
};

static void *value_of(const struct besom_tracer *tracer, const struct besom_ephemeron *e)
{
    return besom__decode(tracer->heap, besom__word_load(&e->value));
}

static void clear_ephemeron(struct besom_tracer *tracer, void *obj)
{
    struct besom_ephemeron *e = obj;
    if (!e->key || !besom__is_dead(tracer->heap, e->key))
        return;
    e->key = e->value = NULL;
    besom__weak_count_cleared(tracer->heap, 1);
}

static void look_at_key(struct besom_tracer *tracer, void *obj)
{
    struct besom_ephemeron *e = obj;
    void *key = (void *)besom__word_load(&e->key);
    if (key && besom__defers_scan_once(tracer, &e->scanned_in) &&
        !besom_visit_ephemeron(tracer, key, value_of(tracer, e)))
        besom__defer(tracer, BESOM_CLEAR_KEYS, clear_ephemeron, e);
}

static void trace_ephemeron(struct besom_tracer *tracer, void *obj)
{
    struct besom_ephemeron *e = obj;
    void *key = (void *)besom__word_load(&e->key);
    if (!key)
        return;
    if (tracer->pass == PASS_VERIFY) {
        if (besom__is_settled(tracer->heap))
            besom_visit(tracer, key);
        else if (besom__is_dead(tracer->heap, key))
            return;
        besom_visit(tracer, value_of(tracer, e));
    } else if (tracer->pass == PASS_MARK && besom__is_marked(tracer->heap, key)) {
        besom_visit(tracer, value_of(tracer, e));
    } else {
        besom__defer(tracer, OWN_EPHEMERONS, look_at_key, e);
    }
}

static const struct besom_type ephemeron_type = {
    .name = "ephemeron", .size_bytes = sizeof(struct besom_ephemeron), .trace = trace_ephemeron};

struct besom_ephemeron *besom_ephemeron_new(struct besom_mutator *m, void *key, void *value)
{
    void *ref;
    if (besom__mutator_check_running(m) != BESOM_OK)
        return NULL;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    if (!key || !besom__is_object(heap, key) || !besom__is_value(heap, value, &ref))
        return NULL;
    BESOM_LOCALS(m, void *key; void *ref;);
    my->key = key;
    my->ref = ref;
    struct besom_ephemeron *e = besom__own_new(m, &ephemeron_type, sizeof *e);
    if (e) {
        e->key = key;
        e->value = value;
    }
    return e;
}

/* The key, if it is not gone.  Between besom__settle_enter and _leave. */
static void *live_key(struct besom_heap *heap, const struct besom_ephemeron *e, bool settling)
{
    void *key = (void *)besom__word_load(&e->key);
    if (settling && key && !besom__cycle_reveal(heap, key))
        return NULL;
    return key;
}

static void *get_part(struct besom_mutator *m, struct besom_ephemeron *e, bool wants_value)
{
    if (besom__own_check(m, e, &ephemeron_type) != BESOM_OK)
        return NULL;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    bool settling = besom__settle_enter(heap);
    void *got = live_key(heap, e, settling);
    if (got && wants_value) {
        got = (void *)besom__word_load(&e->value);
        void *ref = settling ? besom__decode(heap, (uintptr_t)got) : NULL;
        if (ref && !besom__cycle_reveal(heap, ref))
            got = NULL;
    }
    besom__settle_leave(heap, settling);
    return got;
}

void *besom_ephemeron_key(struct besom_mutator *m, struct besom_ephemeron *e)
{
    return get_part(m, e, false);
}

void *besom_ephemeron_value(struct besom_mutator *m, struct besom_ephemeron *e)
{
    return get_part(m, e, true);
}

enum besom_status besom_ephemeron_set(struct besom_mutator *m, struct besom_ephemeron *e,
                                      void *value)
{
    enum besom_status status = besom__own_check(m, e, &ephemeron_type);
    void *ref;
    if (status != BESOM_OK)
        return status;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    if (!besom__is_value(heap, value, &ref))
        return BESOM_E_FOREIGN;
    bool settling = besom__settle_enter(heap);
    bool alive = live_key(heap, e, settling) != NULL;
    if (alive)
        besom_set(m, e, &e->value, value);
    besom__settle_leave(heap, settling);
    return alive ? BESOM_OK : BESOM_E_STATE;
}
