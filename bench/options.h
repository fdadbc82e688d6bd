/* options.h - the command line of besom-bench. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { OPTIONS_PLANS_MAX = 64, OPTIONS_REPEAT_MAX = 1000 };

struct options {
    bool is_list, is_help, is_quick;
    bool selects[OPTIONS_PLANS_MAX]; /* by position in plans[] */
    unsigned who;                    /* a set of contestants; 0: whoever the plan has */
    unsigned repeat;                 /* 0: as the plans have it */
    const char *json;                /* a path, or NULL */
};

/* False: something is wrong, and has been said on standard error. */
bool options_parse(struct options *options, int argc, char **argv);

void options_print_help(void);

/* Every workload and every contestant, with what --only and --contestant call them. */
void options_print_list(void);

#endif
