/* task.c - the threads that make thumbnails.
 *
 * A thread waits for work in a native region.  It owns the task that it has taken; to that, and to the
 * image that the task names weakly, it refers strongly only from one safepoint to the next: it gets
 * the image, notes one tile in its frame, works on the tile's pixels in a native region, and lets go.
 * If the image is gone meanwhile, the task is over.
 *
 * Whoever closes a document cancels its tasks, and waits until no thread serves it any more: that is a
 * tile's work at most.  Only then are pixels released.
 *
 * The lock guards the lists, the counts and the workers.  It is never held at a safepoint, and nothing
 * of Besom is called under it but besom_set: so a thread that waits for it does so briefly. */
#include "hosts/editor/task.h"

#include "hosts/editor/thumbnail.h"

/* ---- a worker's side ---- */

/* Waits for work, and takes it into *slot, a local of the worker's.  False: the editor ends. */
static bool take(struct worker *w, struct besom_mutator *m, struct task **slot)
{
    struct editor *e = w->editor;
    while (!*slot) {
        besom_native_enter(m);
        pthread_mutex_lock(&e->lock);
        while (e->n_waiting == 0 && !e->stopping)
            pthread_cond_wait(&e->work, &e->lock);
        bool stopping = e->stopping;
        pthread_mutex_unlock(&e->lock);
        besom_native_leave(m);
        if (stopping)
            return false;
        pthread_mutex_lock(&e->lock);
        struct task *task = e->app->waiting; /* unless another was faster */
        if (task) {
            besom_set(m, e->app, &e->app->waiting, task->next);
            besom_set(m, task, &task->next, NULL);
            e->n_waiting--;
            e->n_running++;
            w->serves = task->item.document;
            w->cancelled = false;
            *slot = task;
        }
        pthread_mutex_unlock(&e->lock);
    }
    return true;
}

static bool is_cancelled(struct worker *w)
{
    pthread_mutex_lock(&w->editor->lock);
    bool cancelled = w->cancelled;
    pthread_mutex_unlock(&w->editor->lock);
    return cancelled;
}

/* Adds tile i of the task's image.  False: it is gone, the document
 * is being closed, or that was the last one. */
static bool add_tile(struct worker *w, struct besom_mutator *m, const struct task *task, uint32_t i,
                     struct shrink *shrink)
{
    BESOM_LOCALS(m, struct tile * tile;);
    struct image *image = besom_weak_get(m, task->image);
    if (!image || i == image->n_tiles || is_cancelled(w))
        return false;
    my->tile = image->tile[i];
    const float *pixels = my->tile->pixels;
    uint32_t x = i % image->across * TILE_SIDE, y = i / image->across * TILE_SIDE;
    uint32_t width = my->tile->width, height = my->tile->height;
    besom_native_enter(m);
    shrink_add(shrink, pixels, x, y, width, height);
    besom_native_leave(m);
    return true;
}

static void make_thumbnail(struct worker *w, struct besom_mutator *m, const struct task *task)
{
    struct shrink shrink;
    struct image *image = besom_weak_get(m, task->image);
    if (!image || !shrink_init(&shrink, image->width, image->height))
        return;
    for (uint32_t i = 0; add_tile(w, m, task, i, &shrink); i++)
        besom_poll(m);
    shrink_finish(&shrink, task->thumbnail->image->tile[0]->pixels);
    shrink_fini(&shrink);
}

static void finish(struct worker *w, struct besom_mutator *m, struct task *task)
{
    struct editor *e = w->editor;
    pthread_mutex_lock(&e->lock);
    if (!w->cancelled) {
        besom_set(m, task, &task->next, e->app->finished);
        besom_set(m, e->app, &e->app->finished, task);
    }
    w->serves = 0;
    e->n_running--;
    pthread_cond_broadcast(&e->rest);
    pthread_mutex_unlock(&e->lock);
}

static void serve(struct worker *w, struct besom_mutator *m)
{
    BESOM_LOCALS(m, struct task * task;);
    while (take(w, m, &my->task)) {
        make_thumbnail(w, m, my->task);
        finish(w, m, my->task);
        my->task = NULL;
    }
}

static void *run(void *data)
{
    struct worker *w = data;
    struct besom_mutator *m = besom_attach(w->editor->heap);
    pthread_mutex_lock(&w->editor->lock);
    w->state = m ? WORKER_ATTACHED : WORKER_FAILED;
    pthread_cond_broadcast(&w->editor->rest);
    pthread_mutex_unlock(&w->editor->lock);
    if (m) {
        serve(w, m);
        besom_detach(m);
    }
    return NULL;
}

static bool start(struct editor *e, struct worker *w)
{
    w->editor = e;
    if (pthread_create(&w->thread, NULL, run, w) != 0)
        return false;
    e->n_workers++;
    besom_native_enter(e->m);
    pthread_mutex_lock(&e->lock);
    while (w->state == WORKER_STARTING)
        pthread_cond_wait(&e->rest, &e->lock);
    pthread_mutex_unlock(&e->lock);
    besom_native_leave(e->m);
    return w->state == WORKER_ATTACHED;
}

bool task_start(struct editor *e, unsigned threads)
{
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->work, NULL);
    pthread_cond_init(&e->rest, NULL);
    bool all = true;
    for (unsigned i = 0; i < threads && all; i++)
        all = start(e, &e->worker[i]);
    return all;
}

void task_stop(struct editor *e)
{
    besom_native_enter(e->m);
    pthread_mutex_lock(&e->lock);
    e->stopping = true;
    pthread_cond_broadcast(&e->work);
    pthread_mutex_unlock(&e->lock);
    for (unsigned i = 0; i < e->n_workers; i++)
        pthread_join(e->worker[i].thread, NULL);
    e->n_workers = 0;
    besom_native_leave(e->m);
    pthread_cond_destroy(&e->rest);
    pthread_cond_destroy(&e->work);
    pthread_mutex_destroy(&e->lock);
}

/* ---- the editor's side ---- */

static struct task *task_new(struct editor *e, struct layer *layer)
{
    BESOM_LOCALS(e->m, struct task * task; struct thumbnail * thumbnail; struct image * image;);
    uint64_t document = layer->item.document;
    uint32_t width, height;
    thumbnail_size(layer->image->width, layer->image->height, &width, &height);
    my->image = image_new(e, document, width, height);
    if (my->image)
        my->thumbnail = editor_make(e, &thumbnail_type, sizeof *my->thumbnail, document);
    if (my->thumbnail)
        my->task = editor_make(e, &task_type, sizeof *my->task, document);
    if (!my->task)
        return NULL;
    SET(e, my->thumbnail, image, my->image);
    SET(e, my->task, thumbnail, my->thumbnail);
    SET(e, my->task, layer, besom_weak_new(e->m, BESOM_WEAK_SHORT, layer));
    SET(e, my->task, image, besom_weak_new(e->m, BESOM_WEAK_SHORT, layer->image));
    if (!my->task->layer || !my->task->image) {
        editor_fail(e, "no memory for a task");
        return NULL;
    }
    if (e->config.mistake == EDITOR_JOB)
        SET(e, my->task, document, layer->document);
    return my->task;
}

bool task_queue(struct editor *e, struct layer *layer)
{
    struct task *task = task_new(e, layer);
    if (!task)
        return false;
    pthread_mutex_lock(&e->lock);
    SET(e, task, next, e->app->waiting);
    SET(e, e->app, waiting, task);
    e->n_waiting++;
    pthread_cond_signal(&e->work);
    pthread_mutex_unlock(&e->lock);
    return true;
}

/* Takes a document's tasks out of those waiting.  The lock is held. */
static void unqueue(struct editor *e, uint64_t document)
{
    void *owner = e->app;
    struct task **slot = &e->app->waiting;
    while (*slot) {
        if ((*slot)->item.document == document) {
            besom_set(e->m, owner, slot, (*slot)->next);
            e->n_waiting--;
        } else {
            owner = *slot;
            slot = &(*slot)->next;
        }
    }
}

/* Cancels what the document's workers do; true if one of them is still at it.  The lock is held. */
static bool cancel_running(struct editor *e, uint64_t document)
{
    bool busy = false;
    for (unsigned i = 0; i < e->n_workers; i++) {
        struct worker *w = &e->worker[i];
        if (w->serves == document) {
            w->cancelled = true;
            busy = true;
        }
    }
    return busy;
}

void task_cancel(struct editor *e, uint64_t document)
{
    pthread_mutex_lock(&e->lock);
    unqueue(e, document);
    pthread_mutex_unlock(&e->lock);
    besom_native_enter(e->m);
    pthread_mutex_lock(&e->lock);
    while (cancel_running(e, document))
        pthread_cond_wait(&e->rest, &e->lock);
    pthread_mutex_unlock(&e->lock);
    besom_native_leave(e->m);
    task_collect(e);
}

static void show(struct editor *e, struct task *task)
{
    struct layer *layer = besom_weak_get(e->m, task->layer);
    if (!layer || besom_weak_get(e->m, task->image) != layer->image)
        return; /* it would show what is not there any more */
    SET(e, task->thumbnail, layer, layer);
    besom_table_put(e->m, e->app->thumbnails, layer, task->thumbnail);
}

void task_collect(struct editor *e)
{
    BESOM_LOCALS(e->m, struct task * task; struct task * next;);
    pthread_mutex_lock(&e->lock);
    my->task = e->app->finished;
    SET(e, e->app, finished, NULL);
    pthread_mutex_unlock(&e->lock);
    for (; my->task; my->task = my->next) {
        my->next = my->task->next;
        SET(e, my->task, next, NULL);
        show(e, my->task);
        if (e->config.mistake == EDITOR_JOB) {
            SET(e, my->task, next, e->app->listed);
            SET(e, e->app, listed, my->task);
        }
    }
}

void task_wait(struct editor *e)
{
    besom_native_enter(e->m);
    pthread_mutex_lock(&e->lock);
    while (e->n_waiting + e->n_running > 0)
        pthread_cond_wait(&e->rest, &e->lock);
    pthread_mutex_unlock(&e->lock);
    besom_native_leave(e->m);
    task_collect(e);
}
