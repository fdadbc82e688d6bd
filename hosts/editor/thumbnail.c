/* thumbnail.c - an image made small: each pixel is the average of those that fall into it. */
#include "hosts/editor/thumbnail.h"

#include <stdlib.h>

void thumbnail_size(uint32_t from_width, uint32_t from_height, uint32_t *width, uint32_t *height)
{
    uint32_t longer = from_width > from_height ? from_width : from_height;
    uint32_t side = longer < THUMBNAIL_SIDE ? longer : THUMBNAIL_SIDE;
    *width = (from_width * side + longer - 1) / longer;
    *height = (from_height * side + longer - 1) / longer;
}

bool shrink_init(struct shrink *s, uint32_t from_width, uint32_t from_height)
{
    *s = (struct shrink){.from_width = from_width, .from_height = from_height};
    thumbnail_size(from_width, from_height, &s->width, &s->height);
    size_t n = (size_t)s->width * s->height;
    s->sum = calloc(n * CHANNELS, sizeof *s->sum);
    s->count = calloc(n, sizeof *s->count);
    if (s->sum && s->count)
        return true;
    shrink_fini(s);
    return false;
}

void shrink_fini(struct shrink *s)
{
    free(s->sum);
    free(s->count);
}

void shrink_add(struct shrink *s, const float *pixels, uint32_t x, uint32_t y, uint32_t width,
                uint32_t height)
{
    for (uint32_t j = 0; j < height; j++) {
        size_t row = (size_t)(y + j) * s->height / s->from_height * s->width;
        for (uint32_t i = 0; i < width; i++, pixels += CHANNELS) {
            size_t at = row + (size_t)(x + i) * s->width / s->from_width;
            for (int c = 0; c < 3; c++)
                s->sum[at * CHANNELS + c] += (double)pixels[c] * pixels[3];
            s->sum[at * CHANNELS + 3] += pixels[3];
            s->count[at]++;
        }
    }
}

void shrink_finish(const struct shrink *s, float *pixels)
{
    for (size_t at = 0; at < (size_t)s->width * s->height; at++, pixels += CHANNELS) {
        const double *sum = s->sum + at * CHANNELS;
        for (int c = 0; c < 3; c++)
            pixels[c] = sum[3] > 0 ? (float)(sum[c] / sum[3]) : 0;
        pixels[3] = s->count[at] ? (float)(sum[3] / s->count[at]) : 0;
    }
}
