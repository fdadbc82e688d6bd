/* read.h - reads the lines that besom-bench --json writes. */
#ifndef BENCH_REPORT_READ_H
#define BENCH_REPORT_READ_H

#include "bench/report/model.h"

/* Reads the file into the model, which begins empty; `path` outlives it.  A file that is not wholly
 * of besom-bench's lines is refused: says on standard error where and what is wrong and returns
 * false, with the model freed. */
bool read_results(const char *path, struct model *model);

#endif
