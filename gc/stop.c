/* stop.c - stopping the world, and letting it go. */
#include "gc/stop.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/histogram.h"
#include "gc/mutator.h"
#include "gc/os.h"
#include "gc/stack.h"

int besom__stop_init(struct besom_heap *heap)
{
    if (pthread_cond_init(&heap->stop.arrived, NULL) != 0)
        return -1;
    if (pthread_cond_init(&heap->stop.resumed, NULL) == 0)
        return 0;
    pthread_cond_destroy(&heap->stop.arrived);
    return -1;
}

void besom__stop_fini(struct besom_heap *heap)
{
    pthread_cond_destroy(&heap->stop.arrived);
    pthread_cond_destroy(&heap->stop.resumed);
}

/* ---- a mutator's side ---- */

void besom__native_enter(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    besom__stack_note(m);
    uint32_t old;
    do
        old = besom__u32_load(&m->pub.requests);
    while (!besom__u32_cas(&m->pub.requests, old, old | MUTATOR_NATIVE));
    if (old & (REQUEST_STOP | REQUEST_HANDSHAKE)) {
        pthread_mutex_lock(&heap->stop_lock);
        pthread_cond_signal(&heap->stop.arrived);
        pthread_mutex_unlock(&heap->stop_lock);
    }
}

static bool try_leave(struct besom__mutator *m)
{
    uint32_t old = besom__u32_load(&m->pub.requests);
    while (!(old & (MUTATOR_BORROWED | REQUEST_STOP))) {
        if (besom__u32_cas(&m->pub.requests, old, old & ~(uint32_t)MUTATOR_NATIVE))
            return true;
        old = besom__u32_load(&m->pub.requests);
    }
    return false;
}

void besom__native_leave(struct besom__mutator *m)
{
    struct besom_heap *heap = m->heap;
    if (BESOM_LIKELY(try_leave(m)))
        return;
    uint64_t start_ns = besom__pause_begin(m);
    pthread_mutex_lock(&heap->stop_lock);
    while (!try_leave(m))
        pthread_cond_wait(&heap->stop.resumed, &heap->stop_lock);
    pthread_mutex_unlock(&heap->stop_lock);
    besom__pause_end(m, BESOM_PAUSE_PARK, start_ns);
}

void besom__park(struct besom__mutator *m)
{
    besom__native_enter(m);
    besom__native_leave(m);
}

void besom__collect_lock(struct besom_heap *heap, struct besom__mutator *m)
{
    if (!m) {
        besom__os_lock_in_turn(&heap->collect_turnstile, &heap->collect_lock);
        return;
    }
    if (pthread_mutex_trylock(&heap->collect_lock) == 0)
        return;
    uint64_t start_ns = besom__pause_begin(m);
    besom__native_enter(m);
    besom__os_lock_in_turn(&heap->collect_turnstile, &heap->collect_lock);
    besom__pause_end(m, BESOM_PAUSE_TURN, start_ns);
    besom__native_leave(m);
}

void besom__collect_unlock(struct besom_heap *heap)
{
    pthread_mutex_unlock(&heap->collect_lock);
}

/* ---- the stop's side ---- */

static void borrow(struct besom_heap *heap, struct besom__mutator *m)
{
    for (;;) {
        uint32_t old = besom__u32_load_acquire(&m->pub.requests);
        if (!(old & MUTATOR_NATIVE))
            pthread_cond_wait(&heap->stop.arrived, &heap->stop_lock);
        else if (besom__u32_cas(&m->pub.requests, old, old | MUTATOR_BORROWED))
            return;
    }
}

bool besom__stop_alone(struct besom_heap *heap, struct besom__mutator *self)
{
    pthread_mutex_lock(&heap->stop_lock);
    bool alone = self && heap->stop.mutators == self && !self->next;
    heap->stop.active = alone;
    pthread_mutex_unlock(&heap->stop_lock);
    return alone;
}

void besom__stop_let_in(struct besom_heap *heap)
{
    pthread_mutex_lock(&heap->stop_lock);
    heap->stop.active = false;
    pthread_cond_broadcast(&heap->stop.resumed);
    pthread_mutex_unlock(&heap->stop_lock);
}

void besom__world_stop(struct besom_heap *heap, struct besom__mutator *self)
{
    if (self)
        besom__stack_note(self);
    heap->stop.requested_ns = besom__os_now_ns();
    pthread_mutex_lock(&heap->stop_lock);
    heap->stop.active = true;
    heap->stop.self = self;
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        if (m != self)
            besom__u32_or(&m->pub.requests, REQUEST_STOP);
    /* The list does not change while we wait: attaching and detaching wait for the stop to end. */
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        if (m != self)
            borrow(heap, m);
    pthread_mutex_unlock(&heap->stop_lock);
    heap->stop.reached_ns = besom__os_now_ns();
    if (heap->round.open)
        besom__worklist_hold(heap, true);
}

uint64_t besom__world_resume(struct besom_heap *heap, struct besom__mutator *self)
{
    if (besom__u32_load(&heap->worklist.hold))
        besom__worklist_hold(heap, false);
    pthread_mutex_lock(&heap->stop_lock);
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        if (m != self)
            besom__u32_and(&m->pub.requests, ~(uint32_t)(REQUEST_STOP | MUTATOR_BORROWED));
    heap->stop.active = false;
    uint64_t ns = besom__os_now_ns() - heap->stop.requested_ns;
    heap->stop.ns_last = ns;
    heap->stop.ns_sum += ns;
    if (ns > heap->stop.ns_max)
        heap->stop.ns_max = ns;
    if (self)
        besom__histogram_add(heap->pauses, ns);
    pthread_cond_broadcast(&heap->stop.resumed);
    pthread_mutex_unlock(&heap->stop_lock);
    if (self)
        besom__pause_note(self, BESOM_PAUSE_STOP, heap->stop.requested_ns,
                          heap->stop.requested_ns + ns);
    besom__timeline_stop(heap, ns);
    besom__timeline_flush(heap);
    return ns;
}

void besom__request_all(struct besom_heap *heap, uint32_t bits)
{
    pthread_mutex_lock(&heap->stop_lock);
    for (struct besom__mutator *m = heap->stop.mutators; m; m = m->next)
        besom__u32_or(&m->pub.requests, bits);
    pthread_mutex_unlock(&heap->stop_lock);
}
