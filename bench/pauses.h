/* pauses.h - prints the figures of a stretch of time: stops, operations, utilization.
 *
 * Curves are printed beside the values: `mmu` and `bmu`, by windows of 0.1 ms .. 10 s;
 * `stops_above` and `ops_above`, how many took longer than 1 us .. 10 s. */
#ifndef BENCH_PAUSES_H
#define BENCH_PAUSES_H

#include "bench/histogram.h"
#include "bench/record.h"

/* A curve: how many are longer than 1 us .. 10 s, by ms, up to the first of which there is none. */
void pauses_print_above(const char *curve, const struct histogram *ns);

/* Pauses in order of time, not overlapping.  Which: "" for the curves mmu and bmu and the value
 * mmu_10ms; "-all" for mmu-all, bmu-all and mmu_all_10ms. */
void pauses_print_utilization(const struct interval *pauses, size_t n, struct interval stretch,
                              const char *which);

/* stop_ms_max, stop_ms_p99, stop_ms_p50, stops, and mmu_10ms of the stops in the stretch;
 * percentiles, here and below, only if there are enough events for them (stats_tells). */
void pauses_print_stops(struct record *record, struct interval stretch);

/* op_us_p99, op_us_p999, op_ms_max. */
void pauses_print_operations(const struct histogram *op_ns);

/* op_mmu_10ms: the utilization if every one of these operations was a pause from end to end. */
void pauses_print_slow_operations(struct record *slow, struct interval stretch);

/* reach_us_max, reach_us_p99, reach_us_p50: from the request until the last mutator stood. */
void pauses_print_reach(struct record *record);

#endif
