/* svg.c - makes gnuplot's SVG a part of the page.
 *
 * The picture is gone through once, tag by tag.  What is rewritten is what gnuplot 5.4 and 6.0
 * write; anything else passes as it is. */
#include "bench/report/svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- colors ---- */

/* The variable that a color names; false if it names none. */
static bool put_color(struct text *page, unsigned red, unsigned green, unsigned blue)
{
    static const char *const own[] = {"", "grid", "axis", "ink", "paper"};
    if (green != 0 || red < 1 || red > 3 || (red == 1 && (blue < 1 || blue > 4)))
        return false;
    if (red == 1)
        text_printf(page, "var(--%s)", own[blue]);
    else
        text_printf(page, "var(--%c%u)", red == 2 ? 'c' : 'k', blue);
    return true;
}

/* Adds a tag, colors replaced. */
static void put_tag(struct text *page, const char *at, size_t n)
{
    const char *const end = at + n;
    while (at < end) {
        unsigned red, green, blue;
        int length = 0;
        if (sscanf(at, "rgb( %u , %u , %u )%n", &red, &green, &blue, &length) == 3 && length != 0 &&
            put_color(page, red, green, blue)) {
            at += length;
        } else if (strncmp(at, "color=\"white\"", 13) == 0 ||
                   strncmp(at, "color='white'", 13) == 0) {
            text_puts(page, "color=\"var(--paper)\"");
            at += 13;
        } else if (strncmp(at, " id=\"gnuplot_canvas\"", 20) == 0) {
            at += 20; /* there are many in the page */
        } else if (strncmp(at, "color=\"black\"", 13) == 0) {
            text_puts(page, "color=\"var(--axis)\"");
            at += 13;
        } else {
            text_put(page, at++, 1);
        }
    }
}

/* ---- tags ---- */

static bool is_tag(const char *at, const char *name)
{
    const size_t length = strlen(name);
    return strncmp(at, name, length) == 0 && strchr(" \t\n/>", at[length]);
}

/* The parts of a picture, and their titles in their order. */
struct parts {
    const char *const *labels;
    size_t n, seen;
};

/* Adds the title of a part behind the tag that begins it: what a pointer that rests there is shown. */
static void put_title(struct text *page, struct parts *parts)
{
    if (parts->seen >= parts->n)
        return;
    text_puts(page, "<title>");
    text_html(page, parts->labels[parts->seen++]);
    text_puts(page, "</title>");
}

/* Behind the element that begins at `at`, which is not nested in its own kind. */
static const char *skip_element(const char *at, const char *end_tag)
{
    const char *end = strstr(at, end_tag);
    return end ? end + strlen(end_tag) : at + strlen(at);
}

/* Is it a group without anything in it?  Then behind it, else NULL. */
static const char *skip_empty_group(const char *at)
{
    if (!is_tag(at, "<g"))
        return NULL;
    const char *end = strchr(at, '>');
    end = end ? end + 1 + strspn(end + 1, " \t\n") : NULL;
    return end && strncmp(end, "</g>", 4) == 0 ? end + 4 : NULL;
}

/* Puts what begins with the tag at `at`, or passes over it; returns what follows. */
static const char *put_next(struct text *page, const char *at, struct parts *parts)
{
    const char *behind = skip_empty_group(at);
    if (behind)
        return behind;
    if (is_tag(at, "<desc"))
        return skip_element(at, "</desc>");
    if (is_tag(at, "<defs"))
        return skip_element(at, "</defs>");
    if (is_tag(at, "<title"))
        return skip_element(at, "</title>");
    const char *end = strchr(at, '>');
    behind = end ? end + 1 : at + strlen(at);
    if (is_tag(at, "<tspan") || strncmp(at, "</tspan", 7) == 0)
        return behind; /* they only name the font again */
    put_tag(page, at, (size_t)(behind - at));
    const char *name = is_tag(at, "<g") ? strstr(at, "_plot_") : NULL;
    if (name && name < behind)
        put_title(page, parts);
    return behind;
}

static void put_body(struct text *page, const char *at, struct parts *parts)
{
    while (*at) {
        if (*at == '<') {
            at = put_next(page, at, parts);
            continue;
        }
        const size_t length = strcspn(at, "<");
        if (strspn(at, " \t\n") < length)
            text_put(page, at, length);
        else
            text_puts(page, "\n");
        at += length + strspn(at + length, "\n");
    }
}

bool svg_put(struct text *page, const char *picture, const char *name, const char *const *labels,
             size_t n_labels)
{
    const char *begin = strstr(picture, "<svg"), *box = begin ? strstr(begin, "viewBox=\"") : NULL;
    const char *body = begin ? strchr(begin, '>') : NULL;
    if (!box || !body || box > body)
        return false;
    text_printf(page, "<svg class=\"plot\" %.*s\" role=\"img\" aria-label=\"",
                (int)(9 + strcspn(box + 9, "\"")), box);
    text_html(page, name);
    text_puts(page, "\">");
    struct parts parts = {labels, n_labels, 0};
    put_body(page, body + 1, &parts);
    return true;
}

bool svg_put_markers(struct text *page, const char *picture)
{
    const char *begin = strstr(picture, "<defs>"), *end = begin ? strstr(begin, "</defs>") : NULL;
    if (!end)
        return false;
    text_puts(page,
              "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\">");
    const char *filter = strstr(begin, "<filter");
    text_put(page, begin, (size_t)((filter && filter < end ? filter : end) - begin));
    text_puts(page, "</defs></svg>\n");
    return true;
}
