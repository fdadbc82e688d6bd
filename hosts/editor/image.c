/* image.c - images as tiles of pixels outside the heap.
 *
 * A tile's pixels are pages of the system's: zero until they are written to, and gone from the
 * process when they are released.  They are charged to the tile, so that the collector hears of the
 * quarter of a megabyte behind an object of a few words. */
#define _GNU_SOURCE

#include "hosts/editor/image.h"

#include <string.h>
#include <sys/mman.h>

/* ---- tiles ---- */

static void unmap(struct besom_heap *heap, struct tile *tile)
{
    size_t bytes = tile_bytes(tile);
    munmap(tile->pixels, bytes);
    tile->pixels = NULL;
    besom_external(heap, tile, -(ptrdiff_t)bytes);
    __atomic_fetch_sub(&tile->account->bytes, bytes, __ATOMIC_RELAXED);
}

void tile_destroy(struct besom_heap *heap, void *obj)
{
    struct tile *tile = obj;
    if (!tile->pixels)
        return;
    const struct editor_watcher *watcher = tile->account->watcher;
    unmap(heap, tile);
    if (watcher->emptied)
        watcher->emptied(watcher->data, tile);
}

static void tell(struct editor *e, struct tile *tile, size_t pixel_bytes)
{
    if (e->config.watcher.resized)
        e->config.watcher.resized(e->config.watcher.data, tile, besom_size(tile) + pixel_bytes);
}

static void *pages(size_t bytes)
{
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

static struct tile *tile_new(struct editor *e, uint64_t document, uint32_t width, uint32_t height)
{
    BESOM_LOCALS(e->m, struct tile * tile;);
    my->tile = editor_make(e, &tile_type, sizeof *my->tile, document);
    if (!my->tile)
        return NULL;
    my->tile->width = width;
    my->tile->height = height;
    my->tile->account = &e->pixels;
    size_t bytes = tile_bytes(my->tile);
    float *pixels = pages(bytes);
    if (!pixels) { /* garbage may have some */
        besom_collect(e->m, BESOM_FULL);
        pixels = pages(bytes);
    }
    if (pixels && besom_external(e->heap, my->tile, (ptrdiff_t)bytes) != BESOM_OK) {
        munmap(pixels, bytes);
        pixels = NULL;
    }
    if (!pixels) {
        editor_fail(e, "the system has no memory for more pixels: close a document");
        return NULL;
    }
    my->tile->pixels = pixels;
    __atomic_fetch_add(&e->pixels.bytes, bytes, __ATOMIC_RELAXED);
    tell(e, my->tile, bytes);
    return my->tile;
}

/* ---- images ---- */

/* Is there room below the limit, if need be after a collection? */
static bool has_room(struct editor *e, size_t bytes)
{
    size_t limit = e->config.heap.options.heap_max_bytes;
    struct besom_stats stats;
    besom_stats(e->heap, &stats);
    if (limit == 0 || (stats.used_bytes <= limit && bytes <= limit - stats.used_bytes))
        return true;
    besom_collect(e->m, BESOM_FULL);
    besom_stats(e->heap, &stats);
    if (stats.used_bytes <= limit && bytes <= limit - stats.used_bytes)
        return true;
    return editor_fail(
        e,
        "%zu bytes of pixels are needed, but %zu of the limit of %zu are in use: close "
        "a document, or raise --limit",
        bytes, stats.used_bytes, limit);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* An image without its tiles: these are NULL. */
static struct image *frame_new(struct editor *e, uint64_t document, uint32_t width, uint32_t height)
{
    uint32_t across = (width + TILE_SIDE - 1) / TILE_SIDE;
    uint32_t n = across * ((height + TILE_SIDE - 1) / TILE_SIDE);
    BESOM_LOCALS(e->m, struct image * image;);
    size_t bytes = sizeof *my->image + n * sizeof my->image->tile[0];
    my->image = editor_make(e, &image_type, bytes, document);
    if (!my->image)
        return NULL;
    my->image->width = width;
    my->image->height = height;
    my->image->across = across;
    my->image->n_tiles = n;
    if (besom_table_put(e->m, e->app->images, my->image, my->image) == BESOM_OK)
        return my->image;
    editor_fail(e, "no memory to list an image");
    return NULL;
}

/* A new tile of the size that belongs in place i. */
static struct tile *tile_for(struct editor *e, const struct image *image, uint32_t i)
{
    uint32_t x = i % image->across * TILE_SIDE, y = i / image->across * TILE_SIDE;
    return tile_new(e, image->item.document, smaller(TILE_SIDE, image->width - x),
                    smaller(TILE_SIDE, image->height - y));
}

struct image *image_new(struct editor *e, uint64_t document, uint32_t width, uint32_t height)
{
    BESOM_LOCALS(e->m, struct image * image;);
    if (!has_room(e, (size_t)width * height * PIXEL_BYTES))
        return NULL;
    my->image = frame_new(e, document, width, height);
    for (uint32_t i = 0; my->image && i < my->image->n_tiles; i++) {
        struct tile *tile = tile_for(e, my->image, i);
        if (!tile) {
            image_release(e, my->image);
            return NULL;
        }
        SET(e, my->image, tile[i], tile);
    }
    return my->image;
}

static bool touches(const struct image *image, uint32_t i, struct area area)
{
    uint32_t x = i % image->across * TILE_SIDE, y = i / image->across * TILE_SIDE;
    return x < area.x1 && x + TILE_SIDE > area.x0 && y < area.y1 && y + TILE_SIDE > area.y0;
}

struct image *image_copy(struct editor *e, struct image *from, struct area area)
{
    BESOM_LOCALS(e->m, struct image * image;);
    size_t bytes = 0;
    for (uint32_t i = 0; i < from->n_tiles; i++)
        bytes += touches(from, i, area) ? tile_bytes(from->tile[i]) : 0;
    if (!has_room(e, bytes))
        return NULL;
    my->image = frame_new(e, from->item.document, from->width, from->height);
    for (uint32_t i = 0; my->image && i < from->n_tiles; i++) {
        struct tile *tile = from->tile[i];
        if (touches(from, i, area)) {
            tile = tile_for(e, from, i);
            if (!tile)
                return NULL; /* what was made so far is the collector's */
            memcpy(tile->pixels, from->tile[i]->pixels, tile_bytes(tile));
        }
        SET(e, my->image, tile[i], tile);
    }
    return my->image;
}

void image_release(struct editor *e, struct image *image)
{
    for (uint32_t i = 0; image && i < image->n_tiles; i++) {
        struct tile *tile = image->tile[i];
        if (!tile || !tile->pixels)
            continue;
        unmap(e->heap, tile);
        tell(e, tile, 0);
    }
}

void image_release_all(struct editor *e, uint64_t document)
{
    struct besom_cursor cursor = {0};
    void *image;
    while (besom_table_next(e->m, e->app->images, &cursor, &image, NULL)) {
        if (((struct image *)image)->item.document == document)
            image_release(e, image);
    }
}

/* ---- pixels ---- */

void image_each_run(struct editor *e, struct image *image, struct area area, run_fn fn,
                    const void *data)
{
    for (uint32_t y = area.y0; y < area.y1; y++) {
        for (uint32_t x = area.x0, n; x < area.x1; x += n) {
            float *pixel = image_at(image, x, y, &n);
            n = smaller(n, area.x1 - x);
            fn(data, pixel, n, x, y);
        }
        besom_poll(e->m);
    }
}

void image_read_row(const struct image *image, uint32_t y, float *row)
{
    for (uint32_t x = 0, n; x < image->width; x += n) {
        const float *pixel = image_at(image, x, y, &n);
        memcpy(row + (size_t)x * CHANNELS, pixel, n * PIXEL_BYTES);
    }
}

void image_write_row(struct image *image, uint32_t y, const float *row)
{
    for (uint32_t x = 0, n; x < image->width; x += n) {
        float *pixel = image_at(image, x, y, &n);
        memcpy(pixel, row + (size_t)x * CHANNELS, n * PIXEL_BYTES);
    }
}

void image_read_column(const struct image *image, uint32_t x, float *column)
{
    uint32_t n;
    for (uint32_t y = 0; y < image->height; y++)
        memcpy(column + (size_t)y * CHANNELS, image_at(image, x, y, &n), PIXEL_BYTES);
}

void image_write_column(struct image *image, uint32_t x, const float *column)
{
    uint32_t n;
    for (uint32_t y = 0; y < image->height; y++)
        memcpy(image_at(image, x, y, &n), column + (size_t)y * CHANNELS, PIXEL_BYTES);
}
