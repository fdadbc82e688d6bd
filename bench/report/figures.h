/* figures.h - the figures of the page, by what they are about. */
#ifndef BENCH_REPORT_FIGURES_H
#define BENCH_REPORT_FIGURES_H

#include "bench/report/plot.h"

/* Each adds what there is of its figures; false if gnuplot fails. */
bool figures_pauses(struct figures *figures, const struct model *model);
bool figures_latency(struct figures *figures, const struct model *model);
bool figures_retained(struct figures *figures, const struct model *model);
bool figures_cost(struct figures *figures, const struct model *model);
bool figures_ephemerons(struct figures *figures, const struct model *model);
bool figures_scaling(struct figures *figures, const struct model *model);
bool figures_others(struct figures *figures, const struct model *model);

/* Metrics of rows that differ in a parameter, against that parameter, if it has at least so many
 * values: one plot for each workload, metric and other parameters. */
bool figures_by_param(struct figures *figures, const struct model *model, const char *param,
                      const char *label, bool is_log, size_t least);

/* The workload's name and the setting in words; the caller's to free. */
char *figures_title(const struct origin *from, const char *what);

#endif
