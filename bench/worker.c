/* worker.c - what all workers share: parameters, and the lines they print. */
#include "bench/worker.h"

#include "bench/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *params_text(const struct params *params, const char *name, const char *fallback)
{
    size_t length = strlen(name);
    for (int i = 0; i < params->n; i++) {
        const char *pair = params->pairs[i];
        if (strncmp(pair, name, length) == 0 && pair[length] == '=')
            return pair + length + 1;
    }
    return fallback;
}

static _Noreturn void bad_parameter(const char *name)
{
    char text[100];
    snprintf(text, sizeof text, "parameter %s is missing or no number", name);
    worker_fail(text);
}

uint64_t params_count(const struct params *params, const char *name)
{
    const char *text = params_text(params, name, "");
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end != '\0')
        bad_parameter(name);
    return value;
}

uint64_t params_limit(const struct params *params, const char *name)
{
    return params_text(params, name, NULL) ? params_count(params, name) : 0;
}

double params_real(const struct params *params, const char *name)
{
    const char *text = params_text(params, name, "");
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0')
        bad_parameter(name);
    return value;
}

void worker_value(const char *metric, double value)
{
    printf("value %s %.17g\n", metric, value);
}

void worker_point(const char *curve, double x, double y)
{
    printf("point %s %.12g %.12g\n", curve, x, y);
}

void worker_param(const char *name, double value)
{
    printf("param %s %.17g\n", name, value);
}

void worker_check(uint64_t sum)
{
    printf("check %llu\n", (unsigned long long)sum);
}

_Noreturn void worker_fail(const char *why)
{
    printf("failed %s\n", why);
    fflush(stdout);
    _exit(1);
}

/* A field of /proc/self/status, which counts in KiB. */
static uint64_t status_bytes(const char *field)
{
    FILE *status = fopen("/proc/self/status", "r");
    if (!status)
        worker_fail("/proc/self/status cannot be read");
    char line[256];
    unsigned long long kib = 0;
    size_t length = strlen(field);
    while (fgets(line, sizeof line, status)) {
        if (strncmp(line, field, length) == 0)
            kib = strtoull(line + length, NULL, 10);
    }
    fclose(status);
    return kib * 1024;
}

uint64_t worker_rss_bytes(void)
{
    return status_bytes("VmRSS:");
}

uint64_t worker_peak_rss_bytes(void)
{
    return status_bytes("VmHWM:");
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "about") == 0) {
        puts(mem_about(argc > 2 ? argv[2] : ""));
        return fflush(stdout) == 0 ? 0 : 1;
    }
    if (argc < 2) {
        fprintf(stderr, "%s: started by besom-bench\n", argv[0]);
        return 2;
    }
    struct params params = {argc - 2, argv + 2};
    for (const struct workload *w = worker_workloads; w->name; w++) {
        if (strcmp(w->name, argv[1]) == 0) {
            w->run(&params);
            return fflush(stdout) == 0 ? 0 : 1;
        }
    }
    worker_fail("this worker has no such workload");
}
