/* svg.c - makes gnuplot's SVG a part of the page.
 *
 * The picture is gone through once, tag by tag.  What is rewritten is what gnuplot 5.4 and 6.0 write;
 * anything else passes as it is. */
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

/* Titles go to the parts of the picture in their order; the first is the picture's own. */
struct titles {
    const char *const *labels;
    size_t n, seen;
};

static const char *put_title(struct text *page, const char *at, struct titles *titles)
{
    const char *end = strstr(at, "</title>");
    const size_t i = titles->seen++;
    if (i != 0 && i <= titles->n) {
        text_puts(page, "<title>");
        text_html(page, titles->labels[i - 1]);
        text_puts(page, "</title>");
    }
    return end ? end + 8 : at + strlen(at);
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
static const char *put_next(struct text *page, const char *at, struct titles *titles)
{
    const char *behind = skip_empty_group(at);
    if (behind)
        return behind;
    if (is_tag(at, "<desc"))
        return skip_element(at, "</desc>");
    if (is_tag(at, "<defs"))
        return skip_element(at, "</defs>");
    if (is_tag(at, "<title"))
        return put_title(page, at, titles);
    const char *end = strchr(at, '>');
    behind = end ? end + 1 : at + strlen(at);
    if (is_tag(at, "<tspan") || strncmp(at, "</tspan", 7) == 0)
        return behind; /* they only name the font again */
    put_tag(page, at, (size_t)(behind - at));
    return behind;
}

static void put_body(struct text *page, const char *at, struct titles *titles)
{
    while (*at) {
        if (*at == '<') {
            at = put_next(page, at, titles);
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
    struct titles titles = {labels, n_labels, 0};
    put_body(page, body + 1, &titles);
    return titles.seen == n_labels + 1;
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
