/* whole-file.h - writes a file whole or not at all. */
#ifndef BENCH_WHOLE_FILE_H
#define BENCH_WHOLE_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* Can `path` be written later?  Leaves nothing behind.  If not: `program` says why on standard error;
 * false. */
bool whole_file_probe(const char *program, const char *path);

/* put writes everything to `to`; false, with errno, if it cannot.  (What `to` says of itself, by ferror
 * and when it is closed, is looked at besides.)  It goes to another name beside `path`, which is
 * renamed, so that there never is half of it; an interrupt leaves nothing either (interrupt.h).  What
 * exists and is no regular file (a pipe, /dev/stdout) is written to directly.  On failure `program`
 * says why on standard error, and leaves nothing; false. */
bool whole_file_write(const char *program, const char *path,
                      bool (*put)(FILE *to, const void *data), const void *data);

#endif
