/* blur.c - blurring with three box averages, rows first, then columns.
 *
 * A box that is 2h + 1 wide has the variance ((2h + 1)^2 - 1) / 12, and three of them in a row come
 * close to a Gaussian of three times that (Wells, "Efficient synthesis of Gaussian filters by cascaded
 * uniform filters", IEEE PAMI 8, 1986).  A running sum makes each average linear in the pixels,
 * whatever its width.  Beyond an edge the image goes on as at the edge.  Colors are multiplied by
 * alpha meanwhile, so that what is transparent has none to give. */
#include "hosts/editor/blur.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint32_t blur_half_width(float sigma)
{
    return (uint32_t)lroundf((sqrtf(4 * sigma * sigma + 1) - 1) / 2);
}

static const float *pixel_at(const float *line, int64_t i, uint32_t n)
{
    return line + (i < 0 ? 0 : i >= n ? n - 1 : i) * CHANNELS;
}

static void average(const float *from, float *to, uint32_t n, uint32_t h)
{
    double sum[CHANNELS] = {0};
    for (int64_t i = -(int64_t)h; i <= h; i++) {
        for (int c = 0; c < CHANNELS; c++)
            sum[c] += pixel_at(from, i, n)[c];
    }
    double scale = 1.0 / (2.0 * h + 1);
    for (int64_t i = 0; i < n; i++) {
        const float *in = pixel_at(from, i + h + 1, n), *out = pixel_at(from, i - h, n);
        for (int c = 0; c < CHANNELS; c++) {
            to[i * CHANNELS + c] = (float)(sum[c] * scale);
            sum[c] += (double)in[c] - out[c];
        }
    }
}

void blur_line(float *line, float *spare, uint32_t n, uint32_t h)
{
    average(line, spare, n, h);
    average(spare, line, n, h);
    average(line, spare, n, h);
    memcpy(line, spare, (size_t)n * PIXEL_BYTES);
}

static void multiply(float *line, uint32_t n)
{
    for (float *p = line; p < line + (size_t)n * CHANNELS; p += CHANNELS) {
        for (int c = 0; c < 3; c++)
            p[c] *= p[3];
    }
}

static void divide(float *line, uint32_t n)
{
    for (float *p = line; p < line + (size_t)n * CHANNELS; p += CHANNELS) {
        for (int c = 0; c < 3 && p[3] > 0; c++)
            p[c] /= p[3];
    }
}

static void blur_rows(struct editor *e, const struct image *from, struct image *to, float *line,
                      uint32_t h)
{
    float *spare = line + (size_t)from->width * CHANNELS;
    for (uint32_t y = 0; y < from->height; y++) {
        image_read_row(from, y, line);
        multiply(line, from->width);
        blur_line(line, spare, from->width, h);
        image_write_row(to, y, line);
        besom_poll(e->m);
    }
}

static void blur_columns(struct editor *e, struct image *image, float *line, uint32_t h)
{
    float *spare = line + (size_t)image->height * CHANNELS;
    for (uint32_t x = 0; x < image->width; x++) {
        image_read_column(image, x, line);
        blur_line(line, spare, image->height, h);
        divide(line, image->height);
        image_write_column(image, x, line);
        besom_poll(e->m);
    }
}

struct image *blur_image(struct editor *e, struct image *from, float sigma)
{
    BESOM_LOCALS(e->m, struct image * from; struct image * to;);
    my->from = from;
    uint32_t longest = from->width > from->height ? from->width : from->height;
    float *line = malloc(2 * (size_t)longest * PIXEL_BYTES);
    if (!line) {
        editor_fail(e, "no memory for a line of %u pixels", longest);
        return NULL;
    }
    my->to = image_new(e, from->item.document, from->width, from->height);
    if (my->to) {
        blur_rows(e, my->from, my->to, line, blur_half_width(sigma));
        blur_columns(e, my->to, line, blur_half_width(sigma));
    }
    free(line);
    return my->to;
}
