/* render.c - what a document looks like.
 *
 * What filters and styles make of a layer is kept with the layer, until an edit drops it.  Images that
 * come up on the way, and that nobody else can have seen, are released as soon as they have served. */
#include "hosts/editor/render.h"

#include "hosts/editor/blur.h"
#include "hosts/editor/compose.h"
#include "hosts/editor/paint.h"
#include "hosts/editor/style.h"

#include <string.h>

/* A new image: the filter's own work on `image`.  Both are rooted. */
static struct image *filter_image(struct editor *e, const struct filter *filter,
                                  struct image *image)
{
    static const enum paint_kind paints[] = {
        [FILTER_LEVELS] = PAINT_LEVELS, [FILTER_INVERT] = PAINT_INVERT, [FILTER_GRAY] = PAINT_GRAY};
    if (filter->kind == FILTER_BLUR)
        return blur_image(e, image, filter->setting[0]);
    BESOM_LOCALS(e->m, struct image * to;);
    struct paint paint = {.kind = paints[filter->kind]};
    memcpy(paint.setting, filter->setting, sizeof paint.setting);
    my->to = image_copy(e, image, image_area(image));
    if (my->to)
        image_each_run(e, my->to, image_area(image), paint_run, &paint);
    return my->to;
}

/* The layer's image after `filter` and those before it: a new one, or the layer's own. */
static struct image *filtered(struct editor *e, struct layer *layer, struct filter *filter)
{
    BESOM_LOCALS(e->m, struct filter * filter; struct image * before; struct image * after;);
    if (!filter)
        return layer->image;
    my->filter = filter;
    my->before = filtered(e, layer, filter->before);
    if (!my->before)
        return NULL;
    my->after = filter_image(e, my->filter, my->before);
    if (my->before != layer->image)
        image_release(e, my->before);
    return my->after;
}

/* Puts what `style` and those before it cast onto `under`. */
static bool cast_styles(struct editor *e, struct image *under, struct style *style,
                        struct image *shape)
{
    BESOM_LOCALS(e->m, struct style * style; struct image * cast;);
    if (!style)
        return true;
    my->style = style;
    if (!cast_styles(e, under, style->before, shape))
        return false;
    my->cast = style_image(e, my->style, shape);
    if (!my->cast)
        return false;
    compose_image(e, under, my->cast, BLEND_NORMAL, 1);
    image_release(e, my->cast);
    return true;
}

static struct image *with_styles(struct editor *e, struct layer *layer, struct image *shape)
{
    BESOM_LOCALS(e->m, struct image * shape; struct image * whole;);
    my->shape = shape;
    my->whole = image_new(e, layer->item.document, shape->width, shape->height);
    if (!my->whole || !cast_styles(e, my->whole, layer->styles, my->shape)) {
        image_release(e, my->whole);
        return NULL;
    }
    compose_image(e, my->whole, my->shape, BLEND_NORMAL, 1);
    return my->whole;
}

/* What the layer, which is rooted, looks like. */
static struct image *shown(struct editor *e, struct layer *layer)
{
    if (layer->shown)
        return layer->shown;
    BESOM_LOCALS(e->m, struct image * filtered; struct image * shown;);
    my->shown = my->filtered = filtered(e, layer, layer->filters);
    if (my->filtered && layer->styles) {
        my->shown = with_styles(e, layer, my->filtered);
        if (my->filtered != layer->image)
            image_release(e, my->filtered);
    }
    if (my->shown)
        SET(e, layer, shown, my->shown);
    return my->shown;
}

struct image *render_document(struct editor *e, struct document *document)
{
    BESOM_LOCALS(e->m, struct image * flat; struct image * shown; struct stack * stack;);
    my->stack = document->stack;
    my->flat = image_new(e, document->item.document, document->width, document->height);
    for (uint64_t i = 0; my->flat && i < my->stack->n; i++) {
        struct layer *layer = my->stack->layer[i];
        my->shown = shown(e, layer);
        if (!my->shown) {
            image_release(e, my->flat);
            return NULL;
        }
        compose_image(e, my->flat, my->shown, layer->blend, layer->opacity);
    }
    return my->flat;
}
