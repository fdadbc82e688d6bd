/* held.c - when each mutator was held up, and by what. */
#include "bench/held.h"

#include "bench/pauses.h"
#include "bench/stats.h"
#include "bench/worker.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const kinds[HELD_KINDS] = {
    [HELD_STOP] = "stop",     [HELD_ASSIST] = "assist", [HELD_WAIT] = "wait",
    [HELD_ANSWER] = "answer", [HELD_ALLOC] = "alloc",   [HELD_BARRIER] = "barrier",
};

static int by_begin(const void *left, const void *right)
{
    const struct held *a = left, *b = right;
    return (a->at.begin_ns > b->at.begin_ns) - (a->at.begin_ns < b->at.begin_ns);
}

static int by_mutator(const void *left, const void *right)
{
    const struct held *a = left, *b = right;
    return (a->mutator > b->mutator) - (a->mutator < b->mutator);
}

/* What meets the stretch comes first; how many. */
static size_t keep_meeting(struct held *held, size_t n, struct interval stretch)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (held[i].at.end_ns > stretch.begin_ns && held[i].at.begin_ns < stretch.end_ns)
            held[kept++] = held[i];
    }
    return kept;
}

size_t held_unite(struct held *held, size_t n, struct interval stretch, struct interval *out)
{
    size_t left = 0;
    n = keep_meeting(held, n, stretch);
    qsort(held, n, sizeof *held, by_begin);
    for (size_t i = 0; i < n; i++) {
        const struct interval at = held[i].at;
        if (left == 0 || at.begin_ns > out[left - 1].end_ns)
            out[left++] = at;
        else if (at.end_ns > out[left - 1].end_ns)
            out[left - 1].end_ns = at.end_ns;
    }
    return left;
}

static void count(struct histogram *ns, const struct held *held)
{
    histogram_add(ns, held->at.end_ns - held->at.begin_ns);
}

static void print_us(const char *prefix, const char *suffix, double ns)
{
    char name[32];
    snprintf(name, sizeof name, "%s_%s", prefix, suffix);
    worker_value(name, ns / 1e3);
}

static void print_percentiles(const char *prefix, const struct histogram *ns)
{
    if (ns->count == 0)
        return;
    print_us(prefix, "us_p50", (double)histogram_percentile(ns, 500));
    if (stats_tells(ns->count, 990))
        print_us(prefix, "us_p99", (double)histogram_percentile(ns, 990));
    if (stats_tells(ns->count, 999))
        print_us(prefix, "us_p999", (double)histogram_percentile(ns, 999));
}

static void print_kinds(const struct held *held, size_t n)
{
    static struct histogram ns;
    for (unsigned kind = 0; kind < HELD_KINDS; kind++) {
        ns = (struct histogram){0};
        for (size_t i = 0; i < n; i++) {
            if (held[i].kind == kind)
                count(&ns, &held[i]);
        }
        char name[32];
        snprintf(name, sizeof name, "%s_n", kinds[kind]);
        worker_value(name, (double)ns.count);
        print_us(kinds[kind], "us_max", (double)ns.max);
        print_percentiles(kinds[kind], &ns);
    }
}

static void print_all(const struct held *held, size_t n)
{
    static struct histogram ns;
    ns = (struct histogram){0};
    for (size_t i = 0; i < n; i++)
        count(&ns, &held[i]);
    worker_value("holds", (double)n);
    worker_value("held_ms_max", (double)ns.max / 1e6);
    print_percentiles("held", &ns);
    pauses_print_above("held_above", &ns);
}

/* The p99 of the mutator that fared worst; nothing if none had enough pauses. */
static void print_mutators(struct held *held, size_t n)
{
    static struct histogram ns;
    uint64_t worst = 0;
    qsort(held, n, sizeof *held, by_mutator);
    for (size_t i = 0; i < n;) {
        const unsigned mutator = held[i].mutator;
        ns = (struct histogram){0};
        for (; i < n && held[i].mutator == mutator; i++)
            count(&ns, &held[i]);
        const uint64_t p99 = stats_tells(ns.count, 990) ? histogram_percentile(&ns, 990) : 0;
        worst = p99 > worst ? p99 : worst;
    }
    if (worst != 0)
        worker_value("mutator_us_p99", (double)worst / 1e3);
}

void held_print(struct held *held, size_t n, struct interval stretch)
{
    struct interval *united = calloc(n + 1, sizeof *united);
    if (!united)
        worker_fail("out of memory for the pauses");
    n = keep_meeting(held, n, stretch);
    print_all(held, n);
    print_kinds(held, n);
    print_mutators(held, n);
    const size_t left = held_unite(held, n, stretch, united);
    pauses_print_utilization(united, left, stretch, "-all");
    free(united);
}
