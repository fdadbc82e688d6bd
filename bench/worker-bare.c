/* worker-bare.c - the workloads that the bare marking loop can run. */
#include "bench/worker.h"

const struct workload worker_workloads[] = {
    {"mark", workload_mark},
    {NULL, NULL},
};
