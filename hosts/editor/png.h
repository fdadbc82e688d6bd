/* png.h - PNG files, through libpng. */
#ifndef EDITOR_PNG_H
#define EDITOR_PNG_H

#include "hosts/editor/image.h"

/* The image in a file, for a document of that number.  A safepoint.  NULL: the error says why. */
struct image *png_load(struct editor *e, const char *path, uint64_t document);

/* Writes an image, which is rooted, as 8 bits a channel: whole, or not at all.  A safepoint. */
bool png_save(struct editor *e, struct image *image, const char *path);

#endif
