/* external.h - memory outside the heap that objects keep: pixels, buffers, file mappings.
 *
 * What is charged to an object counts towards the trigger and the hard limit, so that garbage which
 * is small in the heap and large outside of it is collected in time.  It is the host's memory: the
 * host frees it, as soon as the user has no more use for it ("the document was closed"), or in the
 * type's destroy hook, and takes the charge back at once.  What is still charged when an object is
 * gone, its hook having run, the library takes back. */
#ifndef BESOM_EXTERNAL_H
#define BESOM_EXTERNAL_H

#include <besom/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Charges bytes to obj, or, negative, takes that much of its charge back.  Any thread, destroy hooks
 * and cleanups too; never collects.
 *   BESOM_E_FOREIGN   obj is no object of the heap
 *   BESOM_E_ARGUMENT  more back than is charged to obj; an absurd sum
 *   BESOM_E_MEMORY    no memory to note it; nothing changed */
BESOM_API enum besom_status besom_external(struct besom_heap *heap, const void *obj,
                                           ptrdiff_t bytes);

/* What is charged to obj now. */
BESOM_API size_t besom_external_of(const struct besom_heap *heap, const void *obj);

#ifdef __cplusplus
}
#endif
#endif
