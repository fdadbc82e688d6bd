/* history.h - undo and redo: each document has a history of its own. */
#ifndef EDITOR_HISTORY_H
#define EDITOR_HISTORY_H

#include "hosts/editor/objects.h"

struct history *history_new(struct editor *e, uint64_t document);

/* What the document, and one of its layers or NULL, are now; both are rooted.  A safepoint; NULL: no
 * memory. */
struct step *history_remember(struct editor *e, struct document *document, struct layer *layer,
                              const char *what);

/* The document has been changed from what `step` remembers: it can be undone, nothing can be redone
 * any more, and the oldest step beyond MAX_STEPS is forgotten. */
void history_push(struct editor *e, struct document *document, struct step *step);

/* False: there is nothing to undo (redo), as the error says. */
bool history_undo(struct editor *e, struct document *document);
bool history_redo(struct editor *e, struct document *document);

#endif
