/* editor.h - the image editor, as its own program and the benchmarks use it: one application on a heap
 * of its own, driven by lines of text.
 *
 * All calls are made by the thread that created the editor. */
#ifndef EDITOR_EDITOR_H
#define EDITOR_EDITOR_H

#include <besom/besom.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct editor;

/* References that outlive what the user meant, one of which may be planted. */
enum editor_mistake {
    EDITOR_NO_MISTAKE,
    EDITOR_CACHE,    /* thumbnails in a table that is strong */
    EDITOR_HISTORY,  /* one undo history for the application */
    EDITOR_OBSERVER, /* what listens to a document stays after it was closed */
    EDITOR_JOB,      /* finished jobs are listed, and refer to their documents */
    EDITOR_REGISTRY, /* smart filters in a registry that is strong */
    EDITOR_HANDLE,   /* saving takes a handle, and does not free it */
    EDITOR_MISTAKES
};

/* "cache", and what it does; NULL for EDITOR_NO_MISTAKE and beyond the last. */
const char *editor_mistake_name(enum editor_mistake mistake);
const char *editor_mistake_about(enum editor_mistake mistake);

/* The mistake of that name; EDITOR_MISTAKES if there is none. */
enum editor_mistake editor_mistake_named(const char *name);

/* Who wants to know of every object.  `born` and `resized` are called on the editor's thread, and may
 * call what of Besom only asks; `emptied` on any, in a destroy hook. */
struct editor_watcher {
    void *data;
    void (*born)(void *data, void *obj, size_t bytes);    /* nothing is in it yet */
    void (*resized)(void *data, void *obj, size_t bytes); /* a tile has got pixels, or lost them */
    void (*emptied)(void *data, void *obj); /* a tile that is dead has lost its pixels */
};

struct editor_config {
    struct besom_config heap; /* how it is made; heap_max_bytes is the limit that messages name */
    /* NULL, or this thread's in a heap that the editor is to use, and which outlives it. */
    struct besom_mutator *mutator;
    struct editor_watcher watcher; /* functions NULL: nobody */
    enum editor_mistake mistake;
    unsigned threads; /* that make thumbnails: 1 .. EDITOR_MAX_THREADS */
    bool late;        /* pixels of a closed document wait for the collector */
    FILE *out;        /* where stats, list and report go; NULL: nowhere */
};

enum { EDITOR_MAX_THREADS = 16 };

/* Two threads, no mistake, a limit of 2 GiB, standard output. */
void editor_config_init(struct editor_config *config);

/* NULL: error says why. */
struct editor *editor_new(const struct editor_config *config, struct besom_report *error);

/* Ends the threads, and frees the heap (but for one that was given: it is collected) and every pixel. */
void editor_free(struct editor *editor);

/* Does what one line of a script says ("repeat" and "end" are the script's: script.h).  A safepoint.
 * False: it could not, editor_error says why, and nothing has changed. */
bool editor_command(struct editor *editor, const char *line);
const char *editor_error(const struct editor *editor);

struct besom_heap *editor_heap(const struct editor *editor);
struct besom_mutator *editor_mutator(const struct editor *editor);

/* Waits until the threads have nothing left to do. */
void editor_wait(struct editor *editor);

/* The pixels in memory now, in bytes. */
size_t editor_pixel_bytes(const struct editor *editor);

/* What an object is, for counts by kind. */
enum editor_kind {
    EDITOR_DOCUMENT,
    EDITOR_STACK,
    EDITOR_LAYER,
    EDITOR_IMAGE,
    EDITOR_TILE,
    EDITOR_FILTER,
    EDITOR_STYLE,
    EDITOR_UNDO,
    EDITOR_STEP,
    EDITOR_THUMBNAIL,
    EDITOR_LISTENER,
    EDITOR_TASK,
    EDITOR_KINDS
};
const char *editor_kind_name(enum editor_kind kind);

/* What is in memory of documents that have been closed. */
struct editor_retained {
    size_t closed;                /* documents closed, ever */
    size_t objects[EDITOR_KINDS]; /* of closed documents, still there */
    size_t bytes[EDITOR_KINDS];   /* their own */
    size_t pixel_bytes;           /* and those of their tiles */
    /* All of that again, by why it is there. */
    size_t logical_bytes; /* the editor's own references lead there, from its roots */
    size_t other_bytes;   /* nothing does: the collector has not taken it yet */
};

/* Counts, without collecting.  The threads should be at rest (editor_wait).  False: no memory to
 * count with. */
bool editor_count_retained(struct editor *editor, struct editor_retained *out);

/* ---- for those who trace for themselves ---- */

/* Called for objects of the editor's kinds, and for the one that all others hang on. */
typedef void (*editor_object_fn)(void *data, void *obj);

/* Every strong root. */
void editor_each_root(struct editor *editor, editor_object_fn fn, void *data);

/* Everything that obj refers to strongly, through tables too; a value in a table with weak keys is
 * referred to by its key.  Between safepoints. */
void editor_each_reference(struct editor *editor, void *obj, editor_object_fn fn, void *data);

/* Every object of closed documents that is there.  A safepoint; fn may not call Besom. */
void editor_each_left(struct editor *editor, editor_object_fn fn, void *data);

/* The document that obj belongs to, by a number; 0: none. */
uint64_t editor_document_of(const void *obj);

/* The documents that are open, first the one in use: at most n of them into out.  How many. */
size_t editor_documents(const struct editor *editor, void **out, size_t n);

/* ---- the report ---- */

/* Waits, collects, counts, and prints what is left of closed documents, and for each who holds it. */
bool editor_report(struct editor *editor, FILE *out);

#endif
