/* style.h - layer styles: what lies below a layer because of its shape. */
#ifndef EDITOR_STYLE_H
#define EDITOR_STYLE_H

#include "hosts/editor/image.h"

/* A shadow is the layer's shape, moved, blurred and colored; a glow the same in its place, and
 * stronger; an outline one that is hard.  NULL: there is no such style. */
const char *style_name(const char *name, float *gain);
const char *style_names(void);

/* What the style puts below a layer that looks like `shape`, which is rooted, as is the style.  A
 * safepoint; NULL: no memory. */
struct image *style_image(struct editor *e, const struct style *style, struct image *shape);

#endif
