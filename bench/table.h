/* table.h - the rows of a workload as a table for people. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "bench/row.h"

/* Prints rows[first], .. , rows[end - 1], which are of one plan; `rows` has the baselines. */
void table_print(const struct rows *rows, size_t first, size_t end);

#endif
