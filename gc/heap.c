/* heap.c - creating and freeing heaps. */
#include "gc/heap.h"

#include "gc/atomic.h"
#include "gc/collect.h"
#include "gc/destroy.h"
#include "gc/histogram.h"
#include "gc/mutator.h"
#include "gc/options.h"
#include "gc/os.h"
#include "gc/report.h"
#include "gc/sanitize.h"
#include "gc/watch.h"

#include <stdlib.h>
#include <string.h>

/* ---- small things ---- */

const char *besom_version(void)
{
    return "0.1.0";
}

const char *besom_status_text(enum besom_status status)
{
    switch (status) {
    case BESOM_OK: return "ok";
    case BESOM_E_ARGUMENT: return "an argument is missing or out of range";
    case BESOM_E_MEMORY: return "out of memory";
    case BESOM_E_STATE: return "not possible in this state";
    case BESOM_E_THREAD: return "the mutator belongs to another thread";
    case BESOM_E_TYPE: return "the type contradicts itself";
    case BESOM_E_OPTION: return "an option is unknown or out of its range";
    case BESOM_E_FOREIGN: return "not an object or mutator of this heap";
    case BESOM_E_INVARIANT: return "the heap is inconsistent";
    case BESOM_E_ABSENT: return "nothing of that key is there";
    }
    return "unknown status";
}

void *besom__alloc(struct besom_heap *heap, size_t bytes)
{
    void *block = heap->config.memory.alloc(heap->config.host, bytes);
    if (block)
        memset(block, 0, bytes);
    return block;
}

void besom__release(struct besom_heap *heap, void *block)
{
    heap->config.memory.release(heap->config.host, block);
}

void *besom__map(struct besom_heap *heap, size_t bytes, size_t align_bytes)
{
    return heap->config.memory.map(heap->config.host, bytes, align_bytes);
}

void besom__unmap(struct besom_heap *heap, void *start, size_t bytes)
{
    heap->config.memory.unmap(heap->config.host, start, bytes);
}

void *besom_heap_host(const struct besom_heap *heap)
{
    return besom__heap_ok(heap) ? heap->config.host : NULL;
}

/* ---- configuration ---- */

void besom_config_init(struct besom_config *config)
{
    if (!config)
        return;
    memset(config, 0, sizeof *config);
    config->version = BESOM_CONFIG_VERSION;
    besom__options_defaults(&config->options);
}

static void fill_memory(struct besom_memory *memory)
{
    if (!memory->map) {
        memory->map = besom__os_map;
        memory->unmap = besom__os_unmap;
    }
    if (!memory->alloc) {
        memory->alloc = besom__os_alloc;
        memory->release = besom__os_release;
    }
}

enum { REF_OFFSET_MAX = 4096 }; /* the page at NULL, in which no object lies */

static void fill_encoding(struct besom_encoding *e)
{
    if (!e->mask && !e->match && !e->pointer_bits)
        e->pointer_bits = ~(uint64_t)0;
}

/* Can a word match it and refer to an object?  Filled in. */
static enum besom_status check_encoding(const struct besom_encoding *e, struct besom_report *report)
{
    if ((e->match & ~e->mask) || !e->pointer_bits)
        return besom__refuse(report, BESOM_E_ARGUMENT,
                             "config.encoding matches no word: match has bits outside mask, or "
                             "there are no pointer_bits");
    if (e->ref_offset_bytes > REF_OFFSET_MAX)
        return besom__refuse(report, BESOM_E_ARGUMENT,
                             "config.encoding.ref_offset_bytes is %u: it may be at most %d",
                             e->ref_offset_bytes, REF_OFFSET_MAX);
    /* Starts are multiples of a granule, so these bits are the same in all references. */
    const unsigned all = BESOM__GRANULE_BYTES - 1, low = e->ref_offset_bytes & all;
    unsigned dropped = low & ~(unsigned)e->pointer_bits;
    if (dropped)
        return besom__refuse(report, BESOM_E_ARGUMENT,
                             "config.encoding.ref_offset_bytes is %u, but pointer_bits lack its "
                             "bits %#x",
                             e->ref_offset_bytes, dropped);
    unsigned tested = all & (unsigned)(e->mask & e->pointer_bits);
    if ((low ^ e->match) & tested)
        return besom__refuse(report, BESOM_E_ARGUMENT,
                             "config.encoding matches no reference: of bits %#x match has %#x, and "
                             "an address %u bytes past a start has %#x",
                             tested, (unsigned)e->match & tested, e->ref_offset_bytes,
                             low & tested);
    return BESOM_OK;
}

/* The configuration with text and environment applied and all defaults filled in. */
static enum besom_status resolve_config(const struct besom_config *config, struct besom_config *out,
                                        struct besom_report *report)
{
    struct besom_options *o = &out->options;
    const char *environment = getenv("BESOM_OPTIONS");
    *out = *config;
    if (config->version != BESOM_CONFIG_VERSION)
        return besom__refuse(report, BESOM_E_ARGUMENT,
                             "config.version is not BESOM_CONFIG_VERSION: call besom_config_init");
    if (!config->memory.map != !config->memory.unmap ||
        !config->memory.alloc != !config->memory.release)
        return besom__refuse(report, BESOM_E_ARGUMENT,
                             "config.memory: map and unmap, alloc and release come in pairs");
    fill_encoding(&out->encoding);
    enum besom_status status = check_encoding(&out->encoding, report);
    if (status == BESOM_OK && config->options_text)
        status = besom_options_parse(o, config->options_text, report);
    if (status == BESOM_OK && environment && !config->ignore_environment)
        status = besom_options_parse(o, environment, report);
    if (status == BESOM_OK)
        status = besom__options_check(o, report);
    fill_memory(&out->memory);
    if (!o->mark_threads)
        o->mark_threads = besom__os_online_cpus() < 8 ? besom__os_online_cpus() : 8;
    if (!o->seed)
        o->seed = besom__os_now_ns() | 1;
    return status;
}

static bool is_plain(const struct besom_config *config)
{
    const struct besom_encoding *e = &config->encoding;
    return !config->foreign_refs && e->mask == 0 && e->match == 0 &&
           e->pointer_bits == ~(uint64_t)0 && e->ref_offset_bytes == 0;
}

/* ---- creating ---- */

/* A host's equality that breaks its contract, and looks into another table, is not to hang. */
static int init_recursive(pthread_mutex_t *lock)
{
    pthread_mutexattr_t recursive;
    if (pthread_mutexattr_init(&recursive) != 0)
        return -1;
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    int status = pthread_mutex_init(lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    return status;
}

static int init_locks(struct besom_heap *heap)
{
    pthread_mutex_t *locks[] = {
        &heap->collect_turnstile, &heap->collect_lock,    &heap->begin_lock, &heap->stop_lock,
        &heap->root_lock,         &heap->block_turnstile, &heap->block_lock};
    if (init_recursive(&heap->settle_lock) != 0)
        return -1;
    for (int i = 0; i < 7; i++)
        if (pthread_mutex_init(locks[i], NULL) != 0) {
            while (i-- > 0)
                pthread_mutex_destroy(locks[i]);
            pthread_mutex_destroy(&heap->settle_lock);
            return -1;
        }
    return 0;
}

static void fini_locks(struct besom_heap *heap)
{
    pthread_mutex_destroy(&heap->collect_turnstile);
    pthread_mutex_destroy(&heap->collect_lock);
    pthread_mutex_destroy(&heap->settle_lock);
    pthread_mutex_destroy(&heap->begin_lock);
    pthread_mutex_destroy(&heap->stop_lock);
    pthread_mutex_destroy(&heap->root_lock);
    pthread_mutex_destroy(&heap->block_turnstile);
    pthread_mutex_destroy(&heap->block_lock);
}

static void init_constants(struct besom_heap *heap, const struct besom_config *config)
{
    const struct besom_options *o = &config->options;
    heap->config = *config;
    heap->plain = is_plain(config);
    heap->exact_windows = SANITIZED || (o->stress && o->safepoints == BESOM_GC_AT_ALLOC);
    heap->beside = o->mode != BESOM_STW;
    heap->barriers = heap->beside || o->generational || o->barrier;
    heap->random = o->seed;
}

enum besom_status besom_heap_new(const struct besom_config *config, struct besom_heap **out,
                                 struct besom_report *report)
{
    struct besom_config resolved;
    if (!config || !out)
        return besom__refuse(report, BESOM_E_ARGUMENT, "config and out must not be NULL");
    enum besom_status status = resolve_config(config, &resolved, report);
    if (status != BESOM_OK)
        return status;
    struct besom_heap *heap = resolved.memory.alloc(resolved.host, sizeof *heap);
    if (!heap)
        goto fail_heap;
    memset(heap, 0, sizeof *heap);
    init_constants(heap, &resolved);
    besom__spaces_init(heap);
    besom__cycle_init(heap);
    if (init_locks(heap) != 0)
        goto fail_locks;
    if (besom__stop_init(heap) != 0)
        goto fail_stop;
    if (besom__watch_init(heap) != 0)
        goto fail_watch;
    heap->pauses = besom__map(heap, sizeof *heap->pauses, besom__os_page_bytes());
    if (!heap->pauses)
        goto fail_pauses;
    if (besom__pauses_init(heap) != 0)
        goto fail_pause_ring;
    if (besom__worklist_init(heap) != 0)
        goto fail_worklist;
    if (besom__collector_init(heap) != 0)
        goto fail_collector;
    if (besom__weak_init(heap) != 0)
        goto fail_weak;
    besom__pace_init(heap);
    status = besom__timeline_open(heap, report); /* the last: a file is left only by a heap */
    if (status != BESOM_OK)
        goto fail_timeline;
    heap->magic = HEAP_MAGIC;
    *out = heap;
    return BESOM_OK;
fail_timeline:
    besom__weak_fini(heap);
fail_weak:
    besom__collector_fini(heap);
fail_collector:
    besom__worklist_fini(heap);
fail_worklist:
    besom__pauses_fini(heap);
fail_pause_ring:
    besom__unmap(heap, heap->pauses, sizeof *heap->pauses);
fail_pauses:
    besom__watch_fini(heap);
fail_watch:
    besom__stop_fini(heap);
fail_stop:
    fini_locks(heap);
fail_locks:
    besom__release(heap, heap);
fail_heap:
    return status != BESOM_OK
               ? status
               : besom__refuse(report, BESOM_E_MEMORY, "no memory for the heap's own structures");
}

/* ---- freeing ---- */

enum besom_status besom_heap_free(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return BESOM_E_ARGUMENT;
    pthread_mutex_lock(&heap->stop_lock);
    size_t attached = heap->stop.n_mutators;
    pthread_mutex_unlock(&heap->stop_lock);
    if (attached)
        return BESOM_E_STATE;
    besom__collector_stop(heap);
    besom__collect_finish(heap);
    besom__phase_leave(heap);
    besom__destroy_all(heap);
    besom__timeline_close(heap);
    heap->magic = 0;
    besom__weak_fini(heap);
    besom__rounds_fini(heap);
    besom__collector_fini(heap);
    besom__worklist_fini(heap);
    besom__mutators_fini(heap);
    besom__roots_fini(heap);
    besom__spaces_fini(heap);
    besom__blocks_fini(heap);
    besom__pauses_fini(heap);
    besom__unmap(heap, heap->pauses, sizeof *heap->pauses);
    besom__watch_fini(heap);
    besom__stop_fini(heap);
    fini_locks(heap);
    besom__release(heap, heap);
    return BESOM_OK;
}
