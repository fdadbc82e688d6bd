/* targets.h - the figures that Besom means to reach, and whether a run reached them. */
#ifndef BENCH_TARGETS_H
#define BENCH_TARGETS_H

#include "bench/row.h"

/* Prints the targets of those workloads that ran: limit, figure, met or missed.  Nothing if there
 * are none. */
void targets_print(const struct rows *rows);

#endif
