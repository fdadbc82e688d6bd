/* draw.c - a plot as a script for gnuplot.
 *
 * The picture is as wide as a small phone, with letters large enough there; wider screens show
 * several beside one another, each a little larger.  It has no legend of gnuplot's, which would
 * cover data: the page puts one beneath. */
#include "bench/report/draw.h"

#include "bench/report/svg.h"

#include <math.h>

enum { WIDTH = 340, HEIGHT = 240, FONT = 12, MARKERS_MOST = 12 };

static bool is_shown(const struct plot *plot, const struct point *point)
{
    return axis_shows(&plot->x, point->x) && axis_shows(&plot->y, point->y);
}

size_t draw_count(const struct plot *plot, const struct series *series)
{
    size_t n = 0;
    for (size_t i = 0; i < series->n; i++)
        n += is_shown(plot, &series->points[i]);
    return n;
}

/* ---- data ---- */

/* The height of the areas below at x, which lie on the same or on other points: interpolated. */
static double value_at(const struct series *series, double x)
{
    const struct point *points = series->points;
    if (series->n == 0 || x < points[0].x || x > points[series->n - 1].x)
        return 0;
    size_t i = 0;
    while (i + 1 < series->n && points[i + 1].x < x)
        i++;
    if (i + 1 == series->n || points[i + 1].x == points[i].x)
        return points[i].y;
    const double share = (x - points[i].x) / (points[i + 1].x - points[i].x);
    return points[i].y + (share < 0 ? 0 : share) * (points[i + 1].y - points[i].y);
}

static double height_of(const struct plot *plot, size_t series, const struct point *point)
{
    double sum = point->y;
    for (size_t i = 0; i < series && plot->series[series].join == JOIN_AREA; i++) {
        if (plot->series[i].join == JOIN_AREA)
            sum += value_at(&plot->series[i], point->x);
    }
    return sum;
}

/* Shows the data to the axes. */
static void see_data(struct plot *plot, size_t which)
{
    const struct series *series = &plot->series[which];
    for (size_t i = 0; i < series->n; i++) {
        const struct point *point = &series->points[i];
        if (!is_shown(plot, point))
            continue;
        const double height = height_of(plot, which, point);
        axis_see(&plot->x, point->x);
        axis_see(&plot->y, height);
        if (series->low && axis_shows(&plot->y, series->low[i]))
            axis_see(&plot->y, series->low[i]);
        if (series->high)
            axis_see(&plot->y, series->high[i]);
    }
}

static void put_data(struct text *script, const struct plot *plot, size_t which)
{
    const struct series *series = &plot->series[which];
    text_printf(script, "$d%zu << END\n", which);
    for (size_t i = 0; i < series->n; i++) {
        const struct point *point = &series->points[i];
        if (!is_shown(plot, point))
            continue;
        const double height = height_of(plot, which, point);
        const double low =
            series->low && axis_shows(&plot->y, series->low[i]) ? series->low[i] : height;
        const double high = series->high ? series->high[i] : height;
        text_printf(script, "%.9g %.9g %.9g %.9g\n", point->x, axis_place(&plot->y, height),
                    axis_place(&plot->y, low), axis_place(&plot->y, high));
    }
    text_puts(script, "END\n");
}

/* The middles of steps, for markers. */
static void put_middles(struct text *script, const struct plot *plot, size_t which)
{
    const struct series *series = &plot->series[which];
    text_printf(script, "$m%zu << END\n", which);
    for (size_t i = 0; i + 1 < series->n; i++) {
        const double x = series->points[i].x, next = series->points[i + 1].x;
        if (is_shown(plot, &series->points[i]))
            text_printf(script, "%.9g %.9g\n", plot->x.is_log ? sqrt(x * next) : (x + next) / 2,
                        axis_place(&plot->y, series->points[i].y));
    }
    text_puts(script, "END\n");
}

/* ---- elements ---- */

static void put_dashes(struct text *script, const char *dashes)
{
    if (dashes[0])
        text_printf(script, " dashtype (%s)", dashes);
}

static void put_lines(struct text *script, const struct series *series, size_t which)
{
    const struct style *style = &series->style;
    text_printf(script, "$d%zu using 1:2%s", which,
                series->low ? ":3:4 with yerrorlines" : " with linespoints");
    text_printf(script, " lc rgb \"#0200%02x\" lw 1.6 pt %u ps 0.5", style->color, style->marker);
    if (series->n > MARKERS_MOST && !series->low)
        text_printf(script, " pointinterval %zu", (series->n + MARKERS_MOST - 1) / MARKERS_MOST);
    put_dashes(script, style->dashes);
}

static void put_steps(struct text *script, const struct series *series, size_t which)
{
    const struct style *style = &series->style;
    text_printf(script, "$d%zu using 1:2 with steps lc rgb \"#0200%02x\" lw 1.4", which,
                style->color);
    put_dashes(script, style->dashes);
    text_printf(script, ", $m%zu using 1:2 with points lc rgb \"#0200%02x\" pt %u ps 0.5", which,
                style->color, style->marker);
}

static void put_area(struct text *script, const struct series *series, size_t which)
{
    text_printf(script, "$d%zu using 1:2 with filledcurves y1=0 lc rgb \"#0300%02x\"", which,
                series->kind);
}

static void put_head(struct text *script, const char *name)
{
    text_printf(
        script,
        "set terminal svg size %d,%d dynamic noenhanced font \"sans-serif,%d\" name \"%s\"\n"
        "set encoding utf8\nset key off\nset style fill solid 1 noborder\n"
        "set grid linetype 1 linewidth 0.6 linecolor rgb \"#010001\"\n"
        "set border 3 linewidth 0.8 linecolor rgb \"#010002\"\n"
        "set tics nomirror scale 0.4 textcolor rgb \"#010003\"\n"
        "set rmargin 3\nset tmargin 1\n",
        WIDTH, HEIGHT, FONT, name);
}

/* Is there anything to draw of it?  Steps need a middle. */
static bool has_marks(const struct plot *plot, const struct series *series)
{
    return draw_count(plot, series) > (series->join == JOIN_LINES ? 0 : 1);
}

/* Adds what is drawn of a series, if anything, behind n parts; their new number. */
static unsigned put_parts(struct text *script, const struct plot *plot, size_t which, unsigned n,
                          size_t *parts)
{
    const struct series *series = &plot->series[which];
    if (!has_marks(plot, series))
        return n;
    text_puts(script, n == 0 ? "plot " : ", ");
    parts[n++] = which;
    switch (series->join) {
    case JOIN_LINES: put_lines(script, series, which); break;
    case JOIN_AREA: put_area(script, series, which); break;
    case JOIN_STEPS:
        put_steps(script, series, which);
        parts[n++] = which;
        break;
    }
    return n;
}

unsigned draw_script(struct text *script, struct plot *plot, const char *name, size_t *parts)
{
    unsigned n = 0;
    put_head(script, name);
    for (size_t i = 0; i < plot->n; i++)
        see_data(plot, i);
    for (size_t i = 0; i < plot->n; i++) {
        put_data(script, plot, i);
        if (plot->series[i].join == JOIN_STEPS)
            put_middles(script, plot, i);
    }
    axis_put(script, &plot->x, 'x');
    axis_put(script, &plot->y, 'y');
    /* The upper areas first: each lower one is painted over it, down to the foot. */
    for (size_t i = plot->n; i-- > 0;) {
        if (plot->series[i].join == JOIN_AREA)
            n = put_parts(script, plot, i, n, parts);
    }
    for (size_t i = 0; i < plot->n; i++) {
        if (plot->series[i].join != JOIN_AREA)
            n = put_parts(script, plot, i, n, parts);
    }
    text_puts(script, "\n");
    return n;
}
