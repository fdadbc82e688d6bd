/* phase.c - calling the hooks of weak structures, in the order of their registration. */
#include "gc/phase.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mark.h"

/* Every table of hooks that has fn. */
#define FOR_HOOKS(heap, h, fn)                                            \
    for (const struct besom__phase_hooks *h = (heap)->cycle.phases.hooks; \
         h < (heap)->cycle.phases.hooks + (heap)->cycle.phases.n; h++)    \
        if (h->fn)

static struct besom_tracer *own_tracer(struct besom_heap *heap)
{
    return &besom__mark_self(heap)->tracer;
}

bool besom__phase_register(struct besom_heap *heap, const struct besom__phase_hooks *hooks)
{
    struct besom__phases *phases = &heap->cycle.phases;
    if (phases->n == MAX_PHASE_HOOKS)
        return false;
    phases->hooks[phases->n++] = *hooks;
    return true;
}

void besom__phase_inspect(struct besom_heap *heap)
{
    FOR_HOOKS(heap, h, inspect)
    h->inspect(h->data);
}

void besom__phase_begin(struct besom_heap *heap)
{
    FOR_HOOKS(heap, h, begin)
    h->begin(h->data);
}

void besom__phase_roots(struct besom_heap *heap, struct besom_tracer *tracer)
{
    FOR_HOOKS(heap, h, roots)
    h->roots(h->data, tracer);
    tracer->root = (struct besom__root_name){NULL, NULL};
}

void besom__phase_keyed(struct besom_tracer *tracer, void *obj)
{
    FOR_HOOKS(tracer->heap, h, keyed)
    h->keyed(h->data, tracer, obj);
}

bool besom__phase_converge(struct besom_heap *heap)
{
    bool more = false;
    FOR_HOOKS(heap, h, converge)
    more |= h->converge(h->data, own_tracer(heap));
    return more;
}

void besom__phase_condemn(struct besom_heap *heap)
{
    FOR_HOOKS(heap, h, condemn)
    h->condemn(h->data);
}

enum besom__rest besom__phase_rest(struct besom_heap *heap)
{
    enum besom__rest most = REST_NONE;
    if (besom__size_load(&heap->worklist.overflowed))
        return REST_STOPPED;
    FOR_HOOKS(heap, h, rest)
    {
        enum besom__rest rest = h->rest(h->data);
        most = rest > most ? rest : most;
    }
    return most;
}

bool besom__phase_stage(struct besom_heap *heap, enum besom__stage stage)
{
    FOR_HOOKS(heap, h, stage[stage])
    if (h->stage[stage](h->data, own_tracer(heap)))
        return true;
    return false;
}

bool besom__phase_end(struct besom_heap *heap)
{
    FOR_HOOKS(heap, h, end)
    if (h->end(h->data))
        return true;
    return false;
}

bool besom__phase_destroyed(struct besom_heap *heap)
{
    FOR_HOOKS(heap, h, destroyed)
    if (h->destroyed(h->data))
        return true;
    return false;
}

void besom__phase_host(struct besom_heap *heap, struct besom_mutator *m, bool all)
{
    FOR_HOOKS(heap, h, host)
    h->host(h->data, m, all);
}

void besom__phase_leave(struct besom_heap *heap)
{
    besom__phase_host(heap, NULL, true);
}

void besom__phase_stats(struct besom_heap *heap, struct besom_stats *out)
{
    FOR_HOOKS(heap, h, stats)
    h->stats(h->data, out);
}
