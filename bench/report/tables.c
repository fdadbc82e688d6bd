/* tables.c - every figure of the file, in tables: one for each metric of each setting, small
 * enough for a phone, side by side where there is room. */
#include "bench/report/tables.h"

#include "bench/report/style.h"
#include "bench/report/words.h"

#include <stdlib.h>
#include <string.h>

/* ---- cells ---- */

void tables_put_name(struct text *page, const struct origin *from)
{
    const struct style style = style_of(from->contestant, from->mode);
    text_printf(page, "<i class=\"dot\" style=\"background:var(--c%u)\"></i>", style.color);
    text_html(page, from->label);
}

static void put_value(struct text *page, const struct figure *figure)
{
    const struct summary *summary = &figure->summary;
    struct shown shown = words_shown(figure->unit, summary->median);
    char *value = words_value(&shown, summary->median);
    text_puts(page, "<td>");
    text_html(page, value);
    shown.unit = "";
    char *min = words_value(&shown, summary->min), *max = words_value(&shown, summary->max);
    text_printf(page, "</td><td class=\"spread\">%s&nbsp;.. %s</td><td>%zu</td>", min, max,
                summary->n);
    free(value);
    free(min);
    free(max);
}

static void put_ratio(struct text *page, const struct model *model, const struct figure *figure)
{
    const struct figure *base = model_baseline(model, figure);
    if (!base || base->summary.median == 0) {
        text_puts(page, "<td>&ndash;</td>");
    } else if (base == figure) {
        text_puts(page, "<td>1</td>");
    } else if (stats_is_tie(&figure->summary, &base->summary)) {
        char *ratio = words_ratio(stats_ratio(&figure->summary, &base->summary));
        text_printf(page, "<td class=\"tie\">tie <small>(%s)</small></td>", ratio);
        free(ratio);
    } else {
        char *ratio = words_ratio(stats_ratio(&figure->summary, &base->summary));
        text_printf(page, "<td>%s</td>", ratio);
        free(ratio);
    }
}

/* ---- rows ---- */

/* The first figure of the contestant among its peers for which `metric` (NULL: any) is that. */
static const struct figure *find(const struct model *model, const struct origin *from,
                                 const char *metric, bool has_failed)
{
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *figure = &model->figures[i];
        if (origin_is_peer(&figure->from, from) && strcmp(figure->from.label, from->label) == 0 &&
            (!metric || strcmp(figure->metric, metric) == 0) && (!has_failed || figure->error))
            return figure;
    }
    return NULL;
}

static void put_failure(struct text *page, const struct figure *failed, const char *before)
{
    text_puts(page, before);
    text_html(page, failed->error);
    text_puts(page, "</td>");
}

/* The row of one contestant in the table of a metric; nothing if it has no such metric. */
static void put_row(struct text *page, const struct model *model, const struct origin *from,
                    const char *metric)
{
    const struct figure *figure = find(model, from, metric, false);
    const struct figure *failed = find(model, from, NULL, true);
    const bool is_measured = figure && figure->summary.n != 0;
    if (!is_measured && !failed)
        return;
    text_puts(page, "<tr><th scope=\"row\">");
    tables_put_name(page, from);
    text_puts(page, "</th>");
    if (is_measured) {
        put_value(page, figure);
        put_ratio(page, model, figure);
    } else {
        text_puts(page, "<td colspan=\"4\" class=\"failed\">");
        put_failure(page, failed, words_before_reason(failed->error));
    }
    text_puts(page, "</tr>\n");
    if (is_measured && figure->error) {
        put_failure(page, figure, "<tr><td colspan=\"5\" class=\"failed\">failures: ");
        text_puts(page, "</tr>\n");
    }
}

/* Is figure `at` the first of its contestant in its setting? */
static bool is_first_of_row(const struct model *model, size_t at)
{
    return find(model, &model->figures[at].from, NULL, false) == &model->figures[at];
}

static bool is_first_of_metric(const struct model *model, size_t at)
{
    const struct figure *figure = &model->figures[at];
    for (size_t i = 0; i < at; i++) {
        if (origin_is_peer(&model->figures[i].from, &figure->from) &&
            strcmp(model->figures[i].metric, figure->metric) == 0)
            return false;
    }
    return true;
}

/* ---- tables ---- */

static void put_metric(struct text *page, const struct model *model, const struct figure *figure)
{
    const struct figure *base = model_baseline(model, figure);
    text_puts(page, "<table class=\"metric\"><caption><b>");
    text_html(page, figure->metric);
    text_printf(page, "</b> <span>%s", words_of_sense(words_sense(figure->metric)));
    if (base) {
        text_puts(page, "; ratios to ");
        text_html(page, base->from.label);
    }
    text_puts(page,
              "</span></caption><thead><tr><th></th><th>median</th><th class=\"spread\">min .. "
              "max</th><th>n</th><th>ratio</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct origin *from = &model->figures[i].from;
        if (origin_is_peer(from, &figure->from) && is_first_of_row(model, i))
            put_row(page, model, from, figure->metric);
    }
    text_puts(page, "</tbody></table>\n");
}

/* All parameters, with those that were found while running: the fullest list that anybody has. */
static void put_params(struct text *page, const struct model *model, const struct origin *from)
{
    const struct facts *fullest = &from->params;
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct origin *other = &model->figures[i].from;
        if (origin_is_peer(other, from) && other->params.n > fullest->n)
            fullest = &other->params;
    }
    text_puts(page, "<p class=\"params\">");
    for (size_t i = 0; i < fullest->n; i++) {
        char *words = words_param(&fullest->at[i]);
        text_puts(page, i == 0 ? "" : ", ");
        text_html(page, words);
        free(words);
    }
    text_puts(page, fullest->n == 0 ? "no parameters</p>\n" : "</p>\n");
}

static void put_setting(struct text *page, const struct model *model, const struct origin *from)
{
    char *setting = words_setting(from);
    if (setting[0]) {
        text_puts(page, "<h4>");
        text_html(page, setting);
        text_puts(page, "</h4>\n");
    }
    free(setting);
    put_params(page, model, from);
    text_puts(page, "<div class=\"grid\">\n");
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *figure = &model->figures[i];
        if (origin_is_peer(&figure->from, from) && is_first_of_metric(model, i))
            put_metric(page, model, figure);
    }
    text_puts(page, "</div>\n");
}

static bool is_first_of_setting(const struct model *model, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (origin_is_peer(&model->figures[i].from, &model->figures[at].from))
            return false;
    }
    return true;
}

static void put_workload(struct text *page, const struct model *model, const char *name, size_t i)
{
    text_printf(page, "<section class=\"workload\" id=\"w%zu\"><h3>", i);
    text_html(page, name);
    text_puts(page, "</h3>\n<p>");
    text_html(page, words_about(name));
    text_puts(page, "</p>\n");
    for (size_t j = 0; j < model->n_figures; j++) {
        const struct origin *from = &model->figures[j].from;
        if (strcmp(from->workload, name) == 0 && is_first_of_setting(model, j))
            put_setting(page, model, from);
    }
    text_puts(page, "</section>\n");
}

void tables_put(struct text *page, const struct model *model)
{
    size_t n;
    const char **names = model_workloads(model, &n);
    text_puts(page, "<ul class=\"links\">");
    for (size_t i = 0; i < n; i++) {
        text_printf(page, "<li><a href=\"#w%zu\">", i);
        text_html(page, names[i]);
        text_puts(page, "</a></li>\n");
    }
    text_puts(page, "</ul>\n");
    for (size_t i = 0; i < n; i++)
        put_workload(page, model, names[i], i);
    free(names);
}
