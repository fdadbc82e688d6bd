/* text.c - a text that grows. */
#include "bench/report/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *text_realloc(void *at, size_t n)
{
    void *memory = realloc(at, n);
    if (!memory && n != 0) {
        fputs("besom-report: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

char *text_copy(const char *string)
{
    const size_t n = strlen(string) + 1;
    return memcpy(text_realloc(NULL, n), string, n);
}

void text_put(struct text *text, const char *bytes, size_t n)
{
    if (text->room - text->n <= n) {
        text->room = 2 * text->room + n + 64;
        text->at = text_realloc(text->at, text->room);
    }
    if (n != 0)
        memcpy(text->at + text->n, bytes, n);
    text->n += n;
    text->at[text->n] = '\0';
}

void text_puts(struct text *text, const char *string)
{
    text_put(text, string, strlen(string));
}

__attribute__((format(printf, 2, 0))) static void add_formatted(struct text *text,
                                                                const char *format,
                                                                va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *line = text_realloc(NULL, (size_t)length + 1);
    vsnprintf(line, (size_t)length + 1, format, arguments);
    text_put(text, line, (size_t)length);
    free(line);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_formatted(text, format, arguments);
    va_end(arguments);
}

char *text_format(const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    add_formatted(&text, format, arguments);
    va_end(arguments);
    return text.at;
}

void text_html(struct text *text, const char *string)
{
    for (; *string; string++) {
        switch (*string) {
        case '&': text_puts(text, "&amp;"); break;
        case '<': text_puts(text, "&lt;"); break;
        case '>': text_puts(text, "&gt;"); break;
        case '"': text_puts(text, "&quot;"); break;
        default: text_put(text, string, 1);
        }
    }
}

void text_fini(struct text *text)
{
    free(text->at);
    *text = (struct text){0};
}
