/* worker-bdwgc.c - the workloads that bdwgc can run. */
#include "bench/worker.h"

const struct workload worker_workloads[] = {
    {"churn", workload_churn},
    {"trees", workload_trees},
    {"mark", workload_mark},
    {"gcbench", workload_gcbench},
    {"quads", workload_quads},
    {"fragment", workload_fragment},
    {"false-retention", workload_false_retention},
    {"give-back", workload_give_back},
    {NULL, NULL},
};
