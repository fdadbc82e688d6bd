/* stack.h - the C stacks of mutators, for hosts that let the collector look at them. */
#ifndef GC_STACK_H
#define GC_STACK_H

struct besom__mutator;

/* The mutator becomes stoppable here: notes the top of its stack, and its registers if stacks are
 * looked at. */
void besom__stack_note(struct besom__mutator *m);

/* Calls fn(data, words, n) for the stack, and the registers if they were noted, of a stopped
 * mutator. */
void besom__stack_words(struct besom__mutator *m,
                        void (*fn)(void *data, const void *words, unsigned long n), void *data);

#endif
