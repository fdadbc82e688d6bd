/* json.c - the results as lines of JSON. */
#include "bench/json.h"

#include "bench/overhead.h"
#include "bench/whole-file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines ---- */

static void put_string(FILE *to, const char *text)
{
    putc('"', to);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else if (c < 0x20)
            fprintf(to, "\\u%04x", c);
        else
            putc(c, to);
    }
    putc('"', to);
}

static void put_machine(FILE *to, const struct machine *machine)
{
    fputs("{\"machine\":{\"cpu\":", to);
    put_string(to, machine->cpu);
    fprintf(to, ",\"cores\":%u,\"memory_bytes\":%" PRIu64 ",\"kernel\":", machine->cores,
            machine->memory_bytes);
    put_string(to, machine->kernel);
    fprintf(to,
            ",\"load\":%.2f,\"idle_hiccup_us\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f,\"n\":%zu}}",
            machine->load, machine->hiccup_p50_us, machine->hiccup_p99_us, machine->hiccup_max_us,
            machine->hiccups);
}

/* The words of the command, as a shell would take them. */
static void put_command(FILE *to, char *const *command)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./,:=+@%";
    char text[2000];
    size_t n = 0;
    for (; *command && n < sizeof text; command++) {
        const bool is_plain = **command && (*command)[strspn(*command, plain)] == '\0';
        n += (size_t)snprintf(text + n, sizeof text - n, is_plain ? "%s%s" : "%s'%s'",
                              n == 0 ? "" : " ", *command);
    }
    put_string(to, text);
}

/* How to repeat it: the command, and the options of Besom's heaps that came from outside. */
static void put_run(FILE *to, char *const *command)
{
    const char *options = getenv("BESOM_OPTIONS");
    fputs(",\"run\":{\"command\":", to);
    put_command(to, command);
    if (options && options[0]) {
        fputs(",\"options\":", to);
        put_string(to, options);
    }
    putc('}', to);
}

/* A missing contestant's version is null. */
static void put_versions(FILE *to)
{
    fputs(",\"versions\":{", to);
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct contestant *who = &contestants[i];
        if (i != 0 && strcmp(who->name, who[-1].name) == 0)
            continue; /* another mode of the same */
        fprintf(to, "%s\"%s\":", i == 0 ? "" : ",", who->name);
        if (who->version[0])
            put_string(to, who->version);
        else
            fputs("null", to);
    }
    fputs("}}\n", to);
}

/* The NAME=VALUE words of a setting: numbers as numbers, words as strings. */
static void put_parameters(FILE *to, const char *parameters)
{
    char text[256];
    snprintf(text, sizeof text, "%s", parameters);
    const char *comma = "";
    char *rest = text;
    for (char *word; (word = strsep(&rest, " ")) != NULL; comma = ",") {
        char *value = strchr(word, '=');
        char *end;
        *value++ = '\0';
        strtod(value, &end);
        fprintf(to, "%s\"%s\":", comma, word);
        if (*end == '\0')
            fputs(value, to);
        else
            put_string(to, value);
    }
}

/* Those that it was started with, and those that it found; its heap limit only on request. */
static void put_params(FILE *to, const struct row *row, bool with_limit)
{
    fputs(",\"params\":{", to);
    put_parameters(to, row->parameters);
    if (with_limit && row->heap_factor != 0)
        fprintf(to, ",\"heap_factor\":%.4g,\"heap_bytes\":%" PRIu64, row->heap_factor,
                row->heap_bytes);
    for (size_t i = 0; i < row->n_params; i++)
        fprintf(to, ",\"%s\":%.12g", row->params[i].name, row->params[i].value);
    putc('}', to);
}

static void begin_line(FILE *to, const struct row *row)
{
    const char *mode = row->who->mode[0] ? row->who->mode : "default";
    fprintf(to, "{\"workload\":\"%s\",\"contestant\":\"%s\",\"mode\":\"%s\"", row->plan->name,
            row->who->name, mode);
}

static void put_metric(FILE *to, const struct row *row, const char *name, const char *unit,
                       const struct summary *summary)
{
    begin_line(to, row);
    fprintf(to,
            ",\"metric\":\"%s\",\"unit\":\"%s\",\"value\":%.6g,\"min\":%.6g,\"max\":%.6g,"
            "\"n\":%zu",
            name, unit, summary->median, summary->min, summary->max, summary->n);
    put_params(to, row, true);
    if (row->failed[0]) {
        fputs(",\"error\":", to);
        put_string(to, row->failed);
    }
    fputs("}\n", to);
}

static bool is_first_of_curve(const struct row *row, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(row->points[j].curve, row->points[i].curve) == 0)
            return false;
    }
    return true;
}

/* A line for the curve that has points[first], which is its first. */
static void put_curve(FILE *to, const struct row *row, size_t first)
{
    const char *comma = "";
    begin_line(to, row);
    fprintf(to, ",\"curve\":\"%s\",\"points\":[", row->points[first].curve);
    for (size_t i = first; i < row->n_points; i++) {
        const struct point *point = &row->points[i];
        if (strcmp(point->curve, row->points[first].curve) != 0)
            continue;
        fprintf(to, "%s[%.6g,%.6g]", comma, point->x, point->y);
        comma = ",";
    }
    putc(']', to);
    put_params(to, row, true);
    fputs("}\n", to);
}

/* The overheads of a row. */
static void put_overheads(FILE *to, const struct rows *rows, const struct row *row)
{
    for (int i = 0; i < OVERHEAD_CLOCKS; i++) {
        const struct summary lbo = overhead_of(rows, row, (enum overhead_clock)i);
        if (lbo.n != 0)
            put_metric(to, row, overhead_metrics[i], "ratio", &lbo);
    }
}

/* A curve of a contestant over the heap limits of a setting; where it has no figure there is no
 * point.  `row` is its first that has. */
static void put_limit_curve(FILE *to, const struct rows *rows, const struct row *row,
                            enum overhead_clock clock, bool is_ratio)
{
    const char *comma = "";
    begin_line(to, row);
    fprintf(to, ",\"curve\":\"%s\",\"points\":[",
            is_ratio ? overhead_curves[clock] : overhead_times[clock]);
    for (const double *factor = row->plan->factors; *factor != 0; factor++) {
        const struct row *at = overhead_at(rows, row, *factor);
        const struct summary time = at ? overhead_time(at, clock) : (struct summary){0};
        if (time.n == 0)
            continue;
        const double y = is_ratio ? overhead_of(rows, at, clock).median : time.median;
        fprintf(to, "%s[%.6g,%.6g]", comma, *factor, y);
        comma = ",";
    }
    putc(']', to);
    put_params(to, row, false);
    fputs("}\n", to);
}

/* The first row of the same contestant and setting that has the figure; NULL: none. */
static const struct row *first_timed(const struct rows *rows, const struct row *row,
                                     enum overhead_clock clock)
{
    for (const double *factor = row->plan->factors; *factor != 0; factor++) {
        const struct row *at = overhead_at(rows, row, *factor);
        if (at && overhead_time(at, clock).n != 0)
            return at;
    }
    return NULL;
}

static void put_limit_curves(FILE *to, const struct rows *rows, const struct row *row)
{
    double least_ms;
    if (!overhead_is_first(rows, row))
        return;
    for (int i = 0; i < OVERHEAD_CLOCKS; i++) {
        const enum overhead_clock clock = (enum overhead_clock)i;
        const struct row *first = first_timed(rows, row, clock);
        if (first && overhead_baseline(rows, row, clock, &least_ms))
            put_limit_curve(to, rows, first, clock, true);
        if (first)
            put_limit_curve(to, rows, first, clock, false);
    }
}

/* Whether it completed: a metric of some workloads; of others only if it did not always. */
static void put_completed(FILE *to, const struct row *row)
{
    double most = row->failures < row->runs ? 1 : 0;
    const struct summary summary = {2 * row->failures < row->runs ? 1 : 0, 0, most, row->runs};
    put_metric(to, row, "completed", "runs", &summary);
}

static void put_row(FILE *to, const struct row *row)
{
    for (size_t i = 0; row->plan->metrics[i]; i++) {
        const struct metric *metric = row->plan->metrics[i];
        struct summary summary = row_summary(row, i);
        if (summary.n != 0 && !row->is_wrong)
            put_metric(to, row, metric->name, metric->unit, &summary);
    }
    for (size_t i = 0; i < row->n_points && !row->is_wrong; i++) {
        if (is_first_of_curve(row, i))
            put_curve(to, row, i);
    }
    if (row->failed[0] && plan_metric(row->plan, "completed") == PLAN_METRICS)
        put_completed(to, row);
}

/* ---- the file ---- */

static const char program[] = "besom-bench";

struct results {
    char *const *command;
    const struct machine *machine;
    const struct rows *rows;
};

static bool put_all(FILE *to, const void *data)
{
    const struct results *results = data;
    const struct rows *rows = results->rows;
    put_machine(to, results->machine);
    put_run(to, results->command);
    put_versions(to);
    for (size_t i = 0; i < rows->n; i++)
        put_row(to, &rows->at[i]);
    for (size_t i = 0; i < rows->n; i++)
        put_overheads(to, rows, &rows->at[i]);
    for (size_t i = 0; i < rows->n; i++)
        put_limit_curves(to, rows, &rows->at[i]);
    return true;
}

bool json_probe(const char *path)
{
    return whole_file_probe(program, path);
}

bool json_write(const char *path, char *const *command, const struct machine *machine,
                const struct rows *rows)
{
    const struct results results = {command, machine, rows};
    return whole_file_write(program, path, put_all, &results);
}
