/* slab.c - records of one size, from the host's memory, never returned one by one. */
#include "weak/slab.h"

#include "gc/heap.h"

enum { PAGE_BYTES = 4080 };

struct besom__slab_page {
    struct besom__slab_page *next;
    char records[PAGE_BYTES - sizeof(void *)];
};

void *besom__slab_new(struct besom_heap *heap, struct besom__slab *slab)
{
    void *record = slab->spare;
    if (record) {
        slab->spare = *(void **)record;
        return record;
    }
    if (slab->n_left == 0) {
        struct besom__slab_page *page = besom__alloc(heap, sizeof *page);
        if (!page)
            return NULL;
        page->next = slab->pages;
        slab->pages = page;
        slab->n_left = sizeof page->records / slab->record_bytes;
    }
    return slab->pages->records + --slab->n_left * slab->record_bytes;
}

void besom__slab_free(struct besom__slab *slab, void *record)
{
    *(void **)record = slab->spare;
    slab->spare = record;
}

void besom__slab_fini(struct besom_heap *heap, struct besom__slab *slab)
{
    while (slab->pages) {
        struct besom__slab_page *page = slab->pages;
        slab->pages = page->next;
        besom__release(heap, page);
    }
    slab->spare = NULL;
    slab->n_left = 0;
}
