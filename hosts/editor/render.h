/* render.h - what a document looks like. */
#ifndef EDITOR_RENDER_H
#define EDITOR_RENDER_H

#include "hosts/editor/image.h"

/* A new image of a document, which is rooted: its layers over each other, with their filters and
 * styles.  A safepoint; NULL: no memory.  The caller may release it when it is done. */
struct image *render_document(struct editor *e, struct document *document);

#endif
