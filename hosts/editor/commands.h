/* commands.h - the table of commands. */
#ifndef EDITOR_COMMANDS_H
#define EDITOR_COMMANDS_H

#include "hosts/editor/objects.h"

/* word[0] is the command itself.  False: it cannot be done, the error says why, nothing changed. */
typedef bool (*command_fn)(struct editor *e, int n, char **word);

struct command {
    const char *name, *words, *about;
    int min, max; /* words after the name */
    command_fn run;
};

/* Each ends with a NULL name. */
extern const struct command commands_document[], commands_paint[], commands_layer[],
    commands_look[];

/* The document in use; NULL: there is none, and the error says so. */
struct document *command_document(struct editor *e);

/* Prints a line for each. */
void commands_help(FILE *out);

#endif
