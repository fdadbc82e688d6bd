/* style.c - how contestants look.
 *
 * A contestant has a color, its modes differ in markers and dashes; Besom, which the report is
 * about, has a color for each way in which it is driven, and dashes with generations.  The first
 * four colors, which meet most often, are near those of Okabe and Ito (Color Universal Design,
 * 2008), which people who do not see red and green can tell apart; and no two contestants share
 * both marker and dashes, so that nothing hangs on seeing colors. */
#include "bench/report/style.h"

#include <string.h>

static const struct color {
    const char *light, *dark;
} colors[] = {
    {"#0072b2", "#62b8f0"}, /* 0: Besom, stop the world */
    {"#00876a", "#35d3a5"}, /* 1: incremental */
    {"#bd4f94", "#f094cb"}, /* 2: concurrent */
    {"#cf5a00", "#ff944d"}, /* 3: bdwgc */
    {"#5f6672", "#aab3c2"}, /* 4: malloc, arena */
    {"#8a6a00", "#e3c04a"}, /* 5: mimalloc */
    {"#6a3fb5", "#b79cff"}, /* 6: jemalloc, Java */
    {"#1f2329", "#eef1f5"}, /* 7: bare, Go */
    {"#2f7d1f", "#86d46c"}, /* 8: Node */
    {"#b0272f", "#ff7d7f"}, /* 9: Lua */
    {"#7a4a21", "#d9a06b"}, /* 10: OCaml */
};

static const struct color kinds[STYLE_KINDS] = {
    {"#b3261e", "#ff8a80"}, /* logical: the program's own fault, so the loudest */
    {"#d98a00", "#ffc861"},
    {"#3f7fc1", "#7db7f0"},
    {"#9aa7b5", "#8b98a8"},
};

/* gnuplot's markers: 1 to 3 are crosses and a star; 4 and 5 squares, 6 and 7 circles, 8 and 9
 * triangles, 10 and 11 triangles on their tips, 12 and 13 diamonds, 14 and 15 pentagons, open and
 * filled. */
static const struct look {
    const char *contestant, *mode; /* "": any */
    struct style style;
} looks[] = {
    {"besom", "stw", {0, 7, ""}},
    {"besom", "incremental", {1, 9, ""}},
    {"besom", "concurrent", {2, 5, ""}},
    {"besom", "generational", {0, 6, "6,3"}},
    {"besom", "incremental-generational", {1, 8, "6,3"}},
    {"besom", "concurrent-generational", {2, 4, "6,3"}},
    {"bdwgc", "plain", {3, 13, ""}},
    {"bdwgc", "inline", {3, 12, "2,2"}},
    {"bdwgc", "typed", {3, 11, "6,3"}},
    {"bdwgc", "incremental", {3, 10, "6,2,2,2"}},
    {"malloc", "", {4, 1, ""}},
    {"mimalloc", "", {5, 15, "6,3"}},
    {"jemalloc", "", {6, 14, "2,2"}},
    {"arena", "", {4, 2, "2,2"}},
    {"bare", "", {7, 3, "2,2"}},
    {"lua", "", {9, 11, "2,2"}},
    {"node", "", {8, 2, "6,2,2,2"}},
    {"ocaml", "", {10, 12, "6,2,2,2"}},
    {"go", "", {7, 1, "6,3"}},
    {"java", "g1", {6, 15, ""}},
    {"java", "zgc", {6, 1, "2,2"}},
    {"java", "shenandoah", {6, 3, "6,3"}},
};

static unsigned hash(const char *text, unsigned sum)
{
    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 16777619u;
    return sum;
}

struct style style_of(const char *contestant, const char *mode)
{
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        const struct look *look = &looks[i];
        if (strcmp(look->contestant, contestant) == 0 &&
            (look->mode[0] == '\0' || strcmp(look->mode, mode) == 0))
            return look->style;
    }
    static const char *const dashes[] = {"", "6,3", "2,2", "6,2,2,2"};
    const unsigned sum = hash(mode, hash(contestant, 2166136261u));
    const unsigned color = hash(contestant, 2166136261u) % (sizeof colors / sizeof *colors - 4) + 4;
    return (struct style){color, 1 + sum % 15, dashes[sum / 15 % 4]};
}

void style_put_light(struct text *css)
{
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
        text_printf(css, "--c%zu:%s;", i, colors[i].light);
    for (size_t i = 0; i < STYLE_KINDS; i++)
        text_printf(css, "--k%zu:%s;", i, kinds[i].light);
}

void style_put_dark(struct text *css)
{
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
        text_printf(css, "--c%zu:%s;", i, colors[i].dark);
    for (size_t i = 0; i < STYLE_KINDS; i++)
        text_printf(css, "--k%zu:%s;", i, kinds[i].dark);
}
