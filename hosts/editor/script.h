/* script.h - scripts: one command a line, and lines that are repeated. */
#ifndef EDITOR_SCRIPT_H
#define EDITOR_SCRIPT_H

#include "hosts/editor/editor.h"

/* Does what the stream says, line by line.  Problems go to `errors` as NAME:LINE: MESSAGE.  The first
 * ends it, unless keep_going.  False: there was one. */
bool script_run(struct editor *editor, FILE *in, const char *name, bool keep_going, FILE *errors);

/* The same for a text. */
bool script_run_text(struct editor *editor, const char *text, const char *name, FILE *errors);

#endif
