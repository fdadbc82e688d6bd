/* session.c - the objects of the workloads about retained garbage. */
#include "bench/session.h"

enum { CHUNK, KEY, VALUE, PAYLOAD, RESOURCE, SESSION };

static const struct besom_field chunk_fields[] = {{"next", offsetof(struct chunk, next)}};
static const struct besom_field value_fields[] = {{"key", offsetof(struct value, key)}};
static const struct besom_field resource_fields[] = {
    {"payload", offsetof(struct resource, payload)}};
static const struct besom_field session_fields[] = {
    {"cache", offsetof(struct session, cache)},
    {"key", offsetof(struct session, key)},
    {"resource", offsetof(struct session, resource)},
};

const struct mem_type chunk_type = {
    .layout = {.name = "chunk",
               .size_bytes = sizeof(struct chunk),
               .fields = chunk_fields,
               .n_fields = 1},
    .index = CHUNK,
};
static const struct mem_type key_type = {
    .layout = {.name = "key", .size_bytes = sizeof(struct key), .flags = BESOM_LEAF},
    .index = KEY,
};
static const struct mem_type value_type = {
    .layout = {.name = "value",
               .size_bytes = sizeof(struct value),
               .fields = value_fields,
               .n_fields = 1},
    .index = VALUE,
};
static const struct mem_type payload_type = {
    .layout = {.name = "payload", .size_bytes = sizeof(struct payload), .flags = BESOM_LEAF},
    .index = PAYLOAD,
};
static const struct mem_type resource_type = {
    .layout = {.name = "resource",
               .size_bytes = sizeof(struct resource),
               .fields = resource_fields,
               .n_fields = 1},
    .index = RESOURCE,
};
const struct mem_type session_type = {
    .layout = {.name = "session",
               .size_bytes = sizeof(struct session),
               .fields = session_fields,
               .n_fields = 3},
    .index = SESSION,
};
const struct mem_type *const session_types[SESSION_TYPES] = {
    &chunk_type, &key_type, &value_type, &payload_type, &resource_type, &session_type,
};

/* ---- making ---- */

static size_t chunk_bytes(const struct session_parts *parts, unsigned i)
{
    return parts->chunk_bytes + 16 * (size_t)i;
}

static void add_cache(struct tracked *t, struct session *session, const struct session_parts *parts)
{
    for (unsigned i = 0; i < parts->chunks; i++) {
        mem_poll(t->m);
        const size_t bytes = chunk_bytes(parts, i);
        struct chunk *chunk = mem_new_sized(t->m, &chunk_type, bytes);
        chunk->next = session->cache;
        for (size_t word = 0; word < (bytes - sizeof *chunk) / sizeof(uint64_t); word++)
            chunk->words[word] = i;
        mem_store(t->m, session, &session->cache, chunk);
        tracked_born(t, chunk, bytes);
    }
}

static void add_value(struct tracked *t, struct session *session, struct weak_map *map)
{
    struct key *key = mem_new(t->m, &key_type);
    key->hidden = 0;
    mem_store(t->m, session, &session->key, key);
    tracked_born(t, key, sizeof *key);
    struct value *value = mem_new(t->m, &value_type);
    value->key = key;
    for (size_t i = 0; i < sizeof value->words / sizeof value->words[0]; i++)
        value->words[i] = i;
    tracked_born(t, value, sizeof *value);
    weak_map_put(t->m, map, key, value);
    key->hidden = ~(uint64_t)(uintptr_t)value;
}

static void add_resource(struct tracked *t, struct session *session)
{
    struct resource *resource = mem_new(t->m, &resource_type);
    resource->payload = NULL;
    resource->number = session->number;
    resource->unused = 0;
    mem_store(t->m, session, &session->resource, resource);
    tracked_born(t, resource, sizeof *resource);
    struct payload *payload = mem_new(t->m, &payload_type);
    for (size_t i = 0; i < sizeof payload->words / sizeof payload->words[0]; i++)
        payload->words[i] = i;
    mem_store(t->m, resource, &resource->payload, payload);
    tracked_born(t, payload, sizeof *payload);
    weak_finalizer_add(t->m, resource);
}

struct session *session_new(struct tracked *t, void **root, struct weak_map *map, uint64_t number,
                            const struct session_parts *parts)
{
    struct session *session = mem_new(t->m, &session_type);
    session->cache = NULL;
    session->key = NULL;
    session->resource = NULL;
    session->number = number;
    session->unused = 0;
    *root = session;
    tracked_born(t, session, sizeof *session);
    add_cache(t, session, parts);
    if (parts->has_value)
        add_value(t, session, map);
    if (parts->has_resource)
        add_resource(t, session);
    return session;
}

uint64_t session_bytes(const struct session_parts *parts)
{
    uint64_t bytes = sizeof(struct session);
    for (unsigned i = 0; i < parts->chunks; i++)
        bytes += chunk_bytes(parts, i);
    if (parts->has_value)
        bytes += sizeof(struct key) + sizeof(struct value);
    if (parts->has_resource)
        bytes += sizeof(struct resource) + sizeof(struct payload);
    return bytes;
}

/* ---- telling ---- */

static struct value *value_of(const struct key *key)
{
    return key->hidden ? (struct value *)(uintptr_t)~key->hidden : NULL;
}

/* Tells the same of everything that belongs to a session. */
static void tell(struct tracked *t, struct session *session,
                 void (*that)(struct retention *r, void *obj))
{
    struct retention *r = &t->retention;
    that(r, session);
    for (struct chunk *chunk = session->cache; chunk; chunk = chunk->next)
        that(r, chunk);
    if (session->key) {
        that(r, session->key);
        that(r, value_of(session->key));
    }
    if (session->resource) {
        that(r, session->resource);
        that(r, session->resource->payload);
    }
}

void session_used(struct tracked *t, struct session *session)
{
    tell(t, session, retention_used);
}

void session_done(struct tracked *t, struct session *session)
{
    tell(t, session, retention_done);
}

void session_edges(struct retention *r, void *data, void *obj)
{
    (void)data;
    const void *type = *(const void *const *)obj;
    if (type == &chunk_type.layout) {
        retention_visit(r, ((struct chunk *)obj)->next);
    } else if (type == &key_type.layout) {
        retention_visit(r, value_of(obj));
    } else if (type == &value_type.layout) {
        retention_visit(r, ((struct value *)obj)->key);
    } else if (type == &resource_type.layout) {
        retention_visit(r, ((struct resource *)obj)->payload);
    } else if (type == &session_type.layout) {
        struct session *session = obj;
        retention_visit(r, session->cache);
        retention_visit(r, session->key);
        retention_visit(r, session->resource);
    }
}
