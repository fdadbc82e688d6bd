/* trace_reader.c - reads a trace file back: a strict reader of as much JSON as that needs. */
#include "trace_reader.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON ---- */

struct reader {
    const char *at;
    const char *path;
};

static void demand(const struct reader *r, bool holds, const char *what)
{
    if (!holds)
        ck_abort_msg("%s: %s expected at: %.80s", r->path, what, r->at);
}

static void skip_space(struct reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static void read_string(struct reader *r, char *out, size_t n)
{
    demand(r, take(r, '"'), "a string");
    size_t length = 0;
    for (; *r->at != '"'; r->at++) {
        demand(r, (unsigned char)*r->at >= 0x20 && *r->at != '\\', "a plain character");
        demand(r, length + 1 < n, "a shorter string");
        out[length++] = *r->at;
    }
    out[length] = 0;
    r->at++;
}

static void skip_digits(struct reader *r)
{
    demand(r, isdigit((unsigned char)*r->at), "a digit");
    r->at += strspn(r->at, "0123456789");
}

static void skip_number(struct reader *r)
{
    r->at += *r->at == '-';
    if (*r->at == '0')
        r->at++;
    else
        skip_digits(r);
    if (*r->at == '.') {
        r->at++;
        skip_digits(r);
    }
}

/* A string, number or word; structures within arguments there are none. */
static void skip_plain(struct reader *r)
{
    static const char *const words[] = {"true", "false", "null"};
    char string[256];
    skip_space(r);
    if (*r->at == '"') {
        read_string(r, string, sizeof string);
        return;
    }
    for (int i = 0; i < 3; i++)
        if (strncmp(r->at, words[i], strlen(words[i])) == 0) {
            r->at += strlen(words[i]);
            return;
        }
    skip_number(r);
}

static void read_key(struct reader *r, char *key, size_t n)
{
    read_string(r, key, n);
    demand(r, take(r, ':'), "a colon");
    skip_space(r);
}

static const char *read_args(struct reader *r)
{
    char key[64];
    const char *start = r->at;
    demand(r, take(r, '{'), "an object");
    if (take(r, '}'))
        return start;
    do {
        read_key(r, key, sizeof key);
        skip_plain(r);
    } while (take(r, ','));
    demand(r, take(r, '}'), "the end of an object");
    return start;
}

static uint64_t read_integer(struct reader *r)
{
    char *end;
    const char *start = r->at;
    skip_number(r);
    uint64_t value = strtoull(start, &end, 10);
    demand(r, end == r->at, "an integer");
    return value;
}

/* Microseconds with three decimals, as nanoseconds. */
static uint64_t read_ns(struct reader *r)
{
    char *end;
    const char *start = r->at;
    skip_number(r);
    uint64_t us = strtoull(start, &end, 10);
    demand(r, *end == '.' && r->at - end == 4, "three decimals");
    return us * 1000 + strtoull(end + 1, NULL, 10);
}

/* ---- entries ---- */

enum {
    HAS_PHASE = 1,
    HAS_NAME = 2,
    HAS_PROCESS = 4,
    HAS_TRACK = 8,
    HAS_BEGIN = 16,
    HAS_DURATION = 32,
    HAS_ARGS = 64
};

static unsigned read_member(struct reader *r, struct trace_entry *entry)
{
    char key[16], phase[8];
    read_key(r, key, sizeof key);
    if (strcmp(key, "ph") == 0) {
        read_string(r, phase, sizeof phase);
        demand(r, strlen(phase) == 1, "a phase");
        entry->phase = phase[0];
        return HAS_PHASE;
    }
    if (strcmp(key, "name") == 0) {
        read_string(r, entry->name, sizeof entry->name);
        return HAS_NAME;
    }
    if (strcmp(key, "pid") == 0) {
        entry->process = read_integer(r);
        return HAS_PROCESS;
    }
    if (strcmp(key, "tid") == 0) {
        entry->track = read_integer(r);
        return HAS_TRACK;
    }
    if (strcmp(key, "ts") == 0) {
        entry->begin_ns = read_ns(r);
        return HAS_BEGIN;
    }
    if (strcmp(key, "dur") == 0) {
        entry->duration_ns = read_ns(r);
        return HAS_DURATION;
    }
    demand(r, strcmp(key, "args") == 0, "a known key");
    entry->args = read_args(r);
    return HAS_ARGS;
}

static void read_entry(struct reader *r, struct trace_entry *entry)
{
    const unsigned always = HAS_PHASE | HAS_NAME | HAS_PROCESS | HAS_ARGS;
    unsigned has = 0;
    *entry = (struct trace_entry){0};
    demand(r, take(r, '{'), "an entry");
    do {
        unsigned member = read_member(r, entry);
        demand(r, !(has & member), "each key once");
        has |= member;
    } while (take(r, ','));
    demand(r, take(r, '}'), "the end of an entry");
    switch (entry->phase) {
    case 'X': demand(r, has == (always | HAS_TRACK | HAS_BEGIN | HAS_DURATION), "a slice"); break;
    case 'C': demand(r, has == (always | HAS_BEGIN), "a counter"); break;
    case 'M': demand(r, has == (always | HAS_TRACK), "a name"); break;
    default: demand(r, false, "a phase X, C or M");
    }
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "there is no %s", path);
    fseek(file, 0, SEEK_END);
    size_t n = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(n + 1);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(fread(text, 1, n, file), n);
    ck_assert_uint_eq(strnlen(text, n), n);
    text[n] = 0;
    fclose(file);
    return text;
}

void trace_read(struct trace *trace, const char *path, bool complete)
{
    size_t room = 0;
    *trace = (struct trace){.text = read_text(path)};
    struct reader r = {trace->text, path};
    demand(&r, take(&r, '['), "an array");
    do {
        if (trace->n == room) {
            room = 2 * room + 64;
            trace->entries = realloc(trace->entries, room * sizeof *trace->entries);
            ck_assert_ptr_nonnull(trace->entries);
        }
        read_entry(&r, &trace->entries[trace->n++]);
    } while (take(&r, ','));
    demand(&r, take(&r, ']') || !complete, "the end of the array");
    skip_space(&r);
    demand(&r, *r.at == 0, "the end of the file");
}

void trace_free(struct trace *trace)
{
    free(trace->entries);
    free(trace->text);
}

/* ---- asking ---- */

enum { DEEPEST = 16 };

static void check_track(const struct trace *trace, uint64_t track)
{
    const struct trace_entry *open[DEEPEST], *last = NULL;
    size_t depth = 0;
    for (size_t i = 0; i < trace->n; i++) {
        const struct trace_entry *e = &trace->entries[i];
        if (e->phase != 'X' || e->track != track)
            continue;
        ck_assert_msg(!last || e->begin_ns >= last->begin_ns, "'%s' begins before '%s'", e->name,
                      last->name);
        last = e;
        while (depth && open[depth - 1]->begin_ns + open[depth - 1]->duration_ns <= e->begin_ns)
            depth--;
        ck_assert_msg(!depth || e->begin_ns + e->duration_ns <=
                                    open[depth - 1]->begin_ns + open[depth - 1]->duration_ns,
                      "'%s' ends after the '%s' it began in", e->name, open[depth - 1]->name);
        ck_assert_uint_lt(depth, DEEPEST);
        open[depth++] = e;
    }
}

void trace_check_nesting(const struct trace *trace)
{
    for (size_t i = 0; i < trace->n; i++)
        if (trace->entries[i].phase == 'M' && strcmp(trace->entries[i].name, "thread_name") == 0)
            check_track(trace, trace->entries[i].track);
}

const struct trace_entry *trace_next(const struct trace *trace, size_t *at, char phase,
                                     const char *name)
{
    while (*at < trace->n) {
        const struct trace_entry *e = &trace->entries[(*at)++];
        if (e->phase == phase && strcmp(e->name, name) == 0)
            return e;
    }
    return NULL;
}

size_t trace_count(const struct trace *trace, char phase, const char *name)
{
    size_t n = 0, at = 0;
    while (trace_next(trace, &at, phase, name))
        n++;
    return n;
}

static const char *find_value(const struct trace_entry *entry, const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(entry->args, key), *end = strchr(entry->args, '}');
    ck_assert_msg(found && found < end, "'%s' has no %s", entry->name, name);
    return found + strlen(key);
}

uint64_t trace_number(const struct trace_entry *entry, const char *name)
{
    return strtoull(find_value(entry, name), NULL, 10);
}

bool trace_says(const struct trace_entry *entry, const char *name, const char *value)
{
    return strncmp(find_value(entry, name), value, strlen(value)) == 0;
}
