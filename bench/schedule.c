/* schedule.c - running the rows of a workload, round after round. */
#include "bench/schedule.h"

#include "bench/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_QUICK_S = 20, TIMEOUT_S = 600, ARGUMENTS = 16 };

static unsigned participants(const struct schedule *schedule, const struct plan *plan)
{
    if (schedule->who != 0)
        return plan->who & schedule->who;
    const unsigned set = schedule->is_quick ? plan->who_quick : plan->who_full;
    return set != 0 ? set : plan->who;
}

static unsigned repeat_of(const struct schedule *schedule, const struct plan *plan)
{
    if (schedule->repeat != 0)
        return schedule->repeat;
    return plan->repeat != 0 ? plan->repeat : 3;
}

/* The rows of one setting under one limit; without one, of those that take none. */
static bool add_group(struct schedule *schedule, const struct row *like, bool has_limit,
                      struct rows *rows)
{
    const unsigned set = participants(schedule, like->plan);
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct contestant *who = &contestants[i];
        if (!(set & 1u << i) || !who->version[0])
            continue;
        if (like->plan->factors[0] != 0 && who->has_limit != has_limit)
            continue;
        struct row row = *like;
        row.who = who;
        if (like->plan->without[like->setting - like->plan->settings] & 1u << i)
            snprintf(row.failed, sizeof row.failed, "not run: %s", like->plan->because);
        if (!rows_add(rows, &row, repeat_of(schedule, like->plan)))
            return false;
        schedule->todo += repeat_of(schedule, like->plan);
    }
    return true;
}

bool schedule_add(struct schedule *schedule, const struct plan *plan, struct rows *rows)
{
    for (const struct setting *setting = plan->settings; setting->label; setting++) {
        struct row row = {.plan = plan, .setting = setting};
        row.parameters = schedule->is_quick ? setting->quick : setting->full;
        if (!row.parameters)
            continue;
        for (const double *factor = plan->factors; *factor != 0; factor++) {
            row.heap_factor = *factor;
            if (!add_group(schedule, &row, true, rows))
                return false;
        }
        row.heap_factor = 0;
        if (!add_group(schedule, &row, false, rows))
            return false;
    }
    return true;
}

/* ---- one run ---- */

/* A worker's arguments: pointers into one text. */
struct arguments {
    const char *at[ARGUMENTS + 1];
    char text[512];
};

static void arguments_of(const struct row *row, struct arguments *arguments)
{
    char *text = arguments->text;
    int n = snprintf(text, sizeof arguments->text, "%s %s mode=%s", row->plan->program,
                     row->parameters, row->who->mode);
    if (row->heap_bytes != 0)
        snprintf(text + n, sizeof arguments->text - (size_t)n, " heap_bytes=%" PRIu64,
                 row->heap_bytes);
    size_t count = 0;
    for (char *word; (word = strsep(&text, " ")) != NULL && count < ARGUMENTS;)
        arguments->at[count++] = word;
    arguments->at[count] = NULL;
}

static void run_once(const struct schedule *schedule, const struct row *row,
                     struct outcome *outcome)
{
    struct arguments arguments;
    arguments_of(row, &arguments);
    child_run(row->who->worker, row->who->library, arguments.at,
              schedule->is_quick ? TIMEOUT_QUICK_S : TIMEOUT_S, outcome);
}

/* ---- heap limits ---- */

/* The live peak of a row's workload: a run on malloc counts it.  0 if it cannot be had. */
static uint64_t live_peak(const struct schedule *schedule, const struct row *row)
{
    struct row measured = *row;
    measured.who = &contestants[MALLOC];
    measured.heap_bytes = 0;
    struct outcome outcome;
    run_once(schedule, &measured, &outcome);
    outcome_free(&outcome);
    for (size_t i = 0; i < outcome.n_params && !outcome.failed[0]; i++) {
        if (strcmp(outcome.params[i].name, "live_bytes") == 0)
            return (uint64_t)outcome.params[i].value;
    }
    return 0;
}

static void set_limits(const struct schedule *schedule, struct row *first, struct row *end)
{
    uint64_t live_bytes = 0;
    for (struct row *row = first; row != end; row++) {
        if (row->heap_factor == 0)
            continue;
        if (row == first || row->setting != row[-1].setting)
            live_bytes = live_peak(schedule, row);
        row->heap_bytes = (uint64_t)((double)live_bytes * row->heap_factor);
        if (live_bytes == 0)
            snprintf(row->failed, sizeof row->failed, "the live peak could not be measured");
    }
}

/* ---- rounds ---- */

/* "", or what is left, if the runs to come take as long as those that are done. */
static void estimate(const struct schedule *schedule, char *text, size_t n)
{
    text[0] = '\0';
    if (schedule->done == 0)
        return;
    const double each_s = (double)(clock_ns() - schedule->began_ns) / 1e9 / (double)schedule->done;
    const double left_s = each_s * (double)(schedule->todo - schedule->done);
    if (left_s < 90)
        snprintf(text, n, ", about %.0f s left", left_s);
    else
        snprintf(text, n, ", about %.0f min left", left_s / 60);
}

static void show_progress(const struct schedule *schedule, const struct row *row, unsigned round)
{
    char label[60], left[40];
    if (!isatty(STDERR_FILENO))
        return;
    contestant_label(row->who, label, sizeof label);
    estimate(schedule, left, sizeof left);
    fprintf(stderr, "\r\033[K[%zu/%zu%s] %s", schedule->done + 1, schedule->todo, left,
            row->plan->name);
    if (row->setting->label[0])
        fprintf(stderr, ", %s", row->setting->label);
    if (row->heap_factor != 0)
        fprintf(stderr, ", %.3gx", row->heap_factor);
    fprintf(stderr, ": %s, %u of %u", label, round + 1, repeat_of(schedule, row->plan));
    fflush(stderr);
}

/* For who keeps the output: a line a round. */
static void show_round(const struct schedule *schedule, const struct row *first, unsigned round,
                       unsigned repeat)
{
    char left[40];
    if (isatty(STDERR_FILENO))
        return;
    estimate(schedule, left, sizeof left);
    fprintf(stderr, "[%zu/%zu%s] %s: round %u of %u\n", schedule->done + 1, schedule->todo, left,
            first->plan->name, round + 1, repeat);
}

/* Rows of one setting must have seen the same sums: else their work was not the same. */
static void compare_work(struct row *first, struct row *end)
{
    const struct row *other = NULL;
    for (struct row *row = first; row != end; row++) {
        if (other && row->setting != other->setting)
            other = NULL;
        if (!row_is_measured(row) || !row->has_check)
            continue;
        if (!other)
            other = row;
        if (row->check != other->check) {
            char label[60];
            contestant_label(other->who, label, sizeof label);
            row->is_wrong = true;
            snprintf(row->failed, sizeof row->failed, "did other work than %s", label);
        }
    }
}

void schedule_run(struct schedule *schedule, struct row *first, struct row *end)
{
    if (first == end)
        return;
    const unsigned repeat = repeat_of(schedule, first->plan);
    if (schedule->began_ns == 0)
        schedule->began_ns = clock_ns();
    set_limits(schedule, first, end);
    for (unsigned round = 0; round < repeat; round++) {
        show_round(schedule, first, round, repeat);
        for (struct row *row = first; row != end; row++) {
            if (!row->failed[0] || row_is_measured(row)) {
                struct outcome outcome;
                show_progress(schedule, row, round);
                run_once(schedule, row, &outcome);
                row_record(row, &outcome);
                outcome_free(&outcome);
            }
            schedule->done++;
        }
    }
    compare_work(first, end);
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}
