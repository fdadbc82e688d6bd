/* plot.c - a figure of the page: a plot, its legend, and its data as a table. */
#include "bench/report/plot.h"

#include "bench/report/draw.h"
#include "bench/report/gnuplot.h"
#include "bench/report/svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MOST = 240 };

/* ---- making ---- */

struct series *plot_add(struct plot *plot, const char *label, enum join join)
{
    plot->series = text_realloc(plot->series, (plot->n + 1) * sizeof *plot->series);
    struct series *series = &plot->series[plot->n++];
    *series = (struct series){.label = text_copy(label), .join = join};
    return series;
}

void series_add(struct series *series, double x, double y)
{
    series->points = text_realloc(series->points, (series->n + 1) * sizeof *series->points);
    series->points[series->n++] = (struct point){x, y};
}

void series_add_spread(struct series *series, double x, const struct summary *summary)
{
    series->low = text_realloc(series->low, (series->n + 1) * sizeof *series->low);
    series->high = text_realloc(series->high, (series->n + 1) * sizeof *series->high);
    series->low[series->n] = summary->min;
    series->high[series->n] = summary->max;
    series_add(series, x, summary->median);
}

void plot_free(struct plot *plot)
{
    for (size_t i = 0; i < plot->n; i++) {
        free(plot->series[i].label);
        free(plot->series[i].points);
        free(plot->series[i].low);
        free(plot->series[i].high);
    }
    free(plot->series);
    free(plot->title);
    free(plot->caption);
    *plot = (struct plot){0};
}

/* Keeps every so manieth point, and the last; how many there were for each. */
static size_t thin(struct series *series)
{
    const size_t stride = (series->n + POINTS_MOST - 1) / POINTS_MOST;
    if (stride <= 1)
        return 1;
    size_t n = 0;
    for (size_t i = 0; i < series->n; i++) {
        if (i % stride != 0 && i + 1 != series->n)
            continue;
        series->points[n] = series->points[i];
        if (series->low) {
            series->low[n] = series->low[i];
            series->high[n] = series->high[i];
        }
        n++;
    }
    series->n = n;
    return stride;
}

/* ---- legend ---- */

void plot_put_marker(struct text *page, const struct style *style, double x, double y, double size)
{
    /* gnuplot's markers are numbered from 1, their symbols from 0. */
    text_printf(page,
                "<g fill=\"var(--paper)\"><use href=\"#gpPt%u\" transform=\"translate(%.1f,%.1f) "
                "scale(%.1f)\" color=\"var(--c%u)\"/></g>",
                style->marker - 1, x, y, size, style->color);
}

/* A stroke and a marker as in the plot, or a square of the area's color. */
static void put_key(struct text *page, const struct series *series)
{
    const struct style *style = &series->style;
    text_puts(page, "<svg class=\"key\" viewBox=\"0 0 30 12\" aria-hidden=\"true\">");
    if (series->join == JOIN_AREA) {
        text_printf(page, "<rect x=\"8\" y=\"0\" width=\"14\" height=\"12\" fill=\"var(--k%u)\"/>",
                    series->kind);
    } else {
        text_printf(page,
                    "<path d=\"M1,6H29\" stroke=\"var(--c%u)\" stroke-width=\"1.6\""
                    " stroke-dasharray=\"%s\"/>",
                    style->color, style->dashes[0] ? style->dashes : "none");
        plot_put_marker(page, style, 15, 6, 3);
    }
    text_puts(page, "</svg>");
}

static void put_legend(struct text *page, const struct plot *plot)
{
    text_puts(page, "<ul class=\"legend\">");
    for (size_t i = 0; i < plot->n; i++) {
        const struct series *series = &plot->series[i];
        text_puts(page, "<li>");
        put_key(page, series);
        text_html(page, series->label);
        if (draw_count(plot, series) == 0)
            text_puts(page, " <em>(nothing to show)</em>");
        text_puts(page, "</li>");
    }
    text_puts(page, "</ul>\n");
}

/* ---- data ---- */

static void put_rows(struct text *page, const struct series *series)
{
    text_puts(page, "<tbody><tr><th colspan=\"2\" scope=\"rowgroup\">");
    text_html(page, series->label);
    text_puts(page, "</th></tr>");
    for (size_t i = 0; i < series->n; i++) {
        text_printf(page, "<tr><td>%.6g</td><td>%.6g", series->points[i].x, series->points[i].y);
        if (series->low)
            text_printf(page, " <small>%.6g&nbsp;.. %.6g</small>", series->low[i], series->high[i]);
        text_puts(page, "</td></tr>\n");
    }
    text_puts(page, "</tbody>");
}

static void put_data(struct text *page, const struct plot *plot)
{
    text_puts(page, "<details><summary>Data</summary><table class=\"data\"><thead><tr><th>");
    text_html(page, plot->x.label);
    text_puts(page, "</th><th>");
    text_html(page, plot->y.label);
    text_puts(page, "</th></tr></thead>");
    for (size_t i = 0; i < plot->n; i++)
        put_rows(page, &plot->series[i]);
    text_puts(page, "</table></details>\n");
}

/* ---- the figure ---- */

static bool complain_of_form(void)
{
    fputs("besom-report: gnuplot's SVG is of a form that is not known\n", stderr);
    return false;
}

/* What was drawn of a plot. */
struct drawing {
    const struct plot *plot;
    const char *picture;
    const size_t *parts; /* the series of each part of the picture */
    unsigned n_parts;
    size_t stride; /* one in so many points is shown */
};

static bool put_picture(struct figures *figures, const struct drawing *drawing)
{
    const char **labels = text_realloc(NULL, drawing->n_parts * sizeof *labels);
    for (size_t i = 0; i < drawing->n_parts; i++)
        labels[i] = drawing->plot->series[drawing->parts[i]].label;
    const bool is_good =
        svg_put(&figures->page, drawing->picture, drawing->plot->title, labels, drawing->n_parts);
    free(labels);
    return is_good || complain_of_form();
}

static bool put_figure(struct figures *figures, const struct drawing *drawing)
{
    struct text *page = &figures->page;
    const struct plot *plot = drawing->plot;
    text_printf(page, "<figure data-marks=\"%u\"><figcaption><b>", drawing->n_parts);
    text_html(page, plot->title);
    text_puts(page, "</b>");
    if (plot->caption) {
        text_puts(page, "<span>");
        text_html(page, plot->caption);
        text_puts(page, "</span>");
    }
    if (drawing->stride > 1)
        text_printf(page, "<span>One in %zu points is shown.</span>", drawing->stride);
    text_puts(page, "</figcaption>\n");
    if (!put_picture(figures, drawing))
        return false;
    put_legend(page, plot);
    put_data(page, plot);
    text_puts(page, "</figure>\n");
    return true;
}

bool plot_put(struct figures *figures, struct plot *plot)
{
    struct drawing drawing = {.plot = plot, .stride = 1};
    for (size_t i = 0; i < plot->n; i++) {
        const size_t stride = thin(&plot->series[i]);
        drawing.stride = stride > drawing.stride ? stride : drawing.stride;
    }
    char *name = text_format("f%u", figures->n + 1);
    size_t *parts = text_realloc(NULL, (2 * plot->n + 1) * sizeof *parts);
    struct text script = {0}, picture = {0};
    drawing.n_parts = draw_script(&script, plot, name, parts);
    bool is_good = true;
    if (drawing.n_parts != 0) {
        figures->n++;
        is_good = gnuplot_run(&script, &picture);
        drawing.parts = parts;
        drawing.picture = picture.at;
        is_good = is_good && put_figure(figures, &drawing);
    }
    text_fini(&script);
    text_fini(&picture);
    free(parts);
    free(name);
    return is_good;
}

bool figures_init(struct figures *figures)
{
    static char script[] = "set terminal svg\nplot [0:1] x with linespoints\n";
    const struct text any = {script, sizeof script - 1, sizeof script};
    struct text picture = {0};
    *figures = (struct figures){0};
    bool is_good = gnuplot_run(&any, &picture);
    if (is_good)
        is_good = svg_put_markers(&figures->markers, picture.at) || complain_of_form();
    text_fini(&picture);
    return is_good;
}

void figures_fini(struct figures *figures)
{
    text_fini(&figures->page);
    text_fini(&figures->markers);
}
