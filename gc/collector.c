/* collector.c - the thread that collects beside mutators, in mode concurrent.
 *
 * It is started when the first cycle is due, and turns the crank, a quantum at a time, as long as there
 * is something to do that needs no mutator.  Between quanta it lets go of collect_lock, so that whoever
 * waits for that comes first. */
#define _GNU_SOURCE
#include "gc/collector.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/slice.h"

#include <sched.h>
#include <signal.h>

int besom__collector_init(struct besom_heap *heap)
{
    struct besom__collector *c = &heap->collector;
    if (pthread_mutex_init(&c->lock, NULL) != 0)
        return -1;
    if (pthread_cond_init(&c->wake, NULL) == 0)
        return 0;
    pthread_mutex_destroy(&c->lock);
    return -1;
}

void besom__collector_fini(struct besom_heap *heap)
{
    pthread_cond_destroy(&heap->collector.wake);
    pthread_mutex_destroy(&heap->collector.lock);
}

/* ---- the thread ---- */

static bool some_work(struct besom_heap *heap)
{
    besom__collect_lock(heap, NULL);
    enum besom__progress progress = besom__slice_background(heap);
    besom__collect_unlock(heap);
    if (heap->config.options.slow)
        sched_yield();
    return progress == PROGRESS_MORE;
}

static void *run(void *argument)
{
    struct besom_heap *heap = argument;
    struct besom__collector *c = &heap->collector;
    pthread_mutex_lock(&c->lock);
    while (!c->quit) {
        if (!c->wanted) {
            pthread_cond_wait(&c->wake, &c->lock);
            continue;
        }
        besom__u32_and(&c->wanted, 0); /* a full barrier: what was asked for before is seen below */
        pthread_mutex_unlock(&c->lock);
        bool more = some_work(heap);
        pthread_mutex_lock(&c->lock);
        if (more)
            besom__u32_store_release(&c->wanted, 1);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Lock held. */
static void start(struct besom_heap *heap)
{
    struct besom__collector *c = &heap->collector;
    /* The host's signals are for its own threads. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    c->runs = pthread_create(&c->thread, NULL, run, heap) == 0;
    c->failed = !c->runs;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool besom__collector_kick(struct besom_heap *heap)
{
    struct besom__collector *c = &heap->collector;
    if (heap->config.options.mode != BESOM_CONCURRENT)
        return false;
    if (besom__u32_load(&c->wanted))
        return true; /* it is at work, or about to be */
    pthread_mutex_lock(&c->lock);
    if (!c->runs && !c->failed)
        start(heap);
    bool runs = c->runs;
    if (runs && !c->wanted) {
        besom__u32_store_release(&c->wanted, 1);
        pthread_cond_signal(&c->wake);
    }
    pthread_mutex_unlock(&c->lock);
    return runs;
}

void besom__collector_stop(struct besom_heap *heap)
{
    struct besom__collector *c = &heap->collector;
    pthread_mutex_lock(&c->lock);
    bool runs = c->runs;
    c->quit = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
    if (runs)
        pthread_join(c->thread, NULL);
    c->runs = false;
}

void besom__collector_forget(struct besom_heap *heap)
{
    struct besom__collector *c = &heap->collector;
    bool wanted = heap->cycle.phase != BESOM_IDLE;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    pthread_mutex_init(&heap->collect_turnstile, NULL);
    pthread_mutex_init(&heap->block_turnstile, NULL);
    c->runs = false;
    c->wanted = 0;
    if (wanted)
        besom__request_all(heap, REQUEST_COLLECT);
}
