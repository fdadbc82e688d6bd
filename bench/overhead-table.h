/* overhead-table.h - lower-bound overheads as tables for people: contestants by heap limits. */
#ifndef BENCH_OVERHEAD_TABLE_H
#define BENCH_OVERHEAD_TABLE_H

#include "bench/row.h"

/* Prints two tables for each setting of rows[first], .. , rows[end - 1], which are of one plan, by the
 * wall and by the processors; nothing if the plan has no heap limits or does not measure both. */
void overhead_print(const struct rows *rows, size_t first, size_t end);

#endif
