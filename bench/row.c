/* row.c - one contestant under one setting of one workload. */
#include "bench/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool rows_add(struct rows *rows, const struct row *row, size_t repeat)
{
    if (rows->n == rows->room) {
        size_t room = rows->room ? 2 * rows->room : 64;
        struct row *at = realloc(rows->at, room * sizeof *at);
        if (!at)
            return false;
        rows->at = at;
        rows->room = room;
    }
    double *samples = calloc(PLAN_METRICS * repeat, sizeof *samples);
    if (!samples)
        return false;
    struct row *added = &rows->at[rows->n++];
    *added = *row;
    for (size_t i = 0; i < PLAN_METRICS; i++)
        added->samples[i] = samples + i * repeat;
    return true;
}

void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        free(rows->at[i].samples[0]); /* one block, all metrics */
        free(rows->at[i].points);
    }
    free(rows->at);
    *rows = (struct rows){0};
}

static void sample_add(struct row *row, size_t metric, double value)
{
    row->samples[metric][row->n_samples[metric]++] = value;
}

void row_record(struct row *row, struct outcome *outcome)
{
    row->runs++;
    if (outcome->failed[0]) {
        row->failures++;
        snprintf(row->failed, sizeof row->failed, "%s", outcome->failed);
        size_t completed = plan_metric(row->plan, "completed");
        if (completed != PLAN_METRICS)
            sample_add(row, completed, 0);
        return;
    }
    for (size_t i = 0; i < outcome->n_values; i++) {
        size_t metric = plan_metric(row->plan, outcome->values[i].name);
        if (metric != PLAN_METRICS)
            sample_add(row, metric, outcome->values[i].value);
    }
    memcpy(row->params, outcome->params, sizeof row->params);
    row->n_params = outcome->n_params;
    free(row->points);
    row->points = outcome->points;
    row->n_points = outcome->n_points;
    outcome->points = NULL;
    if (row->has_check && outcome->has_check && row->check != outcome->check) {
        row->is_wrong = true;
        snprintf(row->failed, sizeof row->failed, "did other work in another repetition");
    }
    row->check = outcome->check;
    row->has_check = outcome->has_check;
}

bool row_is_measured(const struct row *row)
{
    return row->runs > row->failures && !row->is_wrong;
}

struct summary row_summary(const struct row *row, size_t metric)
{
    return stats_summary(row->samples[metric], row->n_samples[metric]);
}

bool row_is_peer(const struct row *a, const struct row *b)
{
    return a->plan == b->plan && a->setting == b->setting && a->heap_factor == b->heap_factor;
}

/* The peer of `row` that is that contestant's; NULL: the first that is not Besom's. */
static const struct row *find_peer(const struct rows *rows, const struct row *row,
                                   const struct contestant *who)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *other = &rows->at[i];
        bool is_wanted = who ? other->who == who : strcmp(other->who->name, "besom") != 0;
        if (is_wanted && row_is_peer(other, row) && row_is_measured(other))
            return other;
    }
    return NULL;
}

const struct row *rows_baseline(const struct rows *rows, const struct row *row)
{
    const struct row *found = NULL;
    for (size_t i = 0; i < 2 && !found; i++)
        found = find_peer(rows, row, &contestants[row->plan->baselines[i]]);
    return found ? found : find_peer(rows, row, NULL);
}
