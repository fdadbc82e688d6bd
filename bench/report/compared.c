/* compared.c - a comparison in words: for a terminal, and as a page. */
#include "bench/report/compared.h"

#include "bench/report/page.h"
#include "bench/report/tables.h"
#include "bench/report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words of both ---- */

static bool has_failed(const struct figure *figure)
{
    return figure->summary.n == 0 || (figure->error && strcmp(figure->metric, "completed") == 0);
}

/* The caller's to free. */
static char *value_of(const struct figure *figure, const struct figure *like)
{
    if (has_failed(figure))
        return text_copy(figure->error ? figure->error : "failed");
    const struct shown shown = words_shown(like->unit, like->summary.median);
    return words_value(&shown, figure->summary.median);
}

static char *spread_of(const struct figure *figure, const struct figure *like)
{
    if (has_failed(figure))
        return text_copy("no figures");
    struct shown shown = words_shown(like->unit, like->summary.median);
    shown.unit = "";
    char *min = words_value(&shown, figure->summary.min);
    char *max = words_value(&shown, figure->summary.max);
    char *spread = text_format("%s .. %s", min, max);
    free(min);
    free(max);
    return spread;
}

/* Whose value the digits of both follow. */
static const struct figure *measure_of(const struct change *change)
{
    return !has_failed(change->before) && change->before->summary.median != 0 ? change->before
                                                                              : change->after;
}

static char *ratio_of(const struct change *change)
{
    if (has_failed(change->before) || has_failed(change->after))
        return text_copy("-");
    return isinf(change->ratio) ? text_copy("from 0") : words_ratio(change->ratio);
}

/* "quads, old trees replaced, ..: wall_ms"; the caller's to free. */
static char *name_of(const struct figure *figure)
{
    char *setting = words_setting(&figure->from);
    char *name = text_format("%s%s%s: %s", figure->from.workload, setting[0] ? ", " : "", setting,
                             figure->metric);
    free(setting);
    return name;
}

static char *counts_of(const struct comparison *comparison)
{
    const enum verdict shown[] = {VERDICT_WORSE,   VERDICT_BROKE,  VERDICT_BETTER, VERDICT_MENDED,
                                  VERDICT_CHANGED, VERDICT_UNSURE, VERDICT_TIE};
    struct text counts = {0};
    text_printf(&counts, "%zu figures in both", comparison->n);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const size_t n = comparison_count(comparison, shown[i]);
        if (n != 0)
            text_printf(&counts, "; %s: %zu", verdict_word(shown[i]), n);
    }
    text_printf(&counts, "; only before: %zu; only after: %zu", comparison->n_gone,
                comparison->n_added);
    return counts.at;
}

/* ---- for a terminal ---- */

/* Makes the signs of a page those of a keyboard; returns the words. */
static char *plain(char *words)
{
    static const struct {
        const char *sign, *key;
    } signs[] = {{"\u00a0", " "}, {"\u00d7", "x"}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const size_t length = strlen(signs[i].sign);
        for (char *at; (at = strstr(words, signs[i].sign)) != NULL;) {
            *at = *signs[i].key;
            memmove(at + 1, at + length, strlen(at + length) + 1);
        }
    }
    return words;
}

static void print_change(const struct change *change)
{
    const struct figure *like = measure_of(change);
    char *before = plain(value_of(change->before, like));
    char *after = plain(value_of(change->after, like));
    char *before_spread = plain(spread_of(change->before, like));
    char *after_spread = plain(spread_of(change->after, like));
    char *ratio = plain(ratio_of(change)), *name = plain(name_of(like));
    printf("%-13s  %s  %s\n               %s: %s (%s, n %zu) -> %s (%s, n %zu)\n",
           verdict_word(change->verdict), ratio, name, change->after->from.label, before,
           before_spread, change->before->summary.n, after, after_spread, change->after->summary.n);
    free(before);
    free(after);
    free(before_spread);
    free(after_spread);
    free(ratio);
    free(name);
}

static void print_alone(const char *when, const struct figure *const *figures, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *name = plain(name_of(figures[i]));
        printf("%-13s  %s, %s\n", when, name, figures[i]->from.label);
        free(name);
    }
}

void compared_print(const struct comparison *comparison)
{
    char *counts = counts_of(comparison);
    printf("before: %s\nafter:  %s\n", comparison->before->path, comparison->after->path);
    if (comparison->machines)
        printf("The machines differ, so the figures may for that alone: %s\n",
               comparison->machines);
    printf("%s\n\n", counts);
    for (size_t i = 0; i < comparison->n; i++)
        print_change(&comparison->changes[i]);
    print_alone("only before", comparison->gone, comparison->n_gone);
    print_alone("only after", comparison->added, comparison->n_added);
    free(counts);
}

/* ---- as a page ---- */

static const char *class_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_BETTER:
    case VERDICT_MENDED: return "better";
    case VERDICT_WORSE:
    case VERDICT_BROKE: return "worse";
    case VERDICT_TIE:
    case VERDICT_UNSURE: return "tie";
    default: return "";
    }
}

static void put_value(struct text *page, const struct figure *figure, const struct figure *like)
{
    char *value = value_of(figure, like), *spread = spread_of(figure, like);
    text_printf(page, "<td%s>", has_failed(figure) ? " class=\"failed\"" : "");
    text_html(page, value);
    text_puts(page, " <small>");
    text_html(page, spread);
    text_printf(page, ", n&nbsp;%zu</small></td>", figure->summary.n);
    free(value);
    free(spread);
}

static void put_change(struct text *page, const struct change *change)
{
    const struct figure *like = measure_of(change);
    char *ratio = ratio_of(change), *name = name_of(like);
    text_puts(page, "<tr><td>");
    tables_put_name(page, &change->after->from);
    text_puts(page, " <small>");
    text_html(page, name);
    text_puts(page, "</small></td>");
    put_value(page, change->before, like);
    put_value(page, change->after, like);
    text_printf(page, "<td>%s</td><td class=\"%s\">%s</td></tr>\n", ratio,
                class_of(change->verdict), verdict_word(change->verdict));
    free(ratio);
    free(name);
}

static void put_alone(struct text *page, const char *title, const struct figure *const *figures,
                      size_t n)
{
    if (n == 0)
        return;
    text_printf(page, "<section><h2>%s</h2>\n<ul>\n", title);
    for (size_t i = 0; i < n; i++) {
        char *name = name_of(figures[i]);
        text_puts(page, "<li>");
        text_html(page, figures[i]->from.label);
        text_puts(page, " <small>");
        text_html(page, name);
        text_puts(page, "</small></li>\n");
        free(name);
    }
    text_puts(page, "</ul></section>\n");
}

static void put_header(struct text *page, const struct comparison *comparison)
{
    char *counts = counts_of(comparison);
    text_puts(page, "<header><h1>Two runs compared</h1>\n<p>Before: ");
    text_html(page, comparison->before->path);
    text_puts(page, "<br>After: ");
    text_html(page, comparison->after->path);
    text_printf(page, "</p>\n<p>%s.</p>\n", counts);
    if (comparison->machines) {
        text_puts(page,
                  "<p class=\"failed\">The machines differ, so the figures may for that alone: ");
        text_html(page, comparison->machines);
        text_puts(page, "</p>\n");
    }
    text_puts(page,
              "<p>Ratios are medians after over medians before. What changed beyond noise, where "
              "the spreads of the runs do not overlap, comes first, by the size of the change; "
              "then what was run once, so that nobody knows its noise; then the ties.</p>"
              "</header>\n");
    free(counts);
}

static void put_machine(struct text *page, const char *title, const struct model *model)
{
    text_printf(page, "<section><h2>%s</h2>\n", title);
    page_put_machine(page, model);
    text_puts(page, "</section>\n");
}

void compared_put_page(struct text *page, const struct comparison *comparison)
{
    page_begin(page, "Besom benchmarks: two runs compared");
    put_header(page, comparison);
    text_puts(page, "<main>\n<table class=\"compare\"><thead><tr><th>figure</th><th>before</th>"
                    "<th>after</th><th>ratio</th><th></th></tr></thead><tbody>\n");
    for (size_t i = 0; i < comparison->n; i++)
        put_change(page, &comparison->changes[i]);
    text_puts(page, "</tbody></table>\n");
    put_alone(page, "Only before", comparison->gone, comparison->n_gone);
    put_alone(page, "Only after", comparison->added, comparison->n_added);
    put_machine(page, "The machine before", comparison->before);
    put_machine(page, "The machine after", comparison->after);
    text_puts(page, "</main>\n");
    page_end(page);
}
