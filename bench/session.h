/* session.h - the objects of the workloads about retained garbage.
 *
 * A session has a cache, a list of chunks; some have a key, which a weak map has an entry for, with a
 * value that refers back to the key; and some a resource, which is registered for a finalizer and has
 * a payload. */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include "bench/tracked.h"
#include "bench/weak.h"

struct chunk {
    const void *type;
    struct chunk *next;
    uint64_t words[];
};

/* The value's address as no collector understands it: the shadow trace asks for it. */
struct key {
    const void *type;
    uint64_t hidden;
};

struct value {
    const void *type;
    struct key *key;
    uint64_t words[6];
};

struct payload {
    const void *type;
    uint64_t words[31];
};

struct resource {
    const void *type;
    struct payload *payload;
    uint64_t number, unused;
};

struct session {
    const void *type;
    struct chunk *cache;
    struct key *key;
    struct resource *resource;
    uint64_t number, unused;
};

extern const struct mem_type chunk_type, session_type;
enum { SESSION_TYPES = 6 };
extern const struct mem_type *const session_types[SESSION_TYPES];

/* What a session is made of. */
struct session_parts {
    unsigned chunks;
    size_t chunk_bytes; /* of the first, a multiple of 16; each further one is 16 larger */
    bool has_value, has_resource;
};

/* Makes a session in a root, with all that belongs to it, and tells the instrument.  Polls. */
struct session *session_new(struct tracked *t, void **root, struct weak_map *map, uint64_t number,
                            const struct session_parts *parts);

/* Tells that the session, and all that belongs to it, is used, or done with. */
void session_used(struct tracked *t, struct session *session);
void session_done(struct tracked *t, struct session *session);

/* The bytes of a session of those parts. */
uint64_t session_bytes(const struct session_parts *parts);

/* For retention_program: what an object of these types refers to. */
void session_edges(struct retention *r, void *data, void *obj);

#endif
