/* document.h - documents and their layers: opened, found, changed, closed. */
#ifndef EDITOR_DOCUMENT_H
#define EDITOR_DOCUMENT_H

#include "hosts/editor/image.h"

/* A document with one layer, 'background', of that image, which is rooted and has the number
 * e->opened + 1.  It becomes the one in use.  A safepoint; false: no memory. */
bool document_open(struct editor *e, const char *name, struct image *image);

/* The open document of that name, or NULL. */
struct document *document_named(struct editor *e, const char *name);

/* It becomes the one in use, and its highest layer the selected one.  A safepoint. */
bool document_use(struct editor *e, struct document *document);

/* The document, which is rooted, is gone for the user: nothing of it stays but by mistake, and its
 * pixels are released.  A safepoint. */
void document_close(struct editor *e, struct document *document);

/* Tells whoever listens. */
void document_changed(struct editor *e, const struct document *document);

/* The selected layer of the document in use; NULL: there is none, and the error says so. */
struct layer *layer_selected(struct editor *e);

/* Selects; the layer is rooted.  A safepoint; false: no memory. */
bool layer_select(struct editor *e, struct layer *layer);

struct layer *layer_named(const struct document *document, const char *name);

/* Adds a layer on top, with an image of the document's size, which is rooted, and selects it.  A
 * safepoint; false: no memory. */
bool layer_add(struct editor *e, struct document *document, const char *name, struct image *image);

/* Takes the layer out of its document; both are rooted.  A safepoint; false: no memory. */
bool layer_remove(struct editor *e, struct document *document, struct layer *layer);

/* Forgets, and releases, what filters and styles made of the layer: before anything of it changes. */
void layer_hide(struct editor *e, struct layer *layer);

#endif
