/* os.c - the primitive layer over Linux and POSIX; the only file that makes system calls for
 * memory and time. */
#define _GNU_SOURCE
#include "gc/os.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void *map_anywhere(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void *besom__os_map(void *host, size_t bytes, size_t align_bytes)
{
    (void)host;
    if (bytes > SIZE_MAX - align_bytes)
        return NULL;
    /* The kernel places mappings next to each other, so an aligned one often follows another. */
    char *p = map_anywhere(bytes);
    if (!p || ((uintptr_t)p & (align_bytes - 1)) == 0)
        return p;
    munmap(p, bytes);
    p = map_anywhere(bytes + align_bytes);
    if (!p)
        return NULL;
    size_t before = -(uintptr_t)p & (align_bytes - 1);
    if (before)
        munmap(p, before);
    if (align_bytes - before)
        munmap(p + before + bytes, align_bytes - before);
    return p + before;
}

void besom__os_unmap(void *host, void *start, size_t bytes)
{
    (void)host;
    munmap(start, bytes);
}

void *besom__os_alloc(void *host, size_t bytes)
{
    (void)host;
    return malloc(bytes);
}

void besom__os_release(void *host, void *block)
{
    (void)host;
    free(block);
}

void besom__os_decommit(void *start, size_t bytes)
{
    madvise(start, bytes, MADV_DONTNEED);
}

void besom__os_advise_huge(void *start, size_t bytes)
{
    madvise(start, bytes, MADV_HUGEPAGE);
}

uint64_t besom__os_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct timespec besom__os_deadline(uint64_t ns)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    ns += (uint64_t)t.tv_nsec;
    t.tv_sec += (time_t)(ns / 1000000000);
    t.tv_nsec = (long)(ns % 1000000000);
    return t;
}

void besom__os_sleep(uint64_t ns)
{
    struct timespec t = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    nanosleep(&t, NULL);
}

void besom__os_lock_in_turn(pthread_mutex_t *turnstile, pthread_mutex_t *lock)
{
    pthread_mutex_lock(turnstile);
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(turnstile);
}

unsigned besom__os_online_cpus(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (unsigned)n;
}

size_t besom__os_page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void *besom__os_stack_base(void)
{
    pthread_attr_t attr;
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return NULL;
    void *low;
    size_t bytes;
    void *base = pthread_attr_getstack(&attr, &low, &bytes) == 0 ? (char *)low + bytes : NULL;
    pthread_attr_destroy(&attr);
    return base;
}
