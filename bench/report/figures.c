/* figures.c - the curves of the file as plots: one for each workload and setting, with a line for
 * each contestant. */
#include "bench/report/figures.h"

#include "bench/report/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What a curve of some name is, and how it is shown. */
struct topic {
    const char *curve, *title, *caption;
    struct axis x, y;
    bool is_above; /* numbers of those above x: shown as how many lie between two steps */
};

#define WINDOW                                 \
    {                                          \
        .label = "window, ms", .is_log = true, \
    }
#define SHARE                                             \
    {                                                     \
        .label = "left to the program", .is_share = true, \
    }
#define LENGTH                                 \
    {                                          \
        .label = "length, ms", .is_log = true, \
    }
#define COUNT(what)                                      \
    {                                                    \
        .label = what, .is_log = true, .is_count = true, \
    }
#define FACTOR                          \
    {                                   \
        .label = "heap, in live peaks", \
    }

static const struct topic pauses[] = {
    {"stops_above", "stops by length", "How many stops were as long as each step is wide.", LENGTH,
     COUNT("stops"), true},
    {"held_above", "all pauses by length",
     "Stops, and with them the assists, slow paths and waits of every thread.", LENGTH,
     COUNT("pauses"), true},
    {"ops_above", "operations longer than", "How many operations took longer than that.", LENGTH,
     COUNT("operations"), false},
    {"mmu", "utilization (MMU)", "The least share of any window of that length that stops left.",
     WINDOW, SHARE, false},
    {"bmu", "bounded utilization (BMU)", "The same of any window as long or longer.", WINDOW, SHARE,
     false},
    {"mmu-all", "utilization, all waits (MMU)",
     "The least share that stops, assists, slow paths and waits left together.", WINDOW, SHARE,
     false},
    {"bmu-all", "bounded utilization, all waits (BMU)", "The same of any window as long or longer.",
     WINDOW, SHARE, false},
};

static const struct topic latency[] = {
    {"latency-simple",
     "requests longer than",
     "From the time for which the request was planned.",
     {.label = "latency, ms", .is_log = true},
     COUNT("requests"),
     false},
    {"latency-metered",
     "requests longer than, metered",
     "As if requests had come evenly over a window.",
     {.label = "latency, ms", .is_log = true},
     COUNT("requests"),
     false},
    {"latency-service",
     "requests longer than, once begun",
     "Without the time for which they waited for those before.",
     {.label = "latency, ms", .is_log = true},
     COUNT("requests"),
     false},
};

static const struct topic cost[] = {
    {"lbo-wall",
     "lower-bound overhead, time",
     "Time over the least that anybody needs without collecting; 1 is free.",
     FACTOR,
     {.label = "LBO, wall", .foot = 1},
     false},
    {"lbo-cpu",
     "lower-bound overhead, processors",
     "The same of the time of all processors.",
     FACTOR,
     {.label = "LBO, CPU", .foot = 1},
     false},
    {"wall", "time against heap size", NULL, FACTOR, {.label = "wall, ms"}, false},
    {"cpu", "processor time against heap size", NULL, FACTOR, {.label = "CPU, ms"}, false},
};

#define TOPICS(list) list, sizeof list / sizeof *list

/* ---- one plot ---- */

char *figures_title(const struct origin *from, const char *what)
{
    char *setting = words_setting(from);
    char *title = text_format("%s%s%s: %s", from->workload, setting[0] ? ", " : "", setting, what);
    free(setting);
    return title;
}

static void add_counts(struct series *series, const struct curve *curve)
{
    for (size_t i = 0; i + 1 < curve->n; i++)
        series_add(series, curve->points[i].x, curve->points[i].y - curve->points[i + 1].y);
    if (curve->n != 0)
        series_add(series, curve->points[curve->n - 1].x, 0);
}

/* Leaves out what all series begin with: steps at which nobody has anything. */
static void trim(struct plot *plot)
{
    size_t empty = SIZE_MAX;
    for (size_t i = 0; i < plot->n; i++) {
        const struct series *series = &plot->series[i];
        size_t n = 0;
        while (n + 2 < series->n && series->points[n].y == 0)
            n++;
        empty = n < empty ? n : empty;
    }
    for (size_t i = 0; i < plot->n; i++) {
        struct series *series = &plot->series[i];
        series->n -= empty;
        memmove(series->points, series->points + empty, series->n * sizeof *series->points);
    }
}

static void add_curve(struct plot *plot, const struct topic *topic, const struct curve *curve)
{
    const enum join join = topic->is_above ? JOIN_STEPS : JOIN_LINES;
    struct series *series = plot_add(plot, curve->from.label, join);
    series->style = style_of(curve->from.contestant, curve->from.mode);
    if (topic->is_above) {
        add_counts(series, curve);
        return;
    }
    for (size_t i = 0; i < curve->n; i++)
        series_add(series, curve->points[i].x, curve->points[i].y);
}

static bool is_of(const struct curve *curve, const struct topic *topic)
{
    return strcmp(curve->name, topic->curve) == 0;
}

/* Is there an earlier one of the topic, of the same workload and setting as curve `at`? */
static bool has_earlier(const struct model *model, const struct topic *topic, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_of(&model->curves[i], topic) &&
            origin_is_peer(&model->curves[i].from, &model->curves[at].from))
            return true;
    }
    return false;
}

/* Is everything 1: are these all contestants that never stop? */
static bool is_level(const struct plot *plot)
{
    for (size_t i = 0; i < plot->n; i++) {
        for (size_t j = 0; j < plot->series[i].n; j++) {
            if (plot->series[i].points[j].y != 1)
                return false;
        }
    }
    return true;
}

/* The plot of the topic for the workload and setting of a curve. */
static bool put_topic(struct figures *figures, const struct model *model, const struct topic *topic,
                      const struct origin *from)
{
    struct plot plot = {.x = topic->x, .y = topic->y};
    plot.title = figures_title(from, topic->title);
    plot.caption = topic->caption ? text_copy(topic->caption) : NULL;
    for (size_t i = 0; i < model->n_curves; i++) {
        const struct curve *curve = &model->curves[i];
        if (is_of(curve, topic) && origin_is_peer(&curve->from, from))
            add_curve(&plot, topic, curve);
    }
    if (topic->is_above)
        trim(&plot);
    const bool is_good = (topic->y.is_share && is_level(&plot)) || plot_put(figures, &plot);
    plot_free(&plot);
    return is_good;
}

/* Times against heap size are metrics too, with a spread, where the limits are rows: those are shown
 * by figures_by_param. */
static bool is_metric_too(const struct model *model, const struct curve *curve)
{
    const char *metric = strcmp(curve->name, "wall") == 0  ? "wall_ms"
                         : strcmp(curve->name, "cpu") == 0 ? "cpu_ms"
                                                           : NULL;
    for (size_t i = 0; metric && i < model->n_figures; i++) {
        const struct figure *figure = &model->figures[i];
        if (strcmp(figure->metric, metric) == 0 &&
            strcmp(figure->from.workload, curve->from.workload) == 0 &&
            facts_find(&figure->from.params, "heap_factor"))
            return true;
    }
    return false;
}

/* Figures of one workload and setting stand together, in the order of the topics. */
static bool put_setting(struct figures *figures, const struct model *model,
                        const struct topic *topics, size_t n, const struct origin *from)
{
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < model->n_curves; i++) {
            const struct curve *curve = &model->curves[i];
            if (!is_of(curve, &topics[j]) || !origin_is_peer(&curve->from, from) ||
                is_metric_too(model, curve))
                continue;
            if (!put_topic(figures, model, &topics[j], from))
                return false;
            break;
        }
    }
    return true;
}

/* Does a curve before `at` that has one of the topics stand for the same workload and setting? */
static bool is_done(const struct model *model, const struct topic *topics, size_t n, size_t at)
{
    for (size_t j = 0; j < n; j++) {
        if (has_earlier(model, &topics[j], at))
            return true;
    }
    return false;
}

static bool put_topics(struct figures *figures, const struct model *model,
                       const struct topic *topics, size_t n)
{
    for (size_t i = 0; i < model->n_curves; i++) {
        bool has_topic = false;
        for (size_t j = 0; j < n; j++)
            has_topic = has_topic || is_of(&model->curves[i], &topics[j]);
        if (!has_topic || is_done(model, topics, n, i))
            continue;
        if (!put_setting(figures, model, topics, n, &model->curves[i].from))
            return false;
    }
    return true;
}

/* ---- the sections ---- */

bool figures_pauses(struct figures *figures, const struct model *model)
{
    return put_topics(figures, model, TOPICS(pauses));
}

bool figures_latency(struct figures *figures, const struct model *model)
{
    return put_topics(figures, model, TOPICS(latency));
}

bool figures_cost(struct figures *figures, const struct model *model)
{
    return put_topics(figures, model, TOPICS(cost)) &&
           figures_by_param(figures, model, "heap_factor", "heap, in live peaks", false, 2);
}

bool figures_ephemerons(struct figures *figures, const struct model *model)
{
    return figures_by_param(figures, model, "entries", "entries", true, 3);
}

bool figures_scaling(struct figures *figures, const struct model *model)
{
    return figures_by_param(figures, model, "mutators", "mutators", false, 3);
}

static bool is_known(const char *name)
{
    const struct {
        const struct topic *topics;
        size_t n;
    } lists[] = {{TOPICS(pauses)}, {TOPICS(latency)}, {TOPICS(cost)}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (size_t j = 0; j < lists[i].n; j++) {
            if (strcmp(lists[i].topics[j].curve, name) == 0)
                return true;
        }
    }
    return strncmp(name, "rg-", 3) == 0;
}

/* Curves of names that this program does not know: better plain than not at all. */
bool figures_others(struct figures *figures, const struct model *model)
{
    for (size_t i = 0; i < model->n_curves; i++) {
        const struct curve *curve = &model->curves[i];
        const struct topic topic = {
            .curve = curve->name, .title = curve->name, .x.label = "x", .y.label = "y"};
        if (is_known(curve->name) || has_earlier(model, &topic, i))
            continue;
        if (!put_topic(figures, model, &topic, &curve->from))
            return false;
    }
    return true;
}
