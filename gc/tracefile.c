/* tracefile.c - a file that threads write entries to. */
#include "gc/tracefile.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TEXT_BYTES = 256 << 10, /* a buffer */
    ENTRY_BYTES = 2048,     /* the longest entry */
    MAX_NUMBER = 1000       /* of files of one name */
};

/* ---- opening ---- */

/* The descriptor; or -1 and errno: EWOULDBLOCK if another heap has it. */
static int claim(const char *path)
{
    struct stat about;
    /* NONBLOCK: a pipe that nobody reads is not waited for. */
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (fd < 0)
        return -1;
    int error = fstat(fd, &about) != 0 ? errno : 0;
    bool is_file = !error && S_ISREG(about.st_mode);
    if (!error && !is_file && !S_ISCHR(about.st_mode))
        error = ESPIPE; /* writing to a pipe may raise a signal */
    if (is_file && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        error = EWOULDBLOCK;
    else if (is_file && ftruncate(fd, 0) != 0)
        error = errno;
    if (!error)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

static enum besom_status claim_some(struct besom__tracefile *file, const char *name,
                                    struct besom_report *report)
{
    char path[PATH_MAX];
    int n = (int)strcspn(name, ",");
    if (n + 8 > (int)sizeof path)
        return besom__refuse(report, BESOM_E_OPTION, "option trace: '%.60s...' is too long a name",
                             name);
    snprintf(path, sizeof path, "%.*s", n, name);
    for (file->number = 1; (file->fd = claim(path)) < 0; file->number++) {
        if (errno != EWOULDBLOCK || file->number == MAX_NUMBER)
            return besom__refuse(report, BESOM_E_OPTION, "option trace: cannot write '%.400s': %s",
                                 path, strerror(errno));
        snprintf(path + n, sizeof path - (size_t)n, ".%u", file->number + 1);
    }
    return BESOM_OK;
}

enum besom_status besom__tracefile_open(struct besom_heap *heap, struct besom__tracefile *file,
                                        const char *name, struct besom_report *report)
{
    struct rlimit limit;
    enum besom_status status = BESOM_E_MEMORY;
    *file = (struct besom__tracefile){.fd = -1, .limit_bytes = UINT64_MAX};
    file->buffers[0] = besom__alloc(heap, 2 * TEXT_BYTES);
    if (!file->buffers[0])
        goto fail_buffers;
    file->buffers[1] = file->buffers[0] + TEXT_BYTES;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        file->limit_bytes = limit.rlim_cur;
    if (pthread_mutex_init(&file->lock, NULL) != 0)
        goto fail_lock;
    status = claim_some(file, name, report);
    if (status != BESOM_OK)
        goto fail_file;
    besom__u32_store_release(&file->is_open, 1);
    return BESOM_OK;
fail_file:
    pthread_mutex_destroy(&file->lock);
fail_lock:
    besom__release(heap, file->buffers[0]);
    file->buffers[0] = NULL;
fail_buffers:
    if (status == BESOM_E_MEMORY)
        besom__refuse(report, status, "no memory for the buffers of option trace");
    return status;
}

bool besom__tracefile_is_open(const struct besom__tracefile *file)
{
    return besom__u32_load_acquire(&file->is_open) != 0;
}

/* ---- writing ---- */

/* 0 or errno. */
static int write_all(int fd, const char *text, size_t n)
{
    while (n) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : ENOSPC;
        text += done;
        n -= (size_t)done;
    }
    return 0;
}

/* Lock held.  What was written in part is taken back, so that a whole entry is the last. */
static void end_with(struct besom__tracefile *file, int error)
{
    bool whole = !error || ftruncate(file->fd, (off_t)file->written_bytes) == 0;
    (void)whole; /* a device cannot be truncated */
    besom__u32_store_release(&file->error, (uint32_t)error);
    besom__u32_store_release(&file->is_open, 0);
    close(file->fd);
    file->fd = -1;
}

/* Lock held, and let go of while the buffer is written; nobody else is writing. */
static void write_out(struct besom__tracefile *file)
{
    const char *text = file->buffers[file->filling];
    size_t n = file->used_bytes;
    bool fits = n <= file->limit_bytes - file->written_bytes;
    file->writes = true;
    file->filling ^= 1;
    besom__size_store(&file->used_bytes, 0);
    pthread_mutex_unlock(&file->lock);
    int error = fits ? write_all(file->fd, text, n) : EFBIG;
    pthread_mutex_lock(&file->lock);
    file->writes = false;
    if (error)
        end_with(file, error);
    else
        file->written_bytes += n;
}

void besom__tracefile_flush(struct besom__tracefile *file, size_t at_least_bytes)
{
    if (!besom__tracefile_is_open(file) || besom__size_load(&file->used_bytes) < at_least_bytes)
        return;
    pthread_mutex_lock(&file->lock);
    if (file->fd >= 0 && !file->writes && file->used_bytes)
        write_out(file);
    pthread_mutex_unlock(&file->lock);
}

void besom__tracefile_add(struct besom__tracefile *file, const char *format, ...)
{
    char entry[ENTRY_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(entry, sizeof entry, format, args);
    va_end(args);
    if (n < 0 || n >= ENTRY_BYTES)
        return;
    pthread_mutex_lock(&file->lock);
    if (file->fd >= 0 && file->used_bytes + (size_t)n + 2 > TEXT_BYTES && !file->writes)
        write_out(file);
    if (file->fd < 0 || file->used_bytes + (size_t)n + 2 > TEXT_BYTES) {
        besom__size_add(&file->lost, 1);
    } else {
        bool first = !file->writes && file->written_bytes + file->used_bytes == 0;
        char *end = file->buffers[file->filling] + file->used_bytes;
        memcpy(end, first ? "[\n" : ",\n", 2);
        memcpy(end + 2, entry, (size_t)n);
        besom__size_store(&file->used_bytes, file->used_bytes + 2 + (size_t)n);
    }
    pthread_mutex_unlock(&file->lock);
}

/* ---- closing ---- */

void besom__tracefile_close(struct besom_heap *heap, struct besom__tracefile *file)
{
    if (!file->buffers[0])
        return;
    pthread_mutex_lock(&file->lock);
    if (file->fd >= 0 && file->used_bytes)
        write_out(file);
    if (file->fd >= 0)
        end_with(file, write_all(file->fd, "\n]\n", 3));
    pthread_mutex_unlock(&file->lock);
    pthread_mutex_destroy(&file->lock);
    besom__release(heap, file->buffers[0]);
}

void besom__tracefile_forget(struct besom__tracefile *file)
{
    if (!file->buffers[0])
        return;
    pthread_mutex_init(&file->lock, NULL); /* who held it is not there */
    besom__u32_store_release(&file->is_open, 0);
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}
