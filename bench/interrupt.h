/* interrupt.h - what is left behind when the program is interrupted: nothing.
 *
 * At SIGINT, SIGTERM and SIGHUP the worker that runs is killed and a file that is not whole is
 * removed; then the signal does what it does to others.  A worker dies with this program even if that
 * is killed. */
#ifndef BENCH_INTERRUPT_H
#define BENCH_INTERRUPT_H

#include <sys/types.h>

/* Once, before workers are started and files written. */
void interrupt_prepare(void);

/* The worker that runs now; 0: none. */
void interrupt_worker(pid_t worker);

/* The file that is being written, of which the name stays as it is; NULL: none. */
void interrupt_file(const char *path);

/* In a worker's process before it becomes the worker: it is killed when its parent, of that number,
 * is no more, and takes signals as others do. */
void interrupt_inherit(pid_t parent);

#endif
