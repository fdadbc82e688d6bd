/* css.h - how the page looks. */
#ifndef BENCH_REPORT_CSS_H
#define BENCH_REPORT_CSS_H

#include "bench/report/text.h"

void css_put(struct text *page);

#endif
