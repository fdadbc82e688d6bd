/* holders.h - who refers to whom, by the editor's own account: from its roots along the fields that
 * its types name. */
#ifndef EDITOR_HOLDERS_H
#define EDITOR_HOLDERS_H

#include "hosts/editor/objects.h"

/* An object that was reached, from which other and by which of its fields. */
struct holding {
    void *obj;
    size_t by;         /* the number of the one that refers to it; itself: a root */
    const char *field; /* of that one, or the root's name */
};

struct holders {
    struct holding *holding; /* in the order of their distance from the roots */
    size_t n, room;
    size_t *place; /* a hash table of numbers + 1, twice as large as `room` at least */
    size_t n_places;
    bool failed;
};

/* Follows every strong reference from the application and from `handle`, which may be NULL.  Between
 * safepoints, while the threads are at rest.  False: no memory. */
bool holders_find(struct holders *h, struct editor *e);
void holders_fini(struct holders *h);

/* The number of an object; h->n: it was not reached. */
size_t holders_number(const struct holders *h, const void *obj);

/* "application.listeners -> listener.document -> document 'a'", cut to n characters. */
void holders_path(const struct holders *h, struct besom_heap *heap, size_t number, char *text,
                  size_t n);

#endif
