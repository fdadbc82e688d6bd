/* row.h - one contestant under one setting of one workload: the samples of all its repetitions. */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include "bench/child.h"
#include "bench/contestant.h"
#include "bench/plan.h"
#include "bench/stats.h"

#include <stdint.h>

struct row {
    const struct plan *plan;
    const struct setting *setting;
    const char *parameters; /* the setting's, quick or full */
    double heap_factor;     /* 0: no limit in terms of the live peak */
    uint64_t heap_bytes;    /* heap_factor x the live peak; 0: none */
    const struct contestant *who;

    double *samples[PLAN_METRICS]; /* room for all repetitions */
    size_t n_samples[PLAN_METRICS];
    struct named_value params[OUTCOME_PARAMS]; /* found while running */
    size_t n_params;
    struct point *points; /* of the last run that completed */
    size_t n_points;
    uint64_t check;
    bool has_check;
    unsigned runs, failures;
    char failed[120]; /* why the last failure failed; "": none did */
    bool is_wrong;    /* it did not do the work that it should have done */
};

/* A growing list of rows, in the order in which they are run and printed. */
struct rows {
    struct row *at;
    size_t n, room;
};

/* Appends a row with room for `repeat` samples of each metric; false without memory. */
bool rows_add(struct rows *rows, const struct row *row, size_t repeat);
void rows_free(struct rows *rows);

/* Has it figures?  It may have failed in other runs. */
bool row_is_measured(const struct row *row);

/* Adds what a run came to: samples, found parameters, failure.  The points become the row's. */
void row_record(struct row *row, struct outcome *outcome);

/* A metric's median and spread; n is 0 if it was not measured. */
struct summary row_summary(const struct row *row, size_t metric);

/* Same plan, setting and limit: rows whose figures are compared. */
bool row_is_peer(const struct row *a, const struct row *b);

/* The row that ratios are to, among the peers of `row`: the first of the plan's baselines that has
 * figures, else the first contestant but Besom that has.  NULL if none has. */
const struct row *rows_baseline(const struct rows *rows, const struct row *row);

#endif
