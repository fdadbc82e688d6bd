/* directory.c - a tree of pages through which a program finds its n-th object. */
#include "bench/directory.h"

#include <string.h>

static const struct besom_field slot_field = {"slot", 0};

const struct mem_type page_type = {
    .layout = {.name = "page",
               .size_bytes = offsetof(struct page, slot),
               .tail = {.offset_bytes = offsetof(struct page, slot),
                        .stride_bytes = sizeof(void *),
                        .length_offset_bytes = offsetof(struct page, n),
                        .length_width_bytes = sizeof(uint64_t),
                        .fields = &slot_field,
                        .n_fields = 1}},
    .index = 0,
};

struct page *directory_new(struct mem m)
{
    struct page *page = mem_new_sized(m, &page_type, sizeof *page);
    page->n = PAGE_SLOTS;
    memset(page->slot, 0, sizeof page->slot);
    return page;
}

/* The page at parent->slot[i], made if there is none. */
static struct page *page_at(struct mem m, struct page *parent, uint64_t i)
{
    if (!parent->slot[i])
        mem_store(m, parent, &parent->slot[i], directory_new(m));
    return parent->slot[i];
}

void directory_put(struct mem m, struct page *top, uint64_t n, void *obj)
{
    const uint64_t leaf = n / PAGE_SLOTS;
    struct page *page = page_at(m, page_at(m, top, leaf / PAGE_SLOTS), leaf % PAGE_SLOTS);
    mem_store(m, page, &page->slot[n % PAGE_SLOTS], obj);
}
