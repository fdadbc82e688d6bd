/* overview.c - Besom against its baselines, a line for each workload and setting.
 *
 * The first metric of a workload is its headline.  A strip shows the ratios of Besom's modes by
 * logarithms, with the baseline in the middle and what is better always on the left. */
#include "bench/report/overview.h"

#include "bench/report/plot.h"
#include "bench/report/tables.h"
#include "bench/report/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STRIP = 220, HALF = 100, OCTAVES = 5 };

static bool is_besom(const struct figure *figure)
{
    return strcmp(figure->from.contestant, "besom") == 0;
}

/* The metric that comes first in a workload; NULL if nobody has completed it. */
static const char *headline_of(const struct model *model, const char *workload)
{
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *figure = &model->figures[i];
        if (strcmp(figure->from.workload, workload) == 0 &&
            strcmp(figure->metric, "completed") != 0)
            return figure->metric;
    }
    return NULL;
}

static bool is_headline(const struct model *model, const struct figure *figure)
{
    const char *headline = headline_of(model, figure->from.workload);
    return headline && strcmp(figure->metric, headline) == 0;
}

/* Has the same contestant, in the same setting, a headline? */
static bool has_headline(const struct model *model, const struct figure *figure)
{
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *other = &model->figures[i];
        if (origin_is_peer(&other->from, &figure->from) &&
            strcmp(other->from.label, figure->from.label) == 0 && is_headline(model, other))
            return true;
    }
    return false;
}

static bool has_rival(const struct model *model, const struct figure *figure)
{
    for (size_t i = 0; i < model->n_figures; i++) {
        if (!is_besom(&model->figures[i]) && origin_is_peer(&model->figures[i].from, &figure->from))
            return true;
    }
    return false;
}

static const struct figure *baseline_of(const struct model *model, const struct figure *figure)
{
    const struct figure *base = model_baseline(model, figure);
    return base && !is_besom(base) ? base : NULL;
}

/* Has the line something to say of it?  Its headline, or that it failed. */
static bool is_shown(const struct model *model, const struct figure *figure)
{
    return is_besom(figure) &&
           (is_headline(model, figure) || (figure->error && !has_headline(model, figure)));
}

/* Has it a ratio? */
static bool is_compared(const struct model *model, const struct figure *figure)
{
    const struct figure *base = baseline_of(model, figure);
    return base && figure->summary.n != 0 && base->summary.median != 0 &&
           is_headline(model, figure);
}

static bool has_earlier(const struct model *model, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (origin_is_peer(&model->figures[i].from, &model->figures[at].from) &&
            is_shown(model, &model->figures[i]))
            return true;
    }
    return false;
}

static double place(double ratio, enum sense sense)
{
    if (ratio <= 0)
        return sense == SENSE_MORE ? STRIP - 10 : 10;
    double octaves = log2(ratio) * (sense == SENSE_MORE ? -1 : 1);
    octaves = octaves > OCTAVES ? OCTAVES : octaves < -OCTAVES ? -OCTAVES : octaves;
    return STRIP / 2.0 + octaves * HALF / OCTAVES;
}

/* Is there a ratio in the line? */
static bool has_ratio(const struct model *model, const struct origin *from)
{
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *figure = &model->figures[i];
        if (origin_is_peer(&figure->from, from) && is_shown(model, figure) &&
            is_compared(model, figure))
            return true;
    }
    return false;
}

static void put_strip(struct text *page, const struct model *model, const struct origin *from)
{
    if (!has_ratio(model, from)) {
        text_puts(page, "<td class=\"strip\"></td>");
        return;
    }
    text_printf(page,
                "<td class=\"strip\"><svg viewBox=\"0 0 %d 22\" aria-hidden=\"true\">"
                "<path class=\"rail\" d=\"M10,11H%d\"/><path class=\"one\" d=\"M%d,2V20\"/>",
                STRIP, STRIP - 10, STRIP / 2);
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *figure = &model->figures[i];
        if (!origin_is_peer(&figure->from, from) || !is_shown(model, figure) ||
            !is_compared(model, figure))
            continue;
        const struct figure *base = baseline_of(model, figure);
        const struct style style = style_of(figure->from.contestant, figure->from.mode);
        const double ratio = stats_ratio(&figure->summary, &base->summary);
        plot_put_marker(page, &style, place(ratio, words_sense(figure->metric)), 11, 3.6);
    }
    text_puts(page, "</svg></td>");
}

/* What there is instead of a ratio. */
static void put_reason(struct text *page, const struct model *model, const struct figure *figure)
{
    if (figure->error && (figure->summary.n == 0 || !is_headline(model, figure))) {
        text_puts(page, " <span class=\"failed\">");
        text_puts(page, words_before_reason(figure->error));
        text_html(page, figure->error);
        text_puts(page, "</span>");
        return;
    }
    const struct shown shown = words_shown(figure->unit, figure->summary.median);
    char *value = words_value(&shown, figure->summary.median);
    text_puts(page, " <b>");
    text_html(page, value);
    text_printf(page, "</b> <small>(%s)</small>",
                baseline_of(model, figure) ? "the baseline: 0"
                : has_rival(model, figure) ? "no baseline completed"
                                           : "nobody to compare with");
    free(value);
}

static void put_ratios(struct text *page, const struct model *model, const struct origin *from)
{
    text_puts(page, "<td><ul>");
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *figure = &model->figures[i];
        if (!origin_is_peer(&figure->from, from) || !is_shown(model, figure))
            continue;
        text_puts(page, "<li>");
        tables_put_name(page, &figure->from);
        if (is_compared(model, figure)) {
            const struct summary *other = &baseline_of(model, figure)->summary;
            char *ratio = words_ratio(stats_ratio(&figure->summary, other));
            const bool is_tie = stats_is_tie(&figure->summary, other);
            text_printf(page, " <b>%s</b>%s", ratio,
                        is_tie ? " <span class=\"tie\">tie</span>" : "");
            free(ratio);
        } else {
            put_reason(page, model, figure);
        }
        text_puts(page, "</li>");
    }
    text_puts(page, "</ul></td>");
}

static void put_line(struct text *page, const struct model *model, const struct figure *figure)
{
    const struct origin *from = &figure->from;
    const struct figure *base = baseline_of(model, figure);
    char *setting = words_setting(from);
    text_puts(page, "<tr><th scope=\"row\">");
    text_html(page, from->workload);
    text_puts(page, "<small>");
    text_html(page, setting);
    text_puts(page, setting[0] ? "<br>" : "");
    text_html(page, figure->metric);
    if (base) {
        text_puts(page, " against ");
        text_html(page, base->from.label);
    }
    text_puts(page, "</small></th>");
    put_strip(page, model, from);
    put_ratios(page, model, from);
    text_puts(page, "</tr>\n");
    free(setting);
}

void overview_put(struct text *page, const struct model *model)
{
    bool has_any = false;
    for (size_t i = 0; i < model->n_figures; i++) {
        if (!is_shown(model, &model->figures[i]) || has_earlier(model, i))
            continue;
        if (!has_any)
            text_puts(page,
                      "<p>Ratios of medians: Besom's over the baseline's. In the strips the "
                      "baseline is the line in the middle, each half is a factor of 32, and "
                      "left is better. A <span class=\"tie\">tie</span> is a difference inside "
                      "the spread of the runs.</p>\n<table class=\"overview\"><thead><tr>"
                      "<th>workload</th><th>better &larr; 1 &rarr; worse</th><th>ratio</th></tr>"
                      "</thead><tbody>\n");
        has_any = true;
        put_line(page, model, &model->figures[i]);
    }
    if (has_any)
        text_puts(page, "</tbody></table>\n");
}
