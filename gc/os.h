/* os.h - what Besom asks of the operating system: memory, time, processors, stacks. */
#ifndef GC_OS_H
#define GC_OS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Maps zeroed memory aligned to align_bytes (a power of two, at least a page); NULL: no more. */
void *besom__os_map(void *host, size_t bytes, size_t align_bytes);
void besom__os_unmap(void *host, void *start, size_t bytes);

/* malloc and free in the shape of struct besom_memory. */
void *besom__os_alloc(void *host, size_t bytes);
void besom__os_release(void *host, void *block);

/* Gives the pages back but keeps the addresses: they read zero when touched again. */
void besom__os_decommit(void *start, size_t bytes);

/* Asks for huge pages; a hint. */
void besom__os_advise_huge(void *start, size_t bytes);

uint64_t besom__os_now_ns(void);

/* The time in so many ns, for pthread_cond_timedwait. */
struct timespec besom__os_deadline(uint64_t ns);

void besom__os_sleep(uint64_t ns);
unsigned besom__os_online_cpus(void);
size_t besom__os_page_bytes(void);

/* Takes `lock`.  Whoever waits for it so holds the turnstile meanwhile: a thread that lets go of the lock
 * and wants it back at once comes after those who wait, though they are not awake yet. */
void besom__os_lock_in_turn(pthread_mutex_t *turnstile, pthread_mutex_t *lock);

/* The highest address of the calling thread's stack; NULL if unknown. */
void *besom__os_stack_base(void);

#endif
