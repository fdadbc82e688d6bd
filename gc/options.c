/* options.c - one table of options: name, type, default, range, help. */
#include "gc/options.h"

#include "gc/report.h"
#include "gc/worklist.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, COUNT, BYTES, SEED, MODE, SAFEPOINTS, PACE, TEXT };

struct option {
    const char *name;
    enum kind kind;
    size_t offset;
    uint64_t preset, min, max;
    const char *help;
};

static const uint64_t no_max = SIZE_MAX / 4;

#define OPTION(field, kind, preset, min, max, help)                                 \
    {                                                                               \
#field, kind, offsetof(struct besom_options, field), preset, min, max, help \
    }
#define NAMED(name, field, kind, preset, min, max, help)                          \
    {                                                                             \
        name, kind, offsetof(struct besom_options, field), preset, min, max, help \
    }

static const struct option table[] = {
    OPTION(mode, MODE, BESOM_STW, 0, BESOM_CONCURRENT, "how the collector's work is driven"),
    OPTION(generational, FLAG, 0, 0, 1, "minor cycles judge only what is young"),
    NAMED("nursery", nursery_bytes, BYTES, 4 << 20, 64 << 10, no_max,
          "generational: allocated between minor cycles, at least"),
    OPTION(concurrent_threads, COUNT, 1, 1, MAX_MARKERS,
           "mode=concurrent: threads that mark beside mutators"),
    OPTION(safepoints, SAFEPOINTS, BESOM_GC_AT_POLL, 0, BESOM_GC_AT_ALLOC,
           "where a collection may happen"),
    OPTION(pace, PACE, BESOM_PACE_SQRT, 0, BESOM_PACE_FIXED,
           "how far the heap grows between cycles"),
    NAMED("heap_min", heap_min_bytes, BYTES, 4 << 20, 0, no_max, "no cycle starts below this"),
    NAMED("heap_max", heap_max_bytes, BYTES, 0, 0, no_max, "hard limit; 0: none"),
    NAMED("pace_factor", pace_factor_percent, COUNT, 200, 105, 10000,
          "pace=factor: percent of live"),
    NAMED("pace_unit", pace_unit_bytes, BYTES, 32 << 20, 1 << 10, no_max,
          "pace=sqrt: larger means fewer cycles and more memory"),
    OPTION(mark_threads, COUNT, 0, 0, MAX_MARKERS, "0: the online processors, at most 8"),
    NAMED("mark_stack", mark_stack_entries, COUNT, 256 << 20, 64, (uint64_t)1 << 40,
          "entries marking may have pending before it takes a slower way"),
    OPTION(give_back_ms, COUNT, 1000, 0, 1000000000,
           "empty blocks go back to the system after this"),
    OPTION(huge_pages, FLAG, 0, 0, 1, "ask for huge pages beyond the first 32 MiB"),
    OPTION(scan_stacks, FLAG, 0, 0, 1, "C stacks are ambiguous roots"),
    OPTION(pauses, COUNT, 0, 0, 1 << 20, "how many of the last pauses are kept"),
    OPTION(trace, TEXT, 0, 0, UINT64_MAX, "file that gets a trace for Perfetto"),
    OPTION(stress, COUNT, 0, 0, no_max, "collect at every nth safepoint; 0: off"),
    OPTION(slow, FLAG, 0, 0, 1, "the smallest quanta of work, of seeded random size"),
    OPTION(seed, SEED, 0, 0, UINT64_MAX, "for slow; 0: from the clock"),
    OPTION(verify, FLAG, 0, 0, 1, "check the invariants around every cycle"),
    OPTION(poison, FLAG, 0, 0, 1, "overwrite the dead and keep them from reuse for a cycle"),
    OPTION(audit_stack, FLAG, 0, 0, 1, "report the dying that a C stack still mentions"),
    OPTION(check_frames, FLAG, 0, 0, 1, "report frames that a longjmp skipped"),
    OPTION(barrier, FLAG, 0, 0, 1, "keep the write barrier on in a mode that ignores it"),
};
enum { N_OPTIONS = sizeof table / sizeof table[0] };

static const char *const modes[] = {"stw", "incremental", "concurrent", NULL};
static const char *const safepoints[] = {"poll", "alloc", NULL};
static const char *const paces[] = {"sqrt", "factor", "fixed", NULL};

static const char *const *choices_of(enum kind kind)
{
    return kind == MODE ? modes : kind == SAFEPOINTS ? safepoints : kind == PACE ? paces : NULL;
}

/* ---- values ---- */

static uint64_t get(const struct besom_options *options, const struct option *o)
{
    const void *field = (const char *)options + o->offset;
    switch (o->kind) {
    case FLAG: return *(const bool *)field;
    case COUNT:
    case BYTES: return *(const size_t *)field;
    case SEED: return *(const uint64_t *)field;
    case MODE: return (uint64_t) * (const enum besom_mode *)field;
    case SAFEPOINTS: return (uint64_t) * (const enum besom_safepoints *)field;
    case PACE: return (uint64_t) * (const enum besom_pace *)field;
    case TEXT: return (uintptr_t) * (const char *const *)field;
    }
    return 0;
}

static void set(struct besom_options *options, const struct option *o, uint64_t value)
{
    void *field = (char *)options + o->offset;
    switch (o->kind) {
    case FLAG: *(bool *)field = value != 0; break;
    case COUNT:
    case BYTES: *(size_t *)field = (size_t)value; break;
    case SEED: *(uint64_t *)field = value; break;
    case MODE: *(enum besom_mode *)field = (enum besom_mode)value; break;
    case SAFEPOINTS: *(enum besom_safepoints *)field = (enum besom_safepoints)value; break;
    case PACE: *(enum besom_pace *)field = (enum besom_pace)value; break;
    case TEXT: *(const char **)field = (const char *)(uintptr_t)value; break;
    }
}

/* "1 .. 64", "poll|alloc", "FILE" */
static void describe_range(const struct option *o, char *out, size_t n)
{
    const char *const *choices = choices_of(o->kind);
    if (o->kind == TEXT) {
        snprintf(out, n, "FILE");
        return;
    }
    if (!choices) {
        snprintf(out, n, "%" PRIu64 " .. %" PRIu64, o->min, o->max);
        return;
    }
    out[0] = 0;
    for (; *choices; choices++)
        snprintf(out + strlen(out), n - strlen(out), "%s%s", out[0] ? "|" : "", *choices);
}

static enum besom_status refuse_value(const struct option *o, const char *value,
                                      struct besom_report *report)
{
    char range[128];
    describe_range(o, range, sizeof range);
    return besom__refuse(report, BESOM_E_OPTION, "option %s: '%s' is out of its range, which is %s",
                         o->name, value, range);
}

/* Digits, and k, m or g after a number of bytes.  False: not a number, or too large for one. */
static bool parse_number(const char *text, enum kind kind, uint64_t *value)
{
    char *end;
    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    unsigned shift = 0;
    if (kind == BYTES && *end) {
        const char *suffix = strchr("kmg", tolower((unsigned char)*end));
        if (!suffix)
            return false;
        shift = 10 * (1 + (unsigned)(*suffix == 'm') + 2 * (unsigned)(*suffix == 'g'));
        end++;
    }
    *value = (uint64_t)number << shift;
    return errno == 0 && *end == 0 && *value >> shift == number;
}

static bool parse_value(const char *text, const struct option *o, uint64_t *value)
{
    const char *const *choices = choices_of(o->kind);
    if (!choices)
        return parse_number(text, o->kind, value) && *value >= o->min && *value <= o->max;
    for (uint64_t i = 0; choices[i]; i++)
        if (strcmp(text, choices[i]) == 0) {
            *value = i;
            return true;
        }
    return false;
}

/* ---- text ---- */

static const struct option *find_option(const char *name)
{
    for (int i = 0; i < N_OPTIONS; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

static enum besom_status unknown(const char *name, struct besom_report *report)
{
    char names[400] = "";
    for (int i = 0; i < N_OPTIONS; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? ", " : "",
                 table[i].name);
    return besom__refuse(report, BESOM_E_OPTION, "option '%.60s' is unknown; there are %s", name,
                         names);
}

static enum besom_status too_long_for_any(const char *text, struct besom_report *report)
{
    return besom__refuse(report, BESOM_E_OPTION, "option '%.60s...' is longer than any there is",
                         text);
}

/* One "name=value" or "name", n characters of text. */
static enum besom_status parse_one(struct besom_options *options, const char *text, size_t n,
                                   struct besom_report *report)
{
    char item[128];
    size_t name_n = strcspn(text, ",=");
    bool too_long = n >= sizeof item;
    snprintf(item, sizeof item, "%.*s", (int)(too_long ? sizeof item - 1 : n), text);
    if (name_n >= sizeof item)
        return too_long_for_any(text, report);
    item[name_n] = 0;
    const char *value_text = name_n < n ? item + name_n + 1 : "1";
    const struct option *o = find_option(item);
    uint64_t value = 0;
    if (!o)
        return unknown(item, report);
    if (o->kind == TEXT && name_n < n)
        value = (uintptr_t)(text + name_n + 1); /* where it is: it may be of any length */
    else if (too_long)
        return too_long_for_any(text, report);
    else if (o->kind == TEXT || !parse_value(value_text, o, &value))
        return refuse_value(o, value_text, report);
    set(options, o, value);
    return BESOM_OK;
}

enum besom_status besom_options_parse(struct besom_options *options, const char *text,
                                      struct besom_report *report)
{
    if (!options || !text)
        return BESOM_E_ARGUMENT;
    struct besom_options parsed = *options;
    while (*text) {
        size_t n = strcspn(text, ",");
        enum besom_status status = n ? parse_one(&parsed, text, n, report) : BESOM_OK;
        if (status != BESOM_OK)
            return status;
        text += n + (text[n] == ',');
    }
    *options = parsed;
    return BESOM_OK;
}

bool besom_options_help(size_t index, struct besom_report *line)
{
    if (index >= N_OPTIONS || !line)
        return false;
    const struct option *o = &table[index];
    const char *const *choices = choices_of(o->kind);
    char range[128], preset[32];
    describe_range(o, range, sizeof range);
    if (o->kind == TEXT)
        snprintf(preset, sizeof preset, "none");
    else if (choices)
        snprintf(preset, sizeof preset, "%s", choices[o->preset]);
    else
        snprintf(preset, sizeof preset, "%" PRIu64, o->preset);
    snprintf(line->text, sizeof line->text, "%-13s %-9s (%s)  %s", o->name, preset, range, o->help);
    return true;
}

/* ---- the struct ---- */

void besom__options_defaults(struct besom_options *options)
{
    memset(options, 0, sizeof *options);
    for (int i = 0; i < N_OPTIONS; i++)
        set(options, &table[i], table[i].preset);
}

enum besom_status besom__options_check(const struct besom_options *options,
                                       struct besom_report *report)
{
    for (int i = 0; i < N_OPTIONS; i++) {
        uint64_t value = get(options, &table[i]);
        if (value < table[i].min || value > table[i].max) {
            char text[32];
            snprintf(text, sizeof text, "%" PRIu64, value);
            return refuse_value(&table[i], text, report);
        }
    }
    return BESOM_OK;
}
