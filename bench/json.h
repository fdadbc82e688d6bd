/* json.h - the results as lines of JSON. */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "bench/machine.h"
#include "bench/row.h"

/* Can results be written to `path` later?  Leaves nothing behind.  If not: says why on standard
 * error, false. */
bool json_probe(const char *path);

/* Writes one line for the machine, the command that was run and the versions, then one for each
 * metric of each row, and for each curve.  A file appears whole or not at all: it is written under
 * another name and renamed.  What exists and is no regular file (a pipe, /dev/stdout) is written to
 * directly.  On failure says why on standard error, false. */
bool json_write(const char *path, char *const *command, const struct machine *machine,
                const struct rows *rows);

#endif
