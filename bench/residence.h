/* residence.h - prints what an instrument of retention.h has found, and watches the memory of the
 * process beside it.
 *
 * Curves, a point a sample: `rg-live`, `rg-logical`, `rg-artefact`, `rg-floating`, `rg-unswept` and
 * `rg-rss`, in MiB by MiB allocated since the beginning; `rg-ms`, the other clock by the same. */
#ifndef BENCH_RESIDENCE_H
#define BENCH_RESIDENCE_H

#include "bench/retention.h"

/* All zero but for what is told to be at the beginning, before anything is allocated. */
struct residence {
    uint64_t empty_rss_bytes; /* of the process */
    uint64_t began_ns;
    double rss_area;         /* the integral by bytes allocated */
    uint64_t rss_peak_bytes; /* of any sample */
    uint64_t last_rss_bytes, last_at_bytes;
    bool has_last;
};

/* Takes a sample, and adds the points of it to the curves.  A resident size is that of the process,
 * less what it was when empty, less the instrument's own memory. */
void residence_sample(struct residence *residence, struct retention *r);

/* Prints, after retention_finish:
 *   rgi, rgi_time          by either clock; rgi_logical, _artefact, _floating, _unswept: its parts
 *   rg_peak_fraction, live_mean_bytes
 *   rg_logical_bytes, ..   of the last sample
 *   logical_drag_bytes_*, logical_drag_ms_*, reclaim_bytes_* and collector_drag_ms_* (the collector's
 *                          drag by either clock), reclaim_cycles_*: p50, p99, p999, max
 *   unreclaimed            objects that were unreachable and not found dead
 *   rss_mean_bytes, rss_peak_bytes
 * A p99 of fewer than 100 objects is left out, and a p99.9 of fewer than 10,000.  An instrument that
 * has seen an object reached though dead, or one it was never told of, ends the worker. */
void residence_print(const struct residence *residence, const struct retention *r);

#endif
