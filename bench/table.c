/* table.c - the rows of a workload as a table for people.
 *
 *     trees: binary trees of every depth, ...
 *       contestant          ns_per_node    min .. max       n  x mimalloc  peak_rss_bytes  ...
 *       besom stw              3.91 ns   3.90 .. 4.02       3    0.57           9.1 MiB ...
 *
 * The first metric is shown with its ratio to the baseline's; where the spreads of the two overlap
 * the runs do not tell which is better, and the ratio is followed by "tie".  One run has no spread:
 * it is printed as one, and a ratio to or from it says so.  Of many metrics four at a time are shown,
 * each with its spread, in parts of the table below one another. */
#include "bench/table.h"

#include <stdio.h>
#include <string.h>

/* Does the plan have groups of rows under a name of their own? */
static bool has_groups(const struct plan *plan)
{
    return plan->settings[0].label[0] || plan->factors[0] != 0;
}

enum { PART = 4, WIDTH = 17 }; /* metrics side by side, and how wide the figures of one are */

/* A part of the table. */
struct part {
    int label_width;
    bool is_first;
    size_t metrics[PART]; /* positions in the plan */
    size_t n;
};

/* The next part, beginning at metric *next of the plan; false if there is none. */
static bool part_next(const struct plan *plan, struct part *part, size_t *next)
{
    part->is_first = *next == 0;
    part->n = 0;
    for (; plan->metrics[*next] && part->n < PART; ++*next) {
        if (plan->metrics[*next]->shown)
            part->metrics[part->n++] = *next;
    }
    return part->n != 0;
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

static void print_heading(const struct plan *plan, const struct row *baseline,
                          const struct part *part)
{
    char label[60], ratio[70];
    baseline_label(baseline, label, sizeof label);
    snprintf(ratio, sizeof ratio, "%s%s", label[0] && !has_groups(plan) ? "x " : "ratio",
             has_groups(plan) ? "" : label);
    printf("  %-*s", part->label_width, "contestant");
    for (size_t i = 0; i < part->n; i++) {
        printf("  %*s %18s", WIDTH, plan->metrics[part->metrics[i]]->name, "min .. max");
        if (i == 0)
            printf("  n");
        if (i == 0 && part->is_first)
            printf("  %-13s", ratio);
    }
    putchar('\n');
}

/* In the first part with what its ratios are to. */
static void print_group_name(const struct row *row, const struct row *baseline)
{
    char label[60];
    baseline_label(baseline, label, sizeof label);
    printf(" %s", row->setting->label);
    if (row->setting->label[0])
        printf(" (%s)", row->parameters);
    if (row->heap_factor != 0)
        printf("%sheap limit %.3g x live peak = %.1f MiB", row->setting->label[0] ? ", " : "",
               row->heap_factor, (double)row->heap_bytes / 1048576.0);
    else if (row->plan->factors[0] != 0)
        printf("%sno heap limit", row->setting->label[0] ? ", " : "");
    if (label[0])
        printf("; ratios to %s", label);
    putchar('\n');
}

static void print_metric(const struct metric *metric, const struct summary *summary)
{
    char value[40] = "-", spread[60] = "";
    if (summary->n != 0)
        snprintf(value, sizeof value, "%.*f%s%s", metric->digits, summary->median / metric->scale,
                 metric->shown[0] ? " " : "", metric->shown);
    if (summary->n == 1)
        snprintf(spread, sizeof spread, "one run");
    else if (summary->n != 0)
        snprintf(spread, sizeof spread, "%.*f .. %.*f", metric->digits,
                 summary->min / metric->scale, metric->digits, summary->max / metric->scale);
    printf("  %*s %18s", WIDTH, value, spread);
}

/* What is said behind a ratio. */
static const char *certainty(const struct summary *a, const struct summary *b)
{
    if (a->n < 2 || b->n < 2)
        return " one run";
    return stats_is_tie(a, b) ? " tie" : "";
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
                     certainty(summary, &other));
    }
    printf("  %-13s", text);
}

static void print_row(const struct rows *rows, const struct row *row, const struct part *part)
{
    char label[60];
    contestant_label(row->who, label, sizeof label);
    printf("  %-*s", part->label_width, label);
    if (!row_is_measured(row)) {
        printf(" %s\n", row->failed[0] ? row->failed : "did not run");
        return;
    }
    for (size_t i = 0; i < part->n; i++) {
        struct summary summary = row_summary(row, part->metrics[i]);
        print_metric(row->plan->metrics[part->metrics[i]], &summary);
        if (i == 0)
            printf(" %2u", row->runs - row->failures);
        if (i == 0 && part->is_first)
            print_ratio(row, rows_baseline(rows, row), &summary);
    }
    if (row->failures != 0)
        printf("  (%u of %u: %s)", row->failures, row->runs, row->failed);
    putchar('\n');
}

static void print_part(const struct rows *rows, size_t first, size_t end, const struct part *part)
{
    const struct plan *plan = rows->at[first].plan;
    print_heading(plan, rows_baseline(rows, &rows->at[first]), part);
    for (size_t i = first; i < end; i++) {
        const struct row *row = &rows->at[i];
        if (has_groups(plan) && (i == first || !row_is_peer(row, row - 1)))
            print_group_name(row, part->is_first ? rows_baseline(rows, row) : NULL);
        print_row(rows, row, part);
    }
}

void table_print(const struct rows *rows, size_t first, size_t end)
{
    if (first == end)
        return;
    const struct plan *plan = rows->at[first].plan;
    printf("\n%s: %s", plan->name, plan->about);
    if (!plan->settings[0].label[0])
        printf(" (%s)", rows->at[first].parameters);
    putchar('\n');
    struct part part = {.label_width = label_width(rows, first, end)};
    for (size_t next = 0; part_next(plan, &part, &next);)
        print_part(rows, first, end, &part);
    fflush(stdout);
}
