/* root.c - handles, registered roots, and the scan over all roots. */
#include "gc/root.h"

#include "gc/ambiguous.h"
#include "gc/event.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/stack.h"
#include "gc/trace.h"
#include "gc/verify.h"

#include <string.h>

/* ---- frames ---- */

struct besom_frame *besom_frames_save(struct besom_mutator *m)
{
    return besom__mutator_check(m) == BESOM_OK ? m->frames : NULL;
}

enum besom_status besom_frames_restore(struct besom_mutator *m, struct besom_frame *saved)
{
    enum besom_status status = besom__mutator_check(m);
    if (status != BESOM_OK)
        return status;
    /* What the longjmp skipped is dead memory; only saved itself may be looked at. */
    if (saved && saved->mutator != m)
        return BESOM_E_STATE;
    m->frames = saved;
    return BESOM_OK;
}

/* ---- handles ---- */

/* NULL, or the start of an object. */
static bool is_object_or_null(const struct besom_heap *heap, const void *p)
{
    return !p || besom_owns(heap, p);
}

struct besom_handle *besom_handle_new(struct besom_mutator *m, void *obj, const char *name)
{
    if (besom__mutator_check_running(m) != BESOM_OK)
        return NULL;
    struct besom_heap *heap = besom_heap_of(m);
    if (!is_object_or_null(heap, obj))
        return NULL;
    pthread_mutex_lock(&heap->root_lock);
    struct besom_handle *handle = heap->roots.free_handles;
    if (handle)
        heap->roots.free_handles = handle->next;
    else
        handle = besom__alloc(heap, sizeof *handle);
    if (handle) {
        *handle = (struct besom_handle){
            .heap = heap, .next = heap->roots.handles, .object = obj, .name = name, .in_use = true};
        if (handle->next)
            handle->next->previous = handle;
        heap->roots.handles = handle;
    }
    pthread_mutex_unlock(&heap->root_lock);
    return handle;
}

void *besom_handle_get(const struct besom_handle *handle)
{
    return handle && handle->in_use ? handle->object : NULL;
}

enum besom_status besom_handle_set(struct besom_handle *handle, void *obj)
{
    if (!handle)
        return BESOM_E_ARGUMENT;
    if (!handle->in_use)
        return BESOM_E_STATE;
    if (!is_object_or_null(handle->heap, obj))
        return BESOM_E_FOREIGN;
    besom__word_store(&handle->object, (uintptr_t)obj); /* a marker may be reading it */
    return BESOM_OK;
}

enum besom_status besom_handle_free(struct besom_handle *handle)
{
    if (!handle)
        return BESOM_E_ARGUMENT;
    struct besom_heap *heap = handle->heap;
    pthread_mutex_lock(&heap->root_lock);
    bool in_use = handle->in_use;
    if (in_use) {
        if (handle->previous)
            handle->previous->next = handle->next;
        else
            heap->roots.handles = handle->next;
        if (handle->next)
            handle->next->previous = handle->previous;
        handle->in_use = false;
        handle->object = NULL;
        handle->previous = NULL;
        handle->next = heap->roots.free_handles;
        heap->roots.free_handles = handle;
    }
    pthread_mutex_unlock(&heap->root_lock);
    return in_use ? BESOM_OK : BESOM_E_STATE;
}

/* ---- ranges and sources ---- */

/* Registers a copy of `root`; list belongs to its heap or to a mutator. */
static enum besom_status register_root(struct besom_heap *heap, struct besom_root **list,
                                       struct besom_root root, struct besom_root **out)
{
    pthread_mutex_lock(&heap->root_lock);
    struct besom_root *record = heap->roots.free_roots;
    if (record)
        heap->roots.free_roots = record->next;
    else
        record = besom__alloc(heap, sizeof *record);
    if (record) {
        *record = root;
        record->heap = heap;
        record->list = list;
        record->next = *list;
        *list = record;
        if (out)
            *out = record;
    }
    pthread_mutex_unlock(&heap->root_lock);
    return record ? BESOM_OK : BESOM_E_MEMORY;
}

/* n words from start: aligned, some, and none beyond the end of memory. */
static bool is_range(const void *start, size_t n)
{
    return start && n && (uintptr_t)start % sizeof(void *) == 0 &&
           n <= (UINTPTR_MAX - (uintptr_t)start) / sizeof(void *);
}

enum besom_status besom_root_range(struct besom_heap *heap, void **slots, size_t n,
                                   const char *name, struct besom_root **out)
{
    if (!besom__heap_ok(heap) || !is_range(slots, n))
        return BESOM_E_ARGUMENT;
    struct besom_root root = {.kind = ROOT_RANGE, .name = name, .start = slots, .n = n};
    return register_root(heap, &heap->roots.registered, root, out);
}

enum besom_status besom_root_ambiguous(struct besom_heap *heap, const void *words, size_t n,
                                       const char *name, struct besom_root **out)
{
    if (!besom__heap_ok(heap) || !is_range(words, n))
        return BESOM_E_ARGUMENT;
    struct besom_root root = {.kind = ROOT_AMBIGUOUS, .name = name, .start = words, .n = n};
    return register_root(heap, &heap->roots.registered, root, out);
}

enum besom_status besom_root_source(struct besom_heap *heap, besom_root_fn fn, void *data,
                                    const char *name, struct besom_root **out)
{
    if (!besom__heap_ok(heap) || !fn)
        return BESOM_E_ARGUMENT;
    struct besom_root root = {.kind = ROOT_SOURCE, .name = name, .fn = fn, .data = data};
    return register_root(heap, &heap->roots.registered, root, out);
}

enum besom_status besom__root_register(struct besom_mutator *m, struct besom_root root,
                                       struct besom_root **out)
{
    enum besom_status status = besom__mutator_check(m);
    if (status != BESOM_OK)
        return status;
    struct besom__mutator *mutator = besom__mutator_of(m);
    root.mutator = mutator;
    return register_root(mutator->heap, &mutator->roots, root, out);
}

enum besom_status besom_mutator_root_source(struct besom_mutator *m, besom_root_fn fn, void *data,
                                            const char *name, struct besom_root **out)
{
    enum besom_status status = besom__mutator_check(m);
    if (status != BESOM_OK)
        return status;
    if (!fn)
        return BESOM_E_ARGUMENT;
    struct besom_root root = {.kind = ROOT_SOURCE, .name = name, .fn = fn, .data = data};
    return besom__root_register(m, root, out);
}

/* Root lock held. */
static void end_root(struct besom_heap *heap, struct besom_root *root)
{
    struct besom_root **link = root->list;
    while (*link != root)
        link = &(*link)->next;
    *link = root->next;
    root->kind = ROOT_FREE;
    root->next = heap->roots.free_roots;
    heap->roots.free_roots = root;
}

enum besom_status besom_root_free(struct besom_root *root)
{
    if (!root)
        return BESOM_E_ARGUMENT;
    struct besom_heap *heap = root->heap;
    pthread_mutex_lock(&heap->root_lock);
    bool in_use = root->kind != ROOT_FREE;
    if (in_use)
        end_root(heap, root);
    pthread_mutex_unlock(&heap->root_lock);
    return in_use ? BESOM_OK : BESOM_E_STATE;
}

void besom__roots_end(struct besom_heap *heap, struct besom_root **list)
{
    pthread_mutex_lock(&heap->root_lock);
    while (*list)
        end_root(heap, *list);
    pthread_mutex_unlock(&heap->root_lock);
}

void besom__roots_fini(struct besom_heap *heap)
{
    struct besom_handle *handles[] = {heap->roots.handles, heap->roots.free_handles};
    for (int i = 0; i < 2; i++)
        for (struct besom_handle *h = handles[i], *next; h; h = next) {
            next = h->next;
            besom__release(heap, h);
        }
    struct besom_root *roots[] = {heap->roots.registered, heap->roots.free_roots};
    for (int i = 0; i < 2; i++)
        for (struct besom_root *r = roots[i], *next; r; r = next) {
            next = r->next;
            besom__release(heap, r);
        }
}

/* ---- the scan ---- */

static void visit_plain(struct besom_tracer *tracer, void *const *slots, size_t n)
{
    for (size_t i = 0; i < n; i++)
        besom_visit(tracer, slots[i]);
}

/* The host may be writing these words. */
static void visit_range(struct besom_tracer *tracer, const struct besom_root *root)
{
    const uint64_t *words = root->start;
    for (size_t i = 0; i < root->n; i++) {
        void *ref = besom__decode(tracer->heap, besom__ambiguous_load(&words[i]));
        if (ref)
            tracer->visit(tracer, ref);
    }
}

static void visit_registered(struct besom_tracer *tracer, const struct besom_root *root)
{
    for (; root; root = root->next) {
        tracer->root.name = root->name;
        switch (root->kind) {
        case ROOT_RANGE:
            tracer->root.kind = "range";
            visit_range(tracer, root);
            break;
        case ROOT_AMBIGUOUS:
            tracer->root.kind = "ambiguous range";
            besom_visit_ambiguous(tracer, root->start, root->n);
            break;
        case ROOT_SOURCE:
            tracer->root.kind = "source";
            root->fn(tracer, root->data);
            break;
        case ROOT_WALKER:
            tracer->root.kind = "stack walker";
            root->walk(tracer, besom__mutator_frame(root->mutator), root->data);
            break;
        case ROOT_FREE: break;
        }
    }
}

static void visit_stack_words(void *data, const void *words, unsigned long n)
{
    besom_visit_ambiguous(data, words, n);
}

static void visit_stack(struct besom__mutator *m, struct besom_tracer *tracer)
{
    tracer->root = (struct besom__root_name){"C stack", "of a thread"};
    besom__stack_words(m, visit_stack_words, tracer);
}

/* A stack that grows down has no frame of a live function below its top. */
static bool frame_is_skipped(struct besom__mutator *m)
{
    bool skipped = m->pub.frames && (char *)m->pub.frames < m->entry;
    if (skipped)
        besom__finding(m->heap, BESOM_EVENT_FRAME_SKIPPED, m->pub.frames,
                       "check_frames: the frame at %p is still the innermost although its function "
                       "is gone: besom_frames_restore is missing after a longjmp",
                       (void *)m->pub.frames);
    return skipped;
}

static void visit_frames(struct besom__mutator *m, struct besom_tracer *tracer)
{
    if (m->heap->config.options.check_frames && frame_is_skipped(m)) {
        visit_stack(m, tracer); /* the live frames cannot be found, but they are in there */
        return;
    }
    tracer->root.kind = "frame";
    for (struct besom_frame *f = m->pub.frames; f; f = f->previous) {
        tracer->root.name = f->name;
        visit_plain(tracer, (void *const *)(f + 1), f->n);
    }
}

static void visit_handles(struct besom_heap *heap, struct besom_tracer *tracer)
{
    tracer->root.kind = "handle";
    for (struct besom_handle *h = heap->roots.handles; h; h = h->next) {
        tracer->root.name = h->name;
        besom_visit(tracer, (void *)besom__word_load(&h->object));
    }
}

static void visit_arena(struct besom__mutator *m, struct besom_tracer *tracer)
{
    tracer->root = (struct besom__root_name){"arena", "of a thread"};
    visit_plain(tracer, m->arena.objects, m->arena.n);
}

static void visit_mutator(struct besom__mutator *m, struct besom_tracer *tracer)
{
    visit_frames(m, tracer);
    visit_arena(m, tracer);
    visit_registered(tracer, m->roots);
    if (m->heap->config.options.scan_stacks)
        visit_stack(m, tracer);
}

void besom__roots_visit_mutator(struct besom__mutator *m, struct besom_tracer *tracer)
{
    pthread_mutex_lock(&m->heap->root_lock);
    visit_mutator(m, tracer);
    pthread_mutex_unlock(&m->heap->root_lock);
}

void besom__roots_visit_shared(struct besom_heap *heap, struct besom_tracer *tracer)
{
    pthread_mutex_lock(&heap->root_lock);
    visit_handles(heap, tracer);
    for (struct besom_root *root = heap->roots.registered; root; root = root->next)
        if (root->kind == ROOT_RANGE)
            visit_range(tracer, root);
    pthread_mutex_unlock(&heap->root_lock);
}

void besom__roots_visit_sources(struct besom_heap *heap, struct besom_tracer *tracer)
{
    pthread_mutex_lock(&heap->root_lock);
    visit_registered(tracer, heap->roots.registered);
    pthread_mutex_unlock(&heap->root_lock);
}

bool besom__roots_need_stop(struct besom_heap *heap, bool first)
{
    const struct besom_options *o = &heap->config.options;
    bool needs = o->scan_stacks || o->check_frames || (first && besom__verify_wanted(heap));
    pthread_mutex_lock(&heap->root_lock);
    for (struct besom_root *root = heap->roots.registered; root && first; root = root->next)
        needs |= root->kind != ROOT_RANGE;
    pthread_mutex_unlock(&heap->root_lock);
    return needs;
}

void besom__roots_visit(struct besom_heap *heap, struct besom_tracer *tracer)
{
    pthread_mutex_lock(&heap->root_lock);
    visit_handles(heap, tracer);
    visit_registered(tracer, heap->roots.registered);
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        visit_mutator(m, tracer);
    tracer->root = (struct besom__root_name){NULL, NULL};
    pthread_mutex_unlock(&heap->root_lock);
}
