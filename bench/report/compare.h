/* compare.h - what changed from one run to another. */
#ifndef BENCH_REPORT_COMPARE_H
#define BENCH_REPORT_COMPARE_H

#include "bench/report/model.h"

enum verdict {
    VERDICT_BETTER,
    VERDICT_WORSE,
    VERDICT_CHANGED, /* neither way is better */
    VERDICT_BROKE,   /* it had figures before, and failed now */
    VERDICT_MENDED,  /* the other way round */
    VERDICT_UNSURE,  /* it differs, but one of the runs was a single one: nobody knows the noise */
    VERDICT_TIE      /* the spreads overlap */
};

struct change {
    const struct figure *before, *after;
    double ratio; /* after over before; infinite if before is 0 and after is not */
    enum verdict verdict;
};

struct comparison {
    const struct model *before, *after;
    struct change *changes; /* what is beyond the noise first, each by size of its change */
    size_t n;
    const struct figure **gone, **added; /* figures that only one of the runs has */
    size_t n_gone, n_added;
    char *machines; /* how the machines differ, in words; NULL: they do not */
};

/* Compares the figures of same workload, contestant, mode, setting and metric.  The models outlive
 * it. */
void compare(struct comparison *comparison, const struct model *before, const struct model *after);
void comparison_free(struct comparison *comparison);

/* "better", "WORSE", .. */
const char *verdict_word(enum verdict verdict);

/* How many changes are of a verdict. */
size_t comparison_count(const struct comparison *comparison, enum verdict verdict);

#endif
