/* oracle_shapes.h - the kinds of object that the oracle's programs allocate.
 *
 * One shape for every way in which a type can describe its references.  Every object that has
 * room for it carries an id and a checksum in words that are not references; reference words are
 * in the heap's encoding, so that the same shapes serve all variants. */
#ifndef TESTS_ORACLE_SHAPES_H
#define TESTS_ORACLE_SHAPES_H

#include "oracle_model.h"
#include "support.h"

enum {
    SHAPE_RECORD,        /* two fields */
    SHAPE_BLOB,          /* a leaf of any size */
    SHAPE_VECTOR,        /* an array tail, its length in 8 bytes */
    SHAPE_TABLE,         /* rows of two references and a datum, their number in 2 bytes */
    SHAPE_FILLED,        /* an array to the object's end */
    SHAPE_PAIR,          /* 16 bytes, own blocks, no room for an id */
    SHAPE_TRIPLE,        /* own blocks, with an id */
    SHAPE_TRACED,        /* a trace callback, racy */
    SHAPE_COROUTINE,     /* unbarriered: written without besom_write */
    SHAPE_HOOKED,        /* a destroy hook, perhaps with external bytes */
    SHAPE_HOOKED_TRIPLE, /* the same in own blocks */
    SHAPES
};

struct oracle_shape {
    struct besom_type type;
    bool has_id;          /* an id, and after it its checksum, at id_offset */
    size_t id_offset;     /* hooked shapes: the charge lies 16 bytes on */
    size_t slots_offset;
    size_t stride_bytes;
    unsigned slots_min, slots_max;
    bool is_array;        /* any size: spacing may exceed 1 */
    bool is_hooked;
};

extern const struct oracle_shape oracle_shapes[SHAPES];

/* What the callbacks of one heap need; the heap's `host`.  Counters are changed atomically. */
struct oracle_host {
    struct watch watch; /* first: it hears the events */
    struct besom_encoding encoding;
    bool own_headers;
    bool marks_alone;   /* one marking thread: no object is counted twice */
    bool in_emergency;  /* destroy hooks are forbidden now */
    uint64_t n_ids;     /* capacity of calls */
    uint64_t last_id;
    uint64_t round;     /* of the model's reaching */
    uint8_t *calls;     /* of the destroy hook, by id */
    int64_t external_bytes;
    uint64_t broken_id; /* of a dead object that a destroy hook found overwritten; 0: none */
    uint64_t early_id;  /* of an object destroyed in an emergency; 0: none */
    /* disturbances, see struct oracle_variant */
    void (*note)(void *host, const struct besom_event *event); /* the watch's */
    bool delays;
    unsigned alloc_fails; /* one in so many requests for a part of a log or a bag; 0: none */
    uint64_t chances, failed_allocs;
    uint64_t stop_ns, stops, longest_stop_ns; /* by events, which come one at a time */
};

void oracle_host_init(struct oracle_host *host, uint64_t n_ids);
void oracle_host_fini(struct oracle_host *host);

/* For heaps of objects with the host's own headers. */
const struct besom_type *oracle_type_of(const void *obj);

/* Bytes of an object with that many slots; blobs have `spacing` words. */
size_t shape_bytes(const struct oracle_shape *shape, unsigned n_slots, size_t spacing);

/* Writes header, id, checksum, length and contents of a newborn, and the model's address. */
void shape_fill(struct oracle_host *host, struct model_object *object, void *obj);

/* The word of slot i. */
uint64_t *shape_slot(const struct model_object *object, unsigned i);

/* Do id, checksum and contents read as they were written? */
bool shape_is_intact(const struct oracle_host *host, const struct model_object *object);

/* How many times the destroy hook of the object with this id was called. */
unsigned oracle_calls(const struct oracle_host *host, uint64_t id);

/* The word that refers to obj (may be NULL). */
uint64_t oracle_encode(const struct oracle_host *host, const void *obj);

/* A word that is no reference in the heap's encoding, however much it looks like one to obj. */
uint64_t oracle_immediate(const struct oracle_host *host, struct rng *rng, const void *obj);

/* Charges external bytes to a hooked object; negative: takes back up to what it has. */
void shape_charge(struct oracle_host *host, struct besom_heap *heap,
                  const struct model_object *object, ptrdiff_t bytes);

#endif
