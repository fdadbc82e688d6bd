/* table.c - the rows of a workload as a table for people.
 *
 *     trees: binary trees of every depth, ...
 *       contestant          ns_per_node    min .. max       n  x mimalloc  peak_rss_bytes  ...
 *       besom stw              3.91 ns   3.90 .. 4.02       3    0.57           9.1 MiB ...
 *
 * The first metric is shown with its ratio to the baseline's, and of more than four metrics the
 * others are shown without their spread; where the spreads of the two overlap
 * the runs do not tell which is better, and the ratio is followed by "tie". */
#include "bench/table.h"

#include <stdio.h>
#include <string.h>

/* Does the plan have groups of rows under a name of their own? */
static bool has_groups(const struct plan *plan)
{
    return plan->settings[0].label[0] || plan->factors[0] != 0;
}

/* Is there room for the spread of every metric, or of the first alone? */
static bool has_room(const struct plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; plan->metrics[i]; i++)
        n += plan->metrics[i]->shown != NULL;
    return n <= 4;
}

/* Of a metric's figures: narrower if there are many. */
static int width_of(const struct plan *plan, size_t metric)
{
    const int length = (int)strlen(plan->metrics[metric]->name);
    if (metric == 0 || has_room(plan))
        return 17;
    return length > 11 ? length : 11;
}

/* What ratios are to; "" if nothing to compare with has completed. */
static void baseline_label(const struct row *baseline, char *label, size_t n)
{
    label[0] = '\0';
    if (baseline)
        contestant_label(baseline->who, label, n);
}

/* Of the column of contestants. */
static int label_width(const struct rows *rows, size_t first, size_t end)
{
    int width = 18;
    for (size_t i = first; i < end; i++) {
        char label[60];
        contestant_label(rows->at[i].who, label, sizeof label);
        width = (int)strlen(label) > width ? (int)strlen(label) : width;
    }
    return width;
}

static void print_heading(const struct plan *plan, const struct row *baseline, int width)
{
    char label[60], ratio[70];
    baseline_label(baseline, label, sizeof label);
    snprintf(ratio, sizeof ratio, "%s%s", label[0] && !has_groups(plan) ? "x " : "ratio",
             has_groups(plan) ? "" : label);
    printf("  %-*s", width, "contestant");
    for (size_t i = 0; plan->metrics[i]; i++) {
        if (!plan->metrics[i]->shown)
            continue;
        printf("  %*s", width_of(plan, i), plan->metrics[i]->name);
        if (i == 0 || has_room(plan))
            printf(" %18s", "min .. max");
        if (i == 0)
            printf("  n  %-13s", ratio);
    }
    putchar('\n');
}

static void print_group_name(const struct row *row, const struct row *baseline)
{
    char label[60];
    baseline_label(baseline, label, sizeof label);
    printf(" %s", row->setting->label);
    if (row->heap_factor != 0)
        printf("%sheap limit %.3g x live peak = %.1f MiB", row->setting->label[0] ? ", " : "",
               row->heap_factor, (double)row->heap_bytes / 1048576.0);
    else if (row->plan->factors[0] != 0)
        printf("%sno heap limit", row->setting->label[0] ? ", " : "");
    if (label[0])
        printf("; ratios to %s", label);
    putchar('\n');
}

static void print_metric(const struct plan *plan, size_t i, const struct summary *summary)
{
    const struct metric *metric = plan->metrics[i];
    char value[40] = "-", spread[60] = "";
    if (summary->n != 0) {
        snprintf(value, sizeof value, "%.*f%s%s", metric->digits, summary->median / metric->scale,
                 metric->shown[0] ? " " : "", metric->shown);
        snprintf(spread, sizeof spread, "%.*f .. %.*f", metric->digits,
                 summary->min / metric->scale, metric->digits, summary->max / metric->scale);
    }
    printf("  %*s", width_of(plan, i), value);
    if (i == 0 || has_room(plan))
        printf(" %18s", spread);
}

static void print_ratio(const struct row *row, const struct row *baseline,
                        const struct summary *summary)
{
    char text[40] = "-";
    if (baseline == row) {
        snprintf(text, sizeof text, "1");
    } else if (baseline) {
        struct summary other = row_summary(baseline, 0);
        const double ratio = stats_ratio(summary, &other);
        if (summary->n != 0 && other.n != 0 && other.median != 0)
            snprintf(text, sizeof text, "%.*f%s", ratio < 0.01 ? 4 : 2, ratio,
                     stats_is_tie(summary, &other) ? " tie" : "");
    }
    printf(" %2zu  %-13s", summary->n, text);
}

static void print_row(const struct rows *rows, const struct row *row, int width)
{
    char label[60];
    contestant_label(row->who, label, sizeof label);
    printf("  %-*s", width, label);
    if (!row_is_measured(row)) {
        printf(" %s\n", row->failed);
        return;
    }
    for (size_t i = 0; row->plan->metrics[i]; i++) {
        if (!row->plan->metrics[i]->shown)
            continue;
        struct summary summary = row_summary(row, i);
        print_metric(row->plan, i, &summary);
        if (i == 0)
            print_ratio(row, rows_baseline(rows, row), &summary);
    }
    if (row->failures != 0)
        printf("  (%u of %u: %s)", row->failures, row->runs, row->failed);
    putchar('\n');
}

void table_print(const struct rows *rows, size_t first, size_t end)
{
    if (first == end)
        return;
    const struct plan *plan = rows->at[first].plan;
    printf("\n%s: %s\n", plan->name, plan->about);
    const int width = label_width(rows, first, end);
    print_heading(plan, rows_baseline(rows, &rows->at[first]), width);
    for (size_t i = first; i < end; i++) {
        const struct row *row = &rows->at[i];
        if (has_groups(plan) && (i == first || !row_is_peer(row, row - 1)))
            print_group_name(row, rows_baseline(rows, row));
        print_row(rows, row, width);
    }
    fflush(stdout);
}
