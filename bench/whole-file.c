/* whole-file.c - writes a file whole or not at all. */
#include "bench/whole-file.h"

#include "bench/interrupt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(const char *program, const char *path)
{
    fprintf(stderr, "%s: %s cannot be written: %s\n", program, path, strerror(errno));
    return false;
}

/* Something that is written to as it is, not replaced. */
static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* 0, or the errno with which the special file would refuse to be written to. */
static int refusal_of(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno;
    if (S_ISDIR(status.st_mode))
        return EISDIR;
    if (S_ISSOCK(status.st_mode))
        return ENXIO;
    return access(path, W_OK) == 0 ? 0 : errno;
}

/* The name under which `path` is written; NULL without memory. */
static char *part_name(const char *path)
{
    const size_t n = strlen(path) + 32;
    char *name = malloc(n);
    if (name)
        snprintf(name, n, "%s.part-%ld", path, (long)getpid());
    return name;
}

bool whole_file_probe(const char *program, const char *path)
{
    if (is_special(path)) {
        errno = refusal_of(path);
        return errno == 0 || complain(program, path);
    }
    char *part = part_name(path);
    FILE *to = part ? fopen(part, "wx") : NULL;
    if (to) {
        fclose(to);
        unlink(part);
    } else {
        complain(program, path);
    }
    free(part);
    return to != NULL;
}

/* Writes and closes; false, with the errno of what failed first. */
static bool put_and_close(FILE *to, bool (*put)(FILE *to, const void *data), const void *data)
{
    const bool is_written = put(to, data) && fflush(to) == 0 && !ferror(to);
    const int error = errno;
    const bool is_closed = fclose(to) == 0;
    if (!is_written)
        errno = error;
    return is_written && is_closed;
}

bool whole_file_write(const char *program, const char *path,
                      bool (*put)(FILE *to, const void *data), const void *data)
{
    if (is_special(path)) {
        FILE *to = fopen(path, "w");
        return (to && put_and_close(to, put, data)) || complain(program, path);
    }
    char *part = part_name(path);
    interrupt_file(part);
    FILE *to = part ? fopen(part, "wx") : NULL;
    const bool is_done = to && put_and_close(to, put, data) && rename(part, path) == 0;
    if (!is_done) {
        complain(program, path);
        if (to)
            unlink(part);
    }
    interrupt_file(NULL);
    free(part);
    return is_done;
}
