/* directory.h - a tree of pages through which a program finds its n-th object, and one root holds
 * them all: a list of roots as long as the heap would be read in every stop. */
#ifndef BENCH_DIRECTORY_H
#define BENCH_DIRECTORY_H

#include "bench/adapter.h"

enum { PAGE_SLOTS = 510 }; /* a page is 4 KiB with its head */

struct page {
    const void *type;
    uint64_t n; /* PAGE_SLOTS */
    void *slot[PAGE_SLOTS];
};

extern const struct mem_type page_type; /* index 0 in mem_config.types */

/* Room for PAGE_SLOTS^3 objects, none there yet.  No safepoint: to be stored into a root. */
struct page *directory_new(struct mem m);

/* Stores the n-th object, adding pages where there are none.  No safepoint. */
void directory_put(struct mem m, struct page *top, uint64_t n, void *obj);

/* The n-th object, which has been put. */
static inline void *directory_get(const struct page *top, uint64_t n)
{
    const uint64_t leaf = n / PAGE_SLOTS;
    const struct page *middle = top->slot[leaf / PAGE_SLOTS];
    const struct page *page = middle->slot[leaf % PAGE_SLOTS];
    return page->slot[n % PAGE_SLOTS];
}

#endif
