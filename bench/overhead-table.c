/* overhead-table.c - lower-bound overheads as tables for people.
 *
 *     gcbench, 1 mutator: lower-bound overhead, wall: time / 41.3 ms, the least that is left to a
 *     program (arena)
 *       contestant          heap limit 1.5x               2x  ...
 *       besom stw          1.45 1.40..1.52   1.30 1.28..1.31  ...
 *
 * Of those that collect, the least at each limit and what ties with it are marked, but not if a
 * figure is of one run, which may be any distance from the next. */
#include "bench/overhead-table.h"

#include "bench/overhead.h"

#include <stdio.h>

enum { CELL = 19 };

/* Of those that have a limit, the one with the least overhead there; NULL: nobody. */
static const struct row *least_at(const struct rows *rows, const struct row *of, double factor,
                                  enum overhead_clock clock)
{
    const struct row *least = NULL;
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *row = &rows->at[i];
        if (row->plan != of->plan || row->setting != of->setting || row->heap_factor != factor)
            continue;
        const struct summary time = overhead_time(row, clock);
        if (time.n != 0 && (!least || time.median < overhead_time(least, clock).median))
            least = row;
    }
    return least;
}

/* "=" beside the least, if there is something to tell it from the others by. */
static char mark_of(const struct rows *rows, const struct row *row, double factor,
                    enum overhead_clock clock)
{
    const struct row *least = row->heap_factor == 0 ? NULL : least_at(rows, row, factor, clock);
    if (!least)
        return ' ';
    const struct summary ours = overhead_time(row, clock), best = overhead_time(least, clock);
    if (ours.n < 2 || best.n < 2)
        return ' ';
    return stats_is_tie(&ours, &best) ? '=' : ' ';
}

static void print_cell(const struct rows *rows, const struct row *row, double factor,
                       enum overhead_clock clock)
{
    char text[60] = "-";
    const struct summary lbo = row ? overhead_of(rows, row, clock) : (struct summary){0};
    if (lbo.n > 1)
        snprintf(text, sizeof text, "%.2f %.2f..%.2f", lbo.median, lbo.min, lbo.max);
    else if (lbo.n == 1)
        snprintf(text, sizeof text, "%.2f one run", lbo.median);
    else if (row)
        snprintf(text, sizeof text, "failed");
    printf(" %*s%c", CELL, text, lbo.n != 0 ? mark_of(rows, row, factor, clock) : ' ');
}

static void print_heading(const struct rows *rows, const struct row *row, enum overhead_clock clock)
{
    static const char *const names[OVERHEAD_CLOCKS] = {"wall", "processors"};
    char label[60];
    double least_ms;
    const struct row *base = overhead_baseline(rows, row, clock, &least_ms);
    const struct setting *setting = row->setting;
    contestant_label(base->who, label, sizeof label);
    printf(
        "\n%s%s%s: lower-bound overhead, %s: time / %.4g ms, the least that is left to a program "
        "(%s",
        row->plan->name, setting->label[0] ? ", " : "", setting->label, names[clock], least_ms,
        label);
    if (base->heap_factor != 0)
        printf(" at %.3gx", base->heap_factor);
    printf(")\n  %-26s", "heap limit, in live peaks");
    for (const double *factor = row->plan->factors; *factor != 0; factor++)
        printf(" %*.3gx ", CELL - 1, *factor);
    putchar('\n');
}

/* Why cells of the table are empty. */
static void print_failures(const struct rows *rows, const struct row *of)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *row = &rows->at[i];
        if (row->plan != of->plan || row->setting != of->setting || row_is_measured(row))
            continue;
        char label[60];
        contestant_label(row->who, label, sizeof label);
        if (row->heap_factor != 0)
            printf("  failed: %s at %.3gx: %s\n", label, row->heap_factor, row->failed);
        else
            printf("  failed: %s: %s\n", label, row->failed);
    }
}

static void print_setting(const struct rows *rows, const struct row *of, enum overhead_clock clock)
{
    double least_ms;
    if (!overhead_baseline(rows, of, clock, &least_ms))
        return;
    print_heading(rows, of, clock);
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *row = &rows->at[i];
        if (row->plan != of->plan || row->setting != of->setting || !overhead_is_first(rows, row))
            continue;
        char label[60];
        contestant_label(row->who, label, sizeof label);
        printf("  %-26s", label);
        for (const double *factor = row->plan->factors; *factor != 0; factor++)
            print_cell(rows, overhead_at(rows, row, *factor), *factor, clock);
        putchar('\n');
    }
    print_failures(rows, of);
}

void overhead_print(const struct rows *rows, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct row *row = &rows->at[i];
        if (i != first && row->setting == row[-1].setting)
            continue;
        for (int clock = 0; clock < OVERHEAD_CLOCKS; clock++)
            print_setting(rows, row, (enum overhead_clock)clock);
        double least_ms;
        if (overhead_baseline(rows, row, OVERHEAD_WALL, &least_ms))
            puts(
                "  =: the least of those with a limit, and what ties with it; without a limit: the "
                "same at every one");
    }
    fflush(stdout);
}
