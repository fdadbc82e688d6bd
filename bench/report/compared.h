/* compared.h - a comparison in words: for a terminal, and as a page. */
#ifndef BENCH_REPORT_COMPARED_H
#define BENCH_REPORT_COMPARED_H

#include "bench/report/compare.h"
#include "bench/report/text.h"

void compared_print(const struct comparison *comparison);
void compared_put_page(struct text *page, const struct comparison *comparison);

#endif
