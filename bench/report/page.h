/* page.h - the report: one HTML page that needs nothing else. */
#ifndef BENCH_REPORT_PAGE_H
#define BENCH_REPORT_PAGE_H

#include "bench/report/model.h"
#include "bench/report/text.h"

/* Appends the whole page.  False if gnuplot fails, which it then has said. */
bool page_put(struct text *page, const struct model *model);

/* The begin and the end of a page of ours, for others that are not reports of one run. */
void page_begin(struct text *page, const char *title);
void page_end(struct text *page);

/* A list of the machine and the versions of a run. */
void page_put_machine(struct text *page, const struct model *model);

#endif
