/* machine.c - where the figures come from, and how quiet it is there. */
#include "bench/machine.h"

#include "bench/clock.h"
#include "bench/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { HICCUPS = 500 };

/* The first value of a "name : value" line of /proc/cpuinfo. */
static void cpu_name(char *name, size_t n)
{
    snprintf(name, n, "unknown processor");
    FILE *info = fopen("/proc/cpuinfo", "r");
    if (!info)
        return;
    char line[256];
    while (fgets(line, sizeof line, info)) {
        char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && value) {
            value[strcspn(value, "\n")] = '\0';
            snprintf(name, n, "%s", value + 2);
            break;
        }
    }
    fclose(info);
}

static void measure_hiccups(struct machine *machine)
{
    const struct timespec nap = {0, 1000000};
    double over_us[HICCUPS];
    for (size_t i = 0; i < HICCUPS; i++) {
        uint64_t began = clock_ns();
        nanosleep(&nap, NULL);
        over_us[i] = (double)(clock_ns() - began) / 1e3 - 1000;
    }
    machine->hiccups = HICCUPS;
    machine->hiccup_p50_us = stats_percentile(over_us, HICCUPS, 500);
    machine->hiccup_p99_us = stats_percentile(over_us, HICCUPS, 990);
    machine->hiccup_max_us = over_us[HICCUPS - 1]; /* sorted now */
}

void machine_look(struct machine *machine)
{
    struct utsname names;
    cpu_name(machine->cpu, sizeof machine->cpu);
    uname(&names);
    snprintf(machine->kernel, sizeof machine->kernel, "%s %s %s", names.sysname, names.release,
             names.machine);
    machine->cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    machine->memory_bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    machine->load = 0;
    getloadavg(&machine->load, 1);
    measure_hiccups(machine);
}

void machine_print(const struct machine *machine)
{
    printf("machine: %s, %u processors, %.1f GiB, %s, load %.2f\n", machine->cpu, machine->cores,
           (double)machine->memory_bytes / 1073741824.0, machine->kernel, machine->load);
    printf("idle hiccup (1 ms sleeps, overshoot): p50 %.0f us, p99 %.0f us, max %.0f us, n %zu\n",
           machine->hiccup_p50_us, machine->hiccup_p99_us, machine->hiccup_max_us,
           machine->hiccups);
    const char *options = getenv("BESOM_OPTIONS");
    if (options)
        printf("BESOM_OPTIONS: %s\n", options);
}
