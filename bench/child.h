/* child.h - starting a worker, and reading what it prints. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTCOME_VALUES = 64, OUTCOME_PARAMS = 4 };

struct named_value {
    char name[32];
    double value;
};

/* A point of a curve; those of a curve need not be in a row. */
struct point {
    char curve[16];
    double x, y;
};

/* What one run of a worker came to. */
struct outcome {
    struct named_value values[OUTCOME_VALUES];
    size_t n_values;
    struct named_value params[OUTCOME_PARAMS];
    size_t n_params;
    struct point *points; /* of malloc; as many as were printed */
    size_t n_points, room_points;
    bool has_check;
    uint64_t check;
    char failed[120]; /* why it did not complete; "" if it did */
};

void outcome_free(struct outcome *outcome);

/* Runs `worker` with the arguments (NULL-terminated, without the program's name), `library`
 * preloaded if it is not NULL, and kills it after timeout_s seconds.  Whatever goes wrong is in
 * outcome->failed, and so is a worker that says more than there is room for. */
void child_run(const char *worker, const char *library, const char *const *arguments,
               unsigned timeout_s, struct outcome *outcome);

/* The line that the worker prints when asked `about` the mode; false if it cannot be started or says
 * nothing. */
bool child_about(const char *worker, const char *mode, const char *library, char *line, size_t n);

#endif
