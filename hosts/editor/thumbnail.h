/* thumbnail.h - an image made small, tile by tile. */
#ifndef EDITOR_THUMBNAIL_H
#define EDITOR_THUMBNAIL_H

#include "hosts/editor/image.h"

enum { THUMBNAIL_SIDE = 96 };

/* Sums of the pixels that fall into each pixel of the thumbnail. */
struct shrink {
    uint32_t from_width, from_height, width, height;
    double *sum; /* colors times alpha, alpha */
    uint32_t *count;
};

/* The size of a thumbnail of an image: its longer side is THUMBNAIL_SIDE at most. */
void thumbnail_size(uint32_t from_width, uint32_t from_height, uint32_t *width, uint32_t *height);

/* False: no memory. */
bool shrink_init(struct shrink *s, uint32_t from_width, uint32_t from_height);
void shrink_fini(struct shrink *s);

/* Adds a tile of width x height pixels whose first is at x, y. */
void shrink_add(struct shrink *s, const float *pixels, uint32_t x, uint32_t y, uint32_t width,
                uint32_t height);

/* Writes the averages. */
void shrink_finish(const struct shrink *s, float *pixels);

#endif
