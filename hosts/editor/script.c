/* script.c - scripts: lines, and the lines between "repeat N" and "end", N times.
 *
 * Lines are done as they are read, unless a repetition is open: then they are kept until it ends.  In a
 * repeated line $ stands for how many times it has come, the innermost repetition's. */
#define _GNU_SOURCE

#include "hosts/editor/script.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TIMES = 1000000, DEEPEST = 8 };

struct line {
    char *text;
    size_t number;
};

struct script {
    struct editor *editor;
    const char *name;
    FILE *errors;
    bool keep_going, failed;
    size_t number;     /* of the line read last */
    struct line *kept; /* since the outermost repeat that is open */
    size_t n_kept, room;
    int depth; /* repetitions open */
};

static bool complain(struct script *s, size_t number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool complain(struct script *s, size_t number, const char *format, ...)
{
    va_list arguments;
    fprintf(s->errors, "%s:%zu: ", s->name, number);
    va_start(arguments, format);
    vfprintf(s->errors, format, arguments);
    va_end(arguments);
    fputc('\n', s->errors);
    s->failed = true;
    return false;
}

/* The word that the line begins with is `word`; *rest is what follows. */
static bool begins_with(const char *line, const char *word, const char **rest)
{
    line += strspn(line, " \t");
    size_t n = strlen(word);
    if (strncmp(line, word, n) != 0 || (line[n] && !isspace((unsigned char)line[n])))
        return false;
    *rest = line + n + strspn(line + n, " \t\r\n");
    return true;
}

/* The N of "repeat N"; 0: it is none. */
static unsigned long times_of(const char *text)
{
    char *end;
    unsigned long times = strtoul(text, &end, 10);
    bool whole = isdigit((unsigned char)text[0]) && end[strspn(end, " \t\r\n")] == 0;
    return whole && times <= MOST_TIMES ? times : 0;
}

/* ---- doing lines ---- */

/* The line with each $ replaced by `time`; to be freed. */
static char *fill_in(const char *text, unsigned long time)
{
    char number[24];
    size_t n = (size_t)snprintf(number, sizeof number, "%lu", time), size = 1;
    for (const char *c = text; *c; c++)
        size += *c == '$' ? n : 1;
    char *filled = malloc(size), *to = filled;
    for (const char *c = text; filled && *c; c++) {
        if (*c == '$')
            to = mempcpy(to, number, n);
        else
            *to++ = *c;
    }
    if (filled)
        *to = 0;
    return filled;
}

static bool do_line(struct script *s, const struct line *line, unsigned long time)
{
    char *filled = time ? fill_in(line->text, time) : strdup(line->text);
    bool done = filled && editor_command(s->editor, filled);
    free(filled);
    return done || complain(s, line->number, "%s",
                            filled ? editor_error(s->editor) : "no memory to read a line");
}

/* The number of the "end" that belongs to the "repeat" in line i. */
static size_t end_of(const struct script *s, size_t i)
{
    const char *rest;
    int depth = 1;
    while (depth > 0) {
        i++;
        depth += begins_with(s->kept[i].text, "repeat", &rest);
        depth -= begins_with(s->kept[i].text, "end", &rest);
    }
    return i;
}

/* The kept lines from `from` up to `to`, in their `time`th repetition. */
static bool do_lines(struct script *s, size_t from, size_t to, unsigned long time)
{
    const char *rest;
    for (size_t i = from; i < to; i++) {
        if (!begins_with(s->kept[i].text, "repeat", &rest)) {
            if (!do_line(s, &s->kept[i], time) && !s->keep_going)
                return false;
            continue;
        }
        size_t end = end_of(s, i);
        unsigned long times = times_of(rest);
        for (unsigned long t = 1; t <= times; t++) {
            if (!do_lines(s, i + 1, end, t) && !s->keep_going)
                return false;
        }
        i = end;
    }
    return true;
}

/* ---- reading lines ---- */

static bool keep(struct script *s, const char *text)
{
    if (s->n_kept == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        struct line *kept = realloc(s->kept, room * sizeof *kept);
        if (!kept)
            return complain(s, s->number, "no memory to keep a line");
        s->kept = kept;
        s->room = room;
    }
    char *copy = strdup(text);
    if (!copy)
        return complain(s, s->number, "no memory to keep a line");
    s->kept[s->n_kept++] = (struct line){copy, s->number};
    return true;
}

static void drop_kept(struct script *s)
{
    while (s->n_kept > 0)
        free(s->kept[--s->n_kept].text);
    s->depth = 0;
}

static bool open_repeat(struct script *s, const char *text, const char *rest)
{
    if (times_of(rest) == 0)
        return complain(s, s->number, "this is how to say it: repeat N, of 1 to %d", MOST_TIMES);
    if (s->depth == DEEPEST)
        return complain(s, s->number, "no more than %d repetitions can be in each other", DEEPEST);
    s->depth++;
    return keep(s, text);
}

static bool close_repeat(struct script *s, const char *text)
{
    if (s->depth == 0)
        return complain(s, s->number, "there is no repeat that this could end");
    bool done = keep(s, text);
    if (--s->depth > 0 || !done)
        return done;
    done = do_lines(s, 0, s->n_kept, 0);
    drop_kept(s);
    return done;
}

static bool read_line(struct script *s, char *text)
{
    const char *rest;
    if (begins_with(text, "repeat", &rest))
        return open_repeat(s, text, rest);
    if (begins_with(text, "end", &rest))
        return close_repeat(s, text);
    if (s->depth > 0)
        return keep(s, text);
    return do_line(s, &(struct line){text, s->number}, 0);
}

bool script_run(struct editor *editor, FILE *in, const char *name, bool keep_going, FILE *errors)
{
    struct script s = {.editor = editor, .name = name, .errors = errors, .keep_going = keep_going};
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    while ((!s.failed || keep_going) && (length = getline(&text, &room, in)) >= 0) {
        s.number++;
        if (strlen(text) != (size_t)length)
            complain(&s, s.number, "this is no text: it has a byte of 0");
        else
            read_line(&s, text);
    }
    if (!s.failed && ferror(in))
        complain(&s, s.number + 1, "cannot be read");
    if (!s.failed && s.depth > 0)
        complain(&s, s.kept[0].number, "the repeat does not end");
    drop_kept(&s);
    free(s.kept);
    free(text);
    return !s.failed;
}

bool script_run_text(struct editor *editor, const char *text, const char *name, FILE *errors)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    if (!in)
        return false;
    bool done = script_run(editor, in, name, false, errors);
    fclose(in);
    return done;
}
