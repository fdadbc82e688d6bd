/* adapter-bdwgc.c - the Boehm-Demers-Weiser collector, used as its manual advises: the other half.
 *
 * What is done for it: pointers into the middle of objects are not recognised from the heap (the
 * workloads keep none, and objects are then not padded by a byte); parallel marking is started
 * at once; a heap with a limit is grown to that limit at once, so that it collects as seldom as
 * the limit allows; threads are registered, so that they have free lists of their own.
 *
 * Stops are timed from GC_EVENT_PRE_STOP_WORLD to GC_EVENT_POST_START_WORLD: marking and
 * finding the threads.  What it sweeps afterwards, and the slices of the incremental mode that
 * an allocation runs, are not counted as stops; both are in the wall time. */
#include "bench/adapter-bdwgc.h"

#include "bench/adapter.h"
#include "bench/clock.h"

#include <gc/gc_mark.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum bdwgc_mode bdwgc_mode;
GC_descr bdwgc_descriptors[MEM_TYPES];

/* Written under the collector's lock. */
static uint64_t stop_began_ns, stop_reached_ns, stopped_ns, stop_max_ns;
static uint64_t stand_cpu_ns, stops_cpu_ns; /* of the thread that stops the others: a mutator */
static struct record *record;               /* NULL: nobody asks */
static uint64_t began_ns;                   /* the cycle that is under way, or the last */
static bool has_ended, was_full;
static const struct mem_type *const *types; /* of the workload, with first words that tell them */
static size_t n_types;
static bool is_incremental, is_forced; /* the mode; inside GC_gcollect */

const char *mem_about(const char *mode)
{
    (void)mode;
    static char text[40];
    unsigned version = GC_get_version();
    snprintf(text, sizeof text, "bdwgc %u.%u.%u", version >> 16, version >> 8 & 0xff,
             version & 0xff);
    return text;
}

/* In the incremental mode most collections are partial, which nothing tells, and begin unheard before
 * the stop; only those that were asked for are certainly full. */
static void hear_end(void)
{
    has_ended = true;
    was_full = was_full || !is_incremental || is_forced;
}

static void on_collection_event(GC_EventType event)
{
    if (event == GC_EVENT_START) {
        began_ns = clock_ns();
    } else if (event == GC_EVENT_RECLAIM_END) {
        hear_end();
    } else if (event == GC_EVENT_PRE_STOP_WORLD) {
        stop_began_ns = clock_ns();
    } else if (event == GC_EVENT_POST_STOP_WORLD) {
        stop_reached_ns = clock_ns();
        stand_cpu_ns = clock_thread_ns();
    } else if (event == GC_EVENT_PRE_START_WORLD) {
        stops_cpu_ns += clock_thread_ns() - stand_cpu_ns;
    } else if (event == GC_EVENT_POST_START_WORLD) {
        const struct interval stop = {stop_began_ns, clock_ns()};
        const uint64_t took = stop.end_ns - stop.begin_ns;
        stopped_ns += took;
        stop_max_ns = took > stop_max_ns ? took : stop_max_ns;
        if (record)
            record_stop(record, stop, stop_reached_ns - stop_began_ns);
    }
}

static struct mem thread_new(void)
{
    struct mem m = {GC_MALLOC_UNCOLLECTABLE(sizeof *m.thread)};
    if (!m.thread)
        worker_fail("out of memory");
    memset(m.thread, 0, sizeof *m.thread);
    return m;
}

static GC_descr descriptor_of(const struct besom_type *type)
{
    GC_word bits[16] = {0};
    size_t n_bits = type->size_bytes / sizeof(void *);
    for (size_t i = 0; i < type->n_fields; i++)
        GC_set_bit(bits, type->fields[i].offset_bytes / sizeof(void *));
    return GC_make_descriptor(bits, n_bits);
}

static enum bdwgc_mode mode_named(const char *name)
{
    if (strcmp(name, "inline") == 0)
        return BDWGC_INLINE;
    return strcmp(name, "typed") == 0 ? BDWGC_TYPED : BDWGC_PLAIN;
}

struct mem mem_open(const struct mem_config *config)
{
    bdwgc_mode = mode_named(config->mode);
    record = config->record;
    GC_set_all_interior_pointers(0);
    GC_set_warn_proc(GC_ignore_warn_proc);
    GC_set_finalize_on_demand(1);
    if (config->mark_threads != 0)
        GC_set_markers_count((unsigned)config->mark_threads);
    if (config->heap_bytes != 0)
        GC_set_max_heap_size(config->heap_bytes);
    is_incremental = strcmp(config->mode, "incremental") == 0;
    if (is_incremental)
        GC_enable_incremental();
    GC_INIT();
    GC_allow_register_threads();
    GC_start_mark_threads();
    GC_set_on_collection_event(on_collection_event);
    if (config->heap_bytes > GC_get_heap_size())
        GC_expand_hp(config->heap_bytes - GC_get_heap_size());
    types = config->types;
    n_types = config->n_types;
    for (size_t i = 0; i < config->n_types; i++)
        bdwgc_descriptors[i] = descriptor_of(&config->types[i]->layout);
    return thread_new();
}

void mem_close(struct mem m)
{
    GC_FREE(m.thread);
}

struct mem mem_attach(struct mem first)
{
    (void)first;
    struct GC_stack_base base;
    if (GC_get_stack_base(&base) != GC_SUCCESS || GC_register_my_thread(&base) != GC_SUCCESS)
        worker_fail("the thread cannot be registered");
    return thread_new();
}

void mem_detach(struct mem m)
{
    GC_FREE(m.thread);
    GC_unregister_my_thread();
}

void mem_wait_begin(struct mem m)
{
    (void)m;
}

void mem_wait_end(struct mem m)
{
    (void)m;
}

struct mem_roots mem_roots_new(struct mem m, size_t n)
{
    (void)m;
    void **slots = calloc(n, sizeof *slots);
    if (!slots)
        worker_fail("out of memory");
    GC_add_roots(slots, slots + n);
    return (struct mem_roots){slots, n, NULL};
}

void mem_roots_free(struct mem m, struct mem_roots roots)
{
    (void)m;
    GC_remove_roots(roots.slot, roots.slot + roots.n);
    free(roots.slot);
}

void *bdwgc_new_listed(void **list, size_t bytes)
{
    void *obj = GC_malloc_many(bytes);
    if (!obj)
        return NULL;
    *list = GC_NEXT(obj);
    GC_NEXT(obj) = NULL;
    return obj;
}

void *bdwgc_new_big(size_t bytes, bool is_leaf)
{
    return is_leaf ? GC_MALLOC_ATOMIC_IGNORE_OFF_PAGE(bytes) : GC_MALLOC_IGNORE_OFF_PAGE(bytes);
}

void mem_collect(struct mem m)
{
    (void)m;
    is_forced = true;
    GC_gcollect();
    is_forced = false;
}

/* Blocks go back once they have been free for some collections. */
void mem_give_back(struct mem m)
{
    memset(m.thread, 0, sizeof *m.thread);
    GC_set_force_unmap_on_gcollect(1);
    for (int i = 0; i < 10; i++)
        GC_gcollect();
}

uint64_t mem_stopped_ns(struct mem m)
{
    (void)m;
    return stopped_ns;
}

uint64_t mem_stop_max_ns(struct mem m)
{
    (void)m;
    return stop_max_ns;
}

uint64_t mem_collections(struct mem m)
{
    (void)m;
    return GC_get_gc_no();
}

uint64_t mem_stops_cpu_ns(struct mem m)
{
    (void)m;
    return stops_cpu_ns;
}

uint64_t mem_live_bytes(struct mem m)
{
    (void)m;
    return 0;
}

uint64_t mem_blocks_bytes(struct mem m)
{
    (void)m;
    GC_word heap_bytes, free_bytes;
    GC_get_heap_usage_safe(&heap_bytes, &free_bytes, NULL, NULL, NULL);
    return heap_bytes - free_bytes;
}

bool mem_cycle_ended(struct mem m, struct mem_cycle *cycle)
{
    (void)m;
    const bool is_told = has_ended;
    *cycle = (struct mem_cycle){began_ns, was_full};
    has_ended = was_full = false;
    return is_told;
}

/* A block that is free, or holds objects of another size, has no object there. */
static bool is_of_block(const void *obj)
{
    return GC_base((void *)(uintptr_t)obj) == obj;
}

/* Marks stay as they are from the end of a cycle until the next one begins. */
bool mem_is_held(struct mem m, const void *obj)
{
    (void)m;
    return is_of_block(obj) && GC_is_marked(obj);
}

/* Sweeping puts a link, or NULL, into the first word of what is free. */
bool mem_is_unswept(struct mem m, const void *obj)
{
    (void)m;
    if (!is_of_block(obj))
        return false;
    const struct besom_type *const first = *(const struct besom_type *const *)obj;
    for (size_t i = 0; i < n_types; i++) {
        if (first == &types[i]->layout)
            return true;
    }
    return false;
}

/* Whom it stops, it stops together. */
size_t mem_held(struct mem m, struct held *held, size_t room)
{
    (void)m;
    const size_t n = record ? record_count(record) : 0;
    if (n > room)
        worker_fail("more stops than there is room to look at: measure for a shorter time");
    for (size_t i = 0; i < n; i++)
        held[i] = (struct held){record->stops[i], 0, HELD_STOP};
    return n;
}

struct counting {
    const struct besom_type *type;
    bool (*matches)(const void *obj);
    uint64_t n;
};

static void count_one(void *obj, size_t bytes, void *data)
{
    (void)bytes;
    struct counting *counting = data;
    if (*(const struct besom_type **)obj == counting->type)
        counting->n += counting->matches(obj);
}

static void *count_all(void *data)
{
    GC_enumerate_reachable_objects_inner(count_one, data);
    return NULL;
}

uint64_t mem_count(struct mem m, const struct mem_type *type, bool (*matches)(const void *obj))
{
    (void)m;
    struct counting counting = {&type->layout, matches, 0};
    GC_gcollect();
    GC_call_with_alloc_lock(count_all, &counting);
    return counting.n;
}
