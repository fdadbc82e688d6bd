/* holders.c - a walk through the editor's objects, breadth first, so that paths are shortest.
 *
 * It is independent of the collector: it knows the roots because they are the editor's, and the fields
 * because its types name them.  What it reaches is held by the program; what it does not reach, and is
 * there all the same, only waits for the collector.  Of the library's own objects it looks into tables:
 * a strong one, which only mistakes make, holds all it has; one with weak keys holds a value for as long
 * as something else holds its key.  Weak references hold nothing. */
#include "hosts/editor/holders.h"

#include "hosts/editor/references.h"

#include <stdlib.h>
#include <string.h>

/* ---- a set of objects ---- */

static size_t *place_of(const struct holders *h, const void *obj)
{
    size_t at = ((uintptr_t)obj >> 4) * 0x9e3779b97f4a7c15u >> 20;
    for (;; at++) {
        size_t *place = &h->place[at & (h->n_places - 1)];
        if (*place == 0 || h->holding[*place - 1].obj == obj)
            return place;
    }
}

static bool grow(struct holders *h)
{
    size_t room = h->room ? 2 * h->room : 256;
    struct holding *holding = realloc(h->holding, room * sizeof *holding);
    size_t *place = calloc(2 * room, sizeof *place);
    if (holding)
        h->holding = holding;
    if (!holding || !place) {
        free(place);
        return false;
    }
    free(h->place);
    h->place = place;
    h->n_places = 2 * room;
    h->room = room;
    for (size_t i = 0; i < h->n; i++)
        *place_of(h, h->holding[i].obj) = i + 1;
    return true;
}

static void reach(struct holders *h, void *obj, size_t by, const char *field)
{
    if (!obj || h->failed)
        return;
    if (h->n == h->room && !grow(h)) {
        h->failed = true;
        return;
    }
    size_t *place = place_of(h, obj);
    if (*place)
        return;
    h->holding[h->n] = (struct holding){obj, by, field};
    *place = ++h->n;
}

size_t holders_number(const struct holders *h, const void *obj)
{
    size_t place = h->n_places ? *place_of(h, obj) : 0;
    return place ? place - 1 : h->n;
}

/* ---- the walk ---- */

struct following {
    struct holders *h;
    size_t by;
};

static void reach_field(void *data, void *obj, const char *field)
{
    const struct following *f = data;
    reach(f->h, obj, f->by, field);
}

/* Reaches the values of a weak table whose keys have been reached. */
static void follow_weak(struct holders *h, struct editor *e, struct besom_table *table,
                        const char *name)
{
    struct besom_cursor cursor = {0};
    void *key, *value;
    while (besom_table_next(e->m, table, &cursor, &key, &value)) {
        size_t number = holders_number(h, key);
        if (number < h->n)
            reach(h, value, number, name);
    }
}

/* Follows everything from number `from` on. */
static void follow_all(struct holders *h, struct editor *e, size_t from)
{
    for (size_t i = from; i < h->n && !h->failed; i++)
        references_each(e, h->holding[i].obj, reach_field, &(struct following){h, i});
}

bool holders_find(struct holders *h, struct editor *e)
{
    *h = (struct holders){0};
    reach(h, e->app, 0, "application");
    for (struct forgotten *f = e->forgotten; f; f = f->next)
        reach(h, besom_handle_get(f->handle), h->n, "the handle 'saving'");
    size_t followed = 0;
    while (followed < h->n && !h->failed) {
        follow_all(h, e, followed);
        followed = h->n;
        follow_weak(h, e, e->app->thumbnails, "(thumbnails)");
        follow_weak(h, e, e->app->filters, "(filters)");
    }
    if (h->failed)
        holders_fini(h);
    return !h->failed;
}

void holders_fini(struct holders *h)
{
    free(h->holding);
    free(h->place);
}

/* ---- paths ---- */

static void describe(struct besom_heap *heap, const void *obj, char *text, size_t n)
{
    const struct besom_type *type = besom_type_of(heap, obj);
    if (type && type->label)
        type->label(obj, text, n);
    else
        snprintf(text, n, "%s", type ? type->name : "?");
}

/* How many of a list come before this one, and in *first the number of the one it begins with. */
static size_t place_in_list(const struct holders *h, struct besom_heap *heap, size_t number,
                            size_t *first)
{
    size_t n = 0;
    *first = number;
    for (;;) {
        const struct holding *holding = &h->holding[*first];
        if (strcmp(holding->field, "next") != 0 ||
            besom_type_of(heap, holding->obj) != besom_type_of(heap, h->holding[holding->by].obj))
            return n;
        *first = holding->by;
        n++;
    }
}

void holders_path(const struct holders *h, struct besom_heap *heap, size_t number, char *text,
                  size_t n)
{
    size_t first, before = place_in_list(h, heap, number, &first), at;
    const struct holding *holding = &h->holding[first];
    if (holding->by == first) {
        snprintf(text, n, "%s", strcmp(holding->field, "application") == 0 ? "" : holding->field);
    } else {
        holders_path(h, heap, holding->by, text, n);
        at = strlen(text);
        snprintf(text + at, n - at, ".%s", holding->field);
    }
    char name[64];
    describe(heap, h->holding[number].obj, name, sizeof name);
    at = strlen(text);
    if (before > 0)
        snprintf(text + at, n - at, " -> %zu others -> %s", before, name);
    else
        snprintf(text + at, n - at, "%s%s", at ? " -> " : "", name);
}
