/* page.c - the report: one HTML page that needs nothing else. */
#include "bench/report/page.h"

#include "bench/report/css.h"
#include "bench/report/figures.h"
#include "bench/report/overview.h"
#include "bench/report/tables.h"
#include "bench/report/words.h"

#include <stdlib.h>
#include <string.h>

static const struct section {
    const char *id, *title, *about;
    bool (*put)(struct figures *figures, const struct model *model);
} sections[] = {
    {"pauses", "Pauses",
     "How long a program is kept from running. A stop is what a collector tells of itself; "
     "operations "
     "are measured from outside, and count whatever kept them waiting.",
     figures_pauses},
    {"latency", "Request latency",
     "Requests come when they were planned, whether the program is ready or not, and wait from "
     "then.",
     figures_latency},
    {"retained", "Retained garbage",
     "Memory that the program is done with and that is not free yet. Logical garbage is the "
     "program's "
     "own fault; the rest is the collector's.",
     figures_retained},
    {"cost", "Cost against heap size",
     "A tracing collector trades memory for time: the smaller the heap, the more often it runs. A "
     "contestant that is missing at a size did not complete there.",
     figures_cost},
    {"ephemerons", "Ephemerons",
     "A full collection of a table with weak keys whose entries live because of one another, in "
     "the "
     "worst order. A level line is linear time; a rising one is more.",
     figures_ephemerons},
    {"scaling", "Scaling", "Time against the number of threads that allocate.", figures_scaling},
    {"others", "Other curves", "What this version of the report has no special place for.",
     figures_others},
};

/* ---- sections ---- */

static void begin_section(struct text *page, const char *id, const char *title, const char *about)
{
    text_printf(page, "<section id=\"%s\"><h2>%s</h2>\n<p>%s</p>\n", id, title, about);
}

static void note(struct text *contents, const char *id, const char *title)
{
    text_printf(contents, "<li><a href=\"#%s\">%s</a></li>\n", id, title);
}

/* Adds a section if there are figures for it. */
static bool put_section(struct figures *figures, struct text *contents, const struct model *model,
                        const struct section *section)
{
    struct text *page = &figures->page;
    const size_t before = page->n;
    const unsigned figures_before = figures->n;
    begin_section(page, section->id, section->title, section->about);
    text_printf(page, "<div class=\"figures%s\">\n",
                section->put == figures_retained ? " pairs" : "");
    if (!section->put(figures, model))
        return false;
    if (figures->n == figures_before) {
        page->n = before;
        page->at[before] = '\0';
        return true;
    }
    text_puts(page, "</div></section>\n");
    note(contents, section->id, section->title);
    return true;
}

static void put_overview(struct text *page, struct text *contents, const struct model *model)
{
    struct text table = {0};
    overview_put(&table, model);
    if (table.n != 0) {
        text_puts(page, "<section id=\"overview\"><h2>Overview</h2>\n");
        text_put(page, table.at, table.n);
        text_puts(page, "</section>\n");
        note(contents, "overview", "Overview");
    }
    text_fini(&table);
}

/* ---- the machine and the command ---- */

static void put_fact(struct text *page, const struct fact *fact)
{
    char *words = words_param(fact);
    text_puts(page, "<dt>");
    const bool is_bytes = fact->is_number && strstr(fact->name, "_bytes");
    text_html(page, is_bytes ? "memory" : fact->name);
    text_puts(page, "</dt><dd>");
    text_html(page, is_bytes ? strstr(words, "\u00a0") + 2 : fact->text);
    text_puts(page, "</dd>\n");
    free(words);
}

void page_put_machine(struct text *page, const struct model *model)
{
    text_puts(page, "<dl>\n");
    for (size_t i = 0; i < model->machine.n; i++)
        put_fact(page, &model->machine.at[i]);
    text_puts(page, "</dl>\n<dl>\n");
    for (size_t i = 0; i < model->versions.n; i++) {
        const struct fact *version = &model->versions.at[i];
        text_puts(page, "<dt>");
        text_html(page, version->name);
        text_puts(page, "</dt><dd>");
        text_html(page, version->text[0] ? version->text : "was not there");
        text_puts(page, "</dd>\n");
    }
    text_puts(page, "</dl>\n");
}

/* Of a file that does not tell its command: what can be seen. */
static void put_likely_command(struct text *page, const struct model *model)
{
    size_t n, runs = 0;
    const char **names = model_workloads(model, &n);
    for (size_t i = 0; i < model->n_figures; i++)
        runs = model->figures[i].summary.n > runs ? model->figures[i].summary.n : runs;
    text_puts(page,
              "<p>The file does not tell its command. These workloads, repeated as often:</p>\n"
              "<pre><code>bench/besom-bench --only ");
    for (size_t i = 0; i < n; i++) {
        text_puts(page, i == 0 ? "" : ",");
        text_html(page, names[i]);
    }
    text_printf(page, " --repeat %zu --json results.json</code></pre>\n", runs == 0 ? 1 : runs);
    free(names);
}

static void put_command(struct text *page, const struct model *model)
{
    begin_section(
        page, "repeat", "Repeating it",
        "In a build tree of Besom. Figures of another machine will differ; ratios less so.");
    if (model->command) {
        text_puts(page, "<pre><code>");
        if (model->options) {
            text_puts(page, "BESOM_OPTIONS=");
            text_html(page, model->options);
            text_puts(page, " ");
        }
        text_html(page, model->command);
        text_puts(page, "</code></pre>\n");
    } else {
        put_likely_command(page, model);
    }
    text_puts(page, "<p>and then, for this page:</p>\n"
                    "<pre><code>bench/besom-report results.json -o report.html</code></pre>\n"
                    "</section>\n");
}

/* ---- the page ---- */

void page_begin(struct text *page, const char *title)
{
    text_puts(page,
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    text_html(page, title);
    text_puts(page, "</title>\n<style>\n");
    css_put(page);
    text_puts(page, "</style>\n</head>\n<body>\n");
}

void page_end(struct text *page)
{
    text_puts(page, "<footer>Made by besom-report.</footer>\n</body>\n</html>\n");
}

static void put_header(struct text *page, const struct model *model)
{
    const struct fact *cpu = facts_find(&model->machine, "cpu");
    const struct fact *cores = facts_find(&model->machine, "cores");
    const struct fact *version = facts_find(&model->versions, "besom");
    text_puts(page, "<header><h1>Besom benchmarks</h1>\n<p>");
    if (version) {
        text_puts(page, "Besom ");
        text_html(page, version->text);
    }
    if (cpu) {
        text_puts(page, version ? " on " : "On ");
        text_html(page, cpu->text);
    }
    if (cores) {
        text_puts(page, ", ");
        text_html(page, cores->text);
        text_puts(page, " processors");
    }
    text_puts(
        page,
        ". Figures are medians of repeated runs, with their spread from the least to the "
        "most; n is how many runs there were. With one run there is no spread, and no telling "
        "noise from difference.</p></header>\n");
}

static bool put_body(struct figures *figures, struct text *contents, const struct model *model)
{
    put_overview(&figures->page, contents, model);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (!put_section(figures, contents, model, &sections[i]))
            return false;
    }
    begin_section(
        &figures->page, "tables", "All figures",
        "A table for each metric of each setting. A ratio inside the spread of the runs is a "
        "tie.");
    tables_put(&figures->page, model);
    text_puts(&figures->page, "</section>\n");
    note(contents, "tables", "All figures");
    begin_section(
        &figures->page, "machine", "Machine and versions",
        "The idle hiccup is by how much sleeps of a millisecond were overshot while nothing "
        "ran: noise for which no contestant is to blame.");
    page_put_machine(&figures->page, model);
    text_puts(&figures->page, "</section>\n");
    note(contents, "machine", "Machine and versions");
    put_command(&figures->page, model);
    note(contents, "repeat", "Repeating it");
    return true;
}

bool page_put(struct text *page, const struct model *model)
{
    struct figures figures;
    struct text contents = {0};
    const bool is_good = figures_init(&figures) && put_body(&figures, &contents, model);
    if (is_good) {
        page_begin(page, "Besom benchmarks");
        text_put(page, figures.markers.at, figures.markers.n);
        put_header(page, model);
        text_puts(page, "<nav aria-label=\"Contents\"><ol>\n");
        text_put(page, contents.at, contents.n);
        text_puts(page, "</ol></nav>\n<main>\n");
        text_put(page, figures.page.at, figures.page.n);
        text_puts(page, "</main>\n");
        page_end(page);
    }
    figures_fini(&figures);
    text_fini(&contents);
    return is_good;
}
