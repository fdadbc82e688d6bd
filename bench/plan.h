/* plan.h - the workloads: their names, metrics, sizes, and who runs them. */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum { PLAN_METRICS = 40, PLAN_SETTINGS = 7, PLAN_FACTORS = 6 };

struct metric {
    const char *name;
    const char *unit;  /* in JSON */
    const char *shown; /* the unit in tables; NULL: tables leave the metric out */
    double scale;      /* what that unit is in `unit` */
    int digits;        /* behind the point, in tables */
};

/* A variant of a workload: NAME=VALUE parameters, separated by blanks. */
struct setting {
    const char *label; /* "" if there is only one */
    const char *full;
    const char *quick;
};

struct plan {
    const char *name;
    const char *program; /* the workload's name to a worker */
    const char *about;
    const struct metric *metrics[PLAN_METRICS + 1]; /* the first is the headline; ended by NULL */
    struct setting settings[PLAN_SETTINGS];         /* ended by a NULL label */
    double factors[PLAN_FACTORS + 1];               /* heap limits as multiples of the live peak;
                                                     ended by 0 */
    unsigned who;                                   /* the set of contestants who can */
    unsigned who_quick, who_full;                   /* of them, who does if none is named; 0: all */
    unsigned repeat;                                /* unless the user says; 0: as usual */
    unsigned without[PLAN_SETTINGS];                /* of these, who sits out a setting */
    const char *because;                            /* and why */
    unsigned baselines[2];                          /* the first that ran is what ratios are to */
};

extern const struct plan plans[];
extern const size_t n_plans;

/* The plan of that name, `length` bytes long; NULL if there is none. */
const struct plan *plan_find(const char *name, size_t length);

/* The position of a metric among the plan's; PLAN_METRICS if it has no such metric. */
size_t plan_metric(const struct plan *plan, const char *name);

#endif
