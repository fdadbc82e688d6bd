/* paint.h - what is done to pixels one by one: colors, gradients, discs, noise, levels. */
#ifndef EDITOR_PAINT_H
#define EDITOR_PAINT_H

#include "hosts/editor/image.h"

enum paint_kind {
    PAINT_FILL,   /* the area becomes the color */
    PAINT_LINEAR, /* the color turns into the other, along the way from (x, y) to (x1, y1) */
    PAINT_RADIAL, /* the same, from (x, y) to a distance of `radius` */
    PAINT_DISC,   /* a disc with a soft edge, over what is there */
    PAINT_NOISE,  /* moves each channel by up to `amount` */
    PAINT_LEVELS, /* black, gamma, white in setting */
    PAINT_INVERT,
    PAINT_GRAY
};

struct paint {
    enum paint_kind kind;
    float color[CHANNELS], other[CHANNELS];
    float x, y, x1, y1, radius;
    float amount;
    uint64_t seed;
    float setting[3];
};

/* Changes n pixels in a line that begins at x, y.  A run_fn, of a struct paint. */
void paint_run(const void *paint, float *pixel, uint32_t n, uint32_t x, uint32_t y);

/* The area outside of which a paint changes nothing. */
struct area paint_area(const struct paint *paint, uint32_t width, uint32_t height);

#endif
