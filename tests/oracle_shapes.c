/* oracle_shapes.c - see oracle_shapes.h. */
#include "oracle_shapes.h"

#include <stdlib.h>
#include <string.h>

struct record { uint64_t header, id, sum, refs[2]; };
struct blob_body { uint64_t header, id, sum, words[]; };
struct array { uint64_t header, id, sum, length, refs[]; };
struct row { uint64_t left, datum, right; };
struct table { uint64_t header, id, sum; uint16_t pad, length, more[2]; struct row rows[]; };
struct filled { uint64_t header, id, sum, refs[]; };
struct triple { uint64_t id, sum, refs[3]; };
struct traced { uint64_t header, id, sum, length, refs[]; };
struct charged { uint64_t header, id, sum, charge, refs[2]; };
struct charged_triple { uint64_t id, sum, charge, refs[2]; };

static void trace(struct besom_tracer *tracer, void *obj);
static void destroy(struct besom_heap *heap, void *obj);

#define FIELD(type, member) {#member, offsetof(struct type, member)}
static const struct besom_field record_fields[] = {FIELD(record, refs[0]), FIELD(record, refs[1])};
static const struct besom_field only_field[] = {{"item", 0}};
static const struct besom_field row_fields[] = {FIELD(row, left), FIELD(row, right)};
static const struct besom_field pair_fields[] = {FIELD(pair, head), FIELD(pair, tail)};
static const struct besom_field triple_fields[] = {
    FIELD(triple, refs[0]), FIELD(triple, refs[1]), FIELD(triple, refs[2])};
static const struct besom_field charged_fields[] = {
    FIELD(charged, refs[0]), FIELD(charged, refs[1])};
static const struct besom_field charged_triple_fields[] = {
    FIELD(charged_triple, refs[0]), FIELD(charged_triple, refs[1])};

#define HEADED(body) .has_id = true, .id_offset = offsetof(struct body, id)
#define ARRAY_TAIL(body, member)                                                                  \
    .tail = {.offset_bytes = offsetof(struct body, member), .stride_bytes = 8,                    \
             .length_offset_bytes = offsetof(struct body, length), .length_width_bytes = 8,       \
             .fields = only_field, .n_fields = 1}

const struct oracle_shape oracle_shapes[SHAPES] = {
    [SHAPE_RECORD] = {.type = {.name = "record", .size_bytes = sizeof(struct record),
                               .fields = record_fields, .n_fields = 2},
                      HEADED(record), .slots_offset = offsetof(struct record, refs),
                      .stride_bytes = 8, .slots_min = 2, .slots_max = 2},
    [SHAPE_BLOB] = {.type = {.name = "blob", .size_bytes = sizeof(struct blob_body),
                             .flags = BESOM_LEAF},
                    HEADED(blob_body), .slots_offset = offsetof(struct blob_body, words),
                    .stride_bytes = 8},
    [SHAPE_VECTOR] = {.type = {.name = "vector", .size_bytes = sizeof(struct array),
                               ARRAY_TAIL(array, refs)},
                      HEADED(array), .slots_offset = offsetof(struct array, refs),
                      .stride_bytes = 8, .slots_max = MODEL_SLOTS_MAX, .is_array = true},
    [SHAPE_TABLE] = {.type = {.name = "table", .size_bytes = sizeof(struct table),
                              .tail = {.offset_bytes = offsetof(struct table, rows),
                                       .stride_bytes = sizeof(struct row),
                                       .length_offset_bytes = offsetof(struct table, length),
                                       .length_width_bytes = 2,
                                       .fields = row_fields, .n_fields = 2}},
                     HEADED(table), .slots_offset = offsetof(struct table, rows),
                     .stride_bytes = sizeof(struct row), .slots_max = MODEL_SLOTS_MAX,
                     .is_array = true},
    [SHAPE_FILLED] = {.type = {.name = "filled", .size_bytes = sizeof(struct filled),
                               .tail = {.offset_bytes = offsetof(struct filled, refs),
                                        .stride_bytes = 8, .fields = only_field, .n_fields = 1}},
                      HEADED(filled), .slots_offset = offsetof(struct filled, refs),
                      .stride_bytes = 8, .slots_max = MODEL_SLOTS_MAX, .is_array = true},
    [SHAPE_PAIR] = {.type = {.name = "pair", .size_bytes = sizeof(struct pair),
                             .flags = BESOM_OWN_BLOCKS, .fields = pair_fields, .n_fields = 2},
                    .stride_bytes = 8, .slots_min = 2, .slots_max = 2},
    [SHAPE_TRIPLE] = {.type = {.name = "triple", .size_bytes = sizeof(struct triple),
                               .flags = BESOM_OWN_BLOCKS, .fields = triple_fields,
                               .n_fields = 3},
                      HEADED(triple), .slots_offset = offsetof(struct triple, refs),
                      .stride_bytes = 8, .slots_min = 3, .slots_max = 3},
    [SHAPE_TRACED] = {.type = {.name = "traced", .size_bytes = sizeof(struct traced),
                               .flags = BESOM_RACY, .trace = trace},
                      HEADED(traced), .slots_offset = offsetof(struct traced, refs),
                      .stride_bytes = 8, .slots_max = MODEL_SLOTS_MAX, .is_array = true},
    [SHAPE_COROUTINE] = {.type = {.name = "coroutine", .size_bytes = sizeof(struct array),
                                  .flags = BESOM_UNBARRIERED, ARRAY_TAIL(array, refs)},
                         HEADED(array), .slots_offset = offsetof(struct array, refs),
                         .stride_bytes = 8, .slots_max = MODEL_SLOTS_MAX, .is_array = true},
    [SHAPE_HOOKED] = {.type = {.name = "hooked", .size_bytes = sizeof(struct charged),
                               .fields = charged_fields, .n_fields = 2, .destroy = destroy},
                      HEADED(charged), .slots_offset = offsetof(struct charged, refs),
                      .stride_bytes = 8, .slots_min = 2, .slots_max = 2, .is_hooked = true},
    [SHAPE_HOOKED_TRIPLE] = {.type = {.name = "hooked triple",
                                      .size_bytes = sizeof(struct charged_triple),
                                      .flags = BESOM_OWN_BLOCKS,
                                      .fields = charged_triple_fields, .n_fields = 2,
                                      .destroy = destroy},
                             HEADED(charged_triple),
                             .slots_offset = offsetof(struct charged_triple, refs),
                             .stride_bytes = 8, .slots_min = 2, .slots_max = 2,
                             .is_hooked = true},
};

/* ---- words ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    struct rng rng = {a * 0xD6E8FEB86659FD93u ^ b};
    return rng_next(&rng);
}

uint64_t oracle_encode(const struct oracle_host *host, const void *obj)
{
    return obj ? ((uint64_t)(uintptr_t)obj + host->encoding.ref_offset_bytes) | host->encoding.match
               : 0;
}

uint64_t oracle_immediate(const struct oracle_host *host, struct rng *rng, const void *obj)
{
    const struct besom_encoding *e = &host->encoding;
    if (!e->mask)
        return 0;
    uint64_t word;
    switch (rng_below(rng, 4)) {
    case 0: return 0;
    case 1: return e->match; /* NULL, tagged as a reference */
    case 2: word = rng_next(rng); break;
    default: word = (uint64_t)(uintptr_t)obj; break;
    }
    /* Another tag than the references'. */
    uint64_t tag = (e->match ^ (e->mask & -e->mask)) & e->mask;
    return (word & ~e->mask) | tag;
}

static const void *decode(const struct oracle_host *host, uint64_t word)
{
    const struct besom_encoding *e = &host->encoding;
    if (!e->mask)
        return word ? (const void *)(uintptr_t)(word - e->ref_offset_bytes) : NULL;
    if ((word & e->mask) != e->match || !(word & e->pointer_bits))
        return NULL;
    return (const void *)(uintptr_t)((word & e->pointer_bits) - e->ref_offset_bytes);
}

/* ---- headers ---- */

enum { HEADER_TAG = 0x5EED };

static uint64_t header_of(const struct oracle_host *host, unsigned shape)
{
    return host->own_headers ? (uint64_t)shape << 16 | HEADER_TAG
                             : (uint64_t)(uintptr_t)&oracle_shapes[shape].type;
}

const struct besom_type *oracle_type_of(const void *obj)
{
    uint64_t header = *(const uint64_t *)obj;
    if ((header & 0xFFFF) != HEADER_TAG || header >> 16 >= SHAPES)
        abort();
    return &oracle_shapes[header >> 16].type;
}

/* The shape of an object with a header; SHAPES: it has none. */
static unsigned shape_by_header(const struct oracle_host *host, const void *obj)
{
    unsigned shape = 0;
    while (shape < SHAPES && *(const uint64_t *)obj != header_of(host, shape))
        shape++;
    return shape;
}

static bool has_header(unsigned shape)
{
    return !(oracle_shapes[shape].type.flags & BESOM_OWN_BLOCKS);
}

/* ---- contents ---- */

static uint64_t *word_at(const void *obj, size_t offset)
{
    return (uint64_t *)((char *)obj + offset);
}

size_t shape_bytes(const struct oracle_shape *shape, unsigned n_slots, size_t spacing)
{
    if (shape->type.flags & BESOM_LEAF)
        return shape->slots_offset + spacing * 8;
    if (!shape->is_array)
        return shape->type.size_bytes;
    if (shape->stride_bytes == sizeof(struct row))
        return shape->slots_offset + (n_slots + 1) / 2 * spacing * sizeof(struct row);
    return shape->slots_offset + n_slots * spacing * 8;
}

uint64_t *shape_slot(const struct model_object *object, unsigned i)
{
    const struct oracle_shape *shape = &oracle_shapes[object->shape];
    if (shape->stride_bytes == sizeof(struct row)) {
        size_t row = shape->slots_offset + i / 2 * object->spacing * sizeof(struct row);
        return word_at(object->address,
                       row + (i % 2 ? offsetof(struct row, right) : offsetof(struct row, left)));
    }
    return word_at(object->address, shape->slots_offset + i * object->spacing * 8);
}

/* The words of a blob that are written and checked: all of a short one, some of a long one. */
static size_t blob_step(const struct model_object *object)
{
    return object->spacing < 256 ? 1 : 61;
}

void shape_fill(struct oracle_host *host, struct model_object *object, void *obj)
{
    const struct oracle_shape *shape = &oracle_shapes[object->shape];
    object->address = obj;
    if (has_header(object->shape))
        *word_at(obj, 0) = header_of(host, object->shape);
    if (shape->has_id) {
        *word_at(obj, shape->id_offset) = object->id;
        *word_at(obj, shape->id_offset + 8) = mix(object->id, object->shape);
    }
    size_t elements = object->n_slots * object->spacing;
    if (object->shape == SHAPE_VECTOR || object->shape == SHAPE_COROUTINE)
        ((struct array *)obj)->length = elements;
    else if (object->shape == SHAPE_TRACED)
        ((struct traced *)obj)->length = elements;
    else if (object->shape == SHAPE_TABLE)
        ((struct table *)obj)->length =
            (uint16_t)((object->n_slots + 1) / 2 * object->spacing);
    else if (object->shape == SHAPE_BLOB)
        for (size_t i = 0; i < object->spacing; i += blob_step(object))
            ((struct blob_body *)obj)->words[i] = mix(object->id, i);
}

bool shape_is_intact(const struct oracle_host *host, const struct model_object *object)
{
    const struct oracle_shape *shape = &oracle_shapes[object->shape];
    const void *obj = object->address;
    if (has_header(object->shape) && *word_at(obj, 0) != header_of(host, object->shape))
        return false;
    if (shape->has_id && (*word_at(obj, shape->id_offset) != object->id ||
                          *word_at(obj, shape->id_offset + 8) != mix(object->id, object->shape)))
        return false;
    if (object->shape == SHAPE_BLOB)
        for (size_t i = 0; i < object->spacing; i += blob_step(object))
            if (((const struct blob_body *)obj)->words[i] != mix(object->id, i))
                return false;
    return true;
}

/* ---- callbacks ---- */

static void trace(struct besom_tracer *tracer, void *obj)
{
    const struct oracle_host *host = besom_tracer_host(tracer);
    const struct traced *traced = obj;
    if (!host->encoding.mask && traced->id % 2)
        for (uint64_t i = 0; i < traced->length; i++)
            besom_visit(tracer, (void *)decode(host, traced->refs[i]));
    else
        besom_visit_words(tracer, traced->refs, traced->length);
}

/* A dead object may read the others that died with it. */
static void check_dead_target(struct oracle_host *host, uint64_t word, uint64_t id)
{
    const void *target = decode(host, word);
    if (!target || (uintptr_t)target % 16) /* foreign memory may lie anywhere */
        return;
    unsigned shape = shape_by_header(host, target);
    if (shape == SHAPES)
        return;
    size_t offset = oracle_shapes[shape].id_offset;
    if (*word_at(target, offset + 8) != mix(*word_at(target, offset), shape))
        __atomic_store_n(&host->broken_id, id, __ATOMIC_RELAXED);
}

static void destroy(struct besom_heap *heap, void *obj)
{
    struct oracle_host *host = besom_heap_host(heap);
    unsigned shape = shape_by_header(host, obj) == SHAPE_HOOKED ? SHAPE_HOOKED
                                                                : SHAPE_HOOKED_TRIPLE;
    size_t offset = oracle_shapes[shape].id_offset;
    uint64_t id = *word_at(obj, offset);
    if (*word_at(obj, offset + 8) != mix(id, shape) || id > host->n_ids)
        abort();
    if (__atomic_load_n(&host->in_emergency, __ATOMIC_RELAXED))
        __atomic_store_n(&host->early_id, id, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < 2; i++)
        check_dead_target(host, *word_at(obj, oracle_shapes[shape].slots_offset + i * 8), id);
    ptrdiff_t charge = (ptrdiff_t)*word_at(obj, offset + 16);
    if (charge) {
        if (besom_external(heap, obj, -charge) != BESOM_OK)
            abort();
        __atomic_fetch_sub(&host->external_bytes, charge, __ATOMIC_RELAXED);
    }
    __atomic_fetch_add(&host->calls[id], 1, __ATOMIC_RELAXED);
}

unsigned oracle_calls(const struct oracle_host *host, uint64_t id)
{
    return __atomic_load_n(&host->calls[id], __ATOMIC_RELAXED);
}

void shape_charge(struct oracle_host *host, struct besom_heap *heap,
                  const struct model_object *object, ptrdiff_t bytes)
{
    uint64_t *charge = word_at(object->address, oracle_shapes[object->shape].id_offset + 16);
    if (bytes < -(ptrdiff_t)*charge)
        bytes = -(ptrdiff_t)*charge;
    require(besom_external(heap, object->address, bytes) == BESOM_OK, "no charge");
    *charge = (uint64_t)((ptrdiff_t)*charge + bytes);
    __atomic_fetch_add(&host->external_bytes, bytes, __ATOMIC_RELAXED);
}

void oracle_host_init(struct oracle_host *host, uint64_t n_ids)
{
    host->n_ids = n_ids;
    host->last_id = 0;
    host->calls = calloc(n_ids + 1, 1);
    ck_assert_ptr_nonnull(host->calls);
}

void oracle_host_fini(struct oracle_host *host)
{
    free(host->calls);
}
