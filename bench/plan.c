/* plan.c - the workloads: their names, metrics, sizes, and who runs them.
 *
 * The quick sizes are chosen so that all of it, three times over, takes less than four minutes on
 * two processors; what that leaves out is the rarer variants of bdwgc, Besom's modes where pauses are
 * not the question, and parallel marking.  The full sizes take about an hour: who can take part but does
 * not there unless named differs little from another who does. */
#include "bench/plan.h"

#include "bench/contestant.h"

#include <string.h>

#define SET(c) (1u << (c))
#define MIB    1048576.0

enum {
    MALLOCS = SET(MALLOC) | SET(MIMALLOC) | SET(JEMALLOC),
    BDWGCS_QUICK = SET(BDWGC_PLAIN) | SET(BDWGC_INLINE),
    BDWGCS = BDWGCS_QUICK | SET(BDWGC_TYPED) | SET(BDWGC_INCREMENTAL),
    PEERS = SET(LUA) | SET(NODE) | SET(OCAML),
    JAVAS = SET(JAVA_G1) | SET(JAVA_ZGC) | SET(JAVA_SHENANDOAH),
    PAUSE_PEERS = SET(NODE) | SET(OCAML) | SET(GO) | JAVAS,
    /* Besom's modes: those of which the collector has generations, those named in targets, all. */
    GENERATIONS = SET(BESOM_GENERATIONAL) | SET(BESOM_INCREMENTAL_GENERATIONAL) |
                  SET(BESOM_CONCURRENT_GENERATIONAL),
    BESOMS = SET(BESOM_STW) | SET(BESOM_INCREMENTAL) | SET(BESOM_CONCURRENT) | GENERATIONS,
    BESOMS_QUICK = BESOMS & ~SET(BESOM_INCREMENTAL_GENERATIONAL),
    WEAK = BESOMS | SET(BDWGC_PLAIN) | PEERS,
    WEAK_QUICK = SET(BESOM_STW) | SET(BDWGC_PLAIN) | PEERS,
    ALL = BESOMS | BDWGCS | MALLOCS | SET(ARENA),
    ALL_FULL = SET(BESOM_STW) | SET(BESOM_INCREMENTAL) | SET(BESOM_CONCURRENT) |
               SET(BESOM_GENERATIONAL) | BDWGCS_QUICK | MALLOCS | SET(ARENA),
    LIMITED_QUICK = SET(BESOM_STW) | SET(BDWGC_PLAIN) | SET(MIMALLOC) | SET(ARENA),
    ALL_QUICK = SET(BESOM_STW) | BDWGCS_QUICK | MALLOCS | SET(ARENA),
    PAUSES = BESOMS | SET(BDWGC_PLAIN) | SET(BDWGC_INCREMENTAL),
    PAUSES_FULL = PAUSES & ~SET(BESOM_INCREMENTAL_GENERATIONAL)
};

static const struct metric ns_per_object = {"ns_per_object", "ns", "ns", 1, 2};
static const struct metric ns_per_node = {"ns_per_node", "ns", "ns", 1, 2};
static const struct metric peak_rss = {"peak_rss_bytes", "bytes", "MiB", MIB, 1};
static const struct metric wall = {"wall_ms", "ms", "ms", 1, 1};
static const struct metric cpu = {"cpu_ms", "ms", "ms", 1, 1};
static const struct metric program_wall = {"program_wall_ms", "ms", NULL, 1, 1};
static const struct metric program_cpu = {"program_cpu_ms", "ms", NULL, 1, 1};
static const struct metric stopped = {"stopped_ms", "ms", "ms", 1, 1};
static const struct metric collections = {"collections", "collections", "", 1, 0};
static const struct metric completed = {"completed", "runs", NULL, 1, 0};
static const struct metric fragmentation = {"fragmentation", "fraction", "", 1, 3};
static const struct metric retained = {"retained_fraction", "fraction", "", 1, 5};
static const struct metric frame = {"frame_ns", "ns", "ns", 1, 2};
static const struct metric poll = {"poll_ns", "ns", "ns", 1, 2};
static const struct metric barrier = {"barrier_ns", "ns", "ns", 1, 2};
static const struct metric rss_left = {"rss_left_bytes", "bytes", "MiB", MIB, 2};
static const struct metric rss_full = {"rss_full_bytes", "bytes", "MiB", MIB, 1};

static const struct metric ns_per_entry = {"ns_per_entry", "ns", "ns", 1, 1};
static const struct metric first_per_entry = {"first_ns_per_entry", "ns", "ns", 1, 1};
static const struct metric graph_per_entry = {"graph_ns_per_entry", "ns", "ns", 1, 1};
static const struct metric bytes_per_entry = {"bytes_per_entry", "bytes", "bytes", 1, 1};
static const struct metric ns_per_op = {"ns_per_op", "ns", "ns", 1, 1};
static const struct metric stop_max = {"stop_ms_max", "ms", "ms", 1, 2};
static const struct metric stop = {"stop_ms", "ms", "ms", 1, 2};
static const struct metric collect = {"collect_ms", "ms", "ms", 1, 2};
static const struct metric stop_p99 = {"stop_ms_p99", "ms", "ms", 1, 3};
static const struct metric stop_p50 = {"stop_ms_p50", "ms", "ms", 1, 3};
static const struct metric stops = {"stops", "stops", "", 1, 0};
static const struct metric collect_stop = {"collect_stop_ms", "ms", "ms", 1, 2};
static const struct metric op_p99 = {"op_us_p99", "us", "us", 1, 1};
static const struct metric op_p999 = {"op_us_p999", "us", "us", 1, 1};
static const struct metric op_max = {"op_ms_max", "ms", "ms", 1, 2};
static const struct metric mmu = {"mmu_10ms", "fraction", "", 1, 3};
static const struct metric op_mmu = {"op_mmu_10ms", "fraction", "", 1, 3};
static const struct metric floating = {"floating_fraction", "fraction", "", 1, 4};
static const struct metric idle_max = {"idle_hiccup_ms_max", "ms", "ms", 1, 2};
static const struct metric idle_p99 = {"idle_hiccup_ms_p99", "ms", NULL, 1, 2};
static const struct metric beside_max = {"beside_hiccup_ms_max", "ms", "ms", 1, 2};
static const struct metric beside_p99 = {"beside_hiccup_ms_p99", "ms", NULL, 1, 2};
static const struct metric timing = {"timing_ns", "ns", NULL, 1, 1};
static const struct metric reach_p50 = {"reach_us_p50", "us", "us", 1, 2};
static const struct metric reach_p99 = {"reach_us_p99", "us", "us", 1, 2};
static const struct metric reach_max = {"reach_us_max", "us", "us", 1, 1};
static const struct metric holds = {"holds", "pauses", "", 1, 0};
static const struct metric held_max = {"held_ms_max", "ms", "ms", 1, 2};
static const struct metric held_p50 = {"held_us_p50", "us", NULL, 1, 1};
static const struct metric held_p99 = {"held_us_p99", "us", "us", 1, 1};
static const struct metric held_p999 = {"held_us_p999", "us", "us", 1, 1};
static const struct metric mmu_all = {"mmu_all_10ms", "fraction", "", 1, 3};
static const struct metric mutator_p99 = {"mutator_us_p99", "us", "us", 1, 1};
static const struct metric ns_per_node_all = {"ns_per_node", "ns", "ns", 1, 2};
static const struct metric missed = {"missed_fraction", "fraction", "", 1, 4};
static const struct metric served = {"served_per_second", "requests", "", 1, 0};

/* The figures of one kind of pause: the greatest in tables, the others for reports. */
#define KIND(kind)                                                                      \
    static const struct metric of_##kind##_n = {#kind "_n", "pauses", NULL, 1, 0},      \
                               of_##kind##_p50 = {#kind "_us_p50", "us", NULL, 1, 1},   \
                               of_##kind##_p99 = {#kind "_us_p99", "us", NULL, 1, 1},   \
                               of_##kind##_p999 = {#kind "_us_p999", "us", NULL, 1, 1}, \
                               of_##kind##_max = {#kind "_us_max", "us", "us", 1, 1}
#define KIND_METRICS(kind) \
    &of_##kind##_max, &of_##kind##_n, &of_##kind##_p50, &of_##kind##_p99, &of_##kind##_p999

KIND(stop);
KIND(assist);
KIND(wait);
KIND(answer);
KIND(alloc);
KIND(barrier);

/* The latencies of requests. */
#define LATENCY(which, shown)                                                         \
    static const struct metric which##_p50 = {#which "_us_p50", "us", NULL, 1, 1},    \
                               which##_p99 = {#which "_us_p99", "us", shown, 1, 1},   \
                               which##_p999 = {#which "_us_p999", "us", shown, 1, 1}, \
                               which##_max = {#which "_ms_max", "ms", "ms", 1, 2}
LATENCY(simple, "us");
LATENCY(metered, "us");
LATENCY(service, NULL);

static const struct metric misses = {"miss_fraction", "fraction", "", 1, 3};

static const struct metric rgi = {"rgi", "ratio", "", 1, 3};
static const struct metric rgi_time = {"rgi_time", "ratio", NULL, 1, 3};
static const struct metric rgi_logical = {"rgi_logical", "ratio", "", 1, 3};
static const struct metric rgi_artefact = {"rgi_artefact", "ratio", "", 1, 3};
static const struct metric rgi_floating = {"rgi_floating", "ratio", "", 1, 3};
static const struct metric rgi_unswept = {"rgi_unswept", "ratio", "", 1, 3};
static const struct metric rg_peak = {"rg_peak_fraction", "ratio", "", 1, 2};
static const struct metric rg_logical = {"rg_logical_bytes", "bytes", NULL, MIB, 2};
static const struct metric rg_artefact = {"rg_artefact_bytes", "bytes", NULL, MIB, 2};
static const struct metric rg_floating = {"rg_floating_bytes", "bytes", NULL, MIB, 2};
static const struct metric rg_unswept = {"rg_unswept_bytes", "bytes", NULL, MIB, 2};
static const struct metric reclaim_bytes_p50 = {"reclaim_bytes_p50", "bytes", NULL, MIB, 2};
static const struct metric reclaim_bytes_p99 = {"reclaim_bytes_p99", "bytes", "MiB", MIB, 2};
static const struct metric reclaim_bytes_p999 = {"reclaim_bytes_p999", "bytes", NULL, MIB, 2};
static const struct metric reclaim_bytes_max = {"reclaim_bytes_max", "bytes", NULL, MIB, 2};
static const struct metric reclaim_cycles_p50 = {"reclaim_cycles_p50", "cycles", NULL, 1, 0};
static const struct metric reclaim_cycles_p99 = {"reclaim_cycles_p99", "cycles", "", 1, 0};
static const struct metric reclaim_cycles_max = {"reclaim_cycles_max", "cycles", "", 1, 0};
static const struct metric collector_ms_p50 = {"collector_drag_ms_p50", "ms", NULL, 1, 2};
static const struct metric collector_ms_p99 = {"collector_drag_ms_p99", "ms", NULL, 1, 2};
static const struct metric collector_ms_max = {"collector_drag_ms_max", "ms", NULL, 1, 2};
static const struct metric logical_bytes_p50 = {"logical_drag_bytes_p50", "bytes", NULL, MIB, 2};
static const struct metric logical_bytes_p99 = {"logical_drag_bytes_p99", "bytes", NULL, MIB, 2};
static const struct metric logical_bytes_max = {"logical_drag_bytes_max", "bytes", NULL, MIB, 2};
static const struct metric logical_ms_p50 = {"logical_drag_ms_p50", "ms", NULL, 1, 2};
static const struct metric logical_ms_p99 = {"logical_drag_ms_p99", "ms", NULL, 1, 2};
static const struct metric logical_ms_max = {"logical_drag_ms_max", "ms", NULL, 1, 2};
static const struct metric unreclaimed = {"unreclaimed", "objects", NULL, 1, 0};
static const struct metric live_mean = {"live_mean_bytes", "bytes", "MiB", MIB, 2};
static const struct metric rss_mean = {"rss_mean_bytes", "bytes", "MiB", MIB, 2};
static const struct metric rss_peak = {"rss_peak_bytes", "bytes", NULL, MIB, 2};
static const struct metric rss_after = {"rss_after_bytes", "bytes", "MiB", MIB, 2};
static const struct metric heap_per_live = {"heap_per_live", "ratio", NULL, 1, 2};

static const struct metric rg_close = {"rg_after_close_bytes", "bytes", "MiB", MIB, 3};
static const struct metric rg_close_max = {"rg_after_close_max_bytes", "bytes", "MiB", MIB, 3};
static const struct metric rg_cycle = {"rg_after_cycle_bytes", "bytes", "MiB", MIB, 3};

#define EDITOR_METRICS                                                                           \
    {                                                                                            \
        &rg_close, &rgi, &reclaim_cycles_p99, &peak_rss, &rg_close_max, &rg_cycle, &rgi_logical, \
            &rgi_artefact, &rgi_floating, &rgi_unswept, &live_mean, &rss_mean, &collections,     \
            &rg_peak, &rgi_time, &rg_logical, &rg_artefact, &rg_floating, &rg_unswept,           \
            &reclaim_bytes_p50, &reclaim_bytes_p99, &reclaim_bytes_max, &reclaim_cycles_p50,     \
            &reclaim_cycles_max, &collector_ms_p50, &collector_ms_p99, &collector_ms_max,        \
            &unreclaimed, &rss_peak                                                              \
    }

#define MISTAKE(name)                                        \
    {                                                        \
        name, "documents=200 side=512 late=1 mistake=" name, \
            "documents=20 side=192 late=1 mistake=" name     \
    }

#define CHURN(size)                                                                    \
    {                                                                                  \
        .name = "churn-" #size, .program = "churn",                                    \
        .about = #size "-byte objects in a rotating window of 1000; heap 64 MiB",      \
        .metrics = {&ns_per_object, &collections},                                     \
        .settings = {{"", "size_bytes=" #size " objects=40000000 heap_bytes=67108864", \
                      "size_bytes=" #size " objects=10000000 heap_bytes=67108864"}},   \
        .who = ALL, .who_quick = ALL_QUICK, .baselines = {MIMALLOC, BDWGC_PLAIN},      \
    }

#define MARK(shape, text)                                                                      \
    {                                                                                          \
        .name = "mark-" #shape, .program = "mark",                                             \
        .about = "a full collection of 32-byte objects, all alive: " text,                     \
        .metrics = {&ns_per_object},                                                           \
        .settings = {{"1 marking thread", "shape=" #shape " entries=10000000 mark_threads=1",  \
                      "shape=" #shape " entries=2000000 mark_threads=1"},                      \
                     {"2 marking threads", "shape=" #shape " entries=10000000 mark_threads=2", \
                      NULL}},                                                                  \
        .who = SET(BESOM_STW) | SET(BDWGC_PLAIN) | SET(BDWGC_TYPED) | SET(BARE),               \
        .who_quick = SET(BESOM_STW) | SET(BDWGC_PLAIN) | SET(BARE),                            \
        .baselines = {BDWGC_PLAIN, BARE},                                                      \
    }

#define WEAK_OPS(id, text, sizes, also)                                        \
    {                                                                          \
        .name = id, .program = id, .about = text,                              \
        .metrics = {&ns_per_op, &stop_max, &collections, also},                \
        .settings = {{"", sizes " operations=2000000 heap_bytes=67108864",     \
                      sizes " operations=200000 heap_bytes=67108864"}},        \
        .who = WEAK, .who_quick = WEAK_QUICK, .baselines = {BDWGC_PLAIN, LUA}, \
    }

const struct plan plans[] = {
    CHURN(16),
    CHURN(32),
    CHURN(64),
    CHURN(128),
    {
        .name = "trees",
        .program = "trees",
        .about = "binary trees of every depth, built and dropped beside one that lives",
        .metrics = {&ns_per_node, &peak_rss},
        .settings = {{"", "depth=20", "depth=16"}},
        .who = ALL,
        .who_full = ALL_FULL,
        .who_quick = ALL_QUICK,
        .baselines = {MIMALLOC, BDWGC_PLAIN},
    },
    MARK(list, "a list in order of allocation"),
    MARK(tree, "a binary tree in order of allocation"),
    MARK(random, "a random graph"),
    {
        .name = "gcbench",
        .program = "gcbench",
        .about = "trees and holes of many sizes beside long-lived data; heap limits in live peaks",
        .metrics = {&wall, &cpu, &stopped, &collections, &completed, &program_wall, &program_cpu},
        .settings = {{"1 mutator", "mutators=1 depth=17", "mutators=1 depth=16"},
                     {"2 mutators", "mutators=2 depth=17", "mutators=2 depth=16"}},
        .factors = {1.2, 1.5, 2, 3, 4, 6},
        .who = ALL,
        .who_full = ALL_FULL,
        .who_quick = LIMITED_QUICK,
        .baselines = {BDWGC_PLAIN, MIMALLOC},
    },
    {
        .name = "quads",
        .program = "quads",
        .about =
            "13 % of a large tree replaced, or built beside it and dropped, 20 times; heap limits "
            "in live peaks",
        .metrics = {&wall, &cpu, &stopped, &collections, &stop_p50, &stop_p99, &stop_max, &stops,
                    &mmu, &program_wall, &program_cpu},
        .settings = {{"old trees replaced", "levels=12", "levels=11"},
                     {"young trees dropped", "levels=12 fresh=dropped", "levels=11 fresh=dropped"}},
        .factors = {1.5, 2, 3, 4, 6},
        .who = ALL,
        .who_full = ALL_FULL,
        .who_quick = LIMITED_QUICK | SET(BESOM_GENERATIONAL),
        .baselines = {BDWGC_PLAIN, MIMALLOC},
    },
    {
        .name = "fragment",
        .program = "fragment",
        .about = "three in four of 48-byte objects dropped, then 112-byte objects",
        .metrics = {&fragmentation, &wall},
        .settings = {{"", "entries=10000000", "entries=1000000"}},
        .who = BESOMS | BDWGCS | MALLOCS,
        .who_full = SET(BESOM_STW) | SET(BESOM_GENERATIONAL) | BDWGCS_QUICK | MALLOCS,
        .who_quick = SET(BESOM_STW) | BDWGCS_QUICK | MALLOCS,
        .baselines = {BDWGC_PLAIN, MALLOC},
    },
    {
        .name = "false-retention",
        .program = "false-retention",
        .about = "what words that look like addresses keep of 500 dropped lists among 1000",
        .metrics = {&retained},
        .settings = {{"0 %", "length=10000 address_fraction=0", "length=1000 address_fraction=0"},
                     {"0.01 %", "length=10000 address_fraction=0.0001",
                      "length=1000 address_fraction=0.0001"},
                     {"0.1 %", "length=10000 address_fraction=0.001",
                      "length=1000 address_fraction=0.001"},
                     {"1 %", "length=10000 address_fraction=0.01",
                      "length=1000 address_fraction=0.01"}},
        .who = SET(BESOM_STW) | SET(BDWGC_PLAIN) | SET(BDWGC_TYPED),
        .who_quick = SET(BESOM_STW) | SET(BDWGC_PLAIN) | SET(BDWGC_TYPED),
        .baselines = {BDWGC_PLAIN, BDWGC_PLAIN},
    },
    {
        .name = "micro",
        .program = "micro",
        .about = "Besom's inline operations: a frame with two references, a poll, a barrier off",
        .metrics = {&frame, &poll, &barrier},
        .settings = {{"", "operations=100000000", "operations=10000000"}},
        .who = SET(BESOM_STW),
        .who_quick = SET(BESOM_STW),
        .baselines = {BESOM_STW, BESOM_STW},
    },
    {
        .name = "give-back",
        .program = "give-back",
        .about = "resident memory beyond an empty heap's, after all was dropped and given back",
        .metrics = {&rss_left, &rss_full},
        .settings = {{"", "live_bytes=1073741824", "live_bytes=134217728"}},
        .who = BESOMS | BDWGCS_QUICK | MALLOCS,
        .who_full = SET(BESOM_STW) | SET(BESOM_CONCURRENT) | BDWGCS_QUICK | MALLOCS,
        .who_quick = SET(BESOM_STW) | SET(BDWGC_PLAIN) | MALLOCS,
        .baselines = {MALLOC, MALLOC},
    },
    {
        .name = "ephemeron-chain",
        .program = "ephemeron",
        .about = "a full collection of a table whose entries live because of one another",
        .metrics = {&ns_per_entry, &first_per_entry},
        .settings =
            {{"10^3 entries", "entries=1000 collections=99", "entries=1000 collections=25"},
             {"10^4 entries", "entries=10000 collections=25", "entries=10000 collections=9"},
             {"10^5 entries", "entries=100000 collections=9", "entries=100000 collections=3"},
             {"10^6 entries", "entries=1000000 collections=5", "entries=1000000 collections=1"}},
        .who = BESOMS | PEERS,
        .who_quick = SET(BESOM_STW) | PEERS,
        .without = {0, 0, SET(LUA) | SET(OCAML), SET(LUA) | SET(OCAML)},
        .because = "its time is quadratic",
        .baselines = {NODE, LUA},
    },
    {
        .name = "weak-table-live",
        .program = "weak-table",
        .about = "what a table with weak keys adds to a full collection in which nothing dies",
        .metrics = {&ns_per_entry, &bytes_per_entry, &graph_per_entry},
        .settings = {{"", "entries=1000000", "entries=200000"}},
        .who = WEAK,
        .who_quick = WEAK_QUICK,
        .baselines = {BDWGC_PLAIN, LUA},
    },
    WEAK_OPS("weak-churn", "keys of a weak table come and go; a collection when all are replaced",
             "entries=50000", NULL),
    WEAK_OPS("intern", "one symbol for each text, held for a while; collections in between",
             "entries=50000", NULL),
    WEAK_OPS("cache", "a cache with a budget of 2 MiB under a skewed stream of keys",
             "entries=100000 budget_bytes=2097152", &misses),
    WEAK_OPS("finalize", "objects with finalizers come and go; a collection when all are replaced",
             "entries=50000", NULL),
    {
        .name = "finalize-stop",
        .program = "finalize-stop",
        .about = "the collection that finds 10^6 objects dead, of which few or all have finalizers",
        .metrics = {&stop_max, &stop, &collect},
        .settings = {{"10 finalizable", "entries=1000000 finalizable=10 live=200000",
                      "entries=1000000 finalizable=10 live=200000"},
                     {"10^6 finalizable", "entries=1000000 finalizable=1000000 live=200000",
                      "entries=1000000 finalizable=1000000 live=200000"}},
        .who = BESOMS | SET(BDWGC_PLAIN),
        .who_quick = SET(BESOM_STW) | SET(BDWGC_PLAIN),
        .baselines = {BDWGC_PLAIN, BDWGC_PLAIN},
    },
    {
        .name = "churn-store",
        .program = "churn-store",
        .about =
            "every new object is stored into an old one; heap 64 MiB; Besom's barrier on or off",
        .metrics = {&ns_per_object, &collections},
        .settings = {{"barrier off", "objects=40000000 heap_bytes=67108864",
                      "objects=10000000 heap_bytes=67108864"},
                     {"barrier on", "objects=40000000 heap_bytes=67108864 options=barrier=1",
                      "objects=10000000 heap_bytes=67108864 options=barrier=1"}},
        .who = BESOMS | BDWGCS_QUICK | MALLOCS,
        .who_quick = SET(BESOM_STW) | SET(BESOM_GENERATIONAL) | SET(BDWGC_PLAIN) | SET(MIMALLOC),
        .without = {BESOMS & ~SET(BESOM_STW), BDWGCS_QUICK | MALLOCS},
        .because = "it has no such choice",
        .baselines = {MIMALLOC, BDWGC_PLAIN},
    },
    {
        .name = "pause-live",
        .program = "pause-live",
        .about = "how long a program that churns beside much live data is kept waiting",
        .metrics = {&stop_max, &stop_p99, &op_max, &op_p999, &op_p99, &ns_per_object, &mmu, &op_mmu,
                    &floating, &stops, &collections, &peak_rss, &idle_max, &beside_max, &stop_p50,
                    &idle_p99, &beside_p99, &timing},
        .settings = {{"64 MiB live", NULL, "live_bytes=67108864 seconds=1"},
                     {"256 MiB live", "live_bytes=268435456 seconds=30", NULL},
                     {"1 GiB live", "live_bytes=1073741824 seconds=30", NULL},
                     {"2 GiB live", "live_bytes=2147483648 seconds=30", NULL}},
        .who = PAUSES | PAUSE_PEERS,
        .who_full = PAUSES_FULL | PAUSE_PEERS,
        .who_quick = BESOMS_QUICK | SET(BDWGC_PLAIN) | PAUSE_PEERS,
        .repeat = 1,
        .without = {0, SET(BESOM_GENERATIONAL) | SET(BDWGC_INCREMENTAL), PAUSE_PEERS,
                    GENERATIONS | SET(BDWGC_PLAIN) | SET(BDWGC_INCREMENTAL) | PAUSE_PEERS},
        .because = "measured at another size",
        .baselines = {BDWGC_PLAIN, BDWGC_INCREMENTAL},
    },
    {
        .name = "splay",
        .program = "splay",
        .about =
            "a splay tree of 8000 nodes with loads, of which some are replaced in an operation",
        .metrics = {&op_p99, &op_p999, &op_max, &wall, &stop_max, &mmu, &collections, &peak_rss,
                    &stop_p99, &stop_p50, &stops},
        .settings = {{"1 change", "changes=1 operations=400000", "changes=1 operations=20000"},
                     {"80 changes", "changes=80 operations=12000", "changes=80 operations=500"}},
        .who = PAUSES | MALLOCS | PAUSE_PEERS,
        .who_full = (PAUSES_FULL & ~SET(BDWGC_INCREMENTAL)) | SET(MIMALLOC) | PAUSE_PEERS,
        .who_quick = SET(BESOM_STW) | SET(BESOM_CONCURRENT) | SET(BESOM_GENERATIONAL) |
                     SET(BDWGC_PLAIN) | SET(MIMALLOC),
        .baselines = {BDWGC_PLAIN, MIMALLOC},
    },
    {
        .name = "pause-kinds",
        .program = "pause-live",
        .about = "pause-live, with all pauses that the collector tells of, by their kind",
        .metrics = {&held_max, &held_p99, &held_p999, &held_p50, &holds, &mmu_all, &mmu,
                    KIND_METRICS(stop), KIND_METRICS(assist), KIND_METRICS(wait),
                    KIND_METRICS(answer), KIND_METRICS(alloc), KIND_METRICS(barrier)},
        .settings = {{"", "live_bytes=268435456 seconds=10 pauses=1048576",
                      "live_bytes=67108864 seconds=0.5 pauses=1048576"}},
        .who = PAUSES,
        .who_full = PAUSES_FULL,
        .who_quick = BESOMS_QUICK | SET(BDWGC_PLAIN),
        .repeat = 1,
        .baselines = {BDWGC_PLAIN, BDWGC_INCREMENTAL},
    },
    {
        .name = "requests",
        .program = "requests",
        .about = "requests on a fixed schedule beside live data; latency from when they were due",
        .metrics = {&simple_p999, &simple_p99,   &simple_max,  &metered_p999, &metered_p99,
                    &metered_max, &service_max,  &missed,      &served,       &mmu_all,
                    &idle_max,    &beside_max,   &simple_p50,  &metered_p50,  &service_p50,
                    &service_p99, &service_p999, &collections, &peak_rss,     &stop_max,
                    &idle_p99,    &beside_p99},
        .settings = {{"20000/s",
                      "live_bytes=268435456 rate=20000 seconds=10 window_ms=100 pauses=1048576",
                      "live_bytes=33554432 rate=20000 seconds=0.6 window_ms=100 pauses=1048576"},
                     {"50000/s",
                      "live_bytes=268435456 rate=50000 seconds=10 window_ms=100 pauses=1048576",
                      NULL}},
        .who = PAUSES,
        .who_full = PAUSES_FULL & ~SET(BDWGC_INCREMENTAL),
        .who_quick = BESOMS_QUICK | SET(BDWGC_PLAIN),
        .repeat = 1,
        .baselines = {BDWGC_PLAIN, BDWGC_INCREMENTAL},
    },
    {
        .name = "scaling",
        .program = "gcbench",
        .about =
            "gcbench with 1 .. 4 mutators, each with as much to do; time for a node of them all",
        .metrics = {&ns_per_node_all, &wall, &stopped, &mutator_p99, &held_max, &mmu_all,
                    &collections},
        .settings = {{"1 mutator", "mutators=1 depth=16 pauses=1048576",
                      "mutators=1 depth=12 pauses=262144"},
                     {"2 mutators", "mutators=2 depth=16 pauses=1048576",
                      "mutators=2 depth=12 pauses=262144"},
                     {"4 mutators", "mutators=4 depth=16 pauses=1048576",
                      "mutators=4 depth=12 pauses=262144"}},
        .who = BESOMS | SET(BDWGC_PLAIN) | SET(BDWGC_INLINE) | MALLOCS,
        .who_quick = SET(BESOM_STW) | SET(BESOM_CONCURRENT) | SET(BDWGC_PLAIN) | SET(MIMALLOC),
        .baselines = {BDWGC_PLAIN, MIMALLOC},
    },
    {
        .name = "retained",
        .program = "retained",
        .about =
            "garbage that stays while sessions come and go, by whose fault; as parts of what lives",
        .metrics = {&rgi,
                    &rgi_logical,
                    &rgi_artefact,
                    &rgi_floating,
                    &rgi_unswept,
                    &rg_peak,
                    &reclaim_bytes_p99,
                    &reclaim_cycles_p99,
                    &reclaim_cycles_max,
                    &live_mean,
                    &rss_mean,
                    &rss_after,
                    &fragmentation,
                    &collections,
                    &rgi_time,
                    &rg_logical,
                    &rg_artefact,
                    &rg_floating,
                    &rg_unswept,
                    &reclaim_bytes_p50,
                    &reclaim_bytes_p999,
                    &reclaim_bytes_max,
                    &reclaim_cycles_p50,
                    &collector_ms_p50,
                    &collector_ms_p99,
                    &collector_ms_max,
                    &logical_bytes_p50,
                    &logical_bytes_p99,
                    &logical_bytes_max,
                    &logical_ms_p50,
                    &logical_ms_p99,
                    &logical_ms_max,
                    &unreclaimed,
                    &rss_peak,
                    &heap_per_live},
        .settings = {{"", "turns=100000 samples=200 sessions=4000 forgets_after=2000",
                      "turns=10000 samples=100 sessions=400 forgets_after=200"}},
        .who = BESOMS | BDWGCS_QUICK | SET(BDWGC_TYPED),
        .who_quick = BESOMS_QUICK | SET(BDWGC_PLAIN) | SET(BDWGC_TYPED),
        .repeat = 1,
        .baselines = {BDWGC_PLAIN, BDWGC_TYPED},
    },
    {
        .name = "editor",
        .program = "editor",
        .about =
            "an image editor's user opens, edits and closes documents; what stays of closed ones",
        .metrics = EDITOR_METRICS,
        .settings = {{"pixels freed at close", "documents=200 side=512", "documents=20 side=192"},
                     {"pixels left to the collector", "documents=200 side=512 late=1",
                      "documents=20 side=192 late=1"}},
        .who = BESOMS,
        .who_quick = BESOMS_QUICK,
        .repeat = 1,
        .baselines = {BESOM_STW, BESOM_STW},
    },
    {
        .name = "editor-leaky",
        .program = "editor",
        .about = "the same with a mistake of the editor's, pixels left to the collector: what "
                 "stays is logical",
        .metrics = EDITOR_METRICS,
        .settings = {MISTAKE("cache"), MISTAKE("history"), MISTAKE("observer"), MISTAKE("job"),
                     MISTAKE("registry"), MISTAKE("handle")},
        .who = BESOMS,
        .who_full = SET(BESOM_STW),
        .who_quick = SET(BESOM_STW),
        .repeat = 1,
        .baselines = {BESOM_STW, BESOM_STW},
    },
    {
        .name = "weak-stop",
        .program = "weak-stop",
        .about = "the stops with a table of 10^6 weak keys and 10^5 dying objects with finalizers",
        .metrics = {&stop, &collect_stop, &stop_max},
        .settings = {{"without weak structures", "weak=0 entries=1000000 finalizable=100000",
                      "weak=0 entries=100000 finalizable=10000"},
                     {"with weak structures", "weak=1 entries=1000000 finalizable=100000",
                      "weak=1 entries=100000 finalizable=10000"}},
        .who = BESOMS,
        .who_full = SET(BESOM_STW) | SET(BESOM_INCREMENTAL) | SET(BESOM_CONCURRENT),
        .who_quick = BESOMS_QUICK,
        .baselines = {BESOM_STW, BESOM_STW},
    },
    {
        .name = "native-stop",
        .program = "native-stop",
        .about = "the time from the request of a stop until all stand, one of them in native calls",
        .metrics = {&reach_p99, &reach_p50, &reach_max, &stops, &stop_max, &stop_p99},
        .settings = {{"alone", "others=0 native_ms=100 seconds=3",
                      "others=0 native_ms=100 seconds=0.5"},
                     {"another in native calls", "others=1 native_ms=100 seconds=3",
                      "others=1 native_ms=100 seconds=0.5"}},
        .who = PAUSES,
        .who_full = (BESOMS & ~GENERATIONS) | SET(BDWGC_PLAIN),
        .who_quick = (BESOMS & ~GENERATIONS) | SET(BDWGC_PLAIN),
        .baselines = {BDWGC_PLAIN, BDWGC_INCREMENTAL},
    },
};

const size_t n_plans = sizeof plans / sizeof plans[0];

const struct plan *plan_find(const char *name, size_t length)
{
    for (size_t i = 0; i < n_plans; i++) {
        if (strlen(plans[i].name) == length && strncmp(plans[i].name, name, length) == 0)
            return &plans[i];
    }
    return NULL;
}

size_t plan_metric(const struct plan *plan, const char *name)
{
    size_t i = 0;
    while (plan->metrics[i] && strcmp(plan->metrics[i]->name, name) != 0)
        i++;
    return plan->metrics[i] ? i : PLAN_METRICS;
}
