/* test_editor_pixels.c - what the editor does to pixels is what a naive program would do. */
#include "editor_rig.h"

#include "hosts/editor/blur.h"
#include "hosts/editor/compose.h"
#include "hosts/editor/paint.h"
#include "hosts/editor/png.h"
#include "hosts/editor/thumbnail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Wider and higher than a tile, and a multiple of neither. */
enum { WIDTH = 150, HEIGHT = 137 };

typedef float flat_image[HEIGHT][WIDTH][CHANNELS];

static float *pixel_of(const struct image *image, uint32_t x, uint32_t y)
{
    uint32_t run;
    return image_at(image, x, y, &run);
}

/* Random pixels, some of them transparent, in `flat` and in the image. */
static struct image *random_image(struct editor_rig *rig, struct rng *rng, flat_image flat)
{
    struct image *image = image_new(rig->e, 1, WIDTH, HEIGHT);
    ck_assert_ptr_nonnull(image);
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            for (int c = 0; c < CHANNELS; c++)
                flat[y][x][c] = (float)rng_below(rng, 256) / 255;
            if (rng_below(rng, 4) == 0)
                flat[y][x][3] = 0;
            memcpy(pixel_of(image, x, y), flat[y][x], PIXEL_BYTES);
        }
    }
    return image;
}

static void require_close(const float *is, const double *should, const char *what)
{
    for (int c = 0; c < CHANNELS; c++)
        require(fabs(is[c] - should[c]) < 2e-4, what);
}

/* ---- blur ---- */

static int inside(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* One average over (2h + 1) x (2h + 1) pixels, by adding them all. */
static void naive_average(double (*from)[WIDTH][CHANNELS], double (*to)[WIDTH][CHANNELS], int h)
{
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            for (int c = 0; c < CHANNELS; c++) {
                double sum = 0;
                for (int j = -h; j <= h; j++) {
                    for (int i = -h; i <= h; i++)
                        sum += from[inside(y + j, HEIGHT)][inside(x + i, WIDTH)][c];
                }
                to[y][x][c] = sum / ((2 * h + 1) * (2 * h + 1));
            }
        }
    }
}

static double naive[2][HEIGHT][WIDTH][CHANNELS];

static void naive_blur(flat_image flat, int h)
{
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            for (int c = 0; c < CHANNELS; c++)
                naive[0][y][x][c] = flat[y][x][c] * (c < 3 ? (double)flat[y][x][3] : 1);
        }
    }
    naive_average(naive[0], naive[1], h);
    naive_average(naive[1], naive[0], h);
    naive_average(naive[0], naive[1], h);
}

/* Colors are compared multiplied by alpha: of next to nothing they say nothing. */
static void compare_blur(struct editor_rig *rig, struct image *image, flat_image flat, float sigma)
{
    BESOM_LOCALS(rig->e->m, struct image * blurred;);
    my->blurred = blur_image(rig->e, image, sigma);
    naive_blur(flat, (int)blur_half_width(sigma));
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            float is[CHANNELS];
            memcpy(is, pixel_of(my->blurred, x, y), sizeof is);
            for (int c = 0; c < 3; c++)
                is[c] *= is[3];
            require_close(is, naive[1][y][x], "a pixel is blurred otherwise");
        }
    }
}

START_TEST(blur_is_three_naive_averages)
{
    static flat_image flat;
    struct editor_rig rig;
    struct rng rng = {test_seed()};
    editor_rig_start(&rig);
    {
        BESOM_LOCALS(rig.e->m, struct image * image;);
        my->image = random_image(&rig, &rng, flat);
        compare_blur(&rig, my->image, flat, 0);
        compare_blur(&rig, my->image, flat, 1);
        compare_blur(&rig, my->image, flat, 3);
    }
    editor_rig_close(&rig);
}
END_TEST

/* The variance of what a single pixel becomes is that of the Gaussian asked for, nearly. */
START_TEST(blur_spreads_by_its_sigma)
{
    enum { N = 801, MIDDLE = 400 };
    static float line[N * CHANNELS], spare[N * CHANNELS];
    for (float sigma = 2; sigma < 60; sigma *= 1.7f) {
        memset(line, 0, sizeof line);
        line[MIDDLE * CHANNELS + 3] = 1;
        blur_line(line, spare, N, blur_half_width(sigma));
        double sum = 0, variance = 0;
        for (int i = 0; i < N; i++) {
            sum += line[i * CHANNELS + 3];
            variance += (double)line[i * CHANNELS + 3] * (i - MIDDLE) * (i - MIDDLE);
        }
        ck_assert_double_eq_tol(sum, 1, 1e-4);
        ck_assert_double_eq_tol(sqrt(variance), sigma, 0.5);
    }
}
END_TEST

/* ---- blend modes ---- */

static double naive_mix(enum blend blend, double b, double s)
{
    switch (blend) {
    case BLEND_MULTIPLY: return b * s;
    case BLEND_SCREEN: return 1 - (1 - b) * (1 - s);
    case BLEND_OVERLAY: return b <= 0.5 ? 2 * b * s : 1 - 2 * (1 - b) * (1 - s);
    case BLEND_ADD: return b + s > 1 ? 1 : b + s;
    case BLEND_DARKEN: return b < s ? b : s;
    case BLEND_LIGHTEN: return b > s ? b : s;
    case BLEND_DIFFERENCE: return b > s ? b - s : s - b;
    default: return s;
    }
}

static void naive_compose(double *to, const float *under, const float *over, enum blend blend,
                          double opacity)
{
    double as = over[3] * opacity, ab = under[3];
    to[3] = as + ab - as * ab;
    for (int c = 0; c < 3; c++) {
        double both = as * ab * naive_mix(blend, under[c], over[c]);
        double one = as * (1 - ab) * over[c] + (1 - as) * ab * under[c];
        to[c] = as == 0 ? under[c] : (both + one) / to[3];
    }
}

static void compare_compose(struct editor_rig *rig, struct rng *rng, enum blend blend,
                            float opacity)
{
    static flat_image under, over;
    BESOM_LOCALS(rig->e->m, struct image * under; struct image * over;);
    my->under = random_image(rig, rng, under);
    my->over = random_image(rig, rng, over);
    compose_image(rig->e, my->under, my->over, blend, opacity);
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            double should[CHANNELS];
            naive_compose(should, under[y][x], over[y][x], blend, opacity);
            require_close(pixel_of(my->under, x, y), should, blend_name(blend));
        }
    }
}

START_TEST(blend_modes_are_their_formulas)
{
    struct editor_rig rig;
    struct rng rng = {test_seed()};
    editor_rig_start(&rig);
    for (int blend = 0; blend < BLENDS; blend++) {
        compare_compose(&rig, &rng, (enum blend)blend, 1);
        compare_compose(&rig, &rng, (enum blend)blend, 0.3f);
    }
    editor_rig_close(&rig);
}
END_TEST

/* ---- point by point ---- */

static const float *shown_pixel(struct editor_rig *rig, uint32_t x, uint32_t y)
{
    return pixel_of(rig->e->app->documents->stack->layer[0]->image, x, y);
}

START_TEST(levels_stretch_and_bend)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 300 2\ngradient black white 0 0 300 0\nlevels 0.2 2 0.7\n");
    for (uint32_t x = 0; x < 300; x++) {
        double v = ((x + 0.5) / 300 - 0.2) / 0.5;
        double should = sqrt(v < 0 ? 0 : v > 1 ? 1 : v);
        const double expected[CHANNELS] = {should, should, should, 1};
        require_close(shown_pixel(&rig, x, 1), expected, "levels");
    }
    editor_rig_close(&rig);
}
END_TEST

START_TEST(fill_changes_its_area_and_shares_the_other_tiles)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 300 300\nfill white\n");
    size_t before = editor_pixel_bytes(rig.e);
    struct tile *other = rig.e->app->documents->stack->layer[0]->image->tile[0];
    run_script(&rig, "fill #ff000080 140 150 20 10\n");
    ck_assert_uint_eq(editor_pixel_bytes(rig.e) - before, TILE_SIDE * TILE_SIDE * PIXEL_BYTES);
    ck_assert_ptr_eq(rig.e->app->documents->stack->layer[0]->image->tile[0], other);
    for (uint32_t y = 0; y < 300; y++) {
        for (uint32_t x = 0; x < 300; x++) {
            bool in = x >= 140 && x < 160 && y >= 150 && y < 160;
            const double should[CHANNELS] = {1, in ? 0 : 1, in ? 0 : 1, in ? 128.0 / 255 : 1};
            require_close(shown_pixel(&rig, x, y), should, "fill");
        }
    }
    editor_rig_close(&rig);
}
END_TEST

START_TEST(smart_filters_show_what_the_edits_would_and_keep_the_pixels)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    static const char drawing[] = "radial red blue 100 100 90\ndisc white 40 50 20\n";
    run_script(&rig, "new a 200 200\n");
    run_script(&rig, drawing);
    uint64_t before = image_sum(rig.e->app->documents->stack->layer[0]->image);
    run_script(&rig, "filter blur 4\nfilter levels 0.1 1.5 0.9\nfilter invert\nfilter gray\n");
    uint64_t smart = picture_sum(&rig);
    ck_assert_uint_eq(image_sum(rig.e->app->documents->stack->layer[0]->image), before);
    run_script(&rig, "new b 200 200\n");
    run_script(&rig, drawing);
    run_script(&rig, "blur 4\nlevels 0.1 1.5 0.9\ninvert\ngray\n");
    ck_assert_uint_eq(picture_sum(&rig), smart);
    editor_rig_close(&rig);
}
END_TEST

START_TEST(shadow_lies_where_it_was_moved_to_and_below)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 200 200\nfill white 50 50 20 20\nstyle shadow 30 -10 0 #0000ff80\n");
    struct image *image = picture(&rig);
    for (uint32_t y = 0; y < 200; y++) {
        for (uint32_t x = 0; x < 200; x++) {
            bool in = x >= 50 && x < 70 && y >= 50 && y < 70;
            bool under = x >= 80 && x < 100 && y >= 40 && y < 60;
            const double alpha = in ? 1 : under ? 128.0 / 255 : 0;
            require(fabs(pixel_of(image, x, y)[3] - alpha) < 1e-4, "the shadow's place");
            require(!in || pixel_of(image, x, y)[0] == 1, "the shadow is above");
        }
    }
    editor_rig_close(&rig);
}
END_TEST

/* ---- thumbnails and files ---- */

START_TEST(thumbnail_pixels_are_averages)
{
    static float from[240 * 120 * CHANNELS];
    float to[96 * 48 * CHANNELS];
    struct shrink s;
    struct rng rng = {test_seed()};
    for (size_t i = 0; i < sizeof from / sizeof *from; i++)
        from[i] = i % CHANNELS == 3 ? 1 : (float)rng_below(&rng, 1000) / 1000;
    ck_assert(shrink_init(&s, 240, 120));
    ck_assert_uint_eq(s.width * 1000 + s.height, 96048);
    for (uint32_t y = 0; y < 120; y++)
        shrink_add(&s, from + (size_t)y * 240 * CHANNELS, 0, y, 240, 1);
    shrink_finish(&s, to);
    double sum[96 * 48] = {0}, n[96 * 48] = {0};
    for (size_t i = 0; i < 240 * 120; i++) {
        size_t at = i / 240 * 48 / 120 * 96 + i % 240 * 96 / 240;
        sum[at] += from[i * CHANNELS + 1];
        n[at]++;
    }
    for (size_t i = 0; i < 96 * 48; i++)
        require(fabs(to[i * CHANNELS + 1] - sum[i] / n[i]) < 1e-5 && to[i * CHANNELS + 3] == 1,
                "an average");
    shrink_fini(&s);
}
END_TEST

START_TEST(png_files_have_the_nearest_bytes)
{
    static const char path[] = "editor-nearest-test.png";
    struct editor_rig rig;
    editor_rig_start(&rig);
    {
        BESOM_LOCALS(rig.e->m, struct image * image; struct image * again;);
        my->image = image_new(rig.e, 1, 256, 1);
        ck_assert_ptr_nonnull(my->image);
        for (uint32_t x = 0; x < 256; x++) {
            float *pixel = pixel_of(my->image, x, 0);
            pixel[0] = ((float)x + 0.4f) / 255;
            pixel[1] = ((float)x - 0.4f) / 255;
            pixel[2] = (float)x;
            pixel[3] = 1;
        }
        ck_assert(png_save(rig.e, my->image, path));
        my->again = png_load(rig.e, path, 1);
        for (uint32_t x = 0; x < 256; x++) {
            const double byte = x / 255.0, expected[CHANNELS] = {byte, byte, x > 0, 1};
            require_close(pixel_of(my->again, x, 0), expected, "another byte");
        }
    }
    unlink(path);
    editor_rig_close(&rig);
}
END_TEST

START_TEST(png_round_trip_keeps_every_byte)
{
    static flat_image flat;
    static const char path[] = "editor-round-trip-test.png";
    struct editor_rig rig;
    struct rng rng = {test_seed()};
    editor_rig_start(&rig);
    {
        BESOM_LOCALS(rig.e->m, struct image * image; struct image * again;);
        my->image = random_image(&rig, &rng, flat);
        ck_assert_msg(png_save(rig.e, my->image, path), "%s", editor_error(rig.e));
        my->again = png_load(rig.e, path, 1);
        ck_assert_msg(my->again != NULL, "%s", editor_error(rig.e));
        ck_assert_uint_eq(image_sum(my->again), image_sum(my->image));
    }
    unlink(path);
    editor_rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        blur_is_three_naive_averages,
        blur_spreads_by_its_sigma,
        blend_modes_are_their_formulas,
        levels_stretch_and_bend,
        fill_changes_its_area_and_shares_the_other_tiles,
        smart_filters_show_what_the_edits_would_and_keep_the_pixels,
        shadow_lies_where_it_was_moved_to_and_below,
        thumbnail_pixels_are_averages,
        png_files_have_the_nearest_bytes,
        png_round_trip_keeps_every_byte,
    };
    return run_tests("editor_pixels", tests, sizeof tests / sizeof *tests);
}
