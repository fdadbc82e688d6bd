/* png.c - PNG files, through libpng's simplified interface.
 *
 * Decoding and writing happen in native regions: the heap's other threads do not wait for files. */
#include "hosts/editor/png.h"

#include <errno.h>
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading ---- */

/* Decodes what png_image_begin_read_from_file has opened. */
static unsigned char *decode(struct editor *e, png_image *png)
{
    png->format = PNG_FORMAT_RGBA;
    unsigned char *bytes = malloc(PNG_IMAGE_SIZE(*png));
    if (!bytes)
        return NULL;
    besom_native_enter(e->m);
    bool done = png_image_finish_read(png, NULL, bytes, 0, NULL);
    besom_native_leave(e->m);
    if (!done) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

static void store_bytes(struct editor *e, struct image *image, const unsigned char *bytes)
{
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0, n; x < image->width; x += n) {
            float *to = image_at(image, x, y, &n);
            const unsigned char *from = bytes + ((size_t)y * image->width + x) * CHANNELS;
            for (size_t i = 0; i < (size_t)n * CHANNELS; i++)
                to[i] = (float)from[i] / 255;
        }
        besom_poll(e->m);
    }
}

struct image *png_load(struct editor *e, const char *path, uint64_t document)
{
    BESOM_LOCALS(e->m, struct image * image;);
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (access(path, R_OK) != 0) {
        editor_fail(e, "'%s' cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    if (!png_image_begin_read_from_file(&png, path)) {
        editor_fail(e, "'%s' is no PNG file that can be read: %s", path, png.message);
        return NULL;
    }
    unsigned char *bytes = NULL;
    if (png.width > MAX_SIDE || png.height > MAX_SIDE)
        editor_fail(e, "'%s' is %u x %u pixels; documents are up to %d x %d", path, png.width,
                    png.height, MAX_SIDE, MAX_SIDE);
    else
        my->image = image_new(e, document, png.width, png.height);
    if (my->image && !(bytes = decode(e, &png))) {
        editor_fail(e, "'%s' is damaged, or too large: %s", path,
                    png.message[0] ? png.message : "no memory");
        image_release(e, my->image);
        my->image = NULL;
    }
    if (my->image)
        store_bytes(e, my->image, bytes);
    free(bytes);
    png_image_free(&png);
    return my->image;
}

/* ---- writing ---- */

static unsigned char *fetch_bytes(struct editor *e, struct image *image)
{
    unsigned char *bytes = malloc((size_t)image->width * image->height * CHANNELS);
    for (uint32_t y = 0; bytes && y < image->height; y++) {
        for (uint32_t x = 0, n; x < image->width; x += n) {
            const float *from = image_at(image, x, y, &n);
            unsigned char *to = bytes + ((size_t)y * image->width + x) * CHANNELS;
            for (size_t i = 0; i < (size_t)n * CHANNELS; i++)
                to[i] = (unsigned char)lroundf(fminf(fmaxf(from[i], 0), 1) * 255);
        }
        besom_poll(e->m);
    }
    return bytes;
}

/* Into a file beside it, which takes its place when it is whole.  NULL, or what was wrong. */
static const char *write_file(png_image *png, const char *path, const void *bytes)
{
    static const char suffix[] = ".part";
    char *part = malloc(strlen(path) + sizeof suffix);
    if (!part)
        return "no memory";
    strcpy(part, path);
    strcat(part, suffix);
    const char *wrong = NULL;
    errno = 0;
    if (!png_image_write_to_file(png, part, 0, bytes, 0, NULL))
        wrong = errno ? strerror(errno) : png->message;
    else if (rename(part, path) != 0)
        wrong = strerror(errno);
    if (wrong)
        unlink(part);
    free(part);
    return wrong;
}

bool png_save(struct editor *e, struct image *image, const char *path)
{
    struct stat there;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return editor_fail(e, "'%s' cannot be written: it is not a file", path);
    unsigned char *bytes = fetch_bytes(e, image);
    if (!bytes)
        return editor_fail(e, "no memory to write '%s'", path);
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = image->width,
                     .height = image->height,
                     .format = PNG_FORMAT_RGBA};
    besom_native_enter(e->m);
    const char *wrong = write_file(&png, path, bytes);
    besom_native_leave(e->m);
    free(bytes);
    return wrong ? editor_fail(e, "'%s' cannot be written: %s", path, wrong) : true;
}
