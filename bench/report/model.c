/* model.c - the results of one run of besom-bench. */
#include "bench/report/model.h"

#include "bench/contestant.h"
#include "bench/plan.h"
#include "bench/report/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- growing ---- */

/* Room for one more of `size` bytes. */
static void *grow(void *at, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return at;
    *room = 2 * *room + 16;
    return text_realloc(at, *room * size);
}

void facts_add(struct facts *facts, const struct fact *fact)
{
    facts->at = grow(facts->at, facts->n, &facts->room, sizeof *facts->at);
    facts->at[facts->n++] = *fact;
}

void model_add_figure(struct model *model, const struct figure *figure)
{
    model->figures =
        grow(model->figures, model->n_figures, &model->figure_room, sizeof *model->figures);
    model->figures[model->n_figures++] = *figure;
}

void model_add_curve(struct model *model, const struct curve *curve)
{
    model->curves = grow(model->curves, model->n_curves, &model->curve_room, sizeof *model->curves);
    model->curves[model->n_curves++] = *curve;
}

static void free_facts(struct facts *facts)
{
    for (size_t i = 0; i < facts->n; i++) {
        free(facts->at[i].name);
        free(facts->at[i].text);
    }
    free(facts->at);
}

static void free_origin(struct origin *origin)
{
    free(origin->workload);
    free(origin->contestant);
    free(origin->mode);
    free(origin->label);
    free(origin->setting);
    free_facts(&origin->params);
}

void model_free(struct model *model)
{
    for (size_t i = 0; i < model->n_figures; i++) {
        free_origin(&model->figures[i].from);
        free(model->figures[i].metric);
        free(model->figures[i].unit);
        free(model->figures[i].error);
    }
    for (size_t i = 0; i < model->n_curves; i++) {
        free_origin(&model->curves[i].from);
        free(model->curves[i].name);
        free(model->curves[i].points);
    }
    free(model->figures);
    free(model->curves);
    free_facts(&model->machine);
    free_facts(&model->versions);
    free(model->command);
    free(model->options);
    *model = (struct model){0};
}

/* ---- origins ---- */

const struct fact *facts_find(const struct facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->n; i++) {
        if (strcmp(facts->at[i].name, name) == 0)
            return &facts->at[i];
    }
    return NULL;
}

/* Is NAME=VALUE for this name among the words of a setting? */
static bool has_word(const char *setting, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = setting; at && *at;) {
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return true;
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return false;
}

bool origin_chose(const struct origin *origin, const char *param)
{
    const struct plan *plan = plan_find(origin->workload, strlen(origin->workload));
    if (!plan || strcmp(param, "heap_factor") == 0 || strcmp(param, "heap_bytes") == 0)
        return true;
    for (size_t i = 0; i < PLAN_SETTINGS && plan->settings[i].label; i++) {
        const struct setting *setting = &plan->settings[i];
        if (has_word(setting->full, param) || has_word(setting->quick, param))
            return true;
    }
    return false;
}

void origin_complete(struct origin *origin)
{
    const bool is_only = strcmp(origin->mode, "default") == 0;
    origin->label = is_only ? text_copy(origin->contestant)
                            : text_format("%s %s", origin->contestant, origin->mode);
    struct text setting = {0};
    text_puts(&setting, "");
    for (size_t i = 0; i < origin->params.n; i++) {
        const struct fact *param = &origin->params.at[i];
        if (origin_chose(origin, param->name))
            text_printf(&setting, "%s%s=%s", setting.n == 0 ? "" : " ", param->name, param->text);
    }
    origin->setting = setting.at;
}

bool origin_is_peer(const struct origin *a, const struct origin *b)
{
    return strcmp(a->workload, b->workload) == 0 && strcmp(a->setting, b->setting) == 0;
}

/* ---- questions ---- */

static void note_workload(const char **names, size_t *n, const char *name)
{
    for (size_t i = 0; i < *n; i++) {
        if (strcmp(names[i], name) == 0)
            return;
    }
    names[(*n)++] = name;
}

const char **model_workloads(const struct model *model, size_t *n)
{
    const size_t most = model->n_figures + model->n_curves + 1;
    const char **names = text_realloc(NULL, most * sizeof *names);
    *n = 0;
    for (size_t i = 0; i < model->n_figures; i++)
        note_workload(names, n, model->figures[i].from.workload);
    for (size_t i = 0; i < model->n_curves; i++)
        note_workload(names, n, model->curves[i].from.workload);
    return names;
}

/* Is the origin that of this contestant of besom-bench? */
static bool is_of(const struct origin *from, unsigned who)
{
    char label[60];
    contestant_label(&contestants[who], label, sizeof label);
    return strcmp(label, from->label) == 0;
}

static bool is_comparable(const struct figure *a, const struct figure *b)
{
    return b->summary.n != 0 && origin_is_peer(&a->from, &b->from) &&
           strcmp(a->metric, b->metric) == 0;
}

const struct figure *model_baseline(const struct model *model, const struct figure *figure)
{
    const struct plan *plan = plan_find(figure->from.workload, strlen(figure->from.workload));
    const struct figure *other = NULL, *chosen[2] = {NULL, NULL};
    for (size_t i = 0; i < model->n_figures; i++) {
        const struct figure *candidate = &model->figures[i];
        if (!is_comparable(figure, candidate))
            continue;
        for (size_t j = 0; plan && j < 2; j++) {
            if (!chosen[j] && is_of(&candidate->from, plan->baselines[j]))
                chosen[j] = candidate;
        }
        if (!other && strcmp(candidate->from.contestant, "besom") != 0)
            other = candidate;
    }
    return chosen[0] ? chosen[0] : chosen[1] ? chosen[1] : other;
}
