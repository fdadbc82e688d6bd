/* event.c - telling the host what happens. */
#include "gc/event.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/os.h"

#include <stdarg.h>
#include <stdio.h>

void besom__event(struct besom_heap *heap, struct besom_event *event)
{
    if (!heap->config.on_event || besom__u32_load_acquire(&heap->cycle.emergency))
        return;
    event->phase = (enum besom_phase)besom__u32_load(&heap->cycle.phase);
    event->reason = heap->cycle.reason;
    event->cycle = heap->cycle.number;
    event->at_ns = besom__os_now_ns();
    event->committed_bytes = besom__size_load(&heap->blocks.committed_bytes);
    heap->config.on_event(heap->config.host, event);
}

void besom__finding(struct besom_heap *heap, enum besom_event_kind kind, const void *object,
                    const char *format, ...)
{
    char text[sizeof((struct besom_report *)0)->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    besom__size_add(&heap->findings, 1);
    struct besom_event event = {.kind = kind, .object = object, .text = text};
    besom__event(heap, &event);
}
