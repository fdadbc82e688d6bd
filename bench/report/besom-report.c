/* besom-report.c - makes a page of the results of besom-bench, or compares two of them. */
#include "bench/report/compare.h"
#include "bench/report/compared.h"
#include "bench/report/page.h"
#include "bench/report/read.h"
#include "bench/whole-file.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char program[] = "besom-report";

enum { DONE = 0, UNABLE = 1, REFUSED = 2, WORSE = 3 };

static void print_help(void)
{
    puts("usage: besom-report RESULTS.json [-o REPORT.html]\n"
         "       besom-report BEFORE.json AFTER.json [-o COMPARISON.html]\n"
         "\n"
         "Makes one HTML page, which needs nothing else, of what besom-bench --json wrote: plots,\n"
         "tables, the machine, the command.  Of two files it prints what changed, beyond noise or\n"
         "within it, and makes a page of that if asked to.\n"
         "\n"
         "  -o, --output FILE  the page (of one file, if this is not given: report.html)\n"
         "  -h, --help         this\n"
         "\n"
         "Plots are drawn by gnuplot (on Debian: package gnuplot-nox); comparing needs none.\n"
         "\n"
         "The exit status is 0 if all is done, 1 if the page cannot be drawn or written, 2 for a\n"
         "wrong command line or a file that is not besom-bench's, and 3 if a comparison found\n"
         "something to be worse beyond noise, or to fail now.");
}

/* Writes what is printed to standard output to its end; a full disk is a failure there too. */
static bool flush_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    fputs("besom-report: standard output cannot be written\n", stderr);
    return false;
}

static bool put_text(FILE *to, const void *data)
{
    const struct text *text = data;
    return fwrite(text->at, 1, text->n, to) == text->n;
}

static int report(const char *from, const char *to)
{
    struct model model;
    struct text page = {0};
    if (!read_results(from, &model))
        return REFUSED;
    const bool is_done = whole_file_probe(program, to) && page_put(&page, &model) &&
                         whole_file_write(program, to, put_text, &page);
    if (is_done)
        fprintf(stderr, "besom-report: wrote %s\n", to);
    text_fini(&page);
    model_free(&model);
    return is_done ? DONE : UNABLE;
}

/* Prints the comparison, and makes the page if `to` is not NULL. */
static int show(const struct comparison *comparison, const char *to)
{
    struct text page = {0};
    compared_print(comparison);
    bool is_done = flush_output();
    if (is_done && to) {
        compared_put_page(&page, comparison);
        is_done = whole_file_write(program, to, put_text, &page);
    }
    text_fini(&page);
    if (!is_done)
        return UNABLE;
    return comparison_count(comparison, VERDICT_WORSE) != 0 ||
                   comparison_count(comparison, VERDICT_BROKE) != 0
               ? WORSE
               : DONE;
}

static int compare_files(const char *from, const char *with, const char *to)
{
    struct model before, after;
    struct comparison comparison;
    if (!read_results(from, &before))
        return REFUSED;
    int status = REFUSED;
    if (read_results(with, &after)) {
        compare(&comparison, &before, &after);
        status = to && !whole_file_probe(program, to) ? UNABLE : show(&comparison, to);
        comparison_free(&comparison);
        model_free(&after);
    }
    model_free(&before);
    return status;
}

static int refuse(const char *why)
{
    fprintf(stderr, "besom-report: %s\nbesom-report: --help says what there is\n", why);
    return REFUSED;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *to = NULL;
    for (int c; (c = getopt_long(argc, argv, "o:h", options, NULL)) != -1;) {
        if (c == 'h') {
            print_help();
            return flush_output() ? DONE : UNABLE;
        }
        if (c != 'o')
            return refuse("wrong option");
        to = optarg;
    }
    const int n = argc - optind;
    if (n != 1 && n != 2)
        return refuse(n == 0 ? "name a file that besom-bench --json wrote" : "more than two files");
    if (to && *to == '\0')
        return refuse("the output's name is empty");
    return n == 1 ? report(argv[optind], to ? to : "report.html")
                  : compare_files(argv[optind], argv[optind + 1], to);
}
