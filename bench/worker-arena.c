/* worker-arena.c - the workloads that the arena can run. */
#include "bench/worker.h"

const struct workload worker_workloads[] = {
    {"churn", workload_churn},
    {"trees", workload_trees},
    {"gcbench", workload_gcbench},
    {"quads", workload_quads},
    {NULL, NULL},
};
