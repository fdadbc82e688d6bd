/* watch.c - naming threads that exit without detaching.
 *
 * A thread that is gone cannot reach a safepoint, so the next stop would wait for it forever.
 * Debug builds keep the mutator in a thread-specific key whose destructor asserts. */
#include "gc/watch.h"

#include "gc/check.h"
#include "gc/heap.h"

#if BESOM_DEBUG

static void thread_exits(void *mutator)
{
    (void)mutator;
    besom__check(false, "a thread exits with its mutator still attached: call besom_detach first");
}

int besom__watch_init(struct besom_heap *heap)
{
    return pthread_key_create(&heap->watch, thread_exits) == 0 ? 0 : -1;
}

void besom__watch_fini(struct besom_heap *heap)
{
    pthread_key_delete(heap->watch);
}

void besom__watch(struct besom_heap *heap, struct besom__mutator *m)
{
    pthread_setspecific(heap->watch, m);
}

void besom__unwatch(struct besom_heap *heap)
{
    pthread_setspecific(heap->watch, NULL);
}

#else

int besom__watch_init(struct besom_heap *heap)
{
    (void)heap;
    return 0;
}

void besom__watch_fini(struct besom_heap *heap)
{
    (void)heap;
}

void besom__watch(struct besom_heap *heap, struct besom__mutator *m)
{
    (void)heap;
    (void)m;
}

void besom__unwatch(struct besom_heap *heap)
{
    (void)heap;
}

#endif
