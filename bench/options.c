/* options.c - the command line of besom-bench. */
#include "bench/options.h"

#include "bench/contestant.h"
#include "bench/plan.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void options_print_help(void)
{
    puts("usage: besom-bench [--list] [--quick] [--only WORKLOAD,..] [--contestant NAME,..]\n"
         "                   [--repeat N] [--json FILE]\n"
         "\n"
         "Runs every workload on every contestant that is here, each run in a process of its own,\n"
         "and prints a table for each workload: medians, spreads, ratios to a baseline.\n"
         "\n"
         "  --list             name the workloads and the contestants\n"
         "  --quick            smaller sizes, fewer variants; under four minutes in all\n"
         "  --only LIST        these workloads\n"
         "  --contestant LIST  these contestants; NAME:MODE for one mode of one\n"
         "  --repeat N         N runs of each (3, of the longest 1)\n"
         "  --json FILE        write the results to FILE as well, one JSON object on a line");
}

static void print_workloads(FILE *to)
{
    fputs("workloads:\n", to);
    for (size_t i = 0; i < n_plans; i++)
        fprintf(to, "  %-16s %s\n", plans[i].name, plans[i].about);
}

static void print_contestants(FILE *to)
{
    fputs("contestants:\n", to);
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct contestant *who = &contestants[i];
        fprintf(to, "  %s%s%s\n", who->name, who->mode[0] ? ":" : "", who->mode);
    }
}

void options_print_list(void)
{
    print_workloads(stdout);
    print_contestants(stdout);
}

static bool select_workloads(struct options *options, const char *list)
{
    for (const char *at = list;;) {
        size_t length = strcspn(at, ",");
        const struct plan *plan = plan_find(at, length);
        if (!plan) {
            fprintf(stderr, "besom-bench: there is no workload '%.*s'\n", (int)length, at);
            print_workloads(stderr);
            return false;
        }
        options->selects[plan - plans] = true;
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

static bool select_contestants(struct options *options, const char *list)
{
    const char *bad;
    unsigned set;
    if (!contestants_parse(list, &set, &bad)) {
        fprintf(stderr, "besom-bench: there is no contestant '%.*s'\n", (int)strcspn(bad, ","),
                bad);
        print_contestants(stderr);
        return false;
    }
    options->who |= set;
    return true;
}

static bool set_repeat(struct options *options, const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || text[0] == '-' || n < 1 || n > OPTIONS_REPEAT_MAX) {
        fprintf(stderr, "besom-bench: --repeat takes a number from 1 to %d, not '%s'\n",
                OPTIONS_REPEAT_MAX, text);
        return false;
    }
    options->repeat = (unsigned)n;
    return true;
}

static bool apply(struct options *options, int option, bool *has_only)
{
    switch (option) {
    case 'l': options->is_list = true; return true;
    case 'h': options->is_help = true; return true;
    case 'q': options->is_quick = true; return true;
    case 'j': options->json = optarg; return true;
    case 'o': *has_only = true; return select_workloads(options, optarg);
    case 'c': return select_contestants(options, optarg);
    case 'r': return set_repeat(options, optarg);
    default: return false; /* getopt_long has said why */
    }
}

bool options_parse(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {
        {"list", no_argument, NULL, 'l'},         {"quick", no_argument, NULL, 'q'},
        {"only", required_argument, NULL, 'o'},   {"contestant", required_argument, NULL, 'c'},
        {"repeat", required_argument, NULL, 'r'}, {"json", required_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    *options = (struct options){0};
    bool has_only = false;
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (!apply(options, option, &has_only))
            return false;
    }
    if (optind != argc) {
        fprintf(stderr, "besom-bench: '%s' is not an option\n", argv[optind]);
        return false;
    }
    for (size_t i = 0; i < n_plans && !has_only; i++)
        options->selects[i] = true;
    return true;
}
