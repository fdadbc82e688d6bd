/* stores.c - stores of references in every order that the barrier allows, and objects that do without. */
#include "stores.h"

#include "gc/heap.h"

void store(struct besom_mutator *m, void *obj, void *slot, void *value, int order)
{
    if (order == SET) {
        besom_set(m, obj, slot, value);
        return;
    }
    if (order == WRITE_BEFORE)
        besom_write(m, obj);
    if (order == WRITE_AT_BEFORE)
        besom_write_at(m, obj, slot);
    *(void **)slot = value;
    if (order == WRITE_AFTER)
        besom_write(m, obj);
    if (order == WRITE_AT_AFTER)
        besom_write_at(m, obj, slot);
}

static const struct besom_field open_fields[] = {{"next", offsetof(struct node, next)},
                                                 {"other", offsetof(struct node, other)}};
const struct besom_type open_type = {.name = "open",
                                     .size_bytes = sizeof(struct node),
                                     .flags = BESOM_UNBARRIERED,
                                     .fields = open_fields,
                                     .n_fields = 2};

struct besom_heap *racy_heap;
unsigned long racy_traced, racy_traced_beside;

static void trace_racy(struct besom_tracer *tracer, void *obj)
{
    struct node *node = obj;
    racy_traced++;
    racy_traced_beside += !racy_heap->cycle.stopped && racy_heap->cycle.phase == BESOM_MARK;
    besom_visit(tracer, node->next);
    besom_visit(tracer, node->other);
}

const struct besom_type racy_type = {.name = "racy",
                                     .size_bytes = sizeof(struct node),
                                     .flags = BESOM_RACY | BESOM_UNBARRIERED,
                                     .trace = trace_racy};
