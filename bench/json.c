/* json.c - the results as lines of JSON. */
#include "bench/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void put_params(FILE *to, const struct row *row)
{
    fputs(",\"params\":{", to);
    put_parameters(to, row->parameters);
    if (row->heap_factor != 0)
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
    put_params(to, row);
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
    put_params(to, row);
    fputs("}\n", to);
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

static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static bool complain(const char *path)
{
    fprintf(stderr, "besom-bench: %s cannot be written: %s\n", path, strerror(errno));
    return false;
}

/* The name under which `path` is written; NULL without memory. */
static char *part_name(const char *path)
{
    size_t n = strlen(path) + 32;
    char *name = malloc(n);
    if (name)
        snprintf(name, n, "%s.part-%ld", path, (long)getpid());
    return name;
}

bool json_probe(const char *path)
{
    if (is_special(path))
        return access(path, W_OK) == 0 || complain(path);
    char *part = part_name(path);
    FILE *to = part ? fopen(part, "wx") : NULL;
    if (to) {
        fclose(to);
        unlink(part);
    } else {
        complain(path);
    }
    free(part);
    return to != NULL;
}

/* Writes everything and closes; false, with errno, if any of it failed. */
static bool put_all(FILE *to, char *const *command, const struct machine *machine,
                    const struct rows *rows)
{
    put_machine(to, machine);
    put_run(to, command);
    put_versions(to);
    for (size_t i = 0; i < rows->n; i++)
        put_row(to, &rows->at[i]);
    bool is_written = fflush(to) == 0 && !ferror(to);
    return fclose(to) == 0 && is_written;
}

bool json_write(const char *path, char *const *command, const struct machine *machine,
                const struct rows *rows)
{
    if (is_special(path)) {
        FILE *to = fopen(path, "w");
        return (to && put_all(to, command, machine, rows)) || complain(path);
    }
    char *part = part_name(path);
    FILE *to = part ? fopen(part, "wx") : NULL;
    bool is_done = to && put_all(to, command, machine, rows) && rename(part, path) == 0;
    if (!is_done) {
        complain(path);
        if (to)
            unlink(part);
    }
    free(part);
    return is_done;
}
