/* objects.c - the types of the editor's objects: where their references are, and what people call
 * them. */
#include "hosts/editor/objects.h"

#include "hosts/editor/image.h"

#include <stdarg.h>
#include <string.h>

#define FIELD(type, field)                   \
    {                                        \
#field, offsetof(struct type, field) \
    }
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void label_layer(const void *obj, char *buf, size_t n)
{
    snprintf(buf, n, "layer '%s'", ((const struct layer *)obj)->name);
}

static void label_document(const void *obj, char *buf, size_t n)
{
    snprintf(buf, n, "document '%s'", ((const struct document *)obj)->name);
}

static void label_step(const void *obj, char *buf, size_t n)
{
    snprintf(buf, n, "step '%s'", ((const struct step *)obj)->what);
}

static void label_style(const void *obj, char *buf, size_t n)
{
    snprintf(buf, n, "style '%s'", ((const struct style *)obj)->name);
}

static void label_filter(const void *obj, char *buf, size_t n)
{
    static const char *const names[] = {"blur", "levels", "invert", "gray"};
    snprintf(buf, n, "filter '%s'", names[((const struct filter *)obj)->kind]);
}

static void label_tile(const void *obj, char *buf, size_t n)
{
    const struct tile *tile = obj;
    snprintf(buf, n, "tile of %u x %u", tile->width, tile->height);
}

static void label_image(const void *obj, char *buf, size_t n)
{
    const struct image *image = obj;
    snprintf(buf, n, "image of %u x %u", image->width, image->height);
}

const struct besom_type tile_type = {
    .name = "tile",
    .size_bytes = sizeof(struct tile),
    .flags = BESOM_LEAF,
    .destroy = tile_destroy,
    .label = label_tile,
};

static const struct besom_field element[] = {{"tile", 0}};
const struct besom_type image_type = {
    .name = "image",
    .size_bytes = sizeof(struct image),
    .tail = {.offset_bytes = offsetof(struct image, tile),
             .stride_bytes = sizeof(struct tile *),
             .length_offset_bytes = offsetof(struct image, n_tiles),
             .length_width_bytes = sizeof(uint32_t),
             .fields = element,
             .n_fields = 1},
    .label = label_image,
};

static const struct besom_field stack_element[] = {{"layer", 0}};
const struct besom_type stack_type = {
    .name = "stack",
    .size_bytes = sizeof(struct stack),
    .tail = {.offset_bytes = offsetof(struct stack, layer),
             .stride_bytes = sizeof(struct layer *),
             .length_offset_bytes = offsetof(struct stack, n),
             .length_width_bytes = sizeof(uint64_t),
             .fields = stack_element,
             .n_fields = 1},
};

#define TYPE(name_, label_)                  \
    const struct besom_type name_##_type = { \
        .name = #name_,                      \
        .size_bytes = sizeof(struct name_),  \
        .fields = name_##_fields,            \
        .n_fields = COUNT(name_##_fields),   \
        .label = label_,                     \
    }

static const struct besom_field filter_fields[] = {FIELD(filter, layer), FIELD(filter, before)};
TYPE(filter, label_filter);

static const struct besom_field style_fields[] = {FIELD(style, layer), FIELD(style, before)};
TYPE(style, label_style);

static const struct besom_field layer_fields[] = {FIELD(layer, document), FIELD(layer, image),
                                                  FIELD(layer, shown), FIELD(layer, filters),
                                                  FIELD(layer, styles)};
TYPE(layer, label_layer);

static const struct besom_field step_fields[] = {
    FIELD(step, next),  FIELD(step, document), FIELD(step, stack), FIELD(step, layer),
    FIELD(step, image), FIELD(step, filters),  FIELD(step, styles)};
TYPE(step, label_step);

static const struct besom_field history_fields[] = {FIELD(history, done), FIELD(history, undone)};
TYPE(history, NULL);

static const struct besom_field document_fields[] = {FIELD(document, next), FIELD(document, stack),
                                                     FIELD(document, history)};
TYPE(document, label_document);

static const struct besom_field thumbnail_fields[] = {FIELD(thumbnail, layer),
                                                      FIELD(thumbnail, image)};
TYPE(thumbnail, NULL);

static const struct besom_field listener_fields[] = {FIELD(listener, next),
                                                     FIELD(listener, document)};
TYPE(listener, NULL);

static const struct besom_field task_fields[] = {FIELD(task, next), FIELD(task, layer),
                                                 FIELD(task, image), FIELD(task, thumbnail),
                                                 FIELD(task, document)};
TYPE(task, NULL);

static const struct besom_field application_fields[] = {
    FIELD(application, documents), FIELD(application, selected), FIELD(application, thumbnails),
    FIELD(application, filters),   FIELD(application, images),   FIELD(application, listeners),
    FIELD(application, waiting),   FIELD(application, finished), FIELD(application, listed),
    FIELD(application, history)};
TYPE(application, NULL);

const struct besom_type *const editor_types[EDITOR_KINDS] = {
    &document_type, &stack_type,   &layer_type, &image_type,     &tile_type,     &filter_type,
    &style_type,    &history_type, &step_type,  &thumbnail_type, &listener_type, &task_type};

const char *editor_kind_name(enum editor_kind kind)
{
    return editor_types[kind]->name;
}

bool editor_fail(struct editor *e, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(e->error, sizeof e->error, format, arguments);
    va_end(arguments);
    return false;
}

void *editor_make(struct editor *e, const struct besom_type *type, size_t bytes, uint64_t document)
{
    struct item *item = besom_new_sized(e->m, type, bytes);
    if (!item) {
        besom_collect(e->m, BESOM_FULL);
        item = besom_new_sized(e->m, type, bytes);
    }
    if (item) {
        item->document = document;
        if (e->config.watcher.born)
            e->config.watcher.born(e->config.watcher.data, item, besom_size(item));
    } else {
        editor_fail(e, "no memory for another %s: close a document, or raise --limit", type->name);
    }
    return item;
}
