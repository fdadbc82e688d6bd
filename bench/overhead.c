/* overhead.c - lower-bound overhead. */
#include "bench/overhead.h"

const char *const overhead_metrics[OVERHEAD_CLOCKS] = {"lbo_wall", "lbo_cpu"};
const char *const overhead_curves[OVERHEAD_CLOCKS] = {"lbo-wall", "lbo-cpu"};
const char *const overhead_times[OVERHEAD_CLOCKS] = {"wall", "cpu"};

static const char *const totals[OVERHEAD_CLOCKS] = {"wall_ms", "cpu_ms"};
static const char *const rests[OVERHEAD_CLOCKS] = {"program_wall_ms", "program_cpu_ms"};

/* Nothing if the plan has no such metric, or the row's figures are not to be used. */
static struct summary summary_of(const struct row *row, const char *metric)
{
    const size_t at = plan_metric(row->plan, metric);
    if (at == PLAN_METRICS || !row_is_measured(row))
        return (struct summary){0};
    return row_summary(row, at);
}

static bool is_of_setting(const struct row *a, const struct row *b)
{
    return a->plan == b->plan && a->setting == b->setting;
}

const struct row *overhead_baseline(const struct rows *rows, const struct row *row,
                                    enum overhead_clock clock, double *least_ms)
{
    const struct row *found = NULL;
    *least_ms = 0;
    if (row->plan->factors[0] == 0)
        return NULL;
    for (size_t i = 0; i < rows->n; i++) {
        if (!is_of_setting(&rows->at[i], row))
            continue;
        const struct summary rest = summary_of(&rows->at[i], rests[clock]);
        if (rest.n != 0 && rest.min > 0 && (!found || rest.min < *least_ms)) {
            found = &rows->at[i];
            *least_ms = rest.min;
        }
    }
    return found;
}

struct summary overhead_time(const struct row *row, enum overhead_clock clock)
{
    return summary_of(row, totals[clock]);
}

struct summary overhead_of(const struct rows *rows, const struct row *row,
                           enum overhead_clock clock)
{
    double least_ms;
    const struct summary total = overhead_time(row, clock);
    if (total.n == 0 || !overhead_baseline(rows, row, clock, &least_ms))
        return (struct summary){0};
    return (struct summary){total.median / least_ms, total.min / least_ms, total.max / least_ms,
                            total.n};
}

const struct row *overhead_at(const struct rows *rows, const struct row *row, double factor)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *other = &rows->at[i];
        if (is_of_setting(other, row) && other->who == row->who &&
            (other->heap_factor == factor || other->heap_factor == 0))
            return other;
    }
    return NULL;
}

bool overhead_is_first(const struct rows *rows, const struct row *row)
{
    const struct row *other = rows->at;
    while (!is_of_setting(other, row) || other->who != row->who)
        other++;
    return other == row;
}
