/* blur.h - blurring, in a time that does not depend on the radius. */
#ifndef EDITOR_BLUR_H
#define EDITOR_BLUR_H

#include "hosts/editor/image.h"

/* A blurred copy of an image, which is rooted.  A safepoint; NULL: no memory, the error says so. */
struct image *blur_image(struct editor *e, struct image *from, float sigma);

/* Half the width of the boxes whose average, taken three times, spreads by sigma. */
uint32_t blur_half_width(float sigma);

/* One line of n pixels whose colors are multiplied by alpha, three times averaged; `spare` is as
 * long. */
void blur_line(float *line, float *spare, uint32_t n, uint32_t half_width);

#endif
