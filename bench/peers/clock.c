/* clock.c - the monotonic clock for the programs in OCaml, whose library has none. */
#include <stdint.h>
#include <time.h>

/* As an untagged integer. */
intptr_t besom_peer_clock_ns(intptr_t unit);
intptr_t besom_peer_clock_boxed(intptr_t unit);

intptr_t besom_peer_clock_ns(intptr_t unit)
{
    struct timespec now;
    (void)unit;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (intptr_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* As bytecode would have it: tagged. */
intptr_t besom_peer_clock_boxed(intptr_t unit)
{
    return 2 * besom_peer_clock_ns(unit) + 1;
}
