/* compose.h - one image over another: blend modes. */
#ifndef EDITOR_COMPOSE_H
#define EDITOR_COMPOSE_H

#include "hosts/editor/image.h"

/* "multiply", ...; NULL beyond the last. */
const char *blend_name(enum blend blend);

/* n pixels of `over`, their alpha times opacity, onto those of `under`. */
void compose_run(float *under, const float *over, uint32_t n, enum blend blend, float opacity);

/* A whole image onto another of the same size.  Polls: both are rooted. */
void compose_image(struct editor *e, struct image *under, struct image *over, enum blend blend,
                   float opacity);

#endif
