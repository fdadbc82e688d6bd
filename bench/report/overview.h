/* overview.h - Besom against its baselines, a line for each workload and setting. */
#ifndef BENCH_REPORT_OVERVIEW_H
#define BENCH_REPORT_OVERVIEW_H

#include "bench/report/model.h"
#include "bench/report/text.h"

/* Adds the table; nothing if Besom took part in nothing. */
void overview_put(struct text *page, const struct model *model);

#endif
