/* paint.c - what is done to pixels one by one. */
#include "hosts/editor/paint.h"

#include <math.h>

static float clamp(float v, float low, float high)
{
    return v < low ? low : v > high ? high : v;
}

static void mix(float *pixel, const struct paint *p, float t)
{
    for (int c = 0; c < CHANNELS; c++)
        pixel[c] = p->color[c] + (p->other[c] - p->color[c]) * clamp(t, 0, 1);
}

static void linear(float *pixel, const struct paint *p, float x, float y)
{
    float dx = p->x1 - p->x, dy = p->y1 - p->y, length2 = dx * dx + dy * dy;
    mix(pixel, p, length2 > 0 ? ((x - p->x) * dx + (y - p->y) * dy) / length2 : 0);
}

static void radial(float *pixel, const struct paint *p, float x, float y)
{
    mix(pixel, p, p->radius > 0 ? hypotf(x - p->x, y - p->y) / p->radius : 0);
}

/* The color over the pixel, both with alpha. */
static void disc(float *pixel, const struct paint *p, float x, float y)
{
    float alpha = p->color[3] * clamp(p->radius + 0.5f - hypotf(x - p->x, y - p->y), 0, 1);
    float under = pixel[3] * (1 - alpha), sum = alpha + under;
    for (int c = 0; c < 3 && alpha > 0; c++)
        pixel[c] = (p->color[c] * alpha + pixel[c] * under) / sum;
    pixel[3] = sum;
}

/* The same for the same seed and place, on every machine: the finalizer of SplitMix64 (Steele, Lea
 * and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). */
static float random_at(uint64_t seed, uint32_t x, uint32_t y)
{
    uint64_t z = seed + 0x9e3779b97f4a7c15u * (((uint64_t)y << 32 | x) + 1);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (float)((z ^ z >> 31) >> 40) / (float)(1 << 24) * 2 - 1;
}

static void noise(float *pixel, const struct paint *p, uint32_t x, uint32_t y)
{
    float by = p->amount * random_at(p->seed, x, y);
    for (int c = 0; c < 3; c++)
        pixel[c] = clamp(pixel[c] + by, 0, 1);
}

static void levels(float *pixel, const struct paint *p)
{
    float black = p->setting[0], gamma = p->setting[1], white = p->setting[2];
    for (int c = 0; c < 3; c++)
        pixel[c] = powf(clamp((pixel[c] - black) / (white - black), 0, 1), 1 / gamma);
}

static void invert(float *pixel)
{
    for (int c = 0; c < 3; c++)
        pixel[c] = 1 - pixel[c];
}

/* The weights are those of ITU-R BT.709. */
static void gray(float *pixel)
{
    float v = 0.2126f * pixel[0] + 0.7152f * pixel[1] + 0.0722f * pixel[2];
    pixel[0] = pixel[1] = pixel[2] = v;
}

static void paint_pixel(const struct paint *p, float *pixel, uint32_t x, uint32_t y)
{
    float cx = (float)x + 0.5f, cy = (float)y + 0.5f; /* its center */
    switch (p->kind) {
    case PAINT_FILL: mix(pixel, p, 0); break;
    case PAINT_LINEAR: linear(pixel, p, cx, cy); break;
    case PAINT_RADIAL: radial(pixel, p, cx, cy); break;
    case PAINT_DISC: disc(pixel, p, cx, cy); break;
    case PAINT_NOISE: noise(pixel, p, x, y); break;
    case PAINT_LEVELS: levels(pixel, p); break;
    case PAINT_INVERT: invert(pixel); break;
    case PAINT_GRAY: gray(pixel); break;
    }
}

void paint_run(const void *paint, float *pixel, uint32_t n, uint32_t x, uint32_t y)
{
    for (uint32_t i = 0; i < n; i++)
        paint_pixel(paint, pixel + (size_t)i * CHANNELS, x + i, y);
}

/* Rounded outward, within 0 .. limit. */
static uint32_t bound(float v, uint32_t limit)
{
    return (uint32_t)clamp(v, 0, (float)limit);
}

struct area paint_area(const struct paint *p, uint32_t width, uint32_t height)
{
    if (p->kind == PAINT_DISC) {
        float reach = p->radius + 1;
        return (struct area){bound(floorf(p->x - reach), width),
                             bound(floorf(p->y - reach), height), bound(ceilf(p->x + reach), width),
                             bound(ceilf(p->y + reach), height)};
    }
    if (p->kind == PAINT_FILL && p->x1 > p->x)
        return (struct area){bound(p->x, width), bound(p->y, height), bound(p->x1, width),
                             bound(p->y1, height)};
    return (struct area){0, 0, width, height};
}
