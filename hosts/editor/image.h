/* image.h - images: tiles of pixels outside the heap. */
#ifndef EDITOR_IMAGE_H
#define EDITOR_IMAGE_H

#include "hosts/editor/objects.h"

/* Pixels [x0, x1) x [y0, y1). */
struct area {
    uint32_t x0, y0, x1, y1;
};

static inline struct area image_area(const struct image *image)
{
    return (struct area){0, 0, image->width, image->height};
}

static inline size_t tile_bytes(const struct tile *tile)
{
    return (size_t)tile->width * tile->height * PIXEL_BYTES;
}

/* Gives every tile's pixels back to the system, and takes their charge back; nothing where that was
 * done, or if image is NULL. */
void image_release(struct editor *e, struct image *image);

/* The same for every image of a document: those that it uses, those of its history and its thumbnails,
 * and those it has dropped and the collector has not found yet. */
void image_release_all(struct editor *e, uint64_t document);

/* The same for a tile that is dead. */
void tile_destroy(struct besom_heap *heap, void *obj);

/* A transparent image of a document.  A safepoint.  NULL: no memory, the error says so. */
struct image *image_new(struct editor *e, uint64_t document, uint32_t width, uint32_t height);

/* An image that can be changed within `area` and shares the tiles outside of it with `from`, which is
 * rooted.  A safepoint; NULL: no memory. */
struct image *image_copy(struct editor *e, struct image *from, struct area area);

/* The pixel at x, y, and in *run how many more are to its right in the same tile, itself included. */
static inline float *image_at(const struct image *image, uint32_t x, uint32_t y, uint32_t *run)
{
    const struct tile *tile = image->tile[y / TILE_SIDE * image->across + x / TILE_SIDE];
    *run = tile->width - x % TILE_SIDE;
    return tile->pixels + ((size_t)(y % TILE_SIDE) * tile->width + x % TILE_SIDE) * CHANNELS;
}

/* Calls fn for each run of pixels in the area, line by line, and polls after each line: a safepoint.
 * The image is rooted. */
typedef void (*run_fn)(const void *data, float *pixel, uint32_t n, uint32_t x, uint32_t y);
void image_each_run(struct editor *e, struct image *image, struct area area, run_fn fn,
                    const void *data);

/* Whole lines, of width (height) pixels. */
void image_read_row(const struct image *image, uint32_t y, float *row);
void image_write_row(struct image *image, uint32_t y, const float *row);
void image_read_column(const struct image *image, uint32_t x, float *column);
void image_write_column(struct image *image, uint32_t x, const float *column);

#endif
