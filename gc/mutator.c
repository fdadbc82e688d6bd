/* mutator.c - attaching threads, native regions, and the checks of public calls. */
#include "gc/mutator.h"

#include "gc/atomic.h"
#include "gc/check.h"
#include "gc/heap.h"
#include "gc/os.h"
#include "gc/watch.h"

#include <string.h>

/* ---- checks ---- */

enum besom_status besom__mutator_check(const struct besom_mutator *pub)
{
    if (!pub)
        return BESOM_E_ARGUMENT;
    const struct besom__mutator *m = (const struct besom__mutator *)pub;
    if (m->magic == MUTATOR_DETACHED)
        return BESOM_E_STATE;
    if (m->magic != MUTATOR_ATTACHED)
        return BESOM_E_FOREIGN;
    return pthread_equal(m->owner, pthread_self()) ? BESOM_OK : BESOM_E_THREAD;
}

enum besom_status besom__mutator_check_running(const struct besom_mutator *m)
{
    enum besom_status status = besom__mutator_check(m);
    if (status == BESOM_OK && (besom__u32_load(&m->requests) & MUTATOR_NATIVE))
        return BESOM_E_STATE;
    return status;
}

/* ---- attaching ---- */

void besom__mutator_take_epoch(struct besom__mutator *m)
{
    m->pub.stamp = (uint8_t)(m->heap->cycle.epoch << 6);
    m->pub.birth = (uint8_t)(BESOM__YOUNG | m->pub.stamp);
}

/* Everything but registers, which may be kept from an earlier life. */
static void init_mutator(struct besom__mutator *m, struct besom_heap *heap)
{
    const struct besom_options *o = &heap->config.options;
    ucontext_t *registers = m->registers;
    memset(m, 0, sizeof *m);
    m->registers = registers;
    m->heap = heap;
    m->owner = pthread_self();
    m->stack_base = besom__os_stack_base();
    m->pub.barrier_on = o->barrier || o->generational || heap->round.open;
    m->pub.type_words = heap->config.type_of == NULL;
    m->allocs_are_safepoints = o->safepoints == BESOM_GC_AT_ALLOC;
    bool always = o->stress || (o->slow && o->mode == BESOM_INCREMENTAL);
    m->pub.requests = always ? REQUEST_ALWAYS : 0;
    for (int i = 0; i < BESOM__TYPED_WINDOWS; i++)
        m->pub.typed[i] = &besom__no_window;
    besom__bump_init(&m->main, &m->pub.window, &heap->spaces.small);
    besom__bump_init(&m->overflow, &m->overflow_window, &heap->spaces.small);
    besom__bump_init(&m->hooked, &m->pub.hooked, &heap->spaces.hooked);
    m->magic = MUTATOR_ATTACHED;
}

static struct besom__mutator *find_by_thread(struct besom_heap *heap, pthread_t thread)
{
    struct besom__mutator *m = heap->stop.mutators;
    while (m && !pthread_equal(m->owner, thread))
        m = m->next;
    return m;
}

struct besom__mutator *besom__mutator_running_self(struct besom_heap *heap)
{
    pthread_mutex_lock(&heap->stop_lock);
    struct besom__mutator *m = find_by_thread(heap, pthread_self());
    pthread_mutex_unlock(&heap->stop_lock);
    return m && besom__mutator_check_running(&m->pub) == BESOM_OK ? m : NULL;
}

/* Stop lock held.  A mutator detached earlier, or a new one. */
static struct besom__mutator *obtain_mutator(struct besom_heap *heap)
{
    struct besom__mutator *m = heap->stop.detached;
    if (m) {
        heap->stop.detached = m->next;
        return m;
    }
    m = besom__alloc(heap, sizeof *m);
    const struct besom_options *o = &heap->config.options;
    if (m && (o->scan_stacks || o->audit_stack)) {
        m->registers = besom__alloc(heap, sizeof *m->registers);
        if (!m->registers) {
            besom__release(heap, m);
            return NULL;
        }
    }
    return m;
}

struct besom_mutator *besom_attach(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return NULL;
    pthread_mutex_lock(&heap->stop_lock);
    while (heap->stop.active)
        pthread_cond_wait(&heap->stop.resumed, &heap->stop_lock);
    struct besom__mutator *m = find_by_thread(heap, pthread_self()) ? NULL : obtain_mutator(heap);
    if (m) {
        init_mutator(m, heap);
        besom__mutator_take_epoch(m);
        m->serial = ++heap->stop.n_attached;
        besom__timeline_attach(heap, m);
        uint32_t phase = besom__u32_load(&heap->cycle.phase);
        if (phase == BESOM_WEAK || phase == BESOM_FINALIZE ||
            besom__u32_load(&heap->cycle.host_due))
            m->pub.requests |= REQUEST_SETTLE;
        besom__watch(heap, m);
        m->next = heap->stop.mutators;
        heap->stop.mutators = m;
        besom__size_store(&heap->stop.n_mutators, heap->stop.n_mutators + 1);
    }
    pthread_mutex_unlock(&heap->stop_lock);
    return m ? &m->pub : NULL;
}

/* Stop lock held, no stop in force: takes it off the list and keeps it for reuse. */
static void unlink_mutator(struct besom_heap *heap, struct besom__mutator *m)
{
    struct besom__mutator **link = &heap->stop.mutators;
    while (*link != m)
        link = &(*link)->next;
    *link = m->next;
    besom__size_store(&heap->stop.n_mutators, heap->stop.n_mutators - 1);
    m->magic = MUTATOR_DETACHED;
    m->pub.frames = NULL;
    m->next = heap->stop.detached;
    heap->stop.detached = m;
}

/* Its blocks and records; nothing waits for it any more. */
static void release_parts(struct besom_heap *heap, struct besom__mutator *m)
{
    besom__alloc_retire(m);
    besom__alloc_fini(m);
    besom__round_leave(m);
    besom__log_fini(m);
    besom__arena_fini(m);
    besom__roots_end(heap, &m->roots);
}

enum besom_status besom_detach(struct besom_mutator *pub)
{
    enum besom_status status = besom__mutator_check_running(pub);
    if (status != BESOM_OK)
        return status;
    struct besom__mutator *m = besom__mutator_of(pub);
    struct besom_heap *heap = m->heap;
    if (pub->frames)
        return BESOM_E_STATE;
    release_parts(heap, m);
    besom__unwatch(heap);
    besom__native_enter(m);
    pthread_mutex_lock(&heap->stop_lock);
    while (heap->stop.active)
        pthread_cond_wait(&heap->stop.resumed, &heap->stop_lock);
    unlink_mutator(heap, m);
    pthread_mutex_unlock(&heap->stop_lock);
    return BESOM_OK;
}

struct besom_heap *besom_heap_of(const struct besom_mutator *pub)
{
    const struct besom__mutator *m = (const struct besom__mutator *)pub;
    return m && m->magic == MUTATOR_ATTACHED ? m->heap : NULL;
}

void besom__mutators_fork_child(struct besom_heap *heap)
{
    for (struct besom__mutator *m = heap->stop.mutators, *next; m; m = next) {
        next = m->next;
        if (pthread_equal(m->owner, pthread_self()))
            continue;
        release_parts(heap, m);
        pthread_mutex_lock(&heap->stop_lock);
        unlink_mutator(heap, m);
        pthread_mutex_unlock(&heap->stop_lock);
    }
}

void besom__mutators_fini(struct besom_heap *heap)
{
    while (heap->stop.detached) {
        struct besom__mutator *m = heap->stop.detached;
        heap->stop.detached = m->next;
        besom__release(heap, m->registers);
        besom__release(heap, m);
    }
}

/* ---- native regions ---- */

enum besom_status besom_native_enter(struct besom_mutator *m)
{
    enum besom_status status = besom__mutator_check_running(m);
    if (status != BESOM_OK)
        return status;
    besom__note_entry(besom__mutator_of(m));
    besom__mutator_of(m)->in_native = true;
    besom__native_enter(besom__mutator_of(m));
    return BESOM_OK;
}

enum besom_status besom_native_leave(struct besom_mutator *m)
{
    enum besom_status status = besom__mutator_check(m);
    if (status != BESOM_OK)
        return status;
    if (!(besom__u32_load(&m->requests) & MUTATOR_NATIVE))
        return BESOM_E_STATE;
    besom__native_leave(besom__mutator_of(m));
    besom__mutator_of(m)->in_native = false;
    return BESOM_OK;
}
