/* contestant.c - who takes part. */
#include "bench/contestant.h"

#include "bench/child.h"

#include <stdio.h>
#include <string.h>

static const char *const mimallocs[] = {"libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so",
                                        NULL};
static const char *const jemallocs[] = {"libjemalloc.so.2", "libjemalloc.so", NULL};

#define NOT_BUILT "it was not built"
#define NO_BDWGC  "it was not built, which takes its library (Debian: libgc-dev)"
#define NO_JAVA   "it was not built, which takes javac (Debian: default-jdk-headless)"

#define BESOM(mode)                                                        \
    {                                                                      \
        "besom", mode, "worker-besom", true, NULL, NOT_BUILT, NULL, "", "" \
    }

#define JAVA(mode)                                                      \
    {                                                                   \
        "java", mode, "worker-java", false, NULL, NO_JAVA, NULL, "", "" \
    }

struct contestant contestants[CONTESTANTS] = {
    [BESOM_STW] = BESOM("stw"),
    [BESOM_INCREMENTAL] = BESOM("incremental"),
    [BESOM_CONCURRENT] = BESOM("concurrent"),
    [BESOM_GENERATIONAL] = BESOM("generational"),
    [BESOM_INCREMENTAL_GENERATIONAL] = BESOM("incremental-generational"),
    [BESOM_CONCURRENT_GENERATIONAL] = BESOM("concurrent-generational"),
    [BDWGC_PLAIN] = {"bdwgc", "plain", "worker-bdwgc", true, NULL, NO_BDWGC, NULL, "", ""},
    [BDWGC_INLINE] = {"bdwgc", "inline", "worker-bdwgc", true, NULL, NO_BDWGC, NULL, "", ""},
    [BDWGC_TYPED] = {"bdwgc", "typed", "worker-bdwgc", true, NULL, NO_BDWGC, NULL, "", ""},
    [BDWGC_INCREMENTAL] = {"bdwgc", "incremental", "worker-bdwgc", true, NULL, NO_BDWGC, NULL, "",
                           ""},
    [MALLOC] = {"malloc", "", "worker-malloc", false, NULL, NOT_BUILT, NULL, "", ""},
    [MIMALLOC] = {"mimalloc", "", "worker-malloc", false, mimallocs,
                  "its library is not installed (Debian: libmimalloc-dev)", NULL, "", ""},
    [JEMALLOC] = {"jemalloc", "", "worker-malloc", false, jemallocs,
                  "its library is not installed (Debian: libjemalloc-dev)", NULL, "", ""},
    [ARENA] = {"arena", "", "worker-arena", false, NULL, NOT_BUILT, NULL, "", ""},
    [BARE] = {"bare", "", "worker-bare", false, NULL, NOT_BUILT, NULL, "", ""},
    [LUA] = {"lua", "", "worker-lua", false, NULL, "lua5.4 is not installed (Debian: lua5.4)", NULL,
             "", ""},
    [NODE] = {"node", "", "worker-node", false, NULL, "node is not installed (Debian: nodejs)",
              NULL, "", ""},
    [OCAML] = {"ocaml", "", "worker-ocaml", false, NULL,
               "it was not built, which takes ocamlopt (Debian: ocaml)", NULL, "", ""},
    [GO] = {"go", "", "worker-go", false, NULL,
            "it was not built, which takes go (Debian: golang-go)", NULL, "", ""},
    [JAVA_G1] = JAVA("g1"),
    [JAVA_ZGC] = JAVA("zgc"),
    [JAVA_SHENANDOAH] = JAVA("shenandoah"),
};

void contestant_label(const struct contestant *who, char *label, size_t n)
{
    snprintf(label, n, "%s%s%s", who->name, who->mode[0] ? " " : "", who->mode);
}

/* Does the worker say, with `library` preloaded, that it is this contestant, and knows the mode? */
static bool probe(struct contestant *who, const char *library)
{
    char line[160];
    size_t length = strlen(who->name);
    if (!child_about(who->worker, who->mode, library, line, sizeof line))
        return false;
    if (strncmp(line, "failed ", 7) == 0) {
        snprintf(who->refusal, sizeof who->refusal, "%s", line + 7);
        who->absence = who->refusal;
    }
    if (strncmp(line, who->name, length) != 0 || line[length] != ' ')
        return false;
    snprintf(who->version, sizeof who->version, "%s", line + length + 1);
    who->library = library;
    return true;
}

void contestants_probe(void)
{
    for (size_t i = 0; i < CONTESTANTS; i++) {
        struct contestant *who = &contestants[i];
        if (!who->libraries)
            probe(who, NULL);
        for (size_t j = 0; who->libraries && who->libraries[j]; j++) {
            if (probe(who, who->libraries[j]))
                break;
        }
    }
}

/* Is the text of `length` bytes this contestant's NAME or NAME:MODE? */
static bool is_named(const struct contestant *who, const char *text, size_t length)
{
    char full[60];
    snprintf(full, sizeof full, "%s:%s", who->name, who->mode);
    return (strlen(who->name) == length && strncmp(who->name, text, length) == 0) ||
           (strlen(full) == length && strncmp(full, text, length) == 0);
}

bool contestants_parse(const char *list, unsigned *set, const char **bad)
{
    unsigned found = 0;
    for (const char *at = list;;) {
        size_t length = strcspn(at, ",");
        unsigned named = 0;
        for (size_t i = 0; i < CONTESTANTS; i++) {
            if (is_named(&contestants[i], at, length))
                named |= 1u << i;
        }
        if (named == 0) {
            *bad = at;
            return false;
        }
        found |= named;
        if (at[length] == '\0')
            break;
        at += length + 1;
    }
    *set = found;
    return true;
}
