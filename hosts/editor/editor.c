/* editor.c - the application: its heap, its roots, its threads, and the mistakes it can make. */
#include "hosts/editor/objects.h"

#include "hosts/editor/history.h"
#include "hosts/editor/task.h"

#include <stdlib.h>
#include <string.h>

/* ---- mistakes ---- */

static const struct {
    const char *name, *about;
} mistakes[EDITOR_MISTAKES] = {
    [EDITOR_CACHE] = {"cache", "the table of thumbnails is strong, and never forgets"},
    [EDITOR_HISTORY] = {"history", "all documents share one undo history"},
    [EDITOR_OBSERVER] = {"observer", "what listens to a document stays when it is closed"},
    [EDITOR_JOB] = {"job", "finished tasks are listed, and refer to their documents"},
    [EDITOR_REGISTRY] = {"registry", "the registry of smart filters is strong"},
    [EDITOR_HANDLE] = {"handle", "saving takes a handle to the document, and never frees it"},
};

const char *editor_mistake_name(enum editor_mistake mistake)
{
    return (unsigned)mistake < EDITOR_MISTAKES ? mistakes[mistake].name : NULL;
}

const char *editor_mistake_about(enum editor_mistake mistake)
{
    return (unsigned)mistake < EDITOR_MISTAKES ? mistakes[mistake].about : NULL;
}

enum editor_mistake editor_mistake_named(const char *name)
{
    int i = EDITOR_NO_MISTAKE + 1;
    while (i < EDITOR_MISTAKES && strcmp(name, mistakes[i].name) != 0)
        i++;
    return (enum editor_mistake)i;
}

/* ---- beginning and end ---- */

void editor_config_init(struct editor_config *config)
{
    memset(config, 0, sizeof *config);
    besom_config_init(&config->heap);
    config->heap.options.heap_max_bytes = (size_t)2 << 30;
    config->threads = 2;
    config->out = stdout;
}

static bool make_application(struct editor *e)
{
    bool strong_cache = e->config.mistake == EDITOR_CACHE;
    bool strong_filters = e->config.mistake == EDITOR_REGISTRY;
    e->app = editor_make(e, &application_type, sizeof *e->app, 0);
    e->root = e->app ? besom_handle_new(e->m, e->app, "application") : NULL;
    if (!e->root)
        return false;
    SET(e, e->app, thumbnails,
        besom_table_new(e->m, strong_cache ? BESOM_STRONG : BESOM_WEAK_KEYS, NULL, NULL));
    SET(e, e->app, filters,
        besom_table_new(e->m, strong_filters ? BESOM_STRONG : BESOM_WEAK_KEYS, NULL, NULL));
    SET(e, e->app, images, besom_table_new(e->m, BESOM_WEAK_KEYS, NULL, NULL));
    if (e->config.mistake == EDITOR_HISTORY)
        SET(e, e->app, history, history_new(e, 0));
    return e->app->thumbnails && e->app->filters && e->app->images &&
           (e->config.mistake != EDITOR_HISTORY || e->app->history);
}

struct editor *editor_new(const struct editor_config *config, struct besom_report *error)
{
    struct editor *e = calloc(1, sizeof *e);
    if (!e) {
        snprintf(error->text, sizeof error->text, "no memory");
        return NULL;
    }
    e->config = *config;
    e->pixels.watcher = &e->config.watcher;
    if (!config->mutator && besom_heap_new(&config->heap, &e->heap, error) != BESOM_OK) {
        free(e);
        return NULL;
    }
    e->m = config->mutator ? config->mutator : besom_attach(e->heap);
    e->heap = e->m ? besom_heap_of(e->m) : e->heap;
    if (e->m && make_application(e) && task_start(e, config->threads))
        return e;
    snprintf(error->text, sizeof error->text, "no memory, or no threads, for an editor");
    editor_free(e);
    return NULL;
}

void editor_free(struct editor *e)
{
    if (e->n_workers)
        task_stop(e);
    while (e->forgotten) {
        struct forgotten *next = e->forgotten->next;
        besom_handle_free(e->forgotten->handle);
        free(e->forgotten);
        e->forgotten = next;
    }
    if (e->root)
        besom_handle_free(e->root);
    if (e->config.mutator) {
        besom_collect(e->m, BESOM_FULL); /* tiles count in *e until they are gone */
    } else {
        if (e->m)
            besom_detach(e->m);
        besom_heap_free(e->heap);
    }
    free(e);
}

/* ---- looking ---- */

const char *editor_error(const struct editor *e)
{
    return e->error;
}

struct besom_heap *editor_heap(const struct editor *e)
{
    return e->heap;
}

struct besom_mutator *editor_mutator(const struct editor *e)
{
    return e->m;
}

void editor_wait(struct editor *e)
{
    task_wait(e);
}

size_t editor_pixel_bytes(const struct editor *e)
{
    return __atomic_load_n(&e->pixels.bytes, __ATOMIC_RELAXED);
}

uint64_t editor_document_of(const void *obj)
{
    return ((const struct item *)obj)->document;
}

size_t editor_documents(const struct editor *e, void **out, size_t n)
{
    size_t found = 0;
    for (struct document *d = e->app->documents; d && found < n; d = d->next)
        out[found++] = d;
    return found;
}
