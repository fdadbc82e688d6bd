/* read.c - reads the lines that besom-bench --json writes.
 *
 * Every line is one object of JSON, of one of three kinds, told apart by their keys:
 *
 *     {"machine":{..},"run":{..},"versions":{..}}             once; "run" may be missing
 *     {"workload":..,"contestant":..,"mode":..,"metric":..,"unit":..,"value":..,"min":..,"max":..,
 *      "n":..,"params":{..}}                                  and perhaps "error"
 *     {"workload":..,"contestant":..,"mode":..,"curve":..,"points":[[x,y],..],"params":{..}}
 *
 * Keys beyond these are of later versions, and are passed over.  Anything else that is not so is
 * refused by the number of its line: a report of half a file, or of another program's, would look
 * like a report. */
#include "bench/report/read.h"

#include "bench/report/text.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 16 << 20, LINES_MOST = 50000, NAME_MOST = 100, TEXT_MOST = 2000 };

struct reader {
    struct model *model;
    size_t line;
    size_t machine_line; /* 0: there was none yet */
    json_t *seen;        /* from what identifies a figure or a curve to its line */
    char wrong[400];     /* what is wrong with this line; "": nothing */
};

/* Notes what is wrong; always false. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *reader, const char *format,
                                                         ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->wrong, sizeof reader->wrong, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- values ---- */

/* Text that is neither empty nor too long, and does nothing to a terminal. */
static bool get_text(struct reader *reader, const json_t *object, const char *key, size_t most,
                     char **to)
{
    const json_t *value = json_object_get(object, key);
    const char *string = json_string_value(value);
    if (!string || *string == '\0')
        return refuse(reader, "\"%s\" must be a text that is not empty", key);
    if (strlen(string) > most)
        return refuse(reader, "\"%s\" has more than %zu bytes", key, most);
    for (const char *at = string; *at; at++) {
        if (iscntrl((unsigned char)*at))
            return refuse(reader, "\"%s\" has control characters", key);
    }
    *to = text_copy(string);
    return true;
}

static bool get_number(struct reader *reader, const json_t *object, const char *key, double *to)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        return refuse(reader, "\"%s\" must be a number", key);
    *to = json_number_value(value);
    return true;
}

static bool is_name(const char *name)
{
    for (const char *at = name; *at; at++) {
        if (iscntrl((unsigned char)*at))
            return false;
    }
    return *name && strlen(name) <= NAME_MOST;
}

/* A number or a text; null is an empty text. */
static bool get_fact(struct reader *reader, const json_t *object, const char *key,
                     struct fact *fact)
{
    const json_t *value = json_object_get(object, key);
    if (!is_name(key))
        return refuse(reader, "has a name that is empty, longer than %d bytes or not printable",
                      NAME_MOST);
    if (json_is_string(value))
        return get_text(reader, object, key, TEXT_MOST, &fact->text);
    fact->is_number = json_is_number(value);
    if (!fact->is_number && !json_is_null(value))
        return refuse(reader, "\"%s\" must be a number or a text", key);
    fact->number = json_number_value(value);
    fact->text = fact->is_number ? text_format("%.12g", fact->number) : text_copy("");
    return true;
}

/* Facts by name.  With `before`, which is not NULL, there may be objects inside: `before` is "",
 * and the names of theirs are "outer inner". */
static bool get_facts(struct reader *reader, json_t *object, const char *before, struct facts *to)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        struct fact fact = {0};
        if (json_is_object(value) && before && !*before) {
            if (!get_facts(reader, value, key, to))
                return false;
            continue;
        }
        if (!get_fact(reader, object, key, &fact))
            return false;
        const bool is_inner = before && *before;
        fact.name = text_format("%s%s%s", is_inner ? before : "", is_inner ? " " : "", key);
        facts_add(to, &fact);
    }
    return true;
}

static bool get_origin(struct reader *reader, const json_t *object, struct origin *from)
{
    json_t *params = json_object_get(object, "params");
    from->line = reader->line;
    if (!get_text(reader, object, "workload", NAME_MOST, &from->workload) ||
        !get_text(reader, object, "contestant", NAME_MOST, &from->contestant) ||
        !get_text(reader, object, "mode", NAME_MOST, &from->mode))
        return false;
    if (!json_is_object(params))
        return refuse(reader, "\"params\" must be an object");
    if (!get_facts(reader, params, NULL, &from->params))
        return false;
    origin_complete(from);
    return true;
}

/* The same figure twice would count as two. */
static bool is_new(struct reader *reader, const struct origin *from, const char *kind,
                   const char *name)
{
    char *key = text_format("%s|%s|%s|%s|%s|%s", from->workload, from->contestant, from->mode, kind,
                            name, from->setting);
    const json_t *before = json_object_get(reader->seen, key);
    const json_int_t line = json_integer_value(before);
    const bool is_kept = !before && json_object_set_new(reader->seen, key,
                                                        json_integer((json_int_t)from->line)) == 0;
    free(key);
    if (before)
        return refuse(reader, "has the %s \"%s\" of %s in %s again, which line %lld has", kind,
                      name, from->label, from->workload, (long long)line);
    return is_kept || refuse(reader, "cannot be remembered: out of memory");
}

/* ---- lines ---- */

static bool check_summary(struct reader *reader, const struct summary *summary, double n)
{
    if (n < 0 || n > 1e9 || n != (double)(size_t)n)
        return refuse(reader, "\"n\" must be a number of runs");
    if (!(summary->min <= summary->median && summary->median <= summary->max))
        return refuse(reader, "\"value\" must lie between \"min\" and \"max\"");
    return true;
}

static bool get_figure(struct reader *reader, const json_t *object, struct figure *figure)
{
    struct summary *summary = &figure->summary;
    double n = 0;
    if (!get_origin(reader, object, &figure->from) ||
        !get_text(reader, object, "metric", NAME_MOST, &figure->metric) ||
        !get_text(reader, object, "unit", NAME_MOST, &figure->unit) ||
        !get_number(reader, object, "value", &summary->median) ||
        !get_number(reader, object, "min", &summary->min) ||
        !get_number(reader, object, "max", &summary->max) || !get_number(reader, object, "n", &n))
        return false;
    if (!check_summary(reader, summary, n))
        return false;
    summary->n = (size_t)n;
    if (json_object_get(object, "error") &&
        !get_text(reader, object, "error", TEXT_MOST, &figure->error))
        return false;
    return is_new(reader, &figure->from, "metric", figure->metric);
}

static bool get_points(struct reader *reader, const json_t *object, struct curve *curve)
{
    const json_t *points = json_object_get(object, "points");
    if (!json_is_array(points))
        return refuse(reader, "\"points\" must be a list of [x,y]");
    curve->points = text_realloc(NULL, (json_array_size(points) + 1) * sizeof *curve->points);
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);
        const json_t *x = json_array_get(point, 0), *y = json_array_get(point, 1);
        if (json_array_size(point) != 2 || !json_is_number(x) || !json_is_number(y))
            return refuse(reader, "point %zu of \"points\" is not a pair of numbers", i + 1);
        curve->points[i] = (struct point){json_number_value(x), json_number_value(y)};
        if (i != 0 && curve->points[i].x < curve->points[i - 1].x)
            return refuse(reader, "point %zu of \"points\" lies left of the one before", i + 1);
    }
    curve->n = json_array_size(points);
    return true;
}

static bool get_curve(struct reader *reader, const json_t *object, struct curve *curve)
{
    return get_origin(reader, object, &curve->from) &&
           get_text(reader, object, "curve", NAME_MOST, &curve->name) &&
           get_points(reader, object, curve) && is_new(reader, &curve->from, "curve", curve->name);
}

static bool get_machine(struct reader *reader, const json_t *object)
{
    struct model *model = reader->model;
    json_t *machine = json_object_get(object, "machine"), *run = json_object_get(object, "run");
    json_t *versions = json_object_get(object, "versions");
    if (reader->machine_line != 0)
        return refuse(reader, "is a second line with \"machine\"; the first is line %zu",
                      reader->machine_line);
    reader->machine_line = reader->line;
    if (!json_is_object(machine) || !json_is_object(versions))
        return refuse(reader, "\"machine\" and \"versions\" must be objects");
    if (run && !get_text(reader, run, "command", TEXT_MOST, &model->command))
        return false;
    if (run && json_object_get(run, "options") &&
        !get_text(reader, run, "options", TEXT_MOST, &model->options))
        return false;
    return get_facts(reader, machine, "", &model->machine) &&
           get_facts(reader, versions, NULL, &model->versions);
}

static bool get_line(struct reader *reader, const json_t *object)
{
    if (!json_is_object(object))
        return refuse(reader, "is not an object of JSON");
    if (json_object_get(object, "machine"))
        return get_machine(reader, object);
    if (json_object_get(object, "metric")) {
        struct figure figure = {0};
        const bool is_good = get_figure(reader, object, &figure);
        model_add_figure(reader->model, &figure);
        return is_good;
    }
    if (json_object_get(object, "curve")) {
        struct curve curve = {0};
        const bool is_good = get_curve(reader, object, &curve);
        model_add_curve(reader->model, &curve);
        return is_good;
    }
    return refuse(reader,
                  "is no line of besom-bench: it has neither \"machine\" nor \"metric\" nor "
                  "\"curve\"");
}

/* The next line, without its end, into `text`, or a little more of it than is allowed; false at the
 * end of the file. */
static bool next_line(FILE *from, struct text *text, bool *is_ended)
{
    text->n = 0;
    text_puts(text, "");
    int c;
    while ((c = getc_unlocked(from)) != EOF && c != '\n' && text->n <= LINE_MOST) {
        const char byte = (char)c;
        text_put(text, &byte, 1);
    }
    *is_ended = c == '\n';
    return c != EOF || text->n != 0;
}

static bool read_line(struct reader *reader, const struct text *text, bool is_ended)
{
    if (text->n > LINE_MOST)
        return refuse(reader, "is longer than %d MiB", LINE_MOST >> 20);
    if (reader->line > LINES_MOST)
        return refuse(reader, "is one too many: more than %d", LINES_MOST);
    json_error_t error;
    json_t *object = json_loadb(text->at, text->n, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return refuse(reader, "%s: %s at byte %d",
                      is_ended ? "is not JSON" : "is cut off, or not JSON", error.text,
                      error.position);
    const bool is_good = get_line(reader, object);
    json_decref(object);
    return is_good;
}

/* ---- the file ---- */

static bool read_lines(struct reader *reader, FILE *from)
{
    struct text text = {0};
    bool is_good = true, is_ended;
    while (is_good && next_line(from, &text, &is_ended)) {
        reader->line++;
        is_good = read_line(reader, &text, is_ended);
    }
    text_fini(&text);
    return is_good;
}

/* What only the whole file shows. */
static const char *what_is_missing(const struct reader *reader)
{
    if (reader->line == 0)
        return "is empty: it must be what besom-bench --json wrote";
    if (reader->machine_line == 0)
        return "has no line with \"machine\": it is not whole";
    if (reader->model->n_figures == 0 && reader->model->n_curves == 0)
        return "has no results: it has neither a \"metric\" nor a \"curve\"";
    return NULL;
}

bool read_results(const char *path, struct model *model)
{
    *model = (struct model){.path = path};
    FILE *from = fopen(path, "r");
    if (!from) {
        fprintf(stderr, "besom-report: %s cannot be read: %s\n", path, strerror(errno));
        return false;
    }
    struct reader reader = {.model = model, .seen = json_object()};
    const bool is_read = read_lines(&reader, from);
    const char *missing = is_read ? what_is_missing(&reader) : NULL;
    const bool has_failed = ferror(from);
    if (has_failed)
        fprintf(stderr, "besom-report: %s cannot be read: %s\n", path, strerror(errno));
    else if (!is_read)
        fprintf(stderr, "besom-report: %s: line %zu %s\n", path, reader.line, reader.wrong);
    else if (missing)
        fprintf(stderr, "besom-report: %s %s\n", path, missing);
    fclose(from);
    json_decref(reader.seen);
    const bool is_good = is_read && !missing && !has_failed;
    if (!is_good)
        model_free(model);
    return is_good;
}
