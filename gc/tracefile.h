/* tracefile.h - a file that threads write entries to, JSON objects in an array.
 *
 * Entries are put into a buffer; when it is written out others go on in a second one.  So nobody who
 * has something to say waits for the disk, unless a buffer fills up before anybody has come to flush
 * it.  The array lacks its last bracket until the file is closed, which readers of traces allow.
 * Whatever is wrong with the disk ends the writing: the heap goes on. */
#ifndef GC_TRACEFILE_H
#define GC_TRACEFILE_H

#include <besom/base.h>

#include <pthread.h>

struct besom_heap;

struct besom__tracefile {
    uint32_t is_open;  /* entries are wanted; atomic, from 0 to 1 before the heap is handed out */
    uint32_t error;    /* errno of the write that ended it; atomic */
    size_t lost;       /* entries that found no room; atomic */
    size_t used_bytes; /* of the buffer that fills; atomic, written under the lock */
    unsigned number;   /* of the file among those of its name, from 1 */
    pthread_mutex_t lock; /* the last in the order of locks: of all that follows */
    int fd;
    bool writes;      /* some thread is writing out what it took */
    unsigned filling; /* the buffer that fills: 0 or 1 */
    char *buffers[2];
    uint64_t written_bytes, limit_bytes; /* beyond the limit the system would send a signal */
};

/* Creates the file named by `name` up to its end or a comma, or truncates it.  While another heap, of
 * any process, has it open, the name is lengthened by .2, .3, and so on.
 * BESOM_OK, BESOM_E_OPTION or BESOM_E_MEMORY; report may be NULL. */
enum besom_status besom__tracefile_open(struct besom_heap *heap, struct besom__tracefile *file,
                                        const char *name, struct besom_report *report);

/* Nobody else uses it: writes out the rest and ends the array.  Of one never opened too. */
void besom__tracefile_close(struct besom_heap *heap, struct besom__tracefile *file);

/* In the child of a fork: forgets it, nothing is written. */
void besom__tracefile_forget(struct besom__tracefile *file);

/* Are entries wanted? */
bool besom__tracefile_is_open(const struct besom__tracefile *file);

/* Adds an entry, without bracket or comma, to an open file; format as for printf. */
__attribute__((format(printf, 2, 3))) void besom__tracefile_add(struct besom__tracefile *file,
                                                                const char *format, ...);

/* Writes out what there is if it is at_least so much.  The world should be going. */
void besom__tracefile_flush(struct besom__tracefile *file, size_t at_least_bytes);

#endif
