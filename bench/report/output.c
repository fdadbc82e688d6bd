/* output.c - writes a file whole or not at all. */
#include "bench/report/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(const char *path)
{
    fprintf(stderr, "besom-report: %s cannot be written: %s\n", path, strerror(errno));
    return false;
}

static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static char *part_name(const char *path)
{
    return text_format("%s.part-%ld", path, (long)getpid());
}

bool output_probe(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return complain(path);
    }
    if (is_special(path))
        return access(path, W_OK) == 0 || complain(path);
    char *part = part_name(path);
    FILE *to = fopen(part, "wx");
    if (to) {
        fclose(to);
        unlink(part);
    } else {
        complain(path);
    }
    free(part);
    return to != NULL;
}

/* Writes and closes; false, with errno, if any of it failed. */
static bool put_all(FILE *to, const struct text *text)
{
    const bool is_written = fwrite(text->at, 1, text->n, to) == text->n && fflush(to) == 0;
    const int error = errno;
    const bool is_closed = fclose(to) == 0;
    if (!is_written)
        errno = error;
    return is_written && is_closed;
}

bool output_write(const char *path, const struct text *text)
{
    if (is_special(path)) {
        FILE *to = fopen(path, "w");
        return (to && put_all(to, text)) || complain(path);
    }
    char *part = part_name(path);
    FILE *to = fopen(part, "wx");
    const bool is_done = to && put_all(to, text) && rename(part, path) == 0;
    if (!is_done) {
        complain(path);
        if (to)
            unlink(part);
    }
    free(part);
    return is_done;
}
