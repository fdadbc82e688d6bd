/* compare.c - what changed from one run to another. */
#include "bench/report/compare.h"

#include "bench/report/text.h"
#include "bench/report/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What must be the same for figures to be compared; load and hiccups never are. */
static const char *const identity[] = {"cpu", "cores", "memory_bytes", "kernel"};

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = {
        [VERDICT_BETTER] = "better",
        [VERDICT_WORSE] = "WORSE",
        [VERDICT_CHANGED] = "changed",
        [VERDICT_BROKE] = "FAILS NOW",
        [VERDICT_MENDED] = "failed before",
        [VERDICT_UNSURE] = "one run",
        [VERDICT_TIE] = "tie",
    };
    return words[verdict];
}

size_t comparison_count(const struct comparison *comparison, enum verdict verdict)
{
    size_t n = 0;
    for (size_t i = 0; i < comparison->n; i++)
        n += comparison->changes[i].verdict == verdict;
    return n;
}

/* ---- matching ---- */

static int by_identity(const void *left, const void *right)
{
    const struct figure *a = *(const struct figure *const *)left;
    const struct figure *b = *(const struct figure *const *)right;
    const char *const of_a[] = {a->from.workload, a->from.setting, a->from.label, a->metric};
    const char *const of_b[] = {b->from.workload, b->from.setting, b->from.label, b->metric};
    int order = 0;
    for (size_t i = 0; i < 4 && order == 0; i++)
        order = strcmp(of_a[i], of_b[i]);
    return order;
}

/* The figures by identity; the list is the caller's to free. */
static const struct figure **sorted(const struct model *model)
{
    const struct figure **list = text_realloc(NULL, (model->n_figures + 1) * sizeof *list);
    for (size_t i = 0; i < model->n_figures; i++)
        list[i] = &model->figures[i];
    qsort(list, model->n_figures, sizeof *list, by_identity);
    return list;
}

static enum verdict judge(const struct figure *before, const struct figure *after)
{
    const struct summary *a = &before->summary, *b = &after->summary;
    if (a->n == 0 || b->n == 0)
        return a->n != 0 ? VERDICT_BROKE : b->n != 0 ? VERDICT_MENDED : VERDICT_TIE;
    if (stats_is_tie(a, b))
        return VERDICT_TIE;
    if (a->n < 2 || b->n < 2)
        return VERDICT_UNSURE;
    const enum sense sense = words_sense(after->metric);
    if (sense == SENSE_NEITHER)
        return VERDICT_CHANGED;
    return (b->median < a->median) == (sense == SENSE_LESS) ? VERDICT_BETTER : VERDICT_WORSE;
}

static double ratio_of(const struct figure *before, const struct figure *after)
{
    if (before->summary.median == after->summary.median)
        return 1;
    return before->summary.median == 0 ? INFINITY : stats_ratio(&after->summary, &before->summary);
}

static double size_of(const struct change *change)
{
    return change->ratio <= 0 ? INFINITY : fabs(log(change->ratio));
}

static int group_of(const struct change *change)
{
    return change->verdict == VERDICT_TIE ? 2 : change->verdict == VERDICT_UNSURE ? 1 : 0;
}

static int by_size(const void *left, const void *right)
{
    const struct change *a = left, *b = right;
    if (group_of(a) != group_of(b))
        return group_of(a) - group_of(b);
    const double of_a = size_of(a), of_b = size_of(b);
    if (of_a != of_b)
        return of_a < of_b ? 1 : -1;
    return a->after < b->after ? -1 : 1; /* as in the file */
}

/* The figure by which the row of `figure` says that it failed altogether; NULL if it does not. */
static const struct figure *find_failure(const struct model *model, const struct figure *figure)
{
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *other = &model->figures[i];
        if (other->error && strcmp(other->metric, "completed") == 0 &&
            origin_is_peer(&other->from, &figure->from) &&
            strcmp(other->from.label, figure->from.label) == 0)
            return other;
    }
    return NULL;
}

static void add(struct comparison *comparison, const struct figure *before,
                const struct figure *after, enum verdict verdict)
{
    comparison->changes[comparison->n++] =
        (struct change){before, after, ratio_of(before, after), verdict};
}

/* Is the same row's failure told by the change before? */
static bool is_told(const struct comparison *comparison, const struct figure *before,
                    const struct figure *after)
{
    const struct change *last = comparison->n != 0 ? &comparison->changes[comparison->n - 1] : NULL;
    return last && (last->before == before || last->after == after);
}

/* Only one of the runs has it: because it failed in the other, or because it did not take part. */
static void add_gone(struct comparison *comparison, const struct figure *before)
{
    const struct figure *failed = find_failure(comparison->after, before);
    if (failed && !is_told(comparison, NULL, failed))
        add(comparison, before, failed, VERDICT_BROKE);
    else
        comparison->gone[comparison->n_gone++] = before;
}

static void add_new(struct comparison *comparison, const struct figure *after)
{
    const struct figure *failed = find_failure(comparison->before, after);
    if (failed && !is_told(comparison, failed, NULL))
        add(comparison, failed, after, VERDICT_MENDED);
    else
        comparison->added[comparison->n_added++] = after;
}

/* Goes through both lists, which are sorted alike. */
static void match(struct comparison *comparison, const struct figure **before, size_t n_before,
                  const struct figure **after, size_t n_after)
{
    for (size_t i = 0, j = 0; i < n_before || j < n_after;) {
        const int order = i == n_before  ? 1
                          : j == n_after ? -1
                                         : by_identity(&before[i], &after[j]);
        if (order < 0) {
            add_gone(comparison, before[i++]);
        } else if (order > 0) {
            add_new(comparison, after[j++]);
        } else {
            add(comparison, before[i], after[j], judge(before[i], after[j]));
            i++;
            j++;
        }
    }
}

/* ---- machines ---- */

/* NULL if they are the same, as far as the files tell. */
static char *differing_machines(const struct model *before, const struct model *after)
{
    struct text words = {0};
    for (size_t i = 0; i < sizeof identity / sizeof *identity; i++) {
        const struct fact *a = facts_find(&before->machine, identity[i]);
        const struct fact *b = facts_find(&after->machine, identity[i]);
        const char *of_a = a ? a->text : "unknown", *of_b = b ? b->text : "unknown";
        if (strcmp(of_a, of_b) != 0)
            text_printf(&words, "%s%s: %s, then %s", words.n == 0 ? "" : "; ", identity[i], of_a,
                        of_b);
    }
    return words.at;
}

void compare(struct comparison *comparison, const struct model *before, const struct model *after)
{
    const struct figure **of_before = sorted(before), **of_after = sorted(after);
    const size_t most = before->n_figures + after->n_figures + 1;
    *comparison = (struct comparison){.before = before, .after = after};
    comparison->changes = text_realloc(NULL, most * sizeof *comparison->changes);
    comparison->gone = text_realloc(NULL, most * sizeof *comparison->gone);
    comparison->added = text_realloc(NULL, most * sizeof *comparison->added);
    match(comparison, of_before, before->n_figures, of_after, after->n_figures);
    qsort(comparison->changes, comparison->n, sizeof *comparison->changes, by_size);
    comparison->machines = differing_machines(before, after);
    free(of_before);
    free(of_after);
}

void comparison_free(struct comparison *comparison)
{
    free(comparison->changes);
    free(comparison->gone);
    free(comparison->added);
    free(comparison->machines);
    *comparison = (struct comparison){0};
}
