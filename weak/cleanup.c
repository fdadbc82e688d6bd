/* cleanup.c - functions that are called when an object is gone. */
#include "weak/cleanup.h"

#include "gc/atomic.h"
#include "gc/event.h"
#include "gc/mutator.h"
#include "gc/verify.h"
#include "weak/own.h"
#include "weak/reach.h"
#include "weak/weak.h"

enum { CLEANUP_SCAN_BATCH = 256 };

void besom__cleanups_init(struct besom__cleanups *c)
{
    c->records.record_bytes = sizeof(struct besom_cleanup);
}

void besom__cleanups_fini(struct besom_heap *heap, struct besom__cleanups *c)
{
    besom__slab_fini(heap, &c->records);
}

/* ---- lists ---- */

static void push_cleanup(struct besom_cleanup **list, struct besom_cleanup *cleanup,
                         enum besom__cleanup_state state)
{
    cleanup->state = state;
    cleanup->previous = NULL;
    cleanup->next = *list;
    if (*list)
        (*list)->previous = cleanup;
    *list = cleanup;
}

static void unlink_from(struct besom_cleanup **list, struct besom_cleanup *cleanup)
{
    if (cleanup->previous)
        cleanup->previous->next = cleanup->next;
    else
        *list = cleanup->next;
    if (cleanup->next)
        cleanup->next->previous = cleanup->previous;
}

/* ---- the cycle ---- */

/* Those that were registered after `after`. */
static void visit_list(struct besom_tracer *tracer, const struct besom_cleanup *cleanup,
                       uint64_t after)
{
    for (; cleanup && cleanup->serial > after; cleanup = cleanup->next)
        if (cleanup->arg_is_object)
            besom_visit(tracer, cleanup->arg);
}

void besom__cleanups_roots(struct besom__cleanups *c, struct besom_tracer *tracer)
{
    struct besom_heap *heap = tracer->heap;
    tracer->root = (struct besom__root_name){"argument", "cleanup"};
    /* Arguments do not change: each is visited once between two full cycles. */
    const bool marks = tracer->pass == PASS_MARK;
    pthread_mutex_lock(&heap->root_lock);
    visit_list(tracer, c->registered, marks ? c->visited : 0);
    if (!marks || !c->due_visited)
        visit_list(tracer, c->due, 0);
    if (marks) {
        c->visited = c->serial;
        c->due_visited = true;
    }
    pthread_mutex_unlock(&heap->root_lock);
}

void besom__cleanups_forget(struct besom_heap *heap, struct besom__cleanups *c)
{
    pthread_mutex_lock(&heap->root_lock);
    c->visited = 0;
    c->due_visited = false;
    pthread_mutex_unlock(&heap->root_lock);
}

void besom__cleanups_verify(struct besom_heap *heap, struct besom__cleanups *c)
{
    if (!besom__verify_wanted(heap))
        return;
    pthread_mutex_lock(&heap->root_lock);
    for (struct besom_cleanup *each = c->registered; each; each = each->next) {
        if (!each->arg_is_object || !besom__reaches(heap, each->arg, each->obj))
            continue;
        char obj[128];
        besom__describe(heap, each->obj, obj, sizeof obj);
        besom__finding(heap, BESOM_EVENT_CLEANUP_CYCLE, each->obj,
                       "cleanup: the argument at %p reaches the %s, which therefore never dies",
                       each->arg, obj);
    }
    pthread_mutex_unlock(&heap->root_lock);
}

bool besom__cleanups_any(struct besom_heap *heap, struct besom__cleanups *c)
{
    pthread_mutex_lock(&heap->root_lock);
    bool any = c->registered != NULL;
    pthread_mutex_unlock(&heap->root_lock);
    return any;
}

void besom__cleanups_begin(struct besom_heap *heap, struct besom__cleanups *c)
{
    pthread_mutex_lock(&heap->root_lock);
    c->scan = c->registered;
    pthread_mutex_unlock(&heap->root_lock);
}

bool besom__cleanups_some(struct besom_heap *heap, struct besom__cleanups *c)
{
    pthread_mutex_lock(&heap->root_lock);
    for (int i = 0; c->scan && i < CLEANUP_SCAN_BATCH; i++) {
        struct besom_cleanup *cleanup = c->scan;
        c->scan = cleanup->next;
        if (!besom__is_dead(heap, cleanup->obj))
            continue;
        unlink_from(&c->registered, cleanup);
        push_cleanup(&c->due, cleanup, CLEANUP_DUE);
        besom__u32_store_release(&heap->cycle.host_due, 1);
    }
    bool more = c->scan != NULL;
    pthread_mutex_unlock(&heap->root_lock);
    return more;
}

/* ---- running ---- */

/* The next that is due, its record free; false: none is. */
static bool pop_due(struct besom_heap *heap, struct besom__cleanups *c, struct besom_cleanup *out)
{
    pthread_mutex_lock(&heap->root_lock);
    struct besom_cleanup *cleanup = c->due;
    if (cleanup) {
        *out = *cleanup;
        unlink_from(&c->due, cleanup);
        cleanup->state = CLEANUP_FREE;
        besom__slab_free(&c->records, cleanup);
        c->n--;
        c->n_run++;
    }
    pthread_mutex_unlock(&heap->root_lock);
    return cleanup != NULL;
}

bool besom__cleanups_run(struct besom_heap *heap, struct besom__cleanups *c,
                         struct besom_mutator *m, size_t max)
{
    struct besom_cleanup cleanup;
    for (size_t i = 0; i < max; i++) {
        if (!pop_due(heap, c, &cleanup))
            return false;
        if (m && cleanup.arg_is_object) {
            BESOM_LOCALS(m, void *arg;);
            my->arg = cleanup.arg;
            cleanup.fn(m, my->arg);
        } else {
            cleanup.fn(m, cleanup.arg);
        }
    }
    return true;
}

void besom__cleanups_leave(struct besom_heap *heap, struct besom__cleanups *c)
{
    pthread_mutex_lock(&heap->root_lock);
    while (c->registered) {
        struct besom_cleanup *cleanup = c->registered;
        unlink_from(&c->registered, cleanup);
        push_cleanup(&c->due, cleanup, CLEANUP_DUE);
    }
    pthread_mutex_unlock(&heap->root_lock);
}

/* ---- public ---- */

enum besom_status besom_cleanup_add(struct besom_mutator *m, void *obj, besom_cleanup_fn fn,
                                    void *arg, struct besom_cleanup **out)
{
    enum besom_status status = besom__mutator_check_running(m);
    if (status != BESOM_OK)
        return status;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    struct besom__cleanups *c = &heap->weak->cleanups;
    if (!fn)
        return BESOM_E_ARGUMENT;
    if (!obj || !besom__is_object(heap, obj))
        return BESOM_E_FOREIGN;
    bool arg_is_object = arg && besom_owns(heap, arg);
    pthread_mutex_lock(&heap->root_lock);
    struct besom_cleanup *cleanup = besom__slab_new(heap, &c->records);
    if (cleanup) {
        *cleanup = (struct besom_cleanup){.obj = obj,
                                          .fn = fn,
                                          .arg = arg,
                                          .serial = ++c->serial,
                                          .arg_is_object = arg_is_object};
        push_cleanup(&c->registered, cleanup, CLEANUP_REGISTERED);
        c->n++;
        if (out)
            *out = cleanup;
    }
    pthread_mutex_unlock(&heap->root_lock);
    return cleanup ? BESOM_OK : BESOM_E_MEMORY;
}

enum besom_status besom_cleanup_cancel(struct besom_mutator *m, struct besom_cleanup *cleanup)
{
    enum besom_status status = besom__mutator_check_running(m);
    if (status != BESOM_OK)
        return status;
    if (!cleanup)
        return BESOM_E_ARGUMENT;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    struct besom__cleanups *c = &heap->weak->cleanups;
    pthread_mutex_lock(&heap->root_lock);
    bool waits = cleanup->state != CLEANUP_FREE;
    if (waits) {
        if (c->scan == cleanup)
            c->scan = cleanup->next;
        unlink_from(cleanup->state == CLEANUP_DUE ? &c->due : &c->registered, cleanup);
        cleanup->state = CLEANUP_FREE;
        besom__slab_free(&c->records, cleanup);
        c->n--;
    }
    pthread_mutex_unlock(&heap->root_lock);
    return waits ? BESOM_OK : BESOM_E_STATE;
}
