/* output.h - writes a file whole or not at all. */
#ifndef BENCH_REPORT_OUTPUT_H
#define BENCH_REPORT_OUTPUT_H

#include "bench/report/text.h"

#include <stdbool.h>

/* Can `path` be written later?  Leaves nothing behind.  If not: says so on standard error; false. */
bool output_probe(const char *path);

/* Writes the text under another name beside `path` and renames it, so that there never is half of
 * it. What exists and is no regular file (a pipe, /dev/stdout) is written to directly.  On failure
 * says why on standard error and leaves nothing; false. */
bool output_write(const char *path, const struct text *text);

#endif
