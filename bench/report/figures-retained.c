/* figures-retained.c - what a contestant keeps while a program runs: garbage, and memory. */
#include "bench/report/figures.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *curve, *label;
} kinds[STYLE_KINDS] = {
    {"rg-logical", "logical: still reachable"},
    {"rg-artefact", "artefact: held by no real reference"},
    {"rg-floating", "floating: not found yet"},
    {"rg-unswept", "unswept: found, not yet free"},
};

static const struct {
    const char *curve, *label;
    struct style style;
} sizes[] = {
    {"rg-live", "in use", {8, 7, ""}},
    {"rg-rss", "resident", {4, 4, "6,3"}},
};

/* The curve of that name of the same run; NULL if there is none. */
static const struct curve *find(const struct model *model, const struct origin *from,
                                const char *name)
{
    for (size_t i = 0; i < model->n_curves; i++) {
        const struct curve *curve = &model->curves[i];
        if (strcmp(curve->name, name) == 0 && origin_is_peer(&curve->from, from) &&
            strcmp(curve->from.label, from->label) == 0)
            return curve;
    }
    return NULL;
}

static void add_points(struct series *series, const struct curve *curve)
{
    for (size_t i = 0; i < curve->n; i++)
        series_add(series, curve->points[i].x, curve->points[i].y);
}

static void begin_plot(struct plot *plot, const struct origin *from, const char *what)
{
    char *title = figures_title(from, what);
    plot->title = text_format("%s, %s", title, from->label);
    plot->x.label = "allocated so far, MiB";
    plot->y.label = "MiB";
    free(title);
}

static bool put_kinds(struct figures *figures, const struct model *model, const struct origin *from)
{
    struct plot plot = {0};
    begin_plot(&plot, from, "retained garbage");
    plot.caption =
        text_copy("What is done with but not free, by who is to blame, one on the other.");
    for (unsigned i = 0; i < STYLE_KINDS; i++) {
        const struct curve *curve = find(model, from, kinds[i].curve);
        if (!curve)
            continue;
        struct series *series = plot_add(&plot, kinds[i].label, JOIN_AREA);
        series->kind = i;
        add_points(series, curve);
    }
    const bool is_good = plot_put(figures, &plot);
    plot_free(&plot);
    return is_good;
}

static bool put_sizes(struct figures *figures, const struct model *model, const struct origin *from)
{
    struct plot plot = {0};
    begin_plot(&plot, from, "memory");
    plot.caption = text_copy("What the program still needs, and what the process holds.");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct curve *curve = find(model, from, sizes[i].curve);
        if (!curve)
            continue;
        struct series *series = plot_add(&plot, sizes[i].label, JOIN_LINES);
        series->style = sizes[i].style;
        add_points(series, curve);
    }
    const bool is_good = plot_put(figures, &plot);
    plot_free(&plot);
    return is_good;
}

/* Is it the first of its run's rg-curves? */
static bool is_first(const struct model *model, size_t at)
{
    const struct origin *from = &model->curves[at].from;
    for (size_t i = 0; i < at; i++) {
        const struct curve *other = &model->curves[i];
        if (strncmp(other->name, "rg-", 3) == 0 && origin_is_peer(&other->from, from) &&
            strcmp(other->from.label, from->label) == 0)
            return false;
    }
    return true;
}

bool figures_retained(struct figures *figures, const struct model *model)
{
    for (size_t i = 0; i < model->n_curves; i++) {
        const struct origin *from = &model->curves[i].from;
        if (strncmp(model->curves[i].name, "rg-", 3) != 0 || !is_first(model, i))
            continue;
        if (!put_kinds(figures, model, from) || !put_sizes(figures, model, from))
            return false;
    }
    return true;
}
