/* worker.h - a process that runs one workload once, on one contestant.
 *
 * besom-bench starts `worker-CONTESTANT WORKLOAD NAME=VALUE...` and reads lines from its standard
 * output: `value METRIC NUMBER`, `point CURVE NUMBER NUMBER`, `param NAME NUMBER`, `check NUMBER`,
 * `failed TEXT`.  With the arguments `about` and perhaps a mode it prints the contestant's version
 * instead, or why it does not know that mode.  A crash, or memory that runs out, therefore ends one
 * row of one table, and what the system says of the process is said of the contestant alone. */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stddef.h>
#include <stdint.h>

/* The NAME=VALUE arguments. */
struct params {
    int n;
    char **pairs;
};

/* The value of a parameter.  One that is missing, or no number, ends the process with a message;
 * params_text has a fallback instead. */
uint64_t params_count(const struct params *params, const char *name);
double params_real(const struct params *params, const char *name);
const char *params_text(const struct params *params, const char *name, const char *fallback);

/* params_count, or 0 if there is no such parameter. */
uint64_t params_limit(const struct params *params, const char *name);

/* A figure measured. */
void worker_value(const char *metric, double value);

/* A point of a curve: of mmu, the fraction y left to the program in windows of x ms. */
void worker_point(const char *curve, double x, double y);

/* A parameter found while running: live_bytes. */
void worker_param(const char *name, double value);

/* A sum over what the workload saw, equal for every contestant that did the same work. */
void worker_check(uint64_t sum);

/* Such a sum, extended by one more number: of 32 bits, so that every language can compute it. */
static inline uint32_t worker_sum(uint32_t sum, uint32_t seen)
{
    return sum * 31 + seen;
}

/* The contestant could not do it: says why, and ends the process.  Any thread. */
_Noreturn void worker_fail(const char *why);

/* The memory of this process that is resident now, and the most that ever was. */
uint64_t worker_rss_bytes(void);
uint64_t worker_peak_rss_bytes(void);

struct workload {
    const char *name;
    void (*run)(const struct params *params);
};

/* What this worker can run, ended by a NULL name: each worker defines its own. */
extern const struct workload worker_workloads[];

void workload_churn(const struct params *params);
void workload_trees(const struct params *params);
void workload_mark(const struct params *params);
void workload_gcbench(const struct params *params);
void workload_quads(const struct params *params);
void workload_fragment(const struct params *params);
void workload_false_retention(const struct params *params);
void workload_micro(const struct params *params);
void workload_give_back(const struct params *params);
void workload_ephemeron(const struct params *params);
void workload_weak_table(const struct params *params);
void workload_weak_churn(const struct params *params);
void workload_intern(const struct params *params);
void workload_cache(const struct params *params);
void workload_finalize(const struct params *params);
void workload_finalize_stop(const struct params *params);
void workload_churn_store(const struct params *params);
void workload_pause_live(const struct params *params);
void workload_requests(const struct params *params);
void workload_splay(const struct params *params);
void workload_weak_stop(const struct params *params);
void workload_native_stop(const struct params *params);
void workload_retained(const struct params *params);
void workload_retained_known(const struct params *params);
void workload_editor(const struct params *params);

#endif
