/* compose.c - one image over another.
 *
 * What two colors make where both cover is the blend mode's; where only one does it stays as it is.
 * (The formulas are those of the W3C's "Compositing and Blending Level 1".) */
#include "hosts/editor/compose.h"

#include <math.h>

static const char *const names[BLENDS] = {"normal", "multiply", "screen",  "overlay",
                                          "add",    "darken",   "lighten", "difference"};

const char *blend_name(enum blend blend)
{
    return (unsigned)blend < BLENDS ? names[blend] : NULL;
}

static float hard_light(float under, float over)
{
    return over <= 0.5f ? under * 2 * over : 1 - (1 - under) * (2 - 2 * over);
}

static float mixed(enum blend blend, float under, float over)
{
    switch (blend) {
    case BLEND_MULTIPLY: return under * over;
    case BLEND_SCREEN: return under + over - under * over;
    case BLEND_OVERLAY: return hard_light(over, under);
    case BLEND_ADD: return fminf(under + over, 1);
    case BLEND_DARKEN: return fminf(under, over);
    case BLEND_LIGHTEN: return fmaxf(under, over);
    case BLEND_DIFFERENCE: return fabsf(under - over);
    default: return over;
    }
}

void compose_run(float *under, const float *over, uint32_t n, enum blend blend, float opacity)
{
    for (uint32_t i = 0; i < n; i++, under += CHANNELS, over += CHANNELS) {
        float a = over[3] * opacity, b = under[3], both = a + b * (1 - a);
        for (int c = 0; c < 3 && a > 0; c++) {
            float over_it = (1 - b) * over[c] + b * mixed(blend, under[c], over[c]);
            under[c] = (a * over_it + (1 - a) * b * under[c]) / both;
        }
        under[3] = both;
    }
}

void compose_image(struct editor *e, struct image *under, struct image *over, enum blend blend,
                   float opacity)
{
    for (uint32_t y = 0; y < under->height; y++) {
        for (uint32_t x = 0, n; x < under->width; x += n) {
            float *to = image_at(under, x, y, &n);
            compose_run(to, image_at(over, x, y, &n), n, blend, opacity);
        }
        besom_poll(e->m);
    }
}
