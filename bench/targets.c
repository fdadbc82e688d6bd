/* targets.c - the figures that Besom means to reach, and whether a run reached them.
 *
 * A target is a limit on a metric of one of Besom's modes: as a multiple of what a contestant has in
 * the same run, of what Besom itself has in another mode or under another setting, or as a number of
 * its own.  What has not been measured is neither met nor missed. */
#include "bench/targets.h"

#include <stdio.h>
#include <string.h>

enum { ABSOLUTE = CONTESTANTS, COMPLETES };

struct target {
    const char *workload, *setting; /* setting: a label; NULL: every one */
    double factor;                  /* heap_factor */
    const char *metric;
    unsigned against;            /* a contestant, or one of the two above */
    double limit;                /* of COMPLETES: none */
    const char *setting_against; /* the label of another setting; NULL: the same */
    enum contestant_index who;   /* the mode of Besom */
};

static const struct target targets[] = {
    {"churn-16", NULL, 0, "ns_per_object", MIMALLOC, 0.40, NULL, BESOM_STW},
    {"churn-16", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.20, NULL, BESOM_STW},
    {"churn-32", NULL, 0, "ns_per_object", MIMALLOC, 0.40, NULL, BESOM_STW},
    {"churn-32", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.20, NULL, BESOM_STW},
    {"churn-64", NULL, 0, "ns_per_object", MIMALLOC, 0.65, NULL, BESOM_STW},
    {"churn-64", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.30, NULL, BESOM_STW},
    {"churn-128", NULL, 0, "ns_per_object", MIMALLOC, 0.85, NULL, BESOM_STW},
    {"churn-128", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.30, NULL, BESOM_STW},
    {"trees", NULL, 0, "ns_per_node", MIMALLOC, 0.60, NULL, BESOM_STW},
    {"trees", NULL, 0, "ns_per_node", BDWGC_PLAIN, 0.20, NULL, BESOM_STW},
    {"trees", NULL, 0, "peak_rss_bytes", BDWGC_PLAIN, 1, NULL, BESOM_STW},
    {"mark-random", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.15, NULL, BESOM_STW},
    {"mark-random", "1 marking thread", 0, "ns_per_object", BARE, 1.7, NULL, BESOM_STW},
    {"mark-tree", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.45, NULL, BESOM_STW},
    {"mark-list", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.9, NULL, BESOM_STW},
    {"gcbench", NULL, 2, "wall_ms", BDWGC_PLAIN, 0.60, NULL, BESOM_STW},
    {"gcbench", NULL, 1.2, "completed", COMPLETES, 0, NULL, BESOM_STW},
    {"quads", NULL, 1.5, "completed", COMPLETES, 0, NULL, BESOM_STW},
    {"quads", NULL, 3, "wall_ms", BDWGC_PLAIN, 0.6, NULL, BESOM_STW},
    {"false-retention", NULL, 0, "retained_fraction", ABSOLUTE, 0, NULL, BESOM_STW},
    {"micro", NULL, 0, "frame_ns", ABSOLUTE, 2, NULL, BESOM_STW},
    {"micro", NULL, 0, "poll_ns", ABSOLUTE, 0.7, NULL, BESOM_STW},
    {"micro", NULL, 0, "barrier_ns", ABSOLUTE, 0.5, NULL, BESOM_STW},
    {"give-back", NULL, 0, "rss_left_bytes", ABSOLUTE, 8 << 20, NULL, BESOM_STW},
    {"ephemeron-chain", "10^6 entries", 0, "ns_per_entry", BESOM_STW, 8, "10^4 entries", BESOM_STW},
    {"ephemeron-chain", "10^6 entries", 0, "ns_per_entry", NODE, 0.3, NULL, BESOM_STW},
    {"weak-table-live", NULL, 0, "ns_per_entry", ABSOLUTE, 40, NULL, BESOM_STW},
    {"weak-table-live", NULL, 0, "bytes_per_entry", ABSOLUTE, 40, NULL, BESOM_STW},
    {"weak-churn", NULL, 0, "ns_per_op", BDWGC_PLAIN, 0.5, NULL, BESOM_STW},
    {"weak-churn", NULL, 0, "ns_per_op", LUA, 0.5, NULL, BESOM_STW},
    {"intern", NULL, 0, "ns_per_op", BDWGC_PLAIN, 0.5, NULL, BESOM_STW},
    {"intern", NULL, 0, "ns_per_op", LUA, 0.5, NULL, BESOM_STW},
    {"cache", NULL, 0, "ns_per_op", BDWGC_PLAIN, 0.5, NULL, BESOM_STW},
    {"cache", NULL, 0, "ns_per_op", LUA, 0.5, NULL, BESOM_STW},
    {"finalize", NULL, 0, "ns_per_op", BDWGC_PLAIN, 0.5, NULL, BESOM_STW},
    {"finalize", NULL, 0, "ns_per_op", LUA, 0.5, NULL, BESOM_STW},
    {"finalize-stop", "10^6 finalizable", 0, "stop_ms_max", BESOM_STW, 1.5, "10 finalizable",
     BESOM_STW},

    /* throughput, as the inverse of the time for an object */
    {"pause-live", "1 GiB live", 0, "stop_ms_max", ABSOLUTE, 1, NULL, BESOM_CONCURRENT},
    {"pause-live", "1 GiB live", 0, "stop_ms_max", BDWGC_PLAIN, 1 / 500.0, NULL, BESOM_CONCURRENT},
    {"pause-live", "1 GiB live", 0, "stop_ms_p99", ABSOLUTE, 0.3, NULL, BESOM_CONCURRENT},
    {"pause-live", "1 GiB live", 0, "op_ms_max", ABSOLUTE, 5, NULL, BESOM_CONCURRENT},
    {"pause-live", "2 GiB live", 0, "stop_ms_max", BESOM_CONCURRENT, 1.5, "256 MiB live",
     BESOM_CONCURRENT},
    {"pause-live", "1 GiB live", 0, "ns_per_object", BESOM_STW, 1 / 0.85, NULL, BESOM_CONCURRENT},
    {"pause-live", "1 GiB live", 0, "ns_per_object", BDWGC_PLAIN, 1 / 1.3, NULL, BESOM_CONCURRENT},
    {"pause-live", NULL, 0, "floating_fraction", ABSOLUTE, 0.02, NULL, BESOM_CONCURRENT},
    {"pause-live", "1 GiB live", 0, "stop_ms_max", ABSOLUTE, 1, NULL, BESOM_INCREMENTAL},
    {"pause-live", "1 GiB live", 0, "op_ms_max", ABSOLUTE, 1, NULL, BESOM_INCREMENTAL},
    {"pause-live", "1 GiB live", 0, "ns_per_object", BESOM_STW, 1 / 0.8, NULL, BESOM_INCREMENTAL},
    {"quads", "young trees dropped", 1.5, "wall_ms", BESOM_STW, 0.5, NULL, BESOM_GENERATIONAL},
    {"quads", "young trees dropped", 2, "wall_ms", BESOM_STW, 0.5, NULL, BESOM_GENERATIONAL},
    {"quads", "young trees dropped", 1.5, "stop_ms_p50", ABSOLUTE, 0.3, NULL, BESOM_GENERATIONAL},
    {"quads", "young trees dropped", 2, "stop_ms_p50", ABSOLUTE, 0.3, NULL, BESOM_GENERATIONAL},
    {"churn-store", "barrier on", 0, "ns_per_object", BESOM_STW, 1.3, "barrier off", BESOM_STW},
    {"churn-store", "barrier on", 0, "ns_per_object", BESOM_STW, 1.3, "barrier off",
     BESOM_GENERATIONAL},
    {"splay", "80 changes", 0, "op_us_p999", BESOM_STW, 0.1, NULL, BESOM_CONCURRENT},
    {"weak-stop", "with weak structures", 0, "stop_ms", BESOM_CONCURRENT, 1.5,
     "without weak structures", BESOM_CONCURRENT},
};

static bool is_aimed_at(const struct target *target, const struct row *row)
{
    return row->who == &contestants[target->who] && row->heap_factor == target->factor &&
           strcmp(row->plan->name, target->workload) == 0 &&
           (!target->setting || strcmp(row->setting->label, target->setting) == 0);
}

/* The row that the target compares `row` with; NULL if it did not run. */
static const struct row *other_of(const struct target *target, const struct rows *rows,
                                  const struct row *row)
{
    const char *label = target->setting_against ? target->setting_against : row->setting->label;
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *other = &rows->at[i];
        if (other->who == &contestants[target->against] && other->plan == row->plan &&
            other->heap_factor == row->heap_factor && strcmp(other->setting->label, label) == 0)
            return other;
    }
    return NULL;
}

/* "met", or "missed", or "missed, within the spread" if the best run met it; one run has no
 * spread. */
static const char *verdict(const struct summary *ours, double limit)
{
    if (ours->n < 2)
        return ours->median <= limit ? "met, in one run" : "missed, in one run";
    if (ours->median <= limit)
        return "met";
    return ours->min <= limit ? "missed, within the spread" : "missed";
}

static void print_name(const struct target *target, const struct row *row)
{
    char name[80];
    snprintf(name, sizeof name, "%s%s%s", target->workload, row->setting->label[0] ? ", " : "",
             row->setting->label);
    if (row->heap_factor != 0)
        snprintf(name + strlen(name), sizeof name - strlen(name), ", %.3gx", row->heap_factor);
    if (target->who != BESOM_STW)
        snprintf(name + strlen(name), sizeof name - strlen(name), ", %s", row->who->mode);
    printf("  %-46s %-18s", name, target->metric);
}

static void print_completes(const struct row *row)
{
    printf(" completes %38s   %s\n", row->failed[0] ? "no" : "yes",
           row->failed[0] ? "missed" : "met");
}

static void print_absolute(const struct target *target, const struct row *row)
{
    const size_t metric = plan_metric(row->plan, target->metric);
    const struct metric *shown = row->plan->metrics[metric];
    struct summary summary = row_summary(row, metric);
    char limit[40];
    snprintf(limit, sizeof limit, "%.4g %s", target->limit / shown->scale, shown->shown);
    printf(" at most %-30s %10.3f   %s\n", limit, summary.median / shown->scale,
           verdict(&summary, target->limit));
}

static void print_relative(const struct target *target, const struct row *row,
                           const struct row *other)
{
    const size_t metric = plan_metric(row->plan, target->metric);
    struct summary ours = row_summary(row, metric);
    struct summary theirs = row_summary(other, metric);
    char label[60], limit[80];
    const int digits = target->limit < 0.01 ? 4 : 2;
    if (target->setting_against)
        snprintf(label, sizeof label, "%s", target->setting_against);
    else
        contestant_label(other->who, label, sizeof label);
    snprintf(limit, sizeof limit, "%.*f x %s", digits, target->limit, label);
    printf(" at most %-30s %10.*f x %s\n", limit, digits, stats_ratio(&ours, &theirs),
           verdict(&ours, target->limit * theirs.median));
}

/* Is there a figure that others can be a multiple of? */
static bool has_something(const struct row *row, const char *metric)
{
    return row_summary(row, plan_metric(row->plan, metric)).median != 0;
}

static void print_target(const struct target *target, const struct rows *rows,
                         const struct row *row)
{
    print_name(target, row);
    if (target->against == COMPLETES) {
        print_completes(row);
        return;
    }
    if (!row_is_measured(row)) {
        printf(" missed: %s\n", row->failed);
        return;
    }
    if (row_summary(row, plan_metric(row->plan, target->metric)).n == 0) {
        puts(" not measured: there were too few events");
        return;
    }
    if (target->against == ABSOLUTE) {
        print_absolute(target, row);
        return;
    }
    const struct row *other = other_of(target, rows, row);
    if (other && row_is_measured(other) && !has_something(other, target->metric))
        printf(" not measured: %s has none to compare with\n", contestants[target->against].name);
    else if (other && row_is_measured(other))
        print_relative(target, row, other);
    else
        printf(" not measured: %s%s\n", contestants[target->against].name,
               other ? " has no figure" : " did not run");
}

void targets_print(const struct rows *rows)
{
    bool is_first = true;
    for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++) {
        for (size_t i = 0; i < rows->n; i++) {
            if (!is_aimed_at(&targets[t], &rows->at[i]))
                continue;
            if (is_first)
                puts("\ntargets: what Besom means to reach, and the medians of this run");
            is_first = false;
            print_target(&targets[t], rows, &rows->at[i]);
        }
    }
}
