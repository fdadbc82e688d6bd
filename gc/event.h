/* event.h - telling the host what happens. */
#ifndef GC_EVENT_H
#define GC_EVENT_H

#include <besom/event.h>
#include <besom/heap.h>

/* Fills in cycle, phase, reason, time and sizes, and calls on_event, unless the heap has none or
 * an emergency collection is under way. */
void besom__event(struct besom_heap *heap, struct besom_event *event);

/* A debug option found something: counts it and tells the host.  format as for printf. */
__attribute__((format(printf, 4, 5))) void besom__finding(struct besom_heap *heap,
                                                          enum besom_event_kind kind,
                                                          const void *object, const char *format,
                                                          ...);

#endif
