/* own.c - the library's own objects in a host's heap. */
#include "weak/own.h"

#include "gc/mutator.h"

static void trace_own(struct besom_tracer *tracer, void *obj)
{
    ((struct besom__own *)obj)->type->trace(tracer, obj);
}

static const struct besom_type own_type = {
    .name = "weak structure of Besom's",
    .size_bytes = sizeof(struct besom__own),
    .flags = BESOM_OWN_BLOCKS,
    .trace = trace_own,
};

void *besom__own_new(struct besom_mutator *m, const struct besom_type *type, size_t bytes)
{
    if (m->type_words)
        return besom_new_sized(m, type, bytes);
    struct besom__own *own = besom_new_sized(m, &own_type, bytes);
    if (own)
        own->type = type;
    return own;
}

static enum besom_status check_argument(struct besom_mutator *m, const void *obj)
{
    enum besom_status status = besom__mutator_check_running(m);
    return status == BESOM_OK && !obj ? BESOM_E_ARGUMENT : status;
}

enum besom_status besom__own_check(struct besom_mutator *m, const void *obj,
                                   const struct besom_type *type)
{
    enum besom_status status = check_argument(m, obj);
    if (status == BESOM_OK && !besom__is_own(besom__mutator_of(m)->heap, obj, type))
        status = BESOM_E_FOREIGN;
    return status;
}

enum besom_status besom__object_check(struct besom_mutator *m, const void *obj)
{
    enum besom_status status = check_argument(m, obj);
    if (status == BESOM_OK && !besom__is_object(besom__mutator_of(m)->heap, obj))
        status = BESOM_E_FOREIGN;
    return status;
}
