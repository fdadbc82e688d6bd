/* type.c - is a type consistent? */
#include <besom/type.h>

#include "gc/report.h"

static const char *shown(const char *name)
{
    return name ? name : "(no name)";
}

/* References within a head or an element of `size` bytes, from `first` on. */
static enum besom_status check_fields(const struct besom_type *type, const char *where,
                                      const struct besom_field *fields, size_t n, size_t first,
                                      size_t size, struct besom_report *report)
{
    if (n && !fields)
        return besom__refuse(report, BESOM_E_TYPE,
                             "type '%s': the %s has %zu fields but no table of them", type->name,
                             where, n);
    for (size_t i = 0; i < n; i++) {
        const struct besom_field *f = &fields[i];
        if (f->offset_bytes % sizeof(void *))
            return besom__refuse(report, BESOM_E_TYPE,
                                 "type '%s': field '%s' of the %s is at offset %u, which is not a "
                                 "multiple of %zu",
                                 type->name, shown(f->name), where, f->offset_bytes,
                                 sizeof(void *));
        if (f->offset_bytes < first)
            return besom__refuse(report, BESOM_E_TYPE,
                                 "type '%s': field '%s' of the %s is at offset %u, where the "
                                 "object's type is",
                                 type->name, shown(f->name), where, f->offset_bytes);
        if (f->offset_bytes > size || size - f->offset_bytes < sizeof(void *))
            return besom__refuse(report, BESOM_E_TYPE,
                                 "type '%s': field '%s' of the %s is at offset %u, beyond its %zu "
                                 "bytes",
                                 type->name, shown(f->name), where, f->offset_bytes, size);
    }
    return BESOM_OK;
}

static enum besom_status check_tail(const struct besom_type *type, size_t header,
                                    struct besom_report *report)
{
    const struct besom_tail *tail = &type->tail;
    if (!tail->stride_bytes) {
        if (tail->n_fields)
            return besom__refuse(report, BESOM_E_TYPE,
                                 "type '%s': the tail has fields but a stride of 0", type->name);
        return BESOM_OK;
    }
    if (tail->n_fields &&
        (tail->stride_bytes % sizeof(void *) || tail->offset_bytes % sizeof(void *)))
        return besom__refuse(report, BESOM_E_TYPE,
                             "type '%s': the tail's offset %u and stride %u must be multiples of "
                             "%zu",
                             type->name, tail->offset_bytes, tail->stride_bytes, sizeof(void *));
    if (tail->offset_bytes < type->size_bytes)
        return besom__refuse(report, BESOM_E_TYPE,
                             "type '%s': the tail begins at %u, inside the head of %zu bytes",
                             type->name, tail->offset_bytes, type->size_bytes);
    switch (tail->length_width_bytes) {
    case 0: break;
    case 1:
    case 2:
    case 4:
    case 8:
        if (tail->length_offset_bytes < header)
            return besom__refuse(report, BESOM_E_TYPE,
                                 "type '%s': the tail's length is at offset %u, where the object's "
                                 "type is",
                                 type->name, tail->length_offset_bytes);
        if (tail->length_offset_bytes > type->size_bytes ||
            type->size_bytes - tail->length_offset_bytes < tail->length_width_bytes)
            return besom__refuse(report, BESOM_E_TYPE,
                                 "type '%s': the tail's length at offset %u lies outside the head "
                                 "of %zu bytes",
                                 type->name, tail->length_offset_bytes, type->size_bytes);
        if (tail->length_offset_bytes % tail->length_width_bytes)
            return besom__refuse(report, BESOM_E_TYPE,
                                 "type '%s': the tail's length at offset %u is not aligned to its "
                                 "%u bytes",
                                 type->name, tail->length_offset_bytes, tail->length_width_bytes);
        break;
    default:
        return besom__refuse(report, BESOM_E_TYPE,
                             "type '%s': the tail's length is %u bytes wide; 0, 1, 2, 4 and 8 are "
                             "possible",
                             type->name, tail->length_width_bytes);
    }
    return check_fields(type, "tail", tail->fields, tail->n_fields, 0, tail->stride_bytes, report);
}

enum besom_status besom_type_check(const struct besom_type *type, bool has_header,
                                   struct besom_report *report)
{
    const uint32_t known = BESOM_LEAF | BESOM_OWN_BLOCKS | BESOM_UNBARRIERED | BESOM_RACY;
    if (!type)
        return BESOM_E_ARGUMENT;
    if (!type->name)
        return besom__refuse(report, BESOM_E_TYPE, "a type has no name");
    if (type->flags & ~known)
        return besom__refuse(report, BESOM_E_TYPE, "type '%s': flags %#x are not known", type->name,
                             type->flags & ~known);
    size_t header = has_header && !(type->flags & BESOM_OWN_BLOCKS) ? sizeof(void *) : 0;
    if (type->size_bytes < header || type->size_bytes > SIZE_MAX / 4)
        return besom__refuse(report, BESOM_E_TYPE,
                             "type '%s': %zu bytes; the first word is the object's type, so %zu "
                             "are the least",
                             type->name, type->size_bytes, header);
    bool has_map = type->n_fields || type->tail.n_fields;
    if ((type->flags & BESOM_LEAF) && (has_map || type->trace))
        return besom__refuse(report, BESOM_E_TYPE, "type '%s': a LEAF has references", type->name);
    if (type->trace && has_map)
        return besom__refuse(report, BESOM_E_TYPE,
                             "type '%s': it has a reference map and a trace callback", type->name);
    enum besom_status status =
        check_fields(type, "head", type->fields, type->n_fields, header, type->size_bytes, report);
    return status == BESOM_OK ? check_tail(type, header, report) : status;
}
