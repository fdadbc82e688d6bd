/* editor_rig.h - what the tests of the editor share: one that listens to its heap, and runs scripts. */
#ifndef TESTS_EDITOR_RIG_H
#define TESTS_EDITOR_RIG_H

#include "support.h"

#include "hosts/editor/image.h"
#include "hosts/editor/script.h"

struct editor_rig {
    struct editor_config config;
    struct watch watch;
    struct editor *e;
};

/* Default options and no output; then change rig->config, and open. */
void editor_rig_init(struct editor_rig *rig);
void editor_rig_open(struct editor_rig *rig);
void editor_rig_start(struct editor_rig *rig);
/* Frees the editor; fails the test if its heap had findings. */
void editor_rig_close(struct editor_rig *rig);

/* Does a script, or fails the test. */
void run_script(struct editor_rig *rig, const char *text);
/* The line is refused, and the error has `says` in it. */
void refused(struct editor_rig *rig, const char *line, const char *says);

/* What the document in use looks like; rooted by nobody. */
struct image *picture(struct editor_rig *rig);
/* A number for an image's pixels. */
uint64_t image_sum(const struct image *image);
/* Of what the document in use looks like. */
uint64_t picture_sum(struct editor_rig *rig);

#endif
