/* commands_layer.c - commands for layers: which there are, and what they look like. */
#include "hosts/editor/commands.h"

#include "hosts/editor/compose.h"
#include "hosts/editor/document.h"
#include "hosts/editor/history.h"
#include "hosts/editor/png.h"
#include "hosts/editor/style.h"
#include "hosts/editor/words.h"

#include <string.h>

/* ---- which there are ---- */

static bool is_free(struct editor *e, const struct document *document, const char *name)
{
    if (!word_name(e, name))
        return false;
    return !layer_named(document, name) ||
           editor_fail(e, "'%s' has a layer '%s' already", document->name, name);
}

static bool do_layer(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct image * image;);
    (void)n;
    struct document *document = command_document(e);
    if (!document || !is_free(e, document, word[1]))
        return false;
    my->image = image_new(e, document->item.document, document->width, document->height);
    return my->image && layer_add(e, document, word[1], my->image);
}

/* Copies what fits of `from`, whose first pixel comes to x, y. */
static void paste(struct image *to, const struct image *from, uint32_t x, uint32_t y)
{
    uint32_t there;
    for (uint32_t j = 0; j < from->height && y + j < to->height; j++) {
        for (uint32_t i = 0; i < from->width && x + i < to->width; i++)
            memcpy(image_at(to, x + i, y + j, &there), image_at(from, i, j, &there), PIXEL_BYTES);
    }
}

static bool do_place(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct image * from; struct image * image;);
    uint32_t x = 0, y = 0;
    struct document *document = command_document(e);
    if (!document || !is_free(e, document, word[1]) ||
        (n > 3 && !word_whole(e, word[3], "x", 0, MAX_SIDE, &x)) ||
        (n > 4 && !word_whole(e, word[4], "y", 0, MAX_SIDE, &y)))
        return false;
    my->from = png_load(e, word[2], document->item.document);
    if (!my->from)
        return false;
    my->image = image_new(e, document->item.document, document->width, document->height);
    if (my->image)
        paste(my->image, my->from, x, y);
    image_release(e, my->from);
    return my->image && layer_add(e, document, word[1], my->image);
}

static bool do_select(struct editor *e, int n, char **word)
{
    (void)n;
    struct document *document = command_document(e);
    if (!document)
        return false;
    struct layer *layer = layer_named(document, word[1]);
    if (!layer)
        return editor_fail(e, "'%s' has no layer '%s': list shows those it has", document->name,
                           word[1]);
    return layer_select(e, layer);
}

static bool do_remove(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct layer * layer;);
    (void)n, (void)word;
    my->layer = layer_selected(e);
    return my->layer && layer_remove(e, my->layer->document, my->layer);
}

/* ---- what they look like ---- */

static bool do_blend(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct layer * layer;);
    int blend = 0;
    char known[120] = "";
    (void)n;
    for (; blend < BLENDS && strcmp(word[1], blend_name((enum blend)blend)) != 0; blend++) {
        size_t at = strlen(known);
        snprintf(known + at, sizeof known - at, "%s%s", at ? ", " : "",
                 blend_name((enum blend)blend));
    }
    if (blend == BLENDS)
        return editor_fail(e, "'%s' is no blend mode; there are %s", word[1], known);
    my->layer = layer_selected(e);
    struct step *step =
        my->layer ? history_remember(e, my->layer->document, my->layer, "blend") : NULL;
    if (!step)
        return false;
    my->layer->blend = (enum blend)blend;
    history_push(e, my->layer->document, step);
    return true;
}

static bool do_opacity(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct layer * layer;);
    float opacity;
    (void)n;
    if (!word_number(e, word[1], "opacity", 0, 1, &opacity))
        return false;
    my->layer = layer_selected(e);
    struct step *step =
        my->layer ? history_remember(e, my->layer->document, my->layer, "opacity") : NULL;
    if (!step)
        return false;
    my->layer->opacity = opacity;
    history_push(e, my->layer->document, step);
    return true;
}

static bool filter_settings(struct editor *e, int n, char **word, enum filter_kind *kind,
                            float *setting)
{
    static const struct {
        const char *name, *words;
        int n;
    } filters[] = {[FILTER_BLUR] = {"blur", "SIGMA", 1},
                   [FILTER_LEVELS] = {"levels", "BLACK GAMMA WHITE", 3},
                   [FILTER_INVERT] = {"invert", "", 0},
                   [FILTER_GRAY] = {"gray", "", 0}};
    unsigned i = 0;
    while (i < sizeof filters / sizeof filters[0] && strcmp(word[1], filters[i].name) != 0)
        i++;
    if (i == sizeof filters / sizeof filters[0])
        return editor_fail(e, "'%s' is no filter; there are blur, levels, invert, gray", word[1]);
    *kind = (enum filter_kind)i;
    if (n - 2 != filters[i].n)
        return editor_fail(e, "this is how to say it: filter %s %s", word[1], filters[i].words);
    if (*kind == FILTER_BLUR)
        return word_number(e, word[2], "sigma", 0, MAX_SIGMA, setting);
    if (*kind != FILTER_LEVELS)
        return true;
    return word_number(e, word[2], "black", 0, 1, setting) &&
           word_number(e, word[3], "gamma", 0.01f, 100, setting + 1) &&
           word_number(e, word[4], "white", setting[0] + 0.001f, 2, setting + 2);
}

static bool do_filter(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct layer * layer; struct filter * filter; struct step * step;);
    enum filter_kind kind = FILTER_BLUR;
    float setting[3] = {0};
    if (!filter_settings(e, n, word, &kind, setting) || !(my->layer = layer_selected(e)))
        return false;
    my->filter = editor_make(e, &filter_type, sizeof *my->filter, my->layer->item.document);
    if (!my->filter)
        return false;
    my->filter->kind = kind;
    memcpy(my->filter->setting, setting, sizeof setting);
    SET(e, my->filter, layer, my->layer);
    SET(e, my->filter, before, my->layer->filters);
    my->step = history_remember(e, my->layer->document, my->layer, "filter");
    if (!my->step || besom_table_put(e->m, e->app->filters, my->filter, my->filter) != BESOM_OK)
        return editor_fail(e, "no memory for another filter");
    layer_hide(e, my->layer);
    SET(e, my->layer, filters, my->filter);
    history_push(e, my->layer->document, my->step);
    return true;
}

/* The settings into a newborn style. */
static bool style_settings(struct editor *e, int n, char **word, struct style *style)
{
    bool moves = strcmp(word[1], "shadow") == 0;
    const int sigma = moves ? 4 : 2;
    style->name = style_name(word[1], &style->gain);
    if (!style->name)
        return editor_fail(e, "'%s' is no style; there are %s", word[1], style_names());
    if (n != sigma + 2)
        return editor_fail(e, "this is how to say it: style %s %sSIGMA COLOR", word[1],
                           moves ? "DX DY " : "");
    return (!moves || (word_number(e, word[2], "dx", -MAX_SIDE, MAX_SIDE, &style->dx) &&
                       word_number(e, word[3], "dy", -MAX_SIDE, MAX_SIDE, &style->dy))) &&
           word_number(e, word[sigma], "sigma", 0, MAX_SIGMA, &style->sigma) &&
           word_color(e, word[sigma + 1], style->color);
}

static bool do_style(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct layer * layer; struct style * style;);
    my->layer = layer_selected(e);
    if (!my->layer)
        return false;
    my->style = editor_make(e, &style_type, sizeof *my->style, my->layer->item.document);
    if (!my->style || !style_settings(e, n, word, my->style))
        return false;
    SET(e, my->style, layer, my->layer);
    SET(e, my->style, before, my->layer->styles);
    struct step *step = history_remember(e, my->layer->document, my->layer, "style");
    if (!step)
        return false;
    layer_hide(e, my->layer);
    SET(e, my->layer, styles, my->style);
    history_push(e, my->layer->document, step);
    return true;
}

const struct command commands_layer[] = {
    {"layer", "NAME", "a transparent layer on top, which is selected", 1, 1, do_layer},
    {"place", "NAME FILE [X Y]", "the same with a PNG file in it", 2, 4, do_place},
    {"select", "NAME", "a layer to work on", 1, 1, do_select},
    {"remove", "", "takes the selected layer out", 0, 0, do_remove},
    {"blend", "MODE", "normal, multiply, screen, overlay, add, ...", 1, 1, do_blend},
    {"opacity", "FRACTION", "of the layer, 0 to 1", 1, 1, do_opacity},
    {"filter", "blur|levels|invert|gray ...", "a smart filter, which leaves the pixels as they are",
     1, 4, do_filter},
    {"style", "shadow|glow|outline [DX DY] SIGMA COLOR", "something below the layer, of its shape",
     1, 5, do_style},
    {NULL, NULL, NULL, 0, 0, NULL},
};
