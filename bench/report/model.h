/* model.h - the results of one run of besom-bench, as its lines of JSON tell them. */
#ifndef BENCH_REPORT_MODEL_H
#define BENCH_REPORT_MODEL_H

#include "bench/stats.h"

#include <stdbool.h>
#include <stddef.h>

/* A name and a value, which is a number as well if is_number. */
struct fact {
    char *name, *text;
    double number;
    bool is_number;
};

struct facts {
    struct fact *at;
    size_t n, room;
};

/* Whose figures they are, and under which setting of which workload. */
struct origin {
    char *workload, *contestant, *mode;
    struct facts params;
    char *label; /* "besom stw"; "malloc": a contestant's only mode has no name */
    char *
        setting; /* the parameters that the plan chose, not those found while running: alike for all
                      whose figures are compared */
    size_t line; /* in the file */
};

struct figure {
    struct origin from;
    char *metric, *unit;
    struct summary summary;
    char *error; /* NULL: it did not fail */
};

struct point {
    double x, y;
};

struct curve {
    struct origin from;
    char *name;
    struct point *points;
    size_t n;
};

struct model {
    const char *path;
    struct figure *figures;
    size_t n_figures, figure_room;
    struct curve *curves;
    size_t n_curves, curve_room;
    struct facts machine, versions; /* in the order of the file; absent contestants have "" */
    char *command;                  /* that made the file; NULL: the file does not say */
    char *options;                  /* BESOM_OPTIONS of that run, or NULL */
};

/* Append; the contents pass to the model. */
void model_add_figure(struct model *model, const struct figure *figure);
void model_add_curve(struct model *model, const struct curve *curve);
void facts_add(struct facts *facts, const struct fact *fact);
void model_free(struct model *model);

/* The fact of that name; NULL if there is none. */
const struct fact *facts_find(const struct facts *facts, const char *name);

/* Fills in label and setting from the rest. */
void origin_complete(struct origin *origin);

/* Same workload and setting. */
bool origin_is_peer(const struct origin *a, const struct origin *b);

/* Is it a parameter that the plan of this workload chose?  Of an unknown workload all are. */
bool origin_chose(const struct origin *origin, const char *param);

/* The workloads of the model in their order: *n names, which are the model's; the list is the
 * caller's to free. */
const char **model_workloads(const struct model *model, size_t *n);

/* What the ratios of a figure are to: the same metric of the first of the plan's baselines that has
 * it, else of the first contestant but Besom that has; NULL if none has. */
const struct figure *model_baseline(const struct model *model, const struct figure *figure);

#endif
