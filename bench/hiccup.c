/* hiccup.c - by how much sleeps are overshot. */
#include "bench/hiccup.h"

#include "bench/clock.h"
#include "bench/stats.h"
#include "bench/worker.h"

#include <stdio.h>
#include <string.h>

enum { NAP_NS = 1000000 };

static void *nap(void *data)
{
    struct hiccup *hiccup = data;
    const struct timespec length = {0, NAP_NS};
    while (!__atomic_load_n(&hiccup->is_over, __ATOMIC_RELAXED)) {
        const uint64_t began = clock_ns();
        nanosleep(&length, NULL);
        const uint64_t took = clock_ns() - began;
        histogram_add(&hiccup->over_ns, took > NAP_NS ? took - NAP_NS : 0);
    }
    return NULL;
}

void hiccup_start(struct hiccup *hiccup)
{
    memset(hiccup, 0, sizeof *hiccup);
    if (pthread_create(&hiccup->thread, NULL, nap, hiccup) != 0)
        worker_fail("no thread can be started to watch the machine's noise");
}

void hiccup_stop(struct hiccup *hiccup, const char *name)
{
    char metric[32];
    __atomic_store_n(&hiccup->is_over, true, __ATOMIC_RELAXED);
    pthread_join(hiccup->thread, NULL);
    snprintf(metric, sizeof metric, "%s_hiccup_ms_max", name);
    worker_value(metric, (double)hiccup->over_ns.max / 1e6);
    snprintf(metric, sizeof metric, "%s_hiccup_ms_p99", name);
    if (stats_tells(hiccup->over_ns.count, 990))
        worker_value(metric, (double)histogram_percentile(&hiccup->over_ns, 990) / 1e6);
}
