/* machine.h - where the figures come from, and how quiet it is there. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stddef.h>
#include <stdint.h>

struct machine {
    char cpu[80], kernel[200];
    unsigned cores;
    uint64_t memory_bytes;
    double load; /* of the last minute */
    double hiccup_p50_us, hiccup_p99_us, hiccup_max_us;
    size_t hiccups;
};

/* Asks the system, and sleeps a millisecond at a time for half a second: the overshoot of those
 * sleeps is the noise that no contestant is to blame for. */
void machine_look(struct machine *machine);

/* Two or three lines for people. */
void machine_print(const struct machine *machine);

#endif
