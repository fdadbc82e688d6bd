/* targets.c - the figures that Besom means to reach, and whether a run reached them.
 *
 * A target is a limit on a metric of Besom's: as a multiple of what a contestant has in the same
 * run, or as a number of its own. */
#include "bench/targets.h"

#include <stdio.h>
#include <string.h>

enum { ABSOLUTE = CONTESTANTS, COMPLETES };

struct target {
    const char *workload, *setting; /* setting: a label; NULL: every one */
    double factor;                  /* heap_factor */
    const char *metric;
    unsigned against; /* a contestant, or one of the two above */
    double limit;     /* of COMPLETES: none */
};

static const struct target targets[] = {
    {"churn-16", NULL, 0, "ns_per_object", MIMALLOC, 0.40},
    {"churn-16", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.20},
    {"churn-32", NULL, 0, "ns_per_object", MIMALLOC, 0.40},
    {"churn-32", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.20},
    {"churn-64", NULL, 0, "ns_per_object", MIMALLOC, 0.65},
    {"churn-64", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.30},
    {"churn-128", NULL, 0, "ns_per_object", MIMALLOC, 0.85},
    {"churn-128", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.30},
    {"trees", NULL, 0, "ns_per_node", MIMALLOC, 0.60},
    {"trees", NULL, 0, "ns_per_node", BDWGC_PLAIN, 0.20},
    {"trees", NULL, 0, "peak_rss_bytes", BDWGC_PLAIN, 1},
    {"mark-random", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.15},
    {"mark-random", "1 marking thread", 0, "ns_per_object", BARE, 1.7},
    {"mark-tree", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.45},
    {"mark-list", NULL, 0, "ns_per_object", BDWGC_PLAIN, 0.9},
    {"gcbench", NULL, 2, "wall_ms", BDWGC_PLAIN, 0.60},
    {"gcbench", NULL, 1.2, "completed", COMPLETES, 0},
    {"quads", NULL, 1.5, "completed", COMPLETES, 0},
    {"quads", NULL, 3, "wall_ms", BDWGC_PLAIN, 0.6},
    {"false-retention", NULL, 0, "retained_fraction", ABSOLUTE, 0},
    {"micro", NULL, 0, "frame_ns", ABSOLUTE, 2},
    {"micro", NULL, 0, "poll_ns", ABSOLUTE, 0.7},
    {"micro", NULL, 0, "barrier_ns", ABSOLUTE, 0.5},
    {"give-back", NULL, 0, "rss_left_bytes", ABSOLUTE, 8 << 20},
};

static bool is_aimed_at(const struct target *target, const struct row *row)
{
    return row->who == &contestants[BESOM_STW] && row->heap_factor == target->factor &&
           strcmp(row->plan->name, target->workload) == 0 &&
           (!target->setting || strcmp(row->setting->label, target->setting) == 0);
}

static const struct row *peer_of(const struct rows *rows, const struct row *row, unsigned who)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->at[i].who == &contestants[who] && row_is_peer(&rows->at[i], row))
            return &rows->at[i];
    }
    return NULL;
}

/* "met", or "missed", or "missed, within the spread" if the best run met it. */
static const char *verdict(double figure, double best, double limit)
{
    if (figure <= limit)
        return "met";
    return best <= limit ? "missed, within the spread" : "missed";
}

static void print_name(const struct target *target, const struct row *row)
{
    char name[80];
    snprintf(name, sizeof name, "%s%s%s", target->workload, row->setting->label[0] ? ", " : "",
             row->setting->label);
    if (row->heap_factor != 0)
        snprintf(name + strlen(name), sizeof name - strlen(name), ", %.3gx", row->heap_factor);
    printf("  %-32s %-18s", name, target->metric);
}

static void print_completes(const struct row *row)
{
    printf(" completes                %10s   %s\n", row->failed[0] ? "no" : "yes",
           row->failed[0] ? "missed" : "met");
}

static void print_absolute(const struct target *target, const struct row *row)
{
    const size_t metric = plan_metric(row->plan, target->metric);
    const struct metric *shown = row->plan->metrics[metric];
    struct summary summary = row_summary(row, metric);
    char limit[40];
    snprintf(limit, sizeof limit, "%.4g %s", target->limit / shown->scale, shown->shown);
    printf(" at most %-16s %10.3f   %s\n", limit, summary.median / shown->scale,
           verdict(summary.median, summary.min, target->limit));
}

static void print_relative(const struct target *target, const struct row *row,
                           const struct row *other)
{
    const size_t metric = plan_metric(row->plan, target->metric);
    struct summary ours = row_summary(row, metric);
    struct summary theirs = row_summary(other, metric);
    char label[60], limit[80];
    contestant_label(other->who, label, sizeof label);
    snprintf(limit, sizeof limit, "%.2f x %s", target->limit, label);
    printf(" at most %-16s %10.2f x %s\n", limit, stats_ratio(&ours, &theirs),
           verdict(ours.median, ours.min, target->limit * theirs.median));
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
    if (target->against == ABSOLUTE) {
        print_absolute(target, row);
        return;
    }
    const struct row *other = peer_of(rows, row, target->against);
    if (other && row_is_measured(other))
        print_relative(target, row, other);
    else
        printf(" not measured: %s %s\n", contestants[target->against].name,
               other ? other->failed : "did not run");
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
