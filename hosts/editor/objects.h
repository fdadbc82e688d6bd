/* objects.h - the objects of the editor's heap, and who refers to whom.
 *
 *     application -> documents, thumbnails, filters, listeners, tasks
 *     document    -> its stack of layers, its history
 *     layer       -> its image, what it looks like (shown), its filters and styles, its document
 *     image       -> tiles, which keep their pixels outside the heap
 *     filter and style -> the layer they apply to
 *     history     -> steps -> the image, filters, styles and stack that were there before
 *     thumbnail   -> the layer it shows, a small image
 *
 * Images, stacks, filters and styles never change once they are referred to: an edit makes a new one,
 * and the old one is what undo puts back.  So images share the tiles in which they do not differ, and
 * a thread may read one while it is being replaced.
 *
 * Weak: the selected layer, the table of thumbnails (by layer), the tables of filters and images, and
 * what a task is to work on. */
#ifndef EDITOR_OBJECTS_H
#define EDITOR_OBJECTS_H

#include "hosts/editor/editor.h"

#include <pthread.h>

enum {
    NAME_CHARS = 32,
    TILE_SIDE = 128,  /* a whole tile has 256 KiB of pixels */
    MAX_SIDE = 32768, /* of a document, in pixels */
    CHANNELS = 4,     /* red, green, blue, and alpha, which does not multiply the others */
    PIXEL_BYTES = CHANNELS * sizeof(float),
    MAX_STEPS = 20, /* that can be undone */
    MAX_SIGMA = 500,
};

/* How every object begins. */
struct item {
    const struct besom_type *type;
    uint64_t document; /* the number of the document that it belongs to; 0: the application's */
};

struct tile {
    struct item item;
    float *pixels; /* NULL: released, because the document was closed */
    uint32_t width, height;
    struct pixels *account; /* where they are counted */
};

struct image {
    struct item item;
    uint32_t width, height;
    uint32_t across; /* tiles in a row of tiles */
    uint32_t n_tiles;
    struct tile *tile[];
};

enum filter_kind { FILTER_BLUR, FILTER_LEVELS, FILTER_INVERT, FILTER_GRAY };

struct filter {
    struct item item;
    struct layer *layer;
    struct filter *before; /* applied before this one */
    enum filter_kind kind;
    float setting[3];
};

struct style {
    struct item item;
    struct layer *layer;
    struct style *before;
    const char *name; /* of the table of styles */
    float dx, dy, sigma, gain;
    float color[CHANNELS];
};

enum blend {
    BLEND_NORMAL,
    BLEND_MULTIPLY,
    BLEND_SCREEN,
    BLEND_OVERLAY,
    BLEND_ADD,
    BLEND_DARKEN,
    BLEND_LIGHTEN,
    BLEND_DIFFERENCE,
    BLENDS
};

struct layer {
    struct item item;
    struct document *document;
    struct image *image;
    struct image *shown; /* with filters and styles; NULL: not computed */
    struct filter *filters;
    struct style *styles;
    enum blend blend;
    float opacity;
    char name[NAME_CHARS];
};

/* The layers of a document, the lowest first. */
struct stack {
    struct item item;
    uint64_t n;
    struct layer *layer[];
};

/* What a document and one of its layers were before, or after, an edit. */
struct step {
    struct item item;
    struct step *next; /* older, or undone earlier */
    struct document *document;
    struct stack *stack;
    struct layer *layer; /* NULL: only the stack has changed */
    struct image *image;
    struct filter *filters;
    struct style *styles;
    enum blend blend;
    float opacity;
    const char *what; /* the command */
};

struct history {
    struct item item;
    struct step *done, *undone;
};

struct document {
    struct item item;
    struct document *next;
    struct stack *stack;
    struct history *history;
    uint32_t width, height;
    char name[NAME_CHARS];
};

struct thumbnail {
    struct item item;
    struct layer *layer;
    struct image *image;
};

/* A panel that draws a document again when it has changed. */
struct listener {
    struct item item;
    struct listener *next;
    struct document *document;
    uint64_t redrawn;
};

/* A thumbnail to be made. */
struct task {
    struct item item;
    struct task *next;
    struct besom_weak *layer, *image;
    struct thumbnail *thumbnail;
    struct document *document; /* by mistake; otherwise NULL */
};

struct application {
    struct item item;
    struct document *documents;  /* the one in use first */
    struct besom_weak *selected; /* a layer */
    struct besom_table *thumbnails;
    struct besom_table *filters;
    struct besom_table
        *images; /* all of them, so that a document's can be found when it is closed */
    struct listener *listeners;
    struct task *waiting, *finished;
    struct task *listed;     /* the tasks that were finished: by mistake */
    struct history *history; /* of all documents: by mistake */
};

/* Pixel memory in use.  Hooks and threads change it, so by atomic operations. */
struct pixels {
    size_t bytes;
    const struct editor_watcher *watcher;
};

/* A handle that saving left behind, by mistake: known here so that holders.c can tell of it. */
struct forgotten {
    struct forgotten *next;
    struct besom_handle *handle;
};

struct worker {
    struct editor *editor;
    pthread_t thread;
    enum { WORKER_STARTING, WORKER_ATTACHED, WORKER_FAILED } state;
    uint64_t serves; /* the number of the document whose task it has; 0: none */
    bool cancelled;  /* the document was closed */
};

struct editor {
    struct besom_heap *heap;
    struct besom_mutator *m;
    struct application *app;
    struct besom_handle *root; /* of app */
    struct pixels pixels;
    struct editor_config config;
    uint64_t opened, closed; /* documents, ever; `opened` numbers them */
    struct forgotten *forgotten;
    char error[512];

    /* Guards what follows, app's lists of tasks, and the workers.  Nobody reaches a safepoint while
     * holding it. */
    pthread_mutex_t lock;
    pthread_cond_t work, rest;
    unsigned n_workers, n_waiting, n_running; /* tasks waiting in app->waiting, and with workers */
    bool stopping;
    struct worker worker[EDITOR_MAX_THREADS];
};

extern const struct besom_type tile_type, image_type, filter_type, style_type, layer_type,
    stack_type, step_type, history_type, document_type, thumbnail_type, listener_type, task_type,
    application_type;

/* The type of each kind. */
extern const struct besom_type *const editor_types[EDITOR_KINDS];

/* A new object of a document.  A safepoint, since it collects when memory is short.  NULL: there is
 * none, and the error says so. */
void *editor_make(struct editor *e, const struct besom_type *type, size_t bytes, uint64_t document);

/* Says why a command cannot be done; false, so that it can be returned. */
bool editor_fail(struct editor *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A reference into a published object. */
#define SET(e, object, field, value) besom_set((e)->m, (object), &(object)->field, (value))

#endif
