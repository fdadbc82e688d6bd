/* task.h - work in the background: thumbnails. */
#ifndef EDITOR_TASK_H
#define EDITOR_TASK_H

#include "hosts/editor/objects.h"

/* Starts and ends the threads.  False: the system refused one, or there is no memory for one. */
bool task_start(struct editor *e, unsigned threads);
void task_stop(struct editor *e);

/* A thumbnail of the layer, which is rooted, is to be made.  A safepoint; false: no memory. */
bool task_queue(struct editor *e, struct layer *layer);

/* No thread works for that document any more, nor will: returns when those at work have put down the
 * tile that they had.  A safepoint. */
void task_cancel(struct editor *e, uint64_t document);

/* What is finished becomes visible: thumbnails of layers that are still there, and unchanged.  A
 * safepoint. */
void task_collect(struct editor *e);

/* Waits until nothing is left to do, and task_collect.  A safepoint. */
void task_wait(struct editor *e);

#endif
