/* history.c - undo and redo.
 *
 * A step has what there was before an edit: the stack of layers, and the image, filters and styles of
 * one layer.  Undoing exchanges it with what there is; so the same step, now among those undone,
 * redoes. */
#include "hosts/editor/history.h"

#include "hosts/editor/document.h"

struct history *history_new(struct editor *e, uint64_t document)
{
    return editor_make(e, &history_type, sizeof(struct history), document);
}

struct step *history_remember(struct editor *e, struct document *document, struct layer *layer,
                              const char *what)
{
    struct step *step = editor_make(e, &step_type, sizeof *step, document->item.document);
    if (!step)
        return NULL;
    step->what = what;
    SET(e, step, document, document);
    SET(e, step, stack, document->stack);
    if (layer) {
        step->blend = layer->blend;
        step->opacity = layer->opacity;
        SET(e, step, layer, layer);
        SET(e, step, image, layer->image);
        SET(e, step, filters, layer->filters);
        SET(e, step, styles, layer->styles);
    }
    return step;
}

/* Cuts a list after MAX_STEPS steps of the document. */
static void forget_oldest(struct editor *e, struct history *history,
                          const struct document *document)
{
    struct step *step = history->done;
    for (int n = 0; step; step = step->next) {
        if (step->document == document && ++n == MAX_STEPS)
            SET(e, step, next, NULL);
    }
}

void history_push(struct editor *e, struct document *document, struct step *step)
{
    struct history *history = document->history;
    SET(e, step, next, history->done);
    SET(e, history, done, step);
    SET(e, history, undone, NULL);
    if (history != e->app->history)
        forget_oldest(e, history, document);
    document_changed(e, document);
}

/* The first step of the document in the list that begins at *slot, a field of `owner`, taken out. */
static struct step *take(struct editor *e, void *owner, struct step **slot,
                         const struct document *document)
{
    while (*slot && (*slot)->document != document) {
        owner = *slot;
        slot = &(*slot)->next;
    }
    struct step *step = *slot;
    if (step)
        besom_set(e->m, owner, slot, step->next);
    return step;
}

static void exchange_layer(struct editor *e, struct step *step, struct layer *layer)
{
    struct step was = *step;
    layer_hide(e, layer);
    step->blend = layer->blend;
    step->opacity = layer->opacity;
    SET(e, step, image, layer->image);
    SET(e, step, filters, layer->filters);
    SET(e, step, styles, layer->styles);
    layer->blend = was.blend;
    layer->opacity = was.opacity;
    SET(e, layer, image, was.image);
    SET(e, layer, filters, was.filters);
    SET(e, layer, styles, was.styles);
}

static void exchange(struct editor *e, struct step *step, struct document *document)
{
    struct stack *stack = step->stack;
    SET(e, step, stack, document->stack);
    SET(e, document, stack, stack);
    if (step->layer)
        exchange_layer(e, step, step->layer);
    document_changed(e, document);
}

bool history_undo(struct editor *e, struct document *document)
{
    struct history *history = document->history;
    struct step *step = take(e, history, &history->done, document);
    if (!step)
        return editor_fail(e, "there is nothing to undo in '%s'", document->name);
    exchange(e, step, document);
    SET(e, step, next, history->undone);
    SET(e, history, undone, step);
    return true;
}

bool history_redo(struct editor *e, struct document *document)
{
    struct history *history = document->history;
    struct step *step = take(e, history, &history->undone, document);
    if (!step)
        return editor_fail(e, "there is nothing to redo in '%s'", document->name);
    exchange(e, step, document);
    SET(e, step, next, history->done);
    SET(e, history, done, step);
    return true;
}
