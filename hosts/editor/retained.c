/* retained.c - what is in memory of documents that were closed, how much, and who holds it. */
#include "hosts/editor/holders.h"
#include "hosts/editor/image.h"
#include "hosts/editor/task.h"

#include <stdlib.h>

struct left {
    void *obj;
    size_t bytes, pixel_bytes;
    enum editor_kind kind;
};

struct counting {
    struct editor *e;
    enum editor_kind kind;
    struct left *left;
    size_t n, room;
    bool failed;
};

static bool is_closed(const struct editor *e, uint64_t document)
{
    if (document == 0 || document > e->opened)
        return false;
    const struct document *d = e->app->documents;
    while (d && d->item.document != document)
        d = d->next;
    return !d;
}

static bool count_one(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    struct counting *c = data;
    const struct tile *tile = obj;
    (void)type;
    if (!is_closed(c->e, tile->item.document))
        return true;
    if (c->n == c->room) {
        size_t room = c->room ? 2 * c->room : 256;
        struct left *left = realloc(c->left, room * sizeof *left);
        c->failed = !left;
        if (!left)
            return false;
        c->left = left;
        c->room = room;
    }
    size_t pixel_bytes = c->kind == EDITOR_TILE && tile->pixels ? tile_bytes(tile) : 0;
    c->left[c->n++] = (struct left){obj, bytes, pixel_bytes, c->kind};
    return true;
}

/* Every object of a closed document; false: no memory. */
static bool list_left(struct editor *e, struct counting *c)
{
    *c = (struct counting){.e = e};
    for (int kind = 0; kind < EDITOR_KINDS; kind++) {
        c->kind = (enum editor_kind)kind;
        besom_each(e->m, editor_types[kind], count_one, c);
    }
    return !c->failed;
}

static void add_up(const struct counting *c, const struct holders *h, struct editor_retained *out)
{
    *out = (struct editor_retained){.closed = c->e->closed};
    for (size_t i = 0; i < c->n; i++) {
        const struct left *left = &c->left[i];
        size_t bytes = left->bytes + left->pixel_bytes;
        out->objects[left->kind]++;
        out->bytes[left->kind] += left->bytes;
        out->pixel_bytes += left->pixel_bytes;
        if (holders_number(h, left->obj) < h->n)
            out->logical_bytes += bytes;
        else
            out->other_bytes += bytes;
    }
}

void editor_each_left(struct editor *e, editor_object_fn fn, void *data)
{
    struct counting c;
    if (list_left(e, &c)) {
        for (size_t i = 0; i < c.n; i++)
            fn(data, c.left[i].obj);
    }
    free(c.left);
}

bool editor_count_retained(struct editor *e, struct editor_retained *out)
{
    struct counting c;
    struct holders h;
    bool counted = list_left(e, &c) && holders_find(&h, e);
    if (counted) {
        add_up(&c, &h, out);
        holders_fini(&h);
    }
    free(c.left);
    return counted;
}

/* ---- the report ---- */

static void print_kinds(const struct editor_retained *r, FILE *out)
{
    for (int kind = 0; kind < EDITOR_KINDS; kind++) {
        if (r->objects[kind])
            fprintf(out, "  %-10s %6zu objects, %zu bytes\n",
                    editor_kind_name((enum editor_kind)kind), r->objects[kind], r->bytes[kind]);
    }
    fprintf(out, "  pixels     %zu bytes\n", r->pixel_bytes);
}

/* For each document, by its number, the document itself if it was reached, or the first that was of
 * what is left of it; h->n: nothing was.  NULL: no memory. */
static size_t *first_reached(const struct counting *c, const struct holders *h)
{
    size_t *first = malloc((c->e->opened + 1) * sizeof *first);
    for (uint64_t i = 0; first && i <= c->e->opened; i++)
        first[i] = h->n;
    /* Documents are listed first, so that they come last here. */
    for (size_t i = c->n; first && i-- > 0;) {
        const struct item *item = c->left[i].obj;
        size_t number = holders_number(h, item);
        if (number < h->n && (number < first[item->document] || c->left[i].kind == EDITOR_DOCUMENT))
            first[item->document] = number;
    }
    return first;
}

/* For each document, the oldest first, the shortest of the paths to what is left of it. */
static void print_paths(const struct counting *c, const struct holders *h, FILE *out)
{
    enum { MOST = 5 };
    size_t printed = 0;
    char path[400];
    size_t *first = first_reached(c, h);
    for (uint64_t i = 1; first && i <= c->e->opened; i++) {
        if (first[i] == h->n || ++printed > MOST)
            continue;
        holders_path(h, c->e->heap, first[i], path, sizeof path);
        fprintf(out, "  %s\n", path);
    }
    if (printed > MOST)
        fprintf(out, "  and %zu more documents\n", printed - MOST);
    free(first);
}

static void print_report(const struct counting *c, const struct holders *h, FILE *out)
{
    struct editor_retained r;
    add_up(c, h, &r);
    if (c->n == 0) {
        fprintf(out, "retained: nothing of %zu closed documents\n", r.closed);
        return;
    }
    fprintf(out, "retained: %zu bytes of %zu closed documents\n", r.logical_bytes + r.other_bytes,
            r.closed);
    print_kinds(&r, out);
    fprintf(out, "logical retention (the editor itself refers to it): %zu bytes\n",
            r.logical_bytes);
    fprintf(out, "not reachable (the collector has it still): %zu bytes\n", r.other_bytes);
    if (r.logical_bytes)
        fprintf(out, "held by\n");
    print_paths(c, h, out);
}

bool editor_report(struct editor *e, FILE *out)
{
    struct counting c;
    struct holders h;
    task_wait(e);
    besom_collect(e->m, BESOM_FULL);
    bool found = list_left(e, &c) && holders_find(&h, e);
    if (found) {
        print_report(&c, &h, out);
        holders_fini(&h);
    } else {
        editor_fail(e, "no memory for the report");
    }
    free(c.left);
    return found;
}
