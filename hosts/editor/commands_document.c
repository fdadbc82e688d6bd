/* commands_document.c - commands for whole documents. */
#include "hosts/editor/commands.h"

#include "hosts/editor/document.h"
#include "hosts/editor/history.h"
#include "hosts/editor/png.h"
#include "hosts/editor/render.h"
#include "hosts/editor/words.h"

#include <stdlib.h>

static bool is_free(struct editor *e, const char *name)
{
    if (!word_name(e, name))
        return false;
    return !document_named(e, name) ||
           editor_fail(e, "a document '%s' is open already: close it, or take another name", name);
}

static bool do_new(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct image * image;);
    uint32_t width, height;
    (void)n;
    if (!is_free(e, word[1]) || !word_whole(e, word[2], "the width", 1, MAX_SIDE, &width) ||
        !word_whole(e, word[3], "the height", 1, MAX_SIDE, &height))
        return false;
    my->image = image_new(e, e->opened + 1, width, height);
    return my->image && document_open(e, word[1], my->image);
}

static bool do_open(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct image * image;);
    (void)n;
    if (!is_free(e, word[1]))
        return false;
    my->image = png_load(e, word[2], e->opened + 1);
    return my->image && document_open(e, word[1], my->image);
}

/* The document named, or the one in use. */
static struct document *named(struct editor *e, int n, char **word)
{
    if (n == 1)
        return command_document(e);
    struct document *document = document_named(e, word[1]);
    if (!document)
        editor_fail(e, "no document '%s' is open: list shows those that are", word[1]);
    return document;
}

static bool do_use(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct document * document;);
    my->document = named(e, n, word);
    return my->document && document_use(e, my->document);
}

static bool do_close(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct document * document;);
    my->document = named(e, n, word);
    if (!my->document)
        return false;
    document_close(e, my->document);
    return true;
}

/* A handle keeps the document while it is being saved, whoever closes it meanwhile. */
static bool forget(struct editor *e, struct besom_handle *handle)
{
    struct forgotten *forgotten = malloc(sizeof *forgotten);
    if (!forgotten)
        return editor_fail(e, "no memory");
    *forgotten = (struct forgotten){e->forgotten, handle};
    e->forgotten = forgotten;
    return true;
}

static bool do_save(struct editor *e, int n, char **word)
{
    BESOM_LOCALS(e->m, struct image * flat;);
    (void)n;
    struct document *document = command_document(e);
    if (!document)
        return false;
    struct besom_handle *handle = besom_handle_new(e->m, document, "saving");
    if (!handle)
        return editor_fail(e, "no memory to save '%s'", document->name);
    my->flat = render_document(e, document);
    bool saved = my->flat && png_save(e, my->flat, word[1]);
    image_release(e, my->flat);
    if (saved && e->config.mistake == EDITOR_HANDLE)
        return forget(e, handle);
    besom_handle_free(handle);
    return saved;
}

/* Does it as often as the second word says, or once. */
static bool do_steps(struct editor *e, int n, char **word,
                     bool (*step)(struct editor *e, struct document *document))
{
    uint32_t times = 1;
    struct document *document = command_document(e);
    if (!document ||
        (n == 2 && !word_whole(e, word[1], "the number of steps", 1, MAX_STEPS, &times)))
        return false;
    if (!step(e, document))
        return false;
    while (--times > 0 && step(e, document))
        continue;
    return true;
}

static bool do_undo(struct editor *e, int n, char **word)
{
    return do_steps(e, n, word, history_undo);
}

static bool do_redo(struct editor *e, int n, char **word)
{
    return do_steps(e, n, word, history_redo);
}

const struct command commands_document[] = {
    {"new", "NAME WIDTH HEIGHT", "a document with a transparent layer 'background'", 3, 3, do_new},
    {"open", "NAME FILE", "a document from a PNG file", 2, 2, do_open},
    {"use", "NAME", "goes on with another open document", 1, 1, do_use},
    {"save", "FILE", "what the document looks like, as a PNG file", 1, 1, do_save},
    {"undo", "[N]", "takes back the last edits, one or N", 0, 1, do_undo},
    {"redo", "[N]", "makes them again", 0, 1, do_redo},
    {"close", "[NAME]", "closes the document in use, or another", 0, 1, do_close},
    {NULL, NULL, NULL, 0, 0, NULL},
};
