/* document.c - documents and their layers.
 *
 * Closing a document is where an editor leaks.  Whoever outlives documents and refers to one has to
 * let go here, or refer weakly; besides, the pixels are released at once, because the user has said
 * that it is over, and a few words of objects can wait for the next cycle where 256 MB cannot. */
#include "hosts/editor/document.h"

#include "hosts/editor/history.h"
#include "hosts/editor/task.h"

#include <string.h>

static void copy_name(char *to, const char *name)
{
    snprintf(to, NAME_CHARS, "%s", name);
}

/* ---- layers ---- */

static struct layer *layer_new(struct editor *e, struct document *document, const char *name,
                               struct image *image)
{
    struct layer *layer = editor_make(e, &layer_type, sizeof *layer, document->item.document);
    if (layer) {
        copy_name(layer->name, name);
        layer->opacity = 1;
        SET(e, layer, document, document);
        SET(e, layer, image, image);
    }
    return layer;
}

/* The layers of `from` (NULL: none) without `without`, and then `with`, each of which may be NULL. */
static struct stack *stack_new(struct editor *e, uint64_t document, struct stack *from,
                               struct layer *with, const struct layer *without)
{
    uint64_t n = (from ? from->n : 0) + (with ? 1 : 0) - (without ? 1 : 0);
    struct stack *stack =
        editor_make(e, &stack_type, sizeof *stack + n * sizeof stack->layer[0], document);
    if (!stack)
        return NULL;
    stack->n = n;
    uint64_t at = 0;
    for (uint64_t i = 0; from && i < from->n; i++) {
        if (from->layer[i] != without)
            SET(e, stack, layer[at++], from->layer[i]);
    }
    if (with)
        SET(e, stack, layer[at], with);
    return stack;
}

static struct besom_weak *selection_of(struct editor *e, struct layer *layer)
{
    struct besom_weak *weak = besom_weak_new(e->m, BESOM_WEAK_SHORT, layer);
    if (!weak)
        editor_fail(e, "no memory to select a layer");
    return weak;
}

bool layer_select(struct editor *e, struct layer *layer)
{
    struct besom_weak *weak = selection_of(e, layer);
    if (weak)
        SET(e, e->app, selected, weak);
    return weak != NULL;
}

struct layer *layer_selected(struct editor *e)
{
    struct document *document = e->app->documents;
    if (!document) {
        editor_fail(e, "no document is open: say new or open first");
        return NULL;
    }
    struct layer *layer = besom_weak_get(e->m, e->app->selected);
    if (!layer || layer->document != document || layer_named(document, layer->name) != layer) {
        editor_fail(e, "no layer of '%s' is selected: say select or layer first", document->name);
        return NULL;
    }
    return layer;
}

struct layer *layer_named(const struct document *document, const char *name)
{
    for (uint64_t i = 0; i < document->stack->n; i++) {
        if (strcmp(document->stack->layer[i]->name, name) == 0)
            return document->stack->layer[i];
    }
    return NULL;
}

/* Gives the document another stack, so that it can be undone, and selects a layer of it. */
static bool restack(struct editor *e, struct document *document, struct stack *stack,
                    struct layer *select, const char *what)
{
    BESOM_LOCALS(e->m, struct stack * stack; struct step * step; struct besom_weak * selected;);
    my->stack = stack;
    my->selected = selection_of(e, select);
    if (my->selected)
        my->step = history_remember(e, document, NULL, what);
    if (!my->step)
        return false;
    SET(e, e->app, selected, my->selected);
    SET(e, document, stack, my->stack);
    history_push(e, document, my->step);
    return true;
}

bool layer_add(struct editor *e, struct document *document, const char *name, struct image *image)
{
    BESOM_LOCALS(e->m, struct layer * layer;);
    my->layer = layer_new(e, document, name, image);
    if (!my->layer)
        return false;
    struct stack *stack = stack_new(e, document->item.document, document->stack, my->layer, NULL);
    return stack && restack(e, document, stack, my->layer, "layer");
}

bool layer_remove(struct editor *e, struct document *document, struct layer *layer)
{
    if (document->stack->n == 1)
        return editor_fail(e, "'%s' is the only layer of '%s'", layer->name, document->name);
    struct stack *stack = stack_new(e, document->item.document, document->stack, NULL, layer);
    return stack && restack(e, document, stack, stack->layer[stack->n - 1], "remove");
}

void layer_hide(struct editor *e, struct layer *layer)
{
    if (layer->shown != layer->image)
        image_release(e, layer->shown);
    SET(e, layer, shown, NULL);
}

/* ---- opening and finding ---- */

struct document *document_named(struct editor *e, const char *name)
{
    struct document *document = e->app->documents;
    while (document && strcmp(document->name, name) != 0)
        document = document->next;
    return document;
}

/* The field that refers to the document, and in *owner the object that has it. */
static struct document **reference_to(struct editor *e, const struct document *document,
                                      void **owner)
{
    struct document **slot = &e->app->documents;
    *owner = e->app;
    while (*slot != document) {
        *owner = *slot;
        slot = &(*slot)->next;
    }
    return slot;
}

static void unlink_document(struct editor *e, struct document *document)
{
    void *owner;
    struct document **slot = reference_to(e, document, &owner);
    besom_set(e->m, owner, slot, document->next);
    SET(e, document, next, NULL);
}

bool document_use(struct editor *e, struct document *document)
{
    if (!layer_select(e, document->stack->layer[document->stack->n - 1]))
        return false;
    unlink_document(e, document);
    SET(e, document, next, e->app->documents);
    SET(e, e->app, documents, document);
    return true;
}

/* All that a document consists of, but for the image. */
static struct document *document_new(struct editor *e, const char *name, struct image *image)
{
    BESOM_LOCALS(e->m, struct document * document; struct layer * layer; struct history * history;);
    uint64_t number = image->item.document;
    my->document = editor_make(e, &document_type, sizeof *my->document, number);
    if (!my->document)
        return NULL;
    copy_name(my->document->name, name);
    my->document->width = image->width;
    my->document->height = image->height;
    my->history = e->app->history ? e->app->history : history_new(e, number);
    my->layer = layer_new(e, my->document, "background", image);
    if (!my->history || !my->layer)
        return NULL;
    struct stack *stack = stack_new(e, number, NULL, my->layer, NULL);
    if (!stack)
        return NULL;
    SET(e, my->document, history, my->history);
    SET(e, my->document, stack, stack);
    return my->document;
}

bool document_open(struct editor *e, const char *name, struct image *image)
{
    BESOM_LOCALS(e->m, struct document * document; struct listener * listener;);
    my->document = document_new(e, name, image);
    if (!my->document)
        return false;
    my->listener = editor_make(e, &listener_type, sizeof *my->listener, image->item.document);
    if (!my->listener || !layer_select(e, my->document->stack->layer[0]))
        return false;
    SET(e, my->listener, document, my->document);
    SET(e, my->listener, next, e->app->listeners);
    SET(e, e->app, listeners, my->listener);
    SET(e, my->document, next, e->app->documents);
    SET(e, e->app, documents, my->document);
    e->opened++;
    return true;
}

void document_changed(struct editor *e, const struct document *document)
{
    for (struct listener *l = e->app->listeners; l; l = l->next) {
        if (l->document == document)
            l->redrawn++;
    }
}

/* ---- closing ---- */

static void unlisten(struct editor *e, const struct document *document)
{
    void *owner = e->app;
    struct listener **slot = &e->app->listeners;
    while (*slot && (*slot)->document != document) {
        owner = *slot;
        slot = &(*slot)->next;
    }
    if (*slot)
        besom_set(e->m, owner, slot, (*slot)->next);
}

void document_close(struct editor *e, struct document *document)
{
    task_cancel(e, document->item.document);
    if (e->config.mistake != EDITOR_OBSERVER)
        unlisten(e, document);
    unlink_document(e, document);
    if (!e->config.late)
        image_release_all(e, document->item.document);
    e->closed++;
    if (e->app->documents)
        document_use(e, e->app->documents);
}
