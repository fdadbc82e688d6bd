/* reference.c - weak references.
 *
 * One whose object is marked when the reference is traced has nothing to lose in this cycle; the
 * others are deferred. */
#include <besom/weak.h>

#include "gc/atomic.h"
#include "gc/cycle.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "weak/own.h"
#include "weak/weak.h"

struct besom_weak {
    struct besom__own own;
    void *object; /* or NULL */
};
_Static_assert(sizeof(struct besom_weak) == BESOM__GRANULE_BYTES, "as the header says");

static void clear_reference(struct besom_tracer *tracer, void *obj)
{
    struct besom_weak *weak = obj;
    if (!weak->object || !besom__is_dead(tracer->heap, weak->object))
        return;
    weak->object = NULL;
    besom__weak_count_cleared(tracer->heap, 1);
}

static void trace_reference(struct besom_tracer *tracer, struct besom_weak *weak,
                            enum besom_stage stage)
{
    void *object = (void *)besom__word_load(&weak->object);
    if (!object)
        return;
    if (tracer->pass == PASS_VERIFY && besom__is_settled(tracer->heap))
        besom_visit(tracer, object);
    if (tracer->pass != PASS_MARK || !besom__is_marked(tracer->heap, object))
        besom__defer(tracer, stage, clear_reference, weak);
}

static void trace_short(struct besom_tracer *tracer, void *obj)
{
    trace_reference(tracer, obj, BESOM_CLEAR_VALUES);
}

static void trace_long(struct besom_tracer *tracer, void *obj)
{
    trace_reference(tracer, obj, BESOM_CLEAR_KEYS);
}

static const struct besom_type types[] = {
    [BESOM_WEAK_SHORT] = {.name = "short weak reference",
                          .size_bytes = sizeof(struct besom_weak),
                          .trace = trace_short},
    [BESOM_WEAK_LONG] = {.name = "long weak reference",
                         .size_bytes = sizeof(struct besom_weak),
                         .trace = trace_long},
};

struct besom_weak *besom_weak_new(struct besom_mutator *m, enum besom_weak_kind kind, void *obj)
{
    if (besom__mutator_check_running(m) != BESOM_OK ||
        (kind != BESOM_WEAK_SHORT && kind != BESOM_WEAK_LONG) || !obj ||
        !besom__is_object(besom__mutator_of(m)->heap, obj))
        return NULL;
    BESOM_LOCALS(m, void *obj;);
    my->obj = obj;
    struct besom_weak *weak = besom__own_new(m, &types[kind], sizeof *weak);
    if (weak)
        weak->object = my->obj;
    return weak;
}

static bool is_weak(const struct besom_heap *heap, const struct besom_weak *weak)
{
    return besom__is_own(heap, weak, &types[BESOM_WEAK_SHORT]) ||
           besom__is_own(heap, weak, &types[BESOM_WEAK_LONG]);
}

void *besom_weak_get(struct besom_mutator *m, struct besom_weak *weak)
{
    if (besom__mutator_check_running(m) != BESOM_OK)
        return NULL;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    if (!is_weak(heap, weak))
        return NULL;
    bool settling = besom__settle_enter(heap);
    void *object = (void *)besom__word_load(&weak->object);
    bool is_short = weak->own.type == &types[BESOM_WEAK_SHORT];
    if (settling && object &&
        ((is_short && besom__is_dead(heap, object)) || !besom__cycle_reveal(heap, object)))
        object = NULL;
    besom__settle_leave(heap, settling);
    return object;
}

enum besom_status besom_weak_clear(struct besom_mutator *m, struct besom_weak *weak)
{
    enum besom_status status = besom__mutator_check_running(m);
    if (status != BESOM_OK)
        return status;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    if (!weak)
        return BESOM_E_ARGUMENT;
    if (!is_weak(heap, weak))
        return BESOM_E_FOREIGN;
    bool settling = besom__settle_enter(heap);
    besom__word_store(&weak->object, 0); /* a marker may be reading it */
    besom__settle_leave(heap, settling);
    return BESOM_OK;
}
