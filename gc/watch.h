/* watch.h - naming threads that exit without detaching; debug builds only. */
#ifndef GC_WATCH_H
#define GC_WATCH_H

struct besom_heap;
struct besom__mutator;

int besom__watch_init(struct besom_heap *heap);
void besom__watch_fini(struct besom_heap *heap);

/* The calling thread has a mutator, or has none any more. */
void besom__watch(struct besom_heap *heap, struct besom__mutator *m);
void besom__unwatch(struct besom_heap *heap);

#endif
