/* residence.c - prints what an instrument of retention.h has found. */
#include "bench/residence.h"

#include "bench/stats.h"
#include "bench/worker.h"

#include <stdio.h>

static const double mib = 1048576;

/* What is resident beyond the empty process and the instrument. */
static uint64_t rss_beyond_bytes(const struct residence *residence, const struct retention *r)
{
    const uint64_t rss = worker_rss_bytes(),
                   other = residence->empty_rss_bytes + retention_own_bytes(r);
    return rss > other ? rss - other : 0;
}

static void watch_rss(struct residence *residence, const struct retention *r)
{
    const uint64_t rss = rss_beyond_bytes(residence, r), at = r->last.at.bytes;
    if (residence->has_last)
        residence->rss_area +=
            (double)(at - residence->last_at_bytes) / 2 * (double)(rss + residence->last_rss_bytes);
    if (rss > residence->rss_peak_bytes)
        residence->rss_peak_bytes = rss;
    residence->last_rss_bytes = rss;
    residence->last_at_bytes = at;
    residence->has_last = true;
}

static void add_points(const struct residence *residence, const struct retention_sample *sample)
{
    const double x = (double)sample->at.bytes / mib;
    worker_point("rg-live", x, (double)sample->live_bytes / mib);
    worker_point("rg-logical", x, (double)sample->logical_bytes / mib);
    worker_point("rg-artefact", x, (double)sample->artefact_bytes / mib);
    worker_point("rg-floating", x, (double)sample->floating_bytes / mib);
    worker_point("rg-unswept", x, (double)sample->unswept_bytes / mib);
    worker_point("rg-rss", x, (double)residence->last_rss_bytes / mib);
    worker_point("rg-ms", x, (double)(sample->at.ns - residence->began_ns) / 1e6);
}

void residence_sample(struct residence *residence, struct retention *r)
{
    retention_sample(r);
    watch_rss(residence, r);
    add_points(residence, &r->last);
}

/* ---- figures ---- */

static void print_percentiles(const char *name, const struct histogram *h, double scale)
{
    char metric[64];
    static const struct percentile {
        const char *name;
        double per_mille;
    } percentiles[] = {{"p50", 500}, {"p99", 990}, {"p999", 999}};
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++) {
        const struct percentile *p = &percentiles[i];
        if (!stats_tells(h->count, p->per_mille))
            continue;
        snprintf(metric, sizeof metric, "%s_%s", name, p->name);
        worker_value(metric, (double)histogram_percentile(h, p->per_mille) / scale);
    }
    snprintf(metric, sizeof metric, "%s_max", name);
    if (h->count != 0)
        worker_value(metric, (double)h->max / scale);
}

static void print_rgi(const struct retention *r)
{
    const struct retention_area *area = &r->by_bytes;
    const double live = area->live > 0 ? area->live : 1;
    worker_value("rgi", retention_rgi(area));
    worker_value("rgi_time", retention_rgi(&r->by_ns));
    worker_value("rgi_logical", area->logical / live);
    worker_value("rgi_artefact", area->artefact / live);
    worker_value("rgi_floating", area->floating / live);
    worker_value("rgi_unswept", area->unswept / live);
    worker_value("rg_peak_fraction", retention_peak_fraction(r));
    worker_value("rg_logical_bytes", (double)r->last.logical_bytes);
    worker_value("rg_artefact_bytes", (double)r->last.artefact_bytes);
    worker_value("rg_floating_bytes", (double)r->last.floating_bytes);
    worker_value("rg_unswept_bytes", (double)r->last.unswept_bytes);
}

void residence_print(const struct residence *residence, const struct retention *r)
{
    if (r->reached_dead != 0 || r->unknown != 0)
        worker_fail("an object that the program reaches was found dead, or was never told of");
    print_rgi(r);
    print_percentiles("reclaim_bytes", &r->drag->collector_bytes, 1);
    print_percentiles("reclaim_cycles", &r->drag->cycles, 1);
    print_percentiles("collector_drag_ms", &r->drag->collector_ns, 1e6);
    print_percentiles("logical_drag_bytes", &r->drag->logical_bytes, 1);
    print_percentiles("logical_drag_ms", &r->drag->logical_ns, 1e6);
    worker_value("unreclaimed", (double)r->unreclaimed);
    const double width = (double)(r->last.at.bytes - r->first.bytes);
    if (width > 0) {
        worker_value("live_mean_bytes", r->by_bytes.live / width);
        worker_value("rss_mean_bytes", residence->rss_area / width);
    }
    worker_value("rss_peak_bytes", (double)residence->rss_peak_bytes);
}
