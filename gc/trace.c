/* trace.c - the calls that trace and root callbacks make. */
#include "gc/trace.h"

#include "gc/ambiguous.h"
#include "gc/walk.h"

#include <stdio.h>

void besom_visit(struct besom_tracer *tracer, void *ref)
{
    if (!ref)
        return;
    if (tracer->heap->config.foreign_refs && !besom__chunk_find(tracer->heap, ref))
        return;
    tracer->visit(tracer, ref);
}

void besom_visit_words(struct besom_tracer *tracer, const uint64_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        void *ref = besom__decode(tracer->heap, besom__word_load(&words[i]));
        if (ref)
            tracer->visit(tracer, ref);
    }
}

/* What is dead, or has been destroyed, stays so, whatever a stale word says. */
static void *living(const struct besom_heap *heap, void *obj)
{
    bool alive = obj && !besom__is_dead(heap, obj) &&
                 (besom__byte_load(besom__meta(obj)) & BESOM__STAMP) != BESOM__DESTROYED;
    return alive ? obj : NULL;
}

void besom_visit_ambiguous(struct besom_tracer *tracer, const void *words, size_t n)
{
    const uintptr_t *word = words;
    struct besom_heap *heap = tracer->heap;
    for (size_t i = 0; i < n; i++) {
        uintptr_t value = besom__ambiguous_load(&word[i]);
        /* Beside mutators chunks come, and blocks change hands. */
        besom__block_lock(heap);
        void *obj = living(heap, besom__ambiguous_object(heap, value));
        void *before = living(heap, besom__ambiguous_past(heap, value));
        besom__block_unlock(heap);
        if (obj)
            tracer->visit(tracer, obj);
        if (before && before != obj)
            tracer->visit(tracer, before);
    }
}

void *besom_tracer_host(const struct besom_tracer *tracer)
{
    return tracer->heap->config.host;
}

void besom__describe(const struct besom_heap *heap, const void *obj, char *buf, size_t n)
{
    const struct besom_type *type = besom__type_of(heap, obj);
    char label[64] = "";
    if (type->label)
        type->label(obj, label, sizeof label);
    snprintf(buf, n, "'%s' at %p%s%s%s", type->name, obj, label[0] ? " (" : "", label,
             label[0] ? ")" : "");
}

void besom__trace_object(struct besom_tracer *tracer, void *obj, besom__word_fn fn, void *data)
{
    const struct besom_type *type = besom__type_of(tracer->heap, obj);
    if (type->trace) {
        type->trace(tracer, obj);
        return;
    }
    besom__trace_fields(obj, type->fields, type->n_fields, fn, data);
    if (besom__has_tail(type))
        besom__trace_tail(type, obj, 0, besom__tail_length(type, obj), fn, data);
}
