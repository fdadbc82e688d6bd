/* words.c - the words of a command. */
#include "hosts/editor/words.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool words_split(struct editor *e, char *line, char **word, int *n)
{
    *n = 0;
    if (line[strspn(line, " \t")] == '#')
        return true;
    for (char *at = line + strspn(line, " \t\r\n"); *at; at += strspn(at, " \t\r\n")) {
        if (*n == MAX_WORDS)
            return editor_fail(e, "there are more than %d words", MAX_WORDS);
        bool quoted = *at == '"';
        word[(*n)++] = at += quoted;
        at += strcspn(at, quoted ? "\"" : " \t\r\n");
        if (quoted && !*at)
            return editor_fail(e, "a quote does not end");
        if (*at)
            *at++ = 0;
    }
    return true;
}

bool word_number(struct editor *e, const char *word, const char *what, float min, float max,
                 float *out)
{
    char *end;
    float v = strtof(word, &end);
    if (*end || end == word || !isfinite(v) || v < min || v > max)
        return editor_fail(e, "%s must be a number from %g to %g, not '%s'", what, (double)min,
                           (double)max, word);
    *out = v;
    return true;
}

bool word_whole(struct editor *e, const char *word, const char *what, uint32_t min, uint32_t max,
                uint32_t *out)
{
    char *end;
    unsigned long v = strtoul(word, &end, 10);
    if (!isdigit((unsigned char)word[0]) || *end || v < min || v > max)
        return editor_fail(e, "%s must be a whole number from %u to %u, not '%s'", what, min, max,
                           word);
    *out = (uint32_t)v;
    return true;
}

static const struct {
    const char *name, *code;
} colors[] = {{"black", "#000000"},  {"white", "#ffffff"},  {"gray", "#808080"},
              {"red", "#d03030"},    {"green", "#30a050"},  {"blue", "#3060c0"},
              {"yellow", "#f0d040"}, {"orange", "#f09030"}, {"clear", "#00000000"}};

bool word_color(struct editor *e, const char *word, float *color)
{
    const char *code = word;
    for (size_t i = 0; i < sizeof colors / sizeof colors[0]; i++) {
        if (strcmp(word, colors[i].name) == 0)
            code = colors[i].code;
    }
    size_t digits = strlen(code) - (code[0] == '#');
    if (code[0] != '#' || strspn(code + 1, "0123456789abcdefABCDEF") != digits ||
        (digits != 6 && digits != 8))
        return editor_fail(e,
                           "'%s' is no color: write #rrggbb or #rrggbbaa, or black, white, gray, "
                           "red, green, blue, yellow, orange, clear",
                           word);
    color[3] = 1;
    for (size_t i = 0; i < digits / 2; i++) {
        const char pair[] = {code[1 + 2 * i], code[2 + 2 * i], 0};
        color[i] = (float)strtoul(pair, NULL, 16) / 255;
    }
    return true;
}

bool word_name(struct editor *e, const char *word)
{
    if (word[0] && strlen(word) < NAME_CHARS)
        return true;
    return editor_fail(e, "a name has 1 to %d characters, which '%.40s' has not", NAME_CHARS - 1,
                       word);
}
