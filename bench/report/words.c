/* words.c - figures and parameters in words for people. */
#include "bench/report/words.h"

#include "bench/plan.h"
#include "bench/report/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text), length = strlen(end);
    return n >= length && strcmp(text + n - length, end) == 0;
}

/* ---- metrics ---- */

/* By words in their names; of all others less is better. */
static const char *const better_if_more[] = {"completed", "mmu", "per_second"};
/* They say what happened, or how quiet the machine was. */
static const char *const neither[] = {"collections", "hiccup", "live_mean", "timing_ns"};

static bool has_any(const char *metric, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strstr(metric, words[i]))
            return true;
    }
    return false;
}

enum sense words_sense(const char *metric)
{
    if (has_any(metric, better_if_more, sizeof better_if_more / sizeof *better_if_more))
        return SENSE_MORE;
    if (strcmp(metric, "stops") == 0 || strcmp(metric, "holds") == 0 || ends_in(metric, "_n") ||
        has_any(metric, neither, sizeof neither / sizeof *neither))
        return SENSE_NEITHER;
    return SENSE_LESS;
}

const char *words_of_sense(enum sense sense)
{
    switch (sense) {
    case SENSE_LESS: return "less is better";
    case SENSE_MORE: return "more is better";
    default: return "neither way is better";
    }
}

/* ---- values ---- */

static int digits_for(double value)
{
    const double size = fabs(value);
    if (size >= 1000 || size == 0)
        return 0;
    const int digits = 2 - (int)floor(log10(size));
    return digits > 6 ? 6 : digits < 0 ? 0 : digits;
}

struct shown words_shown(const char *unit, double value)
{
    static const struct shown bytes[] = {
        {1, 0, "bytes"}, {1024, 0, "KiB"}, {1048576, 0, "MiB"}, {1073741824, 0, "GiB"}};
    struct shown shown = {1, 0, unit};
    if (strcmp(unit, "bytes") == 0) {
        size_t i = 0;
        while (i < 3 && fabs(value) >= 1024 * bytes[i].scale)
            i++;
        shown = bytes[i];
    } else if (strcmp(unit, "fraction") == 0 || strcmp(unit, "runs") == 0 ||
               strcmp(unit, "stops") == 0 || strcmp(unit, "collections") == 0) {
        shown.unit = "";
    }
    const double scaled = value / shown.scale;
    const bool is_count = scaled == floor(scaled) && shown.scale == 1 && strcmp(unit, "ns") != 0 &&
                          strcmp(unit, "ms") != 0;
    shown.digits = is_count ? 0 : digits_for(scaled);
    return shown;
}

char *words_value(const struct shown *shown, double value)
{
    return text_format("%.*f%s%s", shown->digits, value / shown->scale,
                       shown->unit[0] ? "\u00a0" : "", shown->unit);
}

char *words_ratio(double ratio)
{
    return text_format("%.*f\u00a0\u00d7",
                       ratio >= 100   ? 0
                       : ratio >= 10  ? 1
                       : ratio < 0.01 ? 4
                                      : 2,
                       ratio);
}

/* ---- parameters ---- */

/* The name for people: without its unit, with blanks. */
static char *param_name(const char *name, const char *unit)
{
    char *words = text_copy(name);
    words[strlen(words) - strlen(unit)] = '\0';
    for (char *at = words; *at; at++) {
        if (*at == '_')
            *at = ' ';
    }
    return words;
}

char *words_param(const struct fact *param)
{
    const bool is_bytes = param->is_number && ends_in(param->name, "_bytes");
    char *name = param_name(param->name, is_bytes ? "_bytes" : "");
    char *value;
    if (is_bytes) {
        const struct shown shown = words_shown("bytes", param->number);
        value = words_value(&shown, param->number);
    } else if (param->is_number) {
        value = text_format("%.6g", param->number);
        if (param->number >= 1e4 && param->number == floor(param->number)) {
            free(value);
            value = text_format("%.0f", param->number);
        }
    } else {
        value = text_copy(param->text);
    }
    char *words = text_format("%s\u00a0%s", name, value);
    free(name);
    free(value);
    return words;
}

/* Has the origin every NAME=VALUE of the setting? */
static bool is_under(const struct origin *from, const char *setting)
{
    char *words = text_copy(setting), *rest = words;
    bool is_all = true;
    for (char *word; (word = strsep(&rest, " ")) != NULL && is_all;) {
        char *value = strchr(word, '=');
        if (value)
            *value++ = '\0';
        const struct fact *param = value ? facts_find(&from->params, word) : NULL;
        char *end = NULL;
        is_all = param && (param->is_number ? strtod(value, &end) == param->number
                                            : strcmp(param->text, value) == 0);
    }
    free(words);
    return is_all;
}

static size_t words_in(const char *setting)
{
    size_t n = 1;
    for (; *setting; setting++)
        n += *setting == ' ';
    return n;
}

/* The plan's name for the setting: of those that fit, the one that says most; NULL if none fits. */
static const char *plan_label(const struct origin *from)
{
    const struct plan *plan = plan_find(from->workload, strlen(from->workload));
    const char *label = NULL;
    size_t most = 0;
    for (size_t i = 0; plan && i < PLAN_SETTINGS && plan->settings[i].label; i++) {
        const struct setting *setting = &plan->settings[i];
        const char *forms[] = {setting->full, setting->quick};
        for (size_t j = 0; j < 2; j++) {
            if (forms[j] && is_under(from, forms[j]) && words_in(forms[j]) > most) {
                label = setting->label;
                most = words_in(forms[j]);
            }
        }
    }
    return label;
}

static void add_part(struct text *text, const char *part)
{
    if (part[0])
        text_printf(text, "%s%s", text->n == 0 ? "" : ", ", part);
}

static void add_params(struct text *text, const struct origin *from)
{
    for (size_t i = 0; i < from->params.n; i++) {
        const struct fact *param = &from->params.at[i];
        if (!origin_chose(from, param->name))
            continue;
        char *words = words_param(param);
        add_part(text, words);
        free(words);
    }
}

char *words_setting(const struct origin *from)
{
    const struct plan *plan = plan_find(from->workload, strlen(from->workload));
    const char *label = plan_label(from);
    const struct fact *factor = facts_find(&from->params, "heap_factor");
    const struct fact *bytes = facts_find(&from->params, "heap_bytes");
    struct text text = {0};
    text_puts(&text, "");
    if (!label) {
        add_params(&text, from);
        return text.at;
    }
    add_part(&text, label);
    if (factor && factor->is_number) {
        const double limit = bytes ? bytes->number : 0;
        const struct shown shown = words_shown("bytes", limit);
        char *value = words_value(&shown, limit);
        text_printf(&text, "%sheap %.3g\u00a0\u00d7 live peak%s%s", text.n == 0 ? "" : ", ",
                    factor->number, bytes ? " = " : "", bytes ? value : "");
        free(value);
    } else if (plan->factors[0] != 0) {
        add_part(&text, "no heap limit");
    }
    return text.at;
}

const char *words_before_reason(const char *error)
{
    static const char not_run[] = "not run";
    return strncmp(error, not_run, sizeof not_run - 1) == 0 ? "" : "failed: ";
}

const char *words_about(const char *workload)
{
    const struct plan *plan = plan_find(workload, strlen(workload));
    return plan ? plan->about : "";
}
