/* references.h - what an object refers to, strongly. */
#ifndef EDITOR_REFERENCES_H
#define EDITOR_REFERENCES_H

#include "hosts/editor/objects.h"

/* Calls fn for every reference in obj that is not NULL, with the name of its field.  Of the library's own
 * objects a table that is strong has keys and values, the others have none.  Between safepoints. */
typedef void (*reference_fn)(void *data, void *obj, const char *field);
void references_each(struct editor *e, const void *obj, reference_fn fn, void *data);

#endif
