/* commands_look.c - commands that look: thumbnails, lists, figures; and the collector's. */
#include "hosts/editor/commands.h"

#include "hosts/editor/document.h"
#include "hosts/editor/png.h"
#include "hosts/editor/task.h"

#include <inttypes.h>

static bool save_thumbnail(struct editor *e, struct layer *layer, const char *path)
{
    BESOM_LOCALS(e->m, struct thumbnail * thumbnail;);
    task_wait(e);
    my->thumbnail = besom_table_get(e->m, e->app->thumbnails, layer);
    if (!my->thumbnail)
        return editor_fail(e, "no memory for the thumbnail of '%s'", layer->name);
    return png_save(e, my->thumbnail->image, path);
}

static bool do_thumbnail(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct layer * layer;);
    my->layer = layer_selected(e);
    if (!my->layer || !task_queue(e, my->layer))
        return false;
    return n == 1 || save_thumbnail(e, my->layer, word[1]);
}

static bool do_wait(struct editor *e, int n, char **word)
{
    (void)n, (void)word;
    task_wait(e);
    return true;
}

static bool do_gc(struct editor *e, int n, char **word)
{
    (void)n, (void)word;
    besom_collect(e->m, BESOM_FULL);
    return true;
}

static void list_document(const struct document *document, FILE *out)
{
    fprintf(out, "'%s', %u x %u:", document->name, document->width, document->height);
    for (uint64_t i = 0; i < document->stack->n; i++) {
        const struct layer *layer = document->stack->layer[i];
        fprintf(out, " '%s'%s%s", layer->name, layer->filters ? " filtered" : "",
                layer->styles ? " styled" : "");
    }
    fprintf(out, "\n");
}

static bool do_list(struct editor *e, int n, char **word)
{
    (void)n, (void)word;
    for (struct document *d = e->app->documents; d && e->config.out; d = d->next)
        list_document(d, e->config.out);
    return true;
}

static bool do_stats(struct editor *e, int n, char **word)
{
    struct besom_stats stats;
    (void)n, (void)word;
    besom_stats(e->heap, &stats);
    if (e->config.out)
        fprintf(e->config.out,
                "documents: %" PRIu64 " opened, %" PRIu64 " closed; thumbnails: %zu; filters: %zu; "
                "pixels: %zu bytes; heap: %zu bytes used, %" PRIu64 " cycles\n",
                e->opened, e->closed, besom_table_count(e->app->thumbnails),
                besom_table_count(e->app->filters), editor_pixel_bytes(e), stats.used_bytes,
                stats.cycles);
    return true;
}

static bool do_report(struct editor *e, int n, char **word)
{
    (void)n, (void)word;
    return !e->config.out || editor_report(e, e->config.out);
}

const struct command commands_look[] = {
    {"thumbnail", "[FILE]", "of the layer, made in the background; with FILE: waits, and writes it",
     0, 1, do_thumbnail},
    {"wait", "", "until nothing is made in the background", 0, 0, do_wait},
    {"list", "", "the open documents and their layers", 0, 0, do_list},
    {"stats", "", "a line of figures", 0, 0, do_stats},
    {"report", "", "what is left of closed documents after a full collection, and who holds it", 0,
     0, do_report},
    {"gc", "", "a full collection", 0, 0, do_gc},
    {NULL, NULL, NULL, 0, 0, NULL},
};
