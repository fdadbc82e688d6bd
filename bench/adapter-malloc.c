/* adapter-malloc.c - malloc and free: what the three of them differ in.
 *
 * mimalloc and jemalloc are preloaded, not linked; the symbols that only they have tell which of
 * them is here. */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "bench/adapter-malloc.h"

#include "bench/adapter.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

typedef int mi_version_fn(void);
typedef void mi_collect_fn(bool force);
typedef int mallctl_fn(const char *name, void *old, size_t *old_length, void *new, size_t length);

/* A function of this process by its name, or NULL.  Through memcpy, as POSIX has it: C knows no
 * conversion from an object pointer to a function pointer. */
static void *symbol(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}

static mi_version_fn *mi_version_here(void)
{
    void *address = symbol("mi_version");
    mi_version_fn *fn;
    memcpy(&fn, &address, sizeof fn);
    return fn;
}

static mi_collect_fn *mi_collect_here(void)
{
    void *address = symbol("mi_collect");
    mi_collect_fn *fn;
    memcpy(&fn, &address, sizeof fn);
    return fn;
}

static mallctl_fn *mallctl_here(void)
{
    void *address = symbol("mallctl");
    mallctl_fn *fn;
    memcpy(&fn, &address, sizeof fn);
    return fn;
}

/* "mimalloc 2.0.9", "jemalloc 5.3.0-0-g...", "malloc 2.36": who answers malloc here. */
const char *mem_about(const char *mode)
{
    (void)mode;
    static char text[80];
    mi_version_fn *mi_version = mi_version_here();
    mallctl_fn *mallctl = mallctl_here();
    if (mi_version) {
        int version = mi_version();
        snprintf(text, sizeof text, "mimalloc %d.%d.%d", version / 100, version / 10 % 10,
                 version % 10);
    } else if (mallctl) {
        const char *version = "";
        size_t length = sizeof version;
        mallctl("version", &version, &length, NULL, 0);
        snprintf(text, sizeof text, "jemalloc %.*s", (int)strcspn(version, "-"), version);
    } else {
        snprintf(text, sizeof text, "malloc %s", gnu_get_libc_version());
    }
    return text;
}

struct mem mem_open(const struct mem_config *config)
{
    (void)config;
    return (struct mem){0};
}

void mem_close(struct mem m)
{
    (void)m;
}

struct mem mem_attach(struct mem first)
{
    return first;
}

void mem_detach(struct mem m)
{
    (void)m;
}

void mem_collect(struct mem m)
{
    (void)m;
}

void mem_give_back(struct mem m)
{
    (void)m;
    mi_collect_fn *mi_collect = mi_collect_here();
    mallctl_fn *mallctl = mallctl_here();
    if (mi_collect)
        mi_collect(true);
    else if (mallctl)
        mallctl("arena.4096.purge", NULL, NULL, NULL, 0); /* 4096 stands for all arenas */
    else
        malloc_trim(0);
}

/* Nothing tells which pages hold anything: those that are resident stand in. */
uint64_t mem_blocks_bytes(struct mem m)
{
    (void)m;
    return worker_rss_bytes();
}
