/* references.c - what an object refers to, strongly: along the fields that its type names, and for
 * tables along their entries. */
#include "hosts/editor/references.h"

#include <string.h>

static bool is_ours(const struct besom_type *type)
{
    for (int i = 0; i < EDITOR_KINDS; i++) {
        if (editor_types[i] == type)
            return true;
    }
    return type == &application_type;
}

static void *slot_of(const void *obj, size_t offset)
{
    void *value;
    memcpy(&value, (const char *)obj + offset, sizeof value);
    return value;
}

static size_t tail_length(const void *obj, const struct besom_tail *tail)
{
    uint32_t n32;
    uint64_t n64;
    if (tail->stride_bytes == 0)
        return 0;
    if (tail->length_width_bytes == sizeof n32) {
        memcpy(&n32, (const char *)obj + tail->length_offset_bytes, sizeof n32);
        return n32;
    }
    memcpy(&n64, (const char *)obj + tail->length_offset_bytes, sizeof n64);
    return n64;
}

static bool is_strong_table(const struct editor *e, const void *obj)
{
    return (obj == e->app->thumbnails && e->config.mistake == EDITOR_CACHE) ||
           (obj == e->app->filters && e->config.mistake == EDITOR_REGISTRY);
}

static void each_entry(struct editor *e, struct besom_table *table, reference_fn fn, void *data)
{
    struct besom_cursor cursor = {0};
    void *key, *value;
    while (besom_table_next(e->m, table, &cursor, &key, &value)) {
        fn(data, key, "key");
        fn(data, value, "value");
    }
}

static void each_slot(const void *obj, const struct besom_type *type, reference_fn fn, void *data)
{
    void *value;
    for (size_t i = 0; i < type->n_fields; i++) {
        if ((value = slot_of(obj, type->fields[i].offset_bytes)))
            fn(data, value, type->fields[i].name);
    }
    for (size_t i = 0; i < tail_length(obj, &type->tail); i++) {
        if ((value = slot_of(obj, type->tail.offset_bytes + i * type->tail.stride_bytes)))
            fn(data, value, type->tail.fields[0].name);
    }
}

void references_each(struct editor *e, const void *obj, reference_fn fn, void *data)
{
    const struct besom_type *type = besom_type_of(e->heap, obj);
    if (is_strong_table(e, obj))
        each_entry(e, (struct besom_table *)(uintptr_t)obj, fn, data);
    else if (is_ours(type))
        each_slot(obj, type, fn, data);
}

/* ---- for those who know the editor's own objects only ---- */

struct asking {
    struct editor *e;
    editor_object_fn fn;
    void *data;
};

/* The library's objects are looked through. */
static void pass(void *data, void *obj, const char *field)
{
    const struct asking *asking = data;
    (void)field;
    if (is_ours(besom_type_of(asking->e->heap, obj)))
        asking->fn(asking->data, obj);
    else if (is_strong_table(asking->e, obj))
        references_each(asking->e, obj, pass, data);
}

void editor_each_reference(struct editor *e, void *obj, editor_object_fn fn, void *data)
{
    struct asking asking = {e, fn, data};
    references_each(e, obj, pass, &asking);
    if (besom_type_of(e->heap, obj) == &layer_type) {
        void *thumbnail = besom_table_get(e->m, e->app->thumbnails, obj);
        if (thumbnail)
            fn(data, thumbnail);
    }
}

void editor_each_root(struct editor *e, editor_object_fn fn, void *data)
{
    fn(data, e->app);
    for (struct forgotten *f = e->forgotten; f; f = f->next)
        fn(data, besom_handle_get(f->handle));
}
