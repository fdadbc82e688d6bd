/* figures-param.c - metrics against a parameter: cost against heap size, ephemerons against
 * entries. */
#include "bench/report/figures.h"

#include "bench/report/words.h"

#include <stdlib.h>
#include <string.h>

/* A range of values wider than this is shown by logarithms. */
enum { WIDE = 8 };

static const double *value_of(const struct figure *figure, const char *param)
{
    const struct fact *fact = facts_find(&figure->from.params, param);
    return fact && fact->is_number && origin_chose(&figure->from, param) ? &fact->number : NULL;
}

/* What changes with the parameter, besides itself. */
static bool follows(const char *name, const char *param)
{
    return strcmp(name, param) == 0 || strcmp(name, "heap_bytes") == 0 ||
           (strcmp(param, "entries") == 0 && strcmp(name, "collections") == 0);
}

/* The workload and the other parameters, as words; the caller's to free. */
static char *rest_of(const struct origin *from, const char *param)
{
    struct text rest = {0};
    text_puts(&rest, from->workload);
    for (size_t i = 0; i < from->params.n; i++) {
        const struct fact *fact = &from->params.at[i];
        if (follows(fact->name, param) || !origin_chose(from, fact->name))
            continue;
        char *words = words_param(fact);
        text_printf(&rest, ", %s", words);
        free(words);
    }
    return rest.at;
}

/* Does a metric belong among costs against heap size?  Stops have figures of their own. */
static bool is_cost(const char *metric)
{
    static const char *const costs[] = {"wall_ms", "cpu_ms", "stopped_ms", "peak_rss_bytes"};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        if (strcmp(metric, costs[i]) == 0)
            return true;
    }
    return false;
}

static bool is_shown(const struct figure *figure, const char *param)
{
    if (strcmp(param, "heap_factor") == 0 && !is_cost(figure->metric))
        return false;
    return figure->summary.n != 0 && value_of(figure, param) &&
           strcmp(figure->metric, "completed") != 0;
}

/* What a plot of a metric's unit shows: gnuplot is given none of the file's words. */
static const struct unit {
    const char *name, *label;
    double scale;
} units[] = {
    {"ns", "ns", 1}, {"us", "\u00b5s", 1},      {"ms", "ms", 1},
    {"s", "s", 1},   {"bytes", "MiB", 1048576},
};

static struct unit unit_of(const char *name)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].name, name) == 0)
            return units[i];
    }
    return (struct unit){name, "", 1};
}

/* Adds a figure to the series of its contestant, which begins with it if need be. */
static void add_figure(struct plot *plot, const struct figure *figure, double x)
{
    const double scale = unit_of(figure->unit).scale;
    const struct summary shown = {figure->summary.median / scale, figure->summary.min / scale,
                                  figure->summary.max / scale, figure->summary.n};
    struct series *series = NULL;
    for (size_t i = 0; i < plot->n && !series; i++) {
        if (strcmp(plot->series[i].label, figure->from.label) == 0)
            series = &plot->series[i];
    }
    if (!series) {
        series = plot_add(plot, figure->from.label, JOIN_LINES);
        series->style = style_of(figure->from.contestant, figure->from.mode);
    }
    const size_t n = series->n;
    if (n == 0 || series->points[n - 1].x < x)
        series_add_spread(series, x, &shown);
}

/* How many values of the parameter the plot has. */
static size_t count_values(const struct plot *plot)
{
    size_t most = 0;
    for (size_t i = 0; i < plot->n; i++)
        most = plot->series[i].n > most ? plot->series[i].n : most;
    return most;
}

static bool is_wide(const struct plot *plot)
{
    double least = 0, most = 0;
    for (size_t i = 0; i < plot->n; i++) {
        for (size_t j = 0; j < plot->series[i].n; j++) {
            const double low = plot->series[i].low[j], high = plot->series[i].high[j];
            if (low <= 0)
                return false;
            least = least == 0 || low < least ? low : least;
            most = high > most ? high : most;
        }
    }
    return most > WIDE * least;
}

/* A figure, and its value of the parameter. */
struct placed {
    const struct figure *figure;
    double x;
};

static int by_value(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    return (a->x > b->x) - (a->x < b->x);
}

struct request {
    const char *param, *label;
    bool is_log;
    size_t least;
};

/* All figures that belong with `first`, in order of the parameter. */
static void collect(struct plot *plot, const struct model *model, const struct figure *first,
                    const char *rest, const char *param)
{
    struct placed *found = text_realloc(NULL, model->n_figures * sizeof *found);
    size_t n = 0;
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *figure = &model->figures[i];
        if (strcmp(figure->metric, first->metric) != 0 || !is_shown(figure, param) ||
            strcmp(figure->from.workload, first->from.workload) != 0)
            continue;
        char *own = rest_of(&figure->from, param);
        if (strcmp(own, rest) == 0)
            found[n++] = (struct placed){figure, *value_of(figure, param)};
        free(own);
    }
    qsort(found, n, sizeof *found, by_value);
    for (size_t i = 0; i < n; i++)
        add_figure(plot, found[i].figure, found[i].x);
    free(found);
}

static bool put_plot(struct figures *figures, const struct model *model, const struct figure *first,
                     const char *rest, const struct request *request)
{
    struct plot plot = {.x = {.label = request->label, .is_log = request->is_log}};
    collect(&plot, model, first, rest, request->param);
    const bool is_enough = count_values(&plot) >= request->least;
    plot.y = (struct axis){.label = unit_of(first->unit).label,
                           .is_log = request->is_log || is_wide(&plot)};
    plot.title = text_format("%s: %s", rest, first->metric);
    plot.caption = text_format("Medians, with the spread of the runs; %s.",
                               words_of_sense(words_sense(first->metric)));
    const bool is_good = !is_enough || plot_put(figures, &plot);
    plot_free(&plot);
    return is_good;
}

/* Was there an earlier figure of the same plot? */
static bool has_earlier(const struct model *model, size_t at, const char *rest, const char *param)
{
    const struct figure *figure = &model->figures[at];
    for (size_t i = 0; i < at; i++) {
        const struct figure *other = &model->figures[i];
        if (strcmp(other->metric, figure->metric) != 0 || !is_shown(other, param) ||
            strcmp(other->from.workload, figure->from.workload) != 0)
            continue;
        char *own = rest_of(&other->from, param);
        const bool is_same = strcmp(own, rest) == 0;
        free(own);
        if (is_same)
            return true;
    }
    return false;
}

bool figures_by_param(struct figures *figures, const struct model *model, const char *param,
                      const char *label, bool is_log, size_t least)
{
    const struct request request = {param, label, is_log, least};
    bool is_good = true;
    for (size_t i = 0; i < model->n_figures && is_good; i++) {
        if (!is_shown(&model->figures[i], param))
            continue;
        char *rest = rest_of(&model->figures[i].from, param);
        if (!has_earlier(model, i, rest, param))
            is_good = put_plot(figures, model, &model->figures[i], rest, &request);
        free(rest);
    }
    return is_good;
}
