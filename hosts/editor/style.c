/* style.c - layer styles: the shape of a layer, moved, blurred, and colored. */
#include "hosts/editor/style.h"

#include "hosts/editor/blur.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    float gain; /* what the blurred shape's alpha is multiplied by */
} styles[] = {{"shadow", 1}, {"glow", 2.5f}, {"outline", 12}};

const char *style_name(const char *name, float *gain)
{
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
        if (strcmp(name, styles[i].name) == 0) {
            *gain = styles[i].gain;
            return styles[i].name;
        }
    }
    return NULL;
}

const char *style_names(void)
{
    return "shadow, glow, outline";
}

struct casting {
    const struct style *style;
    const struct image *shape;
};

/* The shape's alpha from where the style moved it, in the style's color. */
static void cast(const void *data, float *pixel, uint32_t n, uint32_t x, uint32_t y)
{
    const struct casting *casting = data;
    const struct style *style = casting->style;
    int64_t from_x = (int64_t)x - lroundf(style->dx), from_y = (int64_t)y - lroundf(style->dy);
    for (uint32_t i = 0; i < n; i++, pixel += CHANNELS, from_x++) {
        uint32_t run;
        memcpy(pixel, style->color, PIXEL_BYTES);
        if (from_x < 0 || from_y < 0 || from_x >= casting->shape->width ||
            from_y >= casting->shape->height)
            pixel[3] = 0;
        else
            pixel[3] = image_at(casting->shape, (uint32_t)from_x, (uint32_t)from_y, &run)[3];
    }
}

static void strengthen(const void *data, float *pixel, uint32_t n, uint32_t x, uint32_t y)
{
    const struct style *style = data;
    (void)x, (void)y;
    for (uint32_t i = 0; i < n; i++, pixel += CHANNELS)
        pixel[3] = fminf(pixel[3] * style->gain, 1) * style->color[3];
}

struct image *style_image(struct editor *e, const struct style *style, struct image *shape)
{
    BESOM_LOCALS(e->m, struct image * moved; struct image * blurred;);
    my->moved = image_new(e, shape->item.document, shape->width, shape->height);
    if (!my->moved)
        return NULL;
    struct casting casting = {style, shape};
    image_each_run(e, my->moved, image_area(shape), cast, &casting);
    my->blurred = style->sigma > 0 ? blur_image(e, my->moved, style->sigma) : my->moved;
    if (my->blurred)
        image_each_run(e, my->blurred, image_area(shape), strengthen, style);
    if (my->blurred != my->moved)
        image_release(e, my->moved); /* nobody else has seen it */
    return my->blurred;
}
