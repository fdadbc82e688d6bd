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
    {"weak-table", workload_weak_table},
    {"weak-churn", workload_weak_churn},
    {"intern", workload_intern},
    {"cache", workload_cache},
    {"finalize", workload_finalize},
    {"finalize-stop", workload_finalize_stop},
    {"churn-store", workload_churn_store},
    {"splay", workload_splay},
    {"pause-live", workload_pause_live},
    {"requests", workload_requests},
    {"native-stop", workload_native_stop},
    {"weak-stop", workload_weak_stop},
    {"retained", workload_retained},
    {"retained-known", workload_retained_known},
    {NULL, NULL},
};
