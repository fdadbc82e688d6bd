/* besom-bench.c - the benchmark program: plans, runs, prints.  doc/benchmarks.md says how. */
#include "bench/contestant.h"
#include "bench/json.h"
#include "bench/machine.h"
#include "bench/options.h"
#include "bench/schedule.h"
#include "bench/table.h"
#include "bench/targets.h"

#include <stdio.h>

/* Who is here, in which version; who is not. */
static void print_versions(unsigned who)
{
    const char *separator = "versions: ";
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct contestant *c = &contestants[i];
        bool is_repeated = i != 0 && c->worker == c[-1].worker && !c->library;
        if (!c->version[0] || is_repeated)
            continue;
        printf("%s%s %s", separator, c->name, c->version);
        separator = ", ";
    }
    putchar('\n');
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct contestant *c = &contestants[i];
        if (c->version[0] || (who != 0 && !(who & 1u << i)))
            continue;
        char label[60];
        contestant_label(c, label, sizeof label);
        printf("skipped: %s: %s\n", label, c->absence);
    }
    fflush(stdout);
}

/* Runs the selected workloads, each followed by its table; false without memory. */
static bool run(const struct options *options, struct rows *rows)
{
    struct schedule schedule = {
        .is_quick = options->is_quick, .repeat = options->repeat, .who = options->who};
    size_t first[OPTIONS_PLANS_MAX + 1];
    for (size_t i = 0; i < n_plans; i++) {
        first[i] = rows->n;
        if (options->selects[i] && !schedule_add(&schedule, &plans[i], rows))
            return false;
    }
    first[n_plans] = rows->n;
    for (size_t i = 0; i < n_plans; i++) {
        schedule_run(&schedule, rows->at + first[i], rows->at + first[i + 1]);
        table_print(rows, first[i], first[i + 1]);
    }
    return true;
}

static int bench(const struct options *options, char *const *command)
{
    struct machine machine;
    struct rows rows = {0};
    contestants_probe();
    machine_look(&machine);
    machine_print(&machine);
    print_versions(options->who);
    bool is_good = run(options, &rows);
    if (!is_good)
        fputs("besom-bench: out of memory\n", stderr);
    else if (rows.n == 0)
        puts("no contestant of those asked for runs these workloads");
    for (size_t i = 0; i < rows.n; i++)
        is_good = is_good && !rows.at[i].is_wrong;
    targets_print(&rows);
    if (options->json)
        is_good = json_write(options->json, command, &machine, &rows) && is_good;
    rows_free(&rows);
    return is_good ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options options;
    if (!options_parse(&options, argc, argv)) {
        fputs("besom-bench: --help says what there is\n", stderr);
        return 2;
    }
    if (options.is_help || options.is_list) {
        if (options.is_help)
            options_print_help();
        if (options.is_list)
            options_print_list();
        return 0;
    }
    if (options.json && !json_probe(options.json))
        return 1;
    return bench(&options, argv);
}
