/* schedule.h - running the rows of a workload, round after round. */
#ifndef BENCH_SCHEDULE_H
#define BENCH_SCHEDULE_H

#include "bench/row.h"

struct schedule {
    bool is_quick;
    unsigned repeat;   /* 0: as the plans have it */
    unsigned who;      /* a set of contestants; 0: whoever the plan has */
    size_t done, todo; /* runs, for the progress line */
    uint64_t began_ns; /* when the first was started; 0: not yet */
};

/* Appends the rows of a plan for the contestants that are here, and counts their runs; false
 * without memory. */
bool schedule_add(struct schedule *schedule, const struct plan *plan, struct rows *rows);

/* Runs rows[first], .. , rows[end - 1]: every row once, then every row again, so that what
 * disturbs the machine for a while disturbs all alike.  A row that fails before it has
 * succeeded is not run again. */
void schedule_run(struct schedule *schedule, struct row *first, struct row *end);

#endif
