/* commands_paint.c - commands that change the pixels of the selected layer. */
#include "hosts/editor/commands.h"

#include "hosts/editor/blur.h"
#include "hosts/editor/document.h"
#include "hosts/editor/history.h"
#include "hosts/editor/paint.h"
#include "hosts/editor/words.h"

#include <string.h>

/* The layer gets another image, so that it can be undone.  All are rooted; image NULL: it could not be
 * made. */
static bool commit(struct editor *e, struct layer *layer, struct image *image, const char *what)
{
    struct step *step = image ? history_remember(e, layer->document, layer, what) : NULL;
    if (!step)
        return false;
    layer_hide(e, layer);
    SET(e, layer, image, image);
    history_push(e, layer->document, step);
    return true;
}

static bool apply(struct editor *e, const struct paint *paint, const char *what)
{
    BESOM_LOCALS(e->m, struct layer * layer; struct image * image;);
    my->layer = layer_selected(e);
    if (!my->layer)
        return false;
    struct area area = paint_area(paint, my->layer->image->width, my->layer->image->height);
    my->image = image_copy(e, my->layer->image, area);
    if (my->image)
        image_each_run(e, my->image, area, paint_run, paint);
    return commit(e, my->layer, my->image, what);
}

static bool place(struct editor *e, const char *word, const char *what, float *out)
{
    return word_number(e, word, what, -MAX_SIDE, MAX_SIDE, out);
}

static bool do_fill(struct editor *e, int n, char **word)
{
    struct paint paint = {.kind = PAINT_FILL};
    float width, height;
    if (!word_color(e, word[1], paint.color))
        return false;
    if (n != 2 && n != 6)
        return editor_fail(e, "this is how to say it: fill COLOR [X Y WIDTH HEIGHT]");
    if (n == 6) {
        if (!place(e, word[2], "x", &paint.x) || !place(e, word[3], "y", &paint.y) ||
            !word_number(e, word[4], "the width", 1, MAX_SIDE, &width) ||
            !word_number(e, word[5], "the height", 1, MAX_SIDE, &height))
            return false;
        paint.x1 = paint.x + width;
        paint.y1 = paint.y + height;
    }
    return apply(e, &paint, "fill");
}

static bool do_gradient(struct editor *e, int n, char **word)
{
    struct paint paint = {.kind = PAINT_LINEAR};
    (void)n;
    if (!word_color(e, word[1], paint.color) || !word_color(e, word[2], paint.other) ||
        !place(e, word[3], "x", &paint.x) || !place(e, word[4], "y", &paint.y) ||
        !place(e, word[5], "x of the end", &paint.x1) ||
        !place(e, word[6], "y of the end", &paint.y1))
        return false;
    return apply(e, &paint, "gradient");
}

static bool do_radial(struct editor *e, int n, char **word)
{
    struct paint paint = {.kind = PAINT_RADIAL};
    (void)n;
    if (!word_color(e, word[1], paint.color) || !word_color(e, word[2], paint.other) ||
        !place(e, word[3], "x", &paint.x) || !place(e, word[4], "y", &paint.y) ||
        !word_number(e, word[5], "the radius", 0, 2 * MAX_SIDE, &paint.radius))
        return false;
    return apply(e, &paint, "radial");
}

static bool do_disc(struct editor *e, int n, char **word)
{
    struct paint paint = {.kind = PAINT_DISC};
    (void)n;
    if (!word_color(e, word[1], paint.color) || !place(e, word[2], "x", &paint.x) ||
        !place(e, word[3], "y", &paint.y) ||
        !word_number(e, word[4], "the radius", 0, 2 * MAX_SIDE, &paint.radius))
        return false;
    return apply(e, &paint, "disc");
}

static bool do_noise(struct editor *e, int n, char **word)
{
    struct paint paint = {.kind = PAINT_NOISE};
    uint32_t seed = 1;
    if (!word_number(e, word[1], "the amount", 0, 1, &paint.amount) ||
        (n > 2 && !word_whole(e, word[2], "the seed", 0, 1000000000, &seed)))
        return false;
    paint.seed = seed;
    return apply(e, &paint, "noise");
}

static bool do_levels(struct editor *e, int n, char **word)
{
    struct paint paint = {.kind = PAINT_LEVELS};
    (void)n;
    if (!word_number(e, word[1], "black", 0, 1, &paint.setting[0]) ||
        !word_number(e, word[2], "gamma", 0.01f, 100, &paint.setting[1]) ||
        !word_number(e, word[3], "white", paint.setting[0] + 0.001f, 2, &paint.setting[2]))
        return false;
    return apply(e, &paint, "levels");
}

static bool do_invert(struct editor *e, int n, char **word)
{
    (void)n, (void)word;
    return apply(e, &(struct paint){.kind = PAINT_INVERT}, "invert");
}

static bool do_gray(struct editor *e, int n, char **word)
{
    (void)n, (void)word;
    return apply(e, &(struct paint){.kind = PAINT_GRAY}, "gray");
}

static bool do_blur(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct layer * layer; struct image * image;);
    float sigma;
    (void)n;
    if (!word_number(e, word[1], "sigma", 0, MAX_SIGMA, &sigma) || !(my->layer = layer_selected(e)))
        return false;
    my->image = blur_image(e, my->layer->image, sigma);
    return commit(e, my->layer, my->image, "blur");
}

const struct command commands_paint[] = {
    {"fill", "COLOR [X Y WIDTH HEIGHT]", "the layer, or a part of it", 1, 5, do_fill},
    {"gradient", "COLOR COLOR X Y X Y", "from the first point to the second", 6, 6, do_gradient},
    {"radial", "COLOR COLOR X Y RADIUS", "from a center outward", 5, 5, do_radial},
    {"disc", "COLOR X Y RADIUS", "over what is there", 4, 4, do_disc},
    {"noise", "AMOUNT [SEED]", "0 to 1", 1, 2, do_noise},
    {"levels", "BLACK GAMMA WHITE", "stretches the tones, and bends them", 3, 3, do_levels},
    {"invert", "", "the colors", 0, 0, do_invert},
    {"gray", "", "takes the colors away", 0, 0, do_gray},
    {"blur", "SIGMA", "about a Gaussian of that deviation", 1, 1, do_blur},
    {NULL, NULL, NULL, 0, 0, NULL},
};
