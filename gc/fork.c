/* fork.c - a heap across fork.
 *
 * prepare stops the world, so that in the child no structure is half changed by a thread that is
 * not there, and ends the marking helpers, which start again when they are needed. */
#include <besom/heap.h>

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mutator.h"

enum besom_status besom_fork_prepare(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return BESOM_E_ARGUMENT;
    struct besom__mutator *self = besom__mutator_running_self(heap);
    if (self)
        besom__note_entry(self);
    besom__collect_lock(heap, self);
    besom__world_stop(heap, self);
    besom__worklist_stop_helpers(heap);
    pthread_mutex_lock(&heap->begin_lock);
    pthread_mutex_lock(&heap->stop_lock);
    pthread_mutex_lock(&heap->root_lock);
    besom__block_lock(heap);
    return BESOM_OK;
}

static void unlock(struct besom_heap *heap)
{
    besom__block_unlock(heap);
    pthread_mutex_unlock(&heap->root_lock);
    pthread_mutex_unlock(&heap->stop_lock);
    pthread_mutex_unlock(&heap->begin_lock);
}

static void go_on(struct besom_heap *heap)
{
    besom__world_resume(heap, heap->stop.self);
    besom__collect_unlock(heap);
}

enum besom_status besom_fork_parent(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return BESOM_E_ARGUMENT;
    unlock(heap);
    go_on(heap);
    return BESOM_OK;
}

enum besom_status besom_fork_child(struct besom_heap *heap)
{
    if (!besom__heap_ok(heap))
        return BESOM_E_ARGUMENT;
    unlock(heap);
    pthread_cond_init(&heap->stop.arrived, NULL);
    pthread_cond_init(&heap->stop.resumed, NULL);
    besom__worklist_forget_waiters(heap);
    besom__collector_forget(heap);
    besom__tracefile_forget(&heap->timeline.file);
    besom__mutators_fork_child(heap);
    go_on(heap);
    return BESOM_OK;
}
