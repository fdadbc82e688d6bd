/* commands.c - finds the command of a line, and does it. */
#include "hosts/editor/commands.h"

#include "hosts/editor/task.h"
#include "hosts/editor/words.h"

#include <stdlib.h>
#include <string.h>

static const struct command *const tables[] = {commands_document, commands_layer, commands_paint,
                                               commands_look};
enum { N_TABLES = sizeof tables / sizeof tables[0] };

static const struct command *find(const char *name)
{
    for (int t = 0; t < N_TABLES; t++) {
        for (const struct command *c = tables[t]; c->name; c++) {
            if (strcmp(c->name, name) == 0)
                return c;
        }
    }
    return NULL;
}

static bool unknown(struct editor *e, const char *name)
{
    char known[400] = "";
    for (int t = 0; t < N_TABLES; t++) {
        for (const struct command *c = tables[t]; c->name; c++) {
            size_t at = strlen(known);
            snprintf(known + at, sizeof known - at, "%s%s", at ? ", " : "", c->name);
        }
    }
    return editor_fail(e, "'%.40s' is no command; there are %s, repeat, end", name, known);
}

struct document *command_document(struct editor *e)
{
    if (!e->app->documents)
        editor_fail(e, "no document is open: say new or open first");
    return e->app->documents;
}

static bool run_words(struct editor *e, char *line)
{
    char *word[MAX_WORDS];
    int n;
    if (!words_split(e, line, word, &n))
        return false;
    if (n == 0)
        return true;
    const struct command *command = find(word[0]);
    if (!command)
        return unknown(e, word[0]);
    if (n - 1 < command->min || n - 1 > command->max)
        return editor_fail(e, "this is how to say it: %s %s", command->name, command->words);
    task_collect(e);
    return command->run(e, n, word);
}

bool editor_command(struct editor *e, const char *line)
{
    char *copy = strdup(line);
    if (!copy)
        return editor_fail(e, "no memory to read a line");
    bool done = run_words(e, copy);
    free(copy);
    besom_poll(e->m);
    return done;
}

void commands_help(FILE *out)
{
    char usage[80];
    for (int t = 0; t < N_TABLES; t++) {
        for (const struct command *c = tables[t]; c->name; c++) {
            snprintf(usage, sizeof usage, "%s %s", c->name, c->words);
            fprintf(out, "  %-38s %s\n", usage, c->about);
        }
    }
    fprintf(out, "  %-38s %s\n", "repeat N, end",
            "the lines between, N times; $ is the number, from 1");
}
