/* tables.h - every figure of the file, in tables. */
#ifndef BENCH_REPORT_TABLES_H
#define BENCH_REPORT_TABLES_H

#include "bench/report/model.h"
#include "bench/report/text.h"

/* Adds for each workload and setting a table of each metric. */
void tables_put(struct text *page, const struct model *model);

/* Adds a contestant's name with a dot of its color. */
void tables_put_name(struct text *page, const struct origin *from);

#endif
