/* worker-malloc.c - the workloads that malloc, mimalloc and jemalloc can run. */
#include "bench/worker.h"

const struct workload worker_workloads[] = {
    {"churn", workload_churn},
    {"trees", workload_trees},
    {"gcbench", workload_gcbench},
    {"quads", workload_quads},
    {"fragment", workload_fragment},
    {"give-back", workload_give_back},
    {"churn-store", workload_churn_store},
    {"splay", workload_splay},
    {NULL, NULL},
};
