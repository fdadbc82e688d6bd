/* contestant.h - who takes part: the program to start, what to preload, and whether it is here. */
#ifndef BENCH_CONTESTANT_H
#define BENCH_CONTESTANT_H

#include <stdbool.h>
#include <stddef.h>

/* In the order in which they run and are printed.  1u << of these make sets. */
enum contestant_index {
    BESOM_STW,
    BESOM_INCREMENTAL,
    BESOM_CONCURRENT,
    BESOM_GENERATIONAL,
    BESOM_INCREMENTAL_GENERATIONAL,
    BESOM_CONCURRENT_GENERATIONAL,
    BDWGC_PLAIN,
    BDWGC_INLINE,
    BDWGC_TYPED,
    BDWGC_INCREMENTAL,
    MALLOC,
    MIMALLOC,
    JEMALLOC,
    ARENA,
    BARE,
    LUA,
    NODE,
    OCAML,
    GO,
    JAVA_G1,
    JAVA_ZGC,
    JAVA_SHENANDOAH,
    CONTESTANTS
};

struct contestant {
    const char *name;
    const char *mode;             /* "" if the contestant has one mode only */
    const char *worker;           /* the program, beside besom-bench */
    bool has_limit;               /* it takes a heap limit */
    const char *const *libraries; /* one of them is preloaded; NULL: nothing is */
    const char *absence;          /* what is wrong if it does not answer */

    /* found by contestants_probe */
    const char *library; /* the one of `libraries` that works */
    char version[40];    /* "": it is missing */
    char refusal[160];   /* what it says when it does not know the mode */
};

extern struct contestant contestants[CONTESTANTS];

/* "besom stw", "malloc". */
void contestant_label(const struct contestant *who, char *label, size_t n);

/* Asks every worker for its version. */
void contestants_probe(void);

/* The set that a comma-separated list of NAME or NAME:MODE names.  False if one is unknown; *bad
 * then points at it. */
bool contestants_parse(const char *list, unsigned *set, const char **bad);

#endif
