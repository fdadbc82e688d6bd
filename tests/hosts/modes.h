/* modes.h - a host of doc/porting.md is run in every mode of the collector, plainly and under stress. */
#ifndef TESTS_HOSTS_MODES_H
#define TESTS_HOSTS_MODES_H

#include "tests/support.h"

#include <stdio.h>

/* Opens a heap with these options, and makes its claims. */
typedef void (*host_run)(const char *options);

/* Calls run with each mode, alone and with stress=1,verify; under the sanitizers, which are slow, with
 * stress=5.  `more` (",name" or empty) goes with all. */
static inline void in_every_mode(host_run run, const char *more)
{
    static const char *const modes[] = {"mode=stw",
                                        "mode=incremental",
                                        "mode=concurrent",
                                        "mode=stw,generational,nursery=64k",
                                        "mode=incremental,generational,nursery=64k",
                                        "mode=concurrent,generational,nursery=64k"};
    const char *const tests[] = {"", is_instrumented() ? ",stress=5,verify" : ",stress=1,verify"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        for (size_t k = 0; k < 2; k++) {
            char options[128];
            snprintf(options, sizeof options, "%s%s%s", modes[i], tests[k], more);
            run(options);
        }
}

/* A test whose body, a function of this name with _in, runs in every mode. */
#define TEST_IN_EVERY_MODE(name, more)  \
    START_TEST(name)                    \
    {                                   \
        in_every_mode(name##_in, more); \
    }                                   \
    END_TEST

#endif
