/* finalizer.c - objects that come back once before they go.
 *
 * A registration is a record in a list, the newest first.  When marking is complete the list is
 * walked, in quanta, before anything is brought back: what is white then is found dead, whatever
 * else that is dead refers to it.  Then what was found is visited, and marked with all that it
 * reaches; then it joins the queue.  Records move from list to list, so nothing here needs memory
 * but besom_finalizer_add. */
#include "weak/finalizer.h"

#include "gc/atomic.h"
#include "gc/collect.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "weak/own.h"
#include "weak/weak.h"

enum {
    FINALIZER_SCAN_BATCH = 512, /* registrations looked at in a quantum */
    VISIT_BATCH = 32
};

struct besom__registration {
    void *obj;
    struct besom__registration *next;
    unsigned group;
};

void besom__finalizers_init(struct besom__finalizers *f)
{
    f->records.record_bytes = sizeof(struct besom__registration);
}

void besom__finalizers_fini(struct besom_heap *heap, struct besom__finalizers *f)
{
    besom__slab_fini(heap, &f->records);
}

/* ---- queues ---- */

static void enqueue(struct besom__registrations *queue, struct besom__registration *r)
{
    r->next = NULL;
    if (queue->first)
        queue->last->next = r;
    else
        queue->first = r;
    queue->last = r;
}

/* Moves all of `more` behind `queue`. */
static void append_queue(struct besom__registrations *queue, struct besom__registrations *more)
{
    if (!more->first)
        return;
    if (queue->first)
        queue->last->next = more->first;
    else
        queue->first = more->first;
    queue->last = more->last;
    more->first = NULL;
}

/* Takes what *link refers to out of the list of registrations. */
static void take_found(struct besom__finalizers *f, struct besom__registration **link)
{
    struct besom__registration *r = *link;
    *link = r->next;
    enqueue(&f->found[r->group], r);
    f->n_registered--;
    f->n_found++;
}

static void make_ready(struct besom__finalizers *f)
{
    for (unsigned group = 0; group < BESOM_FINALIZER_GROUPS; group++)
        append_queue(&f->ready, &f->found[group]);
    f->n_ready += f->n_found;
    f->n_finalized += f->n_found;
    f->n_found = 0;
}

/* ---- the cycle ---- */

void besom__finalizers_roots(struct besom__finalizers *f, struct besom_tracer *tracer)
{
    struct besom_heap *heap = tracer->heap;
    tracer->root = (struct besom__root_name){"queue", "finalizers"};
    const bool marks = tracer->pass == PASS_MARK;
    pthread_mutex_lock(&heap->root_lock);
    if (!marks || f->n_visited != f->n_finalized)
        for (struct besom__registration *r = f->ready.first; r; r = r->next)
            besom_visit(tracer, r->obj);
    if (marks)
        f->n_visited = f->n_finalized;
    pthread_mutex_unlock(&heap->root_lock);
}

void besom__finalizers_forget(struct besom_heap *heap, struct besom__finalizers *f)
{
    pthread_mutex_lock(&heap->root_lock);
    f->n_visited = UINT64_MAX;
    pthread_mutex_unlock(&heap->root_lock);
}

bool besom__finalizers_any(struct besom_heap *heap, struct besom__finalizers *f)
{
    pthread_mutex_lock(&heap->root_lock);
    bool any = f->registered != NULL;
    pthread_mutex_unlock(&heap->root_lock);
    return any;
}

void besom__finalizers_begin(struct besom_heap *heap, struct besom__finalizers *f)
{
    pthread_mutex_lock(&heap->root_lock);
    f->scan = &f->registered;
    f->to_visit = NULL;
    f->visit_group = 0;
    pthread_mutex_unlock(&heap->root_lock);
}

/* True: there are more to look at. */
static bool scan_some(struct besom_heap *heap, struct besom__finalizers *f)
{
    for (int i = 0; f->scan && *f->scan; i++) {
        if (i == FINALIZER_SCAN_BATCH)
            return true;
        struct besom__registration *r = *f->scan;
        if (r->next)
            __builtin_prefetch(besom__meta(r->next->obj));
        if (besom__is_dead(heap, r->obj))
            take_found(f, f->scan);
        else
            f->scan = &r->next;
    }
    if (f->scan)
        f->to_visit = f->found[0].first;
    f->scan = NULL;
    return false;
}

/* True: some were visited. */
static bool visit_some(struct besom__finalizers *f, struct besom_tracer *tracer)
{
    int n = 0;
    while (n < VISIT_BATCH && f->visit_group < BESOM_FINALIZER_GROUPS) {
        if (f->to_visit) {
            besom_visit(tracer, f->to_visit->obj);
            f->to_visit = f->to_visit->next;
            n++;
        } else if (++f->visit_group < BESOM_FINALIZER_GROUPS) {
            f->to_visit = f->found[f->visit_group].first;
        }
    }
    return n > 0;
}

bool besom__finalizers_some(struct besom_heap *heap, struct besom__finalizers *f,
                            struct besom_tracer *tracer)
{
    pthread_mutex_lock(&heap->root_lock);
    bool more = scan_some(heap, f) || visit_some(f, tracer);
    if (!more && f->n_found) {
        bool all_visited = f->n_visited == f->n_finalized;
        make_ready(f);
        if (all_visited)
            f->n_visited = f->n_finalized; /* what has just been brought back is marked */
        if (!f->host_knows)
            besom__u32_store_release(&heap->cycle.host_due, 1);
    }
    pthread_mutex_unlock(&heap->root_lock);
    return more;
}

bool besom__finalizers_tell(struct besom_heap *heap, struct besom__finalizers *f)
{
    pthread_mutex_lock(&heap->root_lock);
    bool tell = f->ready.first && !f->host_knows;
    f->host_knows |= tell;
    pthread_mutex_unlock(&heap->root_lock);
    return tell;
}

/* ---- public ---- */

enum besom_status besom_finalizer_add_group(struct besom_mutator *m, void *obj, unsigned group)
{
    enum besom_status status = besom__mutator_check_running(m);
    if (status != BESOM_OK)
        return status;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    struct besom__finalizers *f = &heap->weak->finalizers;
    if (group >= BESOM_FINALIZER_GROUPS)
        return BESOM_E_ARGUMENT;
    if (!obj || !besom__is_object(heap, obj))
        return BESOM_E_FOREIGN;
    pthread_mutex_lock(&heap->root_lock);
    struct besom__registration *r = besom__slab_new(heap, &f->records);
    if (r) {
        *r = (struct besom__registration){obj, f->registered, group};
        /* Who is walking the list has no use for one that is alive. */
        if (f->scan == &f->registered)
            f->scan = &r->next;
        f->registered = r;
        f->n_registered++;
    }
    pthread_mutex_unlock(&heap->root_lock);
    return r ? BESOM_OK : BESOM_E_MEMORY;
}

enum besom_status besom_finalizer_add(struct besom_mutator *m, void *obj)
{
    return besom_finalizer_add_group(m, obj, 0);
}

void *besom_finalizer_next(struct besom_mutator *m)
{
    if (besom__mutator_check_running(m) != BESOM_OK)
        return NULL;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    struct besom__finalizers *f = &heap->weak->finalizers;
    void *obj = NULL;
    pthread_mutex_lock(&heap->root_lock);
    struct besom__registration *r = f->ready.first;
    if (r) {
        f->ready.first = r->next;
        f->n_ready--;
        obj = r->obj;
        besom__slab_free(&f->records, r);
    }
    if (!f->ready.first)
        f->host_knows = false;
    pthread_mutex_unlock(&heap->root_lock);
    return obj;
}

enum besom_status besom_finalizer_queue_all(struct besom_mutator *m)
{
    enum besom_status status = besom__mutator_check_running(m);
    if (status != BESOM_OK)
        return status;
    struct besom_heap *heap = besom__mutator_of(m)->heap;
    struct besom__finalizers *f = &heap->weak->finalizers;
    besom__note_entry(besom__mutator_of(m));
    /* What a cycle under way has found dead comes first. */
    besom__collect_lock(heap, besom__mutator_of(m));
    besom__collect_settle(heap, besom__mutator_of(m));
    pthread_mutex_lock(&heap->root_lock);
    while (f->registered)
        take_found(f, &f->registered);
    bool tells = f->n_found && !f->host_knows;
    make_ready(f);
    pthread_mutex_unlock(&heap->root_lock);
    besom__collect_unlock(heap);
    if (tells) {
        besom__u32_store_release(&heap->cycle.host_due, 1);
        besom__request_all(heap, REQUEST_SETTLE);
    }
    return BESOM_OK;
}
