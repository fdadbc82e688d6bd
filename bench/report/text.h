/* text.h - a text that grows. */
#ifndef BENCH_REPORT_TEXT_H
#define BENCH_REPORT_TEXT_H

#include <stddef.h>

/* Zeroed, it is empty.  `at` is NULL or ends in a NUL behind its n bytes.  Whatever adds ends the
 * program with a message when there is no memory: a report is written at the end or not at all. */
struct text {
    char *at;
    size_t n, room;
};

void text_put(struct text *text, const char *bytes, size_t n);
void text_puts(struct text *text, const char *string);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a string as the text of an element, or as an attribute's value in double quotes. */
void text_html(struct text *text, const char *string);

void text_fini(struct text *text);

/* As realloc, strdup, and printf to new memory; they end the program when there is no memory. */
void *text_realloc(void *at, size_t n);
char *text_copy(const char *string);
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
