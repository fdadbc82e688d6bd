/* editor_rig.c - what the tests of the editor share. */
#include "editor_rig.h"

#include "hosts/editor/render.h"

#include <string.h>

void editor_rig_init(struct editor_rig *rig)
{
    editor_config_init(&rig->config);
    rig->config.out = NULL;
    watch_init(&rig->watch, &rig->config.heap);
}

void editor_rig_open(struct editor_rig *rig)
{
    struct besom_report error;
    rig->e = editor_new(&rig->config, &error);
    ck_assert_msg(rig->e != NULL, "%s", error.text);
}

void editor_rig_start(struct editor_rig *rig)
{
    editor_rig_init(rig);
    editor_rig_open(rig);
}

void editor_rig_close(struct editor_rig *rig)
{
    editor_free(rig->e);
    watch_check(&rig->watch);
}

void run_script(struct editor_rig *rig, const char *text)
{
    ck_assert(script_run_text(rig->e, text, "script", stderr));
}

void refused(struct editor_rig *rig, const char *line, const char *says)
{
    ck_assert_msg(!editor_command(rig->e, line), "'%s' was done", line);
    ck_assert_msg(strstr(editor_error(rig->e), says) != NULL, "'%s': '%s' does not say '%s'", line,
                  editor_error(rig->e), says);
}

struct image *picture(struct editor_rig *rig)
{
    struct image *flat = render_document(rig->e, rig->e->app->documents);
    ck_assert_ptr_nonnull(flat);
    return flat;
}

uint64_t image_sum(const struct image *image)
{
    uint64_t sum = 0;
    uint32_t run, bits;
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width * CHANNELS; x++) {
            memcpy(&bits, image_at(image, x / CHANNELS, y, &run) + x % CHANNELS, sizeof bits);
            sum = sum * 0x100000001b3u + bits;
        }
    }
    return sum;
}

uint64_t picture_sum(struct editor_rig *rig)
{
    return image_sum(picture(rig));
}
