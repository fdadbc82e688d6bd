/* words.h - the words of a command, and what numbers and colors they mean. */
#ifndef EDITOR_WORDS_H
#define EDITOR_WORDS_H

#include "hosts/editor/objects.h"

enum { MAX_WORDS = 16 };

/* Splits a line at blanks, in place; "a b" in quotes is one word, and a comment has
 * none.  False: too many words, or a quote
 * that does not end, as the error says. */
bool words_split(struct editor *e, char *line, char **word, int *n);

/* False: the word is no number from min to max; the error names `what`. */
bool word_number(struct editor *e, const char *word, const char *what, float min, float max,
                 float *out);
bool word_whole(struct editor *e, const char *word, const char *what, uint32_t min, uint32_t max,
                uint32_t *out);

/* #rrggbb, #rrggbbaa, or a name.  False: it is none. */
bool word_color(struct editor *e, const char *word, float *color);

/* A name for a document or a layer.  False: it is empty, or too long. */
bool word_name(struct editor *e, const char *word);

#endif
